"""A live session read from the disk, in a worker process: its video made whole, what was seen as the tables of a run.

Whatever ended the session, what is whole counts: a torn line is passed over, and a video that breaks off ends where it
does. Nothing in the folder is trusted, though Moodreel wrote it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from db.emotions import EMOTIONS
from processor import decode
from processor.config import Settings
from processor.live_form import about_of, marker_of, sight_of
from processor.live_journal import ABOUT, MARKERS, SIGHTS, VIDEO
from processor.live_video import fit, make_whole
from processor.metadata import FieldInvalid
from processor.observed import Observed, observed
from processor.watch import open_plain, stat_regular
from processor.worker import Job

log = logging.getLogger(__name__)

WHOLE = "whole.mp4"  # the video with its index first, beside the one that was written
SHORTEST_S = 1.0
MAX_LINE_BYTES, MAX_MARKERS, MAX_LEFT_OUT = 1 << 20, 10_000, 1000
MAX_ABOUT_BYTES = 16 << 20  # the card of a model tells how it was measured


@dataclass(frozen=True)
class LiveJob(Job):
    """One session to read. path: its folder; run_id: its live_id."""

    @property
    def failure(self) -> str:
        return f"{self.name} could not be kept."

    def do(self, work: Callable, mailbox) -> object:
        return work(Path(self.path), self.settings)


@dataclass(frozen=True)
class SessionInfo(decode.VideoInfo):
    """What is known of a session. has_video: whether `whole.mp4` was made; markers: as fields of table `marker`."""

    has_video: bool
    markers: list[dict]


@dataclass(frozen=True)
class Session(Observed):
    """What a session showed, with the fields of `worker.Result`."""

    info: SessionInfo
    model_id: str
    model_card: dict
    detector: str
    device: str
    seconds: float
    corrupt_packets: int
    note: str | None


def load_reader(settings: Settings) -> Callable[[Path, Settings], Session]:
    """Inside a worker: what reads sessions."""
    return read_session


def read_about(folder: Path) -> dict:
    """The fields of a session's `about.json`. Raises OSError without one, FieldInvalid for what is none."""
    with open_plain(folder / ABOUT) as file:
        content = file.read(MAX_ABOUT_BYTES + 1)
    if len(content) > MAX_ABOUT_BYTES:
        raise FieldInvalid(f"`{ABOUT}` is larger than {MAX_ABOUT_BYTES} bytes.")
    try:
        about = about_of(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise FieldInvalid(f"`{ABOUT}` is not JSON: {error}.") from error
    if about["live_id"] != folder.name:
        raise FieldInvalid(f"`{ABOUT}` is that of another session, {about['live_id']}.")
    return about


def read_session(folder: Path, settings: Settings) -> Session:
    """Read a session; its video, where it kept one, becomes `whole.mp4`.

    settings: min_track_s and max_pixels count; the smoothing is the session's own. One with nothing in it has a
    duration of 0. Raises FieldInvalid and OSError as `read_about` does.
    """
    began_s = time.monotonic()
    about, video, note = read_about(folder), None, None
    if about["keep_video"] or about["analyse_later"]:
        video, note = _video(folder, settings.max_pixels)
    sights = [] if about["analyse_later"] else list(_lines(folder / SIGHTS, sight_of))
    info, times_s = video or _seen_only(sights)
    markers = [marker for marker in islice(_lines(folder / MARKERS, marker_of), MAX_MARKERS)]
    tables = observed(*_rows(sights, times_s, (info.width, info.height)), smoothed_as(about, settings))
    return Session(
        frames=tables.frames, tracks=tables.tracks, observations=tables.observations,
        info=SessionInfo(**asdict(info), has_video=video is not None, markers=_within(markers, info.duration_s or 0.0)),
        model_id=about["model_id"], model_card=about["model_card"], detector=about["detector"],
        device=about["device"], seconds=time.monotonic() - began_s, corrupt_packets=0, note=note,
    )  # fmt: skip


def smoothed_as(about: dict, settings: Settings) -> Settings:
    """The settings, with the smoothing that a session says."""
    return settings.model_copy(
        update={"smoothing": about["smoothing"], "smoothing_window_s": about["smoothing_window_s"]}
    )


def _video(folder: Path, max_pixels: int) -> tuple[tuple[decode.VideoInfo, np.ndarray] | None, str | None]:
    """The video made whole, with its pictures' times; or None, and a sentence that says why."""
    if stat_regular(str(folder / VIDEO)) is None:
        return None, "There was no picture to keep, only what was seen."
    try:
        return make_whole(folder / VIDEO, folder / WHOLE, max_pixels), None
    except decode.VideoUnreadable as error:
        (folder / WHOLE).unlink(missing_ok=True)
        return None, f"Only what was seen is kept, not the video: {error}"


def _seen_only(sights: list[dict]) -> tuple[decode.VideoInfo, np.ndarray]:
    """What is known without a video. The first sight is at time 0."""
    width, height = sights[0]["size_wh"] if sights else (0, 0)
    info = decode.VideoInfo(
        duration_s=sights[-1]["t_s"] if sights else 0.0, fps=None, width=width, height=height, codec=None,
        rotation_deg=0, recorded_at=None, frames=None,
    )  # fmt: skip
    return info, np.array([sight["t_s"] for sight in sights])


def _rows(
    sights: list[dict], times_s: np.ndarray, size_wh: tuple[int, int]
) -> tuple[list[tuple], list[tuple], np.ndarray]:
    """Sights as `observed` takes them: each at the picture nearest to its time, in pixels of the session's size."""
    looked_at, found, probabilities, before = [], [], [], -1
    for sight in sights:
        frame = _nearest(times_s, sight["t_s"])
        if frame <= before:
            continue  # two sights of one picture: others were left out of the video
        before = frame
        looked_at.append((frame, sight["t_s"], sight["brightness"], sight["sharpness"]))
        scale, left, top = fit(sight["size_wh"], size_wh)
        for face in sight["faces"]:
            x, y, width, height = face["box"]
            score = np.nan if face["score"] is None else face["score"]
            box = (x * scale + left, y * scale + top, width * scale, height * scale)
            found.append((frame, sight["t_s"], face["track"], *box, score))
            probabilities.append(face["raw"])
    return looked_at, found, np.array(probabilities, np.float32).reshape(-1, len(EMOTIONS))


def _nearest(times_s: np.ndarray, t_s: float) -> int:
    """The number of the picture whose time, of ascending ones, is nearest; of two equally near, the earlier."""
    after = int(np.searchsorted(times_s, t_s))
    if after == len(times_s) or (after and t_s - times_s[after - 1] <= times_s[after] - t_s):
        return after - 1
    return after


def _within(markers: list[dict], duration_s: float) -> list[dict]:
    """A marker set after the last picture marks that."""
    return [marker | {"t_s": min(marker["t_s"], duration_s), "end_s": None} for marker in markers]


def _lines(path: Path, parse: Callable[[object], dict]) -> Iterator[dict]:
    """The lines of a file that are what they should be, times ascending; a torn one is passed over."""
    if stat_regular(str(path)) is None:
        return
    last_s, left_out = 0.0, 0
    with open_plain(path) as file:
        while line := file.readline(MAX_LINE_BYTES):
            try:
                fields = parse(json.loads(line))
                if fields["t_s"] < last_s:
                    raise FieldInvalid("its time lies before that of the line above.")
            except (ValueError, RecursionError, FieldInvalid) as error:
                left_out += 1
                log.warning("A line of %s is left out: %s", path.name, error)
                if left_out > MAX_LEFT_OUT:
                    return
                continue
            last_s = fields["t_s"]
            yield fields
