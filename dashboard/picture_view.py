"""One picture and every face in it: the choices, and what is shown of each. The Try it page and the Live page's photos.

Nothing is stored. Call `looking.forget_the_rest` after the last picture of a page.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import activity, context, data_charts, looking, network
from dashboard.drawing import readable
from dashboard.face_pictures import heat
from dashboard.gallery import gallery
from dashboard.looking import Answer
from dashboard.model_choice import MORE_FACES, bundles_to_choose, detectors_to_choose
from dashboard.words import one_line, percent, plain, signed
from db.emotions import EMOTIONS
from processor.emotions import BundleUnusable

MAX_UPLOAD_MB = 50  # no photograph is larger
FACES_AT_ONCE = 6
CROP_PX = 128  # what the network saw and the heat map beside each other, on a telephone, too
STRONGEST = "the strongest emotion"


def choose(key: str = "") -> tuple[Path | None, str, int | None]:
    """The bundle (None: there is none), the detector, and whose heat map to show (None: each face's strongest).

    key: what the keys of the widgets begin with.
    """
    settings, models = context.settings(), context.home().models
    detectors = detectors_to_choose(models)
    known, usual = bundles_to_choose(settings, models)
    columns = st.columns(3)
    bundle = columns[0].selectbox(
        "Model", known, index=known.index(usual) if usual else 0, format_func=lambda folder: one_line(folder.name),
        key=f"{key}bundle",
    )  # fmt: skip
    detector = columns[1].selectbox(
        "Detector", detectors, index=detectors.index(settings.detector) if settings.detector in detectors else 0,
        format_func=activity.DETECTORS.get, key=f"{key}detector", help=None if "yunet" in detectors else MORE_FACES,
    )  # fmt: skip
    emotion = columns[2].selectbox(
        "Heat map for", [STRONGEST, *EMOTIONS], key=f"{key}explained",
        help="What in the face speaks for this emotion rather than for the others (Grad-CAM). A hint, no measurement.",
    )  # fmt: skip
    return bundle, detector, None if emotion == STRONGEST else EMOTIONS.index(emotion)


def picture(file, name: str, bundle: Path, detector: str, explained: int | None) -> None:
    """One picture as Streamlit's widgets give it: what was found in it, or what is wrong with it.

    name: what to call it, on one line; the others as from `choose`.
    """
    from processor.pictures import PictureUnreadable

    try:
        key = file.file_id, network.identity(bundle), detector
        with st.spinner("Looking at the picture"):
            found = looking.kept(
                key, lambda: looking.answer(file.getvalue(), name, bundle, detector, context.settings())
            )
    except (PictureUnreadable, BundleUnusable, FileNotFoundError) as error:
        st.error(plain(error), icon=":material/broken_image:")
        return
    number = len(found.look.faces)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.image(found.picture, width="stretch", alt=f"{name}, {faces_found(number)}, each in a box with its number")
        about(found)
    with right:
        if not number:
            st.info(
                "No face was found in this picture. Faces must look roughly into the camera and not be too small."
                + (f" {MORE_FACES}" if found.detector == "haar" else ""),
                icon=":material/face_retouching_off:",
            )
        for face in range(shown(file.file_id, number)):
            one(found, key, bundle, face, explained)


def about(found: Answer) -> None:
    """What was looked at, with what."""
    st.caption(
        " · ".join(
            [
                faces_found(len(found.look.faces)),
                f"{found.size_wh[0]} × {found.size_wh[1]}",
                f"model {plain(found.model_id)}",
                f"detector {activity.DETECTORS.get(found.detector, plain(found.detector))}",
                f"took {found.seconds:.2f} s",
            ]
        )
    )
    if found.note:
        st.caption(f":material/info: {plain(found.note)}")


def faces_found(number: int) -> str:
    """`1 face`, `0 faces`."""
    return f"{number} {'face' if number == 1 else 'faces'}"


def shown(file_id: str, number: int) -> int:
    """How many of a picture's faces to show: a few, or all when asked for."""
    if number > FACES_AT_ONCE and not st.toggle(f"Show all {number} faces", key=f"all-{file_id}"):
        return FACES_AT_ONCE
    return number


def one(found: Answer, key: tuple, bundle: Path, face: int, explained: int | None) -> None:
    """One face: label, what the network saw, where it looked, and all probabilities."""
    look = found.look
    emotion, values = look.emotions[face], look.probabilities[face]
    st.markdown(
        f"**Face {face + 1}: {emotion}** ({percent(values.max())}) · {look.categories[face]} · "
        f"valence {signed(look.valences[face])}"
        + ("" if np.isnan(look.faces.scores[face]) else f" · detector's score {look.faces.scores[face]:.2f}")
    )
    beside = st.columns([2, 3])
    with beside[0]:
        crop = look.crops[face]
        pictures, captions = [np.repeat(crop[..., None], 3, axis=2)], ["what the network saw"]
        wanted = int(values.argmax()) if explained is None else explained
        try:
            with st.spinner("Asking the network where it looked"):
                map_ = looking.kept((*key, face, wanted), lambda: network.gradcam(bundle, crop[None], wanted)[0])
        except BundleUnusable as error:
            st.caption(f"There is no heat map for this network. {plain(error)}")
        else:
            pictures.append(heat(crop, map_))
            captions.append(f"what speaks for {EMOTIONS[wanted]}")
        st.html(gallery(np.stack(pictures), captions, [f"Face {face + 1}: {text}" for text in captions], CROP_PX))
    with beside[1]:
        chart = data_charts.probabilities(values, f"Face {face + 1}: probability of each emotion")
        st.altair_chart(readable(chart), width="stretch", alt="Bars of the probability of each emotion")
