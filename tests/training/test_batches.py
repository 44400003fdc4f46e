"""Batches: whole ones, every face once, the same ones for the same seed, and mixed faces with mixed labels."""

import keras
import numpy as np
import pytest

from training.batches import Batches, targets_and_weights
from training.datasets import FaceSet


def numbered(n):
    """Faces whose pixels say which they are."""
    images = np.repeat(np.arange(n, dtype=np.uint8), 48 * 48).reshape(n, 48, 48)
    targets = {"fer2013": np.eye(n, dtype=np.float32)}
    return images, targets, {"fer2013": np.ones(n, np.float32)}


def all_of(batches):
    return [batches[index] for index in range(len(batches))]


def shown(batches):
    return [int(face[0, 0, 0]) for images, _, _ in all_of(batches) for face in images]


def test_targets_of_faces_with_and_without_votes():
    votes = np.zeros((2, 10), np.uint8)
    votes[0, 1], votes[0, 4] = 6, 4  # happiness, anger
    faces = FaceSet(
        np.zeros((2, 48, 48), np.uint8), np.array([3, 4], np.int8), votes, np.array(["Training"] * 2),
        np.arange(2, dtype=np.int32),
    )  # fmt: skip
    targets, weights = targets_and_weights(faces, label_smoothing=0.1)
    assert targets["fer2013"].sum(axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    assert targets["fer2013"][0, 3] == pytest.approx(0.9 + 0.1 / 7)
    assert targets["ferplus"][0] == pytest.approx([0.4, 0, 0, 0.6, 0, 0, 0, 0])
    assert weights["ferplus"].tolist() == [1, 0]  # nobody voted on the second
    bare = FaceSet(faces.images, faces.fer, None, faces.usage, faces.row)
    assert targets_and_weights(bare)[1]["ferplus"].tolist() == [0, 0]


def test_training_shows_every_face_and_only_whole_batches():
    batches = Batches(*numbered(10), batch_size=4, seed=1)
    assert [len(images) for images, _, _ in all_of(batches)] == [4, 4, 4]
    assert sorted(set(shown(batches))) == list(range(10))
    images, targets, _ = batches[1]
    assert (targets["fer2013"].argmax(axis=1) == images[:, 0, 0, 0]).all()


def test_seed_and_epoch_fix_the_order():
    first, second = Batches(*numbered(50), batch_size=8, seed=1), Batches(*numbered(50), batch_size=8, seed=1)
    assert shown(first) == shown(second)
    second.epoch = 1
    assert shown(first) != shown(second)
    first.epoch = 1
    assert shown(first) == shown(second)
    assert shown(first) != shown(Batches(*numbered(50), batch_size=8, seed=2))


def test_validation_counts_every_face_once_and_its_loss_is_exact():
    images, _, weights = numbered(10)
    labels = {"fer2013": np.eye(7, dtype=np.float32)[np.arange(10) % 7]}
    weights["fer2013"][3] = 0.5
    batches = Batches(images, labels, weights, batch_size=4)
    assert shown(batches)[:10] == list(range(10))
    inputs = keras.Input((48, 48, 1), dtype="uint8")
    outputs = keras.layers.Dense(7, "softmax")(keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs)))
    model = keras.Model(inputs, {"fer2013": outputs})
    model.compile(loss={"fer2013": "categorical_crossentropy"}, weighted_metrics={"fer2013": ["categorical_accuracy"]})
    by_batch = model.evaluate(batches, verbose=0, return_dict=True)
    at_once = model.evaluate(
        images[..., None], labels, sample_weight=weights, batch_size=10, verbose=0, return_dict=True
    )
    assert by_batch == pytest.approx(at_once, rel=1e-5)


def test_fewer_faces_than_a_batch():
    batches = Batches(*numbered(3), batch_size=64, seed=1)
    assert sorted(shown(batches)) == [0, 1, 2]


@pytest.mark.parametrize("how", [{"mixup": 0.4}, {"cutmix": 1.0}, {"mixup": 0.4, "cutmix": 1.0}], ids=str)
def test_labels_are_mixed_as_the_faces_are(how):
    """With a face of grey level 0 or 200 for each of two labels, the mean grey level says the label's share."""
    labels = np.arange(64) % 2
    images = np.broadcast_to((labels * 200).astype(np.uint8)[:, None, None], (64, 48, 48))
    targets, weights = {"fer2013": np.eye(2, dtype=np.float32)[labels]}, {"fer2013": np.ones(64, np.float32)}
    images, targets, weights = Batches(images, targets, weights, batch_size=64, seed=3, **how)[0]
    assert images.dtype == np.uint8
    assert images.mean(axis=(1, 2, 3)) / 200 == pytest.approx(targets["fer2013"][:, 1], abs=0.003)
    assert targets["fer2013"].sum(axis=1) == pytest.approx(np.ones(64), abs=1e-5)
    assert weights["fer2013"] == pytest.approx(np.ones(64))
    assert ((targets["fer2013"][:, 1] > 0.1) & (targets["fer2013"][:, 1] < 0.9)).any()


def test_a_face_without_votes_takes_no_part_in_a_mixed_target():
    images, _, _ = numbered(40)
    voted = np.arange(40) % 2 == 0
    targets = {"ferplus": np.where(voted[:, None], np.eye(8, dtype=np.float32)[2], 0)}
    _, targets, weights = Batches(images, targets, {"ferplus": voted.astype(np.float32)}, 40, seed=1, mixup=1.0)[0]
    counts = weights["ferplus"] > 0.01
    assert targets["ferplus"][counts, 2] == pytest.approx(np.ones(counts.sum()), abs=1e-4)
    assert 0 < counts.sum() < 40
