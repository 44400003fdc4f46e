"""A page with nothing but the components of the camera: run by Streamlit for test_webcam.py."""

import io
from dataclasses import asdict

import streamlit as st
from PIL import Image

from dashboard.webcam import camera_state, snapshots, voice

state = camera_state("cameras")
st.json(asdict(state) if state else {})

st.button("Marker", shortcut="m", on_click=lambda: st.session_state.update(marks=st.session_state.get("marks", 0) + 1))
st.text_input("Name", key="name")
st.markdown(f"{st.session_state.get('marks', 0)} markers for {st.session_state['name'] or 'nobody'}")

text = st.selectbox("What to say", ["happy", "sad", "<b>neutral</b>"])
voice(text, st.toggle("Speak"), "voice")


@st.fragment
def pictures() -> None:
    """How many pictures came, and how large the newest is."""
    jpeg = snapshots("snapshots", 0.5)
    if jpeg is not None:
        with Image.open(io.BytesIO(jpeg)) as picture:
            st.session_state.update(size=picture.size, came=st.session_state.get("came", 0) + 1)
    st.markdown(f"{st.session_state.get('came', 0)} pictures of {st.session_state.get('size')}")


pictures()
