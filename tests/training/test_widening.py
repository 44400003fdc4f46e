from pathlib import Path

import keras
import numpy as np
import pytest

from processor.emotions import write_bundle
from training import networks
from training.moodnet import moodnet, moodnet_wide
from training.train import begin_with_bundle
from training.widening import widen

WIDTHS = (16, 16, 32)


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(5).integers(0, 256, (32, 48, 48, 1), dtype=np.uint8)


def answers(model, faces):
    return {head: values.numpy() for head, values in model(faces, training=False).items()}


def test_a_wider_network_begins_with_the_answers_of_the_narrower_one_and_with_filters_of_its_own(faces):
    keras.utils.set_random_seed(1)
    narrow, wide = moodnet(stem=16, widths=WIDTHS), moodnet(stem=32, widths=(32, 32, 48))
    made = wide.get_weights()
    widen(wide, narrow)
    expected, found = answers(narrow, faces), answers(wide, faces)
    for head in expected:
        np.testing.assert_allclose(found[head], expected[head], atol=1e-5)
    first, drawn = wide.get_weights()[0], made[0]
    np.testing.assert_array_equal(first[..., :16], narrow.get_weights()[0])
    np.testing.assert_array_equal(first[..., 16:], drawn[..., 16:])


@pytest.mark.slow
def test_a_filter_that_nothing_listens_to_yet_learns_to_be_heard(faces):
    keras.utils.set_random_seed(2)
    narrow, wide = moodnet(stem=16, widths=WIDTHS, dropout=0.0), moodnet(stem=32, widths=(32, 32, 48), dropout=0.0)
    widen(wide, narrow)
    head = wide.get_layer("fer2013")
    assert not head.get_weights()[0][32:].any()
    classes = {name: output.shape[-1] for name, output in wide.output.items()}
    targets = {name: np.eye(count, dtype=np.float32)[np.arange(32) % count] for name, count in classes.items()}
    wide.compile(keras.optimizers.SGD(0.1), loss={name: "categorical_crossentropy" for name in classes})
    wide.fit(faces, targets, batch_size=32, verbose=0)
    assert (head.get_weights()[0][32:] != 0).mean() > 0.9


@pytest.mark.parametrize("other", [dict(stem=8, widths=WIDTHS), dict(stem=16, widths=(*WIDTHS, 32))])
def test_a_network_that_is_no_wider_one_is_refused(other):
    with pytest.raises(ValueError, match="is not a wider 'moodnet'"):
        widen(moodnet(**other), moodnet(stem=16, widths=WIDTHS))


@pytest.mark.slow
def test_moodnet_wide_begins_with_the_bundle_of_moodnet(faces, tmp_path: Path):
    """Folded batch normalisation, which a bundle has, is unfolded by 32 faces: not to the last digit."""
    keras.utils.set_random_seed(3)
    narrow, wide = moodnet(), moodnet_wide()
    write_bundle(tmp_path, networks.deployable(narrow, moodnet, mirror=False), {
        "name": "moodnet", "version": "1", "network": "moodnet",
    })  # fmt: skip
    begin_with_bundle(wide, "moodnet_wide", tmp_path, faces[..., 0])
    expected, found = answers(narrow, faces), answers(wide, faces)
    np.testing.assert_allclose(found["ferplus"], expected["ferplus"], atol=1e-3)
