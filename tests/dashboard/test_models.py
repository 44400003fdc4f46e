"""The Models page without a browser: on an empty home, with what the store has from its first start, with faces."""

import json
import shutil

import numpy as np
import pytest

from db.emotions import EMOTIONS
from db.store import Store
from processor import default_model, emotions, spool
from processor.known_models import KnownModels
from tests.dashboard.conftest import add, finish
from tests.db.rows import evaluation
from training.datasets import FaceSet

pytestmark = pytest.mark.slow  # whole pages

SHIPPED = emotions.SHIPPED / "moodnet"
VIEWS = ("Cards", "Comparison", "Evaluation", "Training", "Faces")


def texts(app) -> str:
    """Everything a page says."""
    kinds = ("title", "markdown", "caption", "info", "warning", "error", "code", "subheader", "toast", "metric")
    found = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    return "\n".join(found + [element.label for element in app.expander])


def button(app, label: str):
    """The button of that label; there must be one."""
    return next(element for element in app.button if element.label == label)


def requests(home) -> list[dict]:
    """What has been handed to the processor."""
    return [spool.load(path) for path in spool.pending(home.spool)]


def charts(app) -> list[str]:
    """The titles of the charts."""
    return [json.loads(chart.proto.spec)["title"]["text"] for chart in app.get("vega_lite_chart")]


@pytest.fixture(scope="module")
def shipped() -> dict:
    """The card of the shipped bundle."""
    return emotions.read_card(SHIPPED)


@pytest.fixture
def known(home, shipped):
    """What the service stores at its first start, and an evaluation of the shipped bundle with every part there is:
    three faces, rows 4, 7 and 9 of a set called `fer`. A network that was only measured; a video."""
    with Store(home.store, home.results) as store:
        KnownModels(store, home.models).record()
        store.put_evaluations(emotions.model_id(shipped), [evaluation(), evaluation(labels="ferplus", groups={})])
        card = {"name": "mini_xception", "version": "1", "sha256": "ab" * 32, "weights": False, "limits": "<b>many</b>"}
        store.add_model("mini_xception-1-abababab", "mini_xception", "1", card["sha256"], card)
        run = add(store, "a" * 16, "first.mp4")
        store.start_run(run)
        finish(store, run)
        store.publish()
    return home


@pytest.fixture
def faces(known) -> FaceSet:
    """The set `fer`, prepared: twelve faces, each of one grey level; rows 4 and 9, but not 7, are of the split."""
    levels = np.arange(12, dtype=np.uint8)
    usage = np.where(levels == 7, "Training", "PublicTest")
    faces = FaceSet(np.tile(levels[:, None, None], (1, 48, 48)) * 20, (levels % 7).astype(np.int8), None, usage,
                    levels.astype(np.int32))  # fmt: skip
    (known.path / "datasets").mkdir(exist_ok=True)
    faces.save(known.path / "datasets" / "fer.npz")
    return faces


class TestEmpty:
    def test_says_what_to_do(self, open_page):
        said = texts(open_page("models"))
        assert "Nothing here yet" in said and "make run" in said and "python -m training train" in said
        assert "moodnet" in said  # the bundle that lies ready

    def test_store_without_models(self, seeded, open_page):
        assert "Nothing here yet" in texts(open_page("models"))

    def test_a_snapshot_from_before_an_update(self, home, open_page, monkeypatch):
        with Store(home.store, home.results) as store:
            store._connection.execute("DROP TABLE evaluation_curve")
            store.publish()
        assert "older Moodreel" in texts(open_page("models"))


class TestCards:
    def test_what_a_card_says(self, known, open_page, shipped):
        said = texts(open_page("models"))
        for part in (
            "What it is for",
            "Not for",
            "Limits",
            "Learned from",
            "Chosen on",
            "Licence",
            "How it was trained",
        ):
            assert part in said
        assert "hiring" in said and "It is the one that Moodreel comes with" in said
        assert shipped["sha256"] in said
        assert all(command in said for command in shipped["commands"])

    def test_figures_with_intervals(self, known, open_page):
        app = open_page("models")
        rows = app.dataframe[0].value
        mine = rows[rows["Faces"] == "fer, PublicTest"].iloc[0]
        assert mine[["Labels", "Number", "7 emotions", "3 categories", "Macro F1"]].tolist() == [
            "FER2013", 3, "66.7 % (33.3–100.0)", "66.7 % (0.0–100.0)", "0.667 (0.250–1.000)",
        ]  # fmt: skip
        assert "fer2013, PublicTest" in list(rows["Faces"])  # from the card

    def test_only_measured(self, known, open_page):
        said = texts(open_page("models"))
        assert r"mini\_xception 1: measured, not shipped" in said
        assert r"\<b\>many" in said and "<b>many" not in said

    def test_files_gone(self, known, open_page, monkeypatch):
        monkeypatch.setattr("processor.emotions.SHIPPED", known.path / "nowhere")
        app = open_page("models")
        said = texts(app)
        assert "its files are not here" in said and "No new video can be analysed" in said
        assert not [element for element in app.button if "default" in element.label]

    def test_damaged_bundle_is_said(self, known, open_page):
        shutil.copytree(SHIPPED, known.models / "mine")
        (known.models / "mine" / "model.keras").write_bytes(b"x")
        assert "is not the file its card describes" in texts(open_page("models"))

    def test_a_card_with_anything_in_it(self, known, open_page, shipped):
        odd = {"speed": "fast", "size": [1], "calibration": {"fer2013": 3, "x": {"temperature": None}}}
        odd |= {"minutes": "many", "epochs": None, "commands": [], "notes": "a *star*", "version": 1.5}
        with Store(known.store, known.results) as store:
            store.add_model("odd-1-ab", "odd", "1", "ab", {**odd, "weights": False})
            store.publish()
        assert r"a \*star\*" in texts(open_page("models"))


class TestAsking:
    @pytest.fixture
    def other(self, known, shipped) -> str:
        """Another bundle in the home, stored as well; returns its id."""
        shutil.copytree(SHIPPED, known.models / "mine")
        card = {**shipped, "name": "mine", "version": "7"}
        (known.models / "mine" / "model.json").write_text(json.dumps(card))
        with Store(known.store, known.results) as store:
            KnownModels(store, known.models).record()
            store.publish()
        return emotions.model_id(card)

    def test_make_this_the_default(self, known, other, open_page):
        app = open_page("models")
        button(app, "Make this the default").click().run()
        assert not app.exception
        assert [(r["kind"], r["model"]) for r in requests(known)] == [("default_model", "mine")]
        assert "Asked to make mine 7 the default" in texts(app) and "One request waits" in texts(app)

    def test_the_chosen_one_is_the_default(self, known, other, open_page):
        default_model.choose(known, "mine")
        app = open_page("models")
        assert app.subheader[0].value == "mine 7"  # the default comes first
        assert "It was made the default" in texts(app)

    def test_a_setting_goes_first(self, known, other, open_page, monkeypatch):
        monkeypatch.setenv("MOODREEL_MODEL", "moodnet")
        default_model.choose(known, "mine")
        app = open_page("models")
        assert "The setting `model` says so" in texts(app).replace("\\", "")
        assert button(app, "Make this the default").disabled

    def test_reprocess(self, known, open_page):
        app = open_page("models")
        button(app, "Reprocess one video").click().run()
        assert not app.exception
        assert [(r["kind"], r["model"]) for r in requests(known)] == [("reprocess_all", "moodnet")]

    def test_nothing_to_reprocess(self, known, open_page, shipped):
        with Store(known.store, known.results) as store:
            store._connection.execute("UPDATE run SET model_id = ?", [emotions.model_id(shipped)])
            store.publish()
        app = open_page("models")
        assert "Every video has been analysed with it" in texts(app)
        assert not [element for element in app.button if element.label.startswith("Reprocess")]

    def test_refusals_are_shown(self, known, open_page):
        with Store(known.store, known.results) as store:
            given = {"kind": "default_model", "model": "gone"}
            store.log_request(
                "1-a",
                "default_model",
                "2026-01-02T03:04:05+00:00",
                "refused",
                "There is no model bundle 'gone'.",
                given,
            )
            store.publish()
        assert "There is no model bundle 'gone'" in texts(open_page("models")).replace("\\", "")


class TestViews:
    @pytest.mark.parametrize("view", VIEWS)
    def test_every_view_opens(self, known, open_page, view):
        app = open_page("models", view=view)
        assert app.segmented_control(key="view").value == view

    def test_comparison(self, known, open_page):
        app = open_page("models", view="Comparison")
        # The set named first is `fer`; claims are about FER2013's faces.
        app.selectbox(key="comparison-data").set_value("fer2013").run()
        assert charts(app) == ["FER2013, 7 emotions", "FER2013, 3 categories", "F1 of each emotion"]
        rows = app.dataframe[0].value
        assert set(rows["Whose figure"]) == {"measured here", "claimed", "reported"}
        app.segmented_control(key="comparison-labels").set_value("side by side").run()
        assert not app.exception
        assert charts(app)[2:4] == ["FER+, 7 emotions", "FER+, 3 categories"]

    def test_evaluation(self, known, open_page):
        app = open_page("models", view="Evaluation")
        assert charts(app) == [
            "Confusion: percent of each label", "ROC curves", "Calibration", "By gender", "F1 of each emotion",
            "Precision over recall",
        ]  # fmt: skip
        assert list(app.dataframe[0].value["emotion"]) == [*EMOTIONS, "mean", "weighted mean"]
        assert "7 emotions 66.7 % (33.3–100.0)" in texts(app)
        app.segmented_control(key="classes").set_value("3 categories").run()
        app.segmented_control(key="by-row").set_value("faces").run()
        app.segmented_control(key="evaluation-labels").set_value("side by side").run()
        assert not app.exception
        assert charts(app)[:2] == ["Confusion: number of faces"] * 2
        assert len(app.dataframe) == 2

    def test_train_against_test(self, known, open_page):
        app = open_page("models", view="Evaluation")
        app.selectbox(key="evaluation-data").set_value("fer2013").run()
        assert "Train against test" in charts(app)

    def test_training(self, known, open_page):
        app = open_page("models", view="Training")
        assert charts(app)[0] == "Accuracy, FER2013's labels" and "Loss, everything together" in charts(app)
        app.selectbox(key="model").set_value("mini_xception-1-abababab").run()
        assert charts(app) == []
        assert "its card has none" in texts(app)

    def test_a_model_that_was_not_measured(self, known, open_page):
        app = open_page("models", view="Faces")
        app.selectbox(key="model").set_value("mini_xception-1-abababab").run()
        assert "has not been measured" in texts(app)


class TestFaces:
    def test_without_the_data_set(self, known, open_page):
        app = open_page("models", view="Faces")
        said = texts(app)
        assert "python -m training prepare" in said and str(known.path / "datasets" / "fer.npz") in said
        assert list(app.dataframe[0].value["row"]) == [4, 7, 9]

    def test_faces_of_the_split(self, known, faces, open_page):
        app = open_page("models", view="Faces")
        labels = [element.label for element in app.button if (element.key or "").startswith("face-")]
        assert labels == [
            "happy 90\N{NO-BREAK SPACE}%",
            "sad 50\N{NO-BREAK SPACE}%",
        ]  # row 7 is not of this split, so it is another face

    def test_filters(self, known, faces, open_page):
        app = open_page("models", view="Faces")
        app.selectbox(key="gallery-truth").set_value("sad").run()
        assert [element.key for element in app.button if (element.key or "").startswith("face-")] == ["face-9"]
        app.segmented_control(key="gallery-right").set_value("wrong").run()
        assert "has none of these faces" in texts(app)
        app.selectbox(key="gallery-predicted").set_value("fear").run()
        assert "No prediction fits these filters" in texts(app)

    def test_a_damaged_data_set_is_said(self, known, faces, open_page):
        (known.path / "datasets" / "fer.npz").write_bytes(b"no faces")
        assert "fer.npz" in texts(open_page("models", view="Faces")).replace("\\", "")
        assert charts(open_page("models", view="Evaluation"))[0] == "Confusion: percent of each label"

    def test_examples_in_the_tooltip(self, known, faces, open_page):
        app = open_page("models", view="Evaluation")
        spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
        assert spec["layer"][0]["encoding"]["tooltip"][-1]["field"] == "image"

    def test_predictions_that_are_not_stored(self, known, open_page, shipped):
        with Store(known.store, known.results) as store:
            bare = {name: value for name, value in evaluation(data="bare").items() if name != "samples"}
            store.put_evaluations(emotions.model_id(shipped), [bare])
            store.publish()
        app = open_page("models", view="Faces")
        app.selectbox(key="faces-data").set_value("bare").run()
        assert "are not stored" in texts(app)
