"""`openings.csv`: free appointments as a scheduler exports them, whatever it calls its columns and however it writes dates."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from dateutil import parser

from knowledge.articles import KnowledgeError
from knowledge.availability import Opening
from knowledge.documents.document import Unreadable
from knowledge.documents.encoding import decoded
from knowledge.drafting.cells import columns, meaning

_DELIMITERS = ",;\t|"
_GUESSES = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001 - fills what a text leaves out, to see whether it does


@dataclass(frozen=True, slots=True)
class Listed:
    """What the file says."""

    openings: tuple[Opening, ...]
    as_of: date | None
    """When it was exported, where a column tells."""


def load_openings(path: Path) -> Listed:
    """Read the file: a date and a time, in one column or two, and where there are such columns location, specialty, status, and when it was exported.

    Rows whose status says that they are taken are left out. Raises KnowledgeError naming the line that cannot be read.
    """
    try:
        lines = decoded(path.read_bytes()).split("\n")
    except Unreadable as error:
        raise KnowledgeError(path, 1, error.why) from error
    reader = csv.reader(lines, delimiter=max(_DELIMITERS, key=lines[0].count))
    by = columns(next(reader, []), "opening_columns")
    if "date" not in by:
        raise KnowledgeError(path, 1, "the header must name a date (and a time, a location, a specialty): date,time,location,specialty")
    openings, exported = [], []
    for row in reader:
        cells = {name: row[place].strip() for name, place in by.items() if place < len(row)}
        if not any(cells.values()):
            continue
        moment = _moment(cells, path, reader.line_num)
        if cells.get("as_of"):
            exported.append(_parsed(cells["as_of"], path, reader.line_num).date())
        if meaning(cells.get("status", ""), "opening_taken") is None:
            openings.append(Opening(moment.date(), _clock(cells, moment), cells.get("location", ""), cells.get("specialty", "")))
    return Listed(tuple(openings), max(exported, default=None))


def _moment(cells: Mapping[str, str], path: Path, line: int) -> datetime:
    return _parsed(f"{cells.get('date', '')} {cells.get('time', '')}".strip(), path, line)


def _clock(cells: Mapping[str, str], moment: datetime) -> str:
    told = bool(cells.get("time")) or bool(re.search(r"\d:\d|\d\s*[ap]\.?m", cells["date"], re.IGNORECASE))
    return f"{moment:%H:%M}" if told else ""


def _parsed(text: str, path: Path, line: int) -> datetime:
    """A moment with its day told in full: what is left out must not be guessed. Month before day, as in the US, where both could be."""
    try:
        one, other = (parser.parse(text, default=guess) for guess in _GUESSES)
    except (ValueError, OverflowError) as error:
        raise KnowledgeError(path, line, f'"{text}" is no date and time; write 2026-11-24 and 14:30') from error
    if one.date() != other.date() or abs(one.replace(tzinfo=None) - other.replace(tzinfo=None)) > timedelta(0):
        raise KnowledgeError(path, line, f'"{text}" leaves out the day, the month or the year; write 2026-11-24')
    return one
