"""From a trained network to a bundle: calibrate, write, measure what was written, write the card with the figures."""

from __future__ import annotations

from pathlib import Path

import keras

from processor.emotions import write_bundle
from training import calibrate, evaluate
from training.datasets import FaceSet

BATCH = 64


def finish(
    out: Path, model: keras.Model, card: dict, held_off: FaceSet | None, measured_on: dict[str, FaceSet]
) -> dict:
    """Write the bundle `out` and return its figures (`evaluate.measure`), of all data sets together.

    Args:
        model: as `networks.deployable` makes it, not calibrated.
        held_off: faces that it did not learn from, to calibrate on; None leaves it as it is.
        measured_on: {name of the data set: its faces}.

    Measured on the file as it was written, so that `training evaluate` prints the same again.
    """
    if held_off is not None:
        outputs = model.predict(held_off.images[..., None], batch_size=BATCH, verbose=0)
        model = calibrate.calibrated(model, calibrate.temperatures(outputs, held_off))
    write_bundle(out, model, card)
    figures: dict = {}
    for name, faces in measured_on.items():
        measured = evaluate.measure(out, name, faces)
        figures = {**measured, "evaluations": [*figures.get("evaluations", []), *measured["evaluations"]]}
    write_bundle(out, model, {**card, **figures})
    return figures
