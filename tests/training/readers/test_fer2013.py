"""Tables of pixels: whole, compressed, and broken in ways that name the line; the mosaic holds the same faces."""

import bz2
import gzip
import lzma

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from training.datasets import DatasetUnreadable
from training.preparation import read_faces
from training.readers import detect, fer2013, read

PIXELS = " ".join(["7"] * 2304)
HEADER = "emotion,pixels,Usage\n"
VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
TABLE = HEADER + f"3,{PIXELS},Training\n0,{PIXELS},PublicTest\n"


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


COMPRESSED = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_table_with_votes(tmp_path, suffix):
    (tmp_path / f"fer2013.csv{suffix}").write_bytes(COMPRESSED[suffix](TABLE.encode()))
    votes = VOTES + "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\nPublicTest,,0,0,0,0,0,0,0,0,0,10\n"
    (tmp_path / f"fer2013new.csv{suffix}").write_bytes(COMPRESSED[suffix](votes.encode()))
    path = tmp_path / f"fer2013.csv{suffix}"
    assert detect(path) == "fer2013"
    first, second = read(path, ferplus=tmp_path / f"fer2013new.csv{suffix}").faces
    assert (first.emotion, first.usage, first.name, first.source) == (3, "Training", "fer0000000.png", "fer2013")
    assert (second.emotion, second.usage, second.row, second.where) == (
        0,
        "PublicTest",
        1,
        f"fer2013.csv{suffix}, line 3",
    )
    assert second.votes.tolist() == [0] * 9 + [10]  # no name, and matched all the same
    assert first.picture.shape == (48, 48) and (first.picture == 7).all()


def test_a_byte_order_mark_and_windows_line_ends(tmp_path):
    (tmp_path / "fer2013.csv").write_bytes(b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode())
    assert [face.emotion for face in read(tmp_path / "fer2013.csv").faces] == [3, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks the column"),
        ("emotion,pixels\n", "lacks the column.*Usage"),
        (HEADER, "no faces"),
        (HEADER + "3,1 2 3,Training\n", "line 2: 3 pixels, expected 2,304"),
        (HEADER + f"3,{PIXELS},Training\n9,{PIXELS},Training\n", "line 3: label '9', expected 0..6"),
        (HEADER + f"3,{PIXELS},Training\n3,{PIXELS[:20]}", "line 3: the line is cut off"),
        (HEADER + f"3,{PIXELS.replace('7', '300')},Training\n", "line 2: grey levels from 300"),
        (HEADER + f"3,{PIXELS} x,Training\n", "line 2: the pixels are not all whole numbers"),
        (HEADER + f"x,{PIXELS},Training\n", "line 2: label 'x'"),
        (HEADER + f"3,{PIXELS},Trainin", "line 2: there is no split 'Trainin'"),
    ],
)
def test_bad_tables_name_the_line(tmp_path, text, words):
    path = tmp_path / "fer2013.csv"
    path.write_text(text)
    with pytest.raises(DatasetUnreadable, match=words) as refusal:
        fer2013.read_table(path)
    assert "fer2013.csv" in str(refusal.value)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_file_cut_off_in_the_middle(tmp_path, suffix):
    rows = np.random.default_rng(0).integers(0, 256, (300, 2304))
    text = HEADER + "".join(f"3,{' '.join(map(str, row))},Training\n" for row in rows)
    path = tmp_path / f"fer2013.csv{suffix}"
    content = COMPRESSED[suffix](text.encode())
    path.write_bytes(content[: len(content) * 2 // 3 - 100])
    with pytest.raises(DatasetUnreadable, match="fer2013.csv"):
        read(path, "fer2013")


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        ("Training,a.png,1,0,0,0,0,9,0,0,0,0\n", "1 rows, .* has 2"),
        ("Training,a.png,1,0,0,0,0,9,0,0,0,0\n" * 2, "line 3: split 'Training', but 'PublicTest'"),
        ("Training,a.png,1,0,0,0,0,9,0,0,0,-1\n", "line 2: votes .*-1, expected ten small numbers"),
        ("Training,a.png,1,0,0,0\n", "line 2: the line is cut off; it has 6 of 12"),
    ],
)
def test_votes_must_match_row_for_row(tmp_path, votes, words):
    (tmp_path / "fer2013.csv").write_text(TABLE)
    (tmp_path / "fer2013new.csv").write_text(VOTES + votes)
    with pytest.raises(DatasetUnreadable, match=words):
        read(tmp_path / "fer2013.csv", ferplus=tmp_path / "fer2013new.csv")


@pytest.mark.parametrize("size", [(96, 48), (50, 48)])
def test_a_mosaic_that_does_not_fit_its_labels(tmp_path, size):
    Image.new("L", size).save(tmp_path / fer2013.MOSAIC)
    columns = {"fer": np.zeros(3, np.int8), "votes": np.zeros((3, 10), np.uint8), "row": np.arange(3)}
    np.savez(tmp_path / fer2013.MOSAIC_LABELS, usage=np.array(["Training"] * 3), **columns)
    with pytest.raises(DatasetUnreadable, match="not 3 whole grey faces"):
        read(tmp_path)
    (tmp_path / fer2013.MOSAIC_LABELS).unlink()
    with pytest.raises(DatasetUnreadable, match="can't be read"):
        read(tmp_path)


@pytest.mark.slow
def test_table_and_mosaic_hold_the_same_faces(shared):
    folder = shared / "data" / "fer2013"
    table = read(folder / "fer2013_sample.csv", ferplus=folder / "fer2013new_sample.csv").faces
    mosaic = read_faces(folder)
    assert (len(table), len(mosaic)) == (400, 32_021)
    known = {image.tobytes(): i for i, image in enumerate(mosaic.images)}
    pairs = [(face, known[face.picture.tobytes()]) for face in table if face.picture.tobytes() in known]
    assert len(pairs) > 390
    assert np.mean([mosaic.fer[i] == face.emotion for face, i in pairs]) > 0.99
    assert np.mean([(mosaic.votes[i] == face.votes).all() for face, i in pairs]) > 0.99
