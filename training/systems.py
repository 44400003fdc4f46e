"""What the five systems that Moodreel grew out of, and others, say they reach. Claims, none measured by us.

Letters A to E are the systems: A a video upload with a report (2024), B a real-time CNN (2022), C a VGG16 with a focus
on sadness (2024), D a ResNet with Grad-CAM (2025), E a webcam in the browser (2023). Needs nothing but the standard
library, so that a page can show it at once. Where a system gives no figure there is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

IMAGENET, SCRATCH = "ImageNet", "scratch"


@dataclass(frozen=True)
class Claim:
    """One network of one system, as the system itself describes it. Shares are 0 to 1.

    Attributes:
        system: letter of the system, "A" to "E".
        network: its name in `training.networks.NETWORKS`.
        parameters: all weights; `trainable` those that are not frozen. None where the system does not say.
        accuracy: of the seven classes; `accuracy_3` of the three categories.
        test_faces: how many faces the figures are from, None where the system does not say.
        per_class_f1: {emotion: F1}; `per_category_f1`: {category: F1}.
        start: what the weights were before training, `IMAGENET` or `SCRATCH`.
        train_accuracy: on the faces it learned from, for how far it overfits.
        epochs: passes through the training data, the most that it allows.
        text: which figure this is, in a sentence.
    """

    system: str
    network: str
    parameters: int | None
    trainable: int | None
    accuracy: float | None
    accuracy_3: float | None
    test_faces: int | None
    per_class_f1: dict[str, float] | None
    text: str
    start: str
    per_category_f1: dict[str, float] | None = None
    train_accuracy: float | None = None
    epochs: int | None = None


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "A", "vgg16", 21_180_871, 13_544_711, None, 0.52, 7_178, None,
        "VGG16 with its last 5 layers unfrozen, trained on VGU and IIMI, then on FER2013: three categories only.",
        IMAGENET,
    ),
    Claim(
        "A", "resnet50v2", 49_298_567, 42_085_127, None, 0.78, 7_178, None,
        "ResNet50V2 with its last 50 layers unfrozen, trained on VGU and IIMI, then on FER2013: three categories only.",
        IMAGENET, per_category_f1={"negative": 0.80, "positive": 0.85, "neutral": 0.58},
    ),
    Claim(
        "A", "hybrid", 70_435_783, 55_587_079, None, 0.39, 7_178, None,
        "VGG16 and ResNet50V2 side by side, trained on VGU and IIMI, then on FER2013: three categories only.",
        IMAGENET,
    ),
    Claim(
        "B", "cnn", 2_345_607, 2_345_607, 0.6250, None, 7_178, None,
        "Four convolutions, 50 epochs: on FER2013's public and private test faces.",
        SCRATCH, train_accuracy=0.9825, epochs=50,
    ),
    Claim(
        "B", "mini_xception", None, None, None, None, None, None,
        "Depthwise-separable convolutions, far fewer weights: described without a figure.",
        SCRATCH,
    ),
    Claim(
        "C", "vgg16_small", None, None, 0.559, None, None,
        {"angry": 0.51, "disgust": 0.55, "fear": 0.42, "happy": 0.76, "sad": 0.46, "surprise": 0.73, "neutral": 0.53},
        "VGG16 on 48 pixels with its last 4 layers unfrozen, at most 50 epochs: on FER2013's test folder.",
        IMAGENET, epochs=50,
    ),
    Claim(
        "D", "resnet18", None, None, 0.6149, None, None,
        {"angry": 0.52, "disgust": 0.71, "fear": 0.42, "happy": 0.82, "sad": 0.47, "surprise": 0.73, "neutral": 0.60},
        "A ResNet with one input channel, at most 50 epochs: accuracy on validation faces, F1 on test faces.",
        IMAGENET, train_accuracy=0.7394, epochs=50,
    ),
    Claim(
        "E", "cnn", 2_345_607, 2_345_607, 0.6293, None, None, None,
        "The network of system B, 150 epochs: on validation faces.",
        SCRATCH, train_accuracy=0.964, epochs=150,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """A figure from outside to compare with. Shares are 0 to 1; `accuracy_ferplus` is on FER+'s majority labels."""

    name: str
    accuracy: float
    accuracy_3: float | None
    accuracy_ferplus: float | None
    text: str


REFERENCES: tuple[Reference, ...] = (
    Reference("fer", 0.656, 0.782, 0.683, "The `fer` package's network, on FER2013's PublicTest."),
    Reference("one network, published", 0.733, None, None, "The best from scratch, VGG-style (2021), on FER2013."),
    Reference("an ensemble, published", 0.768, None, None, "Several networks together, on FER2013."),
    Reference("people", 0.65, None, None, "About how often people agree with FER2013's labels."),
)
