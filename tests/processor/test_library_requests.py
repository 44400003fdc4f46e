"""Changing details of several videos at once: what nobody touched meanwhile is changed, the rest is left and named."""

import pytest

from db.store import Store
from processor.config import Home
from tests.db import rows
from tests.processor.bench import Bench


@pytest.fixture
def bench(tmp_path):
    """With three videos, the first two with a subject."""
    home = Home(tmp_path / "home").create()
    with Store(home.store) as store:
        for video_id in ("v1", "v2", "v3"):
            store.add_video(rows.video(video_id))
        store.update_videos({"v1": {"subject": "anna"}, "v2": {"subject": "ben", "tags": {"site": "Wien"}}})
        yield Bench(home, store)


def edit(video_id, **fields):
    """fields: each (what was seen, what it is to be)."""
    seen, changes = ({name: pair[place] for name, pair in fields.items()} for place in (0, 1))
    return {"video_id": video_id, "seen": seen, "changes": changes}


def test_all_fit(bench):
    edits = [
        edit("v1", subject=("anna", "Ada"), cohort=(None, "pilot"), recorded_at=(None, "2026-03-01T10:00:00+01:00")),
        edit("v2", tags=({"site": "Wien"}, {"site": "Graz", "arm": "B"}), consent=(None, False), subject=("ben", None)),
    ]
    state, reason, _ = bench.apply("edit_many", edits=edits)
    assert (state, reason) == ("applied", None)
    first, second, third = (bench.store.video(video_id) for video_id in ("v1", "v2", "v3"))
    assert (first["subject"], first["cohort"], str(first["recorded_at"])) == ("Ada", "pilot", "2026-03-01 09:00:00")
    assert (second["tags"], second["consent"], second["subject"]) == ({"site": "Graz", "arm": "B"}, False, None)
    assert third["subject"] is None


def test_two_people_change_the_same_video(bench):
    """Both saw `anna`; the second one's change of v1 is left, with both values, and her change of v2 is made."""
    bench.apply("edit_many", edits=[edit("v1", subject=("anna", "Ada"), cohort=(None, "pilot"))])
    state, reason, _ = bench.apply(
        "edit_many", edits=[edit("v1", subject=("anna", "Bea"), session=(None, "9")), edit("v2", cohort=(None, "b"))]
    )
    assert state == "applied"
    assert reason.startswith("1 of 2 videos were changed, and these were not. v1.mp4: somebody")
    assert "subject meanwhile, from “anna” to “Ada”; your “Bea” was not saved" in reason
    first = bench.store.video("v1")
    assert (first["subject"], first["cohort"], first["session"]) == ("Ada", "pilot", None)
    assert bench.store.video("v2")["cohort"] == "b"


def test_other_fields_of_the_same_video_do_not_collide(bench):
    bench.apply("edit_many", edits=[edit("v1", subject=("anna", "Ada"))])
    state, reason, _ = bench.apply("edit_many", edits=[edit("v1", cohort=(None, "b"))])
    assert (state, reason) == ("applied", None)
    assert bench.store.video("v1")["subject"] == "Ada"


def test_what_somebody_else_has_made_so_already_is_no_collision(bench):
    bench.apply("edit_many", edits=[edit("v1", consent=(None, False), tags=(None, {"a": "b"}))])
    again = [edit("v1", consent=(None, False), tags=({}, {"a": "b"}))]
    assert bench.apply("edit_many", edits=again)[:2] == ("applied", None)


def test_nothing_fits(bench):
    bench.store.delete_video("v3")
    edits = [edit("v1", tags=({"a": "b"}, {"c": "d"})), edit("v3", cohort=(None, "b"))]
    state, reason, _ = bench.apply("edit_many", edits=edits)
    assert state == "refused"
    assert "the tags meanwhile, from “a=b” to nothing; your “c=d” was not saved." in reason
    assert "There is no video 'v3' any more." in reason


def test_the_log_does_not_keep_what_was_typed(bench):
    request_id = bench.apply("edit_many", edits=[edit("v1", subject=("anna", "Secret"))])[2]
    (row,) = bench.store._read("SELECT request::VARCHAR AS request FROM request_log WHERE request_id = ?", [request_id])
    assert "v1" in row["request"] and "Secret" not in row["request"]


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([], "`edits`"),
        ([{"video_id": "v1", "seen": {}, "changes": {}}], "Edit 1: `changes` is empty"),
        ([{"video_id": "v1", "seen": {}, "changes": {"subject": "x"}}], "Edit 1: `seen` does not say what `subject`"),
        ([edit("v1", name=("a", "b"))], "Edit 1: There is no field `name`"),
        ([edit("v1", subject=("anna", "x" * 201))], "`subject` must be at most 200 characters"),
        ([edit("v1", subject=("anna", "a")), edit("v1", cohort=(None, "a"))], "Edit 2: the video 'v1' occurs twice"),
        ([{"video_id": 7, "seen": {}, "changes": {}}], "`edits.0.video_id`"),
        ("all", "`edits`"),
    ],
)
def test_what_is_no_edit_is_refused(bench, edits, reason):
    state, said, _ = bench.apply("edit_many", edits=edits)
    assert state == "refused" and reason in said, said
    assert bench.store.video("v1")["subject"] == "anna"


@pytest.mark.slow
def test_thousands_in_one(bench):
    with bench.store.transaction():
        for number in range(1000):
            bench.store.add_video(rows.video(f"w{number}"))
    edits = [edit(f"w{number}", session=(None, str(number)), tags=(None, {"n": str(number)})) for number in range(1000)]
    assert bench.apply("edit_many", edits=edits)[0] == "applied"
    assert all(bench.store.video(f"w{n}")["tags"] == {"n": str(n)} for n in (0, 500, 999))
