"""What is wrong with what the clinic has written: expired, stale, contradicting itself, incomplete."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from knowledge.articles import Article
from knowledge.drafting.filing import Filing
from knowledge.payers import PayerRow, Status
from knowledge.reading import stem, telling

STALE = timedelta(days=730)
"""Since when nobody has looked: prices and networks change with the year."""
SOON = timedelta(days=30)
_SAME_MATTER = 0.6
"""Share of telling words two statements have in common when they are about the same."""
_LEAST_WORDS = 1
_MOST_PAIRS = 40_000

FindingKind: TypeAlias = Literal["expired", "expires_soon", "stale", "contradiction", "twice", "no_plan", "unknown_rule"]
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_MONEY = re.compile(r"\$\s?\d[\d,]*(?:\.\d\d)?")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)?\s*(?:a\.?m\.?|p\.?m\.?)(?=\W|$)|\bnoon\b|\bmidnight\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(\d+(?:\s*(?:to|-|–)\s*\d+)?)\s+(?:business |calendar |working )?(minute|hour|day|week|month|year|visit|mile|session)s?\b", re.IGNORECASE
)
_NO = re.compile(r"\b(?:not?|never|cannot|can't|don't|doesn't|isn't|aren't|won't|without|unable|none)\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_WORD = re.compile(r"[a-z]+")
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a coordinator should look at."""

    kind: FindingKind
    ids: tuple[str, ...]
    """Articles or payer rows, as answers cite them."""
    why: str


@dataclass(frozen=True, slots=True)
class _Statement:
    article: Article
    text: str
    words: frozenset[str]
    names: frozenset[str]
    negated: bool


def check(articles: Sequence[Article], payers: Sequence[PayerRow], today: date) -> list[Finding]:
    """Everything found, most pressing first."""
    current = [article for article in articles if article.current(today)]
    found = [*_contradictions(current), *_dates(articles, today), *_payers(payers)]
    return sorted(found, key=lambda finding: _ORDER.index(finding.kind))


_ORDER: tuple[FindingKind, ...] = ("contradiction", "expired", "expires_soon", "twice", "stale", "no_plan", "unknown_rule")


def _dates(articles: Iterable[Article], today: date) -> Iterator[Finding]:
    for article in articles:
        name = (f"article:{article.id}",)
        if article.expires and article.expires < today:
            yield Finding("expired", name, f"expired on {article.expires.isoformat()}; it answers nobody any more")
        elif article.expires and article.expires - today <= SOON:
            yield Finding("expires_soon", name, f"expires on {article.expires.isoformat()}")
        elif article.effective and today - article.effective > STALE:
            yield Finding("stale", name, f"has not been looked at since {article.effective.isoformat()}")


def _payers(rows: Sequence[PayerRow]) -> Iterator[Finding]:
    several = {row.payer for row in rows if sum(other.payer == row.payer for other in rows) > 1}
    for row in rows:
        if not row.plan_type:
            why = "has no plan, though this payer has several" if row.payer in several else "has no plan: callers with any plan hear this"
            yield Finding("no_plan", (row.id,), why)
        if row.status is Status.IN_NETWORK and "unknown" in (row.referral, row.authorization):
            yield Finding("unknown_rule", (row.id,), "is in network, but whether it wants a referral or authorization is not known")


def _contradictions(articles: Sequence[Article]) -> Iterator[Finding]:
    """Pairs of articles with statements about the same matter that cannot both hold."""
    filing = Filing()
    shelves: dict[str, list[_Statement]] = defaultdict(list)
    for article in articles:
        topics = filing.subjects(f"{article.question} {article.title}")
        for statement in _statements(article):
            for topic in topics | filing.subjects(statement.text):
                shelves[topic].append(statement)
    seen: set[tuple[str, ...]] = set()
    pairs = (pair for statements in shelves.values() for pair in itertools.combinations(statements, 2))
    for one, other in itertools.islice(pairs, _MOST_PAIRS):
        ids = tuple(sorted((f"article:{one.article.id}", f"article:{other.article.id}")))
        if ids[0] == ids[1] or ids in seen or not _same_matter(one, other):
            continue
        kind, why = _differ(one, other)
        if why:
            seen.add(ids)
            yield Finding(kind, ids, why)


def _statements(article: Article) -> Iterator[_Statement]:
    head = frozenset(stem(word) for word in _WORD.findall(f"{article.title} {article.question}".lower()) if telling(word) > 0.2)
    names = frozenset(_NAMED.findall(f"x {article.title}") + _NAMED.findall(article.question))
    for text in _SENTENCE.split(article.answer):
        words = frozenset(stem(word) for word in _WORD.findall(_bare(text).lower()) if telling(word) > 0.2)
        if len(words | head) >= _LEAST_WORDS:
            yield _Statement(article, text, words | head, names | frozenset(_NAMED.findall(text)), bool(_NO.search(text)))


def _bare(text: str) -> str:
    return _NO.sub(" ", _COUNT.sub(" ", _CLOCK.sub(" ", text)))


def _same_matter(one: _Statement, other: _Statement) -> bool:
    """Both about the same, and not each about a place or company of its own."""
    union = one.words | other.words
    shared = len(one.words & other.words) / len(union) if union else 0.0
    apart = (one.names - other.names, other.names - one.names)
    own = [frozenset(name.lower() for name in names) - _DAYS for names in apart]
    return shared >= _SAME_MATTER and not (own[0] and own[1])


def _differ(one: _Statement, other: _Statement) -> tuple[FindingKind, str]:
    for what, shape in (("fees", _MONEY), ("hours", _CLOCK)):
        mine, theirs = (_said(shape, statement.text) for statement in (one, other))
        if mine and theirs and not (mine <= theirs or theirs <= mine):
            return "contradiction", f"differ about {what}: {', '.join(sorted(mine))} and {', '.join(sorted(theirs))}"
    mine_counts, their_counts = _counts(one.text), _counts(other.text)
    for unit in mine_counts.keys() & their_counts.keys():
        if mine_counts[unit].isdisjoint(their_counts[unit]):
            first, second = ", ".join(sorted(mine_counts[unit])), ", ".join(sorted(their_counts[unit]))
            return "contradiction", f"differ about {unit}s: {first} and {second}"
    if one.negated != other.negated:
        return "contradiction", "one says yes and the other no"
    if _plain(one.article.answer) == _plain(other.article.answer):
        return "twice", "say the same; keep one"
    return "twice", ""


def _said(shape: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(re.sub(r"[\s.]", "", found).lower().replace(":00", "") for found in shape.findall(text))


def _counts(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for number, unit in _COUNT.findall(text):
        found[unit.lower()].add(re.sub(r"\s*(?:to|-|–)\s*", " to ", number))
    return found


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
