"""The Compare page as people use it, without a browser: from an empty store to figures; all of it in the address."""

import pytest

from db.store import Store
from tests import studies
from tests.dashboard.conftest import add, finish

pytestmark = pytest.mark.slow

TWO = {"g1": "name=control&cohort=control", "g2": "name=treatment&cohort=treatment"}
SECTIONS = ("Overview", "Differences", "Over time", "Stimulus", "Exports")


@pytest.fixture
def study(home):
    """Two cohorts of six subjects with two sessions each, and an effect; published."""
    with Store(home.store, home.results) as store:
        studies.fill(store, 0.15, subjects=6, seconds=20)
        store.publish()
    return home


def said(app) -> str:
    return "\n".join(str(each.value) for kind in ("markdown", "caption", "info", "warning") for each in app.get(kind))


def address(app) -> dict[str, str]:
    """The parameters of the address, one value each."""
    values = {name: app.query_params[name] for name in app.query_params}
    return {name: value if isinstance(value, str) else value[-1] for name, value in values.items()}


def test_an_empty_store_says_what_to_do(open_page):
    app = open_page("compare")
    assert "add some in the library" in said(app)


def test_without_cohorts_it_says_where_to_enter_them(open_page, home):
    with Store(home.store, home.results) as store:
        run = add(store, "a" * 16, "one.mp4")
        store.start_run(run)
        finish(store, run)
        store.publish()
    app = open_page("compare")
    assert "None of the videos has a cohort" in said(app)


def test_before_a_group_is_chosen_it_offers_what_there_is(open_page, study):
    app = open_page("compare")
    assert "Choose what to compare" in said(app)
    assert not app.exception


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_from_the_address(open_page, study, section):
    app = open_page("compare", section=section, **TWO)
    assert "24 sessions. None of 24 videos is left out." in [each.label for each in app.expander]


def test_the_controls_write_the_address_and_the_address_sets_them(open_page, study):
    app = open_page("compare", **TWO)
    app.segmented_control(key="compare-unit").set_value("subject").run()
    app.slider(key="compare-min_coverage").set_value(50).run()
    app.number_input(key="compare-min_seconds").set_value(15.0).run()
    assert not app.exception
    query = address(app)
    assert (query["unit"], float(query["coverage"]), float(query["seconds"])) == ("subject", 0.5, 15)
    again = open_page("compare", **query)
    assert again.segmented_control(key="compare-unit").value == "subject"
    assert again.slider(key="compare-min_coverage").value == 50
    labels = [each.label for each in again.expander]
    assert labels == [each.label for each in app.expander]
    assert any(label.startswith("12 subjects.") for label in labels)


def test_bad_addresses_are_named_and_fall_back(open_page, study):
    app = open_page(
        "compare", unit="frame", coverage="many", g1="name=control&cohort=control&from=yesterday", g2="cohort=nobody"
    )
    text = said(app)
    assert "'frame'" in text.replace("\\", "") and "yesterday" in text and "no video fits" in text


def test_everything_left_out_is_said(open_page, study):
    app = open_page("compare", seconds="4000", **TWO)
    assert "No unit is left to compare" in said(app)
    assert any("24 of 24 videos left out." in each.label for each in app.expander)


def test_differences_need_two_groups_and_warn_of_few_units(open_page, study):
    app = open_page("compare", section="Differences", g1=TWO["g1"])
    assert "A difference needs two groups" in said(app)
    few = {"g1": "name=a&subject=c01", "g2": "name=b&subject=t01"}
    app = open_page("compare", section="Differences", **few)
    assert "Fewer than 5 sessions in a (n = 2) and b (n = 2)" in said(app).replace("\\", "")
