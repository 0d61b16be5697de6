"""Hostile files are refused quickly and in words: parsing happens in a process that cannot take the machine with it (A53's neighbours)."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.documents import bounded
from knowledge.documents.document import Unreadable
from tests.fakes import papers


def _cut(path: Path) -> Path:
    whole = papers.word(path, [("Normal", "Parking is free behind the building.")])
    whole.write_bytes(whole.read_bytes()[:9000])
    return whole


def _written(text: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("bomb.docx", papers.zip_bomb, "zip bomb"),
        ("many.pdf", lambda path: papers.many_pages(path, 10_000), "10000 pages"),
        ("lying.pdf", papers.lying_pdf, "3000 pages"),
        ("cut.docx", _cut, "cut short"),
        ("scripts.html", _written("<script>while(1){}</script><body><script>alert(1)</script><nav>Home</nav></body>"), "nothing to read"),
        ("flood.png", papers.flood, "picture"),
        ("flood.pdf", papers.flood, "picture"),
        ("packed.pdf", papers.deflated_pdf, "damaged|gave up"),
        ("deep.html", _written("<div>" * 200_000), "nested too deeply"),
        ("closed.html", _written("<div>" * 100_000 + "x" + "</div>" * 100_000), "nested too deeply"),
        ("drawn.pdf", papers.much_drawn, "gave up"),
        ("empty.txt", _written(""), "empty"),
        ("program.exe", _written("MZ"), "no reader"),
    ],
)
def test_hostile_files_are_refused_in_words(tmp_path: Path, name: str, make: Callable[[Path], Path], said: str) -> None:
    """Bounds: 256 MB of memory and about two seconds of processor time, the start of the process included."""
    path = make(tmp_path / name)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(Unreadable, match=said):
        bounded.read(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.5


def test_pages_are_told_as_they_are_read(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    document = bounded.read(papers.many_pages(tmp_path / "two.pdf", 2), lambda page, of: seen.append((page, of)))
    assert seen == [(1, 2), (2, 2)]
    assert document.pages == 2


def test_an_unreadable_page_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = papers.pdf(tmp_path / "scan.pdf", [[(72, 72, "Parking is free.", 10, False)], []])
    document = bounded.read(path)
    assert [block.text for block in document.blocks] == ["Parking is free."]
    assert [(skipped.page, "scan" in skipped.what) for skipped in document.skipped] == [(2, True)]
