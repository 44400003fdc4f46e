"""On what machine and with which versions a figure was measured: it means nothing without."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("av", "opencv-python", "tensorflow", "keras", "numpy", "duckdb")


def describe() -> str:
    """One paragraph: processor, cores, memory, load, system, Python and libraries."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{_processor()}, {cores} cores, {memory_gb:.0f} GB, load {load:.1f} at the start, {system}, {libraries}."


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
