"""Settings of the ways out for alerts: what is let through, and that secrets are told to nobody."""

import pytest

from processor.config import SECRETS, Settings, SettingsInvalid, load

SECRET = "T0P-s3cret"
MAIL = {"alert_email_to": ["a@example.org"], "alert_email_from": "m@example.org", "smtp_host": "mail.example.org"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"alert_webhook": f"http://hooks.example.org/{SECRET}"}, "https://"),
        ({"alert_webhook": f"http://127.0.0.1.example.org/{SECRET}"}, "https://"),
        ({"alert_webhook": f"ftp://127.0.0.1/{SECRET}"}, "https://"),
        ({"alert_webhook": f"https://me:{SECRET}@example.org/"}, "without a name and a password"),
        ({"alert_webhook": f"https://example.org:99999/{SECRET}"}, "https://"),
        ({"alert_webhook": f"https://example.org/{SECRET}\r\nX: y"}, "https://"),
        ({"alert_webhook": [SECRET]}, "`alert_webhook`"),
        ({"smtp_password": [SECRET]}, "`smtp_password`"),
        (MAIL | {"alert_email_to": ["nobody"]}, "must be an e-mail address"),
        (MAIL | {"alert_email_from": "a@b\nBcc: c@d"}, "must be an e-mail address"),
        (
            MAIL | {"smtp_host": "", "smtp_password": SECRET},
            "`alert_email_to` needs `alert_email_from` and `smtp_host`",
        ),
        (MAIL | {"smtp_tls": "none", "smtp_password": SECRET}, "on this machine only"),
        (MAIL | {"smtp_user": "me"}, "`smtp_user` needs `smtp_password`"),
        ({"smtp_port": 0}, "received 0"),
    ],
)
def test_what_can_not_be(given, told):
    with pytest.raises(SettingsInvalid) as refused:
        load(**given)
    assert told in str(refused.value)
    assert SECRET not in str(refused.value) + str(refused.value.__cause__)


def test_what_can_be(monkeypatch):
    assert Settings().alert_webhook is None and Settings(alert_webhook="").alert_webhook is None
    for address in ("https://example.org/x?y=z", "http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:80/"):
        assert Settings(alert_webhook=address).alert_webhook.get_secret_value() == address
    settings = Settings(**MAIL, smtp_user="me", smtp_password=SECRET, alert_webhook=f"https://example.org/{SECRET}")
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    monkeypatch.setenv("MOODREEL_ALERT_EMAIL_TO", '["a@example.org", "b@example.org"]')
    monkeypatch.setenv("MOODREEL_ALERT_EMAIL_FROM", "m@example.org")
    monkeypatch.setenv("MOODREEL_SMTP_HOST", "mail.example.org")
    assert load().alert_email_to == ("a@example.org", "b@example.org")


def test_secrets_are_kept_as_such():
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secret == set(SECRETS)
