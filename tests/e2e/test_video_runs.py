"""Two analyses of one clip, the second asked for on the page, laid over each other in a real browser."""

from __future__ import annotations

import shutil

import pytest

from dashboard import agreement
from dashboard.look import Look
from dashboard.run_comparison import compared, kappa_text, sentence
from dashboard.words import percent
from db import results, run_results
from tests.e2e.browser import fits, settled

pytestmark = pytest.mark.e2e

ANALYSED_WITHIN_MS = 120_000


def finished(up):
    with results.connect(up.home.snapshot) as con:
        videos = results.videos(con)
        return None if videos.empty else run_results.runs_of(con, videos["video_id"].iloc[0])


def test_two_runs(up, watched, sample_video, shots):
    shutil.copy(sample_video, up.home.inbox / "clip.mp4")
    page = watched.page()
    page.goto(up.url)
    cells = page.get_by_test_id("stDataFrame").locator("td")
    cells.filter(has_text="done").first.wait_for(state="attached", timeout=ANALYSED_WITHIN_MS)
    with results.connect(up.home.snapshot) as con:
        video_id = results.videos(con)["video_id"].iloc[0]
    address = f"{up.url}/video?video={video_id}&section=Runs&smoothing=Raw"
    page.goto(address)
    page.get_by_text("This video has one finished analysis").wait_for()
    settled(page)
    page.screenshot(path=shots / "runs_one.png")

    # Asked for here; the page lays both over each other as soon as the second one is there.
    rate = page.get_by_label("Frames a second")
    rate.fill("5")
    rate.press("Tab")
    page.get_by_role("combobox", name="Detector").click()
    page.get_by_role("option", name="Haar").click()
    page.get_by_role("button", name="Analyse again", exact=True).click()
    page.get_by_text("Asked to analyse").first.wait_for()
    page.get_by_text("Where they disagree most").wait_for(timeout=ANALYSED_WITHIN_MS)
    settled(page)

    runs = finished(up)
    assert runs["sample_fps"].tolist() == [5.0, 2.0] and runs["detector"].iloc[0] == "haar"
    ids = [int(run_id) for run_id in runs["run_id"]]
    with results.connect(up.home.snapshot) as con:
        track = int(results.tracks(con, ids[0])["track_id"].iloc[0])
        tables = [[read(con, run_id) for run_id in ids] for read in (results.frames, results.faces)]
        found = compared(*tables, [Look(method="raw")] * 2).of(track)
    value = agreement.agreement(found.pairs)
    assert value.faces > 10
    metrics = page.get_by_test_id("stMetric")
    said = {metrics.nth(n).locator("label").inner_text(): metrics.nth(n).inner_text() for n in range(metrics.count())}
    assert percent(value.share) in said["Same emotion"]
    assert kappa_text(value.kappa) in said["Kappa, emotion"]
    page.get_by_text(sentence(value, "the emotion")).first.wait_for()
    assert page.get_by_test_id("stVegaLiteChart").count() == 3
    page.screenshot(path=shots / "runs.png")

    worst = agreement.worst(found.pairs)
    rows = page.locator("ul.stills li")
    assert rows.count() == len(worst)
    if len(worst):
        rows.first.get_by_role("button").click()
        player = page.locator("section.player video")
        page.wait_for_function(
            "([video, t]) => !video.seeking && Math.abs(video.currentTime - t) <= 0.04",
            arg=[player.element_handle(), float(worst["worst_s"].iloc[0])],
        )

    page.get_by_role("radio", name="Category").click()
    settled(page)
    assert page.get_by_test_id("stVegaLiteChart").count() == 3

    for width, scheme in ((1440, "dark"), (375, "light"), (375, "dark")):
        other = watched.page(width, 3000 if width > 500 else 5000, scheme)  # the page scrolls inside: all at once
        other.goto(address)
        other.get_by_text("Where they disagree most").wait_for()
        settled(other)
        assert fits(other)
        other.screenshot(path=shots / f"runs_{width}_{scheme}.png")
        other.context.close()
