"""Alerts as they are tried on a stream's sights."""

import numpy as np

from dashboard.live_alerts import Watch, watch_for, what, who
from db.emotions import EMOTIONS
from processor.alerting import Rule
from processor.live_faces import LiveFace, Sight

SAD = Rule("r", "Sad for a second", "sad", 0.6, 1.0, 2.0)


def sight(t_s: float, sad: float | None) -> Sight:
    p = np.full(7, (1 - (sad or 0)) / 6)
    p[EMOTIONS.index("sad")] = sad or 0
    faces = () if sad is None else (LiveFace(4, np.zeros(4), 0.9, p, p, int(p.argmax())),)
    return Sight(0, t_s, t_s, t_s, (640, 480), faces, 100.0, 100.0)


def test_an_alert_is_new_once_under_way_and_then_over():
    watch = Watch([SAD], {})
    for step in range(6):  # held from 0.0; a second is complete with the frame at 1.0
        watch.seen(sight(step / 5, 0.9))
    (begun,) = watch.new()
    assert (begun.rule, begun.track_id, begun.start_s, begun.peak) == ("Sad for a second", 4, 0.0, 0.9)
    assert watch.new() == []
    ((_, under_way),) = watch.alerts()
    assert under_way
    for step in range(6, 30):
        watch.seen(sight(step / 5, 0.1))
    ((over, under_way),) = watch.alerts()
    assert not under_way
    assert round(over.end_s, 3) == 1.2  # the last held frame stands until the next one


def test_without_a_face_and_out_of_order_nothing_is_raised():
    watch = Watch([SAD], {})
    for t_s in (0.0, 0.2, 0.2, 0.1, 5.0):
        watch.seen(sight(t_s, None))
    assert watch.alerts() == [] and watch.new() == []


def test_the_same_rules_keep_their_watch():
    rule = {"rule_id": "r", "name": "n", "target": "sad", "threshold": None, "at_least_s": 1.0, "within_s": 2.0}
    watch = watch_for(None, [rule], {"sad": 0.4})
    assert watch_for(watch, [rule], {"sad": 0.4}) is watch
    assert watch_for(watch, [rule], {"sad": 0.5}) is not watch
    assert watch_for(watch, [], {"sad": 0.4}) is not watch


def test_alerts_in_words():
    watch = Watch([SAD], {})
    for step in range(8):
        watch.seen(sight(step / 5, 0.9))
    ((alert, _),) = watch.alerts()
    assert who(alert, {}) == "Person 4"
    assert who(alert, {4: "Anna"}) == "Anna"
    assert what(alert, under_way=True) == "sad since 0:00"
    assert what(alert, under_way=False) == "sad from 0:00 to 0:01, up to 0.90"
