"""From pictures on disk to a set of faces: what is left out is told, and the originals stay."""

import json

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from db.emotions import EMOTIONS
from processor.faces import detector
from training.datasets import DatasetUnreadable, FaceSet, load
from training.preparation import Options, prepare, read_faces
from training.readers import read
from training.replacing import DatasetUnwritable
from training.standard_form import write_folders


@pytest.fixture
def folders(tmp_path, picture):
    """Two classes in two splits, with a file of every kind of trouble among them."""
    root = tmp_path / "set"
    for split in ("train", "test"):
        for emotion in ("happy", "sad"):
            for i in range(3):
                picture(root / split / emotion / f"{i}.png")
    (root / "train/happy/text.jpg").write_text("no picture")
    broken = picture(root / "train/sad/broken.jpg")
    broken.write_bytes(broken.read_bytes()[:400])
    picture(root / "train/happy/tiny.png", 10)
    Image.new("L", (48, 48), 77).save(root / "train/sad/blank.png")
    (root / "train/sad/copy.png").write_bytes((root / "test/sad/0.png").read_bytes())
    picture(root / "train/contempt/a.png")
    return root


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_bad_files_are_left_out_and_told(folders):
    before = contents(folders)
    faces, labelled, report = prepare([read(folders)], Options())
    assert contents(folders) == before
    assert len(faces) == len(labelled) == 14
    assert faces.name.tolist() == [face.name for face in labelled]
    assert report.counts == {
        "Training": {**dict.fromkeys(EMOTIONS, 0), "happy": 3, "sad": 5},
        "Test": {**dict.fromkeys(EMOTIONS, 0), "happy": 3, "sad": 3},
    }
    told = report.as_dict()
    assert {(p["kind"], p["where"]) for p in told["left_out"]} == {
        ("not an image", "train/happy/text.jpg"),
        ("does not decode", "train/sad/broken.jpg"),
        ("too small", "train/happy/tiny.png"),
    }
    assert [(p["kind"], p["where"]) for p in told["noted"]] == [("blank", "train/sad/blank.png")]
    assert list(told["dropped_classes"].values()) == [{"contempt": 1}]
    assert told["duplicates"]["pairs"] == [{"kind": "exact", "a": "test/sad/0.png", "b": "train/sad/copy.png"}]
    assert told["leaks"] == [{"splits": ["Training", "Test"], "exact": [1, 1], "near": [0, 0]}]
    json.dumps(told)


def test_the_table_says_the_same(folders):
    _, _, report = prepare([read(folders)], Options())
    console = Console(record=True, width=200, file=open("/dev/null", "w"))
    with console.file:
        console.print(report.tables())
    text = console.export_text()
    for words in (
        "not an image, left out",
        "train/happy/text.jpg",
        "blank, kept",
        "contempt: 1",
        "leak: Training in Test",
    ):
        assert words in text


def test_duplicates_and_faceless_are_taken_out_when_asked(folders):
    faces, labelled, report = prepare([read(folders)], Options(drop_duplicates=True, faceless="drop"))
    assert len(faces) == 12
    assert not {"train/sad/copy.png", "train/sad/blank.png"} & {face.where for face in labelled}
    assert report.taken_out == {"duplicates taken out of Training": 1}
    assert report.counts["Test"]["sad"] == 3


def test_twins_in_training_are_noted_until_they_are_taken_out(folders, tmp_path):
    faces, labelled, _ = prepare([read(folders)], Options())
    faces.save(tmp_path / "set.npz")
    told = dict(zip([face.where for face in labelled], load(tmp_path / "set.npz").twin_in_training, strict=True))
    assert told["test/sad/0.png"] == "yes"
    assert told["test/happy/0.png"] == "no"
    assert prepare([read(folders)], Options(drop_duplicates=True))[0].twin_in_training is None


def test_faces_without_a_face_by_votes(tmp_path):
    votes = np.zeros((3, 10), np.uint8)
    votes[0, 9], votes[1, [0, 9]], votes[2, 0] = 6, (5, 5), 10  # half of the votes is not more than half
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    usage, row = np.array(["Training"] * 3), np.arange(3, dtype=np.int32)
    FaceSet(images, np.full(3, 6, np.int8), votes, usage, row).save(tmp_path / "a.npz")
    faces, _, report = prepare([read(tmp_path / "a.npz")], Options(faceless="drop"))
    assert faces.row.tolist() == [1, 2]
    assert [(p.kind, p.where) for p in report.problems] == [("no face by votes", "a.npz, row 0")]


def test_odd_sizes_are_kept_and_noted(tmp_path, picture):
    for i in range(20):
        picture(tmp_path / "happy" / f"{i:02}.png", 64)
    picture(tmp_path / "happy" / "99.png", 100)
    Image.new("L", (64, 80), 5).save(tmp_path / "happy" / "wide.png")
    faces, _, report = prepare([read(tmp_path)], Options())
    assert faces.images.shape == (22, 48, 48)
    assert [(p.kind, p.where, p.kept) for p in report.problems if p.kind != "blank"] == [
        ("odd size", "happy/99.png", True),
        ("odd size", "happy/wide.png", True),
    ]


def test_classes_and_splits_that_are_empty(folders):
    for file in (folders / "test/sad").iterdir():
        file.write_text("no picture")
    with pytest.raises(DatasetUnreadable, match="no usable picture in .*test/sad.*--partial"):
        prepare([read(folders)], Options())
    assert len(prepare([read(folders)], Options(partial=True))[0]) == 11
    for file in [*(folders / "test").rglob("*.png")]:
        file.unlink()
    (folders / "test").rename(folders.parent / "away")
    with pytest.raises(DatasetUnreadable, match="has no split test.*--partial"):
        prepare([read(folders)], Options())


def test_folders_of_text_files(tmp_path):
    for emotion in ("happy", "sad"):
        (tmp_path / emotion).mkdir()
        (tmp_path / emotion / "a.txt").write_text("text")
    with pytest.raises(DatasetUnreadable, match=r"No picture in .* can be used: happy/a.txt \(not an image"):
        prepare([read(tmp_path)], Options())


def test_sets_are_joined_and_keep_their_names(folders, tmp_path, picture):
    for name in ("DST_002_F_ANG.jpg", "DST_003_M_SUR.jpg"):
        picture(tmp_path / "iimi" / name, 100)
    faces, _, report = prepare([read(folders), read(tmp_path / "iimi")], Options())
    assert [source["format"] for source in report.sources] == ["folders", "iimi"]
    assert faces.source.tolist() == ["set"] * 14 + ["iimi"] * 2
    assert faces.gender.tolist() == [""] * 14 + ["F", "M"] and faces.subject[-1] == "003"
    assert len(set(faces.row.tolist())) == 16


def test_subset_and_the_same_again(folders):
    options = Options(subset=6, seed=3)
    faces, labelled, report = prepare([read(folders)], options)
    again, *_ = prepare([read(folders)], options)
    assert (faces.images == again.images).all()
    assert faces.name.tolist() == [face.name for face in labelled]
    assert report.taken_out == {"not drawn for the subset": 8}
    other, *_ = prepare([read(folders)], Options(subset=6, seed=4))
    assert other.row.tolist() != faces.row.tolist()


def test_light_is_noted_and_the_pictures_stay(folders, tmp_path):
    plain = prepare([read(folders)], Options())[0]
    noted = prepare([read(folders)], Options(illumination="dog"))[0]
    assert (noted.images == plain.images).all() and (plain.illumination, noted.illumination) == ("none", "dog")
    noted.save(tmp_path / "dog.npz")
    assert read_faces(tmp_path / "dog.npz").illumination == "dog"
    for method in ("blend", "none"):
        assert prepare([read(tmp_path / "dog.npz")], Options(illumination=method))[0].illumination == method
    both = [folders, tmp_path / "dog.npz"]
    with pytest.raises(ValueError, match="these sets note several: dog, none"):
        prepare([read(path) for path in both], Options())
    assert prepare([read(path) for path in both], Options(illumination="blend"))[0].illumination == "blend"


@pytest.mark.slow
def test_aligning_keeps_or_drops_what_has_no_face(tmp_path, picture):
    import cv2
    from skimage import data

    (tmp_path / "set/happy").mkdir(parents=True)
    astronaut = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    Image.fromarray(astronaut).save(tmp_path / "set/happy/face.png")
    picture(tmp_path / "set/happy/noise.png")
    haar = detector("haar", tmp_path, 24, 0.7)
    kept, _, report = prepare([read(tmp_path / "set")], Options(detector=haar))
    assert kept.name.tolist() == ["face.png", "noise.png"]
    assert [(p.where, p.kept) for p in report.problems if "align" in p.kind] == [("happy/noise.png", True)]
    plain = read_faces(tmp_path / "set")
    assert (kept.images[0] != plain.images[0]).any() and (kept.images[1] == plain.images[1]).all()
    dropped, _, report = prepare([read(tmp_path / "set")], Options(detector=haar, unaligned="drop"))
    assert dropped.name.tolist() == ["face.png"]


def test_the_standard_form_is_copies_that_read_as_the_same_set(folders, tmp_path):
    faces, labelled, _ = prepare([read(folders)], Options())
    write_folders(tmp_path / "out", labelled)
    assert (tmp_path / "out/train/sad/copy.png").read_bytes() == (folders / "train/sad/copy.png").read_bytes()
    again = read_faces(tmp_path / "out")
    assert sorted(zip(again.usage, again.fer, again.name, strict=True)) == sorted(
        zip(faces.usage, faces.fer, faces.name, strict=True)
    )
    assert {image.tobytes() for image in again.images} == {image.tobytes() for image in faces.images}


def test_pictures_of_one_name_and_tables_in_the_standard_form(tmp_path, picture):
    picture(tmp_path / "set/happy/1/a.png")
    picture(tmp_path / "set/happy/2/a.png")
    faces, labelled, _ = prepare([read(tmp_path / "set")], Options())
    faces.save(tmp_path / "set.npz")
    write_folders(tmp_path / "out", labelled + prepare([read(tmp_path / "set.npz")], Options())[1])
    names = sorted(path.name for path in (tmp_path / "out/train/happy").iterdir())
    assert names == ["a-2.png", "a-3.png", "a-4.png", "a.png"]
    with pytest.raises(DatasetUnwritable, match="has something in it"):
        write_folders(tmp_path / "out", labelled)
    (tmp_path / "file").touch()
    with pytest.raises(DatasetUnwritable, match="can't be written"):
        write_folders(tmp_path / "file" / "out", labelled)
    assert {path.name for path in tmp_path.iterdir()} == {"set", "set.npz", "out", "file"}
