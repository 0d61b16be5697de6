"""Topics: what callers ask clinics, whatever words they use. Read over messages and articles alike, so that the two can meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from knowledge.reading import lexicon
from nlu.phrasebook import Phrasebook, Scan
from nlu.wording import Words

_GROUP = re.compile(r"\(([^)]*)\)")
_NO_WORD = re.compile(r"<[a-z_]+>|~\d+|[|()]")
Kind = Literal["subject", "aspect", "detail"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that can be asked."""

    id: str
    kind: Kind
    """`aspect` and `detail` narrow a subject and are none by themselves."""
    free: bool
    """Often mentioned in passing: an article need not be about it."""
    general: bool
    """Says little beside a more particular subject: "forms" in "the forms from my surgeon"."""
    strict: bool
    """A thing of its own: an article that does not name it is about something else."""
    implies: tuple[str, ...]
    lists: bool = False
    """Many things of one sort: an article about some of them need not be about the one asked, whose own words still count."""


@dataclass(frozen=True, slots=True)
class Read:
    """The topics of one stretch of words."""

    topics: frozenset[str]
    guards: frozenset[str]
    taken: frozenset[int]
    """Positions of the words that made a topic: they need no counterpart of their own."""


_NEVER = 99
"""Letters from which a phrasebook mends words: none, since these were mended before."""


class Topics:
    """All topics and guards of the lexicon."""

    def __init__(self, tables: Mapping[str, Any], guards: Mapping[str, Any]) -> None:
        self.all: Mapping[str, Topic] = {
            name: Topic(
                name,
                row.get("kind", "subject"),
                free=bool(row.get("free")),
                general=bool(row.get("general")),
                strict=bool(row.get("strict")),
                implies=tuple(row.get("implies", ())),
                lists=bool(row.get("lists")),
            )
            for name, row in tables["topics"].items()
        }
        self._guards = frozenset(guards["guards"])
        rules = [{"id": name, "any": row["say"]} for name, row in (*tables["topics"].items(), *guards["guards"].items())]
        classes: dict[str, list[str]] = {**tables["classes"], "filler": ["um", "uh", "er", "like", "please"]}
        grouped = [{**rule, "any": [_named_groups(entry, classes) for entry in rule["any"]]} for rule in rules]
        self._book = Phrasebook([{"version": 1, "classes": classes, "rule": grouped}], shortest=_NEVER)
        self._words = self._named()
        self.read = lru_cache(maxsize=4096)(self._read)

    def words(self) -> frozenset[str]:
        """Every whole word the lexicon names: right as written."""
        return self._words

    def _named(self) -> frozenset[str]:
        found: set[str] = set()
        for entry in _phrases(lexicon("topics"), lexicon("guards")):
            for token in _NO_WORD.sub(" ", entry).split():
                word = token.strip("!?&^$")
                found.add(word.removesuffix("*"))
        return frozenset(word for word in found if word.isalpha())

    def _read(self, words: Words) -> Read:
        """Topics, guards and the words they were made of. Called as `read`."""
        scan: Scan = self._book.scan(words)
        topics: set[str] = set()
        guards: set[str] = set()
        taken: set[int] = set()
        for match in self._book.match(scan):
            if match.rule.id in self._guards:
                guards.add(match.rule.id)
                continue
            topics.add(match.rule.id)
            if self.all[match.rule.id].lists:
                continue
            for first, last in match.spans:
                taken.update(at for at in range(first, last) if at in (first, last - 1) or words.low[at] in self._words)
        return Read(frozenset(topics), frozenset(guards), frozenset(taken))

    def widened(self, topics: Iterable[str]) -> frozenset[str]:
        """With what they imply."""
        given = frozenset(topics)
        return given | frozenset(more for topic in given for more in self.all[topic].implies)


def _named_groups(entry: str, classes: dict[str, list[str]]) -> str:
    """`(get in|be seen)`, a choice between phrases, becomes a word class of its own: the pattern language has choices between words only."""

    def name(found: re.Match[str]) -> str:
        phrases = found.group(1).split("|")
        key = "group_" + "_".join(found.group(1).replace("<", "").replace(">", "").replace("|", "__").split())
        classes[key] = phrases
        return f"<{key}>"

    return _GROUP.sub(name, entry)


@cache
def standard_topics() -> Topics:
    """The lexicon that ships."""
    return Topics(lexicon("topics"), lexicon("guards"))


def _phrases(*tables: Mapping[str, Any]) -> Iterable[str]:
    for table in tables:
        for group in ("topics", "guards"):
            for row in table.get(group, {}).values():
                yield from row["say"]
        for entries in table.get("classes", {}).values():
            yield from entries
