"""A chart on a page: its sentence reaches those who can't see it, its numbers whoever opens them."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.drawing import WRITING
from tests.dashboard.test_palette import DARK, LIGHT, contrast

AWKWARD = "=<b>*it's*</b> $x$ [a](http://b)"


def page() -> None:
    import altair as alt
    import pandas as pd

    from dashboard.drawing import draw

    rows = pd.DataFrame({"who": ["=<b>*it's*</b> $x$ [a](http://b)"], "seconds": [1.5]})
    draw("one", alt.Chart(rows).mark_bar().encode(x="seconds"), rows, "=<b>*it's*</b> $x$ [a](http://b) is seen.\n")


def test_chart_has_its_sentence():
    app = AppTest.from_function(page).run()
    assert not app.exception
    (chart,) = app.get("vega_lite_chart")
    assert chart.proto.alt == f"{AWKWARD} is seen."


@pytest.mark.slow
def test_data_is_sent_when_it_is_opened():
    app = AppTest.from_function(page).run()
    assert not app.dataframe
    app.session_state["data-one"] = True
    app.run()
    assert not app.exception
    assert app.dataframe[0].value["who"].tolist() == [AWKWARD]
    assert app.caption[0].value.startswith(r"\=\<b\>\*it's")


def test_small_writing_can_be_read_on_either_page():
    backgrounds = {"light": LIGHT, "dark": DARK}
    for theme, colour in WRITING.items():
        assert contrast(colour, backgrounds[theme]) >= 7
