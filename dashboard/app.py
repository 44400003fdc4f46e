"""The dashboard's entry: its server, and what every page has in common. Run by `python -m processor up`, or alone:

python -m streamlit run dashboard/app.py
"""

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts the folder of this file on the path, not the one above it.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from dashboard import activity, context, first_use, media, network  # noqa: E402
from dashboard.words import plain  # noqa: E402
from processor.config import SettingsInvalid  # noqa: E402


def draw() -> None:
    """The page asked for, within the frame of all pages."""
    page = context.navigation()

    st.html(Path(__file__).with_name("style.css"))

    try:
        context.home()
    except SettingsInvalid as error:
        st.error(plain(error))
        st.stop()
    except OSError as error:
        st.error(plain(f"The home folder can't be used: {error}. Set MOODREEL_HOME to a folder that you may write to."))
        st.stop()

    st.session_state["within_app"] = True
    if context.is_outdated():
        wait_for_results(context.snapshot())
    elif first_use.confirmed():
        page.run()
    else:
        first_use.ask()
    context.say_what_was_asked()

    st.caption(
        "Moodreel shows what faces express, not what people feel. Not for decisions on hiring, at work or in education."
    )


@st.fragment(run_every=1.0)
def wait_for_results(seen: Path) -> None:
    """In place of a page, after an update: until the processor has published results that this version can read."""
    activity.refresh_when_new(seen)
    st.title("One moment", anchor=False)
    st.info(
        "The results were published by another version of Moodreel. The processor brings them up to date when it "
        "starts, which can take minutes with millions of faces; then this page shows them."
    )
    activity.processor_line(context.processor())


# The server imports this file once, for `app`; and for every look at a page it is run as a script.
if __name__ == "__main__":
    draw()
else:
    network.keep_state()
    app = st.App(Path(__file__).resolve(), routes=media.ROUTES)
