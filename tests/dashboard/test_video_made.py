"""What is asked of the processor in the section Exports, and how what it made is shown, on a home with real results."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db.store import Store
from processor import making_form, spool, status

pytestmark = pytest.mark.slow  # whole pages

VIDEO = "a" * 16


@pytest.fixture
def shown(seeded, open_page):
    return lambda: open_page("video", video=VIDEO, section="Exports")


def asked(home) -> list[dict]:
    return [json.loads(path.read_text()) for path in spool.pending(home.spool)]


def make(home, *rows) -> None:
    """Each row: (made_id, kind, options, state, and what belongs to the state)."""
    with Store(home.store, home.results) as store:
        for made_id, kind, options, state, *rest in rows:
            store.queue_made(made_id, VIDEO, kind, options)
            if state == "done":
                store.finish_made(made_id, *rest)
            elif state == "failed":
                store.fail_made(made_id, *rest)
        store.publish()


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def test_nothing_has_been_made(shown):
    app = shown()
    assert "Nothing yet." in texts(app)
    assert not any(button.key.startswith("unmake") for button in app.button if button.key)


def test_an_annotated_video_is_asked_for_as_the_page_looks(shown, seeded):
    app = shown()
    app.checkbox(key="annotated-blur").check().run()
    app.checkbox(key="annotated-labels").uncheck().run()
    app.button(key="make-annotated").click().run()
    [request] = asked(seeded)
    assert (request["kind"], request["video_id"], request["what"]) == ("make", VIDEO, "annotated")
    assert (request["options"]["blur"], request["options"]["labels"]) == (True, False)
    fields = {name: request[name] for name in ("video_id", "what", "options")}
    assert making_form.KINDS["make"](fields) == fields  # the processor takes it as it is


def test_clips_of_key_moments_and_of_markers(shown, seeded):
    with Store(seeded.store, seeded.results) as store:
        store.add_markers(
            VIDEO, [{"marker_id": "m1", "t_s": 2.5, "end_s": None, "kind": "stimulus", "note": None}], "typed"
        )
        store.publish()
    app = shown()
    choice = app.selectbox(key="clips-of")
    assert "Markers: stimulus (1)" in choice.options and choice.options[0].startswith("All key moments (")
    choice.select("Markers: stimulus").run()
    app.number_input(key="clips-before").set_value(0.5).run()
    app.button(key="make-clips").click().run()
    [request] = asked(seeded)
    assert request["options"] == {
        "moments": [{"t_s": 2.5, "name": "stimulus"}], "before_s": 0.5, "after_s": 3.0, "blur": False,
    }  # fmt: skip
    fields = {name: request[name] for name in ("video_id", "what", "options")}
    assert making_form.KINDS["make"](fields) == fields


def test_clips_that_would_last_no_time_can_not_be_asked_for(shown):
    app = shown()
    app.number_input(key="clips-before").set_value(0.0)
    app.number_input(key="clips-after").set_value(0.0).run()
    assert app.button(key="make-clips").disabled


def test_what_was_made_can_be_downloaded_and_deleted(shown, seeded):
    clips = {"moments": [{"t_s": 65.0, "name": "x"}], "before_s": 2.0, "after_s": 3.0, "blur": True}
    make(
        seeded, ("m1", "annotated", {"labels": True, "blur": True}, "done", "m1.mp4", 12_000_000),
        ("m2", "clips", clips, "failed", "clip.mp4 is *gone*."),
    )  # fmt: skip
    app = shown()
    said = texts(app)
    assert "**Annotated video** · faces blurred" in said
    assert "1 from 1:05 on · 2 s before to 3 s after: clip\\.mp4 is \\*gone\\*\\." in said
    assert any("/files/made/" in link and "_annotated.mp4" in link and "(12 MB)" in link for link in links(app))
    app.button(key="unmake-m1").click().run()
    assert [(request["kind"], request["made_id"]) for request in asked(seeded)] == [("unmake", "m1")]


def links(app) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def test_progress_while_it_is_made_and_waiting(shown, seeded):
    make(seeded, ("m1", "annotated", {"labels": True, "blur": False}, "queued"), ("m2", "proxy", {}, "queued"))
    assert "waits for the processor, which is not running" in texts(shown())
    now = datetime.now(UTC).isoformat()
    at_work = status.Status(os.getpid(), "1", now, now, "running")
    making = [{"made_id": "m1", "video_id": VIDEO, "kind": "annotated", "name": "x", "share": 0.42, "eta_s": 90.0}]
    status.write(seeded.path, replace(at_work, making=making))
    app = shown()
    [bar] = [element.proto for element in app.get("progress") if "Annotated video" in element.proto.text]
    assert bar.value == 42 and "42 % · about 1 min 30 s left" in bar.text
    assert "**Playable copy**: waits for its turn" in texts(app)
    assert {button.label for button in app.button if (button.key or "").startswith("unmake")} == {"Cancel"}
