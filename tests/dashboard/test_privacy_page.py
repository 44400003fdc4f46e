"""The Privacy page, and the question at the first use, as people see them."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.first_use import CONFIRMED
from db.store import Store
from processor import spool
from tests.dashboard.conftest import APP, AWKWARD, add

pytestmark = pytest.mark.slow

SECTIONS = ("Purpose and notice", "Consent", "Retention", "Erase")


def handed_in(home) -> list[dict]:
    """The requests that wait, without what every one has."""
    requests = [spool.load(path) for path in spool.pending(home.spool)]
    return [{k: v for k, v in one.items() if k not in ("request_id", "requested_at")} for one in requests]


def said(app) -> str:
    kinds = (app.markdown, app.caption, app.info, app.success, app.warning)
    return "\n".join(str(one.value) for kind in kinds for one in kind).replace("\\", "")


@pytest.fixture
def first(home, monkeypatch, open_page) -> AppTest:
    """The dashboard on a home of which nobody has said what it is for."""
    return AppTest.from_file(APP, default_timeout=30).run()


def test_the_first_use_asks_before_any_page(first, home):
    assert [title.value for title in first.title] == ["Before you begin"]
    first.button[0].click().run()
    assert "tick the confirmation" in said(first) and handed_in(home) == []
    first.text_input[0].set_value("a study")
    first.checkbox[0].check()
    first.button[0].click().run()
    [request] = handed_in(home)
    assert request["kind"] == "confirm_purpose" and request["purpose"] == "a study"
    assert [title.value for title in first.title] == ["Library"]  # though nobody has applied it yet


def test_once_confirmed_nobody_is_asked_again(home, open_page):
    with Store(home.store, home.results) as store:
        store.confirm_purpose("a study", "Not at work.")
        store.publish()
    app = AppTest.from_file(APP, default_timeout=30).run()
    assert [title.value for title in app.title] == ["Library"] and app.session_state[CONFIRMED] is True


def test_before_the_processor_ran(open_page):
    assert "has not run here yet" in said(open_page("privacy"))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_a_new_store_and_of_one_with_everything(seeded, open_page, section):
    app = open_page("privacy", section=section)
    assert not app.exception
    with Store(seeded.store, seeded.results) as store:
        store.confirm_purpose(AWKWARD, "Not at work.")
        store.put_consent(AWKWARD, given=True, given_on=None, expires_on=None, note=AWKWARD)
        store.put_setting("require_consent", True)
        store.put_setting("retention_days", {"videos": 1, "thumbnails": 1, "made": 1, "results": 1})
        store.put_setting("retention_watched", True)
        store.put_setting("notice", {"controller": "<b>us", "contact": "*x*", "purpose": ":smile:"})
        store.publish()
    app.run()
    assert not app.exception


def test_the_notice_is_filled_in(seeded, open_page):
    app = open_page("privacy")
    app.text_input(key="controller").set_value("Institute")
    app.button[0].click().run()
    [request] = handed_in(seeded)
    assert request["name"] == "notice" and request["value"]["controller"] == "Institute"
    assert request["seen"] == {"controller": "", "contact": "", "purpose": ""}


def test_consent_is_recorded_for_somebody_without_a_video(seeded, open_page):
    app = open_page("privacy", section="Consent")
    app.toggle[0].set_value(True).run()
    app.text_input[0].set_value("Cleo")
    next(button for button in app.button if button.label == "Record consent").click().run()
    setting, consent = handed_in(seeded)
    assert (setting["name"], setting["value"], setting["seen"]) == ("require_consent", True, False)
    assert consent["subject"] == "Cleo" and consent["seen"] is None and consent["consent"]["given"] is True


def test_videos_without_consent_wait_and_say_why(home, open_page):
    with Store(home.store, home.results) as store:
        add(store, "a" * 16, "one.mp4", subject="anna")
        store.put_setting("require_consent", True)
        store.publish()
    assert "It waits for consent of anna" in said(open_page("privacy", section="Consent"))
    app = open_page("library")
    assert list(app.dataframe[0].value["state"]) == ["no consent"] and "1 video waits for consent" in said(app)
    assert "It waits for consent of anna" in said(open_page("video", video="a" * 16))


def test_the_days_are_handed_in(seeded, open_page):
    app = open_page("privacy", section="Retention")
    app.number_input(key="made").set_value(7)
    app.button[0].click().run()
    [request] = handed_in(seeded)
    assert request["value"] == {"videos": None, "thumbnails": None, "made": 7, "results": None}


def test_a_subject_is_erased_once_somebody_says_so(seeded, open_page):
    with Store(seeded.store, seeded.results) as store:
        marker = {"marker_id": "m", "t_s": 2.0, "end_s": None, "kind": "x", "note": "as anna did"}
        store.add_markers("e" * 16, [marker], "typed")
        store.publish()
    app = open_page("privacy", section="Erase")
    app.selectbox[0].set_value("anna").run()
    button = next(button for button in app.button if button.label == "Erase")
    assert button.disabled and "first session.mp4" in said(app)
    assert "Replace the name by [erased] in 1 text of others" in [box.label.replace("\\", "") for box in app.checkbox]
    assert list(app.dataframe[1].value["Text"]) == ["as anna did"]
    app.checkbox[-1].check().run()
    next(button for button in app.button if button.label == "Erase").click().run()
    [request] = handed_in(seeded)
    assert (request["kind"], request["subject"], request["mentions"]) == ("erase", "anna", True)
    assert len(request["token"]) == 32 and "salt" not in json.dumps(request)
    assert app.selectbox[0].value is None and not app.exception
