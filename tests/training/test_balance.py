"""Weights by hand, synthetic faces between real ones, and who may be oversampled."""

import numpy as np
import pytest

from training.balance import SMOTE_ROW, class_weights, showings, shown_more_often, smote
from training.datasets import FaceSet


def faces(fer, usage="Training", votes=False):
    n = len(fer)
    rng = np.random.default_rng(n)
    # Each emotion keeps to grey levels of its own, 30 apart.
    images = (np.array(fer)[:, None, None] * 30 + rng.integers(0, 20, (n, 48, 48))).astype(np.uint8)
    return FaceSet(
        images, np.array(fer, np.int8), np.full((n, 10), 2, np.uint8) if votes else None, np.full(n, usage),
        np.arange(n, dtype=np.int32), name=np.array([f"{i}.png" for i in range(n)]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], [0, 0, 0, 0, 0, 0, 0]),  # no faces
        ([3], [0, 0, 0, 1, 0, 0, 0]),  # one class
        ([3, 3, 3, 4], [0, 0, 0, 4 / 6, 2, 0, 0]),  # n / (k n_c) = 4 / (2 * 3), 4 / (2 * 1)
        ([0, 1, 2, 3, 4, 5, 6], [1] * 7),
    ],
)
def test_class_weights(labels, expected):
    weights = class_weights(np.array(labels, np.int8))
    assert weights == pytest.approx(expected)
    assert weights.dtype == np.float32


def test_smote_fills_up_every_emotion_that_occurs_with_faces_between_faces():
    data = faces([3] * 12 + [4] * 4 + [1] * 2, votes=True)
    more = smote(data, seed=1)
    assert np.bincount(more.fer, minlength=7).tolist() == [0, 12, 0, 12, 12, 0, 0]
    assert (more.images[:18] == data.images).all() and (more.row[:18] == data.row).all()
    new = more.where(np.arange(len(more)) >= 18)
    assert set(new.row.tolist()) == {SMOTE_ROW} and set(new.source.tolist()) == {"smote"}
    assert new.votes.sum() == 0 and not new.held_off().any()
    for emotion in (1, 4):
        real, made = data.images[data.fer == emotion], new.images[new.fer == emotion]
        assert (made >= real.min(axis=0)).all() and (made <= real.max(axis=0)).all()
        assert len(np.unique(made, axis=0)) == len(made)
    # Of two faces, a third lies on the line between them: the same share of the way in every pixel.
    first, second = data.images[data.fer == 1].astype(float)
    apart = abs(second - first) >= 10
    ways = (new.images[new.fer == 1] - first)[:, apart] / (second - first)[apart]
    assert ways.std(axis=1).max() < 0.06


def test_one_seed_makes_one_set():
    data = faces([3] * 9 + [4] * 3)
    assert (smote(data, seed=1).images == smote(data, seed=1).images).all()
    assert (smote(data, seed=1).images != smote(data, seed=2).images).any()


def test_a_balanced_set_stays_as_it_is():
    for fer in ([], [3, 3], [1, 2, 1, 2]):
        data = faces(fer)
        assert smote(data, seed=0) is data


def test_what_smote_refuses():
    with pytest.raises(ValueError, match="test split"):
        smote(faces([3, 3, 4], usage="PublicTest"), seed=0)
    with pytest.raises(ValueError, match="only one of: sad"):
        smote(faces([3, 3, 4]), seed=0)


def test_rare_emotions_are_shown_more_often():
    labels = np.array([3] * 100 + [4] * 48 + [1] * 3, np.int8)
    times = showings(labels)
    assert times.tolist() == [0, 8, 0, 1, 2, 0, 0]  # 100 / 48 = 2.1; 100 / 3 is more than the most
    assert np.bincount(shown_more_often(faces(labels), times).fer).tolist() == [0, 24, 0, 100, 96]
    assert showings(np.zeros(0, np.int8)).tolist() == [0] * 7
