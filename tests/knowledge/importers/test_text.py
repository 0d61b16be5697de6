"""Plain text has structure that people see: underlines, capitals, bullets, labels, aligned columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents.document import Block, Unreadable
from knowledge.importers import text


def _read(path: Path, words: str | bytes) -> tuple[Block, ...]:
    path.write_bytes(words.encode() if isinstance(words, str) else words)
    return text.read(path, lambda page, of: None).blocks


def test_headings_items_labels_and_paragraphs(tmp_path: Path) -> None:
    blocks = _read(
        tmp_path / "a.txt",
        "PARKING\n\nFree behind the house,\nfor two hours.\n\nPayment\n=======\n* Cash\n* Checks\n\nFax: 614-555-0199\nEmail: desk@elm.example\n",
    )
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "PARKING"),
        ("text", "Free behind the house, for two hours."),
        ("heading", "Payment"),
        ("item", "Cash"),
        ("item", "Checks"),
        ("text", "Fax: 614-555-0199"),
        ("text", "Email: desk@elm.example"),
    ]


def test_a_table_right_under_an_underlined_heading_is_one(tmp_path: Path) -> None:
    blocks = _read(tmp_path / "h.txt", "Hours\n=====\nMon    7 am - 6 pm\nTue    9 am - 7 pm\nSat    closed\n")
    assert [(block.kind, block.text) for block in blocks] == [("heading", "Hours"), ("table", "")]
    assert blocks[1].rows[0] == ("Mon", "7 am - 6 pm")


def test_aligned_columns_are_a_table(tmp_path: Path) -> None:
    (block,) = _read(tmp_path / "b.txt", "Plan      Type   Status\nNorthwind   PPO   In network\nBluefin   HMO   Verify\n")
    assert block.rows == (("Plan", "Type", "Status"), ("Northwind", "PPO", "In network"), ("Bluefin", "HMO", "Verify"))


def test_old_encodings_are_read_and_what_is_no_text_is_refused(tmp_path: Path) -> None:
    assert _read(tmp_path / "c.txt", "Café next door.".encode("cp1252"))[0].text == "Café next door."
    with pytest.raises(Unreadable, match="no text"):
        _read(tmp_path / "d.txt", b"a\x00b\x00" * 50)
