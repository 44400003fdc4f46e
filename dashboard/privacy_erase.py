"""The Privacy page's section on erasing a subject: the preview, the doing, and the receipts."""

from __future__ import annotations

import json
import secrets
import uuid
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import activity, context, receipts
from dashboard.listing import moment
from dashboard.words import one_line, plain
from db import erase, privacy_results
from db.naming import ERASED
from db.results import Connection
from processor import erasing
from processor.erasing import OURS
from processor.erasing_files import BY_HAND, INBOX, LIVE

SHOWN_AT_ONCE = 50
_PLACES = {
    "library": "Moodreel's copies (library)", "made": "made files", "thumbnails": "thumbnails", INBOX: "the inbox",
    BY_HAND: "files given by hand from elsewhere", LIVE: "live sessions that are not in the library yet",
}  # fmt: skip


def section(con: Connection) -> None:
    """Choose a subject, see what would go, and let it go; below, the receipts."""
    st.markdown(
        "Everything that Moodreel holds about one subject goes, for good: videos, results, pictures, what requests and "
        "the log say, and every older snapshot. Then everything is searched, and a receipt says what was found."
    )
    subjects = privacy_results.subjects(con)
    # Empty after each erasure, by another key: the browser may still send the name of before.
    key = f"erase-subject-{len(st.session_state.get('salts', {}))}"
    subject = st.selectbox(
        "Subject", subjects, None, placeholder="Choose, or type a name", accept_new_options=True, key=key,
        format_func=one_line, help="A name that no video has can still be in notes, requests or the log.",
    )  # fmt: skip
    if subject and subject.strip():
        _preview(con, subject.strip())
    _receipts(con)


def _preview(con: Connection, subject: str) -> None:
    folders = _folders()
    seen = erasing.preview(con, context.home(), folders, subject)
    if seen.empty:
        st.success(f"Nothing in this home names {plain(subject)}.", icon=":material/check:")
        return
    with st.container(border=True):
        st.markdown(f"**What would be erased of {plain(subject)}**")
        _counts(seen)
        places = _files(seen)
        mentions = _mentions(seen, subject)
        if seen.known.elsewhere:
            named = f"Named so, but of others: {_many(len(seen.known.elsewhere), 'file')}"
            with st.expander(named, icon=":material/warning:"):
                st.markdown("They are not erased. Rename them, or their folders, if the name is to go:")
                st.code("\n".join(seen.known.elsewhere[:SHOWN_AT_ONCE]), language=None, wrap_lines=True)
        st.caption(
            "Not known to Moodreel, and so for you to delete: files that somebody downloaded or exported, and backups. "
            "A reader that has an older snapshot open keeps it until it is closed."
        )
        agreed = st.checkbox(f"Erase {plain(subject)}. This can't be undone.", key=f"agreed-{seen.token}")
        if st.button("Erase", type="primary", disabled=not agreed, icon=":material/delete_forever:"):
            _hand_in(seen, subject, places, mentions)


def _counts(seen: erasing.Preview) -> None:
    known = seen.known
    rows = [{"What": f"rows of {table}", "How many": count} for table, count in sorted(known.rows.items())]
    rows += [{"What": _place(place), "How many": len(paths)} for place, paths in seen.files.items()]
    rows += [
        {"What": "requests in the spool", "How many": len(seen.requests)},
        {"What": "lines of the log", "How many": seen.log_lines},
        {"What": "texts of others that name the subject", "How many": len(known.mentions)},
    ]
    names = [one_line(video["name"]) for video in known.videos]
    if names:
        more = f", and {len(names) - SHOWN_AT_ONCE:,} more" if len(names) > SHOWN_AT_ONCE else ""
        st.markdown(f"Videos: {plain(', '.join(names[:SHOWN_AT_ONCE]))}{more}")
    rows = pd.DataFrame([row for row in rows if row["How many"]])
    st.dataframe(rows, hide_index=True, height="content", alt="What would be erased")


def _files(seen: erasing.Preview) -> list[str]:
    """Which of the places that are not Moodreel's own are emptied."""
    chosen = []
    for place, paths in seen.files.items():
        if place in OURS:
            continue
        if st.checkbox(
            f"Delete {_many(len(paths), 'file')} from {plain(_place(place))}", place == INBOX, key=f"place-{place}"
        ):
            chosen.append(place)
        with st.expander(f"Which, in {plain(_place(place))}"):
            st.code("\n".join(paths[:SHOWN_AT_ONCE]), language=None, wrap_lines=True)
    if any(place not in (*OURS, *chosen) for place in seen.files):
        st.caption(
            "Files that stay are not taken in again by themselves: Moodreel keeps a salted digest of each, from which "
            "nobody can tell what it was without having the file."
        )
    return chosen


def _mentions(seen: erasing.Preview, subject: str) -> bool:
    """Whether the name is replaced in what others wrote; where it is a common word, only if somebody says so."""
    mentions = seen.known.mentions
    if not mentions:
        return not _common(subject)
    wanted = st.checkbox(
        f"Replace the name by {plain(ERASED)} in {_many(len(mentions), 'text')} of others", not _common(subject),
        key="mentions",
    )  # fmt: skip
    with st.expander("Which texts", expanded=_common(subject)):
        rows = [{"Where": mention.place, "Text": one_line(mention.text)} for mention in mentions[:SHOWN_AT_ONCE]]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Texts that name the subject")
        if len(mentions) > SHOWN_AT_ONCE:
            st.caption(f"And {len(mentions) - SHOWN_AT_ONCE:,} more.")
    return wanted


def _hand_in(seen: erasing.Preview, subject: str, places: list[str], mentions: bool) -> None:
    salt, receipt_id = secrets.token_hex(16), str(uuid.uuid4())
    if activity.hand_in(
        "erase", "The erasure is handed to the processor.", subject=subject, token=seen.token, receipt_id=receipt_id,
        subject_hash=erase.subject_hash(salt, subject), places=places, mentions=mentions,
    ):  # fmt: skip
        # The salt is on the receipt that is taken away from this window, and nowhere else.
        st.session_state.setdefault("salts", {})[receipt_id] = salt
        st.rerun()


def _receipts(con: Connection) -> None:
    rows = privacy_results.erasures(con)
    if rows.empty:
        return
    st.subheader("Receipts", anchor=False)
    salts = st.session_state.get("salts", {})
    for number, row in enumerate(rows.head(SHOWN_AT_ONCE).itertuples()):
        receipt = json.loads(row.receipt)
        if "search" not in receipt:
            st.info("An erasure is under way: it is finished when the processor goes on.")
            continue
        receipt["salt"] = salts.get(row.receipt_id)
        left = receipts.left(receipt)
        when, gone = moment(row.erased_at, context.zone()), _many(row.videos, "video")
        title = f"{when}: {gone}, {row.observations:,} faces in frames"
        icon = ":material/check_circle:" if not left else ":material/warning:"
        with st.expander(title, expanded=number == 0 and bool(salts), icon=icon):
            _receipt(receipt, left)


def _receipt(receipt: dict, left: dict[str, int]) -> None:
    if left:
        where = ", ".join(f"{count:,} in {place}" for place, count in left.items())
        st.warning(
            f"The search afterwards still found something: {plain(where)}. Choose the subject above once more to see "
            "what; files of others that are named so are for you to rename."
        )
    else:
        st.success(f"The search afterwards looked at {receipt['search']['files']:,} files and found nothing.")
    lines = pd.DataFrame(receipts.lines(receipt), columns=["What", "How much"])
    st.dataframe(lines, hide_index=True, height="content", alt="Receipt of the erasure")
    with st.container(horizontal=True):
        key, name = receipt["receipt_id"], f"erasure_{receipt['receipt_id'][:8]}"
        st.download_button(
            "Receipt as PDF", lambda: receipts.pdf(receipt), f"{name}.pdf", "application/pdf", key=f"pdf-{key}",
            on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Receipt as JSON", json.dumps(receipt, indent=1), f"{name}.json", "application/json", key=f"json-{key}",
            on_click="ignore",
        )  # fmt: skip
    if receipt["salt"]:
        st.caption("Take it away now: the salt, which ties it to the name, is in this window only.")


def _folders() -> list[Path]:
    """The watched folders, as the processor knows them."""
    state = context.processor()
    return [Path(folder) for folder in state.watch] if state else [context.home().inbox, *context.settings().watch]


def _common(subject: str) -> bool:
    """Whether a name is likely to mean something else where it stands: short, or a number."""
    return len(subject) < 3 or subject.isdecimal()


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _place(place: str) -> str:
    return _PLACES.get(place, place)
