"""The ready questions: each runs as it is, on an almost empty store as well, and finds what it promises."""

import pytest

from db import results
from db.emotions import EMOTIONS
from db.questions import QUESTIONS
from db.sandbox_process import one_query
from tests.db import rows

SQL = {question.name: question.sql for question in QUESTIONS}


@pytest.fixture
def con(store, home):
    """Two videos: one of 2 s, happy and then sad for a second each, with a marker between; one that failed."""
    run_id = rows.analysed(store, "v1", "happy", "happy", "sad", "sad")
    store.update_video("v1", subject="anna", cohort="pilot", session="1", tags={"site": "Wien"})
    store.add_markers("v1", [{"marker_id": "m", "t_s": 1.0, "end_s": None, "kind": "question", "note": None}], "typed")
    store.exclude("v1", "r", 30, 32, "phone")
    store.add_video(rows.video("v2"))
    failed = store.queue_run("v2", sample_fps=2.0, smoothing="mean:1.5s")
    store.start_run(failed)
    store.fail_run(failed, "v2.mp4 is empty.")
    assert run_id != failed
    store.publish()
    with results.connect(home.snapshot) as con:
        yield con


def test_every_question_is_one_query_that_runs(con):
    assert len(QUESTIONS) >= 12 and len(SQL) == len(QUESTIONS)
    for question in QUESTIONS:
        con.execute(one_query(con, question.sql)).fetchall()
        assert question.answers.endswith(".") and len(question.name) < 45


def test_every_question_runs_on_an_empty_store(store, home):
    store.publish()
    with results.connect(home.snapshot) as con:
        for question in QUESTIONS:
            assert len(con.execute(question.sql).fetchall()) in (0, len(EMOTIONS)), question.name


def test_what_they_find(con):
    def found(name):
        return con.execute(SQL[name]).fetchall()

    assert dict(found("Emotions overall")) == {name: 0.5 * (name in ("happy", "sad")) for name in EMOTIONS}
    assert found("Around each marker")[0][:2] == ("question", "v1.mp4")
    before, after, change = found("Around each marker")[0][3:]
    assert before > 0 > after and change == pytest.approx(after - before)
    assert [row[:4] for row in found("Tags")][0][:3] == ("site", "Wien", 1)
    assert found("Excluded ranges")[0][:5] == ("v1.mp4", 30.0, 32.0, 2.0, "phone")
    assert [(row[0], row[4]) for row in found("Videos without a result")] == [("v2.mp4", "v2.mp4 is empty.")]
    assert found("Sessions of each subject in order")[0][:2] == ("anna", "1")
    assert {row[:2] for row in found("Cohorts side by side")} == {("pilot", 1)}
    assert [row[0] for row in found("Emotions of one video second by second")] == [0.0, 0.5, 1.0, 1.5]
