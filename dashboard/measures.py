"""What is compared between units: seven emotions, categories and valence, and how their values are written."""

from __future__ import annotations

from dashboard.words import missing, signed
from db.emotions import CATEGORIES, CATEGORY, EMOTIONS

# Neutral is an emotion and a category, which are the same number, so it occurs once.
MEASURES = (*EMOTIONS, *(name for name in CATEGORIES if name not in EMOTIONS), "valence")

VALUES = {"share": "Share of time", "probability": "Mean probability"}


def members(category: str) -> list[str]:
    """The emotions of a category."""
    return [name for name in EMOTIONS if CATEGORY[name] == category]


def title(measure: str) -> str:
    """What a measure is called: `Happy`, `Negative emotions`, `Valence`. Raises ValueError for what is none."""
    if measure not in MEASURES:
        raise ValueError(f"Expected one of {', '.join(MEASURES)}. Received: {measure!r}")
    return (
        f"{measure.capitalize()} emotions" if measure in CATEGORIES and measure != "neutral" else measure.capitalize()
    )


def axis(measure: str, values: str) -> str:
    """The title of an axis with values of a measure, times `factor`. values: one of VALUES."""
    return "Mean valence (−1 to 1)" if measure == "valence" else f"{VALUES[values]} (%)"


def factor(measure: str) -> int:
    """What to multiply a value by for its axis: shares are shown as percentages, valence as it is."""
    return 1 if measure == "valence" else 100


def amount(measure: str, value: float | None) -> str:
    """A value of a measure: `18.2 %`, and `−0.12` for valence. Unknown is a dash."""
    if missing(value):
        return "–"
    return signed(value) if measure == "valence" else f"{100 * value:.1f} %"


def difference(measure: str, value: float | None) -> str:
    """A difference between two values of a measure, with its sign: `+4.1 points`; `−0.12` for valence.

    Points are percentage points. Unknown is a dash.
    """
    if missing(value):
        return "–"
    if measure == "valence":
        return signed(value)
    points = round(100 * value, 1)
    return f"{points:+.1f} points".replace("-", "−") if points else "0.0 points"
