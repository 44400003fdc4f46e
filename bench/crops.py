"""`python -m bench.crops`: how faces lie in FER2013's squares, and what framing them alike brings.

Each face of a prepared data set is set into a larger frame, found by a detector, cut out again and classified. The
accuracy on the original square is the ceiling; the difference is what detection and framing cost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from processor import faces
from processor.emotions import Classifier, find_bundle
from training import datasets

ENLARGED = 3  # a FER2013 face of 48 pixels becomes one of 144 in the frame
CROPS = {
    "eyes and mouth aligned": lambda frame, found: faces.crop(frame, found, 48),
    "margins of the box": lambda frame, found: faces.crop(frame, faces.Faces(found.boxes, found.scores, None), 48),
    "the box as it is": lambda frame, found: _box(frame, found.boxes[0])[None],
}


def _framed(face: np.ndarray) -> np.ndarray:
    """The face enlarged, in a frame of twice its side whose rest repeats the face's edge: uint8 (H, W, 3)."""
    large = cv2.resize(face, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    border = large.shape[0] // 2
    frame = cv2.copyMakeBorder(large, border, border, border, border, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)


def _box(frame: np.ndarray, box: np.ndarray) -> np.ndarray:
    x, y, w, h = np.maximum(box.round().astype(int), 0)
    return cv2.resize(
        cv2.cvtColor(frame[y : y + h, x : x + w], cv2.COLOR_BGR2GRAY), (48, 48), interpolation=cv2.INTER_AREA
    )


def main(
    data: Annotated[Path, typer.Option(help="A prepared data set (.npz).")],
    models: Annotated[Path, typer.Option(help="Folder with YuNet's model file.")],
    model: Annotated[str, typer.Option(help="Name or folder of the bundle.")] = "moodnet",
    count: Annotated[int, typer.Option(help="Faces to try.")] = 1500,
) -> None:
    """Print the medians of boxes and landmarks, and accuracy on FER+ majority labels by detector and crop."""
    chosen = datasets.load(data).split("PublicTest")
    truth = datasets.majority_labels(chosen.votes)
    chosen, truth = chosen.where(truth >= 0), truth[truth >= 0]
    images, truth = chosen.images[:count], truth[:count]
    classifier = Classifier(find_bundle(model))
    table = Table("detector", "crop", "faces found", "accuracy on the original, %", "accuracy on the crop, %")
    for name in ("yunet", "haar"):
        detector = faces.detector(name, models, 48, 0.6)
        frames = [_framed(image) for image in images]
        found = [detector.detect(frame) for frame in frames]
        hit = np.array([len(one) > 0 for one in found])
        firsts = [_first(one) for one in found if len(one)]
        side, border = 48 * ENLARGED, 48 * ENLARGED // 2
        boxes = (np.concatenate([one.boxes for one in firsts]) - [border, border, 0, 0]) / side
        print(name, "box x, y, width, height:", np.median(boxes, axis=0).round(3).tolist())
        if firsts[0].landmarks is not None:
            points = (np.concatenate([one.landmarks for one in firsts]) - border) / side
            print(name, "eyes, mouth corners:", np.median(points, axis=0).round(3).tolist())
        original = (classifier(images[hit]).argmax(1) == truth[hit]).mean()
        for label, cut in CROPS.items():
            if (label == "eyes and mouth aligned") != (firsts[0].landmarks is not None) and label != "the box as it is":
                continue
            crops = np.concatenate([cut(frames[i], one) for i, one in zip(np.flatnonzero(hit), firsts, strict=True)])
            accuracy = (classifier(crops).argmax(1) == truth[hit]).mean()
            table.add_row(name, label, f"{hit.sum()} of {len(hit)}", f"{100 * original:.1f}", f"{100 * accuracy:.1f}")
    Console().print(table)


def _first(found: faces.Faces) -> faces.Faces:
    landmarks = None if found.landmarks is None else found.landmarks[:1]
    return faces.Faces(found.boxes[:1], found.scores[:1], landmarks)


if __name__ == "__main__":
    typer.run(main)
