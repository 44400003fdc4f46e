"""From probabilities that jump to emotions that do not."""

import numpy as np
import pandas as pd
import pytest

from db.emotions import EMOTIONS
from processor.faces import Haar
from processor.live_faces import MISSED_S, Options, Steady, Watcher
from tests.processor.live_work import portrait

ANGRY, FEAR, HAPPY, NEUTRAL = (EMOTIONS.index(name) for name in ("angry", "fear", "happy", "neutral"))


def options(**given):
    return Options(**{"bundle": "moodnet", "smoothing_s": 0.0, "threshold": 0.0} | given)


def probabilities(**shares):
    """What is not given is shared by the other emotions."""
    rest = (1 - sum(shares.values())) / (len(EMOTIONS) - len(shares))
    return np.array([[shares.get(emotion, rest) for emotion in EMOTIONS]])


def shown(steady, rows, **given):
    """What one face is called from frame to frame, a tenth of a second apart."""
    return [steady.update(number / 10, [1], row, options(**given))[1][0] for number, row in enumerate(rows)]


def test_nobody_is_there():
    smoothed, emotions = Steady().update(0.0, [], np.zeros((0, 7)), options())
    assert (smoothed.shape, emotions) == ((0, 7), [])


def test_the_mean_over_the_past_is_the_one_of_pandas_at_uneven_times():
    random = np.random.default_rng(11)
    t_s = np.cumsum(random.uniform(0.01, 0.4, 40))
    raw = random.dirichlet(np.ones(7), 40)
    steady = Steady()
    smoothed = np.array(
        [steady.update(t, [3], row[None], options(smoothing_s=0.7))[0][0] for t, row in zip(t_s, raw, strict=True)]
    )
    times = pd.to_datetime(t_s, unit="s")
    expected = pd.DataFrame(raw).ewm(halflife=pd.Timedelta(seconds=0.7 * np.log(2)), times=times).mean()
    assert smoothed == pytest.approx(expected.to_numpy(), abs=1e-6)
    assert smoothed.sum(axis=1) == pytest.approx(np.ones(40))


def test_without_smoothing_every_frame_stands_for_itself():
    steady = Steady()
    steady.update(0.0, [1], probabilities(happy=0.9), options())
    smoothed, emotions = steady.update(0.1, [1], probabilities(angry=0.8), options())
    assert smoothed == pytest.approx(probabilities(angry=0.8))
    assert emotions == [ANGRY]


def test_tracks_do_not_mix_and_one_that_returns_later_begins_anew():
    steady, slow = Steady(), options(smoothing_s=100.0)
    first = np.concatenate([probabilities(happy=0.9), probabilities(angry=0.9)])
    steady.update(0.0, [1, 2], first, slow)
    smoothed, emotions = steady.update(0.1, [2, 1], first[::-1], slow)
    assert smoothed == pytest.approx(first[::-1])
    assert emotions == [ANGRY, HAPPY]
    smoothed, _ = steady.update(9.0, [1], probabilities(fear=0.9), slow)
    assert smoothed == pytest.approx(probabilities(fear=0.9))


def test_a_clock_that_goes_back_makes_no_nonsense():
    steady = Steady()
    steady.update(10.0, [1], probabilities(happy=0.9), options(smoothing_s=0.1))
    smoothed, _ = steady.update(2.0, [1], probabilities(angry=0.9), options(smoothing_s=0.1))
    assert smoothed == pytest.approx((probabilities(happy=0.9) + probabilities(angry=0.9)) / 2)


def test_two_that_are_nearly_equal_do_not_flicker():
    rows = [probabilities(happy=0.42, neutral=0.40), probabilities(happy=0.40, neutral=0.42)] * 5
    assert shown(Steady(), rows) == [HAPPY] * 10
    clearer = [*rows, probabilities(happy=0.40, neutral=0.46)]
    assert shown(Steady(), clearer) == [HAPPY] * 10 + [NEUTRAL]


def test_what_is_below_the_threshold_is_undecided_and_comes_back_a_little_above_it():
    rows = [probabilities(happy=share) for share in (0.52, 0.49, 0.51, 0.49, 0.54, 0.56, 0.51)]
    assert shown(Steady(), rows, threshold=0.5) == [HAPPY, -1, -1, -1, -1, HAPPY, HAPPY]
    assert shown(Steady(), rows[2:3], threshold=0.5) == [HAPPY]  # nothing was shown before


def test_sensitivity_changes_who_is_strongest_and_nothing_else():
    row = probabilities(fear=0.3, neutral=0.5)
    smoothed, emotions = Steady().update(0.0, [1], row, options(threshold=0.55, sensitivity=(("fear", 2.0),)))
    assert emotions == [FEAR]  # 0.6, against 0.5
    assert smoothed == pytest.approx(row)
    assert shown(Steady(), [row], sensitivity=(("neutral", 0.5),)) == [FEAR]  # 0.3, against 0.25
    assert shown(Steady(), [row], threshold=0.55) == [-1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"detector": "eyes"}, "auto, yunet or haar. Received: 'eyes'"),
        ({"smoothing_s": -1.0}, "at least 0. Received: -1"),
        ({"smoothing_s": float("nan")}, "Received: nan"),
        ({"threshold": 1.5}, "0 to 1. Received: 1.5"),
        ({"sensitivity": (("joy", 1.0),)}, "'joy'"),
        ({"sensitivity": (("happy", 3.0),)}, "'happy': 3.0"),
    ],
)
def test_options_that_make_no_sense(given, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        options(**given)


def test_a_camera_that_goes_on_at_half_the_size_shows_the_same_person_still():
    watcher, found = Watcher(Haar(24)), []
    for number, scale in enumerate((1.0, 1.0, 0.5, 0.5)):
        seen = watcher.look(portrait(scale), 48)
        faces, missed = watcher.follow(number / 10, seen, probabilities(happy=0.9), options())
        found += faces
        assert (len(faces), missed) == (1, ())
    assert {face.track_id for face in found} == {1}
    assert found[2].box == pytest.approx(found[1].box / 2, rel=0.15)


def test_a_face_is_missed_for_a_second_after_it_was_seen():
    watcher, empty = Watcher(Haar(24)), np.zeros_like(portrait(1.0))
    faces, _ = watcher.follow(0.0, watcher.look(portrait(1.0), 48), probabilities(happy=0.9), options())
    missed = [
        watcher.follow(t_s, watcher.look(empty, 48), np.zeros((0, 7)), options())[1]
        for t_s in (0.1, MISSED_S, MISSED_S + 0.1)
    ]
    assert [len(boxes) for boxes in missed] == [1, 1, 0]
    assert (missed[0][0] == faces[0].box).all()


def test_two_cameras_share_a_detector_and_not_what_it_has_seen():
    detector = Haar(24)
    with_face, without = Watcher(detector), Watcher(detector)
    for _ in range(3):
        assert len(with_face.look(portrait(1.0), 48).faces) == 1
        assert len(without.look(np.zeros_like(portrait(1.0)), 48).faces) == 0
    assert with_face._detector._cascade is without._detector._cascade
    assert detector._seen == 0
