"""ImageNet's weights: from a file, or a sentence that says what to do. Small pictures, so that it is fast."""

import http.server
import threading

import keras
import numpy as np
import pytest

from training import pretrained
from training.errors import ImagenetMissing


@pytest.fixture(scope="module")
def vgg16_file(tmp_path_factory):
    """As Keras' own: VGG16 without its top. Random weights serve as well."""
    keras.utils.set_random_seed(3)
    backbone = keras.applications.VGG16(include_top=False, weights=None, input_shape=(48, 48, 3))
    path = tmp_path_factory.mktemp("imagenet") / "vgg16_notop.weights.h5"
    backbone.save_weights(path)
    return path, backbone.get_layer("block1_conv1").get_weights()[0]


def test_weights_come_from_a_file_and_the_first_layers_stay(vgg16_file):
    path, kernel = vgg16_file
    network = pretrained.vgg16_small(weights=(path,))
    assert (network.get_layer("block1_conv1").get_weights()[0] == kernel).all()
    trainable = [layer.name for layer in network.layers if layer.trainable_weights]
    assert trainable[:3] == ["block5_conv1", "block5_conv2", "block5_conv3"]


def test_from_scratch_all_layers_learn():
    network = pretrained.vgg16_small(unfrozen=None)
    assert not network.non_trainable_weights


def test_faces_are_brought_to_the_size_and_range_that_the_system_used():
    network = pretrained.vgg16(input_px=64)
    seen = keras.Model(network.input, network.get_layer("block1_conv1").input)
    faces = np.full((2, 48, 48, 1), 51, np.uint8)
    faces[1, :, 24:] = 255
    shown = seen.predict(faces, verbose=0)
    assert shown.shape == (2, 64, 64, 3)
    assert shown[0] == pytest.approx(np.full((64, 64, 3), 0.2), abs=1e-6)
    assert (shown[1, :, :, 0] == shown[1, :, :, 2]).all()
    assert (shown[1, 0, 0, 0], shown[1, 0, 63, 0]) == pytest.approx((0.2, 1.0), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("vgg16.weights.h5", b"", "doesn't hold ImageNet's weights of vgg16"),
        ("vgg16.h5", b"<html>not found</html>", "doesn't hold ImageNet's weights of vgg16"),
        ("vgg16.txt", b"weights", "doesn't hold ImageNet's weights of vgg16"),
        ("vgg16.h5", None, "There is no file .*vgg16.h5"),
    ],
)
def test_a_file_that_is_no_weights(name, content, sentence, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ImagenetMissing, match=sentence):
        pretrained.vgg16_small(weights=(tmp_path / name,))


def test_weights_of_another_network(tmp_path):
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(ImagenetMissing, match="other.weights.h5 doesn't hold ImageNet's weights of vgg16"):
        pretrained.vgg16_small(weights=(tmp_path / "other.weights.h5",))


def test_hybrid_needs_a_file_for_each(tmp_path):
    files = (tmp_path / "vgg16.h5", tmp_path / "vgg16_again.h5")
    with pytest.raises(ImagenetMissing, match="needs one file for VGG16, whose name begins with 'vgg16'"):
        pretrained.hybrid(weights=files, input_px=32)


def test_no_network_is_told_with_what_to_do(tmp_path, monkeypatch):
    """A proxy that refuses everything, as a firewall does: Keras really tries."""

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            self.send_error(403)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    try:
        with pytest.raises(ImagenetMissing, match="can't be downloaded: .*--imagenet FILE.*--weights none"):
            pretrained.vgg16_small(weights=pretrained.IMAGENET)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("network", "imagenet", "weights", "files", "expected"),
    [
        ("vgg16", True, None, None, "imagenet"),  # as the recipe says
        ("vgg16", True, "none", None, None),
        ("vgg16", False, None, None, None),
        ("vgg16", False, "imagenet", None, "imagenet"),
        ("vgg16", True, None, ["file"], ("file",)),
        ("cnn", True, None, None, None),  # has none
    ],
)
def test_what_a_network_begins_with(network, imagenet, weights, files, expected):
    assert pretrained.beginning(network, imagenet, weights, files) == expected


def test_a_beginning_that_there_is_not():
    with pytest.raises(ValueError, match="are imagenet or none. Received: coco"):
        pretrained.beginning("vgg16", True, "coco", None)
