"""Settings, purpose and consent in the store, and as pages read them."""

from datetime import date

import pytest

from db import privacy_results, results
from db.privacy import DEFAULTS

DAY = date(2026, 3, 10)


def add(store, video_id: str, **columns) -> None:
    video = {"sha256": video_id * 4, "path": f"/in/{video_id}.mp4", "size_bytes": 1, "source": "watch"}
    store.add_video({"video_id": video_id, "name": f"{video_id}.mp4", **video, **columns})


def say(store, subject: str, given: bool = True, given_on=None, expires_on=None, note=None) -> None:
    store.put_consent(subject, given=given, given_on=given_on, expires_on=expires_on, note=note)


def test_a_setting_has_its_default_until_somebody_decides_it(store):
    assert {name: store.setting(name) for name in DEFAULTS} == DEFAULTS
    store.put_setting("thumbnails", "blurred")
    days = {"videos": 30, "thumbnails": None, "made": 7, "results": None}
    store.put_setting("retention_days", days)
    assert (store.setting("thumbnails"), store.setting("retention_days")) == ("blurred", days)
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        assert privacy_results.settings(con) == DEFAULTS | {"thumbnails": "blurred", "retention_days": days}


@pytest.mark.parametrize("change", [lambda store: store.setting("x"), lambda store: store.put_setting("x", 1)])
def test_a_setting_that_there_is_not(store, change):
    with pytest.raises(KeyError, match="x"):
        change(store)


def test_the_purpose_is_confirmed_once(store):
    assert store.purpose() is None
    store.confirm_purpose("a study of smiles", "Not at work.")
    assert store.purpose()["purpose"] == "a study of smiles"
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        assert privacy_results.purposes(con)["statement"].tolist() == ["Not at work."]


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        (None, "unknown"),
        ({"given": True}, "given"),
        ({"given": False}, "refused"),
        ({"expires_on": date(2026, 3, 10)}, "given"),  # the last day on which it holds
        ({"expires_on": date(2026, 3, 9)}, "expired"),
        ({"given": False, "expires_on": date(2026, 3, 9)}, "refused"),  # a no does not end
    ],
)
def test_how_consent_stands(store, said, standing):
    if said is not None:
        say(store, "anna", **said)
    assert store.consent_for("anna", DAY) == standing


def test_videos_wait_for_consent_only_where_it_is_required(store):
    add(store, "a" * 16, subject="anna")
    add(store, "b" * 16, subject="ben")
    add(store, "c" * 16)
    add(store, "d" * 16, subject="dora", consent=True)
    say(store, "anna")
    assert store.without_consent(DAY) == {}
    store.put_setting("require_consent", True)
    waits = store.without_consent(DAY)
    assert sorted(waits) == ["b" * 16, "c" * 16]
    assert "consent of ben" in waits["b" * 16] and "name its subject" in waits["c" * 16]


def test_a_no_counts_even_where_consent_is_not_required(store):
    add(store, "a" * 16, subject="anna", consent=True)
    add(store, "b" * 16, consent=False)
    add(store, "c" * 16, subject="cleo")
    say(store, "anna", given=False)
    say(store, "cleo", expires_on=date(2026, 3, 9))
    waits = store.without_consent(DAY)
    assert "anna was refused or withdrawn" in waits["a" * 16]
    assert "refused" in waits["b" * 16] and "ended on 09 Mar 2026" in waits["c" * 16]
    say(store, "cleo", expires_on=date(2026, 4, 9))
    assert sorted(store.without_consent(DAY)) == ["a" * 16, "b" * 16]


def test_the_table_of_consents(store):
    add(store, "a" * 16, subject="anna")
    add(store, "b" * 16, subject="anna")
    add(store, "c" * 16)
    say(store, "Zoe", given=True, given_on=date(2026, 1, 1), expires_on=date(2026, 2, 1), note="on paper")
    store.publish()
    with results.connect(store.path.parent / "results.duckdb") as con:
        rows = privacy_results.consents(con, DAY)
    assert rows[["subject", "videos", "standing"]].values.tolist() == [["anna", 2, "unknown"], ["Zoe", 0, "expired"]]
    assert rows["note"][1] == "on paper" and str(rows["expires_on"][1])[:10] == "2026-02-01"
