"""Fixtures for all tests. Fixtures that only one package's tests need are in that package's own conftest.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Before anything imports TensorFlow: its start-up notes are no part of a test's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest

from processor.config import Home

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """Tests see the defaults, whatever `MOODREEL_*` the person who runs them has set."""
    for name in [name for name in os.environ if name.startswith("MOODREEL_") and name != "MOODREEL_SHARED"]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _main_module(monkeypatch):
    """A page under test makes itself the main module, which worker processes started later would run first."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real videos and faces that is no part of the repository; tests that need it skip without it."""
    folder = Path(os.environ.get("MOODREEL_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data" / "videos").is_dir():
        pytest.skip(f"needs the shared data: no data/videos in {folder}; set MOODREEL_SHARED to the folder that has it")
    return folder


@pytest.fixture(scope="session")
def sample_video(tmp_path_factory) -> Path:
    """The sample video, 12 seconds of it: one face that moves, shrinks, leaves and returns. Only to be read."""
    from processor.sample import make_sample

    return make_sample(tmp_path_factory.mktemp("sample") / "sample.mp4", seconds=12)


@pytest.fixture
def home(tmp_path) -> Home:
    """An empty home folder."""
    return Home(tmp_path / "home").create()
