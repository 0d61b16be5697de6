"""The clinic's articles: what it has written down once, so that callers need not wait for a person to say it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_REQUIRED = ("id", "question", "answer")


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used; the message names file, line and what to change."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}, line {line}: {problem}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Article:
    """One question the clinic answers, in its own words."""

    id: str
    """Unique within the clinic; cited as `article:<id>`."""
    question: str
    """The question as a caller would put it."""
    answer: str
    """What the line says, word for word."""
    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    """Document it comes from, for the coordinator."""
    effective: date | None = None
    """First day it holds; None: always has."""
    expires: date | None = None
    """Last day it holds; None: until changed."""

    def current(self, today: date) -> bool:
        """Whether it may be used on `today`, in the clinic's time zone."""
        return (self.effective is None or self.effective <= today) and (self.expires is None or today <= self.expires)


def load_articles(path: Path) -> tuple[Article, ...]:
    """Read `articles.jsonl`: one JSON object per line.

    Raises KnowledgeError for a line that is no object, lacks a field, has a wrong date or repeats an id.
    """
    seen: dict[str, int] = {}
    articles = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        article = _article(line, path, number)
        if article.id in seen:
            raise KnowledgeError(path, number, f'id "{article.id}" was used in line {seen[article.id]}; give each article its own id')
        seen[article.id] = number
        articles.append(article)
    return tuple(articles)


def _article(line: str, path: Path, number: int) -> Article:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise KnowledgeError(path, number, f"not valid JSON ({error.msg} at column {error.colno}); write one object per line") from error
    if not isinstance(row, dict):
        raise KnowledgeError(path, number, 'expected an object such as {"id": ..., "question": ..., "answer": ...}')
    for name in _REQUIRED:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise KnowledgeError(path, number, f'"{name}" is missing or empty; write it as text')
    tags = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise KnowledgeError(path, number, '"tags" must be a list of words')
    effective, expires = (_day(row, name, path, number) for name in ("effective", "expires"))
    if effective and expires and expires < effective:
        raise KnowledgeError(path, number, '"expires" is before "effective"; correct one of the two dates')
    return Article(
        id=row["id"].strip(),
        question=row["question"].strip(),
        answer=row["answer"].strip(),
        title=str(row.get("title") or "").strip(),
        tags=tuple(tags),
        source=str(row.get("source") or "").strip(),
        effective=effective,
        expires=expires,
    )


def _day(row: Mapping[str, object], name: str, path: Path, number: int) -> date | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise KnowledgeError(path, number, f'"{name}" is "{value}"; write a date as YYYY-MM-DD or leave it null') from error
