"""The annotated video: boxes, labels and blur where and when they should be, sound and times as they were."""

import shutil

import cv2
import numpy as np
import pytest

from processor import lettering
from processor.annotate import annotate
from tests import clips
from tests.processor import films
from tests.processor.faces_seen import faces

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to make videos with sound")
OPTIONS = {"labels": True, "blur": False, "method": "stored", "window_s": 0.0, "threshold": 0.0, "excluded": []}
HAPPY, SAD = (10, 127, 178), (246, 137, 117)  # BGR


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """Grey, 320x240, 25 pictures a second for 2.5 s, with noise that is the same in every picture."""
    path = tmp_path_factory.mktemp("still") / "clip.mp4"
    noise = np.random.default_rng(5).integers(90, 160, (240, 320, 1), dtype=np.uint8).repeat(3, axis=2)
    clips.write(path, clips.even(2.5, 25), turn=lambda _: noise, encoder={"crf": "5", "preset": "ultrafast"})
    return path


def made(path, tmp_path, table, size_wh=(320, 240), step_s=0.5, **options):
    target = tmp_path / "annotated.part"
    annotate(path, target, 10**8, table, step_s, OPTIONS | options, size_wh)
    return target


def near(pixel, bgr):
    return np.abs(pixel.astype(int) - bgr).max() < 30


def has_border(picture, box, bgr):
    """Whether the left border of the box, in its middle, has that colour."""
    x, y, _, h = (round(side) for side in box)
    return near(picture[y + h // 2, x : x + 2].mean(axis=0), bgr)


def test_nobody_was_seen(still, tmp_path):
    target = made(still, tmp_path, faces())
    assert films.times(target) == pytest.approx(films.times(still), abs=1e-4)
    for before, after in zip(films.pictures(still)[::20], films.pictures(target)[::20], strict=True):
        assert np.abs(before.astype(int) - after).mean() < 3


def test_boxes_move_from_sight_to_sight_and_end(still, tmp_path):
    """Seen at 0.5 s and 1.0 s, 60 pixels further; looked at every half second."""
    seen = faces((1, 0.5, (100, 100, 40, 50), "happy"), (1, 1.0, (160, 100, 40, 50), "sad"))
    pictures = films.pictures(made(still, tmp_path, seen, labels=False))
    for number, x, colour in (
        (13, 102.4, HAPPY),
        (19, 131.2, HAPPY),
        (24, 155.2, HAPPY),
        (25, 160, SAD),
        (37, 160, SAD),
    ):
        assert has_border(pictures[number], (x, 100, 40, 50), colour), number
    for number in (12, 38, 60):
        assert not any(has_border(pictures[number], (x, 100, 40, 50), c) for x in (100, 160) for c in (HAPPY, SAD))


def test_labels_stand_above_the_box_and_inside_of_the_picture(still, tmp_path):
    seen = faces(
        (1, 0.0, (100, 120, 60, 60), "happy"), (2, 0.0, (0, 2, 60, 60), "sad"), labels={1: "Zoë Łukasz"}
    )  # fmt: skip
    with_labels = films.pictures(made(still, tmp_path, seen))[5]
    without = films.pictures(made(still, tmp_path, seen, labels=False))[5]
    drawn = np.abs(with_labels.astype(int) - without).max(axis=2) > 40
    rows, columns = np.nonzero(drawn[90:, 90:])
    assert 8 <= rows.min() and rows.max() < 30 and columns.min() >= 8  # just above the first box, which begins at 120
    assert (with_labels[100:118, 100:200] > 225).all(axis=2).any()  # white letters ...
    assert (with_labels[100:118, 100:200] < 40).all(axis=2).any()  # ... with a dark outline
    assert drawn[62:82, :90].any()  # no room above: under the second box


def test_undecided_and_recomputed_labels(still, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(
        "processor.marking.plate", lambda text, *rest: told.append(text) or lettering.plate(text, *rest)
    )
    seen = faces(*((1, n * 0.5, (100, 120, 60, 60), emotion) for n, emotion in enumerate(["happy", "sad", "happy"])))
    made(still, tmp_path, seen)
    assert told == ["Person 1  happy 90 %", "Person 1  sad 90 %"]
    told.clear()
    made(still, tmp_path, seen, threshold=0.95)
    assert told == ["Person 1  undecided 90 %"]
    told.clear()
    made(still, tmp_path, seen, method="mean", window_s=10.0)
    assert told == ["Person 1  happy 61 %"]  # (0.9 + 0.9 + 0.1 / 6) / 3


def test_excluded_stretches_are_dark_and_without_boxes(still, tmp_path):
    box = (100, 120, 60, 60)
    seen = faces(*((1, n * 0.5, box, "happy") for n in range(5)))
    pictures = films.pictures(made(still, tmp_path, seen, excluded=[[1.0, 1.5]], labels=False))
    light = [picture[150:220, 200:300].mean() for picture in pictures]
    assert max(light[25:37]) < 60 < 110 < min(light[:25] + light[38:])
    assert has_border(pictures[24], box, HAPPY) and has_border(pictures[38], box, HAPPY)
    assert not any(has_border(picture, box, HAPPY) for picture in pictures[25:37])


def test_blurred_faces_stay_blurred_on_their_way_and_a_step_around(still, tmp_path):
    """Seen at 1.0 s and, missed once in between, at 2.0 s."""
    seen = faces((1, 1.0, (100, 100, 40, 50), "happy"), (1, 2.0, (160, 100, 40, 50), "happy"))
    pictures = films.pictures(made(still, tmp_path, seen, blur=True, labels=False))

    def sharpness(number, x):
        """Of what is inside of the box's border."""
        inside = cv2.cvtColor(pictures[number][104:146, int(x) + 5 : int(x) + 35], cv2.COLOR_BGR2GRAY)
        return cv2.Laplacian(inside, cv2.CV_64F).var()

    for number, x in ((13, 100), (25, 100), (38, 131.2), (50, 160), (61, 160)):
        assert sharpness(number, x) < 100 < sharpness(number, 250), number
    assert sharpness(11, 100) > 100
    margin = cv2.cvtColor(pictures[25][84:98, 100:140], cv2.COLOR_BGR2GRAY)  # hair: above the box
    assert cv2.Laplacian(margin, cv2.CV_64F).var() < 100


@pytest.mark.parametrize(
    ("kind", "sound"),
    [("mp4", "aac"), ("avi", "mp3"), *(pytest.param(*both, marks=pytest.mark.slow) for both in (
        ("webm", "aac"), ("mov", "aac"), ("ts", "aac"), ("hevc.mp4", "aac"),
    ))],
)  # fmt: skip
def test_sound_is_kept_where_an_mp4_holds_it(tmp_path, kind, sound):
    source = films.with_sound(tmp_path / f"clip.{kind}", kind, 3)
    target = made(source, tmp_path, faces((1, 0.5, (100, 100, 40, 50), "happy")))
    made_of = films.probe(target)
    assert (made_of["audio"]["codec_name"], made_of["video"]["codec_name"]) == (sound, "h264")
    assert float(made_of["audio"]["duration"]) == pytest.approx(3.0, abs=0.05)
    assert films.times(target) == pytest.approx(films.times(source), abs=1e-4)
    quiet, loud = films.loudness(target, 0.1, 0.9), films.loudness(target, 1.1, 1.9)
    assert quiet < 1e-4 < 0.05 < loud and films.loudness(target, 2.1, 2.9) < 1e-4


@pytest.mark.slow
def test_copied_sound_keeps_its_distance_from_the_pictures(tmp_path):
    source = films.with_sound(tmp_path / "clip.mp4", "mp4", 3)
    for offset_s in (-0.5, 0.5):
        shifted = tmp_path / f"shifted{offset_s}.mp4"
        films.shift_sound(source, shifted, offset_s)
        target = made(shifted, tmp_path, faces())
        edge_s = 1 + offset_s - films.starts_s(target)
        quiet, loud = (
            films.loudness(target, edge_s - 0.3, edge_s - 0.1),
            films.loudness(target, edge_s + 0.1, edge_s + 0.8),
        )
        assert quiet < 1e-4 < 0.05 < loud, offset_s


def test_turned_videos_have_their_boxes_upright(tmp_path):
    clip = clips.rotated(tmp_path / "clip.mp4", 90)
    seen = faces((1, 0.0, (150, 200, 60, 80), "happy"))
    pictures = films.pictures(made(clip.path, tmp_path, seen, (240, 320), labels=False))
    assert pictures[3].shape[:2] == (320, 240) and has_border(pictures[3], (150, 200, 60, 80), HAPPY)


def test_sizes_that_are_odd_lose_a_pixel_and_boxes_follow(tmp_path):
    clip = clips.odd_size(tmp_path / "clip.mp4")
    seen = faces((1, 0.0, (500, 250, 60, 80), "happy"))
    [*pictures] = films.pictures(made(clip.path, tmp_path, seen, (641, 359), labels=False))
    assert pictures[3].shape[:2] == (358, 640) and has_border(pictures[3], (500, 250, 60, 80), HAPPY)


def test_variable_rate_stays_so(tmp_path):
    clip = clips.variable_rate(tmp_path / "clip.mp4")
    target = made(clip.path, tmp_path, faces((1, 0.5, (10, 10, 40, 50), "happy")))
    assert films.times(target) == pytest.approx(clip.times_s, abs=1e-4)
