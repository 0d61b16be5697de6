"""PDF: what a person sees as columns, tables, headings and running lines."""

from __future__ import annotations

from pathlib import Path

from knowledge.documents.document import Block
from knowledge.importers import pdf
from tests.fakes.papers import Run
from tests.fakes.papers import pdf as a_pdf


def _read(path: Path) -> tuple[Block, ...]:
    return pdf.read(path, lambda page, of: None).blocks


def test_headings_stand_out_and_paragraphs_are_joined(tmp_path: Path) -> None:
    runs: list[Run] = [
        (72, 60, "Visiting us", 18, True),
        (72, 100, "1. Parking", 13, True),
        (72, 120, "Park behind the building. The first two hours", 10, False),
        (72, 133, "are free for patients.", 10, False),
        (72, 160, "- Bicycles may stand in the hall", 10, False),
    ]
    blocks = _read(a_pdf(tmp_path / "a.pdf", [runs]))
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "Visiting us"),
        ("heading", "Parking"),
        ("text", "Park behind the building. The first two hours are free for patients."),
        ("item", "Bicycles may stand in the hall"),
    ]
    assert blocks[0].level < blocks[1].level


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = ["The clinic opens at eight in the", "morning on weekdays, and at nine", "on the second Saturday of a month."]
    right = ["Please bring a photo ID and the", "insurance card, and come ten minutes", "before the time you were given."]
    runs: list[Run] = [
        (x, 100 + 14 * row, text, 10, False)
        for row, pair in enumerate(zip(left, right, strict=True))
        for x, text in zip((60, 320), pair, strict=True)
    ]
    assert [block.text for block in _read(a_pdf(tmp_path / "two.pdf", [runs]))] == [" ".join(left), " ".join(right)]


def test_aligned_cells_without_lines_are_a_table(tmp_path: Path) -> None:
    rows = [
        ("Plan", "Type", "Status"),
        ("Northwind Health", "PPO", "In network"),
        ("Northwind Health", "HMO", "Verify"),
        ("Bluefin", "EPO", "Not accepted"),
    ]
    runs: list[Run] = [
        (x, 100 + 16 * place, cell, 10, place == 0) for place, row in enumerate(rows) for x, cell in zip((60, 260, 360), row, strict=True)
    ]
    (block,) = _read(a_pdf(tmp_path / "plain.pdf", [runs]))
    assert block.rows == tuple(rows)


def test_a_ruled_table_goes_on_over_the_page_and_its_header_is_no_row(tmp_path: Path) -> None:
    def page(rows: list[tuple[str, str]], top: float) -> tuple[list[Run], list[tuple[float, float, float, float]]]:
        said: list[Run] = []
        boxes = []
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                boxes.append((60.0 + 200 * column, top + 20 * place, 200.0, 20.0))
                said.append((64.0 + 200 * column, top + 14 + 20 * place, cell, 10, False))
        return said, boxes

    head = ("Plan", "Status")
    first, first_boxes = page([head, ("Northwind", "In network")], 600)
    second, second_boxes = page([head, ("Bluefin", "Verify")], 80)
    (block,) = _read(a_pdf(tmp_path / "ruled.pdf", [first, second], [first_boxes, second_boxes]))
    assert block.rows == (head, ("Northwind", "In network"), ("Bluefin", "Verify"))


def test_running_lines_are_no_text_but_are_kept_for_their_dates(tmp_path: Path) -> None:
    pages: list[list[Run]] = [
        [(72, 30, "Guide, rev. 03/2026", 8, False), (72, 200, f"Fact number {name}.", 10, False), (72, 820, f"Page {page} of 2", 8, False)]
        for page, name in ((1, "one"), (2, "two"))
    ]
    document = pdf.read(a_pdf(tmp_path / "run.pdf", pages), lambda page, of: None)
    assert [block.text for block in document.blocks] == ["Fact number one.", "Fact number two."]
    assert "Guide, rev. 03/2026" in document.furniture
