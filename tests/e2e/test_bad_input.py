"""Whatever is no video to analyse, through the folder and through `analyze`: a sentence each, and on it goes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests import clips

pytestmark = pytest.mark.e2e

# name -> (maker, what the sentence must say); the file is named <name>.mp4
REFUSED = {
    "empty": (clips.empty_file, "is empty (0 bytes)"),
    "text": (clips.text, "can't be opened as a video"),
    "noise": (clips.noise, "can't be opened as a video"),
    "half": (clips.cut_at_half, "It may be cut off"),
    "kilobyte": (clips.cut_at_1_kb, "It may be cut off"),
    "audio": (clips.audio_only, "It holds sound only."),
    "zero": (clips.zero_frames, ""),
    "beyond": (clips.beyond_8k, "setting `max_pixels`"),
}
# name -> (maker, frames looked at with one frame a second; None: some)
ANALYSED = {
    "one": (clips.one_frame, 1),
    "noface": (clips.plain, None),
    "tiny": (clips.tiny, None),
    "odd": (clips.odd_size, None),
    "8k": (clips.frame_8k, None),
    "rotated": (clips.rotated, None),
    "variable": (clips.variable_rate, None),
    "corrupt": (clips.corrupt, None),
}


def make_all(folder: Path, secret: Path) -> set[str]:
    """Every bad and odd file; returns the names of those that must fail."""
    for name, (make, _) in (REFUSED | ANALYSED).items():
        make(folder / f"{name}.mp4")
    for name, make in clips.POINTERS.items():
        make(folder / f"{name}.mp4", secret)
    return {f"{name}.mp4" for name in (*REFUSED, *clips.POINTERS)}


def check(failed: dict[str, str], done: dict[str, int], must_fail: set[str]) -> None:
    """failed: name -> sentence; done: name -> frames."""
    assert set(failed) == must_fail
    for name, sentence in failed.items():
        expected = REFUSED[Path(name).stem][1] if Path(name).stem in REFUSED else ""
        assert name in sentence and expected in sentence and sentence.endswith("."), sentence
        assert "Traceback" not in sentence
    assert set(done) == {f"{name}.mp4" for name in ANALYSED}
    for name, (_, frames) in ANALYSED.items():
        assert done[f"{name}.mp4"] == frames if frames else done[f"{name}.mp4"] > 0, name


@pytest.fixture
def secret(tmp_path) -> Path:
    """A good video outside, to which playlists point. Nobody may open it on their account."""
    folder = tmp_path / "outside"
    folder.mkdir()
    clips.plain(folder / "secret.mp4", seconds=3)
    return folder / "secret.mp4"


def test_through_the_folder(processor, home, secret):
    must_fail = make_all(home.inbox, secret)
    (home.inbox / "link.mp4").symlink_to(secret)
    (home.inbox / "out").symlink_to(secret.parent)
    accessed_ns = os.stat(secret).st_atime_ns
    processor.serve(settle_s=0.2, sample_fps=1)
    total = len(must_fail) + len(ANALYSED)
    processor.until(
        lambda: processor.query("SELECT count(*) FROM run WHERE state IN ('done', 'failed')") == [(total,)], 150
    )
    failed = dict(
        processor.query("SELECT v.name, r.error FROM run r JOIN video v USING (video_id) WHERE state = 'failed'")
    )
    done = dict(processor.query("SELECT name, frames_sampled FROM video_summary WHERE run_id IS NOT NULL"))
    check(failed, done, must_fail)
    assert processor.query("SELECT tracks, coverage FROM video_summary WHERE name = 'noface.mp4'") == [(0, 0.0)]
    assert os.stat(secret).st_atime_ns == accessed_ns
    assert processor.query("SELECT DISTINCT attempt FROM run") == [(1,)]  # bad input does not get better
    assert processor.stop() == 0


def test_through_analyze(processor, tmp_path, secret):
    folder = tmp_path / "given"
    folder.mkdir()
    must_fail = make_all(folder, secret)
    answer = processor.run("analyze", str(folder), str(tmp_path / "nowhere.mp4"), "--sample-fps", "1", "--json")
    assert answer.returncode == 1
    *videos, nowhere = json.loads(answer.stdout)["videos"]
    assert nowhere["error"] == f"{tmp_path / 'nowhere.mp4'} does not exist."
    failed = {Path(video["path"]).name: video["error"] for video in videos if video["state"] == "failed"}
    done = {Path(video["path"]).name: video["frames_sampled"] for video in videos if video["state"] == "done"}
    check(failed, done, must_fail)
    (noface,) = [video for video in videos if video["path"].endswith("noface.mp4")]
    assert (noface["tracks"], noface["frames_with_face"], noface["mean_valence"]) == (0, 0, None)


def test_awkward_names_and_copies_and_a_file_that_grows(processor, home, tmp_path):
    """One content under a dozen names is one video; a file is left alone until it has been written."""
    clip = clips.plain(tmp_path / "clip.mp4", seconds=2)
    content = clip.path.read_bytes()
    names = [name for name in clips.AWKWARD_NAMES if not name.startswith(".")]
    processor.serve(settle_s=1.5, sample_fps=1)
    for name in names:
        (home.inbox / name).write_bytes(content)
    other = clips.plain(tmp_path / "other.mp4", seconds=3).path.read_bytes()
    with clips.growing(home.inbox / "growing.mp4", other, seconds=6):
        pass
    processor.until(lambda: processor.query("SELECT count(*) FROM run WHERE state = 'done'") == [(2,)])
    assert processor.query("SELECT count(*) FROM video") == [(2,)]  # no half of the growing one
    assert processor.query("SELECT count(*) FROM file") == [(len(names) + 1,)]
    assert processor.stop() == 0
    assert len([line for line in (home.log).read_text().splitlines() if "two\\nlines.mp4" in line]) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_permissions(processor, home):
    path = home.inbox / "clip.mp4"
    clips.plain(path)
    path.chmod(0)
    processor.serve(settle_s=0.2)
    processor.until(lambda: processor.query("SELECT error FROM file") == [
        (f"{path} can't be opened: permission denied. Let the user that runs Moodreel read it.",)
    ])  # fmt: skip
    path.chmod(0o600)
    processor.until(lambda: processor.query("SELECT state::VARCHAR FROM run") == [("done",)])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "model.keras").write_bytes(b"x"), "is not the file its card describes"),
        (
            lambda folder: (folder / "model.json").write_text(
                (folder / "model.json").read_text().replace('"angry"', '"cross"')
            ),
            "is for other emotions",
        ),
    ],
    ids=["hash", "classes"],
)
def test_bundle_that_is_not_what_it_says(processor, home, tmp_path, small_bundle, spoil, sentence):
    folder = home.models / "spoilt"
    folder.mkdir()
    for file in small_bundle.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    spoil(folder)
    clips.plain(tmp_path / "clip.mp4")
    answer = processor.run("analyze", str(tmp_path / "clip.mp4"), "--model", "spoilt", "--json")
    assert answer.returncode == 1
    (video,) = json.loads(answer.stdout)["videos"]
    assert video["state"] == "failed" and sentence in video["error"] and "clip.mp4" in video["error"]
