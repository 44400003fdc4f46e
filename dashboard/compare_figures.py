"""What the Compare page works out, once for each snapshot and choice: its units, their figures, and the tests."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import context
from dashboard.study import Choice, Study, study
from db import saved_results, study_results
from db.results import Connection


def rows(con: Connection) -> pd.DataFrame:
    """Everybody seen in every video, as from study_results.units; shared, so never change it."""
    return _rows(_snapshot(), con)


def of(con: Connection, choice: Choice) -> Study:
    """The units that a choice gives; shared, so never change it."""
    return _study(_snapshot(), urlencode(choice.to_query()), choice, con)


def described(found: Study) -> pd.DataFrame:
    """As group_statistics.describe; shared, so never change it."""
    return _described(_snapshot(), urlencode(found.choice.to_query()), found)


def compared(found: Study) -> pd.DataFrame:
    """As group_statistics.compare; shared, so never change it."""
    return _compared(_snapshot(), urlencode(found.choice.to_query()), found)


def _snapshot() -> str:
    return str(context.snapshot())


# Keyed on the snapshot, whose rows never change; what starts with _ is no part of the key.
@st.cache_resource(max_entries=2, show_spinner=False)
def _rows(snapshot: str, _con: Connection) -> pd.DataFrame:
    return study_results.units(_con)


@st.cache_resource(max_entries=8, show_spinner=False)
def _study(snapshot: str, query: str, _choice: Choice, _con: Connection) -> Study:
    return study(_rows(snapshot, _con), _choice, saved_results.filters(_con))


@st.cache_resource(max_entries=8, show_spinner=False)
def _described(snapshot: str, query: str, _found: Study) -> pd.DataFrame:
    from dashboard import group_statistics  # brings SciPy along: once the page stands

    return group_statistics.describe(_found)


@st.cache_resource(max_entries=8, show_spinner="Working out the tests and their intervals")
def _compared(snapshot: str, query: str, _found: Study) -> pd.DataFrame:
    from dashboard import group_statistics

    return group_statistics.compare(_found)
