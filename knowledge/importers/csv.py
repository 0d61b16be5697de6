"""Spreadsheets saved as CSV: payer lists, and questions with their answers."""

from __future__ import annotations

import csv
from pathlib import Path

from knowledge.documents.document import Document, Unreadable, table
from knowledge.documents.encoding import decoded
from knowledge.documents.formats import Progress

FORMAT = "csv"
SUFFIXES = (".csv", ".tsv")
TYPES = ("text/csv", "text/tab-separated-values", "application/csv")
LARGEST = 4_000_000
_MOST_ROWS = 20_000
_DELIMITERS = ",;\t|"


def read(path: Path, progress: Progress) -> Document:
    """One table. Raises Unreadable when it is none."""
    progress(0, 0)
    text = decoded(path.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row, _ in zip(csv.reader(text.split("\n"), delimiter=delimiter), range(_MOST_ROWS + 1), strict=False)]
    except csv.Error as error:
        raise Unreadable("the file is no table of comma-separated values; save it again from the spreadsheet") from error
    if len(rows) > _MOST_ROWS:
        raise Unreadable(f"the table has more than {_MOST_ROWS} rows")
    made = table(rows)
    if made is None or len(made.rows) < 2 or len(made.rows[0]) < 2:
        raise Unreadable("the file holds no table: a first row that names the columns, and a row for each entry, are needed")
    return Document((made,))
