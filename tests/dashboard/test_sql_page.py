"""The SQL page on a home with real results: asking, mistakes, what is remembered, saved, shared."""

from __future__ import annotations

import json

import pytest

from db.questions import QUESTIONS
from db.store import Store
from processor import spool

pytestmark = pytest.mark.slow  # whole pages, and processes


def editor(app):
    """The field that has the query; each text that is put there has one of its own."""
    return next(field for field in app.text_area if field.label == "Query")


def opened(app, widget: str) -> None:
    """Open one of the lists beside the editor."""
    app.session_state[f"{widget}-{app.session_state['sql-edition'] if 'sql-edition' in app.session_state else 0}"] = (
        True
    )
    app.run()


def asked(app, sql: str | None = None):
    """The page after a query was run to its end."""
    if sql is not None:
        editor(app).set_value(sql)
    app.button(key="sql-run").click().run()
    for _ in range(40):
        if "sql-running" not in app.session_state:
            break
        app.session_state["sql-running"].wait(1)
        app.run()
    assert not app.exception, app.exception
    return app


def texts(elements) -> str:
    return "\n".join(element.value for element in elements)


def test_an_empty_home_says_what_to_do(home, open_page):
    app = open_page("sql")
    assert "There is nothing to ask yet" in app.info[0].value
    assert str(home.path) in texts(app.code)


def test_the_first_question_as_table_chart_and_files(seeded, open_page):
    app = open_page("sql")
    assert editor(app).value == QUESTIONS[0].sql
    asked(app)
    assert "3 rows · 13 columns" in texts(app.caption)
    assert app.dataframe[0].value["name"].tolist()[1:] == ["first session.mp4", "nobody.mp4"]
    assert app.query_params["query"] in (QUESTIONS[0].sql, [QUESTIONS[0].sql])
    app.segmented_control(key="view").set_value("Chart").run()
    assert app.selectbox(key="x").value == "name" and app.selectbox(key="y").value == "mean_valence"
    assert app.get("vega_lite_chart")
    app.segmented_control(key="view").set_value("Files").run()
    app.button(key="prepare-sql").click().run()
    csv, parquet = (data for _, _, data, _ in app.session_state["exports-sql"][1])
    assert csv.startswith(b"name,cohort") and b"'=<b onclick" in csv and parquet.startswith(b"PAR1")
    assert not app.exception


def test_mistakes_are_shown_where_they_are(seeded, open_page):
    app = asked(open_page("sql"), "SELECT name,\n  nosuch\nFROM video")
    assert "Referenced column" in app.error[0].value.replace("\\", "")
    assert "Line 2:   nosuch\n          ^^^^^^" in texts(app.code)
    asked(app, "SELECT * FROM gone_table")
    assert "does not exist" in app.error[0].value and "listed with the editor" in texts(app.caption)
    assert editor(app).value == "SELECT * FROM gone_table"
    asked(app, "DELETE FROM video")
    assert "This does something else than ask" in app.error[0].value
    asked(app, "SELECT 1 AS one")
    assert not app.error and app.dataframe[0].value["one"].tolist() == [1]


def test_a_cut_result_says_so_and_an_empty_one_too(seeded, open_page):
    app = asked(open_page("sql"), "FROM range(100_001)")
    assert "Only the first 100,000 rows are here" in app.warning[0].value
    asked(app, "SELECT repeat('x', 70_000_000) AS x")
    assert "No row is here: more than 64 MB are not fetched" in app.warning[0].value
    asked(app, "SELECT 1 WHERE false")
    assert app.info[0].value == "The query found no rows."


def test_a_query_of_the_address_is_not_run_by_itself(seeded, open_page):
    app = open_page("sql", query="SELECT 42 AS answer", view="Chart", chart="Scatter", x="gone")
    assert editor(app).value == "SELECT 42 AS answer"
    assert "Nothing has been run yet" in texts(app.caption) and not app.dataframe
    asked(app)
    assert app.get("vega_lite_chart")  # a column that this result does not have is passed over


def test_questions_schema_and_history_fill_the_editor(seeded, open_page):
    app = open_page("sql")
    opened(app, "sql-questions")
    app.button(key="sql-question-1").click().run()
    assert editor(app).value == QUESTIONS[1].sql
    assert not any((button.key or "").startswith("sql-question-") for button in app.button)  # the list has closed
    app.selectbox(key="sql-table").set_value("marker").run()
    app.button(key="sql-all").click().run()
    assert editor(app).value.startswith("SELECT marker_id, video_id")
    app.button(key="sql-name").click().run()
    assert editor(app).value.endswith("LIMIT 1000 marker")
    asked(app, "SELECT 1")
    opened(app, "sql-past")
    past = [button.label for button in app.button if (button.key or "").startswith("sql-past-")]
    assert past[0] == "SELECT 1" and past[-1] == "Forget all"
    assert any("UNPIVOT" in label for label in past)  # was there, and had not been run
    app.button(key="sql-past-forget").click().run()
    assert app.session_state["sql-history"] == []


def test_an_editor_that_is_out_of_date_takes_nothing_away(seeded, open_page):
    app = open_page("sql")
    opened(app, "sql-questions")
    before = editor(app)
    app.button(key="sql-question-1").click().run()
    late = before.set_value(QUESTIONS[0].sql)._widget_state  # what a browser sends that has not heard of it yet
    app.button(key="sql-run").click()
    states = app._tree.get_widget_states()
    states.widgets.append(late)
    app._run(states)
    assert editor(app).value == QUESTIONS[1].sql
    assert app.session_state["sql-history"][0].sql == QUESTIONS[1].sql


def test_saving_goes_through_the_spool_with_what_was_seen(seeded, open_page):
    with Store(seeded.store, seeded.results) as store:
        store.save("query", "1", "mine", "SELECT 1")
        store.publish()
    app = open_page("sql")
    opened(app, "sql-saved")
    app.button(key="sql-open-1").click().run()
    assert editor(app).value == "SELECT 1"
    editor(app).set_value("SELECT 2").run()
    app.session_state["sql-save"] = True
    app.run()
    assert app.text_input(key="sql-save-name").value == "mine"
    app.button(key="sql-save-now").click().run()
    app.session_state["sql-save"] = True
    app.run()
    app.text_input(key="sql-save-name").set_value("*other*").run()
    app.button(key="sql-save-now").click().run()
    opened(app, "sql-saved")
    app.button(key="sql-forget-1").click().run()
    assert not app.exception
    requests = [json.loads(path.read_text()) for path in spool.pending(seeded.spool)]
    seen = {"name": "mine", "sql": "SELECT 1"}
    assert [
        {name: request.get(name) for name in ("kind", "name", "sql", "query_id", "seen")} for request in requests
    ] == [
        {"kind": "query_save", "name": "mine", "sql": "SELECT 2", "query_id": None, "seen": seen},
        {"kind": "query_save", "name": "*other*", "sql": "SELECT 2", "query_id": None, "seen": None},
        {"kind": "query_forget", "name": None, "sql": None, "query_id": "1", "seen": seen},
    ]
