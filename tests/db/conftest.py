import shutil

import pytest

from db.store import Store


@pytest.fixture(scope="session")
def blank(tmp_path_factory):
    """A store file as it is when it is new: made once, because migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "store.duckdb"
    Store(path).close()
    return path


@pytest.fixture
def store(home, blank):
    """A new store that publishes into its home; closed at the end."""
    shutil.copy(blank, home.store)
    with Store(home.store, home.results) as store:
        yield store
