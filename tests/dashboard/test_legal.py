"""The notice for people filmed, and the receipt of an erasure: what they say, and what they leave open."""

import io

import pytest
from pypdf import PdfReader

from dashboard import legal, receipts
from db.privacy import DEFAULTS

FILLED = DEFAULTS | {
    "notice": {"controller": "Institute of Smiles", "contact": "ask@example.org", "purpose": "A study of smiles"},
    "retention_days": DEFAULTS["retention_days"] | {"videos": 30},
}
RECEIPT = {
    "receipt_id": "0123abcd", "erased_at": "2026-03-01T12:00:00+00:00", "videos": 2, "rows": {"run": 3, "video": 2},
    "replaced": {"marker.note": 1}, "files": {"inbox": 4}, "kept": {}, "requests": 1, "snapshots": 3, "log_lines": 7,
    "search": {"files": 20, "size_bytes": 1, "in_files": {}, "in_rows": {}},
}  # fmt: skip


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("language", legal.LANGUAGES)
def test_the_notice_says_who_why_and_for_how_long(language):
    text = legal.notice_text(language, FILLED)
    for said in ("Institute of Smiles", "ask@example.org", "A study of smiles", "30", "2024/1689"):
        assert said in text
    assert "[" not in text and "[" in legal.notice_text(language, DEFAULTS)


def test_watched_files_are_only_said_to_go_where_they_do():
    assert "Moodreel's copies of videos are deleted after 30 days." in legal.notice_text("en", FILLED)
    assert "\n\n" in legal.notice_text("en", FILLED | {"retention_watched": True})
    assert " Videos are deleted after 30 days." in legal.notice_text("en", FILLED | {"retention_watched": True})


def test_the_notice_as_pdf_says_the_same():
    printed = " ".join(text_of(legal.notice_pdf("de", FILLED)).split())
    assert "Institute of Smiles" in printed and "Ihre Rechte" in printed


def test_the_law_is_named_with_its_exception_and_its_dates():
    told = " ".join(legal.PROHIBITED)
    for said in ("Article 5(1)(f)", "medical or safety reasons", "2 February 2025", "Article 50(3)", "2 August 2026"):
        assert said in told


def test_a_receipt_tells_counts_and_what_was_found():
    lines = dict(receipts.lines(RECEIPT))
    assert lines["Rows deleted from run"] == "3" and lines["Found afterwards"] == "nothing" and "Salt" not in lines
    found = RECEIPT | {"salt": "5a17", "search": RECEIPT["search"] | {"in_files": {"inbox": 2}}}
    lines = dict(receipts.lines(found))
    assert lines["Found afterwards"] == "2 in inbox" and lines["Salt"] == "5a17"
    assert "0123abcd" in text_of(receipts.pdf(found))
