"""Alerts on their way out of this machine: to a webhook, by e-mail. Off until the settings say where to.

Sending is a job of its own and each try has a limit, so a receiver that hangs holds up nothing else. What is to be sent
and how often it was tried lies in the store, so a restart loses nothing; a process that dies between the sending and
the note of it sends once more, with the same `alert_id`. A message says what rule, what video and when, and no more.
Errors are told by host and in words of our own: addresses and passwords may be secret, and a server may repeat them.
"""

from __future__ import annotations

import http.client
import json
import logging
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http import HTTPStatus
from urllib.parse import urlsplit

from db.alerts import TEST
from db.session import utc_now
from db.store import Store
from processor.config import Settings
from processor.log import plain

log = logging.getLogger(__name__)

CHANNELS = ("webhook", "email")
TIMEOUT_S = 5.0  # for each answer
LIMITS_S = {"webhook": 6.0, "email": 30.0}  # for all of one try; an e-mail takes several answers
WAITS_S = (30.0, 120.0, 600.0, 3600.0, 6 * 3600.0)  # after each try that failed; then it is given up
AT_ONCE = 100  # alerts in one message


class NotSent(Exception):
    """A message could not be handed over; the message of this says why, as a sentence."""


def channels(settings: Settings) -> dict[str, str]:
    """The ways out that are set up: webhook and email, each with the host that it leads to."""
    found = {}
    if settings.alert_webhook is not None:
        found["webhook"] = urlsplit(settings.alert_webhook.get_secret_value()).hostname
    if settings.alert_email_to:
        found["email"] = settings.smtp_host
    return found


class Notifier:
    """Sends what lies in table alert_delivery. Call `step` again and again, from one thread.

    stopping: whether the service is to end; a try under way is then left, and made again next time. on_error: told of
    every try that fails.
    """

    def __init__(
        self, settings: Settings, store: Store, stopping: Callable[[], bool], on_error: Callable[[str], None]
    ):  # fmt: skip
        self.settings, self.store, self._stopping, self._on_error = settings, store, stopping, on_error
        self.channels = channels(settings)
        self._sent: list[tuple[str, list[str]]] = []  # and not noted yet: the disk may have been full

    def step(self) -> None:
        """Send what is due, over each channel until a try fails."""
        self._note()
        for channel in CHANNELS:
            while not self._stopping():
                due = self.store.due_deliveries(channel, utc_now(), AT_ONCE)
                if not due or not self._try(channel, due):
                    break

    def _try(self, channel: str, due: list[dict]) -> bool:
        """Send one message about these; returns whether to go on."""
        ids = [row["alert_id"] for row in due]
        if channel not in self.channels:
            self.store.not_delivered(channel, ids, "It is not set up any more.", ())
            return True
        try:
            if not self._send(channel, due):
                return False
        except NotSent as error:
            self.store.not_delivered(channel, ids, str(error), WAITS_S)
            log.warning("%s", error)
            self._on_error(str(error))
            return False
        self._sent.append((channel, ids))
        self._note()
        log.info("A message was sent by %s; alerts in it: %d.", channel, len(ids))
        return True

    def _note(self) -> None:
        """Note what has been sent; before that nothing more is sent, or it would be sent again and again."""
        while self._sent:
            self.store.delivered(*self._sent[0])
            self._sent.pop(0)

    def _send(self, channel: str, due: list[dict]) -> bool:
        """Hand one message over within the channel's limit; False if the service ends first. Raises NotSent."""
        send = {"webhook": post, "email": mail}[channel]
        opened: list = []
        outcome: list[Exception | None] = []

        def work() -> None:
            try:
                send(self.settings, due, opened)
                outcome.append(None)
            except Exception as error:
                outcome.append(error)

        # The name of a host can take long to find and a server can send a letter a second: no timeout ends that.
        thread = threading.Thread(target=work, name=f"send-{channel}", daemon=True)
        thread.start()
        end = time.monotonic() + LIMITS_S[channel]
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.05)
            if self._stopping():
                _break_off(opened)
                return False
        if not outcome:
            _break_off(opened)
            raise NotSent(f"{self._place(channel)} did not answer in time.")
        if outcome[0] is not None:
            raise NotSent(f"{self._place(channel)} {_why(outcome[0])}.") from None
        return True

    def _place(self, channel: str) -> str:
        return {"webhook": "The webhook at", "email": "The mail server"}[channel] + f" {self.channels[channel]}"


def post(settings: Settings, due: list[dict], opened: list) -> None:
    """Post alerts to the webhook as JSON. Redirects are not followed, and what it answers is not read.

    due: dicts as from `Store.due_deliveries`. opened: gets the connection, so that it can be broken off. Raises
    OSError, http.client.HTTPException, or _Refused for an answer other than 2xx.
    """
    address = urlsplit(settings.alert_webhook.get_secret_value())
    if address.scheme == "https":
        connection = http.client.HTTPSConnection(
            address.hostname, address.port, timeout=TIMEOUT_S, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=TIMEOUT_S)
    opened.append(connection)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    body = json.dumps(payload(settings, due)).encode()
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json", "User-Agent": "Moodreel"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise _Refused(_answer(status))


def mail(settings: Settings, due: list[dict], opened: list) -> None:
    """Send alerts as one e-mail. Arguments as of `post`. Raises OSError, smtplib.SMTPException or _Refused."""
    secure = ssl.create_default_context()
    # Under this name it greets: the one of the machine is nobody's business.
    how = {"timeout": TIMEOUT_S, "local_hostname": "[127.0.0.1]"}
    if settings.smtp_tls == "tls":
        server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, context=secure, **how)
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, **how)
    opened.append(server)
    try:
        if settings.smtp_tls == "starttls":
            _encrypt(server, secure)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        refused = server.send_message(letter(settings, due))
        server.quit()
    finally:
        server.close()
    if refused:  # the others have it already, so it is not sent again
        log.warning("The mail server refused %d of %d addresses.", len(refused), len(settings.alert_email_to))


def _encrypt(server: smtplib.SMTP, secure: ssl.SSLContext) -> None:
    """STARTTLS, or nothing is sent: Pythons differ in whether a server that says no to it is an error."""
    try:
        code, _ = server.starttls(context=secure)
    except smtplib.SMTPResponseException as error:
        code = error.smtp_code
    if code != 220:
        raise _Refused(f"refused to encrypt the connection ({code}), so nothing was sent")


def payload(settings: Settings, due: list[dict]) -> dict:
    """What a webhook gets: of each alert its id, the rule, the video's name and when; the subject where set so."""
    return {
        "from": "Moodreel",
        "test": _is_test(due),
        "alerts": [
            {
                "alert_id": row["alert_id"], "rule": row["rule"], "target": row["target"],
                "threshold": row["threshold"], "video": row["name"],
                **({"subject": row["subject"]} if settings.alert_subject else {}),
                "start_s": round(row["start_s"], 3), "end_s": round(row["end_s"], 3),
                "held_s": round(row["held_s"], 3), "raised_at": row["raised_at"].replace(tzinfo=UTC).isoformat(),
            }
            for row in due
            if row["rule"] is not None
        ],
    }  # fmt: skip


def letter(settings: Settings, due: list[dict]) -> EmailMessage:
    """The e-mail about alerts; it says what the webhook's payload does."""
    message = EmailMessage()
    message["From"], message["To"] = settings.alert_email_from, ", ".join(settings.alert_email_to)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=settings.alert_email_from.rpartition("@")[2])
    if _is_test(due):
        message["Subject"] = "Moodreel: a test"
        message.set_content("This is a test: Moodreel can send you e-mails about alerts.\n")
        return message
    alerts = payload(settings, due)["alerts"]
    message["Subject"] = "Moodreel: one alert" if len(alerts) == 1 else f"Moodreel: {len(alerts)} alerts"
    lines = []
    for alert in alerts:
        subject = f", subject {alert['subject']}" if alert.get("subject") else ""
        lines.append(
            f"{alert['rule']}: {alert['target']} in {alert['video']}{subject}, from {_clock(alert['start_s'])} to "
            f"{_clock(alert['end_s'])}, held for {alert['held_s']:.0f} s"
        )
    text = "\n".join(plain(line) for line in lines)
    message.set_content(
        f"{text}\n\nLook at them on the page Alerts. What a face expresses is not what a person feels.\n"
    )
    return message


class _Refused(Exception):
    """The receiver said no; the message completes a sentence that begins with who it is."""


def _answer(status: int) -> str:
    known = f" ({HTTPStatus(status).phrase})" if status in HTTPStatus._value2member_map_ else ""
    if 300 <= status < 400:
        return f"answered with a redirect, {status}{known}, which is not followed"
    return f"answered {status}{known}"


def _why(error: Exception) -> str:
    """Why a try failed, as the rest of a sentence; of what the server said only its number."""
    match error:
        case _Refused():
            return str(error)
        case TimeoutError():
            return f"did not answer within {TIMEOUT_S:g} s"
        case ssl.SSLCertVerificationError():
            return f"has a certificate that can't be trusted: {error.verify_message}"
        case ssl.SSLError():
            return "could not be reached over an encrypted connection"
        case socket.gaierror():
            return "could not be found: there is no such name, or no network"
        case ConnectionRefusedError():
            return "refused the connection: nothing listens there"
        case smtplib.SMTPAuthenticationError():
            return f"refused the login ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            return f"refused every address that the e-mail is for ({', '.join(map(str, codes))})"
        case smtplib.SMTPResponseException():
            return f"refused the message ({error.smtp_code})"
        case smtplib.SMTPNotSupportedError():
            return "offers no encryption (STARTTLS) or no login: look at `smtp_tls` and `smtp_user`"
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            return f"did not answer within {TIMEOUT_S:g} s"
        case smtplib.SMTPServerDisconnected() | ConnectionError() | http.client.RemoteDisconnected():
            return "broke off the connection"
        case smtplib.SMTPException() | http.client.HTTPException():
            return "did not answer as expected: look whether host and port are right"
        case OSError():
            return f"could not be reached: {error.strerror or type(error).__name__}"
        case _:
            return f"could not be used: {type(error).__name__}"


def _break_off(opened: list) -> None:
    """End a connection whatever it is waiting for; the thread that has it then ends by itself."""
    for connection in opened:
        if getattr(connection, "sock", None) is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has just ended


def _is_test(due: list[dict]) -> bool:
    return due[0]["alert_id"].startswith(TEST)


def _clock(seconds: float) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    whole = int(seconds)
    start = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{start}:{whole % 60:02d}"
