from datetime import datetime

import pytest

from dashboard.metadata_dates import Ambiguous, NoDate, date_of

LAST = datetime(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31", LAST),
        ("31.12.2026", LAST),
        ("31/12/2026", LAST),
        ("12/31/2026", LAST),
        (" 31.12.2026 ", LAST),
        ("3.4.2026", datetime(2026, 4, 3)),  # with points the day comes first
        ("04/04/2026", datetime(2026, 4, 4)),  # both readings are the same day
        ("2026-12-31T14:30", datetime(2026, 12, 31, 14, 30)),
        ("2026-12-31 14:30:05", datetime(2026, 12, 31, 14, 30, 5)),
        ("2026-12-31T14:30:00+02:00", datetime(2026, 12, 31, 12, 30)),
        ("2026-12-31T23:30:00Z", datetime(2026, 12, 31, 23, 30)),
        ("31.12.2026 9:05", datetime(2026, 12, 31, 9, 5)),
        ("12/31/2026, 14:30:59", datetime(2026, 12, 31, 14, 30, 59)),
        ("29.02.2028", datetime(2028, 2, 29)),
    ],
)
@pytest.mark.parametrize("day_first", [None, True, False])
def test_what_needs_no_question(text, expected, day_first):
    assert date_of(text, day_first) == expected


@pytest.mark.parametrize("text", ["03/04/2026", "3/4/2026 10:00", "12/01/2026"])
def test_two_meanings_are_asked_for(text):
    with pytest.raises(Ambiguous):
        date_of(text)
    by_day, by_month = date_of(text, True), date_of(text, False)
    assert (by_day.day, by_day.month) == (by_month.month, by_month.day)


def test_which_is_which():
    assert date_of("03/04/2026", True) == datetime(2026, 4, 3)
    assert date_of("03/04/2026", False) == datetime(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "31.12.26", "31/13/2026", "13/13/2026", "30.02.2026", "0.1.2026", "12.31.2026", "31/12.2026",
        "2026-13-01", "2026-W53-4", "20261231", "31.12.2026 25:00", "31.12.2026 2 pm", "١٢/١٢/٢٠٢٦", "1" * 400,
    ],
)  # fmt: skip
def test_no_date(text):
    with pytest.raises(NoDate):
        date_of(text, True)
