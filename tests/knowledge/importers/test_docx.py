"""Word files: styles are structure."""

from __future__ import annotations

from pathlib import Path

import docx as docx_writer

from knowledge.importers import docx
from tests.fakes import papers


def test_styles_lists_and_tables_are_read_in_order(tmp_path: Path) -> None:
    path = papers.word(
        tmp_path / "a.docx",
        [("Title", "Packet"), ("Heading 1", "Please bring"), ("List Bullet", "A photo ID"), ("Normal", "Thank you.")],
        [("You are late", "We may reschedule."), ("You are ill", "Stay home.")],
    )
    blocks = docx.read(path, lambda page, of: None).blocks
    assert [(block.kind, block.text) for block in blocks[:4]] == [
        ("heading", "Packet"),
        ("heading", "Please bring"),
        ("item", "A photo ID"),
        ("text", "Thank you."),
    ]
    assert blocks[4].rows == (("You are late", "We may reschedule."), ("You are ill", "Stay home."))


def test_tables_within_a_table_stand_under_the_words_beside_them(tmp_path: Path) -> None:
    made = docx_writer.Document()
    outer = made.add_table(rows=1, cols=2)
    outer.cell(0, 0).text = "Oak Street clinic"
    inner = outer.cell(0, 1).add_table(rows=2, cols=2)
    for place, text in enumerate(("Address", "12 Oak Street", "Phone", "503-555-0199")):
        inner.cell(place // 2, place % 2).text = text
    made.add_paragraph("1. Interpreters are free.")
    made.save(str(tmp_path / "b.docx"))
    blocks = docx.read(tmp_path / "b.docx", lambda page, of: None).blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "Oak Street clinic"), ("table", ""), ("heading", ""), ("item", "Interpreters are free."),
    ]  # fmt: skip
    assert blocks[1].rows == (("Address", "12 Oak Street"), ("Phone", "503-555-0199"))
