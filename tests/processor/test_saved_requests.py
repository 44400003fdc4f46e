"""Requests about saved queries and filters: applied once, or refused with a sentence."""

import pytest

from db.store import Store
from processor import spool
from processor.config import Home
from processor.metadata import FieldInvalid
from processor.saved_form import MAX_SQL, filter_of
from tests.processor.bench import Bench


class SavedBench(Bench):
    def queries(self):
        rows = self.store._read("SELECT name, sql FROM saved_query ORDER BY name")
        return [tuple(row.values()) for row in rows]


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("bench") / "home").create()
    with Store(home.store) as store:
        yield SavedBench(home, store)


@pytest.fixture
def bench(shared_bench):
    """The bench with nothing saved."""
    for table in ("saved_query", "saved_filter"):
        shared_bench.store._write(f"DELETE FROM {table}")
    return shared_bench


def test_saving_under_the_same_name_replaces(bench):
    assert bench.apply("query_save", name=" mine\0 ", sql="\n SELECT 1 ")[0] == "applied"
    _, _, second = bench.apply("query_save", name="mine", sql="SELECT 2")
    assert bench.queries() == [("mine", "SELECT 2")]
    assert bench.store.saved("query", name="mine")["key"] != second  # it is still the one that it was
    assert (
        bench.apply("filter_save", name="mine", filter={"cohorts": ["a"], "subjects": [], "text": " "})[0] == "applied"
    )
    assert bench.store.saved("filter", name="mine")["value"] == {"cohorts": ["a"]}


def test_applied_but_not_cleared_up(bench):
    """Killed between the commit and the clearing up: the request lies there still, and must not count twice."""
    spool.submit(bench.home.spool, "query_save", name="mine", sql="SELECT 1")
    (path,) = spool.pending(bench.home.spool)
    content = path.read_bytes()
    bench.requests.apply_all()
    bench.apply("query_save", name="mine", sql="SELECT 2")
    path.write_bytes(content)
    bench.requests.apply_all()
    assert bench.queries() == [("mine", "SELECT 2")] and not path.exists()


def test_renaming_and_forgetting(bench):
    _, _, key = bench.apply("query_save", name="mine", sql="SELECT 1")
    bench.apply("query_save", name="other", sql="SELECT 3")
    assert bench.apply("query_save", query_id=key, name="ours", sql="SELECT 2")[0] == "applied"
    assert bench.queries() == [("other", "SELECT 3"), ("ours", "SELECT 2")]
    state, reason, _ = bench.apply("query_save", query_id=key, name="other", sql="SELECT 2")
    assert (state, reason) == ("refused", "Another saved query is called 'other': choose another name.")
    assert bench.apply("query_forget", query_id=key)[0] == "applied"
    assert bench.apply("query_forget", query_id=key)[0] == "applied"  # gone is what was asked for
    state, reason, _ = bench.apply("query_save", query_id=key, name="ours", sql="SELECT 2")
    assert state == "refused" and "'ours' has been forgotten meanwhile" in reason
    assert bench.queries() == [("other", "SELECT 3")]


def test_two_people_at_the_same_saved_query(bench):
    """Both saw the first; the second to save, rename or forget is told instead of undoing what the other did."""
    seen = {"name": "mine", "sql": "SELECT 1"}
    _, _, key = bench.apply("query_save", name="mine", sql="SELECT 1", seen=None)
    assert bench.apply("query_save", query_id=key, name="mine", sql="SELECT 2", seen=seen)[0] == "applied"
    for kind, fields in (
        ("query_save", {"query_id": key, "name": "mine", "sql": "SELECT 3"}),
        ("query_forget", {"query_id": key}),
    ):
        state, reason, _ = bench.apply(kind, seen=seen, **fields)
        assert state == "refused" and "Somebody else has changed the saved query 'mine' meanwhile" in reason
    state, reason, _ = bench.apply("query_save", name="mine", sql="SELECT 3", seen=None)
    assert state == "refused" and "Somebody else has saved a query called 'mine' meanwhile" in reason
    assert bench.queries() == [("mine", "SELECT 2")]
    bench.apply("query_forget", query_id=key)
    state, reason, _ = bench.apply("query_save", name="mine", sql="SELECT 3", seen=seen)
    assert state == "refused" and "has been forgotten meanwhile" in reason
    assert bench.queries() == []


def test_two_people_at_the_same_saved_filter(bench):
    _, _, key = bench.apply("filter_save", name="mine", filter={"cohorts": ["a"]})
    bench.apply(
        "filter_save", name="mine", filter={"cohorts": ["b"]}, seen={"name": "mine", "filter": {"cohorts": ["a"]}}
    )
    state, reason, _ = bench.apply("filter_forget", filter_id=key, seen={"name": "mine", "filter": {"cohorts": ["a"]}})
    assert state == "refused" and "Somebody else has changed the saved filter 'mine'" in reason
    assert (
        bench.apply("filter_forget", filter_id=key, seen={"name": "mine", "filter": {"cohorts": ["b"]}})[0] == "applied"
    )


@pytest.mark.parametrize(
    "kind, fields, said",
    [
        ("query_save", {"name": " \0", "sql": "SELECT 1"}, "`name`: it must be text that is not empty"),
        ("query_save", {"name": "x" * 201, "sql": "SELECT 1"}, "`name`: it must be at most 200 characters"),
        ("query_save", {"name": "x", "sql": " \n"}, "`sql`: it must be a query that is not empty"),
        ("query_save", {"name": "x", "sql": "x" * (MAX_SQL + 1)}, "at most 100,000 characters long, and has 100,001"),
        ("query_save", {"name": "x"}, "`sql`: Field required. Received: nothing."),
        ("query_save", {"name": 1, "sql": "SELECT 1"}, "`name`"),
        ("query_save", {"name": "x", "sql": "SELECT 1", "why": "x"}, "`why`: Extra inputs are not permitted"),
        ("query_forget", {}, "`query_id`: Field required"),
        ("filter_save", {"name": "x", "filter": {"states": ["asleep"]}}, "`filter.states.0`"),
        ("filter_save", {"name": "x", "filter": {"cohort": ["a"]}}, "`filter.cohort`: Extra inputs"),
        ("filter_save", {"name": "x", "filter": {"tags": ["a"]}}, "`filter.tags`"),
        ("filter_save", {"name": "x", "filter": {"from_day": "03.07.2026"}}, "it must be a day such as 2026-07-03"),
        ("filter_save", {"name": "x", "filter": {"from_day": "2026-02-30"}}, "it must be a day"),
        ("filter_save", {"name": "x", "filter": {"from_day": "2026-07-03", "to_day": "2026-07-02"}}, "is before"),
        ("filter_save", {"name": "x", "filter": {"cohorts": ["a"] * 1001}}, "`filter.cohorts`"),
        ("filter_save", {"name": "x"}, "`filter`: Field required"),
        ("filter_forget", {"filter_id": ""}, "`filter_id`"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(bench, kind, fields, said):
    state, reason, _ = bench.apply(kind, **fields)
    assert state == "refused" and said in reason


def test_a_filter_keeps_what_chooses_something():
    whole = {
        "text": " anna 1 ", "cohorts": ["a", "b"], "subjects": ["s"], "sessions": ["1"], "states": ["no face", "done"],
        "tags": {"site": ["Wien"]}, "from_day": "2026-07-03", "to_day": "2026-07-03",
    }  # fmt: skip
    assert filter_of(whole) == whole | {"text": "anna 1"}
    assert filter_of({"to_day": None, "tags": {}}) == {}
    with pytest.raises(FieldInvalid):
        filter_of([])
