"""The part of the store that knows what was decided for this home: its purpose, its settings, and who agreed."""

from __future__ import annotations

import json
from datetime import date

from db.session import Session, utc_now

# Every setting that is made in the dashboard, with the value that it has until somebody changes it.
DEFAULTS = {
    "require_consent": False,  # whether a video waits until its subject is known to have agreed
    "thumbnails": "off",  # off, blurred (faces), on
    "retention_days": {"videos": None, "thumbnails": None, "made": None, "results": None},  # None: for ever
    "retention_watched": False,  # whether retention of videos removes files of the watched folders, too
    "notice": {"controller": "", "contact": "", "purpose": ""},  # what the notice for people filmed is filled with
}


class Privacy(Session):
    """Settings have a name and a value as JSON knows it; consent is kept by subject."""

    def setting(self, name: str):
        """The value of a setting: the one that was decided, else its default. Raises KeyError for an unknown name."""
        rows = self._read("SELECT value FROM setting WHERE name = ?", [name])
        return json.loads(rows[0]["value"]) if rows else DEFAULTS[name]

    def settings(self) -> dict:
        """All settings: name -> value."""
        return self.read_with(settings)

    def put_setting(self, name: str, value) -> None:
        """Decide a setting. Raises KeyError for an unknown name."""
        if name not in DEFAULTS:
            raise KeyError(f"There is no setting {name!r}; known are {', '.join(DEFAULTS)}.")
        self._write(
            "INSERT OR REPLACE INTO setting (name, value, changed_at) VALUES (?, ?, ?)",
            [name, json.dumps(value), utc_now()],
        )

    def confirm_purpose(self, purpose: str, statement: str) -> None:
        """Record that somebody confirmed what this home is for, and the statement on what it must not be used for."""
        self._write(
            "INSERT INTO purpose_log (confirmed_at, purpose, statement) VALUES (?, ?, ?)",
            [utc_now(), purpose, statement],
        )

    def purpose(self) -> dict | None:
        """The latest confirmation as a dict of table purpose_log's columns; None where nobody has confirmed yet."""
        rows = self._read("SELECT * FROM purpose_log ORDER BY confirmed_at DESC LIMIT 1")
        return rows[0] if rows else None

    def consent(self, subject: str) -> dict | None:
        """What is known of a subject's consent, as a dict of table consent's columns; None where nobody said."""
        rows = self._read("SELECT * FROM consent WHERE subject = ?", [subject])
        return rows[0] if rows else None

    def put_consent(
        self, subject: str, *, given: bool, given_on: date | None, expires_on: date | None, note: str | None
    ) -> None:
        """Record what a subject said, in place of what is known."""
        self._write(
            "INSERT OR REPLACE INTO consent (subject, given, given_on, expires_on, note, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [subject, given, given_on, expires_on, note, utc_now()],
        )

    def forget_consent(self, subject: str) -> bool:
        """Forget what a subject said; False where nothing is known."""
        return bool(self._write("DELETE FROM consent WHERE subject = ? RETURNING subject", [subject]))

    def consent_for(self, subject: str, day: date) -> str:
        """How a subject's consent stands on that day: given, refused (or withdrawn), expired or unknown."""
        query = f"SELECT {STANDING} AS standing FROM (SELECT 1) LEFT JOIN consent c ON c.subject = $subject"
        return self._read(query, {"subject": subject, "day": day})[0]["standing"]

    def without_consent(self, day: date) -> dict[str, str]:
        """The videos that must not be analysed on that day: video_id -> why, as a sentence."""
        return self.read_with(lambda con: reasons(con, day))


# How a subject's consent stands, from row `c` of table consent: given, refused (or withdrawn), expired, unknown.
STANDING = """CASE WHEN NOT c.given THEN 'refused' WHEN c.expires_on < $day THEN 'expired'
    WHEN c.given THEN 'given' ELSE 'unknown' END"""


def reasons(con, day: date) -> dict[str, str]:
    """Why videos must not be analysed on that day, from an open store or snapshot: video_id -> a sentence.

    Who said no, or whose yes has ended, is never analysed; who said nothing is not while `require_consent` is set. A
    video may carry a yes or no of its own, from its sidecar or its details: a yes counts for that video, unless the
    subject said no since.
    """
    rows = con.execute(
        f"""
        SELECT video_id, subject, standing, expires_on FROM (
            SELECT v.video_id, v.subject, c.expires_on, CASE
                WHEN v.consent IS FALSE OR c.given IS FALSE THEN 'refused' WHEN v.consent THEN 'given'
                ELSE {STANDING} END AS standing
            FROM video v LEFT JOIN consent c ON c.subject = v.subject
        ) WHERE standing <> 'given'
        """,
        {"day": day},
    ).fetchall()
    required = settings(con)["require_consent"]
    found = {}
    for video_id, subject, standing, expires_on in rows:
        who = f"of {subject}" if subject else "of who is in it"
        if standing == "refused":
            found[video_id] = f"Consent {who} was refused or withdrawn, so it is not analysed."
        elif standing == "expired":
            found[video_id] = f"Consent {who} ended on {expires_on:%d %b %Y}: it waits until it is given again."
        elif required and subject:
            found[video_id] = f"It waits for consent {who}: record it on the Privacy page."
        elif required:
            found[video_id] = (
                "It waits for consent, and nobody knows of whom: name its subject in the library, or put "
                '`"consent": true` into the file beside the video.'
            )
    return found


def why_not_kept(con, subject: str | None, day: date) -> str | None:
    """Why a live session of this subject must not be kept on that day, as a sentence; None where it may.

    Whoever keeps one says that who is filmed agrees now; but a no that is recorded, or a yes that ended, stands.
    """
    query = f"SELECT {STANDING}, c.expires_on FROM consent c WHERE c.subject = $subject"
    row = con.execute(query, {"subject": subject, "day": day}).fetchone() if subject else None
    standing, expires_on = row or (None, None)
    if standing == "refused":
        return f"Consent of {subject} was refused or withdrawn, so the session is not kept."
    if standing == "expired":
        return f"Consent of {subject} ended on {expires_on:%d %b %Y}: record it anew on the Privacy page, then keep it."
    return None


def settings(con) -> dict:
    """All settings of an open store or snapshot: name -> value, those that nobody decided with their defaults."""
    rows = con.execute("SELECT name, value FROM setting").fetchall()
    return DEFAULTS | {name: json.loads(value) for name, value in rows if name in DEFAULTS}
