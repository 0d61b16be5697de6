"""From a document to a draft: passages become articles, tables of plans become payer rows, and the rest is listed as not understood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from knowledge.articles import Article
from knowledge.documents.document import Block, Document
from knowledge.drafting import dates, payer_tables
from knowledge.drafting.cells import plain, slug, words
from knowledge.drafting.draft import Draft, DraftArticle, Unread
from knowledge.drafting.filing import Filing
from knowledge.drafting.sections import Passage, Section, passages, sections
from knowledge.payers import PayerRow

_SHORTEST = 12
"""Characters under which a passage says nothing."""
_LONGEST = 3000
"""Characters from which a passage is no answer to anything."""
_MOST_ARTICLES = 1500
"""Of one document; whoever has more brings it in parts."""
_LONG = 150
"""Characters from which a passage is cut where its subject changes."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9¿\"“])")
_LEANS = re.compile(
    r"^(?:it|its|they|them|this|that|these|those|he|she|there|also|otherwise|however|if so|if not|then|both|each|some|instead|in that case|either|"
    r"what (?:the|they|your)|no|yes|up to|more than|only|or|and|but|because|so)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"^(?P<name>(?:[A-Z][\w.'’-]*\s+){1,3}[A-Z][\w'’-]+),?\s+(?:M?PT|DPT|PTA|OTR?|COTA|MD|DO|PhD|NP|ATC|CHT|OCS|SCS|MSPT)\b")
_BLANKS = re.compile(r"_{3,}|\.{6,}|\[ ?\]|☐")
_MOST_TAGS = 5
_PLACE = 4
"""Words of the name of a place."""
_TOO_LONG = 700
"""Characters of an answer that nobody reads on a telephone."""


@dataclass(slots=True)
class _Made:
    articles: list[DraftArticle]
    unread: list[Unread]
    payers: list[PayerRow]


def draft(document: Document, source: str, filing: Filing | None = None) -> Draft:
    """Understand a document. `source` is what it is called: the file's name, or the address it came from."""
    filing = filing or Filing()
    openings = [block.text for block in (*document.blocks[:4], *document.blocks[-2:]) if block.kind != "table"]
    since = dates.effective([*document.furniture, *openings])
    owner = dates.owner([*document.furniture, *openings])
    made = _Made([], [Unread(skipped.page, "", skipped.what) for skipped in document.skipped], [])
    taken: Counter[str] = Counter()
    called = next((block.text.strip(" :") for block in document.blocks if block.kind == "heading" and block.text), "")
    filing.learn(text[:_LONGEST] for block in document.blocks for text in (block.text, *(" ".join(row) for row in block.rows)))
    for section in sections(document.blocks):
        section = _without_payers(_untitled(section, called), source, made)
        for passage in passages(section):
            why = _nothing(passage)
            if why is not None:
                made.unread += [Unread(passage.page, passage.text[:200], why)] if why else []
                continue
            if len(made.articles) >= _MOST_ARTICLES:
                made.unread.append(Unread(passage.page, passage.text[:200], "the document holds more than fits; bring it in parts"))
                continue
            for piece in _pieces(passage, filing):
                made.articles.append(_article(piece, source, since, owner, filing, taken))
    rows = {row.id.lower(): row for row in reversed(made.payers)}
    return Draft(source, tuple(made.articles), tuple(reversed(rows.values())), tuple(made.unread), since)


def _untitled(section: Section, called: str) -> Section:
    """The section without the document's own title above it, which says nothing of any passage; unless there is no other heading."""
    heads = tuple(head for head in section.heads if head != called)
    return Section(heads or section.heads, section.blocks)


def _without_payers(section: Section, source: str, made: _Made) -> Section:
    """The section without what became payer rows."""
    left: list[Block] = []
    for block in section.blocks:
        found = payer_tables.from_table(block.rows, source, block.page) if block.kind == "table" else None
        if found is None:
            left.append(block)
        else:
            made.payers += found.payers
            made.unread += found.unread
    items = [(block.text, block.page) for block in left if block.kind == "item" and not block.lead]
    heading = section.heads[-1] if section.heads else ""
    announced = next((block.text for block in left if block.kind == "text" and block.text.endswith(":")), "")
    made.payers += payer_tables.from_list(f"{heading} {announced}", items, source) if items else []
    return Section(section.heads, tuple(left))


def _nothing(passage: Passage) -> str | None:
    """Why a passage becomes no article; an empty reason is not worth telling. None: it becomes one."""
    if len(passage.text) > _LONGEST:
        return "too long to be an answer; divide it under headings"
    text = plain(passage.text)
    if not text:
        return "a question without an answer" if passage.question else ""
    if _BLANKS.search(passage.text):
        return "a form to fill in"
    if not passage.question and any(text.startswith(opening) for opening in words("no_answer")["openings"]):
        return "" if len(text) < 200 else "an introduction"
    if len(passage.text) + len(passage.label) + len(passage.question) < _SHORTEST:
        return "too short to be an answer"
    return None


def _pieces(passage: Passage, filing: Filing) -> Iterator[Passage]:
    """A long passage, cut before each sentence that is about something else than those before it and can stand alone."""
    sentences = _SENTENCE.split(passage.text)
    if passage.whole or len(passage.text) < _LONG or len(sentences) < 2:
        yield passage
        return
    held: list[str] = []
    about: frozenset[str] = frozenset()
    cut = False
    for sentence in sentences:
        topics = filing.subjects(sentence)
        if held and topics and about and not topics & about and not _LEANS.match(sentence):
            yield replace(passage, text=" ".join(held), alone=False)
            held, about, cut = [], frozenset(), True
        held.append(sentence)
        about |= topics
    yield replace(passage, text=" ".join(held), alone=passage.alone and not cut)


def _article(passage: Passage, source: str, since: date | None, owner: str, filing: Filing, taken: Counter[str]) -> DraftArticle:
    given = dict(passage.columns)
    nearest = passage.heads[-1] if passage.heads else ""
    title = given.get("title") or passage.label or ("" if nearest == passage.question else nearest)
    answer = _standing(passage, nearest)
    asked = filing.questions(passage.label, nearest, _SENTENCE.split(passage.text), alone=passage.alone)
    person = _PERSON.match(passage.label or nearest)
    if person:
        # What is said of somebody is no answer to whether the clinic offers it.
        asked = [f"Who is {person['name'].strip()}?"]
    asked = [passage.question, *asked] if passage.question else asked
    name = given.get("id") or f"{slug(re.sub(r'[.][a-z]+$', '', source.rsplit('/', 1)[-1]))}.{slug(passage.question or title or answer)}"
    taken[name] += 1
    name = name if taken[name] == 1 else f"{name}-{taken[name]}"
    begins = dates.effective([f"effective {given.get('effective', '')}"]) or dates.begins(answer)
    expires = dates.expires(f"expires {given.get('expires', '')}") or dates.expires(answer)
    own = [tag.strip() for tag in re.split(r"[;,]", given.get("tags", "")) if tag.strip()]
    tags = own or [head for head in passage.heads[-2:] if head != title] + asked[1:]
    article = Article(
        id=name,
        question=asked[0] if asked else title or answer,
        answer=answer,
        title=title,
        tags=tuple(dict.fromkeys(tags))[:_MOST_TAGS],
        source=f"{source}, page {passage.page}" if passage.page else source,
        effective=begins if begins and not (expires and expires < begins) else since,
        expires=expires,
    )
    return DraftArticle(article, passage.page, given.get("owner", "") or owner, _review(article))


def _standing(passage: Passage, nearest: str) -> str:
    """The passage in words that can be said without the page before one's eyes."""
    text = passage.text[:1].upper() + passage.text[1:] if not passage.label else passage.text
    if passage.question:
        return text
    head = passage.label
    if head and passage.whole and nearest.lower() not in head.lower() and _names_place(nearest) and len(nearest.split()) <= _PLACE:
        # "Hours" in a table under "Lakeview clinic".
        head = f"{nearest}, {head}"
    if not head and nearest and (_names_place(nearest) or passage.alone) and not nearest.endswith("?"):
        head = nearest
    return f"{head}{' ' if head[-1] in '?!' else ': '}{text}" if head and not plain(text).startswith(plain(head)) else text


def _names_place(heading: str) -> bool:
    return any(word in words("places")["words"] for word in plain(heading).split())


def _review(article: Article) -> str:
    said = plain(article.answer)
    if any(cue in said for cue in words("no_answer")["to_staff"]):
        return "speaks to staff, not to callers; reword it"
    if len(article.answer) > _TOO_LONG:
        return "long for a text message; shorten it"
    return ""
