"""`status.json`: what the service is doing, for everyone who is not the service. Progress is not in the store."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HEARTBEAT_LIMIT_S = 5.0


@dataclass
class Status:
    """The state of the service at its last heartbeat. Times are ISO 8601 in UTC.

    jobs: one dict per running analysis: run_id, video_id, name, attempt, frames_done (frames looked at), done_s and
    duration_s (seconds of video; the latter None if the file does not say), speed (seconds of video per second),
    frames_per_s, eta_s (both None until known). making: one dict for the file that is being made on request: made_id,
    video_id, kind, name (of the video), share (0 to 1), eta_s (both None until known). alerts: left and of, the runs on
    which the rules are yet to be tried again, of how many, and channels, the hosts to which messages go.
    thumbnails: while some are being made, done, total and eta_s (None until known). arriving: names of files that are
    still being written or settling.
    """

    pid: int
    version: str
    started_at: str
    heartbeat: str
    state: str  # running, stopping or stopped
    queue: int = 0
    done: int = 0
    failed: int = 0
    jobs: list[dict] = field(default_factory=list)
    making: list[dict] = field(default_factory=list)
    thumbnails: dict = field(default_factory=dict)
    alerts: dict = field(default_factory=dict)
    detector: str | None = None
    model: str | None = None
    device: str | None = None
    last_error: str | None = None
    pending_requests: int = 0
    home: str = ""
    watch: list[str] = field(default_factory=list)
    arriving: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether the service runs: its last heartbeat is less than 5 s old and its process lives."""
        if self.state == "stopped":
            return False
        age_s = (datetime.now(UTC) - datetime.fromisoformat(self.heartbeat)).total_seconds()
        return age_s < HEARTBEAT_LIMIT_S and _lives(self.pid)


def read(home: Path) -> Status | None:
    """The status kept in a home folder; None if no service ever ran there, or the file is not one of ours."""
    try:
        given = json.loads((Path(home) / "status.json").read_bytes())
        known = {name: given[name] for name in Status.__dataclass_fields__ if name in given}
        status = Status(**known)
        datetime.fromisoformat(status.heartbeat)
    except (OSError, ValueError, TypeError):
        return None
    return status


def write(home: Path, status: Status) -> None:
    """Replace the status in one step. Raises OSError, such as on a full disk; the old one is then still there."""
    path = Path(home) / "status.json"
    beside = path.with_name(f".status.{os.getpid()}.part")
    try:
        beside.write_text(json.dumps(asdict(status)), encoding="utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's, but alive
    return True
