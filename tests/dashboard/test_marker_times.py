"""Times as people write and read them."""

import math

import pytest

from dashboard.marker_times import exact, seconds_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("75.5", 75.5), ("75,5", 75.5), (" 75 ", 75), ("0", 0), ("1:15", 75), ("1:15.5", 75.5), ("1:15,25", 75.25),
        ("0:01:15.500", 75.5), ("01:00:00", 3600), ("100:00", 6000), ("-3", -3), ("-0:03", -3), ("75.", 75),
        ("", None), ("nan", None), ("inf", None), ("1e3", None), ("1:60", None), ("1:75:00", None), ("1:2:3:4", None),
        ("1::2", None), ("1:15.5.5", None), ("1 2", None), ("=1+1", None), ("9" * 400, None), (":15", None),
    ],
)  # fmt: skip
def test_times_as_people_write_them(text, expected):
    assert seconds_of(text) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (75, "1:15"), (75.5, "1:15.5"), (75.456, "1:15.456"), (59.9996, "1:00"), (3600.05, "1:00:00.05")],
)
def test_times_to_read(seconds, text):
    assert exact(seconds) == text
    assert seconds_of(text) == pytest.approx(seconds, abs=0.0005)


def test_no_time():
    assert exact(None) == exact(math.nan) == ""
