"""What a live session on the disk must look like, field by field, and the request that hands one in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from db.emotions import EMOTIONS
from processor.annotation_form import Marker
from processor.emotions import REQUIRED, model_id
from processor.forms import Form, Key, Seconds, checked
from processor.metadata import MAX_NAME, MAX_TEXT, clean, parse_time

MAX_FACES = 200  # in one picture
MAX_SIDE = 16_384  # pixels

LiveId = Annotated[str, Field(pattern=r"^[0-9]{20}-[0-9a-f]{8}$")]
Detail = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(lambda text: clean(text) or None)] | None
Finite = Annotated[float, Field(allow_inf_nan=False)]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]


def _moment(text: str) -> str:
    parse_time("began_at", text)
    return text


class _About(Form):
    live_id: LiveId
    began_at: Annotated[str, Field(max_length=40), AfterValidator(_moment)]
    subject: Detail
    cohort: Detail
    session: Detail
    consent: bool
    keep_video: bool
    name: Annotated[str, Field(max_length=MAX_NAME), AfterValidator(lambda text: clean(text) or None)] | None
    bundle: str
    model_id: Key
    model_card: dict
    detector: Key
    device: Key
    sample_fps: Annotated[float, Field(gt=0, le=120)]
    smoothing: Literal["mean", "mode"]
    smoothing_window_s: Annotated[float, Field(gt=0, le=60)]
    analyse_later: bool

    @model_validator(mode="after")
    def _card_is_of_the_model(self):
        if missing := [name for name in REQUIRED if not isinstance(self.model_card.get(name), str | list)]:
            raise ValueError(f"the card of the model lacks {', '.join(missing)}")
        if model_id(self.model_card) != self.model_id:
            raise ValueError(f"the card is that of {model_id(self.model_card)}, and `model_id` is {self.model_id}")
        return self


class _Face(Form):
    track: Annotated[int, Field(ge=0, lt=2**31)]
    box: Annotated[list[Finite], Field(min_length=4, max_length=4)]
    score: Finite | None
    raw: Annotated[
        list[Annotated[float, Field(ge=0, le=1.001)]], Field(min_length=len(EMOTIONS), max_length=len(EMOTIONS))
    ]


class _Sight(Form):
    t_s: Seconds
    size_wh: Annotated[list[Side], Field(min_length=2, max_length=2)]
    brightness: Finite
    sharpness: Finite
    faces: Annotated[list[_Face], Field(max_length=MAX_FACES)]


class _LiveSession(Form):
    live_id: LiveId
    cut_off: bool = False  # its writer died


def about_of(given: object) -> dict:
    """The fields of `about.json`, cleaned. Raises FieldInvalid, naming the field that does not fit."""
    return checked(_About, given)


def sight_of(given: object) -> dict:
    """The fields of a line of `sights.jsonl`. Raises FieldInvalid."""
    return checked(_Sight, given)


def marker_of(given: object) -> dict:
    """The fields of a line of `markers.jsonl`. Raises FieldInvalid."""
    return checked(Marker, given)


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {"live_session": lambda payload: checked(_LiveSession, payload)}
