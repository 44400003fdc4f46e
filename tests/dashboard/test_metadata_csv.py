"""Details of videos from a CSV: what is matched, what is left out and why, and what would change."""

import pandas as pd
import pytest

from dashboard import details, metadata_csv
from dashboard.metadata_csv import MetadataUnreadable, preview, read_metadata, template

A, B, C, D = ("a" * 16, "b" * 16, "c" * 16, "d" * 16)
VIDEOS = pd.DataFrame(
    {
        "video_id": [A, B, C, D],
        "sha256": [video_id * 4 for video_id in (A, B, C, D)],
        "name": ["first.mp4", "Second.MP4", "twice.mp4", "twice.mp4"],
        "subject": ["anna", None, None, "=1+1"],
        "cohort": ["pilot", None, None, None],
        "session": pd.array([None] * 4, dtype=object),
        "tags": pd.Series([{"site": "Wien, Mitte", "arm": "B"}, None, None, None], dtype=object),
        "consent": pd.Series([True, None, None, None], dtype=object),
        "recorded_at": pd.to_datetime(["2026-03-01 14:30", None, None, None]),
    }
)


def read(*lines, videos=VIDEOS, **how):
    return read_metadata("study.csv", "\n".join(lines).encode(), videos, **how)


def test_by_name_id_and_hash_in_any_order_and_case():
    found = read(
        "Session, COHORT ,File name,SHA256,Video ID,colour",
        "1,pilot,first.mp4,,,red",
        "2,,SECOND.mp4,,,blue",
        f"3,x,,{(C * 4).upper()},,",
        f"4,,twice.mp4,,{D.upper()},",
    )
    assert found.changes == {
        A: {"session": "1"}, B: {"session": "2"}, C: {"session": "3", "cohort": "x"}, D: {"session": "4"},
    }  # fmt: skip
    assert (found.rows, found.problems, found.unknown, found.ignored) == (4, [], [], ["colour"])


def test_a_path_is_known_by_its_last_part():
    found = read("video;subject", r"D:\study\pilot\first.mp4;eva", "/mnt/study/second.mp4;ben")
    assert found.changes == {A: {"subject": "eva"}, B: {"subject": "ben"}}


def test_names_that_several_videos_have_are_said():
    found = read("name,subject", "twice.mp4,eva", "TWICE.MP4,eva", "nobody.mp4,eva", ",eva")
    assert found.changes == {}
    assert found.problems[0] == "Line 2: 2 videos are called 'twice.mp4': name it by its video_id or sha256."
    assert found.problems[1].startswith("Line 3: 2 videos") and "does not say which video" in found.problems[2]
    assert found.unknown == [(4, "nobody.mp4")]


def test_an_id_that_is_unknown_does_not_fall_back_on_the_name():
    assert read("id,name,subject", "f00d,first.mp4,x").unknown == [(2, "f00d")]


def test_empty_leaves_and_a_hyphen_clears():
    found = read("name,subject,cohort,consent,recorded_at,tags", "first.mp4,-,,-,-,-", "second.mp4,-,,,,")
    assert found.changes == {A: {"subject": None, "consent": None, "recorded_at": None, "tags": None}}
    assert found.wanted[B] == {"subject": None}  # it has none: nothing will change


@pytest.mark.parametrize("mark", list(metadata_csv.DELIMITERS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings(mark, encoding):
    lines = [f"name{mark}subject{mark}cohort", f"first.mp4{mark}Zoë{mark}Größe"]
    for end in ("\n", "\r\n"):
        found = read_metadata("s.csv", end.join(lines).encode(encoding), VIDEOS)
        assert found.changes == {A: {"subject": "Zoë", "cohort": "Größe"}}


def test_what_spreadsheets_write_above_a_table():
    found = read("sep=;", "name;subject", "first.mp4;eva", "nobody.mp4;x")
    assert found.changes == {A: {"subject": "eva"}}
    assert found.unknown == [(4, "nobody.mp4")]  # as a text editor counts


def test_tags():
    found = read("name,tags,tag:site", 'first.mp4,"x=1, y=2",', "second.mp4,x=1,Graz")
    assert found.changes == {A: {"tags": {"x": "1", "y": "2"}}, B: {"tags": {"x": "1", "site": "Graz"}}}
    found = read("name,Tag: site,tag:arm", "first.mp4,Graz,", "second.mp4,,C")  # the others stay
    assert found.changes == {A: {"tags": {"site": "Graz", "arm": "B"}}, B: {"tags": {"arm": "C"}}}
    assert read("name,tag:site,tag:arm", "first.mp4,-,").changes == {A: {"tags": {"arm": "B"}}}
    assert read("name,tags", "first.mp4,Graz").problems == [
        "Line 2: `tags` must be written like site=Vienna, arm=B. Received: 'Graz'."
    ]
    assert "2 cells, and the header" not in read("name,tags", "first.mp4,x=1").problems
    (problem,) = read("name,tags", "first.mp4,x=1, y=2").problems
    assert problem == "Line 2: it has 3 cells, and the header 2; what has a ',' in it must stand in quotes."


@pytest.mark.parametrize(("cell", "value"), [("yes", True), ("TRUE", True), ("1", True), ("Nein", False), ("0", False)])
def test_consent(cell, value):
    found = read("name,consent", f"second.mp4,{cell}")
    assert found.changes == {B: {"consent": value}} and found.changes[B]["consent"] is value


def test_dates_are_asked_for_and_not_guessed():
    lines = ["name,date", "first.mp4,31/12/2026", "second.mp4,03/04/2026"]
    found = read(*lines)
    assert found.changes == {A: {"recorded_at": "2026-12-31T00:00:00"}}
    assert found.ambiguous == ["03/04/2026"] and found.problems == []
    assert read(*lines, day_first=True).changes[B] == {"recorded_at": "2026-04-03T00:00:00"}
    assert read(*lines, day_first=False).changes[B] == {"recorded_at": "2026-03-04T00:00:00"}


@pytest.mark.parametrize("date", ["2026-12-31", "31.12.2026", "12/31/2026", "31/12/2026", "2026-12-31T00:00:00Z"])
def test_dates_in_each_format(date):
    assert read("name,recorded at", f"second.mp4,{date}").changes == {B: {"recorded_at": "2026-12-31T00:00:00"}}


def test_a_date_that_is_so_already_is_no_change():
    assert read("name,recorded_at", "first.mp4,2026-03-01T15:30:00+01:00").changes == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("first.mp4,32.12.2026,,", "`recorded_at` is no date that can be read: there is no such day"),
        ("first.mp4,tomorrow,,", "it must be written as 2026-12-31, 31.12.2026"),
        ("first.mp4,,maybe,", "`consent` must be yes or no. Received: 'maybe'."),
        ("first.mp4,,," + "x" * 201, "`subject` must be at most 200 characters long. Received: 201"),
    ],
)
def test_what_can_not_be_taken_is_named_with_its_line(line, said):
    found = read("name,recorded_at,consent,subject", line, "second.mp4,,,ben")
    assert len(found.problems) == 1 and found.problems[0].startswith("Line 2: ") and said in found.problems[0]
    assert found.changes == {B: {"subject": "ben"}}


def test_rows_of_the_same_video():
    same = read("name,subject,cohort", "first.mp4,eva,x", "FIRST.mp4,eva,x", "first.mp4,eva,")
    assert same.changes == {A: {"subject": "eva", "cohort": "x"}} and same.repeated == 2 and same.problems == []
    parts = read("name,subject,cohort", "first.mp4,eva,", "first.mp4,,y")
    assert parts.changes == {A: {"subject": "eva", "cohort": "y"}} and parts.repeated == 0
    other = read("name,subject,cohort", "first.mp4,eva,y", "second.mp4,ben,", "first.mp4,Eve,y")
    assert other.changes == {B: {"subject": "ben"}}
    assert other.problems == [
        "Lines 2 and 4 contradict each other on the subject of one video: 'eva' and 'Eve'. None of what they say of it "
        "is taken."
    ]


def test_the_template_changes_nothing_and_can_be_filled_in():
    data = template(VIDEOS)
    found = read_metadata("template.csv", data, VIDEOS)
    assert (found.rows, found.changes, found.problems, found.ignored) == (4, {}, [], [])
    assert b"'=1+1" in data  # no formula for a spreadsheet
    filled = data.decode("utf-8-sig").replace("first.mp4,anna", "first.mp4,ada")
    assert read_metadata("t.csv", filled.encode(), VIDEOS).changes == {A: {"subject": "ada"}}
    assert read_metadata("t.csv", template(VIDEOS.iloc[:0]), VIDEOS).rows == 0


def test_preview():
    found = read("name,subject,tags", "first.mp4,-,x=1", "second.mp4,ben,")
    assert preview(VIDEOS, found.changes).to_records(index=False).tolist() == [
        ("first.mp4", "subject", "anna", ""), ("first.mp4", "tags", 'arm=B, "site=Wien, Mitte"', "x=1"),
        ("Second.MP4", "subject", "", "ben"),
    ]  # fmt: skip
    assert preview(VIDEOS, {}).empty


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"sep=;\n", "is empty"),
        (b"\x00\x01\x02" * 100, "not a file of text"),
        (b"subject,cohort\na,b", "does not say which video a row is about"),
        (b"hello", "does not say which video a row is about"),
        (b"name,colour\nfirst.mp4,red", "says nothing about its videos"),
        (b"name,subject,participant\nfirst.mp4,a,b", "two columns for subject"),
        (b'name,subject\nfirst.mp4,"never closed', "can't be read as a table at line 2"),
        (b"name,subject\n" + b'first.mp4,"' + b"x" * 200_000 + b'"', "can't be read as a table"),
    ],
)
def test_unreadable(data, said):
    with pytest.raises(MetadataUnreadable, match=said):
        read_metadata("study.csv", data, VIDEOS)


def test_a_library_without_videos():
    found = read("name,subject", "first.mp4,eva", videos=VIDEOS.iloc[:0])
    assert found.changes == {} and found.unknown == [(2, "first.mp4")]


def test_edits_say_what_was_seen():
    seen = details.details_of(VIDEOS)
    assert details.edits(seen, read("name,subject,cohort", "first.mp4,eva,pilot").wanted) == [
        {"video_id": A, "seen": {"subject": "anna"}, "changes": {"subject": "eva"}}
    ]


@pytest.mark.slow
def test_a_hundred_thousand_rows():
    videos = VIDEOS.loc[[0] * 5000].reset_index(drop=True)
    names = [f"clip {number}.mp4" for number in range(5000)]
    videos = videos.assign(name=names, video_id=[f"{number:016x}" for number in range(5000)])
    lines = [
        f"{names[n % 5000]};s{n % 5000};c{n % 3 if n < 5000 else (n % 5000) % 3};03.04.2026" for n in range(99_000)
    ]
    lines += [f"other {n}.mp4;x;y;1.1.2026" for n in range(1000)]
    found = read("name;subject;cohort;date", *lines, videos=videos)
    assert found.rows == 100_000 and len(found.changes) == 5000
    assert (found.repeated, len(found.unknown), found.problems) == (94_000, 1000, [])
    assert found.changes[f"{4999:016x}"] == {"subject": "s4999", "cohort": "c1", "recorded_at": "2026-04-03T00:00:00"}
