"""The published snapshot, read-only: what the store knows of models, their training and how well they do.

As in db/results.py: an open connection in, a pandas DataFrame (or a list of dicts) out, values as parameters only.
Shares and probabilities are 0 to 1; what is undefined is NA, never 0. No query here reads an observation, so that they
take the same time in a store of any size.
"""

from __future__ import annotations

import json

import pandas as pd

from db.results import Connection

# Where a model's page begins if it has been tried there: faces that no network learned from or was chosen on.
FIRST_SPLITS = ("PublicTest", "Test", "validation")


def up_to_date(con: Connection) -> bool:
    """Whether the snapshot has all that is read here; one from before an update lacks it until the processor ran."""
    query = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'evaluation_curve'"
    return con.execute(query).fetchone()[0] > 0


def models(con: Connection) -> list[dict]:
    """Every model, in the order of its name, the newest version first.

    Each a dict: model_id, name, version, card (model.json as a dict, without its training curves and evaluations, which
    have tables of their own), added_at (UTC), videos (how many have their current results from it).
    """
    rows = con.execute("""
        SELECT m.model_id, m.name, m.version, m.card, m.added_at,
            (SELECT count(*) FROM run r WHERE r.model_id = m.model_id AND r.current) AS videos
        FROM model m ORDER BY m.name, m.added_at DESC, m.model_id
    """).fetchall()
    names = ("model_id", "name", "version", "card", "added_at", "videos")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for model in found:
        card = json.loads(model["card"])
        model["card"] = {name: value for name, value in card.items() if name not in ("curves", "evaluations")}
    return found


def to_analyse(con: Connection, model_id: str, name: str, default: bool = False) -> tuple[int, int]:
    """How many videos whose file is there this model has not analysed and is not about to, and how many there are.

    name: of its bundle, which is what a run that waits knows of the model; default: whether it is the model of runs
    that wait and name none.
    """
    return con.execute(
        """
        SELECT count(*) FILTER (NOT EXISTS (
            SELECT 1 FROM run r WHERE r.video_id = v.video_id AND (
                r.state = 'done' AND r.model_id = $model_id
                OR r.state IN ('queued', 'running') AND coalesce(r.model_id, $if_none) IN ($model_id, $name)
            )
        )), count(*)
        FROM video v WHERE missing_since IS NULL
        """,
        {"model_id": model_id, "name": name, "if_none": name if default else ""},
    ).fetchone()


def evaluations(con: Connection) -> pd.DataFrame:
    """Every evaluation of every model, in the order of model, data, split and labels.

    Columns: those of table `evaluation`, with the model's name and version.
    """
    return con.execute("""
        SELECT e.*, m.name, m.version FROM evaluation e JOIN model m USING (model_id)
        ORDER BY m.name, m.added_at DESC, e.model_id, e.data, e.split, e.labels
    """).df()


def report(con: Connection, evaluation_id: str) -> pd.DataFrame:
    """The classification report: a row per emotion in their order, then two means over them.

    Columns: emotion, precision, recall, f1, support, auc, average_precision. `mean` weighs every emotion that occurs
    alike (macro), `weighted mean` by how many faces have it; a figure that is undefined for an emotion is left out.
    """
    figures = ("precision", "recall", "f1", "auc", "average_precision")
    means = ", ".join(f"avg({name}) FILTER (support > 0) AS {name}" for name in figures)
    weighted = ", ".join(
        f"sum({name} * support) / nullif(sum(support) FILTER ({name} IS NOT NULL), 0) AS {name}" for name in figures
    )
    columns = ", ".join(figures)
    query = f"""
        WITH classes AS (SELECT * FROM evaluation_class WHERE evaluation_id = $id)
        SELECT emotion, support, {columns} FROM (
            SELECT 0 AS part, emotion AS place, emotion::VARCHAR AS emotion, support, {columns} FROM classes
            UNION ALL SELECT 1, NULL, 'mean', sum(support), {means} FROM classes HAVING count(*) > 0
            UNION ALL SELECT 2, NULL, 'weighted mean', sum(support), {weighted} FROM classes HAVING count(*) > 0
        ) ORDER BY part, place
    """
    rows = con.execute(query, {"id": evaluation_id}).df()
    return rows[["emotion", "precision", "recall", "f1", "support", "auc", "average_precision"]]


def confusion(con: Connection, evaluation_id: str, categories: bool = False) -> pd.DataFrame:
    """Which emotion, or category, was taken for which: a row for each pair, in their order.

    Columns: truth, predicted, faces, share (of the faces of that truth; NA where there are none).
    """
    if categories:
        pairs = """
            SELECT t.category AS truth, p.category AS predicted, sum(faces)::INTEGER AS faces
            FROM confusion c JOIN emotion t ON t.emotion = c.truth JOIN emotion p ON p.emotion = c.predicted
            WHERE evaluation_id = $id GROUP BY t.category, p.category
        """
    else:
        pairs = "SELECT truth, predicted, faces FROM confusion WHERE evaluation_id = $id"
    query = f"""
        WITH pairs AS ({pairs})
        SELECT truth::VARCHAR AS truth, predicted::VARCHAR AS predicted, faces,
            faces / nullif(sum(faces) OVER (PARTITION BY truth), 0) AS share
        FROM pairs ORDER BY pairs.truth, pairs.predicted
    """
    return con.execute(query, {"id": evaluation_id}).df()


def curve(con: Connection, evaluation_id: str, kind: str) -> pd.DataFrame:
    """One kind of curve, `roc`, `pr` or `calibration`: its points in order, for the first two of each emotion.

    Columns: emotion (NA for calibration), point, x, y (what they are says table `evaluation_curve`), faces.
    """
    query = """
        SELECT emotion::VARCHAR AS emotion, point, x, y, faces FROM evaluation_curve
        WHERE evaluation_id = $id AND kind = $kind ORDER BY evaluation_curve.emotion, point
    """
    return con.execute(query, {"id": evaluation_id, "kind": kind}).df()


def groups(con: Connection, evaluation_id: str) -> pd.DataFrame:
    """Sub-groups of the faces. Columns: grouping, value, n, accuracy, accuracy_3, macro_f1; empty where none."""
    query = """
        SELECT grouping, value, n, accuracy, accuracy_3, macro_f1 FROM evaluation_group
        WHERE evaluation_id = $id ORDER BY grouping, value
    """
    return con.execute(query, {"id": evaluation_id}).df()


def epochs(con: Connection, model_id: str) -> pd.DataFrame:
    """The training curves, one row a point. Columns: epoch, head, figure, part, value.

    Keras names them `fer2013_loss`, `val_fer2013_categorical_accuracy`, `loss`: head is `fer2013`, or `all` where the
    name has none; figure `loss` or `accuracy`; part `train` or `validation`. Other measures, such as seconds, are left
    out.
    """
    query = """
        WITH named AS (
            SELECT epoch, value, starts_with(measure, 'val_') AS validation,
                regexp_replace(measure, '^val_', '') AS measure
            FROM training_epoch WHERE model_id = $id AND value IS NOT NULL
        )
        SELECT epoch,
            coalesce(nullif(regexp_replace(measure, '_?((sparse_)?categorical_accuracy|accuracy|loss)$', ''), ''),
                'all') AS head,
            CASE WHEN measure LIKE '%loss' THEN 'loss' ELSE 'accuracy' END AS figure,
            CASE WHEN validation THEN 'validation' ELSE 'train' END AS part, value
        FROM named WHERE regexp_matches(measure, '(^|_)(accuracy|loss)$')
        ORDER BY figure, head, part, epoch
    """
    return con.execute(query, {"id": model_id}).df()


# Which of the predictions of an evaluation are meant; a filter that is NULL lets everything through.
_CHOSEN = """
    evaluation_id = $id AND probability BETWEEN $least AND $most
    AND ($truth IS NULL OR truth::VARCHAR = $truth) AND ($predicted IS NULL OR predicted::VARCHAR = $predicted)
    AND ($right IS NULL OR (truth = predicted) = $right)
"""


def predictions(
    con: Connection,
    evaluation_id: str,
    *,
    truth: str | None = None,
    predicted: str | None = None,
    right: bool | None = None,
    probability: tuple[float, float] = (0.0, 1.0),
    surest_first: bool = True,
    limit: int = 24,
    offset: int = 0,
) -> tuple[pd.DataFrame, int]:
    """Predictions that fit every filter given, one page of them, and how many there are in all.

    right: only right ones, only wrong ones, or (None) both. probability: of the prediction, from and to.
    Columns: row (of the face in its data set), truth, predicted, probability.
    """
    least, most = probability
    # The store keeps probabilities in 32 bits: 0.7 there is a little less than 0.7 here.
    values = {"id": evaluation_id, "truth": truth, "predicted": predicted, "right": right}
    values |= {"least": least - 1e-6, "most": most + 1e-6}
    total = con.execute(f"SELECT count(*) FROM prediction_sample WHERE {_CHOSEN}", values).fetchone()[0]
    query = f"""
        SELECT row, truth::VARCHAR AS truth, predicted::VARCHAR AS predicted, probability
        FROM prediction_sample WHERE {_CHOSEN}
        ORDER BY probability {"DESC" if surest_first else "ASC"}, row LIMIT $limit OFFSET $offset
    """
    return con.execute(query, {**values, "limit": limit, "offset": offset}).df(), total


def examples(con: Connection, evaluation_id: str, categories: bool = False, each: int = 3) -> pd.DataFrame:
    """For every pair of truth and prediction, the rows of the faces whose prediction was surest.

    Columns: truth, predicted (emotions, or categories), rows (a list of at most `each`, the surest first).
    """
    pair = ("t.category", "p.category") if categories else ("s.truth", "s.predicted")
    query = f"""
        SELECT {pair[0]}::VARCHAR AS truth, {pair[1]}::VARCHAR AS predicted,
            list(s.row ORDER BY s.probability DESC, s.row)[:$each] AS rows
        FROM prediction_sample s JOIN emotion t ON t.emotion = s.truth JOIN emotion p ON p.emotion = s.predicted
        WHERE s.evaluation_id = $id GROUP BY 1, 2 ORDER BY 1, 2
    """
    found = con.execute(query, {"id": evaluation_id, "each": each}).df()
    return found.assign(rows=pd.Series([list(rows) for rows in found["rows"]], index=found.index, dtype=object))


def first_split(splits: list[str]) -> str | None:
    """Which split to show first: faces that the network neither learned from nor was chosen on, where there are any."""
    return next((split for split in FIRST_SPLITS if split in splits), splits[0] if splits else None)
