"""What people saved under a name: kept, replaced, renamed, forgotten, and read from the snapshot."""

import pytest

from db import results, saved_results

FILTER = {"cohorts": ["pilot"], "tags": {"site": ["Wien", "Graz"]}, "from_day": "2026-01-02"}


def test_nothing_saved(store, home):
    store.publish()
    with results.connect(home.snapshot) as con:
        queries, filters = saved_results.queries(con), saved_results.filters(con)
    assert list(queries.columns) == ["query_id", "name", "sql", "saved_at"] and queries.empty
    assert list(filters.columns) == ["filter_id", "name", "filter", "saved_at"] and filters.empty
    assert store.saved("query", key="1") is None and store.saved("filter", name="x") is None


def test_saved_things_reach_the_snapshot_in_order_of_their_names(store, home):
    store.save("query", "1", "zebra", "SELECT 1")
    store.save("query", "2", "Äpfel 'n' \"more\"", "SELECT 'ä'\n-- why\nAS x")
    store.save("query", "3", "Apple", "SELECT 3")
    store.save("filter", "1", "zebra", FILTER)  # the same key and name, of another kind
    store.publish()
    with results.connect(home.snapshot) as con:
        queries, filters = saved_results.queries(con), saved_results.filters(con)
    assert queries["name"].tolist() == ["Apple", "zebra", "Äpfel 'n' \"more\""]
    assert queries["sql"].tolist()[2] == "SELECT 'ä'\n-- why\nAS x"
    assert filters[["filter_id", "name"]].values.tolist() == [["1", "zebra"]] and filters["filter"][0] == FILTER


@pytest.mark.parametrize("kind, first, second", [("query", "SELECT 1", "SELECT 2"), ("filter", FILTER, {})])
def test_the_same_key_is_replaced_and_renamed(store, kind, first, second):
    store.save(kind, "1", "one", first)
    store.save(kind, "1", "one", second)
    assert store.saved(kind, name="one") == {"key": "1", "name": "one", "value": second}
    store.save(kind, "1", "two", second)
    assert store.saved(kind, name="one") is None
    assert store.saved(kind, key="1") == {"key": "1", "name": "two", "value": second}


def test_two_of_one_name_are_refused(store):
    store.save("query", "1", "one", "SELECT 1")
    with pytest.raises(ValueError, match="no other query has. Received: 'one'"):
        store.save("query", "2", "one", "SELECT 2")
    assert store.saved("query", name="one")["value"] == "SELECT 1"


def test_forgetting(store):
    store.save("filter", "1", "one", FILTER)
    assert store.forget("filter", "1") is True
    assert store.forget("filter", "1") is False
    assert store.saved("filter", key="1") is None
