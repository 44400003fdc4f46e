"""What every page needs: the settings, the home, a connection to the newest snapshot, the processor's state."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from db import privacy_results, results
from db.session import utc_now
from processor import status
from processor.config import Home, Settings, load

START_COMMAND = "make run"
START_COMMAND_PYTHON = "python -m processor serve"


def navigation():
    """The pages there are; returns the one to run."""
    # A picture of our own: Streamlit would fetch the one of a page's icon from the network.
    st.set_page_config(page_title="Moodreel", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
    pages = [
        st.Page("pages/library.py", title="Library", icon=":material/video_library:", default=True),
        st.Page("pages/video.py", title="Video", icon=":material/timeline:", url_path="video"),
        st.Page("pages/live.py", title="Live", icon=":material/videocam:", url_path="live"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        st.Page("pages/sql.py", title="SQL", icon=":material/database:", url_path="sql"),
        st.Page("pages/alerts.py", title="Alerts", icon=":material/notifications:", url_path="alerts"),
        st.Page("pages/models.py", title="Models", icon=":material/model_training:", url_path="models"),
        st.Page("pages/data.py", title="Data", icon=":material/dataset:", url_path="data"),
        st.Page("pages/try_it.py", title="Try it", icon=":material/add_a_photo:", url_path="try_it"),
        st.Page("pages/privacy.py", title="Privacy", icon=":material/shield_person:", url_path="privacy"),
    ]
    return st.navigation(pages, position="top")


def within_app() -> None:
    """Make sure that this page runs inside of app.py; every page calls it first.

    Beside a folder named `pages`, Streamlit runs every page on its own, without app.py, until `st.navigation` has been
    called for the first time: so a new server whose first address is not the root would show pages without a frame.
    """
    if not st.session_state.get("within_app") and not st.session_state.get("tried_again"):
        st.session_state["tried_again"] = True  # but not for ever, such as when a page is run by itself
        navigation()
        st.rerun()


def settings() -> Settings:
    """The settings in force. Raises SettingsInvalid."""
    return load()


def home() -> Home:
    """The home folder, with every folder in it there. Raises OSError where it can't be made."""
    return Home(settings().home).create()


def snapshot() -> Path | None:
    """The published snapshot in force: the numbered file behind `results.duckdb`; None if there is none yet."""
    try:
        return home().snapshot.resolve(strict=True)
    except FileNotFoundError:
        return None


def connection() -> results.Connection | None:
    """A cursor of the newest snapshot, for this run of the page only; None if nothing has been published yet."""
    for _ in range(2):  # the snapshot can be replaced and removed between finding and opening it
        file = snapshot()
        if file is None:
            return None
        try:
            return _open(str(file)).cursor()
        except results.SnapshotMissing:
            continue
    return None


# Keyed on the real file: each snapshot has a name of its own, so that a cached connection never shows old rows as new.
@st.cache_resource(max_entries=2, show_spinner=False)
def _open(file: str) -> results.Connection:
    return results.connect(Path(file))


def without_consent(con: results.Connection | None) -> dict[str, str]:
    """The videos that must not be analysed today: video_id -> why, as a sentence."""
    if con is None:
        return {}
    return privacy_results.without_consent(con, utc_now().date())


def is_outdated() -> bool:
    """Whether the results in force were published by another version of Moodreel, so that pages can't read them."""
    file, con = snapshot(), connection()
    return file is not None and con is not None and not _is_current(str(file), con)


@st.cache_data(max_entries=2, show_spinner=False)
def _is_current(file: str, _con: results.Connection) -> bool:
    return results.is_current(_con)


def faces(run_id: int) -> pd.DataFrame:
    """Every face of a run as from `results.faces`, read once for each snapshot; shared, so never change it.

    Raises SnapshotMissing if nothing has been published yet.
    """
    file, con = snapshot(), connection()
    if file is None or con is None:
        raise results.SnapshotMissing(f"{home().snapshot} does not exist: nothing has been analysed yet.")
    return _faces(str(file), run_id, con)


# A slider asks for the same faces again and again. Keyed on the snapshot, whose faces never change.
@st.cache_resource(max_entries=8, show_spinner=False)
def _faces(file: str, run_id: int, _con: results.Connection) -> pd.DataFrame:
    return results.faces(_con, run_id)


def zone() -> str:
    """The time zone of the person who looks, such as Europe/Vienna; UTC where the browser does not say."""
    return st.context.timezone or "UTC"


def processor() -> status.Status | None:
    """The state of the processor; None if it never ran on this home."""
    return status.read(home().path)


def running(state: status.Status | None) -> bool:
    """Whether the processor is there to do what it is asked."""
    return state is not None and state.alive


def ask(message: str) -> None:
    """Remember that a request was handed in, to say so after the page has been drawn again."""
    st.session_state.setdefault("asked", []).append(message)


def say_what_was_asked() -> None:
    """Show what was handed in since the page was last drawn."""
    for message in st.session_state.pop("asked", []):
        st.toast(message, icon=":material/check:")
