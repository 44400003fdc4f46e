"""What workers do in the tests of engine and service: small stand-ins for loading a network and analysing a video.

They live in a module of their own because a worker process imports them by name.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa

from db.emotions import EMOTIONS
from processor.decode import VideoInfo, VideoUnreadable

FRAMES = {
    "frame": pa.int32(),
    "t_s": pa.float64(),
    "faces": pa.int16(),
    "brightness": pa.float32(),
    "sharpness": pa.float32(),
}
TRACKS = {"track_id": pa.int32(), "first_s": pa.float64(), "last_s": pa.float64(), "observations": pa.int32()}
OBSERVATIONS = (
    {"frame": pa.int32(), "t_s": pa.float64(), "track_id": pa.int32()}
    | {name: pa.float32() for name in ("x", "y", "w", "h", "face_score", *EMOTIONS)}
    | {"emotion": pa.string(), "smoothed": pa.string(), "category": pa.string(), "valence": pa.float32()}
)


def analysis(seconds: int) -> SimpleNamespace:
    """A video of so many seconds, one frame a second, with one face that is happy throughout."""
    frames = [{"frame": i, "t_s": float(i), "faces": 1, "brightness": 100.0, "sharpness": 50.0} for i in range(seconds)]
    tracks = [{"track_id": 1, "first_s": 0.0, "last_s": seconds - 1.0, "observations": seconds}] if seconds else []
    face = {"track_id": 1, "x": 1.0, "y": 2.0, "w": 30.0, "h": 40.0, "face_score": 0.9} | dict.fromkeys(EMOTIONS, 0.0)
    face |= {"happy": 1.0, "emotion": "happy", "smoothed": "happy", "category": "positive", "valence": 0.8}
    observations = [{"frame": i, "t_s": float(i)} | face for i in range(seconds)]
    return SimpleNamespace(
        info=VideoInfo(float(seconds), 1.0, 64, 48, "h264", 0, datetime(2026, 3, 1, 14, 30), seconds),
        frames=pa.Table.from_pylist(frames, pa.schema(FRAMES)),
        tracks=pa.Table.from_pylist(tracks, pa.schema(TRACKS)),
        observations=pa.Table.from_pylist(observations, pa.schema(OBSERVATIONS)),
        model_id="stand-in-1-00000000",
        model_card={"name": "stand-in", "version": "1", "sha256": "0" * 64},
        detector="haar",
        device="CPU",
        seconds=0.1,
        corrupt_packets=2,
        note="clip.mp4 breaks off.",
    )


def load(settings):
    """Does what the file says, one command with its argument: `seconds 3`, `sleep 9`, `crash`, ..."""
    loaded_for = settings.model
    if loaded_for == "broken":
        raise FileNotFoundError("There is no model `broken`.")

    def analyse(path, on_progress):
        words = Path(path).read_text().split()
        command, argument = words[0], float(words[1]) if len(words) > 1 else 0.0
        on_progress(SimpleNamespace(done_s=0.5, duration_s=10.0, frames_sampled=1))
        if command == "sleep":
            time.sleep(argument)
        elif command == "exit":
            os._exit(int(argument))
        elif command == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif command == "crash-once":
            marker = Path(path + ".crashed")
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGSEGV)
        elif command == "burn":
            while True:
                pass
        elif command == "hoard":
            hoard = bytearray(int(argument) << 20)
            hoard[::4096] = b"x" * len(hoard[::4096])
            time.sleep(60)
        elif command == "unreadable":
            raise VideoUnreadable(f"{Path(path).name} is not a video.")
        elif command == "bug":
            raise KeyError("a mistake of ours")
        elif command == "babble":
            print("this must not reach standard output")
        elif command == "pid":
            result = analysis(1)
            result.device = str(os.getpid())
            return result
        elif command == "misfit":
            result = analysis(1)
            result.frames = result.frames.drop_columns(["faces"])
            return result
        return analysis(int(argument) if command == "seconds" else 3)

    return analyse
