"""Messages about alerts: what they say, and receivers that hang, refuse, redirect or break off, over real sockets."""

import email
import email.policy
import logging
import threading
import time

import pytest

from db.store import Store, StoreError
from processor import notify
from processor.config import Home, Settings
from processor.notify import Notifier, channels
from tests.db.crowd import seen
from tests.processor.receivers import answers, drips, hangs, mail_server, receiver, resets

RULE = {"target": "sad", "threshold": 0.6, "at_least_s": 1.0, "within_s": 1.5, "enabled": True, "notify": True}
SECRET = "T0P-s3cret"


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("notify") / "home").create()
    with Store(home.store) as store:
        run_id = seen(store, {1: "sssn" + "n" * 130 + "sss"}, "v1")
        store.update_video("v1", name="visit\n1.mp4", subject="anna", path="/secret/place/v1.mp4")
        store.put_rule("r", name="Long sadness", **RULE)
        from processor.alert_evaluation import try_rules

        assert len(try_rules(store, run_id)) == 2
        yield store


@pytest.fixture
def store(shared_store):
    shared_store._write("DELETE FROM alert_delivery")
    return shared_store


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    """The same limits, shorter."""
    monkeypatch.setattr(notify, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(notify, "LIMITS_S", {"webhook": 0.6, "email": 1.2})


def notifier(store, tmp_path, stopping=lambda: False, **settings):
    told = []
    return Notifier(Settings(home=tmp_path, **settings), store, stopping, told.append), told


def webhook(port):
    return {"alert_webhook": f"http://127.0.0.1:{port}/hooks/{SECRET}?token={SECRET}"}


def by_mail(port, **more):
    return {
        "alert_email_to": ["doctor@example.org", "nurse@example.org"], "alert_email_from": "moodreel@example.org",
        "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", **more,
    }  # fmt: skip


def queue(store, *channels_):
    store.queue_deliveries([alert["alert_id"] for alert in store.alerts(1)], channels_)


def deliveries(store):
    rows = store._read("SELECT * FROM alert_delivery ORDER BY alert_id, channel")
    return [(row["state"], row["attempt"], row["error"]) for row in rows]


def due_now(store):
    """As if the time to wait were over."""
    store._write("UPDATE alert_delivery SET next_try_at = TIMESTAMP '2020-01-01' WHERE state = 'waiting'")


def test_off_by_default(store, tmp_path):
    assert channels(Settings(home=tmp_path)) == {}
    assert channels(Settings(home=tmp_path, **webhook(1), **by_mail(2))) == {
        "webhook": "127.0.0.1", "email": "127.0.0.1"
    }  # fmt: skip


def test_the_webhook_is_told_no_more_than_needed(store, tmp_path):
    with receiver(answers("204 No Content")) as hook:
        one, told = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        one.step()
        one.step()
    ((first, headers, said),) = hook.heard  # both alerts in one message, once
    assert first == f"POST /hooks/{SECRET}?token={SECRET} HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert (said["from"], said["test"], len(said["alerts"])) == ("Moodreel", False, 2)
    alert = said["alerts"][0]
    assert set(alert) == {
        "alert_id", "rule", "target", "threshold", "video", "start_s", "end_s", "held_s", "raised_at"
    }  # fmt: skip
    assert (alert["rule"], alert["target"], alert["video"]) == ("Long sadness", "sad", "visit\n1.mp4")
    assert (alert["start_s"], alert["end_s"], alert["held_s"], alert["threshold"]) == (0, 1.5, 1.5, 0.6)
    assert alert["raised_at"].endswith("+00:00")
    assert deliveries(store) == [("sent", 1, None)] * 2 and told == []


def test_the_subject_is_named_where_that_is_set(store, tmp_path):
    with receiver(answers("200 OK")) as hook:
        one, _ = notifier(store, tmp_path, **webhook(hook.port), alert_subject=True)
        queue(store, "webhook")
        one.step()
    assert {alert["subject"] for alert in hook.heard[0][2]["alerts"]} == {"anna"}


def speaks_another_tongue(connection, heard):
    heard.append(connection.recv(65536))
    connection.sendall(b"SSH-2.0\r\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("talk", "told"),
    [
        (hangs, "did not answer within 0.3 s."),
        (drips, "did not answer in time."),
        (resets, "broke off the connection."),
        (answers("500 Internal Server Error"), "answered 500 (Internal Server Error)."),
        (answers(f"404 {SECRET}"), "answered 404 (Not Found)."),
        (
            answers("302 Found\r\nLocation: http://127.0.0.1:1/elsewhere"),
            "answered with a redirect, 302 (Found), which",
        ),
        (speaks_another_tongue, "did not answer as expected"),
    ],
)
def test_a_webhook_that_does_not_take_it(store, tmp_path, caplog, talk, told):
    with receiver(talk) as hook:
        one, said = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        with caplog.at_level(logging.INFO):
            one.step()
    (state, attempt, error), _ = deliveries(store)
    assert (state, attempt) == ("waiting", 1)
    assert error.startswith("The webhook at 127.0.0.1 ") and told in error and error.endswith(".")
    assert said == [error] and error in caplog.text
    assert SECRET not in caplog.text + str(store._read("SELECT * FROM alert_delivery"))


def test_nobody_there(store, tmp_path):
    with receiver(resets) as hook:
        pass  # its port is free again
    one, _ = notifier(store, tmp_path, **webhook(hook.port), **by_mail(hook.port))
    queue(store, "webhook", "email")
    one.step()
    assert {error for *_, error in deliveries(store)} == {
        "The webhook at 127.0.0.1 refused the connection: nothing listens there.",
        "The mail server 127.0.0.1 refused the connection: nothing listens there.",
    }


def test_tries_again_and_gives_up(store, tmp_path, monkeypatch):
    with receiver(answers("503 Service Unavailable")) as hook:
        one, _ = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        waits = []
        for _ in range(len(notify.WAITS_S) + 3):
            one.step()
            (row,) = store._read(
                "SELECT DISTINCT next_try_at - TIMESTAMP '2026-01-01' AS wait, state FROM alert_delivery"
            )
            waits.append(row["wait"])
            one.step()  # it is not due, so nothing is sent
            due_now(store)
            one = notifier(store, tmp_path, **webhook(hook.port))[0]  # a restart loses nothing
    assert len(hook.heard) == len(notify.WAITS_S) + 1
    assert deliveries(store) == [("failed", 6, "The webhook at 127.0.0.1 answered 503 (Service Unavailable).")] * 2
    assert waits[0] < waits[1] < waits[4] and waits[5] is None


def test_it_works_after_a_while(store, tmp_path):
    replies = iter(["500 Oops", "200 OK"])
    with receiver(lambda connection, heard: answers(next(replies))(connection, heard)) as hook:
        one, _ = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        one.step()
        due_now(store)
        one.step()
    assert deliveries(store) == [("sent", 2, None)] * 2
    assert hook.heard[0][2] == hook.heard[1][2]  # the same ids: who gets it twice can tell


def test_stopping_does_not_wait(store, tmp_path):
    ends = threading.Event()
    with receiver(hangs) as hook:
        one, _ = notifier(store, tmp_path, ends.is_set, **webhook(hook.port))
        queue(store, "webhook")
        thread = threading.Thread(target=one.step)
        thread.start()
        while not hook.heard:
            time.sleep(0.01)
        ends.set()
        thread.join(5)
        assert not thread.is_alive()
    assert deliveries(store) == [("waiting", 0, None)] * 2  # no try of ours


def test_the_letter(store, tmp_path):
    with receiver(mail_server(features=("AUTH PLAIN",))) as server:
        more = {"smtp_user": "moodreel", "smtp_password": SECRET, "alert_subject": True}
        one, _ = notifier(store, tmp_path, **by_mail(server.port, **more))
        queue(store, "email")
        one.step()
    (said,) = server.heard
    assert said["login"] == ["moodreel", SECRET]
    assert said["greeted"] == "[127.0.0.1]"  # not what this machine is called
    assert [line.split()[0] for line in said["to"]] == ["TO:<doctor@example.org>", "TO:<nurse@example.org>"]
    letter = email.message_from_string(said["letter"], policy=email.policy.default)
    assert (letter["Subject"], letter["From"]) == ("Moodreel: 2 alerts", "moodreel@example.org")
    assert letter["Message-ID"].endswith("@example.org>")
    lines = letter.get_content().splitlines()
    assert lines[0] == "Long sadness: sad in visit\\n1.mp4, subject anna, from 0:00 to 0:01, held for 2 s"
    assert lines[1].endswith("from 1:07 to 1:08, held for 2 s")
    assert "secret" not in said["letter"]
    assert deliveries(store) == [("sent", 1, None)] * 2


@pytest.mark.parametrize(
    ("talk", "more", "told"),
    [
        (hangs, {}, "did not answer within 0.3 s."),
        (resets, {}, "broke off the connection."),
        (mail_server("RCPT"), {}, "refused every address that the e-mail is for (554)."),
        (mail_server("DATA"), {}, "refused the message (554)."),
        (mail_server("AUTH", ("AUTH PLAIN",)), {"smtp_user": "u", "smtp_password": SECRET}, "refused the login (535)."),
        (mail_server(), {"smtp_tls": "starttls"}, "offers no encryption (STARTTLS)"),
        (mail_server("STARTTLS", ("STARTTLS",)), {"smtp_tls": "starttls"}, "refused to encrypt the connection"),
        (mail_server(), {"smtp_tls": "tls"}, "could not be reached over an encrypted connection."),
    ],
)
def test_a_mail_server_that_does_not_take_it(store, tmp_path, caplog, talk, more, told):
    with receiver(talk) as server:
        one, _ = notifier(store, tmp_path, **by_mail(server.port, **more))
        queue(store, "email")
        with caplog.at_level(logging.DEBUG):
            one.step()
    (state, attempt, error), _ = deliveries(store)
    assert (state, attempt) == ("waiting", 1)
    assert error.startswith("The mail server 127.0.0.1 ") and told in error
    assert SECRET not in caplog.text + error
    if "encrypt" in told:
        assert all("letter" not in said and "from" not in said for said in server.heard)


def test_a_test_is_tried_once_and_replaces_the_one_before(store, tmp_path):
    with receiver(answers("500 Oops")) as hook:
        one, _ = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        store.queue_test("1-a", "webhook")
        one.step()
    assert hook.heard[0][2] == {"from": "Moodreel", "test": True, "alerts": []}  # by itself, and first
    (row,) = store._read("SELECT * FROM alert_delivery WHERE starts_with(alert_id, 'test/')")
    assert (row["state"], row["next_try_at"]) == ("failed", None)
    store.queue_test("1-b", "webhook")
    with receiver(mail_server()) as server:
        store.queue_test("1-c", "email")
        one, _ = notifier(store, tmp_path, **by_mail(server.port))
        one.step()
    assert "Subject: Moodreel: a test" in server.heard[0]["letter"]
    tests = store._read(
        "SELECT alert_id, state, error FROM alert_delivery WHERE starts_with(alert_id, 'test/') ORDER BY 1"
    )
    assert [tuple(row.values()) for row in tests] == [
        ("test/1-b", "failed", "It is not set up any more."), ("test/1-c", "sent", None),
    ]  # fmt: skip


def test_an_address_that_there_is_not(store, tmp_path):
    one, _ = notifier(store, tmp_path, alert_webhook="https://no-such-host.invalid/x")
    queue(store, "webhook")
    one.step()
    error = deliveries(store)[0][2]
    assert error.startswith("The webhook at no-such-host.invalid ")
    assert "could not be found" in error or "in time" in error or "could not be reached" in error


def test_what_was_sent_and_could_not_be_noted_is_not_sent_again(store, tmp_path, monkeypatch):
    with receiver(answers("200 OK")) as hook:
        one, _ = notifier(store, tmp_path, **webhook(hook.port))
        queue(store, "webhook")
        note = store.delivered

        def full(*_):
            raise StoreError("The disk is full.")

        monkeypatch.setattr(store, "delivered", full)
        for _ in range(3):
            with pytest.raises(StoreError):
                one.step()
        monkeypatch.setattr(store, "delivered", note)
        one.step()
    assert len(hook.heard) == 1 and deliveries(store) == [("sent", 1, None)] * 2
