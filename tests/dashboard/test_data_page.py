"""The Data page, opened without a browser: without a set, with a small one, with a damaged one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from db.emotions import EMOTIONS
from training.datasets import VOTES, FaceSet

pytestmark = pytest.mark.slow  # whole pages

REPOSITORY = Path(__file__).parents[2]
SECTIONS = (
    "Counts", "Faces", "Grey levels", "Average faces", "Likeness", "Label disagreement", "Duplicates", "Augmentation",
)  # fmt: skip


def said(app) -> str:
    """Everything the page says."""
    kinds = ("title", "markdown", "caption", "info", "warning", "error", "code", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def pictures(app) -> list[str]:
    """The HTML of the galleries."""
    return [element.proto.body for element in app.get("html") if "<figure" in element.proto.body]


def charts(app) -> list[dict]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def look_at(app, section: str):
    app.segmented_control(key="section").set_value(section).run()
    assert not app.exception, app.exception
    return app


def small_set(votes: bool = True) -> FaceSet:
    """84 faces, twelve of each emotion; FER+ calls a quarter of the sad ones neutral. One name is hostile."""
    rng = np.random.default_rng(1)
    fer = np.tile(np.arange(7), 12).astype(np.int8)
    images = rng.integers(0, 256, (84, 48, 48), dtype=np.uint8)
    images[1], images[2] = images[0], 77  # a duplicate, and a face of one grey level
    given = np.zeros((84, len(VOTES)), np.uint8)
    given[np.arange(84), np.array([4, 5, 6, 1, 3, 2, 0])[fer]] = 9
    changed = np.flatnonzero(fer == EMOTIONS.index("sad"))[:3]
    given[changed], given[changed, 0] = 0, 8
    usage = np.where(np.arange(84) < 70, "Training", "PublicTest")
    name = np.array(['"><img src=x onerror=alert(1)>.jpg', *[f"face-{row}.jpg" for row in range(1, 84)]])
    return FaceSet(images, fer, given if votes else None, usage, np.arange(84, dtype=np.int32), name=name)


@pytest.fixture
def put(home):
    """Saves a set into the home's folder."""

    def save(name: str = "small", **options) -> Path:
        folder = home.path / "datasets"
        folder.mkdir(exist_ok=True)
        small_set(**options).save(folder / f"{name}.npz")
        return folder / f"{name}.npz"

    return save


def test_without_a_set_the_page_says_how_to_make_one(home, open_page):
    app = open_page("data")
    assert "python -m training prepare" in said(app) and str(home.path / "datasets") in said(app)
    assert not app.selectbox


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "another zip", "other numbers"])
def test_a_damaged_set_is_said(put, open_page, damage):
    path = put("broken")
    content = path.read_bytes()
    if damage == "another zip":
        np.savez(path, x=np.zeros(3))
    elif damage == "other numbers":
        with np.load(path) as arrays:
            columns = dict(arrays)
        np.savez(path, **{**columns, "images": columns["images"] / 255})
    else:
        path.write_bytes({"empty": b"", "text": b"not a data set", "cut": content[: len(content) // 2]}[damage])
    (error,) = open_page("data").error
    assert r"broken\.npz" in error.value and "python" in error.value


def test_counts(put, open_page):
    put()
    app = open_page("data")
    assert [metric.value for metric in app.metric] == ["84", "84", "angry", "1.0 : 1"]
    assert [chart["title"]["text"] for chart in charts(app)] == [
        "Faces of each emotion, FER2013",
        "Make-up of each part",
    ]
    table = app.dataframe[0].value
    assert table["together"].sum() == 2 * 84 and list(table["part"].unique()) == ["train", "validation", "PublicTest"]
    app.selectbox[1].select("PublicTest").run()
    app.selectbox[2].select("FER+").run()
    assert [metric.value for metric in app.metric][:2] == ["14", "14"]
    assert "Faces of each emotion, FER+" in charts(app)[0]["title"]["text"]


def test_faces_more_and_others(put, open_page):
    put()
    app = look_at(open_page("data"), "Faces")
    (first,) = pictures(app)
    assert first.count("<figure") == 28 and "28 of 84 faces" in said(app)
    app.button(key="more-faces").click().run()
    (more,) = pictures(app)
    assert more.count("<figure") == 56 and more.startswith(first.removesuffix("</div>"))
    app.button(key="others-faces").click().run()
    assert pictures(app)[0] != more and "seed 1" in said(app)
    app.pills(key="emotion").set_value("sad").run()
    (sad,) = pictures(app)
    assert sad.count("<figure") == 12 == sad.count(">sad<") and not app.button(key="others-faces").disabled
    assert "Show more" not in [button.label for button in app.button]


def test_a_name_from_outside_is_only_text(put, open_page):
    put()
    app = look_at(open_page("data"), "Faces")
    app.pills(key="emotion").set_value("angry").run()
    (shown,) = pictures(app)
    assert "onerror" in shown and "<img src=x" not in shown and "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_grey_levels_and_averages(put, open_page):
    put()
    app = look_at(open_page("data"), "Grey levels")
    assert len(charts(app)) == 3 and "mean 12" in said(app)
    app = look_at(app, "Average faces")
    mean, deviation = pictures(app)
    assert mean.count("<figure") == deviation.count("<figure") == 8
    assert "happy (12)" in mean and "all faces (84)" in mean


def test_likeness(put, open_page):
    put()
    app = look_at(open_page("data"), "Likeness")
    assert [chart["title"]["text"] for chart in charts(app)] == [
        "Principal components of the pixels", "Correlation of the average faces", "Correlation of two faces",
        "Correlation of single faces",
    ]  # fmt: skip
    assert "seed 0" in said(app)
    app.button(key="others-likeness").click().run()
    assert "seed 1" in said(app) and not app.exception


def test_disagreement(put, open_page):
    put()
    app = look_at(open_page("data"), "Label disagreement")
    assert [metric.value for metric in app.metric] == ["96 %", "0"]  # 81 of 84
    boxes = {box.label: box.value for box in app.selectbox}
    assert (boxes["FER2013 says"], boxes["FER+ says"]) == ("sad", "neutral")  # the largest disagreement comes first
    assert pictures(app)[0].count("<figure") == 3 and "neutral 8" in pictures(app)[0]
    next(box for box in app.selectbox if box.label == "FER+ says").select("fear").run()
    assert "There is no such face" in said(app)


def test_a_set_without_votes(put, open_page):
    put(votes=False)
    app = open_page("data")
    assert app.selectbox[2].options == ["FER2013"]
    assert "--ferplus" in said(look_at(app, "Label disagreement"))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_part_without_labels_is_said_in_every_section(home, open_page, section):
    small = small_set()
    small.votes[:] = 0
    (home.path / "datasets").mkdir()
    small.save(home.path / "datasets" / "unvoted.npz")
    app = look_at(open_page("data"), section)
    app.selectbox[2].select("FER+").run()
    assert not app.exception
    if section not in ("Counts", "Duplicates"):
        assert "Choose another part" in said(app) or "No face in this part has a majority" in said(app)


def test_one_face_alone(home, open_page):
    (home.path / "datasets").mkdir()
    small_set().where(np.arange(84) == 2).save(home.path / "datasets" / "one.npz")
    app = open_page("data")
    for section in SECTIONS[1:-1]:
        look_at(app, section)
    assert not app.exception


def test_a_set_that_is_prepared_again_is_read_again(put, open_page, home):
    path = put()
    app = open_page("data")
    assert app.metric[0].value == "84"
    small_set().where(np.arange(84) < 40).save(path)
    os.utime(path, ns=(1, 1))
    assert app.run().metric[0].value == "40"


def test_duplicates(put, open_page):
    put()
    app = look_at(open_page("data"), "Duplicates")
    assert not app.metric
    app.selectbox[1].select("PublicTest").run()  # it looks at the whole set all the same
    app.button(key="more-duplicates").click().run()
    assert not app.exception
    assert [metric.value for metric in app.metric][:2] == ["1", "1"]  # rows 0 and 1, angry and disgust
    assert "angry | disgust" in pictures(app)[0] or "disgust | angry" in pictures(app)[0]
    leaks = app.dataframe[0].value
    assert leaks.values.tolist()[0] == ["train", "validation", 1, 0]


def test_augmentation_is_made_when_asked_for(put, open_page):
    put()
    app = look_at(open_page("data"), "Augmentation")
    assert not pictures(app)
    app.button(key="more-augmentation").click().run(timeout=60)
    assert not app.exception
    ours = pictures(app)
    assert len(ours) == 6 and all(row.count("<figure") == 6 for row in ours)
    app.selectbox(key="recipe").select("system-c").run()
    assert not app.exception and len(pictures(app)) == 6 and pictures(app) != ours


def test_a_set_that_notes_light_says_so_and_augmentation_does_it(put, open_page):
    path = put()
    app = look_at(open_page("data"), "Augmentation")
    app.button(key="more-augmentation").click().run(timeout=60)
    plain, sentence = pictures(app), "Training normalises their light (equalise)"
    assert sentence not in said(app)
    replace(small_set(), illumination="equalise").save(path)
    app.run(timeout=60)
    assert sentence in said(app) and not app.exception
    assert len(pictures(app)) == len(plain) == 6 and pictures(app) != plain


def test_no_network_library_is_loaded(put, home):
    """Neither by the Data page nor by Try it before there is a picture."""
    put()
    code = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard/app.py", default_timeout=60)
app.session_state["purpose-confirmed"] = True
app.run()
for page in ("data", "try_it"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception
print(json.dumps(sorted(set(sys.modules) & {"tensorflow", "keras", "jax", "torch"})))
"""
    environment = {**os.environ, "MOODREEL_HOME": str(home.path), "PYTHONPATH": str(REPOSITORY)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads(result.stdout.splitlines()[-1]) == []
