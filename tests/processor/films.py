"""Videos with sound for the tests of what is made from videos, and what is true of a file, as FFmpeg's tools say it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from processor import decode

# Encoders for pictures and sound, by kind; the sound is a tone that is on in every second second.
KINDS = {
    "hevc.mp4": ("-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-c:a", "aac"),
    "avi": ("-c:v", "mpeg4", "-c:a", "mp3"),
    "mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "ts": ("-c:v", "mpeg2video", "-c:a", "aac"),
    "mov": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le"),
}
TONE = "aevalsrc=0.4*sin(2*PI*440*t)*gt(mod(t\\,2)\\,1):s=44100:d={}"


def with_sound(path: Path, kind: str, seconds: float = 4, size: str = "320x240", fps: int = 25) -> Path:
    """A moving test picture that shows its time, with a tone in every second second."""
    command = [
        "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={fps}:duration={seconds}",
        "-f", "lavfi", "-i", TONE.format(seconds), *KINDS[kind], "-shortest", str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return path


def probe(path: Path) -> dict:
    """What ffprobe says: {"video": ..., "audio": ... or None}, each a stream as a dict."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    streams = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["streams"]
    by_type = {stream["codec_type"]: stream for stream in streams}
    return {"video": by_type.get("video"), "audio": by_type.get("audio")}


def times(path: Path) -> list[float]:
    """When each picture is shown, in seconds from the first one."""
    return [t_s for _, _, t_s, _ in decode.pictures(path, 10**8, decode.DecodeReport())]


def keyframes(path: Path) -> list[float]:
    """When the pictures are shown from which one can begin."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v",
        "-show_entries",
        "packet=pts_time,flags",
        "-of",
        "json",
    ]
    packets = json.loads(subprocess.run([*command, str(path)], check=True, capture_output=True).stdout)["packets"]
    return sorted(float(packet["pts_time"]) for packet in packets if "K" in packet["flags"])


def loudness(path: Path, from_s: float, to_s: float) -> float:
    """The mean square of the sound between two moments, 0 to 1, as FFmpeg decodes it."""
    import numpy as np

    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "a", "-ac", "1", "-ar", "8000", "-f", "f32le", "-"]
    samples = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)
    part = samples[int(from_s * 8000) : int(to_s * 8000)]
    return float((part**2).mean()) if len(part) else 0.0


def pictures(path: Path) -> list:
    """Every picture as displayed, uint8 (H, W, 3) BGR."""
    return [frame.bgr for frame in decode.frames(path, 120, 10**8)]


def shift_sound(source: Path, target: Path, offset_s: float) -> None:
    """The same video, with its sound so many seconds later (or, if below 0, earlier) than its pictures."""
    inputs = ["-itsoffset", str(max(0.0, -offset_s)), "-i", str(source), "-itsoffset", str(max(0.0, offset_s)), "-i"]
    command = ["ffmpeg", "-v", "error", "-y", *inputs, str(source), "-map", "0:v", "-map", "1:a", "-c", "copy"]
    subprocess.run([*command, str(target)], check=True)


def starts_s(path: Path) -> float:
    """When the sound begins, in seconds from the first picture; `loudness` counts from there."""
    streams = probe(path)
    return float(streams["audio"]["start_time"]) - float(streams["video"]["start_time"])
