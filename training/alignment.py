"""Faces found in pictures and moved to where FER2013 has them."""

from __future__ import annotations

import cv2
import numpy as np

from processor.faces import Detector, Faces, crop
from training.datasets import FACE_SIZE

# Detectors want faces of a hundred pixels and something around them: small pictures are enlarged to this, and framed.
ENLARGED_SIDE_PX = 144


def aligned(grey: np.ndarray, detector: Detector) -> np.ndarray | None:
    """The largest face in a grey picture, uint8 (H, W), framed as FER2013's are: uint8 (48, 48); None if none is found.

    With landmarks (YuNet) eyes and mouth are moved to their places by rotation, scale and shift; without (Haar) the box
    is given FER2013's margins. A picture that is cut close, as FER2013's are, is framed by its own edge repeated.
    """
    scale = max(1.0, ENLARGED_SIDE_PX / min(grey.shape))
    large = grey
    if scale > 1:
        size = tuple(round(extent * scale) for extent in grey.shape[::-1])
        large = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    border = min(large.shape) // 2
    frame = cv2.copyMakeBorder(large, border, border, border, border, cv2.BORDER_REPLICATE)
    detector.reset()  # each picture is a video of its own
    found = detector.detect(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    if not len(found):
        return None
    landmarks = None if found.landmarks is None else found.landmarks[:1]
    return crop(frame, Faces(found.boxes[:1], found.scores[:1], landmarks), FACE_SIZE)[0]
