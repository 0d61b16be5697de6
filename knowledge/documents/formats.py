"""Which importer reads a file: found in `knowledge/importers` by its constants, chosen by what the file holds and then by its name.

An importer is a module with FORMAT (the module's own name), SUFFIXES, TYPES (media types of a download), LARGEST (bytes) and
`read(path, progress) -> Document`. A module there without them stops the start.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from knowledge import importers
from knowledge.documents.document import Document, Unreadable

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the page begun and how many there are; 0 of 0 where there are no pages."""

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM", b"RIFF")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Importer:
    """One file format."""

    format: str
    suffixes: tuple[str, ...]
    types: tuple[str, ...]
    largest: int
    """Bytes."""
    read: Callable[[Path, Progress], Document]


@cache
def every() -> Mapping[str, Importer]:
    """All importers by format. Raises AttributeError for a module that lacks a constant."""
    return {found.name: _importer(found.name) for found in pkgutil.iter_modules(importers.__path__)}


@cache
def _importer(name: str) -> Importer:
    module = importlib.import_module(f"{importers.__name__}.{name}")
    return Importer(module.FORMAT, module.SUFFIXES, module.TYPES, module.LARGEST, module.read)


def suffixes() -> tuple[str, ...]:
    """Endings of files that can be brought in."""
    return tuple(sorted(suffix for importer in every().values() for suffix in importer.suffixes))


def suffix_for(media_type: str) -> str | None:
    """The usual ending of a download of this type; None for a type nobody reads."""
    return next((importer.suffixes[0] for importer in every().values() if media_type in importer.types), None)


def choose(path: Path) -> Importer:
    """The importer of a file. Raises Unreadable, in words, for what none reads, and for a file that is too large."""
    if not path.is_file():
        raise Unreadable("there is no such file")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Unreadable(f"the file cannot be opened ({error.strerror})") from error
    if not size:
        raise Unreadable("the file is empty")
    told = _told_by(head, path)
    # Only the one reader is imported where the bytes say which: the others' libraries cost half a second of a hostile file's two.
    found = _importer(told) if told else next((one for one in every().values() if path.suffix.lower() in one.suffixes), None)
    if found is None:
        raise Unreadable(f"no reader for {path.suffix or 'a file without an ending'}; bring one of {', '.join(suffixes())}")
    if size > found.largest:
        raise Unreadable(f"the file has {size / 1e6:.0f} MB and the most is {found.largest / 1e6:.0f} MB; split it, or leave out its pictures")
    return found


def _told_by(head: bytes, path: Path) -> str | None:
    """What the bytes say; a name proves nothing."""
    if head.startswith(_PICTURES):
        raise Unreadable("the file is a picture; bring the document it was made from, or one with text that can be selected")
    if head.startswith(_OLD_OFFICE):
        raise Unreadable("the file is of an old Office format; save it as .docx or .csv and bring that")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK"):
        return "docx"
    if path.suffix.lower() in (".pdf", ".docx"):
        raise Unreadable(f"the file is called {path.suffix.lower()} but is none; save it again from the program it comes from")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file holds no text")
    return None
