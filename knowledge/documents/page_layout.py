"""From words with places on a page to blocks in the order a person reads them. Lengths are PDF points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.documents.document import Block, table

_SAME_LINE = 0.5
"""Share of the smaller height by which two words of one line overlap."""
_CELL_GAP = 1.3
"""Blank wider than this many times the size of the letters parts two columns."""
_COLUMN_GAP, _SAME_START = 0.5, 1.5
"""The same where a column is known to begin, within so many points: a long cell nearly touches the next."""
_ALIGNED = 4.0
"""Columns begin within this much of each other."""
_PROSE = 26
"""Characters from which the cells of two aligned columns are lines of prose, not cells of a table."""
_FEWEST_ROWS = 3
_PARAGRAPH_GAP = 0.55
"""Blank between lines, in heights of a line, from which a new paragraph begins."""
_LARGER = 1.12
"""How much larger than the body a heading is set."""
_LONGEST_HEADING = 90
BULLET = re.compile(r"^(?:[•●▪◦‣∙·*–—+o✓-])\s+(?=\S)|^(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_NUMBERED = re.compile(r"^(?:section\s+)?(?:\d{1,2}(?:\.\d{1,2})*[.):]?|[IVX]{1,5}[.):]|[A-Z][.)])\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """One word, or words that belong together."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one column."""

    spans: tuple[Span, ...]
    page: int

    @property
    def text(self) -> str:
        """As written."""
        return " ".join(span.text for span in self.spans)

    @property
    def top(self) -> float:
        """Upper edge."""
        return min(span.top for span in self.spans)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return max(span.bottom for span in self.spans)

    @property
    def size(self) -> float:
        """Of most letters."""
        return Counter({span.size: 0 for span in self.spans} | _letters(self.spans)).most_common(1)[0][0]

    @property
    def bold(self) -> bool:
        """All of it."""
        return all(span.bold for span in self.spans)

    def cells(self, starts: Sequence[float] = ()) -> list[tuple[Span, ...]]:
        """Words parted by wide blanks; by narrower ones where a column is known to begin (`starts`)."""
        found: list[list[Span]] = [[self.spans[0]]]
        for before, span in pairwise(self.spans):
            blank = (span.x0 - before.x1) / max(before.size, span.size)
            if blank > _CELL_GAP or (blank > _COLUMN_GAP and any(abs(span.x0 - start) <= _SAME_START for start in starts)):
                found.append([])
            found[-1].append(span)
        return [tuple(cell) for cell in found]


def _letters(spans: Iterable[Span]) -> dict[float, int]:
    counts: Counter[float] = Counter()
    for span in spans:
        counts[span.size] += len(span.text)
    return dict(counts)


def lines_of(words: Sequence[Span], page: int) -> list[Line]:
    """Words side by side, as lines from top to bottom, over the whole width of the page."""
    lines: list[list[Span]] = []
    for word in sorted(words, key=lambda word: ((word.top + word.bottom) / 2, word.x0)):
        last = lines[-1] if lines else None
        if last and _beside(last[-1], word):
            last.append(word)
        else:
            lines.append([word])
    return [Line(tuple(sorted(line, key=lambda span: span.x0)), page) for line in lines]


def _beside(one: Span, other: Span) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap > _SAME_LINE * min(one.bottom - one.top, other.bottom - other.top)


def reading_order(lines: Sequence[Line], tables: Sequence[tuple[float, Block]]) -> list[Line | Block]:
    """Lines top down, but columns one after the other, and unruled tables as tables; ruled ones stand where they begin."""
    out: list[Line | Block] = []
    rest = sorted(tables, key=lambda one: one[0])
    band: list[Line] = []
    for line in lines:
        while rest and rest[0][0] < line.top:
            out += _band(band)
            band = []
            out.append(rest.pop(0)[1])
        band.append(line)
    return [*out, *_band(band), *(block for _, block in rest)]


def _band(lines: Sequence[Line]) -> list[Line | Block]:
    """Lines with no ruled table between them: runs of aligned cells are columns of prose or rows of a table."""
    out: list[Line | Block] = []
    at = 0
    while at < len(lines):
        size = _aligned(lines[at:])
        if size:
            run = lines[at : at + size]
            out += _columns(run) if _is_prose(run) else [_as_table(run)]
            at += size
        else:
            out.append(lines[at])
            at += 1
    return out


def _aligned(lines: Sequence[Line]) -> int:
    """How many lines from the first on stand in the same columns; 0 when too few do to tell."""
    starts = [cell[0].x0 for cell in lines[0].cells()]
    if len(starts) < 2 or BULLET.match(lines[0].text):
        return 0
    rows = last = 0
    for place, line in enumerate(lines):
        if place and line.top - lines[place - 1].bottom > 3 * (line.bottom - line.top):
            break
        found = [cell[0].x0 for cell in line.cells(starts[1:])]
        known = [any(abs(x - start) <= _ALIGNED for start in starts) for x in found]
        if not all(known) and not (len(found) > 1 and sum(known) >= len(found) - 1 and found[0] - starts[0] <= _ALIGNED):
            break
        if len(found) == 1 and (line.spans[-1].x1 > starts[1] - 2 or (abs(found[0] - starts[0]) <= _ALIGNED and line.bold)):
            break
        if len(found) >= 2:
            rows, last = rows + 1, place + 1
        elif rows:
            last = place + 1
    return last if rows >= _FEWEST_ROWS else 0


def _is_prose(run: Sequence[Line]) -> bool:
    cells = [" ".join(span.text for span in cell) for line in run for cell in line.cells()]
    return all(len(line.cells()) <= 3 for line in run) and sum(map(len, cells)) / len(cells) >= _PROSE


def _columns(run: Sequence[Line]) -> list[Line | Block]:
    starts = _starts(run)
    columns: list[list[Line | Block]] = [[] for _ in starts]
    for line in run:
        for cell in line.cells():
            columns[_nearest(starts, cell[0].x0)].append(Line(cell, line.page))
    return [line for column in columns for line in column]


def _as_table(run: Sequence[Line]) -> Block:
    starts = _starts(run)
    rows: list[list[str]] = []
    for line in run:
        cells = [""] * len(starts)
        for cell in line.cells(starts[1:]):
            place = _nearest(starts, cell[0].x0)
            cells[place] = f"{cells[place]} {' '.join(span.text for span in cell)}".strip()
        if rows and not cells[0] and sum(map(bool, cells)) < len(starts) - 1:
            # A cell too long for its line goes on beneath.
            rows[-1] = [f"{before} {more}".strip() for before, more in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    made = table(rows, run[0].page)
    assert made is not None, "every line has words"
    return made


def _starts(run: Sequence[Line]) -> list[float]:
    """Left edges of the columns: those most rows agree on."""
    widest = max(run, key=lambda line: len(line.cells()))
    return [cell[0].x0 for cell in widest.cells()]


def _nearest(starts: Sequence[float], x: float) -> int:
    return min(range(len(starts)), key=lambda place: abs(starts[place] - x))


def blocks(pages: Sequence[tuple[int, Sequence[Line | Block]]]) -> list[Block]:
    """Headings, paragraphs, items and tables of all pages."""
    lines = [line for _, content in pages for line in content if isinstance(line, Line)]
    body = Counter(_letters(span for line in lines for span in line.spans)).most_common(1)[0][0] if lines else 0.0
    sizes = sorted({round(line.size, 1) for line in lines if line.size > body * _LARGER}, reverse=True)
    out: list[Block] = []
    group: list[Line] = []
    for _, content in pages:
        for piece in content:
            if isinstance(piece, Block):
                out += [*_closed(group, body, sizes), piece]
                group = []
            elif group and _begins(group, piece, body):
                out += _closed(group, body, sizes)
                group = [piece]
            else:
                group.append(piece)
    return out + _closed(group, body, sizes)


def _begins(group: Sequence[Line], line: Line, body: float) -> bool:
    """Whether this line is a new paragraph."""
    last = group[-1]
    if BULLET.match(line.text) or _is_heading(last, body) != _is_heading(line, body) or abs(last.size - line.size) > 0.6:
        return True
    if line.page != last.page or line.top < last.top:
        return bool(re.search(r"[.!?:]$", last.text)) or line.text[:1].isupper()
    if line.spans[0].bold and not last.spans[-1].bold and re.search(r"[.!?]$", last.text):
        return True
    return line.top - last.bottom > _PARAGRAPH_GAP * (line.bottom - line.top)


def _is_heading(line: Line, body: float) -> bool:
    short = (len(line.text) <= _LONGEST_HEADING and not BULLET.match(line.text)) or bool(_NUMBERED.match(line.text) and line.bold)
    return short and (line.size > body * _LARGER or (line.bold and not re.search(r"[.;,]$", line.text)))


def _closed(group: Sequence[Line], body: float, sizes: Sequence[float]) -> list[Block]:
    if not group:
        return []
    first = group[0]
    text = _joined(line.text for line in group)
    if _is_heading(first, body):
        level = sizes.index(round(first.size, 1)) + 1 if round(first.size, 1) in sizes else len(sizes) + 1
        return [Block("heading", _NUMBERED.sub("", text), first.page, level)]
    marked = BULLET.match(text)
    lead = _lead(group)
    rest = text[marked.end() :] if marked else text
    if lead and rest.startswith(lead):
        return [Block("item" if marked else "text", rest[len(lead) :].strip(), first.page, lead=lead)]
    return [Block("item" if marked else "text", rest, first.page)]


def _lead(group: Sequence[Line]) -> str:
    """Bold words at the beginning, when what follows is not bold."""
    bold: list[str] = []
    for span in (span for line in group for span in line.spans):
        if not span.bold:
            if not bold and BULLET.match(f"{span.text} x"):
                continue
            return " ".join(bold)
        bold.append(span.text)
    return ""


def _joined(texts: Iterable[str]) -> str:
    """Lines as one text; a word parted by its own hyphen at the end of a line keeps it."""
    out = ""
    for text in texts:
        out = out + text if re.search(r"[a-z]-$", out) else f"{out} {text}".strip()
    return out
