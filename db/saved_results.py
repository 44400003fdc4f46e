"""The published snapshot, read-only: what people saved under a name. As in db/results.py; moments are UTC."""

from __future__ import annotations

import json

import pandas as pd

from db.results import Connection


def queries(con: Connection) -> pd.DataFrame:
    """The saved queries in order of their names, whatever their case. Columns: query_id, name, sql, saved_at (UTC)."""
    return con.execute("SELECT query_id, name, sql, saved_at FROM saved_query ORDER BY lower(name), name").df()


def filters(con: Connection) -> pd.DataFrame:
    """The saved filters in order of their names, whatever their case.

    Columns: filter_id, name, filter (dict; its keys are those of processor.saved_form.Filter, each may be absent),
    saved_at (UTC).
    """
    rows = con.execute("SELECT filter_id, name, filter, saved_at FROM saved_filter ORDER BY lower(name), name").df()
    return rows.assign(filter=pd.Series([json.loads(text) for text in rows["filter"]], dtype=object))
