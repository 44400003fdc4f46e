"""The section Exports on a home with real results: which files there are, when they are made, and what they are of."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from db import results
from db.store import Store

pytestmark = pytest.mark.slow  # whole pages
VIDEO, AWKWARD = "a" * 16, "f" * 16


def shown(open_page, video: str = VIDEO, **query):
    return open_page("video", video=video, section="Exports", **query)


def files(app, kind: str) -> dict[str, bytes]:
    """What was prepared, by the end of its name."""
    return {what: data for _, what, data, _ in app.session_state[f"exports-{kind}"][1]}


def prepared(app, kind: str) -> dict[str, bytes]:
    """What a click on `Prepare …` gives."""
    app.button(key=f"prepare-{kind}").click().run()
    assert not app.exception
    return files(app, kind)


def offered(app) -> list[str]:
    """The labels of the download buttons."""
    return [button.proto.label for button in app.get("download_button")]


def test_labels_are_there_at_once_and_the_rest_is_asked_for(seeded, open_page):
    app = shown(open_page)
    assert offered(app) == ["Smoothed labels", "Raw labels"]
    assert [f"prepare-{kind}" in {button.key for button in app.button} for kind in ("tables", "charts", "report")] == [
        True, True, True,
    ]  # fmt: skip


def test_tables(seeded, open_page):
    app = shown(open_page)
    found = prepared(app, "tables")
    assert set(found) == {"observations.csv", "observations.parquet", "observations.json"}
    assert offered(app)[2:] == ["Everything as CSV", "Everything as Parquet", "Everything as JSON"]
    with results.connect(seeded.snapshot) as con:
        count = results.videos(con).set_index("video_id").loc[VIDEO, "observations"]
    assert len(json.loads(found["observations.json"])["observations"]) == count
    assert found["observations.csv"].count(b"\n") == count + 1


def test_charts(seeded, open_page):
    found = prepared(shown(open_page), "charts")
    names = {name.rpartition(".")[0] for name in found} - {"charts"}
    assert {"coverage", "probabilities", "category", "seconds", "shares", "transitions"} <= names
    assert all(found[f"{name}.png"].startswith(b"\x89PNG") and b"<svg" in found[f"{name}.svg"] for name in names)
    with zipfile.ZipFile(io.BytesIO(found["charts.zip"])) as archive:
        assert archive.read("first_session_shares.png") == found["shares.png"]
        assert len(archive.namelist()) == 2 * len(names)


def test_report_of_a_video_with_an_awkward_name(seeded, open_page):
    found = prepared(shown(open_page, AWKWARD), "report")
    assert found["report.pdf"].startswith(b"%PDF") and len(found["report.pdf"]) > 100_000


def test_files_of_something_else_are_not_offered(seeded, open_page):
    app = shown(open_page)
    prepared(app, "tables")
    app.run()
    assert "Everything as CSV" in offered(app)
    with Store(seeded.store, seeded.results) as store:
        store.update_video(VIDEO, subject="bela")
        store.publish()
    app.run()
    assert "Everything as CSV" not in offered(app)
    about = json.loads(prepared(app, "tables")["observations.json"])
    assert about["video"]["subject"] == "bela"
