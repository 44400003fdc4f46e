"""The People section, opened as a person would, without a browser."""

import pytest

from db.store import Store
from processor import spool
from tests.dashboard.test_pages import AWKWARD as AWKWARD_VIDEO
from tests.dashboard.test_pages import DONE, button, requests, texts

pytestmark = pytest.mark.slow  # whole pages

NAME = {"kind": "name", "track_id": 2, "into_id": None, "at_s": None}
ANNA = "Anna *x* <b> :smile:"


@pytest.fixture
def change(seeded):
    """Changes the store, and publishes."""

    def change(function):
        with Store(seeded.store, seeded.results) as store:
            function(store)
            store.publish()

    return change


@pytest.fixture
def log(change):
    """Logs a request as refused for a reason, or as applied, and publishes."""

    def log(request, reason=None):
        outcome = (request["kind"], request["requested_at"], "refused" if reason else "applied", reason, {})
        change(lambda store: store.log_request(request["request_id"], *outcome))

    return log


@pytest.fixture
def people(open_page):
    """Opens the section of a video."""
    return lambda video=DONE: open_page("video", video=video, section="People")


def field(app, label):
    """The text field of that label."""
    return next(element for element in app.text_input if element.label == label)


def box(app, label):
    """The list of that label."""
    return next(element for element in app.selectbox if element.label == label)


def test_everybody_is_there_with_when_they_are_seen(seeded, people):
    app = people()
    assert [field(app, f"Name of person {track}").value for track in (1, 2)] == ["", ""]
    # Person 2 from a quarter of the minute on, and nobody from 20 to 30 s.
    assert "0:15 to 1:00 · seen 35 s, in 58 % of the frames" in texts(app)
    assert "Undo" not in str([element.label for element in app.button])
    assert len(app.get("vega_lite_chart")) == 1


def test_one_person_has_nobody_to_merge_with(seeded, people):
    assert "There is only one person in this video" in texts(people(AWKWARD_VIDEO))


def test_a_name_is_handed_in_as_it_was_typed(seeded, people):
    app = people()
    field(app, "Name of person 2").set_value(f"  {ANNA} ").run()
    [request] = requests(seeded)
    assert {key: request[key] for key in ("kind", "run_id", "revision", "track_id", "name")} == {
        "kind": "people_name", "run_id": 1, "revision": 0, "track_id": 2, "name": ANNA,
    }  # fmt: skip
    assert r"Asked to call person 2 Anna \*x\* \<b\>" in texts(app)
    field(app, "Name of person 1").set_value("   ").run()  # nothing is no name, and there was none before
    assert len(requests(seeded)) == 1


def test_an_empty_field_takes_the_name_away(seeded, change, people):
    change(lambda store: store.put_people(1, [NAME | {"name": ANNA}], {2: ANNA}))
    app = people()
    assert field(app, "Name of person 2").value == ANNA
    field(app, "Name of person 2").set_value("").run()
    [request] = requests(seeded)
    assert (request["kind"], request["name"], request["revision"]) == ("people_name", None, 1)


def test_two_who_are_seen_together_cannot_be_merged(seeded, people):
    app = people()
    assert button(app, "Merge").disabled
    assert "They are in the picture together at 0:15" in texts(app)
    box(app, "is the same as").select_index(1).run()
    assert button(app, "Merge").disabled and "Choose two different people" in texts(app)


def test_merge_split_and_undo_are_handed_in_with_what_was_seen(seeded, change, log, people):
    def split(store):
        from processor.people import store_people

        edit = {"kind": "split", "track_id": 1, "into_id": 3, "at_s": 25.0, "name": None}
        store_people(store, store.run(1), [NAME | {"name": ANNA}, edit])

    change(split)
    app = people()
    box(app, "This person").set_value(3).run()
    box(app, "is the same as").set_value(1).run()
    button(app, "Merge").click().run()
    # Until it is done, what one sees is from before: nothing else can be merged, split or undone by mistake.
    for label in ("Merge", "Split"):
        assert button(app, label).disabled
    assert app.button(key="people-undo").disabled and "on its way" in texts(app)
    log(requests(seeded)[0])
    app.run()
    box(app, "Person to split").set_value(1).run()
    field(app, "Somebody else from (m:ss)").set_value("0:10,5").run()
    button(app, "Split").click().run()
    log(requests(seeded)[1])
    app.run()
    assert app.button(key="people-undo").label.startswith("Undo: split Person 1 at 0:")
    app.button(key="people-undo").click().run()
    assert not app.exception
    asked = [{key: value for key, value in request.items() if key not in ("request_id", "requested_at")}
             for request in requests(seeded)]  # fmt: skip
    seen = {"run_id": 1, "revision": 1, "after": []}
    assert asked == [
        {"kind": "people_merge", **seen, "track_id": 3, "into_id": 1},
        {"kind": "people_split", **seen, "track_id": 1, "at_s": 10.5},
        {"kind": "people_undo", **seen},
    ]


def test_names_can_be_given_one_after_another(seeded, people):
    app = people()
    for track, name in ((1, "Anna"), (2, "Ben")):
        field(app, f"Name of person {track}").set_value(name).run()
    first, second = requests(seeded)
    assert (first["after"], second["after"]) == ([], [first["request_id"]])
    assert (second["revision"], second["name"]) == (0, "Ben")


def test_a_time_to_split_at_that_cannot_be(seeded, people):
    app = people()
    for text, said in (
        ("later", "later is no time: write it as 1:15 or 75.5"),
        ("0:75", "is no time"),
        ("<b>x</b>", r"\<b\>x\</b\> is no time"),
        ("0:00", "is seen from 0:00 to 0:59.5: choose a time after the first"),
        ("1:00", "choose a time after the first and up to the last"),
        ("9" * 50, "choose a time after the first and up to the last"),
    ):
        field(app, "Somebody else from (m:ss)").set_value(text).run()
        assert button(app, "Split").disabled
        assert said in texts(app)


def test_a_baseline_is_suggested_set_and_removed(seeded, change, people):
    app = people()
    assert button(app, "Set baseline").disabled and "There is no baseline yet" in texts(app)
    button(app, "Suggest").click().run()
    found = [field(app, label).value for label in ("Baseline from (m:ss)", "to (m:ss)")]
    button(app, "Set baseline").click().run()
    [request] = requests(seeded)
    from_s, to_s = request["from_s"], request["to_s"]
    assert (request["kind"], request["track_id"]) == ("baseline", 1) and 0 <= from_s < to_s <= 60 and all(found)
    change(lambda store: store.put_baseline(1, 1, from_s, to_s))
    spool.done(next(iter(spool.pending(seeded.spool))))
    app = people()
    assert f"Baseline now: {found[0]} to {found[1]}" in texts(app)
    assert button(app, "Set baseline").disabled  # it is set
    button(app, "Remove").click().run()
    [request] = requests(seeded)
    assert (request["kind"], request["from_s"], request["to_s"]) == ("baseline", None, None)


def test_a_baseline_in_which_they_are_not_seen(seeded, people):
    app = people()
    field(app, "Baseline from (m:ss)").set_value("0:21").run()
    field(app, "to (m:ss)").set_value("0:29").run()
    assert button(app, "Set baseline").disabled
    assert "no stretch in which they are seen" in texts(app)


def test_why_a_request_was_refused_stays_until_the_next_one(seeded, log, people):
    app = people()
    field(app, "Name of person 1").set_value("Anna").run()
    [request] = requests(seeded)
    log(request, "Somebody else *changed* the people.")
    for _ in range(2):
        app.run()
        assert [error.value for error in app.error] == [r"Somebody else \*changed\* the people\."]
    field(app, "Name of person 2").set_value("Ben").run()
    assert not app.error


def test_the_same_name_in_other_videos_is_linked(seeded, change, people):
    def both(store):
        store.put_people(1, [NAME | {"name": ANNA}], {2: ANNA})
        [other] = store._read("SELECT run_id FROM run WHERE video_id = ? AND current", [AWKWARD_VIDEO])
        store.put_people(other["run_id"], [NAME | {"track_id": 1, "name": ANNA.upper()}], {1: ANNA.upper()})

    change(both)
    [link] = people().get("page_link")
    assert link.proto.label.startswith(r"Also in \=\<b onclick\=")
    assert link.proto.query_string == f"video={AWKWARD_VIDEO}"


def test_of_many_people_the_most_seen_are_shown(seeded, change, people):
    def crowd(store):
        from tests.dashboard.conftest import add, finish

        run = add(store, "9" * 16, "crowd.mp4")
        store.start_run(run)
        finish(store, run, seconds=60, people=4)
        names = [{"kind": "split", "track_id": 1, "into_id": 5 + n, "at_s": 50.0 - n, "name": None} for n in range(10)]
        from processor.people import store_people

        store_people(store, store.run(run), names)

    change(crowd)
    app = people("9" * 16)
    assert sum(element.label.startswith("Name of person") for element in app.text_input) == 12
    next(element for element in app.toggle if element.label == "Show all 14 people").set_value(True).run()
    assert sum(element.label.startswith("Name of person") for element in app.text_input) == 14
