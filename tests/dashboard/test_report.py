"""The report read back by another library: its text, its pictures, its tags; and names that people should not have."""

from __future__ import annotations

import io
from datetime import datetime

import altair as alt
import numpy as np
import pandas as pd
import pypdf
import pytest

from dashboard import report
from dashboard.look import Look
from dashboard.report_document import LACKING, Document
from dashboard.timeline_charts import Drawing
from tests.dashboard.rows import faces, two_people
from tests.dashboard.test_downloads import EXCLUDED, MARKERS, RUN, TRACKS, VIDEO

pytestmark = pytest.mark.slow

CHART = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q", y="x:N").properties(height=120, title="Bars")
DRAWN = {"bars": Drawing(CHART, pd.DataFrame(), "Two bars, “one” twice as long")}
MOMENTS = pd.DataFrame(
    {"t_s": [1.0], "end_s": [1.5], "track_id": [1], "kind": ["peak"], "text": ["Anger peaks at 52 % at 0:01"]}
)


def made(video: dict = VIDEO, rows: pd.DataFrame | None = None, look: Look | None = None, **other) -> pypdf.PdfReader:
    """The report on the two people, or on something else."""
    parts = {"tracks": TRACKS, "excluded": EXCLUDED, "markers": MARKERS, "charts": {}, "moments": None} | other
    whole = report.pdf(
        video, RUN, faces=two_people() if rows is None else rows, look=look or Look(to_s=4.0),
        made_at=datetime(2026, 3, 4, 5, 6), **parts,
    )  # fmt: skip
    return pypdf.PdfReader(io.BytesIO(whole))


def text(reader: pypdf.PdfReader) -> str:
    """All of the text, with every run of blanks as one."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def tags(reader: pypdf.PdfReader) -> list:
    """The document's tags in reading order."""
    document = reader.trailer["/Root"]["/StructTreeRoot"]["/K"][0].get_object()
    return [tag.get_object() for tag in document["/K"]]


def test_what_it_says():
    found = text(made(moments=MOMENTS))
    for said in (
        "Made with Moodreel on 04 Mar 2026, 05:06 UTC.", "Subject anna", "Tag room B", "Consent given", "Length 0:04",
        "Model net-1", "Face detector Haar cascade", "Sampling 2 frames a second; 8 frames",
        "Labels shown Mean of all faces; as stored: most frequent of 5", "Person everyone together",
        "Part 0:00 to 0:04", "A face was found in 7 of the 8 frames looked at (88 %).", "0.5 s in 1 range is excluded.",
        "0:01 anna (1) Anger peaks at 52 % at 0:01", "0:01 question", "0:00 to 0:01 noise", report.INTENDED_USE,
    ):  # fmt: skip
        assert said in found, said


def test_figures_of_each_person():
    found = text(made())
    # Person, from and to, seconds, faces, mean valence, seconds negative, neutral, positive; added up by hand.
    assert "anna (1) 0:00 to 0:03 2.5 5 +0.40 0.0 0.0 2.5" in found
    assert "Person 2 0:00 to 0:03 2.0 4 −1.00 2.0 0.0 0.0" in found
    assert "Everyone 0:00 to 0:03 4.5 9 −0.22 2.0 0.0 2.5" in found
    # Shares: angry, disgust, fear, happy, sad, surprise, neutral.
    assert "Person 2 25.0 % 0.0 % 0.0 % 0.0 % 75.0 % 0.0 % 0.0 %" in found


def test_pictures():
    more = Drawing(CHART.properties(title="More"), pd.DataFrame(), "The same again")
    reader = made(charts=DRAWN | {"more": more})
    pictures = [picture for page in reader.pages for picture in page.images]
    assert len(pictures) == 2
    assert pictures[0].image.size == (1920, 360)  # 640 x 120 at three pixels a point: sharp on paper
    assert len(np.unique(np.asarray(pictures[0].image).reshape(-1, 3), axis=0)) > 2
    figures = [tag for tag in tags(reader) if tag["/S"] == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["Two bars, “one” twice as long", "The same again"]


def test_form():
    reader = made(charts=DRAWN)
    root = reader.trailer["/Root"]
    assert reader.metadata.title == f"Report on {VIDEO['name']}"
    assert reader.metadata.creation_date.isoformat() == "2026-03-04T05:06:00+00:00"
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {(595, 842)}
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)][1:4] == [
        "The video", "How it was looked at", "Who was seen, and how",
    ]  # fmt: skip
    kinds = [tag["/S"] for tag in tags(reader)]
    assert kinds[0] == "/H1" and {"/H2", "/H3", "/P", "/Figure"} <= set(kinds)


def test_all_that_is_said_is_tagged():
    """A reader that follows the tags misses nothing: every text is within a tag, or marked as decoration."""
    for page in made(charts=DRAWN).pages:
        depth = 0
        for operands, operator in page.get_contents().operations:
            depth += (operator in (b"BDC", b"BMC")) - (operator == b"EMC")
            assert depth in (0, 1)
            if operator in (b"Tj", b"TJ", b"'", b'"', b"Do"):
                assert depth == 1, operands


class TestNobody:
    def test_no_face_is_a_finding(self):
        run = RUN | {"frames_with_face": 0, "frames_sampled": 8}
        whole = report.pdf(VIDEO, run, TRACKS[:0], two_people()[:0], Look(to_s=4.0), EXCLUDED[:0], MARKERS[:0], {})
        found = text(pypdf.PdfReader(io.BytesIO(whole)))
        assert "This is a finding, not an error." in found and "No markers were set." in found
        assert "Nothing was excluded." in found

    def test_all_excluded(self):
        rows = two_people().assign(excluded=True)
        found = text(made(rows=rows, moments=MOMENTS[:0]))
        assert "No face counts in this part of the video" in found and "Nothing stands out" in found

    def test_nothing_known(self):
        empty = dict.fromkeys(VIDEO) | {key: VIDEO[key] for key in ("name", "size_bytes", "added_at", "sha256")}
        run = dict.fromkeys(RUN) | {"sample_fps": 2.0, "smoothing": "mean:1.5s"}
        whole = report.pdf(empty, run, TRACKS[:0], two_people()[:0], Look(), EXCLUDED[:0], MARKERS[:0], {})
        assert "Part 0:00 to the end" in text(pypdf.PdfReader(io.BytesIO(whole)))


def test_one_observation():
    rows = faces((0.0, 1, {"happy": 0.4, "sad": 0.6}, "happy"))
    found = text(made(rows=rows, look=Look(1, "raw", threshold=0.9, to_s=1.0)))
    assert "anna (1) 0:00 to 0:00 0.5 1 −0.20 0.0 0.0 0.0" in found  # undecided: in no category
    assert "Person anna (1)" in found and "100.0 %" in found
    assert "Everyone" not in found


@pytest.mark.parametrize(
    "name",
    [
        "A" * 10_000, "word " * 2_000, "<b onclick=\"x()\">**bold**</b> __it__ [a](http://b)", "=cmd|' /C calc'!A0",
        "two\nlines\tand\x00nothing\u202e", "مرحبا بالعالم", "李雷和韩梅梅.mp4", "👩‍👩‍👧 😀", "",
    ],
    ids=["long", "words", "html", "formula", "control", "arabic", "chinese", "emoji", "empty"],
)  # fmt: skip
def test_names_that_people_should_not_have(name):
    video = VIDEO | {"name": name, "subject": name, "tags": {name: name}}
    markers = MARKERS.assign(kind=name, note=name)
    reader = made(video, tracks=TRACKS.assign(label=name), markers=markers, excluded=EXCLUDED.assign(reason=name))
    assert len(reader.pages) < 12
    assert "What the figures mean" in text(reader)


def test_text_is_taken_literally():
    found = text(made(VIDEO | {"name": "<b>**x**</b> =1+1.mp4"}))
    assert "File <b>**x**</b> =1+1.mp4" in found


def test_what_the_font_lacks_is_said():
    reader = made(VIDEO | {"name": "李.mp4"})
    assert f"Report on {LACKING}.mp4" in text(reader)
    assert f"are shown as {LACKING}: U+674E." in text(reader)
    assert reader.metadata.title == "Report on 李.mp4"
    assert "font lacks" not in text(made(VIDEO | {"name": "plain é Ω я.mp4"}))


def test_a_long_table_has_its_header_on_every_page():
    with Document("t", "f") as document:
        document.table([(str(number), "x") for number in range(120)], [1, 3], ["Number", "What"])
        reader = pypdf.PdfReader(io.BytesIO(document.whole()))
    assert len(reader.pages) > 2
    assert all("Number What" in " ".join(page.extract_text().split()) for page in reader.pages)
    rows = text(reader).split()
    assert [word for word in rows if word.isdigit()].count("77") == 1


def test_more_markers_than_anybody_reads():
    markers = pd.concat([MARKERS.assign(kind=f"kind{number}") for number in range(250)])
    found = text(made(markers=markers))
    assert "kind199" in found and "kind200" not in found
    assert "… and 50 more" in found
