"""What the live benchmark's camera shows: a video with a face, once or three times, each frame with its number."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np

FPS = 30
FRAMES = 150  # of the film, which is played over and over; their numbers fit into BITS
BITS, BLOCK_PX = 8, 16  # a number is so many squares in the upper left corner, white for 1, the highest first
BITRATE = 2_000_000  # what a browser sends of a camera


def film(video: Path, size_wh: tuple[int, int], faces: int) -> list[bytes]:
    """`video` as FRAMES pictures in VP8 of that size, the video `faces` times side by side, a key frame every second.

    Raises SystemExit where there is no ffmpeg or it fails.
    """
    width, height = size_wh
    one = f"fps={FPS},scale={width // faces // 2 * 2}:{height}:force_original_aspect_ratio=decrease"
    several = f"split={faces}" + "".join(f"[v{place}]" for place in range(faces)) + ";"
    several += "".join(f"[v{place}]" for place in range(faces)) + f"hstack={faces}"
    filters = ",".join([one, *([several] if faces > 1 else []), f"pad={width}:{height}:-1:-1"])
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-stream_loop", "-1", "-i", str(video), "-filter_complex",
               filters, "-frames:v", str(FRAMES), "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"]  # fmt: skip
    try:
        raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"ffmpeg could not make the film of the live benchmark: {error}") from error
    pictures = np.frombuffer(raw, np.uint8).reshape(FRAMES, height * 3 // 2, width).copy()
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.bit_rate, encoder.framerate, encoder.gop_size = BITRATE, FPS, FPS
    encoder.options = {"lag-in-frames": "0", "deadline": "realtime", "cpu-used": "4"}
    packets = []
    for number, picture in enumerate(pictures):
        stamp(picture, number)
        packets += encoder.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p"))
    return [bytes(packet) for packet in packets]


def stamp(luma: np.ndarray, number: int) -> None:
    """Write a number below 2**BITS into the upper left corner of a picture's luma (H, W), uint8."""
    for place in range(BITS):
        white = number >> (BITS - 1 - place) & 1
        luma[:BLOCK_PX, place * BLOCK_PX : (place + 1) * BLOCK_PX] = 235 if white else 16


def number_of(frame: av.VideoFrame) -> int:
    """The number in a picture that was mirrored, as people see themselves."""
    plane = frame.planes[0]
    luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:BLOCK_PX, : frame.width][:, ::-1]
    blocks = luma[:, : BITS * BLOCK_PX].reshape(BLOCK_PX, BITS, BLOCK_PX).mean(axis=(0, 2))
    return int("".join("1" if block > 125 else "0" for block in blocks), 2)
