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


def _found(detector: faces.Detector, images: np.ndarray) -> list[tuple[np.ndarray, faces.Faces] | None]:
    """For each image its frame, grey, and the largest face found in it; None where none is found.

    A frame has twice the side of the enlarged face in its middle; the rest repeats the face's edge.
    """
    found = []
    for image in images:
        large = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        border = large.shape[0] // 2
        frame = cv2.copyMakeBorder(large, border, border, border, border, cv2.BORDER_REPLICATE)
        detector.reset()  # each is a video of its own
        seen = detector.detect(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
        landmarks = None if seen.landmarks is None else seen.landmarks[:1]
        found.append((frame, faces.Faces(seen.boxes[:1], seen.scores[:1], landmarks)) if len(seen) else None)
    return found


def _box(frame: np.ndarray, box: np.ndarray) -> np.ndarray:
    x, y, w, h = np.maximum(box.round().astype(int), 0)
    return cv2.resize(frame[y : y + h, x : x + w], (48, 48), interpolation=cv2.INTER_AREA)


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
        found = _found(faces.detector(name, models, 48, 0.6), images)
        hit = np.array([one is not None for one in found])
        frames, firsts = zip(*[one for one in found if one is not None], strict=True)
        side, border = 48 * ENLARGED, 48 * ENLARGED // 2
        boxes = (np.concatenate([one.boxes for one in firsts]) - [border, border, 0, 0]) / side
        print(name, "box x, y, width, height:", np.median(boxes, axis=0).round(3).tolist())
        if firsts[0].landmarks is not None:
            points = (np.concatenate([one.landmarks for one in firsts]) - border) / side
            print(name, "eyes, mouth corners:", np.median(points, axis=0).round(3).tolist())
        original = (classifier(images[hit]).argmax(1) == truth[hit]).mean()
        framing = "margins of the box" if firsts[0].landmarks is None else "eyes and mouth aligned"
        framed = {
            framing: [faces.crop(frame, one, 48)[0] for frame, one in zip(frames, firsts, strict=True)],
            "the box as it is": [_box(frame, one.boxes[0]) for frame, one in zip(frames, firsts, strict=True)],
        }
        for label, crops in framed.items():
            accuracy = (classifier(np.stack(crops)).argmax(1) == truth[hit]).mean()
            table.add_row(name, label, f"{hit.sum()} of {len(hit)}", f"{100 * original:.1f}", f"{100 * accuracy:.1f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
