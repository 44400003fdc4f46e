"""Data sets: votes and labels worked out by hand, and files that are not what they should be."""

import errno
import os

import numpy as np
import pytest

from db.emotions import EMOTIONS
from training.datasets import (
    FERPLUS_CLASSES,
    VOTES,
    DatasetUnreadable,
    FaceSet,
    load,
    majority_labels,
    vote_shares,
)
from training.replacing import DatasetUnwritable


def votes(**counts):
    """One row of votes by FER+ name."""
    return [counts.get(name.replace("-", "_"), 0) for name in VOTES]


def faces(n):
    usage = np.array(["Training"] * n)
    return FaceSet(np.zeros((n, 48, 48), np.uint8), np.zeros(n, np.int8), None, usage, np.arange(n, dtype=np.int32))


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (votes(), None),  # no votes
        (votes(happiness=6, neutral=4), "happy"),  # 6 of 10
        (votes(happiness=5, neutral=5), None),  # half is not more than half
        (votes(happiness=5, neutral=4, sadness=1), "happy"),  # the single vote is dropped: 5 of 9
        (votes(happiness=4, unknown=6), None),  # unknown counts among the votes
        (votes(contempt=8, neutral=2), None),  # contempt is left out
        (votes(anger=9, fear=1), "angry"),
    ],
)
def test_majority(row, label):
    expected = -1 if label is None else EMOTIONS.index(label)
    assert majority_labels(np.array([row], np.uint8)).tolist() == [expected]


def test_vote_shares():
    rows = np.array([votes(happiness=6, neutral=3, sadness=1), votes(unknown=10), votes(contempt=2, fear=2)], np.uint8)
    shares, voted = vote_shares(rows)
    expected = np.zeros((3, 8))
    expected[0, [FERPLUS_CLASSES.index("happy"), FERPLUS_CLASSES.index("neutral")]] = 6 / 9, 3 / 9
    expected[2, [FERPLUS_CLASSES.index("contempt"), FERPLUS_CLASSES.index("fear")]] = 0.5
    assert shares == pytest.approx(expected)
    assert voted.tolist() == [True, False, True]


def test_no_faces():
    assert majority_labels(np.zeros((0, 10), np.uint8)).shape == (0,)
    assert vote_shares(np.zeros((0, 10), np.uint8))[0].shape == (0, 8)


def test_the_validation_part_is_every_twentieth_row_and_the_two_parts_are_all():
    data = faces(100)
    assert data.split("validation").row.tolist() == [0, 20, 40, 60, 80]
    assert sorted([*data.split("train").row, *data.split("validation").row]) == list(range(100))


@pytest.mark.parametrize(("split", "words"), [("PublicTest", "holds no face"), ("test", "There is no split 'test'")])
def test_a_split_that_is_not_there(split, words):
    with pytest.raises(ValueError, match=words):
        faces(3).split(split)


def test_saved_and_loaded_is_the_same(tmp_path):
    data = faces(5)
    data.save(tmp_path / "set.npz")
    again = load(tmp_path / "set.npz")
    assert again.votes is None
    assert all((getattr(again, name) == getattr(data, name)).all() for name in ("images", "fer", "usage", "row"))


def full(rows, usage="Training", **columns):
    """A set of different pictures with every column."""
    n = len(rows)
    rng = np.random.default_rng(n)
    told = {"name": [f"{row}.png" for row in rows], "source": ["vgu"] * n, "gender": ["F"] * n, "subject": ["7"] * n}
    return FaceSet(
        rng.integers(0, 256, (n, 48, 48), dtype=np.uint8), (np.array(rows) % 7).astype(np.int8), None,
        np.array([usage] * n), np.array(rows, np.int32), **{name: np.array(told[name]) for name in told}, **columns,
    )  # fmt: skip


def test_columns_and_light_are_saved_chosen_and_equal_sets_are_equal_files(tmp_path):
    data = full([3, 1, 4], illumination="dog")
    data.save(tmp_path / "a.npz")
    full([3, 1, 4], illumination="dog").save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    last = load(tmp_path / "a.npz").where(np.array([False, False, True]))
    assert (last.name.tolist(), last.subject.tolist(), last.illumination) == (["4.png"], ["7"], "dog")
    assert (last.images == data.images[2:]).all()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.npz", "b.npz"]


def test_joined_sets_keep_their_validation_parts_and_every_row_is_its_own():
    first, second = full(range(50)), full(range(0, 44, 2))
    bare = faces(21)
    joined = FaceSet.join([first, second, bare])
    assert len(set(joined.row.tolist())) == len(joined) == 50 + 22 + 21
    assert joined.row[:50].tolist() == list(range(50))
    held_off = [*first.held_off(), *second.held_off(), *bare.held_off()]
    assert joined.held_off().tolist() == held_off
    assert joined.source.tolist() == ["vgu"] * 72 + [""] * 21
    assert joined.votes is None


def test_join_fills_in_votes_and_refuses_what_does_not_go_together():
    voted = FaceSet(*(getattr(faces(2), name) for name in ("images", "fer")), np.ones((2, 10), np.uint8),
                    *(getattr(faces(2), name) for name in ("usage", "row")))  # fmt: skip
    assert FaceSet.join([faces(1), voted]).votes.sum(axis=1).tolist() == [0, 10, 10]
    with pytest.raises(ValueError, match="these sets note several: dog, none. Prepare them again"):
        FaceSet.join([full([1]), full([1], illumination="dog")])
    with pytest.raises(ValueError, match="no data set"):
        FaceSet.join([])


def test_a_subset_keeps_the_shares_and_the_seed_decides():
    fer = np.array([3] * 60 + [4] * 30 + [1] * 10, np.int8)
    data = FaceSet(np.zeros((100, 48, 48), np.uint8), fer, None, np.array(["Training", "Test"] * 50),
                   np.arange(100, dtype=np.int32))  # fmt: skip
    drawn = data.subset(20, seed=5)
    assert np.bincount(drawn.fer).tolist() == [0, 2, 0, 12, 6]
    assert (drawn.usage == "Test").sum() == 10
    assert (np.diff(drawn.row) > 0).all()
    assert drawn.row.tolist() == data.subset(20, seed=5).row.tolist() != data.subset(20, seed=6).row.tolist()
    assert len(data.subset(33, seed=1)) == 33  # shares that do not come out even
    assert data.subset(100, seed=1).row.tolist() == data.row.tolist()


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_set_that_cannot_be_written_says_so(tmp_path, folder):
    (tmp_path / "file").write_text("here first")
    with pytest.raises(DatasetUnwritable, match="can't be written"):
        faces(2).save(tmp_path / folder / "set.npz")
    assert (tmp_path / "file").read_text() == "here first"


def test_a_full_disk_leaves_the_old_set(tmp_path, monkeypatch):
    path = tmp_path / "set.npz"
    faces(3).save(path)
    before = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(DatasetUnwritable, match="No space left on device.*unchanged"):
        faces(2).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [None, b"", b"not a zip"])
def test_a_file_that_is_no_prepared_set(tmp_path, content):
    path = tmp_path / "set.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatasetUnreadable, match="training prepare"):
        load(path)


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("images", "float64", "`images` must be uint8. Received: float64"),
        ("votes", "int16", "`votes` must be uint8. Received: int16"),
        ("fer", "float32", "`fer` must be integers. Received: float32"),
        ("row", "float64", "`row` must be integers. Received: float64"),
    ],
)
def test_columns_of_other_kinds_are_refused(name, kind, sentence):
    columns = {
        "images": np.zeros((2, 48, 48), np.uint8), "fer": np.zeros(2, np.int8), "votes": np.zeros((2, 10), np.uint8),
        "usage": np.array(["Training"] * 2), "row": np.arange(2),
    }  # fmt: skip
    with pytest.raises(ValueError, match=sentence):
        FaceSet(**{**columns, name: columns[name].astype(kind)})


def test_wrong_shapes_and_labels_are_refused():
    with pytest.raises(ValueError, match=r"`fer` must have shape \(2,\)"):
        FaceSet(np.zeros((2, 48, 48)), np.zeros(3), None, np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match="0..6"):
        FaceSet(np.zeros((1, 48, 48)), np.array([7]), None, np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="`usage` must be one of Training"):
        FaceSet(np.zeros((1, 48, 48)), np.array([6]), None, np.array(["Train"]), np.zeros(1))
    with pytest.raises(ValueError, match="`illumination` must be one of none, equalise, blend, dog. Received: retinex"):
        full([1], illumination="retinex")
