"""What a document says, as articles and payer rows that nobody has published yet, and what in it was not understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from knowledge.articles import Article
from knowledge.payers import PayerRow, Rule, Status


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """An article and what a coordinator wants to know of it before it goes live."""

    article: Article
    page: int = 0
    """Of its document, from 1; 0 where there are none."""
    owner: str = ""
    """Who answers for it."""
    review: str = ""
    """Why somebody should look at it; empty: nothing strange."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A place of the document that became nothing."""

    page: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One document, understood as far as it goes."""

    source: str
    """Name of the file, or address it came from."""
    articles: tuple[DraftArticle, ...] = ()
    payers: tuple[PayerRow, ...] = ()
    unread: tuple[Unread, ...] = ()
    effective: date | None = None
    """Since when the document says it holds."""


def to_json(draft: Draft) -> str:
    """For the record."""
    return json.dumps(asdict(draft), default=_date, ensure_ascii=False)


def from_json(text: str) -> Draft:
    """The way back."""
    row: Mapping[str, Any] = json.loads(text)
    return Draft(
        source=row["source"],
        articles=tuple(DraftArticle(article_of(one["article"]), one["page"], one["owner"], one["review"]) for one in row["articles"]),
        payers=tuple(payer_of(one) for one in row["payers"]),
        unread=tuple(Unread(**one) for one in row["unread"]),
        effective=_day(row["effective"]),
    )


def entry_json(entry: DraftArticle | PayerRow) -> str:
    """One article or payer row, for the record."""
    return json.dumps(asdict(entry), default=_date, ensure_ascii=False)


def entry_of(row: Mapping[str, Any]) -> DraftArticle:
    """The way back."""
    return DraftArticle(article_of(row["article"]), row["page"], row["owner"], row["review"])


def article_of(row: Mapping[str, Any]) -> Article:
    """An article from plain values."""
    return Article(**{**row, "tags": tuple(row["tags"]), "effective": _day(row["effective"]), "expires": _day(row["expires"])})


def payer_of(row: Mapping[str, Any]) -> PayerRow:
    """A payer row from plain values."""
    kinds = {"status": Status(row["status"]), "referral": Rule(row["referral"]), "authorization": Rule(row["authorization"])}
    return PayerRow(**{**row, **kinds, "aliases": tuple(row["aliases"])})


def _date(value: object) -> str:
    assert isinstance(value, date), "everything else in a draft is text, a number or a tuple"
    return value.isoformat()


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
