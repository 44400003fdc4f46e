"""What a store knows of one subject, and what is left of it afterwards."""

import json
import unicodedata

import pytest

from db.erase import subject_hash, traces
from db.naming import ERASED, Words, same_subject
from tests.db.test_privacy import add, say

XAVER = "Xaver Øst"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", False),
        ("anna", True),
        ("with ANNA, and others", True),
        ("anna_2.mp4", True),  # an underscore ends a word
        ("/inbox/pilot/Anna/clip.mp4", True),
        ("annas", False),
        ("joanna", False),
        ("anna2", False),
        ('{"note": "first\\nanna"}', True),  # what stands before it is the end of an escape, and no letter of a word
        ("Anna Maria", False),  # somebody else
        ("Anna Maria and Anna", True),
    ],
)
def test_a_name_is_found_as_a_whole_word(text, found):
    assert Words(["Anna"], ["Anna Maria", "Ben"]).are_in(text) is found


def test_a_name_with_accents_is_found_however_it_is_written():
    words = Words(["Jörg"])
    for text in (unicodedata.normalize("NFD", "JÖRG"), json.dumps({"a": "jörg"}), json.dumps("JÖRG x")):
        assert words.are_in(text), text
    assert words.replaced_in("bei Jörg, jörgen") == f"bei {ERASED}, jörgen"


def test_a_name_is_found_among_bytes_across_blocks():
    words = Words(["Anna Smith", "Jörgensen"])
    assert words.are_in_blocks(["x ANNA SMITH".encode("utf-16-le")])
    assert words.are_in_blocks([b"\x00\xffanna s", b"mith\x00"]) and words.are_in_blocks(["JÖRGENSEN".encode()])
    assert not words.are_in_blocks([b"anna", b"nobody smith"]) and not words.are_in_blocks([])
    assert not Words(["anna"]).are_in_blocks([b"anna"])  # too short to mean anything among bytes
    assert not Words(["Anna Smith"], ["Anna Smithson"]).are_in_blocks([b"anna smithson"])
    assert Words(["ab" * 8, "ab" * 32]).are_in_blocks([b"AB" * 8])  # an id, with which its hash begins


def test_no_words_are_found_nowhere():
    assert not Words([]).are_in("anything") and not Words([]).are_in_blocks([b"anything"])


def test_whether_two_names_are_of_one_subject():
    assert same_subject("ANNA", "anna") and same_subject(unicodedata.normalize("NFD", "Jörg"), "jörg")
    assert not same_subject(None, "anna") and not same_subject("anna b", "anna")
    assert subject_hash("s", "ANNA") == subject_hash("s", "anna") != subject_hash("t", "anna")


@pytest.fixture
def crowd(store):
    """Xaver in two videos, named in rows of others; and others who have a bit of the name."""
    add(store, "a" * 16, subject=XAVER)
    add(store, "b" * 16, subject=XAVER.upper())
    add(store, "c" * 16, subject="ben", session=f"with {XAVER}", tags={"sits beside": XAVER, "room": "3"})
    add(store, "d" * 16, subject=f"{XAVER} junior")
    store.put_file(f"/in/{'a' * 16}.mp4", "a" * 16, 1, 1, None)
    store.put_file("/in/old/copy-of-it.mp4", "a" * 16, 1, 1, None)
    store.queue_run("a" * 16, sample_fps=2.0, smoothing="mean:1.5s")
    say(store, XAVER, note="on paper")
    say(store, "ben", note=f"agreed together with {XAVER}")
    note = f"he looks at {XAVER}"
    store.add_markers("c" * 16, [{"marker_id": "m", "t_s": 1.0, "end_s": None, "kind": "look", "note": note}], "typed")
    store.log_request("1-x", "edit", "2026-01-01", "applied", None, {"video_id": "a" * 16, "changes": {}})
    store.log_request("2-x", "edit", "2026-01-01", "applied", None, {"video_id": "c" * 16, "changes": {"cohort": "p"}})
    return store


def test_what_is_known_of_a_subject(crowd):
    known = crowd.traces(XAVER.lower())
    assert known.video_ids == ["a" * 16, "b" * 16]
    assert known.rows == {"consent": 1, "file": 2, "request_log": 1, "run": 1, "video": 2}
    places = sorted(mention.place for mention in known.mentions)
    assert places == ["consent.note", "marker.note", "video.session", "video.tags"]
    assert "/in/old/copy-of-it.mp4" in known.private and known.namesakes == [f"{XAVER} junior", "ben"]


def test_nothing_is_left_of_it(crowd):
    known = crowd.traces(XAVER)
    with crowd.transaction():
        for video_id in known.video_ids:
            crowd.delete_video(video_id)
        changed = crowd.erase_mentions(known, known.words())
    assert changed == {"consent.note": 1, "marker.note": 1, "video.session": 1, "video.tags": 1}
    assert crowd.still_found(known.words()) == {}
    ben = crowd.video("c" * 16)
    assert ben["session"] == f"with {ERASED}" and ben["tags"] == {"sits beside": ERASED, "room": "3"}
    assert crowd.marker("m")["note"] == f"he looks at {ERASED}"
    assert crowd.video("d" * 16)["subject"] == f"{XAVER} junior"  # somebody else
    assert crowd.request_handled("2-x") and not crowd.request_handled("1-x")
    assert crowd.consent("ben")["given"] and crowd.consent(XAVER) is None
    assert crowd.traces(XAVER).rows == {} and crowd.traces(XAVER).mentions == []


def test_only_its_own_rows_where_the_name_is_too_common(crowd):
    known = crowd.traces(XAVER)
    for video_id in known.video_ids:
        crowd.delete_video(video_id)
    assert crowd.erase_mentions(known, known.words(with_name=False)) == {}
    assert crowd.marker("m")["note"] == f"he looks at {XAVER}"
    assert crowd.still_found(known.words(with_name=False)) == {}


def test_a_subject_that_nobody_knows(crowd):
    known = crowd.traces("nobody")
    assert (known.videos, known.rows, known.mentions, known.private) == ([], {}, [], [])


def test_a_file_that_stays_is_remembered_by_a_salted_digest_only(store):
    sha256 = "ab" * 32
    assert not store.is_left_out(sha256)
    store.leave_out([sha256])
    store.leave_out(["cd" * 32])
    assert store.is_left_out(sha256) and not store.is_left_out("00" * 32)
    assert sha256 not in str(store._read("SELECT * FROM setting"))
    store.take_back(sha256)
    assert not store.is_left_out(sha256) and store.is_left_out("cd" * 32)


def test_the_log_of_an_erasure_has_no_name(crowd):
    known = crowd.traces(XAVER)
    crowd.log_erasure("r1", subject_hash("salt", XAVER), known, {"files": {"library": 2}})
    crowd.complete_erasure("r1", {"files": {"library": 2}, "found": 0})
    logged = crowd.erasure("r1")
    assert (logged["videos"], logged["files"], logged["receipt"]["found"]) == (2, 2, 0)
    assert not Words([XAVER]).are_in(str(logged)) and crowd.erasure("r2") is None


def test_a_snapshot_is_searched_as_the_store_is(crowd):
    from db import results

    crowd.publish()
    with results.connect(crowd.path.parent / "results.duckdb") as con:
        assert traces(con, XAVER) == crowd.traces(XAVER)
