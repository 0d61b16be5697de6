"""Web pages: what a visitor reads, and nothing a program wrote for the browser."""

from __future__ import annotations

from pathlib import Path

from knowledge.documents.document import Block
from knowledge.importers import html


def _read(path: Path, text: str) -> tuple[Block, ...]:
    path.write_text(text, encoding="utf-8")
    return html.read(path, lambda page, of: None).blocks


def test_navigation_scripts_banners_and_hidden_parts_are_left_out(tmp_path: Path) -> None:
    """A52: what is imported is text; nothing of a script or handler remains."""
    blocks = _read(
        tmp_path / "a.html",
        "<body><div class='cookie-banner'>We use cookies</div><header><nav><a>Home</a></nav></header><script>alert(1)</script>"
        "<p style='display:none'>secret</p><img src=x onerror=alert(1)><p>Parking is <b>free</b>.</p><footer>(c) us</footer></body>",
    )
    assert [block.text for block in blocks] == ["Parking is free."]


def test_questions_that_unfold_and_definition_lists_are_headings_with_their_text(tmp_path: Path) -> None:
    blocks = _read(
        tmp_path / "b.html",
        "<main><h2>Care</h2><details><summary>Cupping</summary><p>Yes, at Oak Street.</p></details><p>We are closed on Sunday.</p>"
        "<dl><dt>Pets</dt><dd>Only service dogs.</dd></dl></main>",
    )
    assert [(block.kind, block.text, block.level) for block in blocks if block.text] == [
        ("heading", "Care", 2),
        ("heading", "Cupping", 7),
        ("text", "Yes, at Oak Street.", 0),
        ("text", "We are closed on Sunday.", 0),
        ("heading", "Pets", 7),
        ("text", "Only service dogs.", 0),
    ]
    assert [block.level for block in blocks if block.kind == "heading" and not block.text] == [7, 7]


def test_tables_keep_their_cells_and_layout_tables_are_text(tmp_path: Path) -> None:
    blocks = _read(
        tmp_path / "c.html",
        "<table><tr><td><p>Hello there.</p></td></tr></table><table><tr><th>Day</th><th>Hours</th></tr><tr><td>Mon</td><td>8 to 5</td></tr></table>",
    )
    assert blocks[0].text == "Hello there."
    assert blocks[1].rows == (("Day", "Hours"), ("Mon", "8 to 5"))


def test_answers_that_unfold_are_read_though_the_saved_page_hides_them(tmp_path: Path) -> None:
    blocks = _read(
        tmp_path / "d.html",
        "<body><div class='accordion'><div class='accordion-title'><a>Do you see children?</a></div>"
        "<div class='accordion-body' style='display: none'><p>From age eight.</p></div></div></body>",
    )
    assert [block.text for block in blocks] == ["Do you see children?", "From age eight."]


def test_a_column_ends_what_its_heading_is_about(tmp_path: Path) -> None:
    blocks = _read(tmp_path / "e.html", "<h2>Getting here</h2><div><div><h3>By bus</h3><p>Line 7.</p></div></div><p>Parking is free.</p>")
    assert [(block.kind, block.text, block.level) for block in blocks][3] == ("heading", "", 3)


def test_the_footer_is_not_read_but_its_date_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "f.html"
    path.write_text("<p>Parking is free.</p><div class='site-footer'>Last updated May 2, 2026</div>", encoding="utf-8")
    read = html.read(path, lambda page, of: None)
    assert [block.text for block in read.blocks] == ["Parking is free."]
    assert read.furniture == ("Last updated May 2, 2026",)
