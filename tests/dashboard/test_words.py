import math

import pandas as pd
import pytest

from dashboard import words


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00"), (9.99, "0:09"), (75.4, "1:15"), (3599.9, "59:59"), (3600, "1:00:00"), (7325, "2:02:05")]
    + [(None, "–"), (math.nan, "–")],
)
def test_clock(seconds, expected):
    assert words.clock(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (80, "1 min 20 s"), (7500, "2 h 5 min"), (None, "–")],
)
def test_duration(seconds, expected):
    assert words.duration(seconds) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0 %"), (0.001, "< 1 %"), (0.835, "84 %"), (0.999, "> 99 %"), (1.0, "100 %"), (None, "–"), (pd.NA, "–")],
)
def test_percent(share, expected):
    assert words.percent(share) == expected


def test_signed():
    assert [words.signed(value) for value in (0.254, -0.1, -0.001, 0.0, None)] == [
        "+0.25",
        "−0.10",
        "0.00",
        "0.00",
        "–",
    ]


def test_size():
    assert [words.size(value) for value in (640_000, 12_345_678, 2.1e9)] == ["640 kB", "12 MB", "2.1 GB"]


def test_plain_takes_away_all_meaning():
    assert words.plain("<b>*x*</b>") == r"\<b\>\*x\*\</b\>"
    assert words.plain("a\nb\tc\x00d") == "a b c d"
    assert words.plain(":smile: $x$ [a](b)") == ":\u200bsmile: \\$x\\$ \\[a\\]\\(b\\)"


def test_person():
    assert words.person(2, None) == "Person 2"
    assert words.person(2, "Anna\n") == "Anna  (2)"


def test_smoothing():
    assert words.smoothing("mean:1.5s") == "mean over 1.5 s"
    assert words.smoothing("mode:5") == "most frequent of 5"
    assert [words.smoothing_window_s(name) for name in ("mean:1.5s", "mode:5", "mean:2s")] == [1.5, 0.0, 2.0]


@pytest.mark.parametrize(
    ("seconds", "digits", "expected"),
    [
        (0, 1, "0:00"), (65.21, 1, "1:05.2"), (130, 1, "2:10"), (59.96, 1, "1:00"), (3661.25, 3, "1:01:01.25"),
        (75.005, 3, "1:15.005"),
    ],
)  # fmt: skip
def test_precise(seconds, digits, expected):
    assert words.precise(seconds, digits) == expected
