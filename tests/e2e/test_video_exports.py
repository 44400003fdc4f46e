"""Every file that the Exports section gives, downloaded in a real browser, opened by other libraries and compared."""

from __future__ import annotations

import csv
import io
import json
import shutil
import xml.etree.ElementTree as xml
import zipfile

import pyarrow.parquet as pq
import pypdf
import pytest
from PIL import Image

from dashboard import report
from db import annotation_results, results
from db.emotions import CATEGORY, CATEGORY_VALUE
from db.store import Store
from tests.dashboard.conftest import add, finish
from tests.e2e.browser import saved, settled

pytestmark = pytest.mark.e2e

VIDEO, NAME, SUBJECT = "a" * 16, "=cmd|' /C calc'!A0 <b>李</b>.mp4", "+anna <i>"
STEM = "cmd_C_calc_A0_b_李_b"


@pytest.fixture
def bundle(home, sample_video) -> str:
    """Before the service starts: an analysed video with an awkward name, a marker and an excluded range."""
    path = home.library / "sample.mp4"
    shutil.copy(sample_video, path)
    with Store(home.store, home.results) as store:
        run = add(store, VIDEO, NAME, path=str(path), duration_s=12.0, subject=SUBJECT, cohort="pilot")
        store.start_run(run)
        finish(store, run, seconds=12)
        store.add_markers(
            VIDEO, [{"marker_id": "m1", "t_s": 2.0, "end_s": 3.5, "kind": "question", "note": "=1+1"}], "typed"
        )
        store.exclude(VIDEO, "r1", 5.0, 6.0, "somebody walks by")
        store.publish()
    return "moodnet"


def prepare(page, what: str, label: str) -> None:
    """Ask for files, and wait until they are offered."""
    page.get_by_role("button", name=what, exact=True).click()
    page.get_by_role("button", name=label, exact=True).wait_for(timeout=120_000)
    settled(page)


def test_each_file_is_what_it_says(up, watched, shots, tmp_path):
    page = watched.page(height=1000)
    page.goto(f"{up.url}/video?video={VIDEO}&section=Exports&person=0")
    page.get_by_role("button", name="Smoothed labels").wait_for()
    settled(page)
    with results.connect(up.home.snapshot) as con:
        run_id = results.video(con, VIDEO)["current"]["run_id"]
        stored = results.observations(con, run_id)
        faces = results.faces(con, run_id)
        labels = results.labels(con, run_id)
        excluded = annotation_results.excluded(con, VIDEO)
    assert len(stored) == len(faces) > 30 and len(excluded) == 1 and faces["excluded"].any()

    for label, column in (("Smoothed labels", "smoothed"), ("Raw labels", "raw")):
        path = saved(page, label, tmp_path)
        assert path.name == f"{STEM}_{column}.csv"
        with path.open(newline="") as file:
            header, *lines = csv.reader(file)
        assert header == ["Time (s)", "Emotion", "Category"]
        assert lines == [
            [f"{row.t_s:.3f}", row[column], str(CATEGORY_VALUE[CATEGORY[row[column]]])] for _, row in labels.iterrows()
        ]

    prepare(page, "Prepare the tables", "Everything as CSV")
    with saved(page, "Everything as CSV", tmp_path).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["excluded"] for row in rows] == [str(out) for out in faces["excluded"]]
    assert [float(row["t_s"]) for row in rows] == list(stored["t_s"])
    assert [float(row["happy"]) for row in rows] == pytest.approx(list(stored["happy"]), abs=1e-6)
    assert {row["name"] for row in rows} == {f"'{NAME}"} and {row["subject"] for row in rows} == {f"'{SUBJECT}"}

    table = pq.read_table(saved(page, "Everything as Parquet", tmp_path))
    about = json.loads(table.schema.metadata[b"moodreel"])
    assert about["video"]["name"] == NAME and about["run"]["model_id"] == "moodnet-1-1a2b3c4d"
    assert table["excluded"].to_pylist() == list(faces["excluded"])
    assert table["smoothed"].to_pylist() == list(stored["smoothed"])

    whole = json.loads(saved(page, "Everything as JSON", tmp_path).read_text(encoding="utf-8"))
    assert {key: whole[key] for key in about} == about
    assert [(one["track_id"], one["t_s"]) for one in whole["observations"]] == list(
        stored[["track_id", "t_s"]].itertuples(index=False, name=None)
    )
    assert [(marker["kind"], marker["t_s"], marker["note"]) for marker in whole["markers"]] == [("question", 2, "=1+1")]
    assert [(out["from_s"], out["to_s"], out["reason"]) for out in whole["excluded"]] == [(5, 6, "somebody walks by")]
    page.screenshot(path=shots / "exports.png")

    prepare(page, "Prepare the charts", "All charts, ZIP")
    with Image.open(saved(page, "Category, PNG", tmp_path)) as picture:
        assert picture.width == 1800 and picture.getpixel((0, 0))[:3] == (255, 255, 255)
        assert len(set(picture.convert("RGB").resize((450, 200)).get_flattened_data())) > 5
    drawing = xml.parse(saved(page, "Category, SVG", tmp_path)).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg" and drawing.get("width") == "900"
    with zipfile.ZipFile(saved(page, "All charts, ZIP", tmp_path)) as archive:
        assert archive.testzip() is None
        charts = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(charts) >= 8 and f"{STEM}_category.png" in charts

    prepare(page, "Prepare the report", "Report, PDF")
    reader = pypdf.PdfReader(io.BytesIO(saved(page, "Report, PDF", tmp_path).read_bytes()))
    text = " ".join(" ".join(part.extract_text() for part in reader.pages).split())
    for said in (
        report.INTENDED_USE,
        "0:05 to 0:06 somebody walks by",
        "question =1+1",
        "moodnet-1-1a2b3c4d",
        "U+674E",
    ):
        assert said in text, said
    assert sum(len(part.images) for part in reader.pages) == len(charts)

    # Another look makes other files: those of the old one are no longer offered.
    page.screenshot(path=shots / "exports_all.png")
    page.get_by_role("radio", name="Raw", exact=True).first.click()
    page.get_by_role("button", name="Prepare the tables", exact=True).wait_for()
