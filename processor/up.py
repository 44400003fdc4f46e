"""`up`: the service and the dashboard as two processes that live and end together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ADDRESS = "127.0.0.1"
DASHBOARD = Path(__file__).parent.parent / "dashboard" / "app.py"
STOP_WITHIN_S = 10.0
_PR_SET_PDEATHSIG = 1


class PortTaken(Exception):
    """Another program listens on the dashboard's port."""


def check_port(port: int) -> None:
    """Raises PortTaken if the dashboard could not listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of {ADDRESS} is taken by another program. Stop it, or choose another with --port."
            ) from error


def commands(port: int) -> dict[str, list[str]]:
    """What is started: name -> command line."""
    streamlit = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD)]
    return {
        "the processor": [sys.executable, "-m", "processor", "serve"],
        "the dashboard": [*streamlit, f"--server.address={ADDRESS}", f"--server.port={port}", "--server.headless=true"],
    }


def run(home: Path, commands: dict[str, list[str]], port: int, say: Callable[[str], None]) -> int:
    """Start the commands with MOODREEL_HOME set, and wait; when one ends, or on SIGINT or SIGTERM, stop the others.

    Returns the exit status for the shell: 0 when asked to stop, else 1. `say` is given sentences for people.
    """
    stop_asked = False

    def ask(*_):
        nonlocal stop_asked
        stop_asked = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    env = os.environ | {"MOODREEL_HOME": str(home)}
    processes: dict[str, subprocess.Popen] = {}
    try:
        for name, command in commands.items():
            # In sessions of their own, so that Ctrl-C reaches them once, through us, and in order.
            processes[name] = subprocess.Popen(
                command, env=env, cwd=DASHBOARD.parent.parent, start_new_session=True, preexec_fn=_end_with_parent
            )
        announced = False
        while not stop_asked:
            ended = {name: process.returncode for name, process in processes.items() if process.poll() is not None}
            if ended:
                for name, status in ended.items():
                    say(f"Stopping, because {name} ended by itself (exit status {status}). It said why above.")
                return 1
            if not announced and _answers(port):
                announced = True
                say(f"Moodreel is at http://{ADDRESS}:{port} (Ctrl-C stops it).")
            time.sleep(0.1)
        say("Stopping.")
        return 0
    finally:
        _stop(list(processes.values()))


def _stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((ADDRESS, port)) == 0


def _end_with_parent() -> None:
    """In the child before it starts: even `kill -9` of `up` leaves neither of the two behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
