"""Plain text: headings by how they stand, lists, aligned or piped tables, and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from knowledge.documents.document import Block, Document, Unreadable, table
from knowledge.documents.encoding import decoded
from knowledge.documents.formats import Progress
from knowledge.documents.page_layout import BULLET

FORMAT = "text"
SUFFIXES = (".txt", ".text")
TYPES = ("text/plain",)
LARGEST = 1_000_000
_UNDERLINE = re.compile(r"^\s*([=\-~*_#])\1{2,}\s*$")
_CELLS = re.compile(r"\t+|\s{2,}|\s*\|\s*")
_LONGEST_HEADING = 70
_FEWEST_ROWS = 3
_MARK = re.compile(r"^\s*(?:#{1,6}\s+|\d{1,2}[.)]\s+(?=[A-Z]))")


def read(path: Path, progress: Progress) -> Document:
    """The whole text. Raises Unreadable when it is none, or empty."""
    progress(0, 0)
    text = decoded(path.read_bytes())
    pages = text.split("\f")
    blocks: list[Block] = []
    for number, page in enumerate(pages, start=1):
        for group in re.split(r"\n[ \t]*\n", page):
            blocks += _group([line.rstrip() for line in group.split("\n") if line.strip()], number if len(pages) > 1 else 0)
    if not blocks:
        raise Unreadable("the file holds no text")
    return Document(tuple(blocks), len(pages) if len(pages) > 1 else 0)


def _group(lines: list[str], page: int) -> Iterator[Block]:
    """Lines with no blank line between them."""
    lines = [line for line in lines if line.strip()]
    if len(lines) > 2 and _UNDERLINE.match(lines[1]) and _is_heading(lines[0].strip(), lines[1], alone=False):
        yield from _lines(lines[:2], page)
        yield from _group(lines[2:], page)
        return
    rows = [_CELLS.split(line.strip().strip("|")) for line in lines if not _UNDERLINE.match(line) and not re.fullmatch(r"[\s|:+-]+", line)]
    width = len(rows[0]) if rows else 0
    if len(rows) >= _FEWEST_ROWS and width >= 2 and all(len(row) == width for row in rows) and not any(BULLET.match(line.strip()) for line in lines):
        made = table(rows, page)
        if made is not None:
            yield made
        return
    yield from _lines(lines, page)


def _lines(lines: list[str], page: int) -> Iterator[Block]:
    held: list[str] = []
    item = False

    def closed() -> Iterator[Block]:
        if held:
            yield Block("item" if item else "text", " ".join(" ".join(held).split()), page)

    for place, line in enumerate(lines):
        bare, following = line.strip(), lines[place + 1] if place + 1 < len(lines) else None
        if _UNDERLINE.match(line):
            continue
        if not held and _is_heading(bare, following, alone=len(lines) == 1):
            yield Block("heading", _MARK.sub("", bare).rstrip(":"), page, level=1 if bare.isupper() else 3)
        elif marked := BULLET.match(bare):
            yield from closed()
            held, item = [bare[marked.end() :]], True
        elif held and not item and _parts(held, line):
            yield from closed()
            held, item = [bare], False
        else:
            held.append(bare)
    yield from closed()


def _parts(held: list[str], line: str) -> bool:
    """Whether a line of a list of entries begins the next one."""
    ended = bool(re.search(r"[.!?]$", held[-1])) and not line.startswith((" ", "\t"))
    return _new_entry(line.strip()) or (_new_entry(held[0]) and ended)


def _new_entry(line: str) -> bool:
    """ "Parking: ...", "Q: ..." or "A. ..."; each stands for itself."""
    return bool(re.match(r"(?:[QA][.:)]|[A-Z][\w /&'-]{1,40}:)\s", line))


def _is_heading(line: str, following: str | None, *, alone: bool) -> bool:
    if len(line) > _LONGEST_HEADING or (BULLET.match(line) and not _MARK.match(line)):
        return False
    if (following is not None and _UNDERLINE.match(following)) or line.startswith("#"):
        return True
    if line.isupper() and len(line) > 3:
        return True
    ends = line[-1]
    if ends in "?:" and following is not None and ends == ":":
        return len(line.split()) <= 8
    return alone and ends not in ".!,;:?" and not re.search(r"\d{3}|@", line) and len(line.split()) <= 8
