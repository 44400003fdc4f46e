"""Faces in rows that wrap at any width, each with a line below it and more in its tooltip: HTML for `st.html`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from dashboard.face_pictures import data_url

_SCALE = 2  # a browser would blur a face of 48 pixels more than a resampling does


def gallery(faces: np.ndarray, captions: Sequence[str], tips: Sequence[str] | None = None, width_px: int = 78) -> str:
    """Faces, uint8 (N, H, W) or (N, H, W, 3), as HTML. captions: shown below; tips: alternative text and tooltip.

    Any text is shown as it is. tips default to the captions.
    """
    tips = captions if tips is None else tips
    pictures = [
        f'<figure style="margin: 0; width: {width_px}px">'
        f'<img src="{data_url(face, _SCALE)}" alt="{escape(tip)}" title="{escape(tip)}" '
        f'style="width: 100%; border-radius: 0.25rem; display: block">'
        f'<figcaption style="font-size: 0.75rem; opacity: 0.75; text-align: center; overflow-wrap: anywhere">'
        f"{escape(caption)}</figcaption></figure>"
        for face, caption, tip in zip(faces, captions, tips, strict=True)
    ]
    return f'<div style="display: flex; flex-wrap: wrap; gap: 0.5rem">{"".join(pictures)}</div>'
