"""The engine behind the live page, with real pictures, a real detector and a tiny real network."""

import json
import shutil
import threading

import av
import numpy as np
import pytest

from db.emotions import EMOTIONS
from processor import faces
from processor.config import load
from processor.emotions import CARD_FILE, Classifier
from processor.live_engine import Engine
from processor.live_faces import Options
from processor.look import look
from tests.processor.live_work import Sights, camera, portrait, until


@pytest.fixture
def engine(home):
    engine = Engine(load(home=home.path))
    yield engine
    engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "live engine"]


def raw_options(bundle, **given):
    return Options(**{"bundle": bundle, "detector": "haar", "smoothing_s": 0.0, "threshold": 0.0} | given)


# --- without a network ---


def test_a_bundle_that_is_gone_is_told_of_and_tried_again_when_asked_for_anew(engine, tmp_path):
    seen = Sights()
    viewer = engine.join(raw_options(tmp_path / "gone"), seen)
    until(lambda: viewer.trouble)
    assert viewer.trouble.startswith(f"The model bundle {tmp_path / 'gone'} can't be read:")
    viewer.offer(camera(portrait()), 0.0, 0.0)
    viewer.offer(camera(portrait()), 0.1, 0.1)
    assert (viewer.ready, viewer.looked_at, viewer.passed_over, viewer.sight) == (False, 0, 1, None)
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / CARD_FILE).write_text("{}")
    (tmp_path / "gone" / "model.keras").write_text("")
    viewer.change(raw_options(tmp_path / "gone"))
    until(lambda: "lacks name, version" in viewer.trouble)
    assert not seen


def test_without_viewers_there_is_no_thread(engine, tmp_path):
    for _ in range(50):
        viewers = [engine.join(raw_options(tmp_path / "gone"), Sights()) for _ in range(2)]
        for viewer in viewers:
            viewer.leave()
            viewer.leave()
            viewer.offer(camera(portrait(0.1)), 0.0, 0.0)
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("live")])
    assert all(viewer.passed_over == 0 for viewer in viewers)


# --- with one ---


@pytest.mark.slow
def test_a_face_is_seen_as_in_a_video(engine, tiny_bundle):
    """The same box and probabilities as the steps of an analysis give."""
    seen = Sights()
    viewer = engine.join(raw_options(tiny_bundle), seen)
    viewer.offer(camera(portrait()), 1.5, 77.0)
    (sight,) = seen.wait_for(1)
    bgr = camera(portrait()).to_ndarray(format="bgr24")
    expected, classifier = look(bgr, faces.Haar(24), 48), Classifier(tiny_bundle)
    (face,) = sight.faces
    raw = classifier(expected.crops)[0]
    assert face.box == pytest.approx(expected.faces.boxes[0])
    assert face.raw == pytest.approx(raw, abs=1e-6) and face.smoothed == pytest.approx(raw, abs=1e-6)
    assert (face.emotion, face.track_id, np.isnan(face.score)) == (raw.argmax(), 1, True)
    assert (sight.index, sight.t_s, sight.arrived_s, sight.size_wh) == (0, 1.5, 77.0, (640, 480))
    assert (sight.brightness, sight.sharpness) == (expected.brightness, expected.sharpness)
    assert (viewer.sight, viewer.looked_at, viewer.passed_over) == (sight, 1, 0)
    assert (viewer.ready, viewer.trouble, viewer.detector) == (True, None, "haar")
    assert (viewer.model_id, viewer.device) == (classifier.model_id, classifier.device)


@pytest.mark.slow
def test_frames_that_come_meanwhile_are_replaced_by_the_newest(engine, tiny_bundle):
    seen = Sights(held=True)
    viewer = engine.join(raw_options(tiny_bundle), seen)
    viewer.offer(camera(portrait()), 0.0, 0.0)
    seen.wait_for(1)
    for number in range(1, 11):
        viewer.offer(camera(portrait()), number / 10, number / 10)
    seen.go_on()
    assert [(one.index, one.t_s) for one in seen.wait_for(2)] == [(0, 0.0), (10, 1.0)]
    assert (viewer.looked_at, viewer.passed_over) == (2, 9)


@pytest.mark.slow
def test_viewers_take_turns_share_what_is_loaded_and_are_classified_at_once(engine, tiny_bundle, monkeypatch):
    batches, loads = [], []
    classify, begin = Classifier.__call__, Classifier.__init__
    monkeypatch.setattr(Classifier, "__call__", lambda self, x: batches.append(len(x)) or classify(self, x))
    monkeypatch.setattr(Classifier, "__init__", lambda self, x: loads.append(x) or begin(self, x))
    first, second, nobody = Sights(held=True), Sights(), Sights()
    viewers = [engine.join(raw_options(tiny_bundle), seen) for seen in (first, second, nobody)]
    viewers[0].offer(camera(portrait()), 0.0, 0.0)
    first.wait_for(1)  # the engine is held up here
    del batches[:]
    for number in range(1, 4):
        viewers[0].offer(camera(portrait()), number / 10, 0.0)
        viewers[1].offer(camera(portrait(0.5)), number / 10, 0.0)
        viewers[2].offer(camera(np.zeros((240, 320, 3), np.uint8)), number / 10, 0.0)
    first.go_on()
    assert [one.size_wh for one in (first.wait_for(2)[1], second.wait_for(1)[0], nobody.wait_for(1)[0])] == [
        (640, 480), (320, 240), (320, 240),
    ]  # fmt: skip
    assert [len(one.faces) for one in (first[1], second[0], nobody[0])] == [1, 1, 0]
    assert (batches, len(loads)) == ([2], 1)


@pytest.mark.slow
def test_a_broken_picture_or_listener_is_told_of_and_the_next_picture_is_looked_at(engine, tiny_bundle):
    seen = Sights()
    viewer = engine.join(raw_options(tiny_bundle), seen)
    viewer.offer(av.VideoFrame(), 0.0, 0.0)
    until(lambda: viewer.trouble)
    assert viewer.trouble.startswith("A picture of the camera can't be used:")
    viewer.offer(camera(portrait()), 0.1, 0.1)
    assert len(seen.wait_for(1)[0].faces) == 1
    assert viewer.trouble is None

    def refuse(_):
        raise RuntimeError("no room")

    other = engine.join(raw_options(tiny_bundle), refuse)
    other.offer(camera(portrait()), 0.0, 0.0)
    until(lambda: other.trouble)
    assert other.trouble == "What was seen could not be shown: RuntimeError: no room."
    viewer.offer(camera(portrait(0.5)), 0.2, 0.2)
    assert seen.wait_for(2)[1].size_wh == (320, 240)


@pytest.mark.slow
def test_another_network_takes_over_and_a_detector_that_is_not_there_is_told_of(engine, tiny_bundle, tmp_path):
    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    card = json.loads((other / CARD_FILE).read_text())
    (other / CARD_FILE).write_text(json.dumps(card | {"name": "other"}))
    seen = Sights()
    viewer = engine.join(raw_options(tiny_bundle), seen)
    until(lambda: viewer.ready)
    assert viewer.model_id.startswith("tiny-1-")
    viewer.change(raw_options(other))
    until(lambda: viewer.model_id.startswith("other-1-"))
    viewer.change(raw_options(other, detector="yunet"))
    until(lambda: viewer.trouble)
    assert viewer.trouble.startswith("YuNet's model file is not in") and not viewer.ready
    viewer.change(raw_options(other, detector="auto"))
    until(lambda: viewer.ready)
    viewer.offer(camera(portrait()), 0.0, 0.0)
    assert len(seen.wait_for(1)[0].faces) == 1
    assert (viewer.trouble, viewer.detector) == (None, "haar")


@pytest.mark.slow
def test_what_a_viewer_wants_holds_from_the_next_frame_on(engine, tiny_bundle):
    seen = Sights()
    viewer = engine.join(raw_options(tiny_bundle), seen)
    viewer.offer(camera(portrait()), 0.0, 0.0)
    weakest = int(seen.wait_for(1)[0].faces[0].raw.argmin())
    viewer.change(raw_options(tiny_bundle, threshold=1.0))
    viewer.offer(camera(portrait()), 0.1, 0.1)
    assert seen.wait_for(2)[1].faces[0].emotion == -1
    factors = tuple((emotion, 2.0 if number == weakest else 0.5) for number, emotion in enumerate(EMOTIONS))
    viewer.change(raw_options(tiny_bundle, sensitivity=factors))
    viewer.offer(camera(portrait()), 0.2, 0.2)
    assert seen.wait_for(3)[2].faces[0].emotion >= 0
    assert {one.faces[0].track_id for one in seen} == {1}


@pytest.mark.slow
def test_what_is_loaded_beforehand_is_there_for_who_joins(engine, tiny_bundle, monkeypatch):
    loads, begin = [], Classifier.__init__
    monkeypatch.setattr(Classifier, "__init__", lambda self, x: loads.append(x) or begin(self, x))
    engine.prepare(raw_options(tiny_bundle))
    viewer = engine.join(raw_options(tiny_bundle), Sights())
    until(lambda: viewer.ready)
    assert loads == [tiny_bundle]
