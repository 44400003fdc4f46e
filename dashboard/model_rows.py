"""What the Models page shows as rows: figures in words, and our measurements beside what others say of theirs.

Without Streamlit. A measurement is ours: it has a number of faces and an interval. A claim is what one of the five
systems says of itself, a report what is said elsewhere; neither was measured here, nor always on the same faces.
"""

from __future__ import annotations

import pandas as pd

from dashboard.words import duration, missing
from training.systems import CLAIMS, REFERENCES

LABELS = {"fer2013": "FER2013", "ferplus": "FER+"}
LABELS_HELP = (
    "FER2013 has one label a face, and people agree with it about two times in three. FER+ asked ten people about "
    "each: a face counts where more than half of them agree. The two can't be compared with each other."
)
KINDS = MEASURED, CLAIMED, REPORTED = ("measured here", "claimed", "reported")

COLUMNS = ["name", "kind", "value", "low", "high", "faces", "counted_on", "about", "model_id"]


def in_percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage: 0.6913 is `69.1 %`. Unknown is a dash."""
    return "–" if missing(value) else f"{value * 100:.{digits}f} %"


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """A share with its 95 % interval, in percent: `69.1 % (67.6–70.6)`; without, where there is none."""
    if missing(low) or missing(high):
        return in_percent(value)
    return f"{in_percent(value)} ({low * 100:.1f}–{high * 100:.1f})"


def score(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A figure that is no share, such as F1 or AUC, with its 95 % interval if it has one: `0.691 (0.650–0.732)`."""
    if missing(value):
        return "–"
    return f"{value:.3f}" if missing(low) or missing(high) else f"{value:.3f} ({low:.3f}–{high:.3f})"


def names(models: list[dict]) -> dict[str, str]:
    """model_id to what a model is called: its name, with version, recipe or hash as far as they are needed."""
    called = {}
    for model in models:
        namesakes = [other for other in models if other["name"] == model["name"]]
        same_version = [other for other in namesakes if other["version"] == model["version"]]
        recipes = [_recipe(other) for other in same_version]
        if len(same_version) > 1 and None not in recipes and len(set(recipes)) == len(recipes):
            called[model["model_id"]] = f"{model['name']}, {_recipe(model)}"
        elif len(same_version) > 1:
            called[model["model_id"]] = model["model_id"]
        elif len(namesakes) > 1:
            called[model["model_id"]] = f"{model['name']} {model['version']}"
        else:
            called[model["model_id"]] = model["name"]
    return called


def _recipe(model: dict) -> str | None:
    """By which recipe it was trained, in words: `system E`; None where its card does not say."""
    name = (model["card"].get("recipe") or {}).get("name")
    if name and name.startswith("system-"):
        return f"system {name[-1].upper()}"
    return name


def trained(card: dict) -> str:
    """How long a network learned, in words, as far as its card says."""
    facts = [
        f"{card['epochs']} epochs" if card.get("epochs") else None,
        f"in {duration(card['minutes'] * 60)}" if isinstance(card.get("minutes"), int | float) else None,
        f"on {card['machine']}" if card.get("machine") else None,
    ]
    return ", ".join(fact for fact in facts if fact)


def comparison(
    evaluations: pd.DataFrame, models: list[dict], labels: str, data: str, split: str, measure: str
) -> pd.DataFrame:
    """Every figure for one measure, `accuracy` or `accuracy_3`, the best first. Columns: COLUMNS.

    evaluations, models: as from model_results. Measurements are those on this data and split; claims and reports are
    on FER2013's faces and come along where the data is FER2013.
    """
    called = names(models)
    about = {model["model_id"]: trained(model["card"]) for model in models}
    on = evaluations[
        (evaluations["labels"] == labels) & (evaluations["data"] == data) & (evaluations["split"] == split)
    ]
    rows = [
        {
            "name": called[row["model_id"]], "kind": MEASURED, "value": row[measure], "low": row[f"{measure}_low"],
            "high": row[f"{measure}_high"], "faces": row["n"], "counted_on": f"{data}, {split}",
            "about": about[row["model_id"]], "model_id": row["model_id"],
        }
        for _, row in on.iterrows()
    ]  # fmt: skip
    if data == "fer2013":
        rows += _claims(measure) if labels == "fer2013" else []
        rows += _reports(measure, labels)
    found = pd.DataFrame(rows, columns=COLUMNS).astype({"value": float, "low": float, "high": float, "faces": "Int64"})
    return found.dropna(subset="value").sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _claims(measure: str) -> list[dict]:
    return [
        {
            "name": claim.network, "kind": CLAIMED, "value": getattr(claim, measure), "faces": claim.test_faces,
            "counted_on": f"system {claim.system}'s own", "about": claim.text,
        }
        for claim in CLAIMS
    ]  # fmt: skip


def _reports(measure: str, labels: str) -> list[dict]:
    field = {"fer2013": measure, "ferplus": "accuracy_ferplus"}[labels] if measure == "accuracy" else measure
    return [
        {"name": other.name, "kind": REPORTED, "value": getattr(other, field), "counted_on": "as reported",
         "about": other.text}
        for other in REFERENCES
        if labels == "fer2013" or measure == "accuracy"
    ]  # fmt: skip


def class_comparison(reports: dict[str, pd.DataFrame], labels: str) -> pd.DataFrame:
    """F1 of each emotion, ours and claimed. reports: name to classification report (model_results.report).

    Columns: emotion, name, kind, value. Claims are on FER2013's labels and come along with those only.
    """
    rows = [
        {"emotion": row.emotion, "name": name, "kind": MEASURED, "value": row.f1}
        for name, report in reports.items()
        for row in report.itertuples()
        if not row.emotion.endswith("mean")
    ]
    if labels == "fer2013":
        rows += [
            {"emotion": emotion, "name": f"{claim.network} ({claim.system})", "kind": CLAIMED, "value": f1}
            for claim in CLAIMS
            for emotion, f1 in (claim.per_class_f1 or {}).items()
        ]
    return pd.DataFrame(rows, columns=["emotion", "name", "kind", "value"]).dropna(subset="value")
