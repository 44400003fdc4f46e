"""What was typed is not lost, and belongs to what was seen."""

import pytest

from dashboard.details import edits
from dashboard.library_draft import ADD_TAGS, Draft
from processor.metadata import FieldInvalid


def known(**subjects):
    """Details of videos by their subjects."""
    nothing = {"cohort": None, "session": None, "tags": None, "consent": None, "recorded_at": None}
    return {video_id: {"subject": subject, **nothing} for video_id, subject in subjects.items()}


def shown(now, *ids):
    draft = Draft()
    draft.show(now, ids or tuple(now))
    return draft


def typed(draft, **cells):
    """Type into the table: video=(field, text)."""
    before = draft.table()
    after = before.copy()
    for video_id, (field, text) in cells.items():
        after.loc[video_id, field] = text
    return draft.take(before, after)


def test_nothing_typed():
    draft = shown(known(a="anna", b=None))
    assert typed(draft) == [] and draft.changes() == {}
    assert draft.table()["subject"].to_list() == ["anna", ""]
    empty = shown({})
    assert typed(empty) == [] and len(empty.table()) == 0


def test_each_kind_of_cell():
    draft = shown(known(a="anna", b=None, c="cem", d=None, e=None))
    problems = typed(
        draft, a=("subject", " Ada "), b=("tags", "site=Wien, arm=B"), c=("subject", ""), d=("consent", "no"),
        e=("recorded_at", "31.12.2026 14:30"),
    )  # fmt: skip
    assert problems == []
    assert draft.changes() == {
        "a": {"subject": "Ada"}, "b": {"tags": {"site": "Wien", "arm": "B"}}, "c": {"subject": None},
        "d": {"consent": False}, "e": {"recorded_at": "2026-12-31T14:30:00"},
    }  # fmt: skip
    assert edits(draft.seen, draft.changes())[0] == {
        "video_id": "a", "seen": {"subject": "anna"}, "changes": {"subject": "Ada"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("tags", "Vienna", "must be written like site=Vienna"),
        ("consent", "maybe", "must be yes or no"),
        ("recorded_at", "03/04/2026", "has two meanings"),
        ("recorded_at", "soon", "it must be written as"),
        ("subject", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_is_no_value_is_said_and_left_out(field, text, said):
    draft = shown(known(a="anna", b=None))
    ((video_id, why),) = typed(draft, b=(field, text))
    assert video_id == "b" and said in why and draft.changes() == {}


def test_back_to_what_it_was_is_no_change():
    draft = shown(known(a="anna"))
    typed(draft, a=("subject", "Ada"))
    typed(draft)
    assert draft.changes() == {}


def test_somebody_else_changes_the_row_while_it_is_typed():
    """The table stands still, and what is sent says what was seen: so the processor can tell."""
    draft = shown(known(a="anna", b=None))
    edition = draft.edition
    typed(draft, a=("subject", "Ada"))
    draft.show(known(a="Eve", b="ben"), ("a", "b"))
    assert draft.edition == edition and draft.table()["subject"].to_list() == ["anna", ""]
    assert edits(draft.seen, draft.changes())[0]["seen"] == {"subject": "anna"}


def test_with_nothing_typed_the_table_follows():
    draft = shown(known(a="anna"))
    draft.show(known(a="Eve"), ("a",))
    assert draft.table()["subject"].to_list() == ["Eve"]


def test_other_rows_keep_what_was_typed():
    draft = shown(known(a="anna", b=None), "a")
    typed(draft, a=("subject", "Ada"))
    draft.show(known(a="Eve", b=None), ("b",))  # another filter, and somebody else was there meanwhile
    assert draft.changes() == {"a": {"subject": "Ada"}} and draft.seen["a"]["subject"] == "anna"
    typed(draft, b=("cohort", "pilot"))
    draft.show(known(a="Eve", b=None), ("a", "b"))
    assert draft.table()["subject"].to_list() == ["Ada", ""] and draft.table()["cohort"].to_list() == ["", "pilot"]
    assert draft.changes() == {"a": {"subject": "Ada"}, "b": {"cohort": "pilot"}}


def test_videos_that_are_gone_are_forgotten():
    draft = shown(known(a="anna", b=None))
    typed(draft, a=("subject", "Ada"), b=("subject", "Ben"))
    draft.show(known(b=None), ("a", "b"))
    assert draft.ids == ("b",) and draft.changes() == {"b": {"subject": "Ben"}}


def test_saved():
    draft = shown(known(a="anna", b=None))
    typed(draft, a=("subject", "Ada"))
    draft.handed_in(["r"])
    draft.show(known(a="anna", b=None), ("a", "b"))
    assert draft.table()["subject"].to_list() == ["Ada", ""]  # as typed, until it is so
    draft.answered(known(a="Ada", b=None))
    assert draft.changes() == {} and draft.collided == {} and draft.waiting == []


def test_what_was_refused_stays_in_the_table():
    draft = shown(known(a="anna", b=None))
    typed(draft, a=("subject", "Ada"), b=("subject", "Ben"))
    draft.handed_in(["r"])
    draft.answered(known(a="Eve", b="Ben"))
    assert draft.collided == {"a": {"subject": "Ada"}}
    draft.show(known(a="Eve", b="Ben"), ("a", "b"))
    assert draft.table()["subject"].to_list() == ["Ada", "Ben"]
    assert edits(draft.seen, draft.changes()) == [
        {"video_id": "a", "seen": {"subject": "Eve"}, "changes": {"subject": "Ada"}}
    ]
    draft.discard()
    draft.show(known(a="Eve", b="Ben"), ("a", "b"))
    assert draft.changes() == {} and draft.table()["subject"].to_list() == ["Eve", "Ben"]


def test_set_for_all_rows():
    now = known(a="anna", b=None, c=None)
    now["a"]["tags"] = {"arm": "B"}
    draft = shown(now, "a", "b")
    typed(draft, b=("subject", "Ben"))
    draft.set_for_all("cohort", "pilot")
    draft.set_for_all(ADD_TAGS, "site=Wien")
    assert draft.changes() == {
        "a": {"cohort": "pilot", "tags": {"arm": "B", "site": "Wien"}},
        "b": {"subject": "Ben", "cohort": "pilot", "tags": {"site": "Wien"}},
    }
    draft.set_for_all("tags", "")
    draft.set_for_all("subject", "")
    assert draft.changes() == {"a": {"subject": None, "cohort": "pilot", "tags": None}, "b": {"cohort": "pilot"}}
    with pytest.raises(FieldInvalid):
        draft.set_for_all("tags", "Wien")
