"""PDF: ruled and unruled tables, columns, headings by size and weight, running headers left out."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber.page import Page
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.documents.document import Block, Document, Skipped, Unreadable, table
from knowledge.documents.formats import Progress
from knowledge.documents.page_layout import Line, Span, blocks, lines_of, reading_order

FORMAT = "pdf"
SUFFIXES = (".pdf",)
TYPES = ("application/pdf",)
LARGEST = 20_000_000
MOST_PAGES = 200
_MOST_CHARACTERS = 60_000
"""On one page: a dense one has six thousand."""
_MOST_LINES = 4000
"""Drawn lines and boxes on one page, beyond which no table is looked for."""
_EDGE = 0.09
"""Share of the page's height in which running headers and footers stand."""
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_COUNT = re.compile(rb"/Type\s*/Pages\b[^>]{0,2000}?/Count\s+(\d{1,9})")
_DIGITS = re.compile(r"\d+")


def read(path: Path, progress: Progress) -> Document:
    """Every page in order. Raises Unreadable for a file with a password, too many pages, no text at all, or damage that leaves nothing."""
    _short_enough(path.read_bytes())
    try:
        with pdfplumber.open(path, unicode_norm="NFKC") as pdf:
            return _pages(pdf, progress)
    except PdfminerException as error:
        if error.args and "Password" in type(error.args[0]).__name__:
            raise Unreadable("the PDF asks for a password; save a copy without one") from error
        raise Unreadable("the PDF is damaged; save it again from the program it comes from") from error


def _short_enough(raw: bytes) -> None:
    """Pages as the bytes have them, before anything is parsed: opening ten thousand takes longer than refusing them."""
    claimed = max((int(count) for count in _COUNT.findall(raw)), default=0)
    _refuse(max(claimed, sum(1 for _ in itertools.islice(_PAGE.finditer(raw), MOST_PAGES * 100))))


def _refuse(count: int) -> None:
    if count > MOST_PAGES:
        raise Unreadable(f"the PDF has {count} pages and the most is {MOST_PAGES}; bring the pages that answer callers")


def _pages(pdf: PDF, progress: Progress) -> Document:
    pages = pdf.pages
    _refuse(len(pages))
    found: list[tuple[int, list[Line | Block]]] = []
    skipped: list[Skipped] = []
    heights: dict[int, float] = {}
    for number, page in enumerate(pages, start=1):
        progress(number, len(pages))
        heights[number] = float(page.height)
        try:
            content = _content(page, number)
        except Unreadable as error:
            skipped.append(Skipped(number, error.why))
            continue
        finally:
            page.close()
        if not content:
            skipped.append(Skipped(number, "no text on this page: a scan or a picture; bring one with text that can be selected"))
        found.append((number, content))
    if not any(content for _, content in found):
        raise Unreadable(skipped[0].what if skipped else "the PDF has no pages", skipped[0].page if skipped else 0)
    running = _running(found, heights)
    body = [(number, [line for line in content if not _is_running(line, running, heights[number])]) for number, content in found]
    return Document(tuple(_continued(blocks(body))), len(pages), tuple(sorted(running.values())), tuple(skipped))


def _content(page: Page, number: int) -> list[Line | Block]:
    """Lines and ruled tables of one page in reading order."""
    if len(page.chars) > _MOST_CHARACTERS:
        raise Unreadable("far more text than fits on a page")
    tables = []
    if len(page.lines) + len(page.rects) + len(page.curves) <= _MOST_LINES:
        tables = [found for found in page.find_tables() if len(found.rows) >= 1 and max(len(row.cells) for row in found.rows) >= 2]
    ruled = [(found.bbox, table(found.extract(), number)) for found in tables]
    areas = [(bbox, block) for bbox, block in ruled if block is not None and len(block.rows[0]) >= 2]
    words = page.extract_words(extra_attrs=["fontname", "size"], use_text_flow=False, keep_blank_chars=False)
    outside = [word for word in words if not any(_inside(word, bbox) for bbox, _ in areas)]
    lines = lines_of([_span(word) for word in outside], number)
    return reading_order(lines, [(bbox[1], block) for bbox, block in areas])


def _span(word: dict[str, Any]) -> Span:
    bold = any(mark in word["fontname"].lower() for mark in ("bold", "black", "heavy", "semibold", "demi"))
    return Span(word["text"], float(word["x0"]), float(word["x1"]), float(word["top"]), float(word["bottom"]), float(word["size"]), bold)


def _inside(word: dict[str, Any], bbox: tuple[float, float, float, float]) -> bool:
    across, down = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(bbox[0] <= across <= bbox[2] and bbox[1] <= down <= bbox[3])


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text)


def _at_edge(line: Line, height: float) -> bool:
    return line.top < height * _EDGE or line.bottom > height * (1 - _EDGE)


def _running(found: Sequence[tuple[int, Sequence[Line | Block]]], heights: dict[int, float]) -> dict[str, str]:
    """Lines at the edge of more than one page, page numbers aside; of a single page, only those that are but a page number."""
    edges = [line for number, content in found for line in content if isinstance(line, Line) and _at_edge(line, heights[number])]
    counts = Counter(_key(line) for line in edges)
    return {_key(line): line.text for line in edges if counts[_key(line)] > 1 or re.fullmatch(r"(?i)(page )?#( ?(of|/) ?#)?", _key(line))}


def _is_running(line: Line | Block, running: dict[str, str], height: float) -> bool:
    return isinstance(line, Line) and _at_edge(line, height) and _key(line) in running


def _continued(found: Sequence[Block]) -> list[Block]:
    """A table that goes on at the top of the next page is one table; its header, printed again, is not a row."""
    out: list[Block] = []
    for block in found:
        last = out[-1] if out else None
        if last and last.kind == block.kind == "table" and block.page > last.page and len(block.rows[0]) == len(last.rows[0]):
            rows = block.rows[1:] if block.rows[0] == last.rows[0] else block.rows
            out[-1] = Block("table", page=last.page, rows=last.rows + rows)
        else:
            out.append(block)
    return out
