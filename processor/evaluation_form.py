"""What a model's card and its evaluations must look like before they are stored, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.emotions import EMOTIONS
from processor.metadata import FieldInvalid

_SHOWN = 80  # characters of a wrong value

Emotion = Literal[EMOTIONS]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0)]
Defined = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Share = Defined | None  # None where undefined
Point = Annotated[list[Defined], Field(min_length=2, max_length=2)]
Place = Annotated[int, Field(ge=0, lt=len(EMOTIONS))]


class _Form(BaseModel):
    # What is not known here is left out: a later Moodreel may measure more.
    model_config = ConfigDict(strict=True, extra="ignore")


class _Class(_Form):
    precision: Share = None
    recall: Share = None
    f1: Share = None
    support: Count
    auc: Share = None
    average_precision: Share = None


class _Curves(_Form):
    roc: dict[Emotion, list[Point]] = {}
    pr: dict[Emotion, list[Point]] = {}
    calibration: list[Annotated[list[float], Field(min_length=3, max_length=3)]] = []


class _Group(_Form):
    n: Count
    accuracy: Share = None
    accuracy_3: Share = None
    macro_f1: Share = None


class _Samples(_Form):
    row: list[Count]
    truth: list[Place]
    predicted: list[Place]
    probability: list[Defined]

    @model_validator(mode="after")
    def _columns_of_one_length(self):
        lengths = {len(column) for column in (self.row, self.truth, self.predicted, self.probability)}
        if len(lengths) > 1:
            raise ValueError(f"the columns must be equally long, and are {sorted(lengths)}")
        return self


class Evaluation(_Form):
    """One evaluation, as `training.evaluate` gives it."""

    data: Text
    split: Text
    labels: Literal["fer2013", "ferplus"]
    n: Count
    accuracy: Share = None
    balanced_accuracy: Share = None
    accuracy_3: Share = None
    macro_f1: Share = None
    auc: Share = None
    ece: Share = None
    evaluated_at: str | None = None
    intervals: dict[Literal["accuracy", "accuracy_3", "macro_f1"], Point] = {}
    per_class: dict[Emotion, _Class] = {}
    confusion: Annotated[
        list[Annotated[list[Count], Field(min_length=len(EMOTIONS), max_length=len(EMOTIONS))]],
        Field(min_length=len(EMOTIONS), max_length=len(EMOTIONS)),
    ] | None = None  # fmt: skip
    curves: _Curves = _Curves()
    groups: dict[Literal["gender", "source", "twin_in_training"], dict[Text, _Group]] = {}
    samples: _Samples | None = None

    @model_validator(mode="after")
    def _adds_up(self):
        counted = {
            "confusion": self.confusion and sum(map(sum, self.confusion)),
            "per_class": self.per_class and sum(figures.support for figures in self.per_class.values()),
            "samples": self.samples and len(self.samples.row),
        }
        for name, faces in counted.items():
            if isinstance(faces, int) and faces != self.n:
                raise ValueError(f"`{name}` has {faces} faces, and `n` says {self.n}")
        return self


class _Card(_Form):
    name: Text
    version: Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    emotions: list[str]
    curves: list[dict[str, float | None]] = []

    @model_validator(mode="after")
    def _known_classes(self):
        if tuple(self.emotions) != EMOTIONS:
            raise ValueError(
                f"it is for other emotions: expected {', '.join(EMOTIONS)}; received {', '.join(self.emotions)}"
            )
        if any(point.get("epoch") is None for point in self.curves):
            raise ValueError("every point of `curves` needs its `epoch`")
        return self


class _Measured(_Form):
    card: _Card
    evaluations: list[Evaluation]


def checked(card: object, evaluations: object) -> list[dict]:
    """The evaluations of a model with their known fields, once they and the card are what they should be.

    Raises FieldInvalid, naming the field, what it should be and what was received.
    """
    try:
        measured = _Measured.model_validate({"card": card, "evaluations": evaluations})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        received = "" if problem["type"] == "value_error" else f" Received: {str(problem['input'])[:_SHOWN]!r}."
        said = problem["msg"].removeprefix("Value error, ")
        raise FieldInvalid(f"`{where}`: {said}.{received}") from error
    return [evaluation.model_dump(exclude_none=True) for evaluation in measured.evaluations]
