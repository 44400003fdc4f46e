"""Figures about sets of faces, against values worked out by hand or by another library."""

import numpy as np
import pytest
from scipy import stats

from db.emotions import EMOTIONS
from training import exploration
from training.datasets import VOTES, FaceSet
from training.illumination import normalised

ANGRY, DISGUST, FEAR, HAPPY, SAD, SURPRISE, NEUTRAL = range(7)


def votes(**numbers: int) -> list[int]:
    return [numbers.get(name.replace("-", "_"), 0) for name in VOTES]


def face_set(fer, usage=None, row=None, given=None, images=None) -> FaceSet:
    n = len(fer)
    images = np.zeros((n, 48, 48), np.uint8) if images is None else images
    return FaceSet(
        images,
        np.array(fer, np.int8).reshape(n),
        None if given is None else np.array(given, np.uint8).reshape(n, len(VOTES)),
        np.array(usage or ["Training"] * n, dtype=str).reshape(n),
        np.arange(1, n + 1, dtype=np.int32) if row is None else np.array(row, np.int32),
    )


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """60 faces of noise around a level and a pattern that belong to their emotion; no fear."""
    rng = np.random.default_rng(5)
    fer = np.array([0, 1, 3, 4, 5, 6] * 10, np.int8)
    patterns = rng.integers(0, 60, (7, 48, 48))
    images = (patterns[fer] + 20 * fer[:, None, None] + rng.integers(0, 30, (60, 48, 48))).astype(np.uint8)
    return face_set(fer, images=images)


def test_parts_tell_the_two_of_training_apart():
    # Every twentieth row of Training is held off (training.datasets); rows 0 and 20 are, 20 of a test is not.
    found = exploration.parts(face_set([0] * 5, ["Training"] * 3 + ["PublicTest", "Test"], [0, 1, 20, 20, 3]))
    assert found.tolist() == ["validation", "train", "validation", "PublicTest", "Test"]
    assert set(found) <= set(exploration.PARTS)


def test_counts():
    faces = face_set(
        [HAPPY, HAPPY, SAD, FEAR],
        ["Training", "Training", "Training", "PublicTest"],
        given=[votes(happiness=10), votes(neutral=6, sadness=4), votes(contempt=8), votes(fear=9)],
    )
    rows = exploration.counts(faces)
    there = rows[rows["faces"] > 0].drop(columns="share").values.tolist()
    assert there == [
        ["FER2013", "train", "happy", 2], ["FER2013", "train", "sad", 1], ["FER2013", "PublicTest", "fear", 1],
        ["FER+", "train", "happy", 1], ["FER+", "train", "neutral", 1], ["FER+", "PublicTest", "fear", 1],
    ]  # fmt: skip
    assert rows.groupby(["labels", "part"])["share"].sum().tolist() == pytest.approx([1] * 4)
    assert len(rows) == 2 * 2 * 7


def test_counts_of_a_set_without_votes_and_without_faces():
    assert set(exploration.counts(face_set([0])).labels) == {"FER2013"}
    assert len(exploration.counts(face_set([]))) == 0


def test_a_larger_sample_begins_with_the_smaller():
    there = np.arange(50) % 2 == 0
    small, large = (exploration.sample(there, count, seed=3) for count in (4, 9))
    assert large[:4].tolist() == small.tolist()
    assert len(set(large)) == 9 and (large % 2 == 0).all()
    assert exploration.sample(there, 4, seed=4).tolist() != small.tolist()
    assert exploration.sample(there, 99, seed=3).size == 25
    assert exploration.sample(~there & there, 3, seed=3).size == 0


class TestGreyLevels:
    def test_by_hand(self):
        images = np.zeros((3, 48, 48), np.uint8)
        images[1] = 255
        images[2, :24] = 10
        found = exploration.levels(images, np.array([HAPPY, HAPPY, -1]))
        assert found.sum(axis=1).tolist() == [0, 0, 0, 2 * 2304, 0, 0, 0, 3 * 2304]
        assert (found[HAPPY, 0], found[HAPPY, 255], found[-1, 10]) == (2304, 2304, 1152)

    def test_histogram(self):
        counted = np.zeros((8, 256), np.int64)
        counted[HAPPY, [0, 7, 8, 255]] = (1, 1, 1, 5)
        rows = exploration.histogram(counted)
        assert set(rows.emotion) == {"happy"}  # an emotion without a face has no rows
        assert rows[rows.share > 0].values.tolist() == [
            ["happy", 0, 8, 0.25], ["happy", 8, 16, 0.125], ["happy", 248, 256, 0.625],
        ]  # fmt: skip

    def test_moments_are_those_of_the_pixels(self, faces):
        found = exploration.moments(exploration.levels(faces.images, faces.fer)).set_index("emotion")
        for emotion in ("angry", "neutral"):
            pixels = faces.images[faces.fer == EMOTIONS.index(emotion)].astype(float)
            assert found.loc[emotion].tolist() == pytest.approx([pixels.mean(), pixels.std()])
        assert found.loc["all"].tolist() == pytest.approx([faces.images.mean(), faces.images.astype(float).std()])
        assert found.loc["fear"].isna().all()

    def test_nothing(self):
        nothing = exploration.levels(np.zeros((0, 48, 48), np.uint8), np.zeros(0, int))
        assert not nothing.any() and exploration.histogram(nothing).empty


def test_averages_are_those_of_the_pictures(faces, monkeypatch):
    monkeypatch.setattr(exploration, "_BLOCK", 4)  # several blocks for each emotion
    labels = np.where(np.arange(60) % 7 == 0, -1, faces.fer)
    found = exploration.averages(faces.images, labels)
    for row, there in ((HAPPY, labels == HAPPY), (7, np.ones(60, bool))):
        pixels = faces.images[there].astype(float)
        assert found.mean[row] == pytest.approx(pixels.mean(axis=0))
        assert found.deviation[row] == pytest.approx(pixels.std(axis=0), abs=1e-4)
        assert found.faces[row] == there.sum()
    assert np.isnan(found.mean[FEAR]).all() and np.isnan(found.deviation[FEAR]).all()
    same = exploration.averages(np.full((3, 48, 48), 77, np.uint8), np.zeros(3, int))
    assert (same.deviation[ANGRY] == 0).all()


class TestCorrelation:
    def test_of_averages_is_pearsons(self, faces):
        mean = exploration.averages(faces.images, faces.fer).mean
        found = exploration.average_correlation(mean)
        expected = stats.pearsonr(mean[HAPPY].ravel(), mean[SAD].ravel()).statistic
        assert found[HAPPY, SAD] == pytest.approx(expected)
        assert np.diag(found)[[0, 1, 3, 4, 5, 6]] == pytest.approx(np.ones(6))
        assert np.isnan(found[FEAR]).all() and np.isnan(found[:, FEAR]).all()

    def test_of_single_faces(self, faces):
        images = faces.images.copy()
        images[faces.fer == SAD] = 99  # faces of one grey level correlate with nothing
        places, r = exploration.sample_correlation(images, faces.fer, 3, seed=1)
        assert faces.fer[places].tolist() == [0] * 3 + [1] * 3 + [3] * 3 + [4] * 3 + [5] * 3 + [6] * 3
        expected = stats.pearsonr(images[places[0]].ravel(), images[places[4]].ravel()).statistic
        assert r[0, 4] == r[4, 0] == pytest.approx(expected)
        assert np.isnan(r[9]).all()

    def test_of_all_pairs_is_the_mean_over_pairs(self, faces, monkeypatch):
        monkeypatch.setattr(exploration, "_BLOCK", 4)
        found = exploration.pair_correlation(faces.images, faces.fer)
        r = np.corrcoef(faces.images.reshape(60, -1).astype(float))
        happy, sad = (np.flatnonzero(faces.fer == emotion) for emotion in (HAPPY, SAD))
        within = r[np.ix_(happy, happy)][~np.eye(10, dtype=bool)]
        assert found[HAPPY, HAPPY] == pytest.approx(within.mean(), abs=1e-5)
        assert found[HAPPY, SAD] == pytest.approx(r[np.ix_(happy, sad)].mean(), abs=1e-5)
        assert np.isnan(found[FEAR]).all()
        # One face alone makes no pair with itself.
        assert np.isnan(exploration.pair_correlation(faces.images[:2], np.array([ANGRY, HAPPY]))[ANGRY, ANGRY])


class TestComponents:
    def test_two_directions(self):
        """Faces on a plane: two components explain everything, and distances are kept."""
        rng = np.random.default_rng(0)
        basis = np.zeros((2, 48, 48))
        basis[0, :10], basis[1, 30:] = 1, 1
        weights = rng.integers(0, 100, (40, 2))
        images = np.einsum("nk,kij->nij", weights, basis).astype(np.uint8)
        found = exploration.components(images, np.zeros(40, int), seed=0, shown=10)
        assert sum(found.explained) == pytest.approx(1, abs=1e-5)
        assert (len(found.places), found.xy.shape, found.fitted) == (10, (10, 2), 40)
        one, other = images[found.places[:2]].astype(float)
        assert np.linalg.norm(found.xy[0] - found.xy[1]) == pytest.approx(np.linalg.norm(one - other), rel=1e-3)

    def test_same_seed_same_faces_and_only_labelled_ones(self, faces):
        labels = np.where(np.arange(60) < 30, faces.fer, -1)
        first, again, other = (exploration.components(faces.images, labels, seed) for seed in (1, 1, 2))
        assert first.places.tolist() == again.places.tolist() != other.places.tolist()
        assert first.xy == pytest.approx(again.xy)
        assert first.places.max() < 30

    def test_too_few(self, faces):
        with pytest.raises(ValueError, match="at least 3 faces. Received: 2"):
            exploration.components(faces.images[:2], faces.fer[:2], seed=0)


class TestDisagreement:
    FACES = face_set(
        [SAD, SAD, SAD, HAPPY, HAPPY, FEAR],
        given=[
            votes(neutral=7, sadness=3), votes(sadness=9), votes(neutral=8), votes(happiness=10),
            votes(happiness=5, neutral=5),  # no majority
            votes(contempt=10),
        ],
    )  # fmt: skip

    def test_table(self):
        table, left_out = exploration.disagreement(self.FACES)
        assert left_out == 2
        assert {(int(row), int(column)): int(table[row, column]) for row, column in np.argwhere(table)} == {
            (SAD, NEUTRAL): 2, (SAD, SAD): 1, (HAPPY, HAPPY): 1,
        }  # fmt: skip

    def test_examples(self):
        assert sorted(exploration.labelled_as(self.FACES, SAD, NEUTRAL, 9, seed=0)) == [0, 2]
        assert exploration.labelled_as(self.FACES, FEAR, ANGRY, 9, seed=0).size == 0

    def test_without_votes(self):
        with pytest.raises(ValueError, match="no FER\\+ votes"):
            exploration.disagreement(face_set([0]))


def test_repeated(faces):
    images = faces.images.copy()
    images[[20, 41]] = images[7]
    images[33] = np.clip(images[5].astype(int) + 9, 0, 255)[:, ::-1]  # brighter, and in the mirror
    usage = ["Training"] * 40 + ["PublicTest"] * 20
    found = exploration.repeated(face_set(faces.fer, usage, images=images))
    assert sorted(map(sorted, found.copies.tolist())) == [[7, 20], [7, 41]]
    assert found.copies[:, 0].tolist() == [20, 41]
    assert [5, 33] in found.near.tolist() and found.mirrored[found.near.tolist().index([5, 33])]
    leak = next(leak for leak in found.leaks if leak["splits"] == ["Training", "PublicTest"])
    assert leak["exact"] == [2, 1]  # faces 7 and 20 are in the test, whose face 41 is in training


def test_augmented_begins_with_the_unchanged_window(faces):
    found = exploration.augmented(faces.images[:2], 3, seed=1)
    assert found.dtype == np.uint8 and found.shape[:2] == (2, 3)
    edge = (48 - found.shape[-1]) // 2
    assert (found[:, 0] == faces.images[:2, edge : 48 - edge, edge : 48 - edge]).all()
    assert (found[:, 1] != found[:, 2]).any() and (found[:, 1] != found[:, 0]).any()
    assert (found == exploration.augmented(faces.images[:2], 3, seed=1)).all()


def test_augmented_begins_with_normalised_light_where_a_set_notes_it(faces):
    found = exploration.augmented(faces.images[:2], 2, 1, "system-c", "equalise")
    assert (found[:, 0] == normalised(faces.images[:2], "equalise")).all()


def test_augmented_by_every_recipe(faces):
    names = exploration.augmentations()
    assert {"moodnet", "system-a", "system-b", "system-c", "system-d", "system-e"} <= set(names)
    versions = {name: exploration.augmented(faces.images[:2], 2, 1, name) for name in names}
    assert versions["system-c"].shape == (2, 2, 48, 48)  # the whole face, without a window
    assert (versions["system-c"][:, 1] != versions["system-d"][:, 1]).any()
