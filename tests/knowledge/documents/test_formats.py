"""What the bytes say counts, not the name; every importer has its constants."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents import formats
from knowledge.documents.document import Unreadable


def test_every_importer_is_called_what_its_file_is_called() -> None:
    assert {name: importer.format for name, importer in formats.every().items()} == {name: name for name in formats.every()}
    assert len(set(formats.suffixes())) == len(formats.suffixes())


def test_a_pdf_by_another_name_is_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"%PDF-1.7 ...")
    assert formats.choose(path).format == "pdf"


def test_what_only_says_to_be_a_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    path.write_text("just text")
    with pytest.raises(Unreadable, match="but is none"):
        formats.choose(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_text("x" * 1_200_000)
    with pytest.raises(Unreadable, match="1 MB"):
        formats.choose(path)
