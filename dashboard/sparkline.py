"""A line small enough for a table cell. Streamlit's own can't show a gap."""

from __future__ import annotations

import base64
import math

from dashboard import palette
from dashboard.words import missing


def sparkline(curve: list[float | None] | None, frames: int) -> str | None:
    """The valence curve of a run (-1 to 1) as a small picture for a table cell; None if nobody was ever seen.

    curve: equally long parts of the video, None in a part without a face, where the line is broken. frames: how many
    were looked at in all; where there are fewer than parts, a part in which none lies is no gap. Returns an SVG as a
    data URL, 120 by 28, with a line at valence 0.
    """
    if curve is None or all(missing(value) for value in curve):
        return None
    curve = _bridged(curve, at_most=math.ceil(len(curve) / max(frames, 1)) - 1)
    across = 120 / len(curve)
    line, pen = [], "M"
    for number, value in enumerate(curve):
        if missing(value):
            pen = "M"
            continue
        y = 14 - 12 * value
        # A part is as wide as its time, so that a single one between two gaps can be seen.
        line.append(f"{pen}{number * across:.1f} {y:.1f}H{(number + 1) * across:.1f}")
        pen = "L"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="28" viewBox="0 0 120 28" fill="none">'
        f'<path d="M0 14H120" stroke="{palette.EMOTION_COLOURS["neutral"]}" stroke-opacity=".4"/>'
        f'<path d="{"".join(line)}" stroke="{palette.ACCENT}" stroke-width="2" stroke-linejoin="round"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _bridged(curve: list[float | None], at_most: int) -> list[float | None]:
    """The curve with gaps of up to so many parts filled with the value before them."""
    filled, gap = [], 0
    for value in curve:
        if not missing(value):
            if 0 < gap <= at_most and gap < len(filled):
                filled[-gap:] = [filled[-gap - 1]] * gap
            gap = 0
        else:
            gap += 1
        filled.append(value)
    return filled
