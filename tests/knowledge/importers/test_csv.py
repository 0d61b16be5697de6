"""Spreadsheets saved as CSV, with whatever separator."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents.document import Unreadable
from knowledge.importers import csv


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_any_usual_separator(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'Insurance{sign}Accepted\n"North{sign}wind"{sign}yes\n')
    assert csv.read(path, lambda page, of: None).blocks[0].rows == (("Insurance", "Accepted"), (f"North{sign}wind".replace("\t", " "), "yes"))


def test_one_column_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("only\nwords\n")
    with pytest.raises(Unreadable, match="no table"):
        csv.read(path, lambda page, of: None)
