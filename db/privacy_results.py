"""The published snapshot, read-only: what was decided for this home, and who agreed."""

from __future__ import annotations

from datetime import date

import pandas as pd

from db import privacy
from db.results import Connection


def settings(con: Connection) -> dict:
    """All settings that are made in the dashboard: name -> value, those that nobody decided with their defaults.

    require_consent (bool), thumbnails ("off", "blurred" or "on"), retention_days ({videos, thumbnails, made, results},
    each a number or None), retention_watched (bool), notice ({controller, contact, purpose}).
    """
    return privacy.settings(con)


def without_consent(con: Connection, day: date) -> dict[str, str]:
    """The videos that must not be analysed on that day: video_id -> why, as a sentence."""
    return privacy.reasons(con, day)


def why_not_kept(con: Connection, subject: str | None, day: date) -> str | None:
    """Why a live session of this subject must not be kept on that day, as a sentence; None where it may."""
    return privacy.why_not_kept(con, subject, day)


def purposes(con: Connection) -> pd.DataFrame:
    """Who uses this home confirmed its purpose: confirmed_at (UTC), purpose, statement; the latest first."""
    return con.execute("SELECT * FROM purpose_log ORDER BY confirmed_at DESC").df()


def consents(con: Connection, day: date) -> pd.DataFrame:
    """One row per subject that has a video or said something, in order of names, with how it stands on that day.

    Columns: subject, videos (how many), standing (given, refused, expired or unknown), given (None where nothing
    is known), given_on, expires_on (dates or None), note.
    """
    query = f"""
        SELECT subject, coalesce(v.videos, 0) AS videos, {privacy.STANDING} AS standing, c.given, c.given_on,
            c.expires_on, c.note
        FROM (SELECT subject, count(*) AS videos FROM video WHERE subject IS NOT NULL GROUP BY subject) v
        FULL JOIN consent c USING (subject) ORDER BY lower(subject), subject
    """
    return con.execute(query, {"day": day}).df()


def is_confirmed(con: Connection) -> bool:
    """Whether anybody confirmed what this home is for."""
    return con.execute("SELECT count(*) > 0 FROM purpose_log").fetchone()[0]


def erasures(con: Connection) -> pd.DataFrame:
    """What was erased, the latest first. Columns: erased_at (UTC), receipt_id, videos, observations, files, receipt."""
    return con.execute("""
        SELECT erased_at, receipt_id, videos, observations, files, receipt::VARCHAR AS receipt FROM erasure_log
        WHERE receipt_id IS NOT NULL ORDER BY erased_at DESC
    """).df()


def subjects(con: Connection) -> list[str]:
    """Every subject that a video or a consent is of, in order of names."""
    rows = con.execute("""
        SELECT subject FROM (SELECT subject FROM video UNION SELECT subject FROM consent) WHERE subject IS NOT NULL
        ORDER BY lower(subject), subject
    """)
    return [subject for (subject,) in rows.fetchall()]


def waiting_for_consent(con: Connection, day: date) -> pd.DataFrame:
    """The videos that are queued and must not be analysed on that day. Columns: video_id, name, reason (a sentence)."""
    reasons = privacy.reasons(con, day)
    rows = con.execute(
        """
        SELECT v.video_id, v.name FROM video v JOIN run r USING (video_id)
        WHERE r.state = 'queued' AND v.video_id IN (SELECT unnest($ids::VARCHAR[]))
        GROUP BY v.video_id, v.name, v.added_at ORDER BY v.added_at, v.video_id
        """,
        {"ids": list(reasons)},
    ).df()
    return rows.assign(reason=rows["video_id"].map(reasons))
