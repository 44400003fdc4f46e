"""A picture of a video to draw on.

It stays in the video's own planes (YUV 4:2:0), so that what is not drawn on keeps its colours exactly, whatever the
colour space, and nothing is converted for the sake of a few boxes. Boxes are (left, top, right, bottom) in pixels, may
reach beyond the picture, and are rounded to even pixels, since colour has half the resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import cv2
import numpy as np

# Blurred to this many patches across: a face is seven or eight features wide.
BLUR_PATCHES = 5

# AVColorSpace: how colours become Y, U and V.
RGB, BT709, UNSPECIFIED, BT601 = 0, 1, 2, 6

Box = tuple[float, float, float, float]
Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


def even(pixels: float) -> int:
    """The even number of pixels, at least 2, nearest below."""
    return max(2, int(pixels) // 2 * 2)


def colour_space(picture: av.VideoFrame) -> int:
    """The AVColorSpace of a picture's planes once they are yuv420p; where nothing is said, what players take it for."""
    if picture.colorspace == UNSPECIFIED:
        return BT709 if picture.height >= 720 else BT601
    return BT601 if picture.colorspace == RGB else picture.colorspace  # what FFmpeg makes of RGB


def to_yuv(rgb: np.ndarray, high_definition: bool) -> np.ndarray:
    """uint8 (..., 3) RGB -> uint8 (..., 3) Y, U, V of limited range: ITU-R BT.709 if high_definition, else BT.601."""
    red, blue = (0.2126, 0.0722) if high_definition else (0.299, 0.114)
    r, g, b = np.moveaxis(rgb.astype(np.float64) / 255, -1, 0)
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    return np.rint(np.stack([16 + 219 * y, 128 + 224 * u, 128 + 224 * v], axis=-1)).astype(np.uint8)


@dataclass(frozen=True)
class Canvas:
    """One picture, upright. y: uint8 (H, W); u, v: uint8 (H/2, W/2), all limited range; drawn on in place."""

    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    high_definition: bool

    @classmethod
    def of(cls, picture: av.VideoFrame, size_wh: tuple[int, int], rotation_deg: int) -> Canvas:
        """A decoded picture at that size, even numbers as stored, and then turned upright."""
        width, height = size_wh
        full = picture.format.name.startswith("yuvj") or picture.color_range == av.video.reformatter.ColorRange.JPEG
        scaled = picture.reformat(
            width, height, "yuv420p", src_color_range="JPEG" if full else "MPEG", dst_color_range="MPEG"
        )
        flat = scaled.to_ndarray().reshape(-1)
        n = width * height
        planes = (
            flat[:n].reshape(height, width),
            flat[n : n + n // 4].reshape(height // 2, width // 2),
            flat[n + n // 4 :].reshape(height // 2, width // 2),
        )
        # FFmpeg's rotation is counter-clockwise, as is rot90's.
        turned = [np.rot90(plane, rotation_deg // 90) if rotation_deg else plane for plane in planes]
        return cls(*map(np.ascontiguousarray, turned), high_definition=colour_space(picture) == BT709)

    @property
    def size_wh(self) -> tuple[int, int]:
        return self.y.shape[1], self.y.shape[0]

    def mirrored(self) -> Canvas:
        """The same picture, left and right exchanged."""
        return Canvas(
            *(np.ascontiguousarray(plane[:, ::-1]) for plane in (self.y, self.u, self.v)), self.high_definition
        )

    def to_frame(self) -> av.VideoFrame:
        """As a picture to encode."""
        flat = np.concatenate([plane.reshape(-1) for plane in (self.y, self.u, self.v)])
        return av.VideoFrame.from_ndarray(flat.reshape(-1, self.y.shape[1]), format="yuv420p")

    def outline(self, box: Box, rgb: tuple[int, int, int], thickness: int) -> None:
        """A rectangle's border, inside of the box."""
        left, top, right, bottom = box
        self.fill((left, top, right, top + thickness), rgb)
        self.fill((left, bottom - thickness, right, bottom), rgb)
        self.fill((left, top, left + thickness, bottom), rgb)
        self.fill((right - thickness, top, right, bottom), rgb)

    def fill(self, box: Box, rgb: tuple[int, int, int]) -> None:
        """A filled rectangle."""
        for plane, value in zip(self._inside(box), to_yuv(np.array(rgb), self.high_definition), strict=True):
            plane[:] = value

    def paste(self, left: float, top: float, stamp: Planes) -> None:
        """A small picture made by `stamp`, moved so that it is inside."""
        width, height = self.size_wh
        tall, wide = stamp[0].shape
        left = min(max(0, int(left) // 2 * 2), max(0, width - wide))
        top = min(max(0, int(top) // 2 * 2), max(0, height - tall))
        for plane, part in zip(self._inside((left, top, left + wide, top + tall)), stamp, strict=True):
            plane[:] = part[: plane.shape[0], : plane.shape[1]]

    def stamp(self, rgb: np.ndarray) -> Planes:
        """uint8 (H, W, 3) RGB, of even sides, as planes to paste."""
        yuv = to_yuv(rgb, self.high_definition)
        tall, wide = rgb.shape[:2]
        halved = yuv.reshape(tall // 2, 2, wide // 2, 2, 3).mean(axis=(1, 3))
        return yuv[..., 0], np.rint(halved[..., 1]).astype(np.uint8), np.rint(halved[..., 2]).astype(np.uint8)

    def blur(self, box: Box) -> None:
        """Make what is in the box unrecognisable: a few smooth patches are left of it."""
        for plane in self._inside(box):
            if plane.size:
                tall, wide = plane.shape
                few = min(BLUR_PATCHES, wide), min(BLUR_PATCHES, tall)
                patches = cv2.resize(plane, few, interpolation=cv2.INTER_AREA)
                plane[:] = cv2.resize(patches, (wide, tall), interpolation=cv2.INTER_LINEAR)

    def dim(self, share: float) -> None:
        """Take light and colour away; `share` (0 to 1) is what stays."""
        for plane, floor in ((self.y, 16), (self.u, 128), (self.v, 128)):
            levels = np.rint(floor + (np.arange(256) - floor) * share).clip(0, 255).astype(np.uint8)
            cv2.LUT(plane, levels, dst=plane)

    def _inside(self, box: Box) -> Planes:
        """The part of each plane that lies in the box; outwards to even pixels; empty outside of the picture."""
        width, height = self.size_wh
        left, top = (max(0, int(np.floor(side / 2))) for side in box[:2])
        right, bottom = (max(0, int(np.ceil(side / 2))) for side in box[2:])
        right, bottom = min(right, width // 2), min(bottom, height // 2)
        return (
            self.y[2 * top : 2 * bottom, 2 * left : 2 * right],
            self.u[top:bottom, left:right],
            self.v[top:bottom, left:right],
        )
