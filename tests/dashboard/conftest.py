"""A home with a bit of everything, seeded through the real Store."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from dashboard.first_use import CONFIRMED
from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store
from processor.config import Home

APP = Path(__file__).parents[2] / "dashboard" / "app.py"

# HTML, quotes, Markdown, a shortcode, an emoji, a new line, a formula: all in one name.
AWKWARD = '=<b onclick="x()">*it\'s*</b> :smile: 😀\nsecond $x$ [a](http://b).mp4'


def finish(store: Store, run_id: int, seconds: int = 60, people: int = 2, fps: float = 2.0) -> None:
    """Store a finished run: from each track's first quarter to its end a face, but for the time from 20 to 30 s."""
    frames, observations, tracks = [], [], []
    for number in range(int(seconds * fps)):
        t_s, faces = number / fps, 0
        for track in range(1, people + 1):
            if t_s < (track - 1) * seconds / 4 or 20 <= t_s < 30:
                continue
            faces += 1
            weights = [1 + math.sin(t_s / 7 + track + 2 * math.pi * place / 7) for place in range(7)]
            weights = [weight**4 for weight in weights]
            shares = [weight / sum(weights) for weight in weights]
            emotion = EMOTIONS[shares.index(max(shares))]
            observations.append(
                {
                    "frame": number * 12, "t_s": t_s, "track_id": track, "x": 10.0, "y": 10.0, "w": 80.0, "h": 80.0,
                    "face_score": 0.9, **dict(zip(EMOTIONS, shares, strict=True)), "emotion": emotion,
                    "smoothed": emotion, "category": CATEGORY[emotion],
                    "valence": sum(share * VALENCE[name] for name, share in zip(EMOTIONS, shares, strict=True)),
                }
            )  # fmt: skip
        frames.append({"frame": number * 12, "t_s": t_s, "faces": faces, "brightness": 120.0, "sharpness": 300.0})
    for track in range(1, people + 1):
        times = [row["t_s"] for row in observations if row["track_id"] == track]
        tracks.append({"track_id": track, "first_s": times[0], "last_s": times[-1], "observations": len(times)})
    store.finish_run(
        run_id,
        frames=pa.Table.from_pylist(frames, schema=FRAMES),
        tracks=pa.Table.from_pylist(tracks, schema=TRACKS),
        observations=pa.Table.from_pylist(observations, schema=OBSERVATIONS),
        model_id="moodnet-1-1a2b3c4d",
        detector="yunet",
        device="CPU",
        seconds=3.2,
        corrupt_packets=0,
    )


FRAMES = pa.schema(
    [
        ("frame", pa.int32()),
        ("t_s", pa.float64()),
        ("faces", pa.int16()),
        ("brightness", pa.float32()),
        ("sharpness", pa.float32()),
    ]
)
TRACKS = pa.schema(
    [("track_id", pa.int32()), ("first_s", pa.float64()), ("last_s", pa.float64()), ("observations", pa.int32())]
)
OBSERVATIONS = pa.schema(
    [("frame", pa.int32()), ("t_s", pa.float64()), ("track_id", pa.int32())]
    + [(name, pa.float32()) for name in ("x", "y", "w", "h", "face_score", *EMOTIONS)]
    + [("emotion", pa.string()), ("smoothed", pa.string()), ("category", pa.string()), ("valence", pa.float32())]
)


def add(store: Store, video_id: str, name: str, **columns) -> int:
    """A video with a queued run; returns the run's number."""
    video = {"sha256": video_id * 4, "path": f"/gone/{video_id}.mp4", "size_bytes": 1_500_000, "source": "watch"}
    video |= {"duration_s": 60.0, "fps": 25.0, "width": 640, "height": 360, "codec": "h264"}
    store.add_video({"video_id": video_id, "name": name, **video, **columns})
    return store.queue_run(video_id, sample_fps=2.0, smoothing="mean:1.5s")


def seed(home: Home) -> None:
    """One video of each state, one with an awkward name, an unreadable file, a refused request; published."""
    with Store(home.store, home.results) as store:
        run = add(store, "a" * 16, "first session.mp4", subject="anna", cohort="pilot", session="1")
        store.start_run(run)
        finish(store, run)
        run = add(store, "b" * 16, "broken.mp4", subject="ben", cohort="pilot")
        store.start_run(run)
        store.fail_run(run, "broken.mp4 ends in the middle: copy it again.")
        add(store, "c" * 16, "waits.mp4")
        store.start_run(add(store, "d" * 16, "runs.mp4"))
        run = add(store, "e" * 16, "nobody.mp4", source="upload")
        store.start_run(run)
        finish(store, run, people=0)
        run = add(store, "f" * 16, AWKWARD, subject="<i>x</i>", cohort="+1", session="'quoted'")
        store.start_run(run)
        finish(store, run, people=1)
        store.cancel_run(add(store, "0" * 16, "stopped.mp4"))
        store.put_file("/inbox/notes.mp4", None, 12, 1, "notes.mp4 is not a video: remove it.")
        store.log_request(
            "1-a", "delete", "2026-01-02T03:04:05+00:00", "refused", "There is no video 'x'.", {"video_id": "x"}
        )
        store.publish()


@pytest.fixture
def seeded(home) -> Home:
    """A home whose store has been seeded and published."""
    seed(home)
    return home


@pytest.fixture
def open_page(home, monkeypatch) -> Callable[..., AppTest]:
    """Opens a page of the dashboard on `home`: `open_page("video", video="…")`; it must not raise."""
    monkeypatch.setenv("MOODREEL_HOME", str(home.path))
    # AppTest forgets before every run that the app has called st.navigation, and would run pages without app.py, as a
    # server does only until its first page has been shown (see context.within_app). So it is told each time.
    made = PagesManager.__init__

    def init(self, *args, **kwargs) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)

    def open_(page: str = "library", **query: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=30)
        app.session_state[CONFIRMED] = True  # as of somebody who has used this home before
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if page != "library":
            app.switch_page(f"pages/{page}.py")
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        assert not app.exception, app.exception
        return app

    return open_
