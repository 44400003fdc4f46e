"""What the long benchmark of the Live page counts, and the table it makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from bench.live_page import held, table

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux's /proc")


@needs_proc
def test_held_counts_what_a_process_opens_and_starts(tmp_path):
    before = held(os.getpid())
    ended = threading.Event()
    threads = [threading.Thread(target=ended.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    files = [(tmp_path / str(number)).open("w") for number in range(5)]
    try:
        after = held(os.getpid())
    finally:
        ended.set()
        for file in files:
            file.close()
        for thread in threads:
            thread.join()
    assert after["threads"] - before["threads"] == 3
    assert after["files"] - before["files"] == 5
    assert after["cpu_s"] >= before["cpu_s"]


@needs_proc
def test_held_is_of_the_process_asked_for():
    code = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert held(other.pid)["threads"] == 1
        other.stdin.close()


def test_rates_are_those_since_the_row_before():
    def row(minute: int, pictures: int, cpu_s: float) -> dict:
        held = {"memory_mb": 900.4, "threads": 30, "files": 40, "heap_mb": 50.0}
        return {"minute": minute, "at_s": 100.0 + 60 * minute, "pictures": pictures, "cpu_s": cpu_s, **held}

    rows = [row(0, 10, 5.0), row(1, 1810, 95.0), row(2, 3610, 150.0), row(3, 5410, 203.0)]
    after = {"memory_mb": 800.0, "threads": 25, "files": 38, "heap_mb": 45.0}
    lines = table(rows, after).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == ["0", "1", "3", "30 s after Stop"]
    assert lines[3] == "| 1 | 30.0 | 1.50 | 900 | 30 | 40 | 50 |"
    assert lines[4] == "| 3 | 30.0 | 0.90 | 900 | 30 | 40 | 50 |"  # 3,600 pictures and 108 s in 120 s
    assert lines[5] == "| 30 s after Stop | – | – | 800 | 25 | 38 | 45 |"
