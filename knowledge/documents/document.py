"""A document as every importer hands it over: a run of blocks, whatever the file was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

BlockKind: TypeAlias = Literal["heading", "text", "item", "table"]
Rows: TypeAlias = tuple[tuple[str, ...], ...]


class Unreadable(Exception):
    """A document, or a page of it, that cannot be read; the message is for the person who brought it."""

    def __init__(self, why: str, page: int = 0) -> None:
        super().__init__(f"page {page}: {why}" if page else why)
        self.why = why
        self.page = page


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document, in reading order."""

    kind: BlockKind
    text: str = ""
    """Empty for a table."""
    page: int = 0
    """From 1; 0 where the format has no pages."""
    level: int = 0
    """Of a heading, 1 the highest."""
    lead: str = ""
    """Words in bold that the text begins with, cut from it."""
    rows: Rows = ()
    """Cells of a table; every row has as many."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the document nobody could read."""

    page: int
    what: str


@dataclass(frozen=True, slots=True)
class Document:
    """What was read."""

    blocks: tuple[Block, ...]
    pages: int = 0
    furniture: tuple[str, ...] = ()
    """Running headers, footers and the like: no answers, but they tell dates."""
    skipped: tuple[Skipped, ...] = ()


def table(rows: Sequence[Sequence[str | None]], page: int = 0) -> Block | None:
    """A table block of equally long rows without empty ones; None when nothing is left."""
    cleaned = [tuple(" ".join((cell or "").split()) for cell in row) for row in rows]
    filled = [row for row in cleaned if any(row)]
    if not filled:
        return None
    width = max(len(row) for row in filled)
    return Block("table", page=page, rows=tuple(row + ("",) * (width - len(row)) for row in filled))


def to_json(document: Document) -> str:
    """One line, for the pipe out of the process that parsed it."""
    return json.dumps(asdict(document), ensure_ascii=True)


def from_json(text: str) -> Document:
    """The way back. Raises ValueError, KeyError or TypeError for anything else."""
    row: Mapping[str, Any] = json.loads(text)
    blocks = tuple(Block(**{**block, "rows": tuple(tuple(cells) for cells in block["rows"])}) for block in row["blocks"])
    return Document(blocks, row["pages"], tuple(row["furniture"]), tuple(Skipped(**skipped) for skipped in row["skipped"]))
