"""What a request for a file made from a video must look like, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from processor.forms import Form, Key, Name, Seconds, checked

MAX_MOMENTS = 500  # in one request
MAX_AROUND_S = 60.0  # before and after a moment


class Proxy(Form):
    """H.264 for the player: nothing to choose."""


class AnnotatedVideo(Form):
    """The video with boxes and labels. The labels are those stored, or made anew with method, window_s, threshold."""

    labels: bool = True
    blur: bool = False
    method: Literal["stored", "mean", "mode", "raw"] = "stored"
    window_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 0.0
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0


class _Moment(Form):
    t_s: Seconds
    name: Name


Around = Annotated[float, Field(ge=0, le=MAX_AROUND_S, allow_inf_nan=False)]


class Clips(Form):
    """A ZIP with a clip of each moment."""

    moments: Annotated[list[_Moment], Field(min_length=1, max_length=MAX_MOMENTS)]
    before_s: Around = 2.0
    after_s: Around = 3.0
    blur: bool = False

    @model_validator(mode="after")
    def _lasts(self):
        if self.before_s + self.after_s <= 0:
            raise ValueError("the clips would last no time: `before_s` and `after_s` are both 0")
        return self


FORMS = {"proxy": Proxy, "annotated": AnnotatedVideo, "clips": Clips}


class _Make(Form):
    video_id: Key
    what: Literal["proxy", "annotated", "clips"]
    options: dict = {}


class _Unmake(Form):
    made_id: Key


def _make(payload: dict) -> dict:
    fields = checked(_Make, payload)
    return fields | {"options": checked(FORMS[fields["what"]], fields["options"])}


# The kinds of requests: payload -> parsed fields; each raises FieldInvalid.
KINDS = {"make": _make, "unmake": lambda payload: checked(_Unmake, payload)}
