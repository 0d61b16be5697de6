"""Markdown: headings, bold questions, lists, tables; never the HTML in it."""

from __future__ import annotations

from pathlib import Path

from knowledge.importers import markdown


def test_bold_beginnings_lists_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\nupdated: 2026-02-01\n---\n# FAQ\n\n**Can I bring my dog?** Only service dogs.\n\n- Free parking\n- <script>alert(1)</script>Lift\n\n"
        "| What | Where |\n|---|---|\n| Fax | 614-555-0199 |\n"
    )
    document = markdown.read(path, lambda page, of: None)
    heading, asked, first, second, grid = document.blocks
    assert document.furniture == ("updated: 2026-02-01",)
    assert (heading.kind, heading.text) == ("heading", "FAQ")
    assert (asked.lead, asked.text) == ("Can I bring my dog?", "Only service dogs.")
    assert (first.kind, second.kind) == ("item", "item")
    assert grid.rows == (("What", "Where"), ("Fax", "614-555-0199"))
