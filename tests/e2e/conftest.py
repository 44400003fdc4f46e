"""The real service as a process of its own, on a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db import results
from processor import status
from processor.config import Home

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
