"""Which model new runs use, and who says so."""

import pytest

from processor.config import Settings, load
from processor.default_model import InForce, choose, in_force
from processor.intake import with_overrides


def test_nobody_said_anything(home):
    assert in_force(Settings(home=home.path)) == InForce("moodnet", "shipped")


def test_a_choice_is_in_force_at_once_and_for_the_next_process(home):
    settings = Settings(home=home.path)
    choose(home, "other")
    assert in_force(settings) == in_force(load(home=home.path)) == InForce("other", "choice")
    choose(home, "third")
    assert in_force(settings).name == "third"
    assert [path.name for path in home.path.iterdir() if path.is_file()] == ["default_model.json"]


@pytest.mark.parametrize("how", ["flag", "environment", "file"])
def test_a_setting_goes_before_the_choice(home, monkeypatch, tmp_path, how):
    choose(home, "other")
    monkeypatch.chdir(tmp_path)
    if how == "environment":
        monkeypatch.setenv("MOODREEL_MODEL", "set")
    elif how == "file":
        (tmp_path / "moodreel.toml").write_text('model = "set"\n')
    found = in_force(load(home=home.path, model="set" if how == "flag" else None))
    assert found == InForce("set", "setting") and "MOODREEL_MODEL" in found.why


def test_even_a_setting_that_repeats_the_default_goes_before_the_choice(home):
    choose(home, "other")
    assert in_force(Settings(home=home.path, model="moodnet")).by == "setting"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"model": 7}', b'{"model": ""}', b"\xff"])
def test_a_choice_that_cannot_be_read_counts_as_none(home, content):
    home.default_model.write_bytes(content)
    assert in_force(Settings(home=home.path)) == InForce("moodnet", "shipped")


def test_a_choice_that_cannot_be_written_changes_nothing(home, monkeypatch):
    choose(home, "other")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("processor.default_model.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        choose(home, "third")
    assert in_force(Settings(home=home.path)).name == "other"
    assert [path.name for path in home.path.iterdir() if path.is_file()] == ["default_model.json"]


def test_runs_get_the_choice_and_a_request_for_another_model_goes_before_it(home):
    settings = Settings(home=home.path)
    choose(home, "other")
    assert with_overrides(settings, {}).model == "other"
    assert with_overrides(settings, {"model": "asked"}).model == "asked"
    assert with_overrides(with_overrides(settings, {"model": "asked"}), {"sample_fps": 5}).model == "asked"
