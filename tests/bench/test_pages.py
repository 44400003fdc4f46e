"""The store that the pages are measured on, what is timed, and what the table says."""

import numpy as np
import pytest

from bench import many, opening, pages
from bench.measure import Spread
from db import results
from processor.config import Home


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("home")).create()
    many.make(home, observations=70_000, videos=10)
    return home


@pytest.mark.slow
def test_two_hours_have_three_faces_in_every_frame(filled):
    with results.connect(filled.snapshot) as con:
        run = results.video(con, many.TWO_HOURS)["current"]
        faces = results.faces(con, run["run_id"])
    assert len(faces) == 43_200 == 7200 * 2 * 3
    assert (run["frames_sampled"], run["frames_with_face"]) == (14_400, 14_400)
    assert list(faces.groupby("track_id").size()) == [14_400] * 3


@pytest.mark.slow
def test_rows_of_a_run_lie_together_and_are_what_an_analysis_stores(filled):
    with results.connect(filled.snapshot) as con:
        switches = con.execute("""
            SELECT count(*) FROM (SELECT run_id <> lag(run_id) OVER (ORDER BY rowid) AS other FROM observation)
            WHERE other
        """).fetchone()[0]
        runs, current = con.execute("SELECT count(*), count(*) FILTER (current) FROM run").fetchone()
        total = con.execute("SELECT count(*) FROM observation").fetchone()[0]
        off = con.execute(
            "SELECT max(abs(1 - angry - disgust - fear - happy - sad - surprise - neutral)) FROM observation"
        ).fetchone()[0]
        videos = results.videos(con)
    assert (runs, current) == (12, 10)  # every fifth of the eight others was analysed twice
    assert switches == runs - 1
    assert off < 1e-5
    assert total == pytest.approx(70_000, rel=0.1)
    assert videos["valence_curve"].map(len).eq(40).all() and (videos["tracks"] >= 1).all()


def test_as_many_recordings_as_asked_for():
    found = many.recordings(1_000_000, 20, np.random.default_rng(1))
    assert len({one.video_id for one in found}) == len(found) == 20
    assert [one.video_id for one in found[-2:]] == [many.TWO_HOURS, many.ORDINARY]


@pytest.mark.slow
def test_a_page_is_measured_with_every_query_it_makes(filled, monkeypatch):
    monkeypatch.setenv("MOODREEL_HOME", str(filled.path))
    connect = results.connect
    with pages.watching(filled) as watch:
        row = pages.visit(watch, "library", {}, repeats=2)
    # Videos, files that can't be read, refused requests, saved filters, alerts, thumbnails; settings and consent.
    assert row["queries"] == 9
    assert 0 < row["asked"].low <= row["asked"].high <= row["ran"].high
    assert row["moved"] is None
    assert results.connect is connect


def test_queries_above_their_limit_are_bold():
    def row(seconds):
        return {"queries": 4, "cold": 0.5, "asked": Spread.of([seconds]), "ran": Spread.of([1.0]), "moved": None}

    lines = pages.table({"Quick": row(0.3), "Slow": row(0.31)}).splitlines()
    assert lines[2] == "| Quick | 4 | 0.30 (0.30–0.30) | 0.50 | 1.00 (1.00–1.00) | – |"
    assert "**0.31 (0.31–0.31)**" in lines[3]


def test_what_a_page_lacks_has_a_dash():
    row = opening.table({"Library": [{"text": 0.5, "table": 2.5}]}, 1).splitlines()[-1]
    assert row == "| Library | 0.50 (0.50–0.50) | **2.50 (2.50–2.50)** | – | – | – |"
