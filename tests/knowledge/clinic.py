"""Saltbush, a made-up sports studio in Arizona: another state, another style of business, other words than the sample clinic."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.answer import Asker, Finder
from knowledge.articles import Article, load_articles
from knowledge.availability import Availability, LeadTime
from knowledge.finder import build
from knowledge.payers import PayerRow, load_payers

FOLDER = Path(__file__).with_name("saltbush")
TODAY = date(2026, 11, 21)
ASKING = Asker(today=TODAY, implied=True)
"""Somebody who was invited to ask."""
TALKING = Asker(today=TODAY)
"""Somebody in the middle of an intake."""


@cache
def articles() -> tuple[Article, ...]:
    return load_articles(FOLDER / "articles.jsonl")


@cache
def payers() -> tuple[PayerRow, ...]:
    return load_payers(FOLDER / "payers.csv")


@cache
def finder() -> Finder:
    return build(articles(), payers())


@cache
def scheduled() -> Finder:
    """The same clinic with lead times stated this week."""
    return build(articles(), payers(), Availability(date(2026, 11, 18), (LeadTime(2), LeadTime(9, location="Mesa"))))


def questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()]


def ids(text: str, asker: Asker = ASKING, by: Finder | None = None) -> list[str | None]:
    """Which answers a message gets, None for an abstention."""
    return [part.answer.id if part.answer else None for part in (by or finder()).find(text, asker)]
