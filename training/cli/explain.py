"""`python -m training explain`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageDraw, ImageFont

from db.emotions import EMOTIONS
from training import datasets
from training.cli import options

SCALE = 2  # a face of 48 pixels is small on a screen
MARGIN_PX, LINE_PX = 8, 14
TEXT, BACKGROUND = "black", "white"


def explain(
    data: options.Data,
    out: Annotated[Path, typer.Option(help="Folder for right.png, wrong.png and mean.png.")],
    model: Annotated[str, typer.Option(help="Name or folder of a bundle.")] = "moodnet",
    split: Annotated[str, typer.Option(help=f"One of {', '.join(datasets.SPLITS)}.")] = "PublicTest",
    faces_each: Annotated[
        int, typer.Option("--faces", help="Faces of each emotion in right.png, wrong.png.", min=1)
    ] = 6,
    sample: Annotated[int, typer.Option(help="Faces to look at, drawn at random.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Same seed, same faces.")] = 1,
    home: options.Home = None,
) -> None:
    """Draw where a bundle looks: Grad-CAM of right and wrong predictions, and the mean map of each emotion."""
    from processor.emotions import Classifier, find_bundle
    from training import explain as explanation
    from training.evaluate import answers

    classifier = Classifier(find_bundle(model, options.home_folder(home).models))
    faces = datasets.load(data).split(split).subset(sample, seed)
    answer = answers(classifier.outputs(faces.images), faces)[-1]  # of FER+'s majority, where there are votes
    crops, truth = faces.images[answer.counts], answer.truth
    predicted = answer.probabilities.argmax(axis=1)
    heat = explanation.gradcam(classifier.model, crops, predicted, answer.head)
    out.mkdir(parents=True, exist_ok=True)
    for name, chosen in (("right", predicted == truth), ("wrong", predicted != truth)):
        rows = [_row(i, chosen, truth, answer.probabilities, crops, heat, faces_each) for i in range(len(EMOTIONS))]
        _sheet(out / f"{name}.png", rows)
    means = explanation.mean_maps(explanation.gradcam(classifier.model, crops, truth, answer.head), truth)
    average = {i: crops[truth == i].mean(axis=0).astype(np.uint8) for i in np.unique(truth)}
    shown = [(f"{EMOTIONS[i]} ({(truth == i).sum()})", explanation.overlay(average[i], means[i])) for i in average]
    _sheet(out / "mean.png", [shown])
    likeness = explanation.likeness(classifier.model, crops[:100], answer.head)
    options.stdout.print(
        f"{out}: right.png, wrong.png and mean.png, of {len(crops):,} faces. On one face, the maps of two emotions "
        f"correlate by {likeness:.2f} on average (1: they would be the same whatever the emotion)."
    )


def _row(emotion, chosen, truth, probabilities, crops, heat, count) -> list[tuple[str, np.ndarray]]:
    """Faces labelled `emotion` among the chosen, each as it is and under its map; the surest predictions first."""
    from training.explain import overlay

    sure = probabilities.max(axis=1)
    members = [i for i in np.argsort(-sure) if chosen[i] and truth[i] == emotion][:count]
    pictures = []
    for i in members:
        told = EMOTIONS[probabilities[i].argmax()]
        words = told if told == EMOTIONS[emotion] else f"{EMOTIONS[emotion]}: {told}"
        both = np.concatenate([np.repeat(crops[i][..., None], 3, axis=-1), overlay(crops[i], heat[i])], axis=1)
        pictures.append((f"{words} {sure[i]:.0%}", both))
    return pictures


def _sheet(path: Path, rows: list[list[tuple[str, np.ndarray]]]) -> None:
    """Write rows of (words, uint8 (H, W, 3)) as one PNG; a row may be empty."""
    rows = [row for row in rows if row] or [[("no such face", np.zeros((48, 96, 3), np.uint8))]]
    height, width = (SCALE * side for side in rows[0][0][1].shape[:2])
    cell = (width + MARGIN_PX, height + LINE_PX + MARGIN_PX)
    size = (MARGIN_PX + cell[0] * max(map(len, rows)), MARGIN_PX + cell[1] * len(rows))
    sheet = Image.new("RGB", size, BACKGROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for line, row in enumerate(rows):
        for place, (words, pixels) in enumerate(row):
            x, y = MARGIN_PX + cell[0] * place, MARGIN_PX + cell[1] * line
            draw.text((x, y), words, fill=TEXT, font=font)
            sheet.paste(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC), (x, y + LINE_PX))
    sheet.save(path)
