"""The sections of the library, opened as a person would, without a browser."""

import pytest

from dashboard import library_selection
from db.store import Store
from processor.config import Home
from tests.dashboard.conftest import add
from tests.dashboard.test_pages import DONE, FAILED, NOBODY, QUEUED, alive, button, requests, texts

pytestmark = pytest.mark.slow


def at(open_page, name, **query):
    app = open_page("library", show=name, **query)
    assert not app.exception
    return app


@pytest.mark.parametrize("name", ["Videos", "Edit", "Import", "Storage", "Duplicates"])
def test_every_section_on_an_empty_and_a_seeded_home(home, open_page, name):
    assert "Nothing here yet" in texts(at(open_page, name))
    with Store(home.store, home.results) as store:
        add(store, "a" * 16, "x\n<b>*y*</b>.mp4", subject="=1+1", tags={"a": "b"})
        store.publish()
    assert "Nothing here yet" not in texts(at(open_page, name))


def test_filters_are_in_the_address(seeded, open_page):
    app = open_page("library", q="first", cohort="pilot")
    assert list(app.dataframe[0].value["video"]) == ["first session.mp4"]
    app.text_input(key="q").set_value("").run()
    assert len(app.dataframe[0].value) == 2
    # What no video has any more is shown and lets nothing through: a filter must not grow wider by itself.
    gone = open_page("library", cohort="gone")
    assert "No video fits these filters" in texts(gone) and "Only cohorts: gone" in texts(gone)


def test_a_filter_is_saved_used_and_forgotten(seeded, open_page):
    with Store(seeded.store, seeded.results) as store:
        wanted = {"text": "o", "cohorts": ["pilot"], "tags": {"site": ["Wien"]}, "from_day": "2026-01-01"}
        store.save("filter", "f1", "mine", wanted)
        store.publish()
    app = open_page()
    app.button(key="use-f1").click().run()
    assert not app.exception
    assert (app.text_input(key="q").value, app.multiselect(key="cohort").value) == ("o", ["pilot"])
    assert app.multiselect(key="tag").value == ["site=Wien"] and str(app.date_input(key="from").value) == "2026-01-01"
    app.button(key="forget-f1").click().run()
    app.text_input(key="filter-name").set_value("other")
    button(app, "Save the filter").click().run()
    forget, save = requests(seeded)
    assert (forget["kind"], forget["filter_id"]) == ("filter_forget", "f1")
    assert (save["kind"], save["filter"], save["seen"]) == ("filter_save", wanted, None)
    button(app, "Show everything").click().run()
    assert len(app.dataframe[0].value) == 7


def test_what_can_be_done_with_ticked_videos(seeded, open_page):
    app = open_page()
    assert not any(each.label == "Analyse again" for each in app.button)
    app.session_state["chosen-videos"] = [DONE, NOBODY, "gone"]
    app.run()
    assert "2 videos are ticked" in texts(app)
    button(app, "Analyse again").click().run()
    assert {(r["kind"], r["video_id"]) for r in requests(seeded)} == {("reprocess", DONE), ("reprocess", NOBODY)}
    app.text_input(key="q").set_value("nobody").run()
    assert "2 videos are ticked, 1 of them not in the list" in texts(app).replace("\\", "").replace("*", "")
    app.button(key="delete-ticked").click().run()
    button(app, "Delete").click().run()
    deleted = [(r["video_id"], r["delete_file"]) for r in requests(seeded) if r["kind"] == "delete"]
    assert sorted(deleted) == [(DONE, False), (NOBODY, False)]
    button(app, "Untick all").click().run()
    assert "ticked" not in texts(app).split("Tick rows")[0]


def test_groups_to_compare(seeded, open_page):
    from dashboard import context, listing
    from db import results

    videos = listing.with_state(results.videos(context.connection()))
    rows = videos[videos["video_id"].isin([DONE, FAILED, QUEUED])]
    by_cohort = library_selection.groups(rows, "cohort")
    assert {group.name: set(group.videos) for group in by_cohort} == {
        "pilot": {DONE, FAILED}, "without a cohort": {QUEUED},
    }  # fmt: skip
    same = rows.assign(name="a.mp4")
    assert [group.name for group in library_selection.groups(same, "video")] == ["a.mp4", "a.mp4 (2)", "a.mp4 (3)"]


def test_set_for_all_and_save(seeded, open_page):
    app = at(open_page, "Edit", cohort="pilot")
    assert "Details of the 2 videos that fit the filters" in texts(app)
    app.selectbox(key="set-what").set_value("session")
    app.text_input(key="set-value").set_value("7")
    button(app, "Set for all 2 rows").click().run()
    app.button(key="save-details").click().run()
    assert not app.exception
    (request,) = requests(seeded)
    assert request["kind"] == "edit_many"
    assert {edit["video_id"]: (edit["seen"], edit["changes"]) for edit in request["edits"]} == {
        DONE: ({"session": "1"}, {"session": "7"}), FAILED: ({"session": None}, {"session": "7"}),
    }  # fmt: skip
    assert "Handed to the processor" in texts(app)


def test_a_value_that_is_none_is_said(seeded, open_page):
    app = at(open_page, "Edit")
    app.selectbox(key="set-what").set_value("tags")
    app.text_input(key="set-value").set_value("Vienna")
    button(app, "Set for all 7 rows").click().run()
    assert "must be written like site" in texts(app) and "Nothing is changed yet" in texts(app)


def test_import(seeded, open_page):
    app = at(open_page, "Import")
    uploads = app.file_uploader
    table = b"name;session;date\nnobody.mp4;5;03/04/2026\nwaits.mp4;=2;\nelsewhere.mp4;1;\n"
    uploads[len(uploads) - 1].set_value([("s.csv", table, "text/csv")]).run()
    assert not app.exception
    said = texts(app)
    assert "One row has a date with two meanings" in said and "One value of one video will change" in said
    next(each for each in app.radio if each.label.startswith("Which comes first")).set_value(
        "Day first: 31/12/2026"
    ).run()
    assert "3 values of 2 videos will change" in texts(app)
    app.button(key="import-details").click().run()
    (request,) = requests(seeded)
    changes = {edit["video_id"]: edit["changes"] for edit in request["edits"]}
    assert changes == {NOBODY: {"session": "5", "recorded_at": "2026-04-03T00:00:00"}, QUEUED: {"session": "=2"}}


def test_thumbnails(seeded, open_page):
    app = open_page()
    assert "picture" not in app.dataframe[0].value
    app.radio(key="thumbnails-off").set_value("blurred").run()
    (request,) = requests(seeded)
    assert (request["kind"], request["name"], request["value"], request["seen"]) == (
        "setting_change", "thumbnails", "blurred", "off",
    )  # fmt: skip
    with Store(seeded.store, seeded.results) as store:
        store.put_thumbnail(DONE, f"{DONE}-1-blurred.jpg", 1.0, 9)
        store.publish()
    alive(seeded, thumbnails={"done": 1, "total": 4, "eta_s": 90.0})
    app.run()
    rows = app.dataframe[0].value.set_index("video")
    assert rows.loc["first session.mp4", "picture"].startswith(f"/files/thumbnail/{DONE}/{DONE}-1-blurred.jpg?token=")
    said = [element.proto.text for element in app.get("progress")]
    assert any("1 of 4" in text and "about 1 min 30 s left" in text for text in said)


def test_storage_and_duplicates(seeded, open_page):
    (seeded.library / "x.mp4").write_bytes(b"x" * 2_000_000)
    app = at(open_page, "Storage")
    kinds = app.dataframe[0].value.set_index("what")
    assert kinds.loc["Videos in the library", "size"] == "2 MB" and kinds.loc["Videos in the library", "files"] == 1
    with Store(seeded.store, seeded.results) as store:
        store.put_file("/inbox/again.mp4", DONE, 9, 1, None)
        store.update_video(NOBODY, name="First Session (1).mov")
        store.publish()
    app = at(open_page, "Duplicates")
    assert app.dataframe[0].value["use"].to_list() == ["in use", "copy"]
    assert app.dataframe[1].value["recording"].to_list() == [1, 1]
    button(app, "Tick these 2 in the list of videos").click().run()
    assert "2 videos are ticked" in texts(app)


def test_storage_counts_each_file_once(home: Home):
    from dashboard import storage

    (home.refused / "a.json").write_bytes(b"12345")
    (home.spool / "b.json").write_bytes(b"123")
    (home.path / "notes.txt").write_bytes(b"1")
    (home.library / "link.mp4").symlink_to(home.path / "notes.txt")
    rows = storage.used(home).set_index("what")
    assert rows.loc["Refused requests", ["files", "size_bytes"]].to_list() == [1, 5]
    assert rows.loc["Requests that wait", ["files", "size_bytes"]].to_list() == [1, 3]
    assert rows.loc["Videos in the library", "files"] == 0
    assert rows["size_bytes"].sum() == 9 and rows.loc[storage.OTHER, "size_bytes"] == 1
