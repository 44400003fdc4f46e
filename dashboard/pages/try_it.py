"""Try it: what Moodreel sees in a picture. Nothing is stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from dashboard import activity, context, data_charts, looking, network
from dashboard.drawing import readable
from dashboard.face_pictures import heat
from dashboard.gallery import gallery
from dashboard.looking import Answer
from dashboard.words import one_line, percent, plain, signed
from db.emotions import EMOTIONS
from processor.config import Settings
from processor.default_model import in_force
from processor.emotions import BundleUnusable, bundles, find_bundle

MAX_UPLOAD_MB = 50  # no photograph is larger
FACES_AT_ONCE = 6
CROP_PX = 128  # what the network saw and the heat map beside each other, on a telephone, too
STRONGEST = "the strongest emotion"
MORE_FACES = "YuNet finds more faces than Haar; its model file comes with `python -m processor models pull`."


def page() -> None:
    """The whole page, from top to bottom."""
    from processor import pictures  # brings OpenCV along

    context.within_app()
    st.title("Try it", anchor=False)
    st.markdown(
        "Upload a picture to see which faces are found, what the network sees of each, and what it makes of it. "
        "**Nothing is stored**: the picture stays in the memory of this machine until you remove it or leave."
    )
    files = st.file_uploader(
        "Pictures (JPEG, PNG, WebP)", pictures.SUFFIXES, accept_multiple_files=True, max_upload_size=MAX_UPLOAD_MB
    )
    bundle, detector, explained = choose()
    for file in files if bundle else ():
        with st.container(border=True):
            picture(file, bundle, detector, explained)
    looking.forget_the_rest()


def choose() -> tuple[Path | None, str, int | None]:
    """The bundle (None: there is none), the detector, and whose heat map to show (None: each face's strongest)."""
    from processor.faces import yunet_file  # brings OpenCV along

    settings, models = context.settings(), context.home().models
    detectors = ["yunet", "haar"] if yunet_file(models) else ["haar"]
    known, usual = bundles_to_choose(settings, models)
    columns = st.columns(3)
    bundle = columns[0].selectbox(
        "Model", known, index=known.index(usual) if usual else 0, format_func=lambda folder: one_line(folder.name),
        key="bundle",
    )  # fmt: skip
    detector = columns[1].selectbox(
        "Detector", detectors, index=detectors.index(settings.detector) if settings.detector in detectors else 0,
        format_func=activity.DETECTORS.get, key="detector", help=None if "yunet" in detectors else MORE_FACES,
    )  # fmt: skip
    emotion = columns[2].selectbox(
        "Heat map for", [STRONGEST, *EMOTIONS], key="explained",
        help="What in the face speaks for this emotion rather than for the others (Grad-CAM). A hint, no measurement.",
    )  # fmt: skip
    return bundle, detector, None if emotion == STRONGEST else EMOTIONS.index(emotion)


def bundles_to_choose(settings: Settings, models: Path) -> tuple[list[Path], Path | None]:
    """Every bundle at hand, of two with one name the home's, and the one that videos are analysed with."""
    known = list({folder.name: folder for folder in reversed(bundles(models))}.values())[::-1]
    try:
        usual = find_bundle(in_force(settings).name, models)
    except BundleUnusable as error:
        st.warning(plain(error), icon=":material/warning:")
        return known, None
    return (known if usual in known else [usual, *known]), usual


def picture(file, bundle: Path, detector: str, explained: int | None) -> None:
    """One uploaded picture: what was found in it, or what is wrong with it."""
    from processor.pictures import PictureUnreadable

    st.subheader(plain(file.name), anchor=False)
    name = one_line(file.name)
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


page()
