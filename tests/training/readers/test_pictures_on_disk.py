"""Sets of picture files: folders, VGU, IIMI and mapped ones, each with its quirks."""

import pytest

from db.emotions import EMOTIONS
from training.datasets import DatasetUnreadable
from training.readers import detect, read

VGU = "filename, Anger, Contempt, Disgust, Fear, Happy, Neutral, Sad, Surprise\n"


def told(listing):
    """What a listing says of each face, in its order."""
    return [(face.usage, EMOTIONS[face.emotion], face.name) for face in listing.faces]


def test_class_folders(tmp_path, picture):
    for path in ("train/Happiness/b.png", "train/happy/a.png", "test/sad/a.png", "train/contempt/c.png"):
        picture(tmp_path / path)
    (tmp_path / "train/happy/.DS_Store").touch()
    (tmp_path / "train/happy/notes.txt").write_text("left for the check of pictures to say")
    listing = read(tmp_path)
    assert listing.format == "folders" == detect(tmp_path)
    assert told(listing) == [
        ("Test", "sad", "a.png"),
        ("Training", "happy", "b.png"),
        ("Training", "happy", "a.png"),
        ("Training", "happy", "notes.txt"),
    ]
    assert [face.row for face in listing.faces] == [0, 1, 2, 3]
    assert listing.dropped == {"contempt": 1}
    assert not listing.missing_splits


@pytest.mark.parametrize(("split", "missing"), [("train", ["test"]), ("test", ["train"]), ("PublicTest", ["train"])])
def test_a_split_that_is_missing_is_noted(tmp_path, picture, split, missing):
    picture(tmp_path / split / "happy" / "a.png")
    assert read(tmp_path).missing_splits == missing


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("train/hapy/a.png", "hapy.*no class 'hapy'.*--mapping"),
        ("trian/happy/a.png", "trian is not named as a split"),
        ("train/a.png", "train has no folder of a class"),
    ],
)
def test_folders_of_unknown_names(tmp_path, picture, path, words):
    picture(tmp_path / "test/happy/a.png")
    picture(tmp_path / path)
    with pytest.raises(DatasetUnreadable, match=words):
        read(tmp_path)


def test_ones_own_faces_are_all_to_train_on(tmp_path, picture):
    for path in ("joy/me1.png", "joy/me2.png", "sad/deeper/me3.png"):
        picture(tmp_path / path)
    listing = read(tmp_path)
    assert listing.format == "own"
    assert told(listing) == [
        ("Training", *pair) for pair in (("happy", "me1.png"), ("happy", "me2.png"), ("sad", "me3.png"))
    ]
    assert listing.faces[2].where == "sad/deeper/me3.png"


@pytest.mark.parametrize(
    "layout", ["{split}.csv|{split}", "{split}/_classes.csv|{split}", "{split}.csv|images/{split}"]
)
def test_vgu(tmp_path, picture, layout):
    table, pictures = layout.split("|")
    for split, rows in (
        (
            "train",
            "a.jpg,1,0,0,0,0,0,0,0\nb.jpg, 0, 0,0,0,0,0,0, 1 \nc.jpg,0,1,0,0,0,0,0,0\nlost.jpg,0,0,1,0,0,0,0,0\n",
        ),
        ("test", "a.jpg,0,0,0,0,0,1,0,0\nboth.jpg,1,0,0,0,1,0,0,0\nnone.jpg,0,0,0,0,0,0,0,0\n"),
    ):
        path = tmp_path / table.format(split=split)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VGU + rows)
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            picture(tmp_path / pictures.format(split=split) / name)
    listing = read(tmp_path)
    assert listing.format == "vgu"
    assert sorted(told(listing)) == [
        ("Test", "neutral", "a.jpg"),
        ("Training", "angry", "a.jpg"),
        ("Training", "surprise", "b.jpg"),
    ]
    for face in listing.faces:  # of two pictures called a.jpg, each table has its own
        assert ("train" if face.usage == "Training" else "test") in face.picture.parts
    assert listing.dropped == {"Contempt": 1}
    assert sorted((p.kind, p.text) for p in listing.problems) == [
        ("missing", "lost.jpg is not on the disk"),
        ("no single label", "both.jpg has Anger and Happy"),
        ("no single label", "none.jpg has no class"),
    ]
    assert {face.source for face in listing.faces} == {"vgu"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("train.csv", VGU + "a.jpg,1,0,0\n", "train.csv, line 2: the line is cut off; it has 4 of 9"),
        ("train.csv", VGU + "a.jpg,1,0,0,0,yes,0,0,0\n", "train.csv, line 2: Happy 'yes'; expected 0 or 1"),
        ("labels.csv", VGU + "a.jpg,1,0,0,0,0,0,0,0\n", "labels.csv: its name does not tell which split"),
        ("train.csv", "filename,Anger\n", "no data set that Moodreel knows"),
    ],
)
def test_bad_vgu_tables(tmp_path, name, text, words):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / name).write_text(text)
    with pytest.raises(DatasetUnreadable, match=words):
        read(tmp_path / "set")


def test_a_vgu_table_leads_to_no_file_outside_the_set(tmp_path, picture):
    picture(tmp_path / "secret.jpg")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.csv").write_text(VGU + "../secret.jpg,1,0,0,0,0,0,0,0\n")
    listing = read(tmp_path / "set")
    assert not listing.faces
    assert [p.kind for p in listing.problems] == ["missing"]


def test_iimi(tmp_path, picture):
    for name in ("DST_002_F_ANG.jpg", "DST_017_m_HPY2.png", "DST_017_X_NUT.jpg", "DST_002_F_XYZ.jpg", "DST_2.jpg"):
        picture(tmp_path / name)
    listing = read(tmp_path)
    assert listing.format == "iimi"
    assert [(EMOTIONS[f.emotion], f.subject, f.gender, f.usage, f.source) for f in listing.faces] == [
        ("angry", "002", "F", "Training", "iimi"),
        ("neutral", "017", "", "Training", "iimi"),
        ("happy", "017", "M", "Training", "iimi"),
    ]
    assert [(p.kind, p.where) for p in listing.problems] == [
        ("no single label", "DST_002_F_XYZ.jpg"),
        ("no single label", "DST_2.jpg"),
    ]


def mapped(tmp_path, text):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(text)
    return read(tmp_path / "set", mapping=mapping)


def test_affectnet_in_folders_needs_one_line(tmp_path, picture):
    for path in ("train/0/1.jpg", "train/1/2.jpg", "val/6/3.jpg", "test/5/4.jpg", "train/7/5.jpg", "train/10/6.jpg"):
        picture(tmp_path / "set" / path)
    listing = mapped(tmp_path, 'codes = "affectnet"')
    assert sorted(told(listing)) == [
        ("Test", "disgust", "4.jpg"),
        ("Training", "angry", "3.jpg"),  # a validation split is more to train on
        ("Training", "happy", "2.jpg"),
        ("Training", "neutral", "1.jpg"),
    ]
    assert listing.dropped == {"7": 1, "10": 1}


def test_raf_db_as_it_is_published(tmp_path, picture):
    for name in ("train_00001_aligned.jpg", "test_0001_aligned.jpg", "test_0002_aligned.jpg"):
        picture(tmp_path / "set/Image/aligned" / name)
    labels = tmp_path / "set/EmoLabel/list_patition_label.txt"
    labels.parent.mkdir()
    labels.write_text("train_00001.jpg 5\ntest_0001.jpg 4\n\n")
    text = """
        codes = "raf-db"
        name = "raf"
        pictures = "Image/aligned/{split}_*"
        labels = "EmoLabel/list_patition_label.txt"
        """
    listing = mapped(tmp_path, text)
    assert sorted(told(listing)) == [
        ("Test", "happy", "test_0001_aligned.jpg"),
        ("Training", "sad", "train_00001_aligned.jpg"),
    ]
    assert {face.source for face in listing.faces} == {"raf"}
    assert sorted(p.where for p in listing.problems) == [
        "EmoLabel/list_patition_label.txt",
        "Image/aligned/test_0002_aligned.jpg",
    ]


def test_names_of_ones_own_with_person_and_gender(tmp_path, picture):
    picture(tmp_path / "set/first half/07_w_08_grin.jpg")
    picture(tmp_path / "set/first half/09_m_other.jpg")
    text = """
        pictures = "{split}/{subject}_{gender}_{class}.jpg"
        [splits]
        "first half" = "train"
        [classes]
        "08_grin" = "happy"
        other = "drop"
        """
    (face,) = mapped(tmp_path, text).faces
    assert (EMOTIONS[face.emotion], face.subject, face.gender) == ("happy", "07", "F")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("codes = affectnet", "mapping.toml can't be read: Invalid value"),
        ('codes = "ck"', "`codes` is 'ck', known are fer2013"),
        ('class = {a = "happy"}', "`class`: Extra inputs"),
        ('[classes]\n"1" = "grinning"', "`classes.1`: there is no class 'grinning'; known are angry"),
        ('[splits]\n"a" = "b"', "`splits.a`: there is no split 'b'"),
        ('pictures = "{class}/*"', "not by both or neither"),
        ('split = "train"', "not by both or neither"),
        ('pictures = "{split}/*"', "the class must be told"),
        ('pictures = "{split}/{class}/{name}"', "names {name}, known are split"),
        ('pictures = "{split}/{class}/{class}"', "names {class} twice"),
        ("", "train/1/a.jpg: there is no class '1'.*Tell it in .*mapping.toml"),
        ('pictures = "{split}/{class}/{gender}/*"', "No picture in .*set lies where .* says.*There are: train/1/a.jpg"),
        ('pictures = "{split}/*/*"\nlabels = "list.txt"', "list of labels .*list.txt can't be read"),
    ],
)
def test_mappings_that_cannot_be_used(tmp_path, picture, text, words):
    picture(tmp_path / "set/train/1/a.jpg")
    with pytest.raises(DatasetUnreadable, match=words):
        mapped(tmp_path, text)


def test_what_is_no_data_set(tmp_path):
    with pytest.raises(DatasetUnreadable, match="does not exist"):
        read(tmp_path / "nowhere")
    with pytest.raises(DatasetUnreadable, match="It has: no files"):
        read(tmp_path)
    for i in range(9):
        (tmp_path / f"{i}.txt").write_text("text")
    with pytest.raises(DatasetUnreadable, match="0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 4 more"):
        read(tmp_path)
    with pytest.raises(DatasetUnreadable, match="a file of another kind"):
        read(tmp_path / "0.txt")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DatasetUnreadable, match="lacks the column.*It has: a, b"):
        read(tmp_path / "table.csv")


def test_a_format_said_wins_and_options_must_go_together(tmp_path, picture):
    picture(tmp_path / "train/happy/DST_002_F_ANG.jpg")
    assert read(tmp_path).format == "folders"
    assert told(read(tmp_path, "iimi")) == [("Training", "angry", "DST_002_F_ANG.jpg")]
    with pytest.raises(ValueError, match="no format 'x'. Known: auto, fer2013"):
        read(tmp_path, "x")
    with pytest.raises(ValueError, match="go with fer2013.csv"):
        read(tmp_path, ferplus=tmp_path / "votes.csv")
    with pytest.raises(ValueError, match="go together"):
        read(tmp_path, "mapped")
    with pytest.raises(DatasetUnreadable, match="is a folder; the format fer2013 is not"):
        read(tmp_path, "fer2013")
