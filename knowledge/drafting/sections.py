"""A document's blocks as passages: each with the headings above it, and a question where the document asks one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from knowledge.documents.document import Block, Rows
from knowledge.drafting.cells import columns, plain, words

_LONGEST_QUESTION = 140
_SHORTEST_QUESTION = 2
"""Words: "Questions?" asks nothing."""
_SHORTEST_INLINE = 3
"""The same at the beginning of a paragraph: "Not sure?" asks nothing either."""
_LONGEST_ASKING_NAME = 3
_LONGEST_ANSWER = 900
"""Characters of what stands under a heading that asks, from which it is more than one answer."""
_LONGEST_LABEL = 7
"""Words of a label before a colon."""
_ASKED = re.compile(r"^(?:Q(?:uestion)?\s*\d{0,2}\s*[.:)-]\s*)?(?P<q>[A-Z¿][^.!?]{1,130}\?)\s*(?:A(?:nswer)?\s*[.:)-]\s+)?(?P<a>\S.*)?$", re.DOTALL)
_ANSWERED = re.compile(r"^A(?:nswer)?\s*[.:)-]\s+", re.IGNORECASE)
_LABEL = re.compile(r"^(?P<label>[A-Z0-9][^:.!?]{1,60}):\s+(?P<rest>\S.*)$", re.DOTALL)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|we|you|will|may|must|should|can|cannot|have|has|had|do|does|need|needs|offer|accept|offers|use|ask|call|bring|"
    r"please|text|texts|get|see|allow|allowed|provide|keep|reschedule|give|send|pay|charge|charged|close|closed|open|opens|welcome|run|runs|stay|stays|start|starts)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"\d{3}\)?[-. ]\d{3}[-.]\d{4}|\S@\S+\.\w")
_MOST_CONTACTS = 8
_ASIDE = re.compile(r"[,(;:—–].*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """Something a document says in one place."""

    heads: tuple[str, ...]
    """Headings above it, the nearest last."""
    text: str
    page: int
    label: str = ""
    """What the passage itself says it is about: a bold beginning, the first cell of its row."""
    question: str = ""
    """The question the document asks, word for word."""
    whole: bool = False
    """Must not be cut in pieces."""
    alone: bool = False
    """The only passage under its nearest heading."""
    columns: tuple[tuple[str, str], ...] = ()
    """Fields a table of questions gives besides: title, tags, dates, owner, id."""


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading."""

    heads: tuple[str, ...]
    blocks: tuple[Block, ...]


def sections(blocks: Sequence[Block]) -> Iterator[Section]:
    """Cut at headings; a heading closes those of its own and of lower rank. A short paragraph that asks is a heading."""
    path: list[tuple[int, str]] = []
    held: list[Block] = []
    for block in blocks:
        if block.kind != "heading":
            held.append(block)
            continue
        if held:
            yield Section(tuple(text for _, text in path), tuple(held))
            held = []
        path = [(level, text) for level, text in path if level < block.level]
        if block.text:
            path.append((block.level, block.text.strip(" :")))
    if held:
        yield Section(tuple(text for _, text in path), tuple(held))


def passages(section: Section) -> list[Passage]:
    """What a section says, piece by piece."""
    found: list[Passage] = []
    for kind, run in groupby(section.blocks, key=lambda block: block.kind):
        blocks = list(run)
        if kind == "item":
            found += _list(section, blocks, found)
        elif kind == "table":
            found += [passage for block in blocks for passage in rows(section.heads, block.rows, block.page)]
        else:
            found += _texts(section, blocks)
    found = _asked_above(section.heads, found)
    return [replace(passage, alone=len(found) == 1) for passage in found]


def _asked_above(heads: tuple[str, ...], found: list[Passage]) -> list[Passage]:
    """Under a heading that asks, what follows is the answer, as one: up to the first piece with a label of its own."""
    head = heads[-1] if heads else ""
    told = list(takewhile(lambda passage: not passage.question and passage.label in ("", head), found))
    text = " ".join(passage.text for passage in told)
    if not (_is_question(head) and text) or len(text) > _LONGEST_ANSWER:
        return found
    return [Passage(heads, text, told[0].page, question=_ask(head), whole=True), *found[len(told) :]]


def _is_question(text: str) -> bool:
    return text.endswith("?") and len(text.split()) >= _SHORTEST_QUESTION


def _texts(section: Section, blocks: Sequence[Block]) -> Iterator[Passage]:
    """Paragraphs; one that only asks is answered by those after it."""
    pending = ""
    answer: list[Block] = []
    heads = section.heads
    for block in blocks:
        passage = _passage(heads, block)
        asks_only = passage.question and not passage.text
        if asks_only:
            yield from _answered(heads, pending, answer)
            pending, answer = passage.question, []
        elif pending and not passage.question and not (answer and passage.label):
            answer.append(block)
        else:
            yield from _answered(heads, pending, answer)
            pending, answer = "", []
            yield passage
    yield from _answered(heads, pending, answer)


def _answered(heads: tuple[str, ...], question: str, answer: Sequence[Block]) -> Iterator[Passage]:
    if question and answer:
        text = " ".join(_whole(block) for block in answer)
        yield Passage(heads, _ANSWERED.sub("", text), answer[0].page, question=question, whole=True)


def _whole(block: Block) -> str:
    if not block.lead:
        return block.text
    return f"{block.lead} {block.text}" if block.lead[-1] in ".:?!" else f"{block.lead}: {block.text}"


def _passage(heads: tuple[str, ...], block: Block) -> Passage:
    text, lead = block.text.strip(), block.lead.strip()
    if lead:
        if _is_question(lead):
            return Passage(heads, _ANSWERED.sub("", text), block.page, question=_ask(lead), whole=True)
        return Passage(heads, text.lstrip(":-–— "), block.page, label=lead.strip(" :.-–—"))
    asked = _ASKED.match(text)
    if asked and len(asked["q"]) <= _LONGEST_QUESTION and len(asked["q"].split()) >= _SHORTEST_INLINE:
        return Passage(heads, (asked["a"] or "").strip(), block.page, question=_ask(asked["q"]), whole=True)
    labelled = _LABEL.match(text)
    if labelled and len(labelled["label"].split()) <= _LONGEST_LABEL and not labelled["label"].lower().startswith(("please", "note", "http")):
        return Passage(heads, labelled["rest"], block.page, label=labelled["label"])
    return Passage(heads, text, block.page)


def _ask(text: str) -> str:
    return re.sub(r"^(?:Q(?:uestion)?\s*\d{0,2}\s*[.:)-]\s*)", "", text).strip()


def _list(section: Section, items: Sequence[Block], before: list[Passage]) -> list[Passage]:
    """Items that say something by themselves are passages each; bare things are one passage together with the words that announce them."""
    made = [_passage(section.heads, item) for item in items]
    telling = [passage for passage in made if _tells(passage)]
    if 2 * len(telling) > len(made) or (len(made) == 1 and len(made[0].text.split()) > 4):
        return made
    announced = before.pop() if before and before[-1].text.endswith(":") else None
    text = "; ".join(_whole(item).strip(" .;") for item in items) + "."
    heads = section.heads
    if announced is not None:
        return [replace(announced, text=f"{announced.text} {text}", whole=True)]
    return [Passage(heads, text, items[0].page, label=heads[-1] if heads else "", whole=True)]


def _tells(passage: Passage) -> bool:
    """Whether an item says something, and is not only a thing."""
    return bool(passage.question or passage.label or _VERB.search(_ASIDE.sub("", passage.text)) or re.search(r"\d{3}", passage.text))


def rows(heads: tuple[str, ...], cells: Rows, page: int) -> Iterator[Passage]:
    """A table that is no payer list: questions with answers, days with hours, or one passage a row."""
    by = columns(cells[0], "article_columns")
    if {"question", "answer"} <= by.keys():
        for row in cells[1:]:
            more = tuple((name, row[place]) for name, place in by.items() if name not in ("question", "answer") and row[place])
            yield Passage(heads, row[by["answer"]], page, question=row[by["question"]], whole=True, columns=more)
        return
    header, body = _headed(cells)
    if sum(_is_day(row[0]) for row in body) * 2 > len(body):
        if len(header) > 2 and all(header[1:]):
            yield from _hours_by_place(heads, header, body, page)
            return
        text = "; ".join(f"{row[0]} {_told(header[1:], row[1:])}" for row in body)
        nearest = heads[-1] if heads else ""
        yield Passage(heads, f"{text}.", page, label=nearest if "hours" in nearest.lower() else f"{nearest} hours".strip(), whole=True)
        return
    if len(body) <= _MOST_CONTACTS and sum(bool(_CONTACT.search(" ".join(row[1:]))) for row in body) * 2 >= len(body) > 1:
        text = "; ".join(f"{row[0]}: {_told(header[1:], row[1:])}" for row in body)
        yield Passage(heads, f"{text}.", page, label=heads[-1] if heads else "", whole=True)
        return
    for row in body:
        told = _told(header[1:], row[1:])
        if row[0].endswith("?"):
            yield Passage(heads, told, page, question=row[0], whole=True)
        elif told:
            yield Passage(heads, told, page, label=row[0], whole=True)


def _hours_by_place(heads: tuple[str, ...], header: Sequence[str], body: Rows, page: int) -> Iterator[Passage]:
    """A column for each place: the hours of each by themselves."""
    for place in range(1, len(header)):
        text = "; ".join(f"{row[0]} {row[place]}" for row in body if row[place])
        if text:
            yield Passage(heads, f"{text}.", page, label=f"{header[place]} hours", whole=True)


def _headed(cells: Rows) -> tuple[tuple[str, ...], Rows]:
    """The names of the columns and the rows under them; a first row with a number or a whole sentence in it names nothing."""
    first = cells[0]
    if len(cells) > 1 and not first[0] and len(first) > 2 and all(first[1:]):
        return first, cells[1:]
    named = len(cells) > 1 and all(cell and not re.search(r"\d|[.]$", cell) and len(cell) <= 40 and not _asks_whole(cell) for cell in first)
    return (first, cells[1:]) if named else (("",) * len(first), cells)


def _asks_whole(cell: str) -> bool:
    """ "Referral?" names a column; "Do you have a pool?" asks."""
    return cell.endswith("?") and len(cell.split()) > _LONGEST_ASKING_NAME


def _told(header: Sequence[str], row: Sequence[str]) -> str:
    """The cells after the first; the names of the columns only where there are several to tell apart."""
    filled = [(name, cell) for name, cell in zip(header, row, strict=True) if cell]
    if len(filled) == 1:
        return filled[0][1]
    return "; ".join(f"{name.rstrip('?')}: {cell}" if name else cell for name, cell in filled)


def _is_day(cell: str) -> bool:
    said = [word for word in plain(re.sub(r"[–—-]", " ", cell)).split() if word not in ("to", "and", "through", "thru")]
    return bool(said) and all(word in words("days")["words"] for word in said)
