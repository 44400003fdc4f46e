"""A PDF document on A4 that reads well on paper and to a screen reader: headings, paragraphs, tables, pictures.

Everything that is said is tagged in its reading order (heading, paragraph, table row, figure with its description);
lines and page numbers are marked as decoration. fpdf2 knows one level of tags, so a row of a table is one paragraph.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from fpdf import FPDF, ViewerPreferences, XPos, YPos
from PIL import Image

import processor
from dashboard.words import one_line

# The core fonts of PDF know Latin-1 only; this one has Latin, Greek, Cyrillic, Arabic, Hebrew and many symbols.
FONTS = Path(processor.__file__).with_name("fonts")
FAMILY = "dejavu"

LACKING = "□"  # in place of a character that the font does not have
LONGEST_TEXT = 600  # characters; what is longer is cut, so that nothing is taller than a page

TEXT_PT, SMALL_PT, FIGURES_PT = 9.5, 8.0, 7.4
LINE = 1.45  # times the font's height
TALLEST_PICTURE_MM = 118.0
INK, GREY, RULE = (35, 48, 47), (95, 104, 103), (205, 210, 206)

# It tells of every table that it drops from the fonts.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)


class Document(FPDF):
    """An A4 document, to be made within a `with`; `lacking` holds the characters that could not be shown.

    title: of the document, as a reader's window shows it. foot: a line at the foot of every page.
    """

    def __init__(self, title: str, foot: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.lacking: set[str] = set()
        self.set_margins(20, 17, 20)
        self.set_auto_page_break(True, 20)
        self.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        # Joins Arabic letters and puts right-to-left text the right way round. Ligatures would spoil copied text.
        self.set_text_shaping(True, features={"liga": False})
        self.foot = self.shown(foot)
        self.set_title(one_line(title)[:LONGEST_TEXT])
        self.set_lang("en")
        self.set_creator("Moodreel")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.add_page()
        self.set_text_color(*INK)

    def __enter__(self) -> Document:
        return self

    def __exit__(self, *_) -> None:
        for font in self.fonts.values():
            font.ttfont.close()  # fpdf2 leaves the files open

    # --- what is said

    def heading(self, text: str, level: int = 1, room_mm: float = 28.0) -> None:
        """A heading, also in the outline; on a new page where less than `room_mm` would be left below it."""
        text = self.shown(text)
        self.set_font(FAMILY, "B", {0: 19, 1: 13}.get(level, 10.5))
        height = self._height(text, self.epw)
        if self.will_page_break(height + room_mm):
            self.add_page()
        elif level:
            self.ln(4 if level == 1 else 2)
        self.start_section(text[:120], max(level - 1, 0))
        with self._tagged(f"/H{level + 1}"):
            self._write(text, self.epw)
        self.ln(1.5)

    def paragraph(self, text: str, small: bool = False, bold: bool = False) -> None:
        """A paragraph; small ones are grey."""
        text = self.shown(text)
        self.set_font(FAMILY, "B" if bold else "", SMALL_PT if small else TEXT_PT)
        if self.will_page_break(self._height(text, self.epw)):
            self.add_page()
        self.set_text_color(*(GREY if small else INK))
        with self._tagged("/P"):
            self._write(text, self.epw)
        self.set_text_color(*INK)
        self.ln(1.2)

    def table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], header: Sequence[str] = (), right: int = 0
    ) -> None:
        """Rows of text cells, each kept on one page; the header is repeated on every page.

        widths: of the columns, as shares of one another. right: how many columns at the end are set to the right.
        """
        columns = [width * self.epw / sum(widths) for width in widths]
        aligned = ["L"] * (len(columns) - right) + ["R"] * right

        def write(cells: Sequence[str], bold: bool) -> None:
            cells = [self.shown(cell) for cell in cells]
            self.set_font(FAMILY, "B" if bold else "", FIGURES_PT if right else TEXT_PT - 0.5)
            height = max(self._height(cell, width) for cell, width in zip(cells, columns, strict=True)) + 1.2
            if self.will_page_break(height):
                self.add_page()
                if header and not bold:
                    write(header, True)
                    self.set_font(FAMILY, "", FIGURES_PT if right else TEXT_PT - 0.5)
            top = self.y
            with self._tagged("/P"):
                for cell, width, align in zip(cells, columns, aligned, strict=True):
                    left = self.x
                    self._write(cell or " ", width, align)
                    self.set_xy(left + width, top)
            self.set_xy(self.l_margin, top + height - 0.6)
            with self._decoration():
                self.set_draw_color(*RULE)
                self.set_line_width(0.15)
                self.line(self.l_margin, self.y, self.l_margin + self.epw, self.y)
            self.y += 0.6

        if header:
            write(header, True)
        for row in rows:
            write(row, False)
        self.ln(2)

    def picture(self, png: bytes, description: str, section: str) -> None:
        """A picture across the page, with its description for those who can't see it and, small, below it.

        section: its name in the outline; pictures have their titles inside.
        """
        with Image.open(BytesIO(png)) as image:
            opaque = image.convert("RGB")
        width = self.epw
        height = width * opaque.height / opaque.width
        if height > TALLEST_PICTURE_MM:
            width, height = width * TALLEST_PICTURE_MM / height, TALLEST_PICTURE_MM
        self.set_font(FAMILY, "", SMALL_PT)
        if self.will_page_break(height + self._height(self.shown(description), self.epw) + 2):
            self.add_page()
        self.start_section(self.shown(section), 1)
        self.image(opaque, w=width, h=height, alt_text=one_line(description)[:LONGEST_TEXT])
        self.ln(0.5)
        self.paragraph(description, small=True)

    def shown(self, text: object) -> str:
        """The text as it can be printed: on one line, not too long, characters that the font lacks as LACKING."""
        # Marks that only change how the character before them looks would leave holes.
        line = one_line("".join(c for c in str(text) if not unicodedata.category(c).startswith("C") or c.isspace()))
        line = line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…"
        known = self.fonts[FAMILY].cmap
        self.lacking.update(character for character in line if ord(character) not in known)
        return "".join(character if ord(character) in known else LACKING for character in line)

    def whole(self) -> bytes:
        """The finished document."""
        return bytes(self.output())

    # --- how it is said

    def footer(self) -> None:
        """The foot of a page: fpdf2 calls this."""
        self.set_y(-13)
        self.set_font(FAMILY, "", 7)
        self.set_text_color(*GREY)
        with self._decoration():
            self.cell(self.epw - 25, 4, self._fitting(self.foot, self.epw - 27), new_x=XPos.RIGHT, new_y=YPos.TOP)
            self.cell(25, 4, f"Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*INK)

    def _fitting(self, text: str, width_mm: float) -> str:
        while text and self.get_string_width(text) > width_mm:
            text = text[: -max(2, len(text) // 8)].rstrip("… ") + "…"
        return text

    def _height(self, text: str, width_mm: float) -> float:
        """How tall the text would be, in the font that is set."""
        line = self.font_size * LINE
        return self.multi_cell(width_mm, line, text, align="L", dry_run=True, output="HEIGHT")

    def _write(self, text: str, width_mm: float, align: str = "L") -> None:
        self.multi_cell(width_mm, self.font_size * LINE, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    @contextmanager
    def _tagged(self, kind: str) -> Iterator[None]:
        """What is written meanwhile, on one page, belongs to a tag of that kind."""
        # fpdf2 makes figures of it all; a document that is tagged in parts only would be read in parts only.
        with self._marked_sequence() as element:
            element.s = kind
            yield

    @contextmanager
    def _decoration(self) -> Iterator[None]:
        """What is drawn meanwhile says nothing: a screen reader passes over it."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")
