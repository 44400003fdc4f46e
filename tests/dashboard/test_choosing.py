"""A choice among things whose names change, and are the same."""

import pytest

from dashboard.choosing import told_apart


def test_names_that_are_the_same_are_told_apart():
    names = {"a": "session.mp4", "b": "other.mp4", "c": "session.mp4", "d": "session.mp4"}
    assert told_apart(names) == {"a": "session.mp4", "b": "other.mp4", "c": "session.mp4 (2)", "d": "session.mp4 (3)"}


def script(names: dict) -> None:
    import streamlit as st

    from dashboard.choosing import one_of

    told = lambda what: st.session_state.update(told=what)  # noqa: E731
    chosen = one_of("Thing", names, key="thing", on_change=told)
    st.text(f"{chosen} {st.session_state.get('told')}")


def opened(names: dict):
    from streamlit.testing.v1 import AppTest

    return AppTest.from_function(script, kwargs={"names": names}).run()


def test_what_is_chosen_stays_when_it_gets_another_name():
    names = {"a": "first", "b": "second"}
    app = opened(names)
    assert app.text[0].value == "a None"
    app.selectbox[0].set_value("second").run()
    assert app.text[0].value == "b b"
    names["b"] = "renamed"
    app.run()
    app.run()
    assert app.text[0].value == "b b" and app.selectbox[0].options == ["first", "renamed"]
    names["c"] = "third"
    app.run()
    assert app.text[0].value == "b b"
    del names["b"]
    app.run()
    assert app.text[0].value == "a b"


@pytest.mark.slow
def test_one_of_two_of_the_same_name_can_be_chosen():
    app = opened({"a": "same", "b": "same"})
    app.selectbox[0].set_value("same (2)").run()
    assert app.text[0].value == "b b"


def script_of_several(names: dict) -> None:
    import streamlit as st

    from dashboard.choosing import several_of

    st.text(several_of("Things", names, key="things"))


def test_several_stay_chosen_when_one_gets_another_name():
    from streamlit.testing.v1 import AppTest

    names = {"a": "first", "b": "second", "c": "third"}
    app = AppTest.from_function(script_of_several, kwargs={"names": names}).run()
    assert app.text[0].value == "[]"
    app.multiselect[0].set_value(["b", "c"]).run()
    assert app.text[0].value == "['b', 'c']"
    names["b"] = "third"
    app.run()
    app.run()
    assert app.text[0].value == "['b', 'c']" and app.multiselect[0].options == ["first", "third", "third (2)"]
    del names["c"]
    app.run()
    assert app.text[0].value == "['b']"
