"""Loads what makes files in the tests of how making is driven: the real maker, or small stand-ins that misbehave."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

from processor.making import load_maker


def load(settings):
    """A video whose name begins with a command is treated so; any other is made from as it should."""
    make = load_maker(settings)

    def act(job, on_progress):
        command = job.name.split("-")[0]
        if command in ("sleep", "crash", "full"):
            Path(job.target).write_bytes(b"half")
            on_progress(0.25)
        if command == "sleep":
            time.sleep(120)
        elif command == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif command == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        make(job, on_progress)

    return act
