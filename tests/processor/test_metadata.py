"""Who is in a video: sidecar first, then the folders."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from processor.metadata import FieldInvalid, last_part, of_file, parse_fields, tags_as_text, tags_of_text


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("clip.mp4", {}),
        ("pilot/clip.mp4", {"cohort": "pilot"}),
        ("pilot/wolfgang/clip.mp4", {"cohort": "pilot", "subject": "wolfgang"}),
        ("pilot/wolfgang/2026/clip.mp4", {"cohort": "pilot", "subject": "wolfgang"}),
    ],
)
def test_folders(tmp_path, below, expected):
    assert of_file(str(tmp_path / below), [tmp_path]) == (expected, None)


def test_outside_every_folder(tmp_path):
    assert of_file("/elsewhere/a/b/clip.mp4", [tmp_path]) == ({}, None)


def test_sidecar_comes_before_the_folders(tmp_path):
    clip = tmp_path / "pilot" / "wolfgang" / "clip.mp4"
    clip.parent.mkdir(parents=True)
    sidecar = {
        "subject": "S01", "session": 3, "recorded_at": "2026-03-01T16:30:00+02:00", "consent": True,
        "tags": {"room": "a"}, "cohort": None,
    }  # fmt: skip
    (clip.parent / "clip.mp4.json").write_text(json.dumps(sidecar))
    columns, warning = of_file(str(clip), [tmp_path])
    assert warning is None
    assert columns == {
        "cohort": "pilot", "subject": "S01", "session": "3", "recorded_at": datetime(2026, 3, 1, 14, 30),
        "consent": True, "tags": {"room": "a"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "Expecting value"),
        ('{"subject": ', "Expecting value"),  # cut off
        ("[1, 2]", "must hold one object"),
        ('{"subjekt": "S01"}', "There is no field `subjekt`"),
        ('{"subject": ["S01"]}', "`subject` must be text"),
        ('{"consent": "yes"}', "`consent` must be true, false or null"),
        ('{"recorded_at": "yesterday"}', "`recorded_at` must be a time such as"),
        ('{"tags": {"a": {}}}', "`tags.a` must be text"),
        ('{"subject": "' + "x" * 70_000 + '"}', "larger than"),
        ("[" * 100_000, "larger than"),
        ("[" * 50_000, ""),  # nested deeper than any parser goes
        ("\xff", ""),
    ],
)
def test_bad_sidecar_is_a_warning(tmp_path, content, problem):
    clip = tmp_path / "pilot" / "clip.mp4"
    clip.parent.mkdir()
    (clip.parent / "clip.mp4.json").write_bytes(content.encode("latin-1"))
    columns, warning = of_file(str(clip), [tmp_path])
    assert columns == {"cohort": "pilot"}
    assert warning.startswith(f"The sidecar {clip}.json is left aside: ") and problem in warning


def test_sidecar_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text('{"subject": "secret"}')
    (tmp_path / "clip.mp4.json").symlink_to(tmp_path / "secret")
    columns, warning = of_file(str(tmp_path / "clip.mp4"), [])
    assert columns == {} and "left aside" in warning


def test_fields_that_are_cleared():
    assert parse_fields({"subject": None, "consent": None}) == {"subject": None, "consent": None}
    assert parse_fields({"subject": "  "}) == {"subject": None}
    with pytest.raises(FieldInvalid, match="`name` must be text that is not empty"):
        parse_fields({"name": None}, ("name",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("clip.mp4", "clip.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("..", "unnamed"),
        ("a/", "a"),
        ("a\0b.mp4", "ab.mp4"),
        ('o\'clip "x" 😀\n.mp4', 'o\'clip "x" 😀\n.mp4'),
        ("x" * 400, "x" * 255),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
        ("\ud800.mp4", "?.mp4"),
    ],
)
def test_names_never_become_paths(name, expected):
    assert last_part(name) == expected


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", {}),
        ("  ,, ", {}),
        ("site=Vienna, arm = B", {"site": "Vienna", "arm": "B"}),
        ('"site=Vienna, Austria",arm=', {"site": "Vienna, Austria", "arm": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=b, a=b", {"a": "b"}),
    ],
)
def test_tags_as_people_write_them(text, tags):
    assert tags_of_text(text) == tags
    assert tags_of_text(tags_as_text(tags)) == tags


def test_tags_are_written_in_order():
    assert tags_as_text({"site": "Vienna, Austria", "arm": "B"}) == 'arm=B, "site=Vienna, Austria"'
    assert tags_as_text(None) == ""


@pytest.mark.parametrize("text", ["Vienna", "=Vienna", "a=b, a=c", "a=" + "x" * 201])
def test_tags_that_are_none(text):
    with pytest.raises(FieldInvalid, match="`tags"):
        tags_of_text(text)
