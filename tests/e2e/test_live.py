"""The live page in a real browser with a camera whose pictures are known, beside the real service.

Server and browser are in a network of their own, where WebRTC connects whatever the machine's network is like.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import time

import cv2
import numpy as np
import pytest

from bench.network import CONNECTING, no_way_through
from db import annotation_results, results
from db.colours import EMOTION_COLOURS
from tests.e2e.browser import findings, fits, opened, tab_to

pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -r requirements-dev.txt")
pytest.importorskip("axe_playwright_python", reason="needs axe: see requirements-dev.txt")

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("network")]

PATIENCE_MS = 120_000  # a network is loaded, and pictures go all the way, on a machine that may be busy
SIZE_WH = np.array([320, 240])  # of the camera's pictures: small, to leave a busy machine time for the rest
ALLOWED = "--use-fake-ui-for-media-stream"
DENIED = "--use-fake-ui-for-media-stream=deny"
SHOWN = """video => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}"""

# A camera that can be taken by another program, or pulled out, and a voice that writes down what it says.
PERIPHERALS = """
const open = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (wanted) {
  if (window.top.cameraInUse) throw new DOMException("Could not start video source", "NotReadableError");
  const stream = await open.call(this, wanted);
  (window.top.opened ??= []).push(...stream.getTracks());
  return stream;
};
window.spoken = [];
speechSynthesis.speak = (words) => {
  window.spoken.push(words.text);
  setTimeout(() => words.dispatchEvent(new Event("end")), 10);
};
"""
HIDDEN = """
Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
document.dispatchEvent(new Event("visibilitychange"));
"""


@pytest.fixture(scope="module")
def clip(shared, tmp_path_factory):
    """Four seconds of a woman who smiles and keeps still, left of the middle: as an MP4, and beside it as an MJPEG,
    which Chromium plays again and again as its camera."""
    folder = tmp_path_factory.mktemp("camera")
    video, camera = folder / "smile.mp4", folder / "smile.mjpeg"
    source = shared / "data" / "videos" / "WolfgangLanger_Pexels.mp4"
    placed = "fps=10,scale=200:112,pad=320:240:0:100:gray,split[a][b]"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-ss", "11", "-t", "4", "-i", source, "-filter_complex", placed,
         "-map", "[a]", "-pix_fmt", "yuv420p", "-crf", "12", video,
         "-map", "[b]", "-pix_fmt", "yuvj420p", "-q:v", "2", "-f", "mjpeg", camera],
        check=True,
    )  # fmt: skip
    return video


@pytest.fixture
def bundle(home, shared, clip) -> str:
    """Before the service starts there is the better detector, and the clip waits to be analysed like any other."""
    shutil.copy(shared / "models" / "face_detection_yunet_2026may.onnx", home.models)
    shutil.copy(clip, home.inbox)
    return "moodnet"


@pytest.fixture
def with_camera(chromium, clip):
    """Chromium with the clip as its camera, which every page may use."""
    camera = f"--use-file-for-fake-video-capture={clip.with_suffix('.mjpeg')}"
    return chromium(*CONNECTING, ALLOWED, "--use-fake-device-for-media-stream", camera)


def window(browser, *size_and_scheme):
    """A new window, with patience."""
    page = browser.page(*size_and_scheme)
    page.set_default_timeout(PATIENCE_MS)
    return page


def camera(page):
    """The part of the page with the picture and its buttons."""
    return page.locator("iframe[title*=webrtc]").content_frame


def start(page, url: str) -> None:
    """Open the page and press Start."""
    opened(page, f"{url}/live")
    camera(page).get_by_role("button", name="Start").click()


def live(page):
    """Until there are pictures, and something has been seen in them; returns the video."""
    until(page, page.get_by_text("Live.", exact=True).count)
    return camera(page).locator("video")


def plays(page, video) -> None:
    """Ten more pictures come."""
    count = "video => video.getVideoPlaybackQuality().totalVideoFrames"
    before = video.evaluate(count)
    until(page, lambda: video.evaluate(count) >= before + 10)


def shown(video) -> np.ndarray:
    """The picture that is shown: uint8 (H, W, 3) RGB."""
    png = base64.b64decode(video.evaluate(SHOWN))
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def until(page, true, within_s: float = PATIENCE_MS / 1000):
    """Wait until `true()` is, and return what it gave."""
    end = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < end, page.locator("[data-testid=stMain]").inner_text()
        page.wait_for_timeout(200)
    return found


def outlined(picture: np.ndarray, box: np.ndarray, colour: str) -> float:
    """How much of a box's outline is in the picture, nearly where it should be: of its four sides the least, 0 to 1.

    picture: uint8 (H, W, 3) RGB. box: x, y, width, height as shares of the picture. colour: `#rrggbb`.
    """
    like = np.abs(picture.astype(int) - list(bytes.fromhex(colour[1:]))).max(axis=2) <= 60
    height, width = like.shape
    off_px = round(0.03 * width)
    x, y, w, h = np.rint(box * [width, height, width, height]).astype(int)
    rows, columns = slice(y + off_px, y + h - off_px), slice(x + off_px, x + w - off_px)
    least = 1.0
    for side in (x, x + w):
        near = like[rows, max(0, side - off_px) : side + off_px]
        least = min(least, near.mean(axis=0).max(initial=0))
    for side in (y, y + h):
        near = like[max(0, side - off_px) : side + off_px, columns]
        least = min(least, near.mean(axis=1).max(initial=0))
    return float(least)


def analysed(home, source: str) -> tuple | None:
    """The row of the one video that came by this way and has been analysed, and its observations; None before."""
    try:
        with results.connect(home.snapshot) as con:
            videos = results.videos(con).query("source == @source and state == 'done'")
            if videos.empty:
                return None
            video = videos.iloc[0]
            return video, results.observations(con, int(video["run_id"]))
    except results.SnapshotMissing:
        return None


def typical_box(observations, size_wh: np.ndarray) -> np.ndarray:
    """Where the face usually is: x, y, width, height as shares of the picture."""
    return observations[["x", "y", "w", "h"]].median().to_numpy() / [*size_wh, *size_wh]


def test_the_picture_is_marked_where_the_pipeline_finds_the_face_and_the_session_is_kept(up, with_camera, shots):
    page = window(with_camera)
    opened(page, f"{up.url}/live")
    _, seen = until(page, lambda: analysed(up.home, "watch"))
    camera(page).get_by_role("button", name="Start").click()
    video = live(page)
    plays(page, video)

    # The box lies where the analysis of the same clip finds the face, in the colour of the emotion it finds; mirrored.
    emotion, box = seen["smoothed"].mode()[0], typical_box(seen, SIZE_WH)
    mirrored = box * [-1, 1, 1, 1] + [1 - box[2], 0, 0, 0]
    until(page, lambda: outlined(shown(video), mirrored, EMOTION_COLOURS[emotion]) > 0.8)
    assert outlined(shown(video), box, EMOTION_COLOURS[emotion]) < 0.5  # where the face would be without a mirror
    page.screenshot(path=shots / "live_1440_light.png")

    # What is beside it moves, and tells of the one person there is.
    lines = page.get_by_test_id("stVegaLiteChart").first.locator("svg .mark-line path").first
    before = lines.get_attribute("d")
    until(page, lambda: lines.get_attribute("d") != before)
    numbers = page.get_by_test_id("stMain").get_by_text("Data", exact=True).first
    numbers.click()
    page.locator("[data-testid=stDataFrame] th", has_text="Seconds from now").wait_for(state="attached")
    numbers.click()
    assert metric(page, "In the picture") == "1"
    assert metric(page, "Coverage").endswith("%")

    # It is kept from the moment that somebody says so until the moment that it is stopped, with a marker by a key.
    keep(page, "Subject", "anna")
    began = pressed(page, "Keep from now on", "Stop keeping")
    page.get_by_text(re.compile(r"safe up to 0:(0[5-9]|[1-5]\d)")).wait_for()
    marked = time.monotonic()
    page.keyboard.press("m")
    page.get_by_text(re.compile(r"0:\d\d marker")).wait_for()
    marked = marked, time.monotonic()
    page.get_by_text(re.compile(r"safe up to 0:(0[9]|[1-5]\d)")).wait_for()
    assert findings(page, "live") == []
    ended = pressed(page, "Stop keeping", "Keep from now on")
    page.get_by_role("link", name="Open the video").wait_for()

    kept, seen_live = until(page, lambda: analysed(up.home, "live"))
    with results.connect(up.home.snapshot) as con:
        markers = annotation_results.markers(con, kept["video_id"])
    assert (kept["subject"], kept["tracks"]) == ("anna", 1)
    assert between(kept["duration_s"], began, ended)
    assert len(markers) == 1 and markers["kind"][0] == "marker"
    assert between(markers["t_s"][0], began, marked)
    times = seen_live["t_s"].to_numpy()
    assert 0 <= times[0] < times[-1] <= kept["duration_s"] + 0.1
    assert np.diff(times).min() > 0 and len(times) <= 5 * kept["duration_s"] + 1  # five a second at most
    assert seen_live["smoothed"].mode()[0] == emotion
    np.testing.assert_allclose(typical_box(seen_live, SIZE_WH), box, atol=0.04)

    page.get_by_role("link", name="Open the video").click()
    page.get_by_role("heading", name=kept["name"]).wait_for()
    length = "video => video.readyState > 0 && Math.abs(video.duration - {}) < 0.5".format(kept["duration_s"])
    until(page, lambda: page.locator("video").first.evaluate(length))


def metric(page, label: str) -> str:
    """What a figure says."""
    figure = page.get_by_test_id("stMetric").filter(has_text=label)
    return figure.get_by_test_id("stMetricValue").inner_text().strip()


def keep(page, field: str, value: str) -> None:
    """Tick the consent, and say one thing about the session."""
    page.get_by_text("Everybody who is filmed has agreed").click()
    page.get_by_role("combobox", name=field).fill(value)
    page.keyboard.press("Enter")


def pressed(page, button: str, then: str) -> tuple[float, float]:
    """Press a button, and wait for the next; returns moments before and after what it asks for was done."""
    before = time.monotonic()
    page.get_by_role("button", name=button).click()
    page.get_by_role("button", name=then).wait_for()
    return before, time.monotonic()


def between(t_s: float, began: tuple[float, float], ended: tuple[float, float]) -> bool:
    """Whether so much time can be between two moments of which one knows roughly when they were; pictures can lag."""
    return ended[0] - began[1] - 3 <= t_s <= ended[1] - began[0] + 3


def test_two_windows_have_a_picture_each_and_one_is_led_by_keyboard_alone(up, with_camera, shots):
    first = window(with_camera)
    start(first, up.url)
    first_video = live(first)

    second = window(with_camera, 375, 812, "dark")
    opened(second, f"{up.url}/live")
    tab_to(second, "iframe[title*=webrtc]")
    inside = camera(second).locator(":focus")
    for _ in range(10):
        if inside.count() and inside.inner_text().strip().upper() == "START":
            break
        second.keyboard.press("Tab")
    second.keyboard.press("Enter")
    second_video = live(second)
    plays(second, second_video)
    plays(first, first_video)
    assert fits(second)
    second.screenshot(path=shots / "live_375_dark.png")

    camera(first).get_by_role("button", name="Stop").click()
    first.get_by_text("Stopped.").wait_for()
    plays(second, second_video)
    start(first, up.url)  # left and returned
    plays(first, live(first))


def test_what_is_in_the_way_is_said_and_snapshots_go_where_video_does_not(up, chromium, with_camera, shots):
    fake = "--use-fake-device-for-media-stream"
    for flags, words in (
        ((ALLOWED,), "This browser finds no camera."),
        ((DENIED, fake), "The browser denies the camera"),
    ):
        page = window(chromium(*CONNECTING, *flags))
        opened(page, f"{up.url}/live")
        page.get_by_text(words).wait_for()
        assert findings(page, words) == []
        page.screenshot(path=shots / f"{words.replace(' ', '_')}.png")
        page.context.close()

    page = window(with_camera)
    with no_way_through():
        start(page, up.url)
        page.get_by_text(re.compile("There is no connection after .* seconds")).wait_for()
        page.screenshot(path=shots / "no_connection.png")
        page.get_by_role("button", name="Take snapshots instead").click()
        page.get_by_role("button", name="Start the camera").click()
        page.get_by_alt_text("The camera's newest picture, with what is seen in it").wait_for()
        page.get_by_text("Live.", exact=True).wait_for()
        until(page, lambda: metric(page, "In the picture") == "1")
        page.screenshot(path=shots / "snapshots.png")


def test_a_camera_in_use_one_pulled_out_a_tab_put_away_and_what_is_said_aloud(up, with_camera, shots):
    page = window(with_camera)
    page.add_init_script(PERIPHERALS)
    opened(page, f"{up.url}/live")
    page.evaluate("window.cameraInUse = true")
    page.get_by_role("button", name="The camera does not start?").click()
    page.get_by_text("Another program, or another tab, is using the camera.").wait_for()
    page.screenshot(path=shots / "camera_in_use.png")
    page.evaluate("window.cameraInUse = false; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.get_by_text("Press Start").first.wait_for()

    camera(page).get_by_role("button", name="Start").click()
    live(page)
    page.get_by_test_id("stExpander").filter(has_text="Settings").locator("summary").click()
    page.get_by_text("Speak changes").click()
    until(page, lambda: said_aloud(page) == "happy")
    page.get_by_role("slider", name="Sensitivity: happy").press("Home")  # her smile counts half now
    page.get_by_role("slider", name="Undecided below").press("End")
    until(page, lambda: said_aloud(page) == "undecided")

    page.evaluate("for (const track of window.opened) track.stop()")
    page.get_by_text(re.compile("No picture for .* seconds: the camera was pulled out")).wait_for()
    page.screenshot(path=shots / "camera_pulled_out.png")
    page.evaluate(HIDDEN)
    page.get_by_text("This tab was in the background").wait_for()
    camera(page).get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    camera(page).get_by_role("button", name="Start").click()
    plays(page, live(page))


def said_aloud(page) -> str | None:
    """What was said last of the one person there is; nothing before."""
    words = page.evaluate("window.spoken.at(-1) ?? ''")
    return words.removeprefix("Person 1 ") if words.startswith("Person 1 ") else None
