"""The README says what there is: a setting, command or dependency that is missing from it fails a test."""

import importlib
import json
import re
from pathlib import Path

import pytest
import typer

from processor.config import Home, Settings

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def written(default) -> str:
    """A default as it is written in moodreel.toml."""
    return json.dumps(list(map(str, default)) if isinstance(default, tuple) else default, default=str)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_row(name):
    field = Settings.model_fields[name]
    assert field.description, f"the setting {name} has no help"
    row = f"| `{name}` | `{written(field.default)}` | {field.description} |"
    assert row in README, f"README.md lacks this row of the settings:\n{row}"


def test_no_setting_that_is_gone():
    rows = re.findall(r"^\| `(\w+)` \| `", README.split("## Settings")[1].split("\n## ")[0], flags=re.MULTILINE)
    assert set(rows) == set(Settings.model_fields)


def commands(module: str) -> list[str]:
    """Every command of `python -m module`, such as `processor models list`."""

    def below(command, words):
        inner = getattr(command, "commands", None)
        if inner is None:
            return [" ".join(words)]
        return [line for name, sub in inner.items() for line in below(sub, [*words, name])]

    app = importlib.import_module(f"{module}.__main__").app
    return below(typer.main.get_command(app), [module])


@pytest.mark.parametrize("module", ["processor", "db", "training"])
def test_every_command_is_told(module):
    missing = [command for command in commands(module) if f"python -m {command}" not in README]
    assert not missing, f"README.md does not name these commands: {missing}"


@pytest.mark.parametrize("module", ["processor", "db", "training"])
def test_no_command_that_is_gone(module):
    there = commands(module)
    told = set(re.findall(rf"python -m ({module}(?: [a-z]+)+)", README))
    assert not [command for command in told if not any(f"{command} ".startswith(f"{known} ") for known in there)]


def test_the_two_commands():
    assert "make run" in README and "make test" in README
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in ("run", "test", "check", "bench"):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE) and f"make {target}" in README


def test_every_dependency_has_its_reason():
    for line in (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name = re.match(r"[A-Za-z0-9._-]+", line)[0]
            assert re.search(rf"^\| {re.escape(name)} \| .{{10,}} \|$", README, flags=re.MULTILINE), name


def test_home_is_laid_out(tmp_path):
    layout = README.split("## The home folder")[1].split("\n## ")[0]
    for attribute, path in vars(Home(tmp_path)).items():
        if attribute != "path":
            assert path.name in layout, f"README.md does not say what {path.relative_to(tmp_path)} is"


def test_links_lead_somewhere():
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", README)
    assert targets
    assert not [target for target in targets if not (REPOSITORY / target).exists()]
