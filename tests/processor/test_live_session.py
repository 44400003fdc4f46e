"""A session is read as far as it is whole, and its faces lie where they are in its video."""

import json

import pytest

from processor.config import Settings
from processor.live_journal import Journal
from processor.live_session import WHOLE, read_about, read_session
from processor.metadata import FieldInvalid
from tests.processor.live_sessions import about, picture, record, sight


@pytest.fixture
def settings(home):
    return Settings(home=home.path)


def ended(home, seconds=2.0, **changes):
    """The folder of a session that was written and ended."""
    journal = Journal.begin(home, about(**changes))
    record(journal, seconds)
    journal.add_marker(11.0, "question")
    journal.add_marker(99.0, "after the end")
    journal.end()
    assert journal.trouble is None
    return journal.folder


def test_with_its_video_every_sight_is_at_its_picture(home, settings):
    session = read_session(ended(home), settings)
    assert session.info.has_video and session.info.duration_s == pytest.approx(2.0, abs=0.2)
    assert (session.info.width, session.info.height) == (320, 240)
    # Pictures come ten a second; five a second were looked at.
    assert session.frames["frame"].to_pylist() == list(range(0, 21, 2))
    assert session.frames["t_s"].to_pylist() == pytest.approx([number / 5 for number in range(11)])
    assert session.frames["faces"].to_pylist() == [1] * 11
    faces = session.observations
    assert set(faces["track_id"].to_pylist()) == {1} and set(faces["smoothed"].to_pylist()) == {"happy"}
    assert [faces[name][0].as_py() for name in "xywh"] == [80, 60, 40, 40]
    assert faces["face_score"].null_count == 11 and faces["happy"][0].as_py() == pytest.approx(0.7)
    assert [(m["t_s"], m["kind"]) for m in session.info.markers] == [
        (1.0, "question"), (pytest.approx(session.info.duration_s), "after the end")
    ]  # fmt: skip
    assert (session.model_id, session.detector, session.device) == ("tiny-1.0-abababab", "haar", "CPU")


def test_without_a_video_what_was_seen_is_numbered(home, settings):
    session = read_session(ended(home, keep_video=False), settings)
    assert not session.info.has_video and session.info.duration_s == pytest.approx(2.0)
    assert session.info.codec is None and (session.info.width, session.info.height) == (320, 240)
    assert session.frames["frame"].to_pylist() == list(range(11)) and session.note is None


def test_of_a_clip_to_be_analysed_only_the_video_is_taken(home, settings):
    session = read_session(ended(home, analyse_later=True), settings)
    assert session.info.has_video and session.frames.num_rows == 0 == session.observations.num_rows


def test_a_session_with_nothing_in_it_lasts_no_time(home, settings):
    journal = Journal.begin(home, about(keep_video=False))
    journal.end()
    assert read_session(journal.folder, settings).info.duration_s == 0.0


def test_smoothing_and_shortest_track_are_as_for_files(home, settings):
    journal = Journal.begin(home, about(keep_video=False, smoothing_window_s=0.1))
    for number in range(20):
        emotion = 4 if number == 10 else 3
        journal.add_sight(sight(number / 5, emotion, track_id=9 if number == 3 else 7))
    journal.end()
    sharp = read_session(journal.folder, settings).observations
    assert sharp["smoothed"].to_pylist().count("sad") == 1 and set(sharp["track_id"].to_pylist()) == {1, 2}
    longer = read_session(journal.folder, settings.model_copy(update={"min_track_s": 1.0})).observations
    assert set(longer["track_id"].to_pylist()) == {1} and longer.num_rows == 19


def test_boxes_of_a_phone_that_was_turned_lie_on_the_fitted_picture(home, settings):
    journal = Journal.begin(home, about())
    journal.add_frame(picture(100), 0.0)
    journal.add_sight(sight(0.0))
    journal.add_frame(picture(100, (240, 320)), 1.0)
    journal.add_sight(sight(1.0, box=(60, 80, 40, 40), size_wh=(240, 320)))
    journal.add_frame(picture(100, (240, 320)), 2.0)
    journal.end()
    faces = read_session(journal.folder, settings).observations
    # 240 x 320 becomes 180 x 240 in the middle of 320 x 240: times 0.75, 70 to the right.
    assert [faces[name][1].as_py() for name in "xywh"] == [60 * 0.75 + 70, 80 * 0.75, 30, 30]


def test_sights_of_pictures_that_were_left_out_share_none(home, settings):
    journal = Journal.begin(home, about())
    for t_s in (0.0, 1.0, 2.0):
        journal.add_frame(picture(100), t_s)
    for t_s in (0.0, 0.9, 1.1, 2.0):
        journal.add_sight(sight(t_s))
    journal.end()
    session = read_session(journal.folder, settings)
    assert session.frames["frame"].to_pylist() == [0, 1, 2]
    assert session.frames["t_s"].to_pylist() == [0.0, 0.9, 2.0]


@pytest.mark.parametrize("cut", [2, 40, 150])
def test_a_torn_last_line_is_passed_over(home, settings, cut):
    folder = ended(home, keep_video=False)
    content = (folder / "sights.jsonl").read_bytes()
    (folder / "sights.jsonl").write_bytes(content[:-cut])
    assert read_session(folder, settings).frames.num_rows == 10


@pytest.mark.parametrize(
    "line",
    [
        "no json", "[1, 2", "[]", '{"t_s": 1e999}', "[" * 100_000, "\x00" * 50,
        '{"t_s": NaN, "size_wh": [320, 240], "brightness": 1, "sharpness": 1, "faces": []}',
        '{"t_s": 0.5, "size_wh": [0, 240], "brightness": 1, "sharpness": 1, "faces": []}',
        '{"t_s": 0.5, "size_wh": [320, 240], "brightness": 1, "sharpness": 1, "faces": [{"track": 1}]}',
        '{"t_s": -1, "size_wh": [320, 240], "brightness": 1, "sharpness": 1, "faces": []}',
    ],
)  # fmt: skip
def test_a_line_that_is_not_what_it_should_be_is_passed_over(home, settings, line):
    folder = ended(home, keep_video=False)
    lines = (folder / "sights.jsonl").read_text().splitlines()
    (folder / "sights.jsonl").write_text("\n".join([*lines[:5], line, *lines[5:]]) + "\n")
    assert read_session(folder, settings).frames.num_rows == 11


@pytest.mark.parametrize("content", [b"", b"no video at all", b"#EXTM3U\nhttp://example.org/x\n"])
def test_a_video_that_cannot_be_read_leaves_what_was_seen(home, settings, content):
    folder = ended(home)
    (folder / "video.mp4").write_bytes(content)
    session = read_session(folder, settings)
    assert not session.info.has_video and session.frames.num_rows == 11
    assert "Only what was seen is kept" in session.note and not (folder / WHOLE).exists()


def test_nothing_is_read_through_a_link(home, settings, tmp_path):
    folder = ended(home, keep_video=False)
    (folder / "sights.jsonl").rename(tmp_path / "elsewhere")
    (folder / "sights.jsonl").symlink_to(tmp_path / "elsewhere")
    assert read_session(folder, settings).frames.num_rows == 0
    (folder / "about.json").rename(tmp_path / "about")
    (folder / "about.json").symlink_to(tmp_path / "about")
    with pytest.raises(OSError):
        read_session(folder, settings)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda given: given | {"live_id": "0" * 20 + "-" + "b" * 8}, "that of another session"),
        (lambda given: given | {"consent": "yes"}, "consent"),
        (lambda given: [given], "valid dictionary|dictionary"),
        (lambda given: {}, "live_id"),
    ],
)
def test_what_a_session_is_must_be_said_as_it_should(home, change, why):
    folder = ended(home, 0.2, keep_video=False)
    given = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps(change(given)))
    with pytest.raises(FieldInvalid, match=why):
        read_about(folder)
