"""The live page, without a browser: what it shows before a camera is on, and how a session is kept."""

import pytest

pytestmark = pytest.mark.slow  # whole pages


@pytest.fixture
def live_page(open_page, monkeypatch):
    """Opens the live page; AppTest's runtime has no sessions, as streamlit-webrtc would look for."""
    import streamlit_webrtc.component as component

    monkeypatch.setattr(component, "get_this_session_info", lambda: None)
    return lambda **query: open_page("live", **query)


def test_opens_without_a_camera(live_page):
    app = live_page()
    assert app.title[0].value == "Live"
    assert "Press Start" in app.info[0].value
