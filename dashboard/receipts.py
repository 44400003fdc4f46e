"""The receipt of an erasure: counts, and whether anything was found afterwards; to read, and as a PDF."""

from __future__ import annotations

from dashboard.report_document import Document


def left(receipt: dict) -> dict[str, int]:
    """What the search after an erasure still found: by folder of the home or column of the store, how many."""
    return receipt["search"]["in_files"] | receipt["search"]["in_rows"]


def lines(receipt: dict) -> list[tuple[str, str]]:
    """A receipt of an erasure (as from the store) as pairs of what and how much."""
    searched, found = receipt["search"], left(receipt)
    told = [
        ("Receipt", receipt["receipt_id"]),
        ("Erased at (UTC)", receipt["erased_at"]),
        ("Videos erased", f"{receipt['videos']:,}"),
        *((f"Rows deleted from {table}", f"{count:,}") for table, count in sorted(receipt["rows"].items())),
        *((f"Texts replaced in {place}", f"{count:,}") for place, count in sorted(receipt["replaced"].items())),
        *((f"Files deleted: {place}", f"{count:,}") for place, count in sorted(receipt["files"].items())),
        *((f"Files kept on request: {place}", f"{count:,}") for place, count in sorted(receipt["kept"].items())),
        ("Requests deleted", f"{receipt['requests']:,}"),
        ("Older snapshots deleted", f"{receipt['snapshots']:,}"),
        ("Lines of the log cleaned", f"{receipt['log_lines']:,}"),
        ("Files searched afterwards", f"{searched['files']:,}"),
        ("Found afterwards", "nothing" if not found else ", ".join(f"{n:,} in {place}" for place, n in found.items())),
    ]
    if receipt.get("salt"):
        told.append(("Salt", receipt["salt"]))
    return told


def pdf(receipt: dict) -> bytes:
    """A receipt as a PDF on A4."""
    with Document("Receipt of an erasure", "Moodreel") as document:
        document.heading("Receipt of an erasure", 0)
        document.paragraph(
            "What Moodreel held about one subject was erased: rows, files, snapshots, and what the log and the "
            "requests said. The subject is not named here. Whoever holds the salt can show that this receipt is about "
            "a name: SHA-256 of salt and name (lower case) is what the log of erasures keeps."
        )
        document.table(lines(receipt), (2, 3), ("What", "How much"))
        document.paragraph(
            "Moodreel keeps no list of files that were downloaded or exported: those are for whoever has them to "
            "delete. So are backups.", small=True,
        )  # fmt: skip
        return document.whole()
