"""Requests in: one small file in `spool/` for each wish, written beside and renamed, so that none is seen half-written.

The first part (`submit`, `submit_upload`) is for whoever wants something: the dashboard, the command line. The second
is for the service: `pending` in order of their names, `read` with every field checked, then `done` or `refuse`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from processor import (
    alert_form,
    annotation_form,
    library_form,
    live_form,
    making_form,
    people_form,
    privacy_form,
    saved_form,
)
from processor.config import Settings
from processor.evaluation_form import checked
from processor.metadata import FieldInvalid, last_part, parse_fields, parse_time

MAX_REQUEST_BYTES = 16 << 20  # an evaluation tells of every face
EDITABLE = ("subject", "cohort", "session", "name", "recorded_at", "consent", "tags")
JOURNAL_SUFFIX = ".erasing"  # beside a request that takes several steps (processor/erasing.py)
UPLOAD_FIELDS = ("subject", "cohort", "session", "recorded_at")


class RequestRefused(Exception):
    """A request can't be applied; the message is the reason, as a sentence."""


# --- for whoever asks ---


def submit(spool: Path, kind: str, **payload) -> str:
    """Put a request into the spool; returns its id. `payload` must be JSON; times as ISO 8601 text in UTC."""
    return _write(spool, new_id(), kind, payload)


def submit_as(spool: Path, request_id: str, kind: str, **payload) -> str:
    """Put a request into the spool under an id that is known already, such as that of a live session; returns it."""
    return _write(spool, request_id, kind, payload)


def submit_upload(
    spool: Path, name: str, data: BinaryIO, *, subject: str | None = None, cohort: str | None = None,
    session: str | None = None, recorded_at: str | datetime | None = None,
) -> str:  # fmt: skip
    """Put a video into the spool, its content first; returns the request's id."""
    request_id = new_id()
    content = content_of(spool, request_id)
    beside = content.with_name(content.name + ".part")
    try:
        with beside.open("wb") as file:
            shutil.copyfileobj(data, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    beside.rename(content)
    if isinstance(recorded_at, datetime):
        recorded_at = recorded_at.isoformat()
    payload = {"name": name, "subject": subject, "cohort": cohort, "session": session, "recorded_at": recorded_at}
    return _write(spool, request_id, "upload", payload)


def new_id() -> str:
    """An id for a request, or for what becomes one."""
    # The time first, so that names are in the order of the wishes; 20 digits hold it for longer than we care.
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


def _write(spool: Path, request_id: str, kind: str, payload: dict) -> str:
    request = {"request_id": request_id, "kind": kind, "requested_at": datetime.now(UTC).isoformat(), **payload}
    beside = spool / f"{request_id}.json.part"
    with beside.open("w", encoding="utf-8") as file:
        json.dump(request, file)
        file.flush()
        os.fsync(file.fileno())  # accepted means it survives a power cut
    beside.rename(spool / f"{request_id}.json")
    return request_id


# --- for the service ---


@dataclass(frozen=True)
class Request:
    """A request whose fields have been checked. given: it as it came; fields: its payload, parsed."""

    request_id: str
    kind: str
    requested_at: datetime  # UTC, without a zone
    given: dict
    fields: dict


def content_of(spool: Path, request_id: str) -> Path:
    """Where the content of an upload lies."""
    return spool / f"{request_id}.content"


def pending(spool: Path) -> list[Path]:
    """The request files that wait, in the order in which they are to be applied."""
    names = [name for name in os.listdir(spool) if name.endswith(".json") and not name.startswith(".")]
    return [spool / name for name in sorted(names)]


def load(path: Path) -> dict:
    """The JSON object in a request file. Raises RequestRefused if there is none."""
    if path.is_symlink() or not path.is_file():
        raise RequestRefused("The request is not a plain file.")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_REQUEST_BYTES + 1)
        if len(content) > MAX_REQUEST_BYTES:
            raise RequestRefused(f"The request is larger than {MAX_REQUEST_BYTES} bytes.")
        request = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(f"The request is not JSON: {error}.") from error
    if not isinstance(request, dict):
        raise RequestRefused(f"The request must be one JSON object. Received: {type(request).__name__}.")
    return request


def parse(request_id: str, given: dict) -> Request:
    """Check kind, fields and types. Raises RequestRefused with the field's name and what it should be."""
    payload = {key: value for key, value in given.items() if key not in ("request_id", "kind", "requested_at")}
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise RequestRefused(f"There is no kind of request {kind!r}; known are {', '.join(_KINDS)}.")
    if given.get("request_id", request_id) != request_id:
        raise RequestRefused(f"The request calls itself {given['request_id']!r}, but its file is named {request_id}.")
    try:
        requested_at = parse_time("requested_at", given.get("requested_at"))
        return Request(request_id, kind, requested_at, given, _KINDS[kind](payload))
    except FieldInvalid as error:
        raise RequestRefused(str(error)) from error


def done(path: Path) -> None:
    """The request is applied: take it, its content and what was noted on the way out of the spool."""
    content_of(path.parent, path.stem).unlink(missing_ok=True)
    path.with_suffix(JOURNAL_SUFFIX).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def refuse(path: Path, refused: Path) -> None:
    """Keep the request, and its content if it has any, in the folder `refused`."""
    for file in (content_of(path.parent, path.stem), path):
        if file.exists() or file.is_symlink():
            file.rename(refused / file.name)


# --- the kinds: payload -> parsed fields; each raises FieldInvalid ---


def _upload(payload: dict) -> dict:
    _known(payload, "name", *UPLOAD_FIELDS)
    metadata = parse_fields({field: payload.get(field) for field in UPLOAD_FIELDS}, UPLOAD_FIELDS)
    return {**parse_fields({"name": payload.get("name")}, ("name",)), **metadata}


def _analyze(payload: dict) -> dict:
    _known(payload, "path", "sample_fps", "detector", "model", "again")
    path = _of_type(payload, "path", str)
    if not os.path.isabs(path) or "\0" in path:
        raise FieldInvalid(f"`path` must be an absolute path. Received: {path!r}.")
    again = _of_type({"again": payload.get("again", False)}, "again", bool)
    return {"path": path, "again": again, **_overrides(payload)}


def _edit(payload: dict) -> dict:
    _known(payload, "video_id", "changes")
    changes = _of_type(payload, "changes", dict)
    if not changes:
        raise FieldInvalid("`changes` is empty: there is nothing to do.")
    return {"video_id": _of_type(payload, "video_id", str), "changes": parse_fields(changes, EDITABLE)}


def _reprocess(payload: dict) -> dict:
    _known(payload, "video_id", "sample_fps", "detector", "model", "smoothing")
    if isinstance(payload.get("model"), str):
        _model_name(payload)
    return {"video_id": _of_type(payload, "video_id", str), **_overrides(payload)}


def _of_a_model(payload: dict) -> dict:
    _known(payload, "model")
    return {"model": _model_name(payload)}


def _evaluation(payload: dict) -> dict:
    _known(payload, "card", "evaluations")
    return {"card": payload.get("card"), "evaluations": checked(payload.get("card"), payload.get("evaluations"))}


def _cancel(payload: dict) -> dict:
    _known(payload, "run_id")
    return {"run_id": _of_type(payload, "run_id", int)}


def _delete(payload: dict) -> dict:
    _known(payload, "video_id", "delete_file")
    return {
        "video_id": _of_type(payload, "video_id", str),
        "delete_file": _of_type({"delete_file": payload.get("delete_file", False)}, "delete_file", bool),
    }


_KINDS: dict[str, Callable[[dict], dict]] = {
    "upload": _upload, "analyze": _analyze, "edit": _edit, "reprocess": _reprocess, "cancel": _cancel,
    "delete": _delete, "reprocess_all": _of_a_model, "default_model": _of_a_model, "evaluation": _evaluation,
    **annotation_form.KINDS, **people_form.KINDS, **privacy_form.KINDS, **making_form.KINDS, **library_form.KINDS,
    **saved_form.KINDS, **alert_form.KINDS, **live_form.KINDS,
}  # fmt: skip


def _known(payload: dict, *names: str) -> None:
    unknown = sorted(set(payload) - set(names))
    if unknown:
        raise FieldInvalid(f"There is no field `{unknown[0]}` in this kind of request; known are {', '.join(names)}.")


def _of_type(payload: dict, field: str, kind: type):
    value = payload.get(field)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        words = {str: "text", int: "a whole number", bool: "true or false", dict: "an object"}[kind]
        raise FieldInvalid(f"`{field}` must be {words}. Received: {value!r}.")
    return value


def _model_name(payload: dict) -> str:
    model = _of_type(payload, "model", str)
    if not model or last_part(model) != model:
        raise FieldInvalid(f"`model` must be the name of a model, not a path. Received: {model!r}.")
    return model


def _overrides(payload: dict) -> dict:
    """Settings of one run that differ from the service's: {sample_fps, detector, model, smoothing}, those given."""
    given = {
        name: payload[name]
        for name in ("sample_fps", "detector", "model", "smoothing")
        if payload.get(name) is not None
    }
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float if name == "sample_fps" else str):
            raise FieldInvalid(
                f"`{name}` must be {'a number' if name == 'sample_fps' else 'text'}. Received: {value!r}."
            )
    try:
        Settings(**given)
    except ValidationError as error:
        problem = error.errors()[0]
        raise FieldInvalid(f"`{problem['loc'][0]}`: {problem['msg']}. Received: {problem['input']!r}.") from error
    return given
