"""What is measured, each in one function. Times in seconds by the wall clock, memory in MiB."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from processor.config import Settings
from processor.pipeline import Analyser


@dataclass(frozen=True)
class Spread:
    """The median of several measurements, and the smallest and largest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def decode(path: Path) -> int:
    """Decode every frame and convert none, with all the threads that the codec can use; the number of frames."""
    frames = 0
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in video.decode(stream):
            frames += 1
    return frames


def side_by_side(work: dict[str, Callable[[], object]], repeats: int) -> dict[str, Spread]:
    """Time each piece of `work` `repeats` times, taking turns, so that a slow minute of the machine meets all."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, call in work.items():
            started = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - started)
    return {name: Spread.of(values) for name, values in seconds.items()}


def peak_memory_mb(path: Path, settings: Settings) -> tuple[float, float]:
    """Analyse `path` in a fresh process: (its largest resident memory in MiB, seconds of the analysis).

    Raises subprocess.CalledProcessError if the process fails; what it said is on stderr.
    """
    command = [sys.executable, "-m", "bench.measure", str(path), settings.model_dump_json()]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    return answer["peak_mb"], answer["seconds"]


def _largest_resident_mb() -> float:
    """From /proc and not from getrusage, whose figure after an exec starts at the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("This system does not tell the largest resident memory: no VmHWM in /proc/self/status.")


def main(path: str, settings: str) -> None:
    """The fresh process of `peak_memory_mb`."""
    analyser = Analyser(Settings(**json.loads(settings)))
    started = time.perf_counter()
    analyser.analyse(Path(path))
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_mb": _largest_resident_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
