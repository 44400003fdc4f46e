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
