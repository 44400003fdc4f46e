import io
import json
import struct
import xml.etree.ElementTree as xml
from datetime import UTC, datetime

import altair as alt
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dashboard import downloads
from dashboard.look import Look
from tests.dashboard.rows import faces, two_people

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


CHART = alt.Chart(pd.DataFrame({"x": [1, 2], "who": ["<b>&", "é 李"]})).mark_bar(color="#123456")
CHART = CHART.encode(x="x:Q", y="who:N").properties(height=250, title="A chart")


def test_png():
    picture = downloads.png(CHART, width=400)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (800, 500)  # 400 x 250 at twice the resolution
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGBA"))
    assert (pixels[0, 0] == 255).all() and (pixels[..., 3] == 255).all()  # opaque, on white
    assert (pixels[..., :3] == (0x12, 0x34, 0x56)).all(axis=-1).sum() > 1000  # the bars


def test_svg():
    root = xml.fromstring(downloads.svg(CHART, width=400))
    assert (root.tag, root.get("width"), root.get("height")) == ("{http://www.w3.org/2000/svg}svg", "400", "250")
    texts = {node.text for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"A chart", "<b>&", "é 李"} <= texts
    first = next(root.iter("{http://www.w3.org/2000/svg}rect"))
    assert (first.get("fill"), first.get("width"), first.get("height")) == ("white", "400", "250")


VIDEO = {
    "video_id": "v", "sha256": "v" * 64, "name": "=cmd|' /C calc'!A0 \"李\".mp4", "path": "/somewhere/secret.mp4",
    "size_bytes": 9, "duration_s": 4.0, "fps": 25.0, "width": 64, "height": 48, "codec": "h264", "recorded_at": None,
    "added_at": datetime(2026, 1, 2, 3, 4, 5), "source": "watch", "subject": "anna", "cohort": None, "session": None,
    "tags": {"room": "B"}, "consent": True,
}  # fmt: skip
RUN = {
    "run_id": 7, "model_id": "net-1", "detector": "haar", "device": "CPU", "sample_fps": 2.0, "smoothing": "mode:5",
    "started_at": None, "finished_at": datetime(2026, 1, 2, 3, 5), "frames_sampled": 8, "frames_with_face": 7,
    "seconds": 1.5, "corrupt_packets": 0, "note": None,
}  # fmt: skip
TRACKS = pd.DataFrame({"track_id": [1, 2], "label": ["anna", None]})
MARKERS = pd.DataFrame(
    {"marker_id": ["m"], "t_s": [1.0], "end_s": [np.nan], "kind": ["question"], "note": [None], "source": ["typed"]}
)
EXCLUDED = pd.DataFrame({"range_id": ["r"], "from_s": [0.5], "to_s": [1.0], "reason": ["noise"]})


def observed(rows: pd.DataFrame) -> pd.DataFrame:
    """Those faces as results.observations gives them."""
    observations = rows.drop(columns=["nth", "end_s", "excluded"]).assign(run_id=7, label=None, tracked_as=1)
    return observations.astype({"smoothed": "category"})


def told(rows: pd.DataFrame, look: Look) -> dict:
    return downloads.about(VIDEO, RUN, TRACKS, rows, look, MARKERS, EXCLUDED)


class TestEverything:
    def test_excluded_is_marked_and_stays(self):
        rows = two_people().assign(excluded=lambda all: all["t_s"] == 0.5)
        found = downloads.everything(observed(rows), rows, Look())
        assert list(found["excluded"]) == [False, True, True, *[False] * 6]
        assert "shown" not in found  # these labels are the stored ones

    def test_labels_of_another_look_are_columns(self):
        rows = two_people()
        # Neither a person nor a part cuts the file.
        found = downloads.everything(observed(rows), rows, Look(1, "raw", from_s=1.0, to_s=2.0))
        assert list(found["shown"]) == list(rows["emotion"])
        assert list(found["shown_category"])[:4] == ["positive", "positive", "negative", "negative"]
        assert list(found["smoothed"]) == list(rows["smoothed"])

    def test_undecided_and_excluded_at_once(self):
        rows = faces((0.0, 1, {"happy": 0.6, "sad": 0.4}, "happy"), excluded=(0, 1))
        found = downloads.everything(observed(rows), rows, Look(threshold=0.9))
        assert found[["shown", "shown_category", "excluded"]].values.tolist() == [["undecided", "undecided", True]]

    def test_nobody(self):
        rows = two_people().head(0)
        assert downloads.everything(observed(rows), rows, Look()).empty


class TestAbout:
    def test_what_it_tells(self):
        about = told(two_people(), Look(1, "mean", 1.5, 0.25))
        assert about["video"]["added_at"] == "2026-01-02T03:04:05+00:00"
        assert about["video"]["tags"] == {"room": "B"} and "path" not in about["video"]
        assert about["run"]["model_id"] == "net-1"
        assert about["settings"] == {
            "track_id": 1, "method": "mean", "window_s": 1.5, "threshold": 0.25, "from_s": 0.0, "to_s": None,
            "relative": False,
        }  # fmt: skip
        assert about["markers"] == [{"t_s": 1.0, "end_s": None, "kind": "question", "note": None, "source": "typed"}]
        assert about["excluded"] == [{"from_s": 0.5, "to_s": 1.0, "reason": "noise"}]

    def test_people(self):
        first, second = told(two_people(), Look())["people"]
        assert (first["name"], first["seconds"], first["seconds_of"]["happy"]) == ("anna", 2.5, 2.5)
        assert (second["name"], second["seconds_of"]["sad"], second["seconds_of"]["undecided"]) == (None, 1.5, 0.0)

    def test_nobody_and_nothing(self):
        about = downloads.about(VIDEO, RUN, TRACKS[:0], two_people()[:0], Look(), MARKERS[:0], EXCLUDED[:0])
        assert (about["people"], about["markers"], about["excluded"]) == ([], [], [])


def test_json():
    rows = two_people().assign(face_score=np.nan)
    table = downloads.everything(observed(rows), rows, Look())
    read = json.loads(downloads.json_document(table, told(rows, Look())))
    assert read["format"] == downloads.FORMAT
    assert read["video"]["name"] == VIDEO["name"]
    assert [one["t_s"] for one in read["observations"]] == list(rows["t_s"])
    assert read["observations"][0] | {"happy": 1.0, "smoothed": "happy", "excluded": False} == read["observations"][0]
    assert read["observations"][0]["face_score"] is None


def test_parquet():
    rows = two_people()
    about = told(rows, Look())
    table = pq.read_table(io.BytesIO(downloads.parquet(downloads.everything(observed(rows), rows, Look()), about)))
    assert json.loads(table.schema.metadata[b"moodreel"]) == about
    read = table.to_pandas()
    assert list(read["t_s"]) == list(rows["t_s"]) and read["excluded"].dtype == bool
    assert list(read["smoothed"]) == list(rows["smoothed"])


def test_moments_with_a_zone_keep_it():
    video = VIDEO | {"added_at": datetime(2026, 1, 2, tzinfo=UTC)}
    about = downloads.about(video, RUN, TRACKS, two_people(), Look(), MARKERS, EXCLUDED)
    assert about["video"]["added_at"] == "2026-01-02T00:00:00+00:00"


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
