"""Whether the stored results agree with each other: one SQL query for each thing that must hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.migrations import migrations, version
from db.study import PEOPLE_FIGURES, QUALITY_FIGURES, people_sql, quality_sql
from db.summary import summary_sql


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: `wrong` is "" when all is well, else a sentence."""

    name: str
    wrong: str


# Name, what to say about a violation, and a query for the violations: one row each, with one column.
_PROBABILITIES = " + ".join(f"{name}::DOUBLE" for name in EMOTIONS)
_DIFFERENT = " OR ".join(
    f"abs(s.{name} - t.{name}) > 1e-4 OR (s.{name} IS NULL) <> (t.{name} IS NULL)"
    for name in (*EMOTIONS, "mean_valence")
)


def _apart(names: tuple[str, ...]) -> str:
    """A condition: one of the figures differs between `s` (stored) and `t` (true) by more than rounding."""
    return " OR ".join(
        f"abs(s.{name} - t.{name}) > 1e-4 * greatest(1, abs(t.{name})) OR (s.{name} IS NULL) <> (t.{name} IS NULL)"
        for name in names
    )


CHECKS = (
    (
        "every row belongs to a finished run",
        "rows of runs that are unknown or not done: run",
        """SELECT DISTINCT run_id FROM (
            SELECT run_id FROM observation UNION SELECT run_id FROM frame UNION SELECT run_id FROM track
            UNION SELECT run_id FROM run_summary UNION SELECT run_id FROM run_quality
            UNION SELECT run_id FROM track_summary
        ) WHERE run_id NOT IN (SELECT run_id FROM run WHERE state = 'done')""",
    ),
    (
        "every run belongs to a video",
        "runs of unknown videos: run",
        "SELECT run_id FROM run WHERE video_id NOT IN (SELECT video_id FROM video)",
    ),
    (
        "every observation lies in a frame and a track of its run, once",
        "observations that don't: run, frame, track",
        """SELECT concat_ws(' ', run_id, o.frame, track_id) FROM observation o
        LEFT JOIN (SELECT run_id, frame, count(*) AS n FROM frame GROUP BY ALL) f USING (run_id, frame)
        LEFT JOIN (SELECT run_id, track_id, count(*) AS n FROM track GROUP BY ALL) t USING (run_id, track_id)
        GROUP BY run_id, o.frame, track_id HAVING count(*) > 1 OR any_value(f.n) IS DISTINCT FROM 1
            OR any_value(t.n) IS DISTINCT FROM 1""",
    ),
    (
        "probabilities sum to 1",
        "observations where they don't: run, frame, track, sum",
        f"""SELECT concat_ws(' ', run_id, frame, track_id, round({_PROBABILITIES}, 4)) FROM observation
        WHERE NOT abs({_PROBABILITIES} - 1) <= 1e-3""",
    ),
    (
        "one current run for every video with finished runs: the newest",
        "videos where that is not so",
        """SELECT video_id FROM run GROUP BY video_id
        HAVING count(*) FILTER (current) <> least(1, count(*) FILTER (state = 'done'))
            OR max(run_id) FILTER (current) IS DISTINCT FROM max(run_id) FILTER (state = 'done')""",
    ),
    (
        "frames_sampled and frames_with_face agree with the frames",
        "runs where they don't",
        """SELECT run_id FROM run r
        LEFT JOIN (SELECT run_id, count(*) AS frames, count(*) FILTER (faces > 0) AS seen FROM frame GROUP BY run_id) f
            USING (run_id)
        WHERE r.state = 'done' AND (r.frames_sampled IS DISTINCT FROM coalesce(frames, 0)
            OR r.frames_with_face IS DISTINCT FROM coalesce(seen, 0))""",
    ),
    (
        "run_summary agrees with the observations",
        "runs where it doesn't",
        f"""SELECT t.run_id FROM ({summary_sql("r.state = 'done'")}) t LEFT JOIN run_summary s USING (run_id)
        WHERE s.run_id IS NULL OR s.observations <> t.observations OR s.tracks <> t.tracks OR {_DIFFERENT}
            OR len(s.valence_curve) <> len(t.valence_curve)
            OR len(list_filter(list_zip(s.valence_curve, t.valence_curve),
                lambda pair: abs(pair[1] - pair[2]) > 1e-4 OR (pair[1] IS NULL) <> (pair[2] IS NULL))) > 0""",
    ),
    (
        "run_quality agrees with the frames and faces that count",
        "runs where it doesn't",
        f"""SELECT t.run_id FROM ({quality_sql("true")}) t LEFT JOIN run_quality s USING (run_id)
        WHERE s.run_id IS NULL OR {_apart(QUALITY_FIGURES)}""",
    ),
    (
        "track_summary agrees with the observations that count",
        "people where it doesn't: run, track",
        f"""SELECT concat_ws(' ', run_id, track_id) FROM ({people_sql("true")}) t
        FULL JOIN (SELECT *, count(*) OVER (PARTITION BY run_id, track_id) AS rows FROM track_summary) s
            USING (run_id, track_id)
        WHERE s.rows IS DISTINCT FROM 1 OR t.observations IS NULL OR {_apart(PEOPLE_FIGURES)}""",
    ),
    (
        "people who were not merged or split are as the tracker found them",
        "runs where they aren't",
        """SELECT DISTINCT run_id FROM observation WHERE track_id IS DISTINCT FROM tracked_as
            AND run_id NOT IN (SELECT run_id FROM people_edit WHERE kind <> 'name')""",
    ),
    (
        "every baseline is that of a person, one each",
        "baselines that aren't: run, track",
        """SELECT concat_ws(' ', run_id, track_id) FROM baseline b LEFT JOIN track t USING (run_id, track_id)
        GROUP BY run_id, track_id HAVING count(*) > 1 OR count(t.run_id) <> 1""",
    ),
    (
        "every alert belongs to a rule and a finished run",
        "alerts that don't",
        """SELECT alert_id FROM alert WHERE rule_id NOT IN (SELECT rule_id FROM alert_rule)
            OR run_id NOT IN (SELECT run_id FROM run WHERE state = 'done') OR end_s <= start_s OR held_s <= 0""",
    ),
    (
        "every message is about an alert, or a test",
        "messages that aren't",
        """SELECT alert_id || ' ' || channel FROM alert_delivery
        WHERE NOT starts_with(alert_id, 'test/') AND alert_id NOT IN (SELECT alert_id FROM alert)""",
    ),
    (
        "every evaluation belongs to a model",
        "evaluations of unknown models",
        "SELECT evaluation_id FROM evaluation WHERE model_id NOT IN (SELECT model_id FROM model)",
    ),
    (
        "the parts of an evaluation belong to one",
        "rows of unknown evaluations",
        """SELECT DISTINCT evaluation_id FROM (
            SELECT evaluation_id FROM evaluation_class UNION SELECT evaluation_id FROM evaluation_curve
            UNION SELECT evaluation_id FROM evaluation_group UNION SELECT evaluation_id FROM confusion
            UNION SELECT evaluation_id FROM prediction_sample
        ) WHERE evaluation_id NOT IN (SELECT evaluation_id FROM evaluation)""",
    ),
    (
        "confusion, classes and samples add up to the faces of their evaluation",
        "evaluations where they don't",
        """SELECT evaluation_id FROM evaluation e
        LEFT JOIN (SELECT evaluation_id, sum(faces) AS confused, sum(faces) FILTER (truth = predicted) AS right_ones
            FROM confusion GROUP BY evaluation_id) USING (evaluation_id)
        LEFT JOIN (SELECT evaluation_id, sum(support) AS supported FROM evaluation_class GROUP BY evaluation_id)
            USING (evaluation_id)
        LEFT JOIN (SELECT evaluation_id, count(*) AS sampled FROM prediction_sample GROUP BY evaluation_id)
            USING (evaluation_id)
        WHERE confused <> n OR supported <> n OR sampled <> n OR abs(right_ones / n - accuracy) > 1e-4""",
    ),
)

# A list of more than this many violations helps nobody.
SHOWN = 5


def check(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Check an open store or snapshot; yields one Finding for each check.

    Raises StoreDamaged when it holds other tables than ours. With a wrong schema version nothing else is checked.
    """
    known, present = len(migrations()), version(connection)
    yield Finding("schema version", "" if present == known else f"it is {present}, and this Moodreel expects {known}")
    if present != known:
        return
    yield Finding("the emotions are those of the code", _wrong_emotions(connection))
    for name, violation, query in CHECKS:
        rows = [str(value) for (value,) in connection.execute(f"FROM ({query}) ORDER BY ALL").fetchall()]
        shown = "; ".join(rows[:SHOWN]) + (f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")
        yield Finding(name, f"{len(rows)} {violation}: {shown}" if rows else "")


def _wrong_emotions(connection: duckdb.DuckDBPyConnection) -> str:
    stored = connection.execute(
        "SELECT emotion::VARCHAR, category::VARCHAR, valence FROM emotion ORDER BY emotion"
    ).fetchall()
    expected = [(name, CATEGORY[name], VALENCE[name]) for name in EMOTIONS]
    return "" if stored == expected else f"table emotion holds {stored}, expected {expected}"
