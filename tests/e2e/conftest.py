"""The real service as a process of its own, on a home of its own; and the dashboard beside it, with a browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.network import NoNetwork, own_network
from db import privacy_results, results
from db.store import Store
from processor import spool, status
from processor.config import Home
from processor.decode import probe
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import CHROMIUM, Running, Watched, wait_for

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory) -> Path:
    """An untrained network that loads fast: these tests are about everything around it."""
    import keras

    from processor.emotions import write_bundle

    faces = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.AveragePooling2D(12)(keras.layers.Rescaling(1 / 255)(faces))
    probabilities = keras.layers.Dense(7, "softmax")(keras.layers.Flatten()(x))
    folder = tmp_path_factory.mktemp("bundles") / "untrained"
    write_bundle(folder, keras.Model(faces, {"emotions": probabilities}), {"name": "untrained", "version": "1"})
    return folder


class Processor:
    """`python -m processor ...` on one home."""

    def __init__(self, home: Home, bundle: Path, log: Path):
        self.home, self.log = home, log
        self.env = os.environ | {
            "MOODREEL_HOME": str(home.path), "MOODREEL_MODEL": str(bundle), "TF_CPP_MIN_LOG_LEVEL": "3",
        }  # fmt: skip
        self.service: subprocess.Popen | None = None

    def run(self, *arguments: str, timeout_s: float = 180) -> subprocess.CompletedProcess:
        """A command, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "processor", *arguments],
            cwd=REPOSITORY, env=self.env, capture_output=True, text=True, timeout=timeout_s,
        )  # fmt: skip

    def serve(self, **settings) -> None:
        """Start the service; settings become MOODREEL_* in its environment."""
        extra = {f"MOODREEL_{name.upper()}": str(value) for name, value in settings.items()}
        with self.log.open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "processor", "serve"],
                cwd=REPOSITORY, env=self.env | extra, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.until(lambda: (now := status.read(self.home.path)) and now.pid == self.service.pid)

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        self.service.send_signal(signal.SIGINT)
        return self.service.wait(15)

    def query(self, sql: str) -> list[tuple]:
        """From the published snapshot; [] before there is one."""
        try:
            with results.connect(self.home.snapshot) as con:
                return con.execute(sql).fetchall()
        except results.SnapshotMissing:
            return []

    def until(self, true: Callable[[], object], within_s: float = 90):
        """Wait until `true()` is, and return what it gave."""
        end = time.monotonic() + within_s
        while not (found := true()):
            assert self.service.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)
        return found


@pytest.fixture
def processor(home, small_bundle, tmp_path):
    processor = Processor(home, small_bundle, tmp_path / "service.log")
    yield processor
    if processor.service is not None and processor.service.poll() is None:
        processor.service.kill()
        processor.service.wait()


@pytest.fixture
def bundle() -> str:
    """The model that the dashboard's service uses, as a setting; a module can say another, or "" for none."""
    return "moodnet"


@pytest.fixture
def analysed(home, sample_video) -> str:
    """The id of a video of 12 seconds in the store, that can be played and has one person in it."""
    video_id, path = "a" * 16, home.library / "sample.mp4"
    shutil.copy(sample_video, path)
    info = probe(path, 10_000_000)
    with Store(home.store, home.results) as store:
        where = {"path": str(path), "duration_s": info.duration_s, "width": info.width, "height": info.height}
        run = add(store, video_id, "sample.mp4", **where)
        store.start_run(run)
        finish(store, run, seconds=12, people=1)
        store.publish()
    return video_id


@pytest.fixture
def purpose(home) -> str:
    """What the home is used for: confirmed before the dashboard starts; a module can say "" for not yet."""
    return "tests"


@pytest.fixture
def up(home, bundle, purpose, tmp_path):
    """Starts the processor and the dashboard; at the end a Ctrl-C must stop both cleanly."""
    if purpose:
        spool.submit(home.spool, "confirm_purpose", purpose=purpose, statement="As it is shown at the first use.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "processor", "up", "--home", str(home.path), "--port", str(port)]
    environment = {**os.environ, **({"MOODREEL_MODEL": bundle} if bundle else {})}
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, tmp_path / "up.log")
            while purpose and not confirmed(home):
                time.sleep(0.1)
            yield Running(home, f"http://127.0.0.1:{port}", process)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, (tmp_path / "up.log").read_text()[-3000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def confirmed(home: Home) -> bool:
    """Whether the published results tell that the purpose was confirmed."""
    try:
        with results.connect(home.snapshot) as con:
            return privacy_results.is_confirmed(con)
    except results.SnapshotMissing:
        return False


@pytest.fixture(scope="module")
def network():
    """A network of the module's own, for WebRTC; skips, saying so, where there can be none."""
    try:
        with own_network():
            yield
    except NoNetwork as error:
        pytest.skip(str(error))


@pytest.fixture
def chromium():
    """Starts Chromium, watched, with the flags it is given; skips, saying so, where there is none."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt"
    )
    if CHROMIUM is None:
        pytest.skip("needs chromium: apt-get install chromium")
    started: list[Watched] = []
    with sync_api.sync_playwright() as playwright:

        def start(*flags: str) -> Watched:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
            started.append(Watched(browser))
            return started[-1]

        yield start
        for watched in started:
            watched.browser.close()
    assert [address for watched in started for address in watched.outside] == []
    assert [error for watched in started for error in watched.errors] == []


@pytest.fixture
def watched(chromium):
    """Chromium, watched."""
    return chromium()


@pytest.fixture
def shots(tmp_path) -> Path:
    """Where screenshots go."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
