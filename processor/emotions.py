"""The emotion classifier: a model bundle in, probabilities out.

A bundle is a folder with `model.keras` (preprocessing inside: it takes uint8 crops) and `model.json` (its card: name,
version, class order, how it was trained, figures, SHA-256, licence, intended use, limits).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np

from db.emotions import EMOTIONS

SHIPPED = Path(__file__).parent / "models"
MODEL_FILE, CARD_FILE = "model.keras", "model.json"
REQUIRED = ("name", "version", "emotions", "sha256")

# Faces classified at once. Fewer are filled up to the next of these, because JAX compiles each size once. The small
# sizes are for live pictures: a fourth face that is not there would take as long as one that is.
BATCH_SIZES = (1, 2, 3, 4, 8, 16, 32)


class BundleUnusable(Exception):
    """A model bundle is missing, damaged, or made for other emotions. The message says which and what to do."""


def find_bundle(name: str, models: Path | None = None) -> Path:
    """The folder of the bundle `name`: a folder itself, or in `models` (the home's), or shipped.

    Raises BundleUnusable, naming the bundles there are.
    """
    places = [Path(name), *([models / name] if models else []), SHIPPED / name]
    for folder in places:
        if (folder / CARD_FILE).is_file():
            return folder
    known = ", ".join(bundle.name for bundle in bundles(models)) or "none"
    raise BundleUnusable(f"There is no model bundle {name!r}. Known: {known}. A bundle is a folder with {CARD_FILE}.")


def bundles(models: Path | None = None) -> list[Path]:
    """The folders of all bundles: those in `models` (the home's), then the shipped ones."""
    folders = [folder for place in (models, SHIPPED) if place and place.is_dir() for folder in sorted(place.iterdir())]
    return [folder for folder in folders if (folder / CARD_FILE).is_file()]


def read_card(folder: Path) -> dict:
    """The card of a bundle, checked against its model file and against Moodreel's emotions.

    Raises BundleUnusable if the card or the model is missing or damaged, or the hash or the class order differs.
    """
    try:
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        actual = hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        raise BundleUnusable(f"The model bundle {folder} can't be read: {error}. Train or copy it again.") from error
    missing = [name for name in REQUIRED if name not in card] if isinstance(card, dict) else REQUIRED
    if missing:
        raise BundleUnusable(f"{folder / CARD_FILE} lacks {', '.join(missing)}. Train or copy the bundle again.")
    if card["sha256"] != actual:
        raise BundleUnusable(
            f"{folder / MODEL_FILE} is not the file its card describes: SHA-256 {actual[:12]}…, expected "
            f"{str(card['sha256'])[:12]}…. Copy the bundle again."
        )
    if tuple(card["emotions"]) != EMOTIONS:
        raise BundleUnusable(
            f"The model bundle {folder} is for other emotions: expected {', '.join(EMOTIONS)}; "
            f"received {', '.join(map(str, card['emotions']))}. Use another bundle."
        )
    return card


def write_bundle(folder: Path, model, card: dict) -> None:
    """Save a Keras model and its card as a bundle; adds the class order and the hash to the card.

    `model` takes uint8 (N, H, W, 1) and returns a dict with `emotions` (N, 7), in the order of EMOTIONS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / MODEL_FILE)
    digest = hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    text = json.dumps({**card, "emotions": list(EMOTIONS), "sha256": digest}, indent=2, ensure_ascii=False)
    # A list of plain values on one line: with a line for each, thousands of predictions would fill a book.
    text = re.sub(r"\[\n[^][{}]*?\n *\]", lambda found: re.sub(r"\n *", " ", found[0]), text)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def model_id(card: dict) -> str:
    """How the store names a bundle: name, version and the first 8 digits of its hash."""
    return f"{card['name']}-{card['version']}-{card['sha256'][:8]}"


class Classifier:
    """A loaded bundle. `model` is the Keras model, `crop_size` the side of the square crops it takes, in pixels."""

    def __init__(self, folder: Path):
        """Raises BundleUnusable as `read_card` does, or if the model does not take crops and return emotions."""
        self.card = read_card(folder)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's greetings are no news to our users
        import keras  # takes seconds, so only where a network runs

        try:
            self.model = keras.saving.load_model(folder / MODEL_FILE, compile=False)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BundleUnusable(
                f"{folder / MODEL_FILE} can't be loaded by Keras {keras.__version__}: {error}"
            ) from error
        shape = self.model.input_shape
        outputs = self.model.output
        if not isinstance(outputs, dict) or outputs.get("emotions") is None or shape[1] != shape[2] or shape[3] != 1:
            raise BundleUnusable(
                f"{folder / MODEL_FILE} does not take square grey crops and return `emotions`. Received: input {shape}."
            )
        self.crop_size: int = shape[1]
        self.model_id = model_id(self.card)
        self.device = ", ".join(sorted({name.upper() for name in keras.distribution.list_devices()})) or "CPU"

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """crops: uint8 (N, size, size) grey, N may be 0. Returns float32 (N, 7), rows sum to 1, order of EMOTIONS."""
        return self.outputs(crops)["emotions"]

    def outputs(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        """Every head's probabilities: `emotions` (N, 7), and what else the network gives."""
        size = self.crop_size
        if crops.dtype != np.uint8 or crops.shape[1:] != (size, size):
            raise ValueError(f"`crops` must be uint8 (N, {size}, {size}). Received: {crops.dtype} {crops.shape}")
        parts = []
        for start in range(0, len(crops), BATCH_SIZES[-1]):
            batch = crops[start : start + BATCH_SIZES[-1], :, :, None]
            room = next(n for n in BATCH_SIZES if n >= len(batch))
            padded = np.concatenate([batch, np.zeros((room - len(batch), size, size, 1), np.uint8)])
            predicted = self.model.predict_on_batch(padded)
            parts.append({name: np.asarray(values)[: len(batch)] for name, values in predicted.items()})
        if not parts:
            return {name: np.zeros((0, tensor.shape[-1]), np.float32) for name, tensor in self.model.output.items()}
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
