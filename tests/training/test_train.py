"""Training on a tiny set: it learns, it goes on after a stop as if there had been none, and bad input is told."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from processor.emotions import BundleUnusable, write_bundle
from tests.training.faces import easy_faces, tiny
from training import callbacks, networks
from training import train as training
from training.batches import targets_and_weights
from training.datasets import FaceSet
from training.errors import CheckpointUnusable
from training.illumination import normalised
from training.recipes import MOODNET, RECIPES, SYSTEM_A, SYSTEM_B, EarlyStopping, Plateau

# A steady learning rate, so that a run of three epochs is the first half of a run of six.
STEADY = replace(MOODNET, cosine=False, learning_rate=0.02, batch_size=32, epochs=6)


@pytest.fixture
def tiny_network(monkeypatch):
    monkeypatch.setitem(networks.NETWORKS, "tiny", tiny)
    monkeypatch.setattr(networks, "NORMALIZED", (*networks.NORMALIZED, "tiny"))


@pytest.fixture(scope="module")
def faces():
    return easy_faces()


def all_emotions(n: int = 70) -> FaceSet:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (n, 48, 48), dtype=np.uint8)
    fer = (np.arange(n) % 7).astype(np.int8)
    return FaceSet(images, fer, None, np.array(["Training"] * n), np.arange(n, dtype=np.int32))


def train(data, folder, recipe, **options):
    return training.train("tiny", [data], folder, recipe, precision="float32", **options)


def same(first, second) -> bool:
    return all((a == b).all() for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


@pytest.mark.slow
def test_the_loss_falls_and_a_stopped_run_ends_where_one_in_one_go_does(tiny_network, faces, tmp_path):
    """The order of the faces, their changes, the optimizer's momentum: all of it comes back."""
    train(faces, tmp_path / "stopped", replace(STEADY, epochs=3))
    stopped = train(faces, tmp_path / "stopped", STEADY)
    straight = train(faces, tmp_path / "straight", STEADY)
    curves = callbacks.curves(tmp_path / "stopped")
    assert [epoch["epoch"] for epoch in curves] == [0, 1, 2, 3, 4, 5]
    assert curves[-1]["loss"] < curves[0]["loss"]
    assert same(stopped, straight)
    test = faces.split("PublicTest")
    right = stopped.predict(test.images[..., None], verbose=0)["fer2013"].argmax(axis=1) == test.fer
    assert right.mean() > 0.9


@pytest.mark.slow
def test_two_runs_with_one_seed_give_one_result_and_another_seed_another(tiny_network, faces, tmp_path):
    recipe = replace(STEADY, epochs=2, mixup=0.2, cutmix=1.0, ema=0.9)
    first, second = (train(faces, tmp_path / name, recipe) for name in ("first", "second"))
    other = train(faces, tmp_path / "other", replace(recipe, seed=2))
    assert same(first, second)
    assert not same(first, other)


KILLED = """
import sys
from pathlib import Path
from dataclasses import replace
from tests.training.faces import easy_faces, know_tiny
from tests.training.test_train import STEADY
from training import train
know_tiny()
train.train("tiny", [easy_faces()], Path(sys.argv[1]), replace(STEADY, epochs=int(sys.argv[2])), precision="float32")
"""


@pytest.mark.slow
def test_a_killed_training_goes_on(tiny_network, faces, tmp_path):
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(killed), "400"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(callbacks.curves(killed)) < 3 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended by itself"
    done = len(callbacks.curves(killed))
    assert done >= 3
    recipe = replace(STEADY, epochs=done + 2)
    assert same(train(faces, killed, recipe), train(faces, tmp_path / "straight", recipe))


@pytest.mark.slow
def test_a_second_set_is_trained_on_after_the_first(tiny_network, faces, tmp_path):
    model = training.train(
        "tiny", [faces, easy_faces(160, seed=9)], tmp_path, replace(STEADY, epochs=2), precision="float32"
    )
    assert [len(callbacks.curves(folder)) for folder in training.stages(tmp_path, 2)] == [2, 2]
    # The second begins where the first ended: its first loss is below the first's.
    assert callbacks.curves(tmp_path / "then-1")[0]["loss"] < callbacks.curves(tmp_path)[0]["loss"]
    assert list(model.output) == ["fer2013", "ferplus", "emotions"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["equalise", "blend", "dog"])
def test_light_is_normalised_in_training_and_in_what_is_shipped(method, tiny_network, faces, tmp_path):
    """As with faces whose light was normalised before, but that what is shipped takes faces as they are."""
    recipe = replace(STEADY, epochs=1)
    before = replace(faces, images=normalised(faces.images, method))
    noted = train(replace(faces, illumination=method), tmp_path / "noted", recipe)
    plain = train(before, tmp_path / "plain", recipe)
    assert same(noted, plain)
    first, second = (callbacks.curves(tmp_path / name)[0] for name in ("noted", "plain"))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    said, expected = (
        noted.predict(faces.images[..., None], verbose=0),
        plain.predict(before.images[..., None], verbose=0),
    )
    for head in expected:
        assert said[head] == pytest.approx(expected[head], abs=1e-3)
    assert not np.allclose(said["emotions"], plain.predict(faces.images[..., None], verbose=0)["emotions"], atol=1e-2)


def test_sets_that_note_different_light_are_not_trained_on_in_turn(tiny_network, faces, tmp_path):
    with pytest.raises(ValueError, match="these sets note several: dog, none"):
        training.train("tiny", [faces, replace(faces, illumination="dog")], tmp_path, STEADY, precision="float32")


@pytest.mark.slow
def test_early_stopping_keeps_the_best_epoch_and_remembers_after_a_stop(tiny_network, faces, tmp_path):
    """With a learning rate of 0 nothing gets better, so that it stops after 1 + 2 epochs, stopped between or not."""
    recipe = replace(
        STEADY, learning_rate=0.0, checkpoint="val_loss", early_stopping=EarlyStopping("val_loss", 2),
        plateau=Plateau("val_loss", 1, 0.5, 0.0), epochs=2,
    )  # fmt: skip
    train(faces, tmp_path, recipe)
    assert (tmp_path / "best-val_loss.weights.h5").exists()
    for _ in range(2):
        train(faces, tmp_path, replace(recipe, epochs=9))
        # Batch statistics move even so, and the loss with them.
        rows = callbacks.curves(tmp_path)
        best = min(range(len(rows)), key=lambda epoch: rows[epoch]["val_loss"])
        assert len(rows) - 1 - best == 2 or len(rows) == 9
        finished = len(rows)
    assert len(callbacks.curves(tmp_path)) == finished


def test_the_learning_rate_after_a_stop_is_what_the_curves_made_it(tmp_path):
    """Half of it after each epoch without a better loss, played from the curves: 0.8, three worse, 0.1."""
    lines = ["epoch,val_loss", *(f"{epoch},{loss}" for epoch, loss in enumerate([1.0, 1.5, 1.6, 1.7]))]
    (tmp_path / "curves.csv").write_text("\n".join(lines) + "\n")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.8), loss="mse")
    plateau = callbacks.ReduceLROnPlateau("val_loss", 0.5, 1, mode="min")
    stop = callbacks.EarlyStopping("val_loss", patience=3, mode="min")
    assert callbacks.replay(model, [plateau, stop], tmp_path, 4)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)


@pytest.mark.slow
def test_no_room_for_a_checkpoint_keeps_the_one_before(tiny_network, faces, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    train(faces, tmp_path, replace(STEADY, epochs=1))
    earlier = (tmp_path / callbacks.WEIGHTS).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limits[1]))  # a real write that fails, as on a full disk
    try:
        with pytest.raises(CheckpointUnusable, match="can't be written: .*The one before it is kept"):
            train(faces, tmp_path, replace(STEADY, epochs=2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / callbacks.WEIGHTS).read_bytes() == earlier
    assert not list((tmp_path / "checkpoint").glob("next-*"))
    train(faces, tmp_path, replace(STEADY, epochs=2))
    assert len(callbacks.curves(tmp_path)) == 2


def test_a_damaged_checkpoint_is_named(tiny_network, faces, tmp_path):
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / callbacks.WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(CheckpointUnusable, match="latest.weights.h5 can't be read as a checkpoint of this network"):
        train(faces, tmp_path, STEADY)


def test_a_line_of_the_curves_that_was_cut_off_does_not_count(tmp_path):
    (tmp_path / "curves.csv").write_text("epoch,loss\n0,1.0\n1,0.87654\n1,0.8\n2")
    assert callbacks.curves(tmp_path) == [{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 0.8}]


SMALL, LARGE = ("cnn", "mini_xception", "vgg16_small", "resnet18"), ("vgg16", "resnet50v2", "hybrid")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "network"),
    [
        pytest.param(recipe, network, id=f"{recipe.name}-{network}")
        for recipe in RECIPES.values() for network in recipe.networks if recipe is not MOODNET
    ],
)  # fmt: skip
def test_every_recipe_trains_its_networks(recipe, network, tmp_path):
    recipe = replace(recipe, epochs=1, batch_size=4)
    faces = all_emotions(n=14 if network in LARGE else 35)
    model = training.train(network, [faces], tmp_path, recipe, precision="float32")
    assert list(model.output) == ["fer2013", "emotions"]
    curve = callbacks.curves(tmp_path)[0]
    assert {"loss", "fer2013_categorical_accuracy", "val_fer2013_categorical_accuracy"} <= set(curve)
    assert np.isfinite(curve["loss"])


def test_a_fifth_for_validation_holds_the_faces_that_are_always_held_off():
    faces = all_emotions(100)
    learn, validation = training.parts(faces, SYSTEM_A)
    assert (len(learn), len(validation)) == (80, 20)
    assert set(faces.split("validation").row) <= set(validation.row)
    assert not set(learn.row) & set(validation.row)
    learn, validation = training.parts(faces, MOODNET)
    assert (len(learn), len(validation)) == (95, 5)


def test_a_set_without_faces_to_learn_from_is_told():
    faces = all_emotions(20)
    with pytest.raises(ValueError, match="The split 'train' holds no face in this data set"):
        training.parts(replace(faces, usage=np.array(["PublicTest"] * 20)), MOODNET)


def test_class_weights_without_a_face_of_an_emotion_are_refused(faces, tmp_path):
    with pytest.raises(ValueError, match="there is no angry and no disgust .* train with --no-class-weights"):
        training.train("cnn", [faces], tmp_path, SYSTEM_B, precision="float32")


def test_rare_emotions_count_more():
    faces = all_emotions(70)
    faces = faces.where((faces.fer != 1) | (faces.row < 7))  # one disgusted face of 61
    weights = training._class_weights(faces)
    assert weights[1] == pytest.approx(61 / 7)
    assert weights[3] == pytest.approx(61 / 70)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"precision": "half"}, "The precision must be mixed_bfloat16 or float32. Received: half"),
        ({"recipe": replace(SYSTEM_A, ema=0.9)}, "the recipe system-a keeps the best epoch's"),
        ({"network": "alexnet"}, "There is no network 'alexnet'"),
    ],
)
def test_options_that_can_not_be_are_refused(options, sentence, faces, tmp_path):
    arguments = {"network": "cnn", "data": [faces], "folder": tmp_path, "recipe": SYSTEM_B, **options}
    with pytest.raises(ValueError, match=sentence):
        training.train(**arguments)


@pytest.mark.slow
def test_a_teacher_is_part_of_the_target_and_must_have_the_heads(tiny_network, faces, tmp_path):
    keras.utils.set_random_seed(1)
    write_bundle(tmp_path / "cnn", networks.deployable(networks.cnn(), networks.cnn, mirror=False), CARD)
    targets, _ = targets_and_weights(faces)
    taught = training._taught(targets, ["fer2013"], tmp_path / "cnn", faces, 0.25)
    told = training.Classifier(tmp_path / "cnn").outputs(faces.images)["fer2013"]
    assert taught["fer2013"] == pytest.approx(0.75 * targets["fer2013"] + 0.25 * told)
    with pytest.raises(BundleUnusable, match="has no output ferplus"):
        training._taught(targets, ["fer2013", "ferplus"], tmp_path / "cnn", faces, 0.25)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["none", "blend"])
def test_a_run_begins_with_a_bundle_or_a_run(method, tiny_network, faces, tmp_path):
    """Where it begins it is as good as what it begins with, with a learning rate of 0."""
    faces = replace(faces, illumination=method)
    first = train(faces, tmp_path / "first", replace(STEADY, mirror=False))
    write_bundle(tmp_path / "bundle", first, CARD)
    expected = callbacks.curves(tmp_path / "first")[-1]["val_loss"]
    still = replace(STEADY, epochs=1, learning_rate=0.0, seed=5)
    for number, start in enumerate((tmp_path / "first", tmp_path / "bundle")):
        train(faces, tmp_path / f"again-{number}", still, start=start)
        assert callbacks.curves(tmp_path / f"again-{number}")[0]["val_loss"] == pytest.approx(expected, abs=0.25)
    with pytest.raises(BundleUnusable, match="There is nothing to begin from in .*nowhere"):
        train(faces, tmp_path / "again", still, start=tmp_path / "nowhere")


CARD = {"name": "teacher", "version": "1"}
