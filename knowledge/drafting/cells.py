"""Names of columns and words of cells, as people write them in tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from knowledge.reading import lexicon
from nlu.message import fold

_SIGNS = re.compile(r"[^\w✓✔☑✗✘?—–]+|_")
_LONGEST_HEADER = 48


def plain(text: str) -> str:
    """Lower case, without accents, signs read as spaces."""
    return " ".join(_SIGNS.sub(" ", fold(text).lower()).split())


@cache
def words(table: str) -> Mapping[str, Any]:
    """One table of `lexicon/documents.toml`."""
    found: Mapping[str, Any] = lexicon("documents")[table]
    return found


@cache
def _names(table: str) -> Mapping[str, tuple[str, ...]]:
    return {field: tuple(plain(name) for name in names) for field, names in words(table).items()}


def columns(header: Sequence[str], table: str, hints: str = "") -> dict[str, int]:
    """Which column holds which field of `table`; the better name wins, and each column has one meaning.

    `hints`: a table of words that tell a column whose whole name nobody thought of ("PCP Referral Req'd"), for the fields still missing.
    """
    heads = [_header(cell) for cell in header]
    ranked = sorted((names.index(head), place, field) for field, names in _names(table).items() for place, head in enumerate(heads) if head in names)
    found: dict[str, int] = {}
    for _, place, field in ranked:
        if field not in found and place not in found.values():
            found[field] = place
    for field, telling in _names(hints).items() if hints else ():
        free = (place for place, head in enumerate(heads) if place not in found.values() and not set(head.split()) & set(_names(hints)["never"]))
        at = next((place for place in free if set(heads[place].split()) & set(telling)), None)
        if field not in found and at is not None and field != "never":
            found[field] = at
    return found


def exactly(cell: str, table: str) -> bool:
    """Whether a cell is one of the words of `table`, with nothing added."""
    return (plain(cell) or cell.strip()) in {name for said in _names(table).values() for name in said}


def _header(cell: str) -> str:
    """ "Prior auth?" and "Referral (Y/N)" without what is added."""
    return plain(re.sub(r"\(.*?\)|[*?]+", " ", cell))[:_LONGEST_HEADER]


def meaning(cell: str, table: str) -> str | None:
    """Which value of `table` a cell says; None when none. The whole cell first, then its first words."""
    text = plain(cell) or cell.strip()
    names = {name: value for value, said in _names(table).items() for name in said}
    if text in names:
        return names[text]
    begun = [name for name in names if name and len(name) > 1 and text.startswith(f"{name} ")]
    if begun:
        return names[max(begun, key=len)]
    inside = [name for name in names if len(name) > 5 and f" {name} " in f" {text} "]
    return names[max(inside, key=len)] if inside else None


def slug(text: str, most: int = 48) -> str:
    """For ids: lower-case words joined by hyphens, cut at a word."""
    out = ""
    for word in re.findall(r"[a-z0-9]+", fold(text).lower()):
        if len(out) + len(word) >= most:
            break
        out = f"{out}-{word}" if out else word
    return out or "entry"
