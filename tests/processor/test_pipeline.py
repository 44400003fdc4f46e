"""The whole way, on real pictures with a tiny real network."""

import numpy as np
import pytest

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from processor.config import load
from processor.pipeline import Analyser
from processor.sample import in_view_s, out_of_view_s
from tests import clips


@pytest.fixture(scope="module")
def analyse(tiny_bundle, tmp_path_factory):
    def run(path, on_progress=None, **settings):
        home = tmp_path_factory.mktemp("home")
        return Analyser(load(home=home, model=str(tiny_bundle), **settings)).analyse(path, on_progress)

    return run


def test_a_video_without_faces_is_a_finding(analyse, tmp_path):
    found = analyse(clips.plain(tmp_path / "clip.mp4").path)
    assert (found.frames_sampled, found.frames_with_face, len(found.tracks), len(found.observations)) == (4, 0, 0, 0)
    assert found.frames["faces"].to_pylist() == [0, 0, 0, 0]
    assert set(found.shares.values()) == {None}
    assert found.mean_valence is None


def test_one_frame(analyse, tmp_path):
    assert analyse(clips.one_frame(tmp_path / "clip.mp4").path).frames_sampled == 1


def test_every_row_agrees_with_its_definition(analyse, sample_video):
    found = analyse(sample_video)
    rows = found.observations.to_pandas()
    probabilities = rows[list(EMOTIONS)].to_numpy()
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)
    assert (rows.emotion == [EMOTIONS[i] for i in probabilities.argmax(axis=1)]).all()
    assert (rows.category == rows.smoothed.map(CATEGORY)).all()
    assert rows.valence.to_numpy() == pytest.approx(probabilities @ [VALENCE[name] for name in EMOTIONS], abs=1e-5)
    assert sum(found.shares.values()) == pytest.approx(1)
    frames = found.frames.to_pandas()
    assert frames.set_index("frame").faces[lambda faces: faces > 0].to_dict() == rows.groupby("frame").size().to_dict()
    assert set(rows.t_s) <= set(frames.t_s)
    tracks = found.tracks.to_pandas()
    assert tracks.observations.sum() == len(rows)
    assert rows.face_score.isna().all()  # Haar does not say


def test_the_face_is_seen_where_it_is_and_only_then(analyse, sample_video):
    frames = analyse(sample_video).frames.to_pandas()

    def faces_in(spans):
        return frames.faces[np.any([frames.t_s.between(*span) for span in spans], axis=0)]

    assert (faces_in(in_view_s(12)) > 0).mean() > 0.9
    assert (faces_in(out_of_view_s(12)) == 0).mean() > 0.8


@pytest.mark.slow
def test_progress_reaches_the_end(analyse, sample_video):
    seen = []
    found = analyse(sample_video, seen.append)
    assert [step.frames_sampled for step in seen] == list(range(1, found.frames_sampled + 1))
    assert seen[-1].duration_s == pytest.approx(12, abs=0.05)


@pytest.mark.slow
def test_short_tracks_are_dropped_everywhere(analyse, sample_video):
    found = analyse(sample_video, min_track_s=60.0)
    assert (len(found.tracks), len(found.observations), found.frames_with_face) == (0, 0, 0)
