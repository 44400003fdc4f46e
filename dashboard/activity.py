"""What the processor is doing, as pieces of a page: its state, running jobs, and how a page notices something new."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import answers, context
from dashboard.words import clock, duration, percent, plain
from processor import spool
from processor.status import Status

DETECTORS = {"yunet": "YuNet", "haar": "Haar"}


def processor_line(state: Status | None) -> None:
    """One line on the processor: at work, idle, stopping, or how to start it; and its last error."""
    if not context.running(state):
        st.warning(
            f"The processor is not running: start it with `{context.START_COMMAND}` or "
            f"`{context.START_COMMAND_PYTHON}`. What you add or ask for here waits until then.",
            icon=":material/pause_circle:",
        )
        return
    speed = sum(job.get("speed") or 0 for job in state.jobs)
    facts = [
        f"{state.queue} in the queue" if state.queue else "queue empty",
        f"{speed:.1f} × real time" if speed else None,
        plain(Path(state.model).name) if state.model else None,
        DETECTORS.get(state.detector),  # nothing until it is decided which one to use
        plain(state.device) if state.device else None,
    ]
    word = "stopping" if state.state == "stopping" else "analysing" if state.jobs else "running"
    colour = "orange" if state.state == "stopping" else "green"
    st.markdown(f":{colour}[●] **Processor {word}** · " + " · ".join(fact for fact in facts if fact))
    if state.last_error:
        st.caption(f":material/error: Last error: {plain(state.last_error)}")


def job(running: dict, key: str) -> None:
    """A running analysis: how far, how fast, how long still, and a way to stop it. running: a job of status.json."""
    done_s, duration_s = running.get("done_s") or 0.0, running.get("duration_s")
    parts = [f"{clock(done_s)} of {clock(duration_s)}" if duration_s else f"{clock(done_s)} done"]
    if running.get("speed"):
        parts.append(f"{running['speed']:.1f} × real time")
    if running.get("eta_s") is not None:
        parts.append(f"about {duration(running['eta_s'])} left")
    if running.get("attempt", 1) > 1:
        parts.append(f"attempt {running['attempt']}")
    share = min(1.0, done_s / duration_s) if duration_s else 0.0
    with st.container(horizontal=True, vertical_alignment="center"):
        start = f"{percent(share)} · " if duration_s else ""
        st.progress(share, text=f"**{plain(running.get('name', ''))}** · {start}{' · '.join(parts)}")
        if st.button("Cancel", key=f"{key}-cancel-{running['run_id']}", icon=":material/close:"):
            cancel(running["run_id"], running.get("name", ""))


def refresh_when_new(seen: Path | None) -> None:
    """Draw the whole page again once another snapshot than `seen`, which it shows, is in force."""
    if context.snapshot() != seen:
        st.rerun()


def cancel(run_id: int, name: str) -> None:
    """Ask the processor to stop an analysis."""
    hand_in("cancel", f"Asked to cancel {plain(name)}.", run_id=int(run_id))


def reprocess(video_id: str, name: str) -> None:
    """Ask the processor to analyse a video again."""
    hand_in("reprocess", f"Asked to analyse {plain(name)} again.", video_id=video_id)


def delete(video_id: str, name: str, delete_file: bool) -> None:
    """Ask the processor to delete a video with all its results."""
    hand_in("delete", f"Asked to delete {plain(name)}.", video_id=video_id, delete_file=delete_file)


def hand_in(kind: str, message: str, **payload) -> str | None:
    """Put a request into the spool and say so; returns its id. A full or read-only disk is said too: then None."""
    try:
        request_id = spool.submit(context.home().spool, kind, **payload)
    except OSError as error:
        context.ask(f"This could not be handed to the processor: {plain(error)}. Look at the disk of the home folder.")
        return None
    answers.wait_for(request_id)
    context.ask(message)
    return request_id


def hand_in_all(kind: str, message: str, payloads: list[dict]) -> list[str]:
    """Put several requests of a kind into the spool, as `hand_in` does one, and say so once; returns their ids."""
    request_ids = []
    try:
        for payload in payloads:
            request_ids.append(spool.submit(context.home().spool, kind, **payload))
    except OSError as error:
        context.ask(
            f"{len(request_ids):,} of {len(payloads):,} were handed to the processor, and no more: {plain(error)}. "
            "Look at the disk of the home folder."
        )
    else:
        context.ask(message)
    answers.wait_for(*request_ids)
    return request_ids


def thumbnails(state: Status | None) -> None:
    """How far the thumbnails are, while they are being made."""
    making = state.thumbnails if context.running(state) else {}
    if making:
        share = making["done"] / making["total"]
        left = f" · about {duration(making['eta_s'])} left" if making.get("eta_s") is not None else ""
        st.progress(share, text=f"**Thumbnails** · {making['done']:,} of {making['total']:,}{left}")
