"""What the forms of requests have in common: the kinds of their fields, and the check that says what is wrong."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from db.annotations import MAX_NOTE
from processor.metadata import MAX_TEXT, FieldInvalid, clean

_SHOWN = 80  # characters of a wrong value


def _name(text: str) -> str:
    if not clean(text):
        raise ValueError("it must be text that is not empty")
    return _short(clean(text), MAX_TEXT)


def _note(text: str) -> str | None:
    return _short(clean(text), MAX_NOTE) or None


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"it must be at most {limit:,} characters long, and has {len(text):,}")
    return text


Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, lt=2**31)]  # what the store can hold
Name = Annotated[str, AfterValidator(_name)]
Note = Annotated[str, AfterValidator(_note)]
Key = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Form(BaseModel):
    """Fields of just these types, and no others."""

    model_config = ConfigDict(strict=True, extra="forbid")


def filled(form: type[Form], payload: object) -> Form:
    """The form, once its fields are what they should be.

    Raises FieldInvalid, naming the field, what it should be and what was received.
    """
    try:
        return form.model_validate(payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        said = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "value_error":
            raise FieldInvalid(f"`{where}`: {said}." if where else f"{said[0].upper()}{said[1:]}.") from error
        received = "nothing" if problem["type"] == "missing" else f"{str(problem['input'])[:_SHOWN]!r}"
        raise FieldInvalid(f"`{where}`: {said}. Received: {received}.") from error


def checked(form: type[Form], payload: object) -> dict:
    """The fields of a form as a dict. Raises FieldInvalid as `filled` does."""
    return filled(form, payload).model_dump()
