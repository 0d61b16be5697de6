"""Word files: styles are structure."""

from __future__ import annotations

from pathlib import Path

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
