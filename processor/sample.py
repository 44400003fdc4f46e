"""The sample video: one face that moves, turns smaller, leaves the picture and returns, and changes its expression.

Made on demand from `astronaut`, NASA's portrait of Eileen Collins, which is in the public domain and comes inside
scikit-image's wheel. A camera pans over the photograph; mouth and brows are warped by thin-plate splines. The same
length gives the same bytes, so adding it twice is one video.

Coordinates: "photo" means pixels of the 512x512 photograph, "picture" pixels of a frame.
"""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

FPS = 25
SIZE_WH = (640, 360)

# The face as YuNet sees it: x, y, width, height in the photo.
FACE_XYWH = (178.0, 63.0, 90.0, 113.0)

# Where the camera looks: (share of the length, centre x and y in the photo, picture pixels per photo pixel, tilt in
# degrees). Between two rows it moves smoothly.
_CAMERA = np.array([
    (0.00, 223, 150, 1.6, 0),
    (0.10, 205, 145, 1.8, -4),
    (0.22, 262, 160, 1.6, 4),
    (0.36, 256, 150, 1.25, 0),  # far: all of the photograph's width, the face at its smallest
    (0.48, 256, 156, 1.25, 0),
    (0.58, 223, 150, 1.7, 2),
    (0.62, 223, 150, 1.7, 2),
    (0.66, 230, 330, 1.7, 0),   # below the chin: no face
    (0.78, 250, 340, 1.7, 0),
    (0.82, 220, 150, 1.7, 0),
    (1.00, 235, 148, 2.1, 3),
])  # fmt: skip

# How strong each expression is: (share of the length, closed, frown, surprise). All 0 is the photograph: a smile.
_EXPRESSION = np.array([
    (0.00, 1, 0, 0),
    (0.08, 1, 0, 0),
    (0.14, 0, 0, 0),
    (0.26, 0, 0, 0),
    (0.32, 1, 0, 0),
    (0.38, 0, 1, 0),
    (0.50, 0, 1, 0),
    (0.56, 1, 0, 0),
    (0.82, 1, 0, 0),
    (0.85, 0, 0, 1),
    (0.91, 0, 0, 1),
    (0.95, 0, 0, 0),
    (1.00, 0, 0, 0),
])  # fmt: skip

# Points of the face, and where each expression moves them: x, y in the photo, then dx, dy for closed, frown, surprise.
_POINTS = np.array([
    # mouth: corners, upper lip's upper edge, teeth's upper and lower edge, lower lip's lower edge
    (202.0, 140.0, 5, 4, 6, 9, 8, 3),
    (248.0, 139.0, -5, 4, -6, 9, -8, 3),
    (212.0, 140.0, 2, 2.6, 3, 3.6, 4, -1),
    (224.0, 140.3, 0, 3, 0, 1.6, 0, -2),
    (237.0, 140.0, -2, 2.6, -3, 3.6, -4, -1),
    (213.0, 143.5, 2, 2.2, 3, 3.2, 3, -1),
    (224.0, 144.0, 0, 2.4, 0, 1.2, 0, -2),
    (236.0, 143.5, -2, 2.2, -3, 3.2, -3, -1),
    (213.0, 148.5, 2, -2.3, 3, -1.3, 3, 6),
    (224.0, 149.7, 0, -3, 0, -4, 0, 9),
    (236.0, 148.5, -2, -2.3, -3, -1.3, -3, 6),
    (212.0, 151.5, 2, -2, 3, 0, 3, 7),
    (224.0, 154.5, 0, -3, 0, -3, 0, 10),
    (237.0, 151.5, -2, -2, -3, 0, -3, 7),
    # brows: outer, middle, inner
    (190.0, 90.0, 0, 0, 1, 1, 0, -4),
    (201.0, 89.0, 0, 0, 1, 3, 0, -5),
    (213.0, 92.5, 0, 0, 3, 4, 0, -4),
    (262.0, 94.5, 0, 0, -1, 1, 0, -4),
    (248.0, 92.0, 0, 0, -1, 3, 0, -5),
    (234.0, 93.5, 0, 0, -3, 4, 0, -4),
    # upper lids, lower lids
    (202.0, 96.5, 0, 0, 0, 1, 0, -1.5),
    (248.0, 99.5, 0, 0, 0, 1, 0, -1.5),
    (203.0, 105.5, 0, 0.5, 0, 0.5, 0, 0.5),
    (247.0, 107.5, 0, 0.5, 0, 0.5, 0, 0.5),
    # cheeks, chin, jaw
    (196.0, 132.0, 1, 1, 1, 2, 2, 2),
    (254.0, 133.0, -1, 1, -1, 2, -2, 2),
    (224.0, 177.0, 0, 0, 0, 0, 0, 7),
    (196.0, 162.0, 0, 0, 0, 0, 1, 4),
    (252.0, 163.0, 0, 0, 0, 0, -1, 4),
])  # fmt: skip
# Points that stay: corners of the eyes, nose, hair line, sides of the face, neck.
_FIXED = np.array([
    (190, 101), (213, 103), (234, 104.5), (260, 105), (224, 104), (224, 118), (213, 130), (224, 132), (235, 130),
    (200, 78), (224, 80), (250, 84), (183, 95), (268, 100), (182, 120), (268, 122), (184, 145), (265, 147),
    (205, 190), (224, 192), (245, 190),
])  # fmt: skip
_TEETH = [(203, 140.5), (213, 142.5), (224, 143), (236, 142.5), (247, 139.5), (237, 149), (224, 151), (212, 149)]
_MOUTH_DARK, _LIP_LINE = (45, 40, 80), (70, 62, 115)  # BGR
_WARPED_XYWH = (150, 50, 150, 160)  # the part of the photo that changes
_DETAIL = 2  # the photograph is enlarged once, so that warping and panning do not blur it twice


def make_sample(path: Path, seconds: float = 60) -> Path:
    """Write the sample video to `path` (H.264 in MP4, 640x360, 25 frames a second) and return `path`.

    Written beside and renamed, so that a watched folder never shows half of it. Takes about a sixth of its length.
    Raises ValueError if it would have no frame.
    """
    count = round(seconds * FPS)
    if count < 1:
        raise ValueError(f"The sample video needs at least one frame. Received: seconds={seconds}")
    face = _Face()
    part = path.with_name(f".{path.name}.part")
    try:
        with av.open(str(part), "w", format="mp4", options={"movflags": "faststart"}) as output:
            output.metadata["title"] = "Moodreel sample"
            stream = output.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "21"})
            stream.width, stream.height = SIZE_WH
            stream.pix_fmt = "yuv420p"
            stream.codec_context.thread_count = 2  # fixed, since the bytes depend on it
            for number in range(count):
                frame = av.VideoFrame.from_ndarray(_picture(face, number / count), format="bgr24")
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def face_xywh(t_s: float, seconds: float = 60) -> tuple[float, float, float, float]:
    """Where the face is at `t_s` of a sample that long: x, y, width, height in pixels of the picture, or outside it."""
    x, y, width, height = FACE_XYWH
    matrix, scale = _camera(t_s / seconds)
    centre_x, centre_y = matrix @ (x + width / 2, y + height / 2, 1)
    return centre_x - width * scale / 2, centre_y - height * scale / 2, width * scale, height * scale


def in_view_s(seconds: float = 60) -> list[tuple[float, float]]:
    """When all of the face is in the picture: (first, last) in seconds, from frame to frame, in order."""
    return _spans(seconds, lambda x, y, w, h: x >= 0 and y >= 0 and x + w <= SIZE_WH[0] and y + h <= SIZE_WH[1])


def out_of_view_s(seconds: float = 60) -> list[tuple[float, float]]:
    """When nothing of the face is in the picture: (first, last) in seconds, from frame to frame, in order."""
    return _spans(seconds, lambda x, y, w, h: x + w <= 0 or y + h <= 0 or x >= SIZE_WH[0] or y >= SIZE_WH[1])


def _spans(seconds, condition) -> list[tuple[float, float]]:
    times = [number / FPS for number in range(round(seconds * FPS))]
    spans: list[tuple[float, float]] = []
    for t_s in times:
        if condition(*face_xywh(t_s, seconds)):
            unbroken = spans and t_s - spans[-1][1] < 1.5 / FPS
            spans[-1:] = [(spans[-1][0], t_s)] if unbroken else [*spans[-1:], (t_s, t_s)]
    return spans


def _between(table: np.ndarray, share: float) -> np.ndarray:
    """The row of `table` at `share` of the length; movements start and end gently."""
    after = min(int(np.searchsorted(table[:, 0], share, side="right")), len(table) - 1)
    start, end = table[after - 1], table[after]
    way = np.clip((share - start[0]) / (end[0] - start[0]), 0, 1)
    way = way * way * (3 - 2 * way)
    return start[1:] + (end[1:] - start[1:]) * way


def _camera(share: float) -> tuple[np.ndarray, float]:
    """From photo to picture: the affine matrix (2, 3), and how many times larger the photo appears."""
    x, y, scale, tilt_deg = _between(_CAMERA, share)
    matrix = cv2.getRotationMatrix2D((x, y), tilt_deg, scale)
    matrix[:, 2] += (SIZE_WH[0] / 2 - x, SIZE_WH[1] / 2 - y)
    return matrix, scale


def _picture(face: _Face, share: float) -> np.ndarray:
    """The frame at `share` of the length, uint8 (360, 640, 3) BGR."""
    photo = face.with_expression(_between(_EXPRESSION, share))
    matrix, _ = _camera(share)
    matrix[:, :2] /= _DETAIL
    return cv2.warpAffine(photo, matrix, SIZE_WH, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


class _Face:
    """The photograph, enlarged `_DETAIL` times, whose face can be given an expression."""

    def __init__(self):
        # Imported here because it takes a moment, and few processes make the sample.
        from skimage.data import astronaut

        photo = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
        self.photo = cv2.resize(photo, None, fx=_DETAIL, fy=_DETAIL, interpolation=cv2.INTER_CUBIC)
        x, y, width, height = _WARPED_XYWH
        self.part = np.s_[y * _DETAIL : (y + height) * _DETAIL, x * _DETAIL : (x + width) * _DETAIL]
        self.rest = self.photo[self.part].copy()
        self.teeth = _inside(_TEETH, self.rest.shape[:2])
        xs, ys = np.arange(width * _DETAIL, dtype=np.float32), np.arange(height * _DETAIL, dtype=np.float32)
        self.grid = np.stack(np.meshgrid(xs, ys), axis=-1)
        self.moves = [_warp(expression) for expression in range(3)]

    def with_expression(self, strengths: np.ndarray) -> np.ndarray:
        """The photograph, uint8 (1024, 1024, 3) BGR, with the expressions as strong as `strengths`, (3,) from 0 to 1.

        The same array every time.
        """
        source = self.grid.copy()
        for strength, move in zip(strengths, self.moves, strict=True):
            if strength > 0:
                source += np.float32(strength) * move
        part = cv2.remap(
            self._lips(strengths[0] + strengths[1]), source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        _open_mouth(part, strengths[2])
        self.photo[self.part] = part
        return self.photo

    def _lips(self, closed: float) -> np.ndarray:
        """The face at rest, its teeth coloured like the line between lips as far as the mouth is `closed`, 0 to 1."""
        return _mix(self.rest, _LIP_LINE, self.teeth * np.float32(closed)) if closed > 0 else self.rest


def _warp(expression: int) -> np.ndarray:
    """How far from each pixel of the warped part its colour comes, float32 (H, W, 2), for a full expression.

    A thin-plate spline through the points of the face, worked out on a coarse grid and enlarged.
    """
    x, y, width, height = _WARPED_XYWH
    edge = [(x + width * i / 8, y + height * j / 8) for i in range(9) for j in range(9) if {i, j} & {0, 8}]
    start = np.concatenate([_POINTS[:, :2], _FIXED, edge])
    move = np.zeros_like(start)
    move[: len(_POINTS)] = _POINTS[:, 2 + 2 * expression : 4 + 2 * expression]
    spline = RBFInterpolator(start + move, -move, kernel="thin_plate_spline")
    columns, rows = np.meshgrid(np.arange(x, x + width) + 0.0, np.arange(y, y + height) + 0.0)
    field = spline(np.stack([columns.ravel(), rows.ravel()], axis=1)).reshape(height, width, 2)
    # Nothing moves at the edge of the part, or it would show as a seam.
    fade = np.minimum.outer(np.minimum(np.arange(height), np.arange(height)[::-1]),
                            np.minimum(np.arange(width), np.arange(width)[::-1]))  # fmt: skip
    field *= np.clip(fade / 12, 0, 1)[..., None]
    return cv2.resize(field.astype(np.float32) * _DETAIL, None, fx=_DETAIL, fy=_DETAIL, interpolation=cv2.INTER_LINEAR)


def _open_mouth(part: np.ndarray, strength: float) -> None:
    """Darken what is below the upper teeth of an opened mouth; the warp alone would stretch the teeth."""
    if strength <= 0:
        return
    angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    outline = (224, 148.5 + 3.5 * strength) + np.stack([11 * np.cos(angles), 5.2 * strength * np.sin(angles)], axis=1)
    part[:] = _mix(part, _MOUTH_DARK, _inside(outline, part.shape[:2]) * np.float32(min(1, 2 * strength)))


def _inside(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """1 inside `outline` (N, 2), in the photo, 0 outside, soft between; float32 (H, W, 1) of the warped part."""
    mask = np.zeros(shape, np.float32)
    corners = (np.asarray(outline) - _WARPED_XYWH[:2]) * _DETAIL
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 1.0, lineType=cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(mask, (0, 0), 0.8 * _DETAIL)[..., None]


def _mix(image: np.ndarray, colour: tuple[int, int, int], share: np.ndarray) -> np.ndarray:
    """`image` (H, W, 3) with a `share` (H, W, 1) of `colour`, BGR; only the rows where there is any are worked on."""
    rows = np.flatnonzero(share.max(axis=(1, 2)) > 0.002)
    mixed = image.copy()
    if len(rows):
        part = np.s_[rows[0] : rows[-1] + 1]
        mixed[part] = image[part] * (1 - share[part]) + np.array(colour, np.float32) * share[part]
    return mixed
