import struct

import pandas as pd
import pytest

from dashboard import charts, downloads
from db.emotions import EMOTIONS

LABELS = pd.DataFrame(
    {"t_s": [0.0, 0.5000004, 61.25], "track_id": 1, "raw": ["happy", "sad", "neutral"], "smoothed": ["happy"] * 3}
)


def test_raw_labels():
    assert downloads.labels_csv(LABELS, smoothed=False).decode() == (
        "Time (s),Emotion,Category\n0.000,happy,1\n0.500,sad,-1\n61.250,neutral,0\n"
    )


def test_smoothed_labels():
    assert downloads.labels_csv(LABELS, smoothed=True).decode().splitlines()[2] == "0.500,happy,1"


def test_no_labels():
    assert downloads.labels_csv(LABELS[:0], smoothed=True) == b"Time (s),Emotion,Category\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1"])
def test_formula_is_made_harmless(text):
    guarded = downloads.guard(pd.DataFrame({"text": [text, "a=1", None], "number": [-1.0, 0.0, 1.0]}))
    assert guarded["text"].iloc[0] == f"'{text}"
    assert guarded["text"].iloc[1] == "a=1"
    assert guarded["text"].isna().iloc[2]
    assert list(guarded["number"]) == [-1.0, 0.0, 1.0]


def test_observations():
    rows = pd.DataFrame({"run_id": [1], "t_s": [0.5], "label": ["@anna"], "valence": [-0.5]})
    video = {"video_id": "v", "name": '=cmd"|x', "subject": None, "cohort": "-a", "session": "1"}
    header, line = downloads.observations_csv(rows, video).decode().splitlines()
    assert header == "video_id,name,subject,cohort,session,run_id,t_s,label,valence"
    assert line == """v,"'=cmd""|x",,'-a,1,1,0.5,'@anna,-0.5"""


def test_png():
    seconds = pd.DataFrame({"emotion": EMOTIONS, "category": "negative", "raw": 1.0, "smoothed": 1.0})
    picture = downloads.png(charts.shares(seconds), width=400)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (800, 500)  # 400 x 250 at twice the resolution


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my clip.mp4", "my_clip_raw.csv"),
        ("../../etc/passwd", "etc_passwd_raw.csv"),
        ('<b>"x"</b>\n.mp4', "b_x_b_raw.csv"),
        ("....", "video_raw.csv"),
        ("a" * 300 + ".mp4", "a" * 80 + "_raw.csv"),
    ],
)
def test_file_name(name, expected):
    assert downloads.file_name(name, "raw.csv") == expected
