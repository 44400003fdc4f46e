"""`training explain`: the pictures it writes."""

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from tests.training import bundles
from training.__main__ import app
from training.cli.explain import _sheet


def test_pictures_of_right_and_wrong_predictions_and_of_the_means(tmp_path, home):
    data, folder = tmp_path / "noise.npz", bundles.bundle(tmp_path / "small")
    bundles.faces(70).save(data)
    options = ["--data", data, "--model", folder, "--out", tmp_path / "out", "--faces", 2, "--home", home.path]
    done = CliRunner().invoke(app, ["explain", *map(str, options)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "of 46 faces" in done.stdout and "correlate by" in done.stdout
    sizes = {}
    for name in ("right", "wrong", "mean"):
        with Image.open(tmp_path / "out" / f"{name}.png") as picture:
            sizes[name] = picture.size
            assert len(np.unique(np.asarray(picture))) > 50  # there is something on it
    assert sizes["wrong"][0] == 8 + 2 * (2 * 96 + 8)  # two faces a row, each beside its map


def test_a_sheet_without_faces_is_a_picture_too(tmp_path):
    _sheet(tmp_path / "none.png", [[], []])
    with Image.open(tmp_path / "none.png") as picture:
        assert picture.size[0] > 96
