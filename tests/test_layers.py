"""Imports go one way, as the design draws them. Read from the source, so that a module that nobody runs counts too."""

import ast
import re
import sys
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PACKAGES = ("bench", "dashboard", "db", "processor", "training")

# Which of our own modules a package may import besides its own; a package stands for all that is in it.
MAY_IMPORT = {
    "db": (),
    "processor": ("db",),
    "training": ("processor.emotions", "processor.faces", "processor.config", "processor.spool", "db.emotions"),
    # What the Data, Models and Try it pages show of data sets and networks is computed where those are at home.
    "dashboard": (
        "processor",
        "db",
        "training.classes",
        "training.datasets",
        "training.exploration",
        "training.explain",
        "training.systems",
    ),
    "bench": ("training", "processor", "db", "dashboard"),
}

# Which of our packages may import a library; those not named here are free.
ONLY_IN = {
    "duckdb": ("db", "bench"),
    "sqlite3": (),
    "streamlit": ("dashboard", "bench"),
    "streamlit_webrtc": ("dashboard",),
    "apscheduler": ("processor",),
    "keras": ("processor", "training", "bench"),
    "tensorflow": ("processor", "training", "bench"),
}

# Part of the dashboard, but without Streamlit, so that they can be tested and used without it.
WITHOUT_STREAMLIT = (
    "dashboard.agreement",
    "dashboard.alert_words",
    "dashboard.aligned",
    "dashboard.charts",
    "dashboard.chart_parts",
    "dashboard.choice",
    "dashboard.compare_charts",
    "dashboard.compare_drawings",
    "dashboard.compare_report",
    "dashboard.compare_strips",
    "dashboard.compare_tables",
    "dashboard.compare_words",
    "dashboard.course_charts",
    "dashboard.course_words",
    "dashboard.data_charts",
    "dashboard.details",
    "dashboard.downloads",
    "dashboard.elan",
    "dashboard.event_locked",
    "dashboard.face_pictures",
    "dashboard.findings",
    "dashboard.gallery",
    "dashboard.group_sentences",
    "dashboard.group_statistics",
    "dashboard.legal",
    "dashboard.live",
    "dashboard.live_charts",
    "dashboard.live_history",
    "dashboard.live_states",
    "dashboard.live_tracks",
    "dashboard.look",
    "dashboard.marker_charts",
    "dashboard.marker_files",
    "dashboard.marker_times",
    "dashboard.measures",
    "dashboard.metadata_csv",
    "dashboard.metadata_dates",
    "dashboard.model_charts",
    "dashboard.moment_charts",
    "dashboard.moments",
    "dashboard.palette",
    "dashboard.people_figures",
    "dashboard.rank_tests",
    "dashboard.receipts",
    "dashboard.report",
    "dashboard.report_document",
    "dashboard.run_comparison",
    "dashboard.share_charts",
    "dashboard.sql_charts",
    "dashboard.sql_tables",
    "dashboard.stretches",
    "dashboard.study",
    "dashboard.text_files",
    "dashboard.timeline",
    "dashboard.timeline_charts",
    "dashboard.transitions",
    "dashboard.trends",
)
# The only part of the dashboard that may load a network.
MAY_LOAD_NETWORK = ("dashboard.live", "dashboard.pages.live")
NETWORK_LIBRARIES = ("tensorflow", "keras", "jax", "torch")

# What another library imports by itself where it is there, and does not bring.
BEHIND = {"uharfbuzz": "fpdf2"}

# What Keras may run on in place of TensorFlow: imported only where it does, and then it is there. What drives a browser
# for the tests and a benchmark that asks for one is in requirements-dev.txt.
OPTIONAL = {"jax", "playwright"}


@dataclass(frozen=True)
class Import:
    """`source` imports `target`, a module or a name in one; `early` if that happens as soon as `source` is imported."""

    source: str
    target: str
    early: bool
    line: int


def module_name(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for package in PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))}


def imports_of(module: str, path: Path) -> list[Import]:
    found = []

    def visit(node, early):
        if isinstance(node, ast.Import):
            found.extend(Import(module, alias.name, early, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]).rstrip(".")
            found.extend(Import(module, f"{base}.{alias.name}", early, node.lineno) for alias in node.names)
        only_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, early and not only_types and not function)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


IMPORTS = [found for module, path in SOURCES.items() for found in imports_of(module, path)]


def within(name: str, packages) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def told(found: list[Import]) -> str:
    return "\n".join(f"{SOURCES[i.source].relative_to(REPOSITORY)}:{i.line} imports {i.target}" for i in found)


@pytest.mark.parametrize("package", PACKAGES)
def test_own_imports_go_one_way(package):
    bad = [
        found for found in IMPORTS
        if within(found.source, [package]) and within(found.target, [*PACKAGES, "tests"])
        and not within(found.target, [package, *MAY_IMPORT[package]])
        # `from processor import faces` names the package, and the module after it.
        and not any(allowed == found.target for allowed in MAY_IMPORT[package])
    ]  # fmt: skip
    assert not bad, told(bad)


@pytest.mark.parametrize("library", ONLY_IN)
def test_library_stays_where_it_belongs(library):
    bad = [i for i in IMPORTS if within(i.target, [library]) and not within(i.source, ONLY_IN[library])]
    assert not bad, told(bad)


def test_only_the_processor_opens_the_store():
    writers = [
        i for i in IMPORTS if within(i.target, ["db.store"]) and not within(i.source, ["db", "processor", "bench"])
    ]
    assert not writers, told(writers)


def test_charts_and_reports_know_no_streamlit():
    bad = [i for i in IMPORTS if within(i.source, WITHOUT_STREAMLIT) and within(i.target, ["streamlit"])]
    assert not bad, told(bad)


def loaded_by(module: str) -> dict[str, list[Import]]:
    """Everything that importing `module` imports at once: {name: the chain of imports that leads there}."""
    chains: dict[str, list[Import]] = {module: []}
    waiting = [module]
    while waiting:
        current = waiting.pop(0)
        for found in IMPORTS:
            if found.source == current and found.early and found.target not in chains:
                # The target is a module, or a name in the module before the last dot; both count as loaded.
                for name in (found.target, found.target.rpartition(".")[0]):
                    if name not in chains:
                        chains[name] = [*chains[current], found]
                        waiting += [name] if name in SOURCES else []
    return chains


@pytest.mark.parametrize("module", [m for m in SOURCES if within(m, ["dashboard"]) and not within(m, MAY_LOAD_NETWORK)])
def test_pages_open_without_a_network_library(module):
    for name, chain in loaded_by(module).items():
        assert not within(name, NETWORK_LIBRARIES), told(chain)


def test_no_import_circles():
    """A circle works until somebody imports its other end first."""
    bad = []
    for found in IMPORTS:
        target = found.target if found.target in SOURCES else found.target.rpartition(".")[0]
        if found.early and target in SOURCES and target != found.source:
            back = loaded_by(target)
            if found.source in back and found.source.count("."):
                bad.append(found)
    assert not bad, told(bad)


@pytest.mark.parametrize("module", [m for m in SOURCES if not within(m, ["db", "bench"])])
def test_no_sql_outside_the_store(module):
    statement = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|WITH|ATTACH|COPY)\s")
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    bad = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant)
           and isinstance(node.value, str) and statement.match(node.value)]  # fmt: skip
    assert not bad, f"{SOURCES[module].relative_to(REPOSITORY)} has SQL in lines {bad}; it belongs in db/"


def requirements(name: str) -> set[str]:
    """The distributions that a requirements file names, in lower case."""
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in lines if line and line[0] not in "#-"}


@pytest.mark.slow
def test_direct_dependencies_are_those_that_are_imported():
    distributions = packages_distributions()
    libraries = {i.target.split(".")[0] for i in IMPORTS} - set(PACKAGES) - set(sys.stdlib_module_names) - OPTIONAL
    imported = {distributions[library][0].lower() for library in libraries}
    assert imported - requirements("requirements.txt") == set(), "imported, but not in requirements.txt"
    behind = {library for library, user in BEHIND.items() if user in imported}
    assert requirements("requirements.txt") - imported - behind == set(), "in requirements.txt, but not imported"


def test_everything_direct_is_pinned():
    pinned = {line.split("==")[0].lower() for line in (REPOSITORY / "constraints.txt").read_text().splitlines()}
    assert requirements("requirements.txt") | requirements("requirements-dev.txt") <= pinned
