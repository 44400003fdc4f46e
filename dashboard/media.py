"""Video files by range, straight from the disk: routes of the dashboard's own server, and the addresses they answer to.

A browser asks for parts of a video as it plays; Starlette's FileResponse reads just those, so that a file of any size
opens at once and none is held in memory. What is served is looked up in the published snapshot by its id; nothing in an
address is ever a path. An address carries an HMAC of a secret that only this server process knows, for one purpose and
one file, until it expires: so only who was given the page has it.
"""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import context
from dashboard.downloads import file_name
from db import library_results, made_results, results

# Containers that browsers play, and the type under which they do so: a .mov is served as the MP4 that it nearly is.
PLAYABLE = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg"}

# An address is good for 12 to 13 hours: it changes only on the hour, so that a page drawn again keeps its player.
VALID_S = 12 * 3600
_STEP_S = 3600

_SECRET = secrets.token_bytes(32)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def video_url(video: dict, made: dict | None = None) -> str:
    """Where the browser finds the video to play: the file itself, or the playable copy `made` (a row of made_file)."""
    if made is None:
        return _address("video", video["video_id"])
    return _address("copy", video["video_id"], made["made_id"])


def made_url(made: dict) -> str:
    """Where the browser downloads a made file, under a name made from the video's. made: a row of made_file."""
    return _address("made", made["video_id"], made["made_id"])


def thumbnail_url(video_id: str, file: str) -> str:
    """Where the browser finds the thumbnail of a video. file: its name, which says what it shows."""
    return _address("thumbnail", video_id, file)


def _address(purpose: str, *ids: str) -> str:
    expires = (int(time.time()) // _STEP_S + 1) * _STEP_S + VALID_S
    return f"/files/{purpose}/{'/'.join(ids)}?token={_token(expires, purpose, ids)}"


def _token(expires: int, purpose: str, ids: Sequence[str]) -> str:
    """The expiry, and the HMAC of it with the purpose and the ids. No part has a blank: none runs into another."""
    said = " ".join([str(expires), purpose, *ids]).encode()
    return f"{expires}.{hmac.new(_SECRET, said, hashlib.sha256).hexdigest()}"


def _check(token: str, purpose: str, ids: Sequence[str]) -> None:
    """Raises HTTPException 403 unless the token was given out by this process for this, and is still good."""
    expires = token.partition(".")[0]
    known = re.fullmatch(r"\d{1,15}", expires, re.ASCII) and hmac.compare_digest(
        token.encode(), _token(int(expires), purpose, ids).encode()
    )
    if not known or int(expires) < time.time():
        raise HTTPException(403, "This address is not valid, or no longer. Load the page again.")


def _file(path: Path) -> Path:
    """The path, if a plain file lies there. Raises HTTPException 404."""
    if path.is_symlink() or not path.is_file():
        raise HTTPException(404, "The file is not where it was: it has been moved, renamed or deleted.")
    return path


def _serve_video(request: Request) -> Response:
    """The file of a video of the library or of a watched folder."""
    with results.connect(context.home().snapshot) as con:
        video = results.video(con, request.path_params["video_id"])
    if video is None:
        raise HTTPException(404, "There is no such video.")
    return _response(_file(Path(video["path"])))


def _serve_made(request: Request) -> Response:
    """A made file: a playable copy to play, anything else to be saved."""
    ids = request.path_params
    with results.connect(context.home().snapshot) as con:
        made = made_results.made_files(con, ids["video_id"])
    row = next((row for row in made if row["made_id"] == ids["made_id"]), None)
    if row is None or not row["file"] or Path(row["file"]).name != row["file"]:
        raise HTTPException(404, "There is no such file.")
    path = _file(context.home().made / row["file"])
    if ids["purpose"] == "copy":
        return _response(path)
    return _response(path, file_name(row["video_name"], f"{row['kind']}{path.suffix}"))


def _serve_thumbnail(video_id: str, file: str) -> Response:
    """The small picture of a video, as long as there is this one."""
    with results.connect(context.home().snapshot) as con:
        known = library_results.thumbnails(con).get(video_id)
    if known != file or Path(file).name != file:
        raise HTTPException(404, "There is no such thumbnail.")
    return _response(_file(context.home().thumbnails / file))


def _response(path: Path, name: str | None = None) -> FileResponse:
    """name: under which it is to be saved; without one it is played."""
    kind = PLAYABLE.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FileResponse(path, media_type=kind, filename=name, headers=_HEADERS)


def serve(request: Request) -> Response:
    """Answers a request for a file: 403 for a wrong or expired token, 404 for what is unknown or gone, else the file.

    Not a coroutine, so that Starlette runs it in a thread: it reads the snapshot and the disk.
    """
    ids = request.path_params
    names = [ids[name] for name in ("video_id", "made_id") if name in ids]
    try:
        _check(request.query_params.get("token", ""), ids["purpose"], names)
        if ids["purpose"] == "thumbnail" and len(names) == 2:
            return _serve_thumbnail(*names)
        return _serve_made(request) if "made_id" in ids else _serve_video(request)
    except HTTPException as error:
        return PlainTextResponse(error.detail, error.status_code, headers=_HEADERS)
    except results.SnapshotMissing:
        return PlainTextResponse("Nothing has been analysed yet.", 404, headers=_HEADERS)


ROUTES = [
    Route("/files/{purpose:str}/{video_id:str}", serve),
    Route("/files/{purpose:str}/{video_id:str}/{made_id:str}", serve),
]
