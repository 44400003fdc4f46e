"""Section Runs of the video page: two analyses of the video over each other, and asking for another one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import activity, agreement, context, moment_charts
from dashboard.activity import DETECTORS
from dashboard.choosing import one_of
from dashboard.drawing import draw
from dashboard.listing import moment
from dashboard.look import Look
from dashboard.moments import tenths
from dashboard.palette import EMOTION_COLOURS
from dashboard.player import stills
from dashboard.run_comparison import Compared, compared, courses, kappa_text, sentence
from dashboard.words import duration, one_line, percent, plain, signed, smoothing, smoothing_window_s
from db import results, run_results
from processor.emotions import bundles

AS_SET = "As set for new videos"
SHOWN = 10  # of the worst moments, and of what one run saw alone
LANDIS_KOCH = (
    "Cohen's kappa is the share of agreement beyond what chance gives: 1 is perfect, 0 no better than chance. The "
    "words are those of Landis and Koch (1977), a convention: up to 0.20 slight, 0.40 fair, 0.60 moderate, 0.80 "
    "substantial, above almost perfect. The interval (95 %) is from drawing stretches of 10 s anew a thousand times."
)


def section(con: results.Connection, video: dict, tracks: pd.DataFrame, faces: pd.DataFrame, look: Look) -> None:
    """Choose two runs and compare them. Arguments as every section of the page takes them (see pages/video.py)."""
    runs = run_results.runs_of(con, video["video_id"])
    st.subheader("Two analyses of this video", anchor=False)
    if len(runs) < 2:
        st.info(
            "This video has one finished analysis. With a second one, by another model or detector or with other "
            "frames a second, both can be laid over each other here: where they agree, and where they do not. A result "
            "that changes with the way it was got says little about the person.",
            icon=":material/compare_arrows:",
        )
    else:
        compare(con, video, runs, look)
    again(con, video, len(runs) < 2)


def compare(con: results.Connection, video: dict, runs: pd.DataFrame, look: Look) -> None:
    """Everything about two runs that are chosen here."""
    chosen = choose(runs)
    a, b = (row for _, row in chosen.iterrows())
    if a["run_id"] == b["run_id"]:
        st.info("Choose two different runs.")
        return
    settings(chosen)
    for row in (a, b):
        if not row["observations"]:
            st.info(f"{plain(called(row))} found no face, so there is nothing to compare.")
            return
    looks = [_look_of(row, look) for row in (a, b)]
    found = _compared(str(context.snapshot()), int(a["run_id"]), int(b["run_id"]), *looks)
    if look.track_id is not None and a["current"]:
        found = found.of(look.track_id)
    elif look.track_id is not None:
        st.caption("Of everybody: the person chosen above is one of the current run, which is not the first one here.")
    if found.pairs.empty:
        st.info(
            "The two runs have no face in common in this part of the video: none at the same time and place. The table "
            "above says how much each of them saw."
        )
        return
    names = called(a), called(b)
    figures(found, look.track_id is not None and bool(a["current"]))
    lines(found, names, look)
    over_time(found, look)
    confusion(found, names)
    worst(video, found, names, faces_of=int(a["run_id"]))
    alone(found, names)


def choose(runs: pd.DataFrame) -> pd.DataFrame:
    """The two runs that are to be compared, as two rows: at first the current one and the newest other."""
    names = {int(row["run_id"]): called(row) for _, row in runs.iterrows()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ids = [
            one_of(label, names, key=f"compare-{place}", index=place, width=300)
            for place, label in enumerate(("First run", "Second run"))
        ]  # fmt: skip
    return runs.set_index("run_id", drop=False).loc[ids].reset_index(drop=True)


def called(run: pd.Series) -> str:
    """What a run is called: its number, model and detector."""
    now = ", current" if run["current"] else ""
    return one_line(f"Run {run['run_id']}: {run['model']}, {_detector(run)}, {run['sample_fps']:g}/s{now}")


def _detector(run: pd.Series) -> str:
    return DETECTORS.get(run["detector"], str(run["detector"]))


def settings(chosen: pd.DataFrame) -> None:
    """How the two runs were made, side by side."""
    said = {
        "Model": lambda run: run["model"],
        "Detector": _detector,
        "Frames a second": lambda run: f"{run['sample_fps']:g}",
        "Smoothing": lambda run: smoothing(run["smoothing"]),
        "Finished": lambda run: moment(run["finished_at"], context.zone()),
        "Took": lambda run: duration(run["seconds"]),
        "Frames with a face": lambda run: f"{run['frames_with_face']:,} of {run['frames_sampled']:,}",
        "People": lambda run: f"{run['people']:,}",
        "Mean valence": lambda run: signed(run["mean_valence"]),
    }
    columns = {f"Run {run['run_id']}": [one_line(say(run)) for say in said.values()] for _, run in chosen.iterrows()}
    st.dataframe(
        pd.DataFrame({"": list(said), **columns}), hide_index=True, height="content", key="compare-settings",
        alt="Settings and findings of the two runs, side by side",
    )  # fmt: skip


def _look_of(run: pd.Series, look: Look) -> Look:
    """The look, for everyone, as it is for this run: stored labels come with the smoothing of their own run."""
    window_s = smoothing_window_s(run["smoothing"]) if look.method == "stored" else look.window_s
    return replace(look, track_id=None, window_s=window_s, relative=False)


@st.cache_resource(max_entries=4, show_spinner="Comparing the two runs.")
def _compared(snapshot: str, run_a: int, run_b: int, look_a: Look, look_b: Look) -> Compared:
    """The comparison, worked out once for each snapshot."""
    con = context.connection()
    frames = [results.frames(con, run_id) for run_id in (run_a, run_b)]
    return compared(frames, [context.faces(run_id) for run_id in (run_a, run_b)], [look_a, look_b])


def figures(found: Compared, one_person: bool) -> None:
    """How far they agree, in figures and words."""
    labels, categories = (agreement.agreement(found.pairs, what) for what in ("label", "category"))
    columns = st.columns(2, wrap=False), st.columns(2, wrap=False)
    for pair, name, value in ((columns[0], "emotion", labels), (columns[1], "category", categories)):
        pair[0].metric(f"Same {name}", percent(value.share), help="Of the faces that both runs saw.")
        pair[1].metric(f"Kappa, {name}", kappa_text(value.kappa), help=LANDIS_KOCH)
    st.markdown(f"**In words:** {sentence(labels, 'the emotion')} {sentence(categories, 'the category')}")
    parts = [f"{len(found.pairs):,} faces seen by both at {len(found.times):,} common moments"]
    if labels.undecided:
        parts.append(f"{labels.undecided:,} of them undecided in one run, and not counted")
    if one_person:
        parts.append("only the person chosen above")
    st.caption(" · ".join(parts))


def lines(found: Compared, names: tuple[str, str], look: Look) -> None:
    """Valence, or the category, of both runs over each other."""
    what = st.segmented_control(
        "Compare", ["Valence", "Category"], default="Valence", required=True, key="compare-what"
    ).lower()
    rows = courses(found.pairs, what, look)
    if rows.empty:
        st.info("No face is decided on by both runs.")
        return
    several = found.pairs["track_a"].nunique() > 1
    subtitle = "Mean of the faces that both runs saw" if several else "Of the face that both runs saw"
    apart = (rows["a"] - rows["b"]).abs()
    table = rows.assign(time=rows["t_s"].map(tenths))[["time", "a", "b"]].round(3)
    draw(
        "both-runs", moment_charts.both_runs(rows, names, what, look.from_s, look.to_s, subtitle),
        table.set_axis(["Time", *names], axis=1),
        f"{what.capitalize()} of both runs over time; they differ by {apart.mean():.2f} on average and "
        f"{apart.max():.2f} at most, at {tenths(rows['t_s'].iloc[apart.argmax()])}.",
    )  # fmt: skip


def over_time(found: Compared, look: Look) -> None:
    """Where they agree."""
    rows = agreement.over_time(found.pairs)
    if rows.empty:
        return
    least = rows.loc[rows["share"].idxmin()]
    table = pd.DataFrame({"Time": rows["t_s"].map(tenths), "Named alike": rows["share"].map(percent)})
    draw(
        "agreement", moment_charts.over_time(rows, agreement.BLOCK_S, look.from_s, look.to_s), table,
        f"Share of faces that both runs name alike, least around {tenths(least['t_s'])}: {percent(least['share'])}.",
    )  # fmt: skip


def confusion(found: Compared, names: tuple[str, str]) -> None:
    """Who says what of the same faces."""
    rows = agreement.confusion(found.pairs)
    apart = rows[(rows["a"] != rows["b"]) & (rows["faces"] > 0)]
    sentence = "Both runs name every face alike."
    if not apart.empty:
        most = apart.loc[apart["faces"].idxmax()]
        sentence = (
            f"Where they differ, most often the first run says {most['a']} and the second {most['b']}: "
            f"{most['faces']:,} faces."
        )
    table = rows[rows["faces"] > 0].sort_values("faces", ascending=False, kind="stable")
    table = table.assign(share=table["share"].map(percent)).set_axis([*names, "Faces", "Share of row"], axis=1)
    short = tuple(name.partition(":")[0] for name in names)
    draw(
        "run-confusion", moment_charts.run_confusion(rows, short, st.context.theme.type == "dark"), table, sentence
    )  # fmt: skip


def worst(video: dict, found: Compared, names: tuple[str, str], faces_of: int) -> None:
    """The moments at which they differ most, to be looked at."""
    rows = agreement.worst(found.pairs, SHOWN)
    st.subheader("Where they disagree most", anchor=False)
    if rows.empty:
        st.info("Nowhere: both runs name every face that they have in common alike.")
        return
    st.caption(
        "Stretches in which both name a face differently all the time, by how long and how far apart the probabilities "
        "are (total variation distance, 0 to 1). A click moves the player to where they are furthest apart."
    )
    faces = context.faces(faces_of).drop_duplicates(["track_id", "t_s"]).set_index(["track_id", "t_s"])
    first, second = (name.partition(":")[0] for name in names)
    pictures = []
    for row in rows.itertuples():
        face = faces.loc[(row.track_a, row.worst_s)]
        pictures.append(
            {
                "id": f"{row.track_a}/{row.worst_s:.3f}",
                "t_s": row.worst_s,
                "box": tuple(face[["x", "y", "w", "h"]]),
                "title": f"{first}: {row.label_a}, {second}: {row.label_b}",
                "text": f"{tenths(row.t_s)} to {tenths(row.end_s)} · distance up to {row.distance:.2f}",
                "colour": EMOTION_COLOURS.get(row.label_a),
                "ticked": False,
            }
        )
    stills(video, pictures, "stills-worst")


def alone(found: Compared, names: tuple[str, str]) -> None:
    """Faces that only one of them saw, at moments that both looked at."""
    st.subheader("What only one of them saw", anchor=False)
    for name, rows in zip(names, (found.alone_a, found.alone_b), strict=True):
        short = name.partition(":")[0]
        if rows.empty:
            st.markdown(f"**{plain(short)}** saw no face that the other one did not see.")
            continue
        seconds = (rows["end_s"] - rows["t_s"]).sum()
        st.markdown(f"**{plain(short)}** alone saw {rows['faces'].sum():,} faces ({duration(seconds)}), the longest:")
        table = rows.head(SHOWN)
        st.dataframe(
            pd.DataFrame(
                {
                    "From": table["t_s"].map(tenths),
                    "To": table["end_s"].map(tenths),
                    "Track": table["track_id"],
                    "Faces": table["faces"],
                }
            ),
            hide_index=True, height="content", key=f"alone-{short}", alt=f"Stretches that only {short} saw",
        )  # fmt: skip


def again(con: results.Connection, video: dict, unfold: bool) -> None:
    """Ask for another analysis, made in another way."""
    waiting = run_results.waiting(con, video["video_id"])
    with st.expander("Analyse again in another way", icon=":material/replay:", expanded=unfold):
        if waiting:
            st.caption(
                f":material/hourglass_empty: {waiting} analys{'is' if waiting == 1 else 'es'} of this video "
                f"wait{'s' if waiting == 1 else ''} or run{'s' if waiting == 1 else ''} already."
            )
        run = video["current"]
        models = list(dict.fromkeys(folder.name for folder in bundles(context.home().models)))
        with st.form("again", border=False):
            first, second, third = st.columns(3)
            model = first.selectbox("Model", [AS_SET, *models], key="again-model", format_func=one_line)
            detector = second.selectbox(
                "Detector",
                [AS_SET, *DETECTORS],
                key="again-detector",
                format_func=lambda name: DETECTORS.get(name, name),
            )
            sample_fps = third.number_input(
                "Frames a second", 0.1, 120.0, float(run["sample_fps"]), 0.5, "%.1f", key="again-fps"
            )
            if st.form_submit_button("Analyse again", icon=":material/replay:"):
                chosen = {"model": model, "detector": detector}
                chosen = {name: value for name, value in chosen.items() if value != AS_SET}
                activity.hand_in(
                    "reprocess", f"Asked to analyse {plain(video['name'])} again.", video_id=video["video_id"],
                    sample_fps=float(sample_fps), **chosen,
                )  # fmt: skip
                context.say_what_was_asked()
        st.caption("The new result becomes the current one when it is there; this one stays to be compared with.")
