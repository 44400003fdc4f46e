"""Files made on request in a real browser, beside the real service: HEVC becomes playable, annotated, cut up."""

from __future__ import annotations

import shutil
import subprocess
import time
import zipfile

import pytest

from db import results
from processor import decode
from tests.e2e.browser import settled
from tests.processor import films

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")]


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: 12 seconds of HEVC with a tone, dropped into the inbox."""
    beside = home.path / "clip.mp4"
    sound = ["-f", "lavfi", "-i", films.TONE.format(12), "-map", "0:v", "-map", "1:a", "-shortest"]
    command = ["ffmpeg", "-v", "error", "-i", str(sample_video), *sound, *films.KINDS["hevc.mp4"], str(beside)]
    subprocess.run([*command[:-1], "-preset", "ultrafast", command[-1]], check=True)
    beside.rename(home.inbox / "clip.mp4")
    return "moodnet"


@pytest.fixture
def video_id(up) -> str:
    """The clip's id, once it is analysed."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            with results.connect(up.home.snapshot) as con:
                videos = results.videos(con)
            if len(videos) and videos["run_id"].notna().all():
                return videos["video_id"][0]
        except results.SnapshotMissing:
            pass
        time.sleep(0.5)
    raise AssertionError("The clip was not analysed within three minutes.")


def downloaded(page, folder, ending):
    """The file behind the link whose name ends so, once there is one."""
    link = page.get_by_role("link", name=ending)
    link.wait_for(timeout=120_000)
    settled(page)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(ending)
    download.value.save_as(folder / ending)
    return folder / ending


def test_hevc_becomes_playable_annotated_and_clips(up, video_id, watched, shots, tmp_path):
    source = up.home.inbox / "clip.mp4"
    page = watched.page()
    page.goto(f"{up.url}/video?video={video_id}&section=Exports")
    settled(page)

    for label in ("Make a playable copy", "Make the annotated video", "Make the clips"):
        page.get_by_role("button", name=label).click()
        settled(page)

    annotated = downloaded(page, tmp_path, "annotated.mp4")
    assert films.times(annotated) == pytest.approx(films.times(source), abs=1e-3)
    made = films.probe(annotated)
    assert (made["video"]["codec_name"], made["audio"]["codec_name"]) == ("h264", "aac")
    assert float(made["audio"]["duration"]) == pytest.approx(12, abs=0.1)

    with zipfile.ZipFile(downloaded(page, tmp_path, "clips.zip")) as archive:
        archive.extractall(tmp_path / "clips")
    clips = sorted((tmp_path / "clips").iterdir())
    assert clips and all(clip.name.split("_")[0].isdigit() for clip in clips)
    for clip in clips:
        length_s = films.times(clip)[-1]
        assert 1.5 < length_s <= 5.0 and films.probe(clip)["audio"]["codec_name"] == "aac", clip.name

    copy = downloaded(page, tmp_path, "proxy.mp4")
    assert decode.probe(copy, 10**8).codec == "h264"
    settled(page)
    page.screenshot(path=shots / "made.png", full_page=True)
    player = page.locator("video").first  # within the player's own part of the page, which a plain query does not see
    assert player.evaluate("video => video.play().then(() => video.videoWidth)") == 640

    page.get_by_role("button", name="Delete").first.click()
    page.wait_for_function("document.querySelectorAll('a[download]').length === 2")
    end = time.monotonic() + 20
    while len(list(up.home.made.iterdir())) > 2 and time.monotonic() < end:
        time.sleep(0.2)
    assert len(list(up.home.made.iterdir())) == 2
