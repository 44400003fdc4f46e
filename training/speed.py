"""How fast a bundle is on this machine, classifying as the product does."""

from __future__ import annotations

import os
import platform
import statistics
import time

import numpy as np

from processor.emotions import Classifier

LATENCY_BATCH, THROUGHPUT_BATCH = 1, 64
WARM_UP = 3  # the first calls compile


def speed(classifier: Classifier, seconds: float = 1.0) -> dict:
    """{device, machine, batch_1_ms, batch_64_ms, faces_per_s}: medians over calls for `seconds` at each size.

    faces_per_s is that of batches of 64. Something else running on the machine makes all of it worse.
    """
    single, many = (_median_ms(classifier, n, seconds) for n in (LATENCY_BATCH, THROUGHPUT_BATCH))
    return {
        "device": classifier.device,
        "machine": f"{os.cpu_count()} {platform.machine()} cores",
        "batch_1_ms": round(single, 2),
        "batch_64_ms": round(many, 2),
        "faces_per_s": round(THROUGHPUT_BATCH / many * 1000),
    }


def _median_ms(classifier: Classifier, faces: int, seconds: float) -> float:
    size = classifier.crop_size
    crops = np.random.default_rng(0).integers(0, 256, (faces, size, size), dtype=np.uint8)
    for _ in range(WARM_UP):
        classifier.outputs(crops)
    taken_ms, until_s = [], time.perf_counter() + seconds
    while not taken_ms or time.perf_counter() < until_s:
        began_s = time.perf_counter()
        classifier.outputs(crops)
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(taken_ms)
