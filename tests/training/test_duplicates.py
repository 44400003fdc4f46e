"""Copies are found, however they were changed; different pictures are not; what leaks is told and dropped."""

import cv2
import numpy as np
import pytest

from training import duplicates
from training.datasets import FaceSet


def pictures(n, seed=0):
    """Different pictures with structure of all sizes, as faces have: smoothed noise, uint8 (n, 48, 48)."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        layers = [cv2.GaussianBlur(rng.normal(size=(48, 48)), (0, 0), sigma) * sigma**2 for sigma in (1, 2, 4, 8)]
        picture = sum(layers)
        made.append(np.interp(picture, (picture.min(), picture.max()), (0, 255)).round().astype(np.uint8))
    return np.array(made).reshape(n, 48, 48)


def cropped(picture):
    """Shifted by two pixels, the edge repeated."""
    return cv2.warpAffine(picture, np.float32([[1, 0, 2], [0, 1, -1]]), (48, 48), borderMode=cv2.BORDER_REPLICATE)


CHANGES = {
    "brighter": lambda picture: np.clip(picture * 0.6 + 80, 0, 255).astype(np.uint8),
    "cropped": cropped,
    "compressed": lambda picture: cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], 0),
    "scaled": lambda picture: cv2.resize(cv2.resize(picture, (36, 36), interpolation=cv2.INTER_AREA), (48, 48)),
    "mirrored": lambda picture: picture[:, ::-1],
    "with a mark": lambda picture: cv2.circle(picture.copy(), (40, 40), 3, 255, -1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found(change):
    images = pictures(40)
    images[33] = CHANGES[change](images[7])
    found = duplicates.find(images)
    assert found.pairs.tolist() == [[7, 33]]
    assert found.mirrored.tolist() == [change == "mirrored"]
    assert not found.copies().any()
    assert np.flatnonzero(found.near()).tolist() == [7, 33]


def test_exact_copies_and_what_they_are_near_to():
    images = pictures(10)
    images[4] = images[8] = images[2]
    images[6] = cropped(images[2])
    found = duplicates.find(images)
    assert found.exact.tolist() == [0, 1, 2, 3, 2, 5, 6, 7, 2, 9]
    assert np.flatnonzero(found.copies()).tolist() == [4, 8]
    assert found.pairs.tolist() == [[2, 6]]
    assert np.flatnonzero(found.near()).tolist() == [2, 4, 6, 8]
    assert len(set(found.group()[[2, 4, 6, 8]])) == 1 and len(set(found.group())) == 7


@pytest.mark.parametrize("n", [0, 1])
def test_none_and_one(n):
    found = duplicates.find(pictures(n))
    assert found.pairs.shape == (0, 2) and found.exact.tolist() == list(range(n)) and len(found.group()) == n


def test_blank_pictures_are_exact_copies_only():
    images = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 0, 9, 200)])
    found = duplicates.find(images)
    assert found.exact.tolist() == [0, 0, 2, 3] and not len(found.pairs)


def test_at_similarity_1_only_exact_ones_are_looked_for():
    images = pictures(5)
    images[3], images[4] = cropped(images[0]), images[1]
    found = duplicates.find(images, similarity=1)
    assert not len(found.pairs) and found.exact.tolist() == [0, 1, 2, 3, 1]


def test_blocks_give_what_one_piece_gives(monkeypatch):
    images = pictures(50)
    images[45:] = [cropped(picture) for picture in images[:5]]
    whole = duplicates.find(images)
    monkeypatch.setattr(duplicates, "BLOCK_CELLS", 350)  # seven rows at a time
    assert (duplicates.find(images).pairs == whole.pairs).all()
    assert whole.pairs.tolist() == [[i, i + 45] for i in range(5)]


@pytest.fixture
def leaking():
    """Rows 0 and 20 are validation. 1 = 2 exactly, 3 near 20, 4 = 30 (PublicTest), 5 near 31, 30 = 40 (PrivateTest)."""
    images = pictures(42)
    images[2], images[20], images[30], images[31] = images[1], cropped(images[3]), images[4], cropped(images[5])
    images[40] = images[30]
    usage = np.array(["Training"] * 30 + ["PublicTest"] * 10 + ["PrivateTest"] * 2)
    return FaceSet(images, np.zeros(42, np.int8), None, usage, np.arange(42, dtype=np.int32))


def test_leaks_between_splits(leaking):
    told = duplicates.leaks(leaking, duplicates.find(leaking.images))
    assert told == [
        {"splits": ["train", "validation"], "exact": [0, 0], "near": [1, 1]},
        {"splits": ["Training", "PublicTest"], "exact": [1, 1], "near": [1, 1]},
        {"splits": ["Training", "PrivateTest"], "exact": [1, 1], "near": [0, 0]},
        {"splits": ["PublicTest", "PrivateTest"], "exact": [1, 1], "near": [0, 0]},
    ]


def test_which_faces_have_a_twin_that_is_learned_from(leaking):
    told = duplicates.twins_in_training(leaking, duplicates.find(leaking.images))
    assert np.flatnonzero(told == "yes").tolist() == [20, 30, 31, 40]
    assert np.flatnonzero(told == "no").tolist() == [0, *range(32, 40), 41]


def test_what_is_dropped_is_in_training_alone(leaking):
    found = duplicates.find(leaking.images)
    drop = duplicates.to_drop(leaking, found)
    assert np.flatnonzero(drop).tolist() == [2, 4, 5, 20]
    left = leaking.where(~drop)
    again = duplicates.find(left.images)
    assert not duplicates.to_drop(left, again).any()
    assert [leak["splits"] for leak in duplicates.leaks(left, again)] == [["PublicTest", "PrivateTest"]]


@pytest.mark.slow
def test_different_faces_are_not_taken_for_copies(shared):
    """Of real faces, nearly all pairs that are found have one label, which strangers have in one case of five."""
    from training.readers import read

    faces = [face for face in read(shared / "data" / "fer2013").faces if face.row < 6000]
    found = duplicates.find(np.stack([face.picture for face in faces]))
    labels = np.array([face.emotion for face in faces])
    assert len(found.pairs) > 50
    assert (labels[found.pairs[:, 0]] == labels[found.pairs[:, 1]]).mean() > 0.75
