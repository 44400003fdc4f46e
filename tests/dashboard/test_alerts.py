"""Page Alerts, opened without a browser: an empty store, rules, the list, messages; and what it says in words."""

import numpy as np
import pandas as pd
import pytest

from dashboard.alert_words import PROPOSED, in_words, seconds, times, what_was, would_raise
from db.store import Store
from processor import spool
from processor.alert_evaluation import try_rules

DONE = "a" * 16
RULE = PROPOSED | {"at_least_s": 2.0, "within_s": 4.0, "threshold": 0.5}


def texts(app) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


def asked(home) -> list[dict]:
    return [spool.load(path) for path in spool.pending(home.spool)]


def with_alerts(home, **fields) -> None:
    with Store(home.store, home.results) as store:
        store.put_rule("r1", **RULE | fields)
        for run in store.runs("done"):
            try_rules(store, run["run_id"])
        store.publish()


def test_in_words():
    assert in_words(PROPOSED, {}) == "When sad is at or above 0.60 for 20 s within any 30 s, per person."
    follows = PROPOSED | {"threshold": float("nan"), "target": "negative", "within_s": 20.0}
    assert in_words(follows, {"negative": 0.75}) == (
        "When negative is at or above 0.75, its sensitivity, for 20 s without a break, per person."
    )
    assert [seconds(value) for value in (0.5, 20, 59.96, 90, 125.25)] == [
        "0.5 s",
        "20 s",
        "1 min",
        "1 min 30 s",
        "2 min 5.2 s",
    ]
    alert = pd.Series(
        {"target": "sad", "threshold": 0.6, "start_s": 65.5, "end_s": 96.5, "held_s": 24.5, "peak": 0.934}
    )
    assert what_was(alert) == "sad at or above 0.60 for 24.5 s of 31 s, up to 0.93"
    assert times(alert) == "1:05.5 to 1:36.5"


def test_would_raise():
    runs = pd.DataFrame({"run_id": [1, 2], "video_id": ["v", "w"], "sample_fps": 1.0, "smoothing": "mode:5"})
    sad = np.zeros((5, 7))
    sad[:, 4] = 1
    faces = {1: (np.arange(5.0), np.ones(5, int), sad, np.arange(5.0)),
             2: (np.arange(5.0), np.ones(5, int), 0 * sad, np.arange(5.0))}  # fmt: skip
    assert would_raise(RULE, {}, runs, faces.get, lambda video: []) == (1, 1)
    assert would_raise(RULE, {}, runs, faces.get, lambda video: [(0.0, 4.0)]) == (0, 0)


@pytest.mark.slow
def test_an_empty_store(open_page):
    assert "Nothing has been analysed yet" in texts(open_page("alerts"))


@pytest.mark.slow
def test_no_rule_yet(seeded, open_page):
    assert "There is no rule yet, so nothing raises an alert" in texts(open_page("alerts"))
    app = open_page("alerts", view="Rules")
    assert in_words(PROPOSED, {}) in texts(app)
    app.button(key="use-proposed").click().run()
    (request,) = asked(seeded)
    assert request["kind"] == "rule_save" and {name: request[name] for name in PROPOSED} == PROPOSED
    assert "Off." in texts(open_page("alerts", view="Messages"))


@pytest.mark.slow
def test_the_list(seeded, open_page):
    with_alerts(seeded, target="negative", threshold=0.4)
    app = open_page("alerts")
    said = texts(app)
    assert "not acknowledged" in said and "Prolonged sadness" in said and "first session.mp4" in said
    boxes = [box for box in app.checkbox if box.label.startswith("Choose the alert")]
    assert len(boxes) >= 3
    links = [link.proto for link in app.get("page_link")]
    assert all("t=" in link.query_string and "video=" in link.query_string for link in links)
    app.button(key="choose").click().run()
    assert all(box.value for box in app.checkbox if box.label.startswith("Choose the alert"))
    app.text_input(key="alert-note-0").set_value(" all right ").run()
    app.button(key="acknowledge").click().run()
    (request,) = asked(seeded)
    assert (request["kind"], request["note"], request["acknowledged"]) == ("alerts_acknowledge", "all right", True)
    assert len(request["alert_ids"]) == len(boxes)
    assert not any(box.value for box in app.checkbox if box.label.startswith("Choose the alert"))
    assert app.text_input(key="alert-note-1").value == ""


@pytest.mark.slow
def test_filters_and_what_is_acknowledged(seeded, open_page):
    with_alerts(seeded, target="negative", threshold=0.4)
    with Store(seeded.store, seeded.results) as store:
        run_id = store.current_run(DONE)["run_id"]
        store.acknowledge([alert["alert_id"] for alert in store.alerts(run_id)], "*spoken* with her", True)
        store.publish()
    app = open_page("alerts", alert_subject="anna")
    assert "*spoken* with her" in texts(app) and "AWKWARD" not in texts(app) and "<b onclick" not in texts(app)
    app.toggle(key="alerts_left").set_value(True).run()
    assert not app.exception and "No alert fits these choices" in texts(app)


@pytest.mark.slow
def test_the_rule_chosen_stays_when_it_gets_another_name(seeded, open_page):
    with_alerts(seeded)
    app = open_page("alerts", alert_rule="r1")
    assert app.selectbox(key="alert_rule").value == "r1"
    with Store(seeded.store, seeded.results) as store:
        store.put_rule("r1", **RULE | {"name": "quite another"})
        store.publish()
    app.run()
    (chosen,) = [box for box in app.selectbox if box.label == "Rule"]
    assert not app.exception and (chosen.value, chosen.options[-1]) == ("r1", "quite another")
    assert app.query_params["alert_rule"] == "r1"


@pytest.mark.slow
def test_the_editor(seeded, open_page):
    with_alerts(seeded)
    app = open_page("alerts", view="Rules")
    app.button(key="edit-r1").click().run()
    app.number_input(key="rule-at-least").set_value(5.0).run()
    assert not app.exception
    assert "The window must be at least as long" in texts(app) and app.button(key="rule-save").disabled
    app.number_input(key="rule-within").set_value(6.0).run()
    app.toggle(key="rule-own").set_value(False).run()
    assert "at or above 0.50, its sensitivity, for 5 s within any 6 s" in texts(app)
    app.button(key="rule-try").click().run()
    assert "It would have raised" in texts(app)
    app.button(key="rule-save").click().run()
    (request,) = asked(seeded)
    assert (request["rule_id"], request["threshold"], request["at_least_s"]) == ("r1", None, 5.0)
    assert request["seen"] == {name: value for name, value in RULE.items()}


@pytest.mark.slow
def test_sensitivity_switch_and_deletion(seeded, open_page):
    with_alerts(seeded)
    app = open_page("alerts", view="Rules")
    app.slider(key="sensitivity-sad-0.5").set_value(0.7).run()
    app.toggle(key="on-r1-True").set_value(False).run()
    app.button(key="del-r1").click().run()
    app.button(key="delete-rule").click().run()
    assert not app.exception
    kinds = [(request["kind"], request.get("enabled"), request.get("threshold")) for request in asked(seeded)]
    assert kinds == [("sensitivity", None, 0.7), ("rule_save", False, 0.5), ("rule_delete", None, None)]


@pytest.mark.slow
def test_messages(seeded, open_page, monkeypatch):
    monkeypatch.setenv("MOODREEL_ALERT_WEBHOOK", "https://hooks.example.org/services/T0P-s3cret")
    with Store(seeded.store, seeded.results) as store:
        store.queue_test("1-a", "webhook")
        store.not_delivered("webhook", ["test/1-a"], "The webhook at hooks.example.org answered 500.", ())
        store.queue_deliveries(["x", "y"], ["webhook"])
        store.not_delivered("webhook", ["x"], "The webhook at hooks.example.org broke off the connection.", (30.0,))
        store.delivered("webhook", ["y"])
        store.publish()
    app = open_page("alerts", view="Messages")
    said = texts(app)
    assert "hooks.example.org" in said and "s3cret" not in said and "s3cret" not in str(app)
    assert "1 sent, 1 waiting" in said and "broke off the connection" in said and "The next try is at" in said
    assert "The latest test failed. The webhook at hooks.example.org answered 500." in said
    app.button(key="test-webhook").click().run()
    assert [(request["kind"], request["channel"]) for request in asked(seeded)] == [("alert_test", "webhook")]


@pytest.mark.slow
def test_on_the_other_pages(seeded, open_page):
    with_alerts(seeded, target="negative", threshold=0.4)
    assert "in this video, not acknowledged: listed in the section Moments" in texts(open_page("video", video=DONE))
    app = open_page("video", video=DONE, section="Moments", t="12.5")
    assert "Alerts" in [header.value for header in app.subheader]
    assert app.session_state["player-seek"] == (1, 12.5)
    app.run()
    assert app.session_state["player-seek"] == (1, 12.5)  # once for each address
    for wrong in ("x", "nan", "-1", "inf"):
        assert "player-seek" not in open_page("video", video=DONE, t=wrong).session_state
    links = [link.proto.label for link in open_page("library").get("page_link")]
    assert any("alerts are not acknowledged" in label for label in links)
