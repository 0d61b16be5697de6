"""Word documents: headings by style or weight, lists, tables, and the dates in headers and footers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from knowledge.documents.document import Block, Document, Unreadable, table
from knowledge.documents.formats import Progress

FORMAT = "docx"
SUFFIXES = (".docx",)
TYPES = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)
LARGEST = 20_000_000
_MOST_UNPACKED = 60_000_000
_MOST_FILES = 2000
_MOST_SQUEEZED = 150
"""How many times larger a file of a document may become; text shrinks to a tenth, rarely to a fiftieth."""
_WORTH_LOOKING = 1_000_000
_LARGEST_TEXT = 8_000_000
"""Bytes of the document itself, about a thousand pages."""
_MACROS = "word/vbaProject.bin"
_MAIN = "word/document.xml"
_HEADING_STYLE = re.compile(r"(?:heading|título|encabezado)\s*(\d)|(title|subtitle)", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list|bullet", re.IGNORECASE)
_LONGEST_HEADING = 90
_BESIDE = 8
"""Level of words beside a table that stands in a cell: under every heading of the text."""
_MOST_NESTED = 4
_NUMBER = re.compile(r"^\(?\d{1,2}[.)]\s+(?=\S)")
"""Typed by hand before an item or a heading."""


def read(path: Path, progress: Progress) -> Document:
    """The whole text. Raises Unreadable for a file that is cut short, a bomb, one with macros, or one without words."""
    _unpacks(path)
    progress(0, 0)
    try:
        word = docx.Document(str(path))
        blocks = tuple(_blocks(word))
        furniture = tuple(dict.fromkeys(_furniture(word)))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
        raise Unreadable("the Word file is damaged or cut short; save it again and bring that") from error
    if not blocks:
        raise Unreadable("the Word file holds no text; pictures cannot be read")
    return Document(blocks, furniture=furniture)


def _unpacks(path: Path) -> None:
    """Look at the table of contents before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            files = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable("the Word file is damaged or cut short; save it again and bring that") from error
    names = {file.filename for file in files}
    squeezed = [file for file in files if file.file_size > _WORTH_LOOKING and file.file_size > _MOST_SQUEEZED * max(1, file.compress_size)]
    if len(files) > _MOST_FILES or squeezed or sum(file.file_size for file in files) > _MOST_UNPACKED:
        raise Unreadable("the file unpacks to far more than it should (a zip bomb, or very large pictures); it was not opened")
    if any(file.flag_bits & 1 for file in files):
        raise Unreadable("the file asks for a password; save a copy without one")
    if _MAIN not in names:
        raise Unreadable("the file is a zip archive and no Word document; unpack it and bring what is in it")
    if _MACROS in names:
        raise Unreadable("the Word file holds macros; save it as .docx without them")
    if any(file.filename == _MAIN and file.file_size > _LARGEST_TEXT for file in files):
        raise Unreadable("the document is longer than a thousand pages; bring the part that answers callers")


def _blocks(word: WordDocument) -> Iterator[Block]:
    for piece in word.iter_inner_content():
        if isinstance(piece, Table):
            yield from _table(piece)
        elif (block := _paragraph(piece)) is not None:
            yield block


def _table(piece: Table, depth: int = 0) -> Iterator[Block]:
    if depth < _MOST_NESTED and any(cell.tables for row in piece.rows for cell in row.cells):
        yield from _nested(piece, depth)
        return
    rows = [_cells(row.cells) for row in piece.rows]
    if rows and all(len(set(row)) == 1 for row in rows):
        # A frame around text, not a table.
        yield from (Block("text", cell) for row in rows for cell in row[:1] if cell)
        return
    made = table(rows)
    if made is not None:
        yield made


def _nested(piece: Table, depth: int) -> Iterator[Block]:
    """Tables in the cells of a table, which only places them: each under the words that stand beside it."""
    for row in piece.rows:
        cells = list({id(cell._tc): cell for cell in row.cells}.values())
        beside = " ".join(text for cell in cells if not cell.tables and (text := " ".join(cell.text.split())))
        named = 0 < len(beside) <= _LONGEST_HEADING
        if named:
            yield Block("heading", beside, level=_BESIDE + depth)
        elif beside:
            yield Block("text", beside)
        for cell in cells:
            if not cell.tables:
                continue
            for inner in cell.iter_inner_content():
                if isinstance(inner, Table):
                    yield from _table(inner, depth + 1)
                elif (block := _paragraph(inner)) is not None:
                    yield block
        if named:
            yield Block("heading", "", level=_BESIDE + depth)


def _cells(cells: Sequence[_Cell]) -> list[str]:
    """The text of a row; a cell merged over several places is given for each, as Word has it."""
    return [" ".join(cell.text.split()) for cell in cells]


def _paragraph(piece: Paragraph) -> Block | None:
    text = " ".join(piece.text.split())
    if not text:
        return None
    style = (piece.style.name or "") if piece.style is not None else ""
    named = _HEADING_STYLE.search(style)
    if named:
        return Block("heading", _NUMBER.sub("", text), level=int(named[1]) + 1 if named[1] else 1)
    runs = [run for run in piece.runs if run.text.strip()]
    if runs and all(run.bold for run in runs) and len(text) <= _LONGEST_HEADING and text[-1] not in ".;,":
        return Block("heading", _NUMBER.sub("", text), level=7)
    numbered = (piece._p.pPr is not None and piece._p.pPr.numPr is not None) or bool(_NUMBER.match(text))
    listed = bool(_LIST_STYLE.search(style)) or numbered
    lead = " ".join("".join(run.text for run in _bold_first(piece)).split())
    if lead and text.startswith(lead) and lead != text:
        return Block("item" if listed else "text", text[len(lead) :].strip(), lead=_NUMBER.sub("", lead))
    return Block("item" if listed else "text", _NUMBER.sub("", text))


def _bold_first(piece: Paragraph) -> list[Run]:
    """The runs before the first that is not bold."""
    runs: list[Run] = []
    for run in piece.runs:
        if run.text.strip() and not run.bold:
            break
        runs.append(run)
    return runs


def _furniture(word: WordDocument) -> Iterator[str]:
    for section in word.sections:
        for part in (section.header, section.footer):
            yield from (" ".join(paragraph.text.split()) for paragraph in part.paragraphs if paragraph.text.strip())
