"""Finding phrases of a lexicon in a message: exact words, longest first, in linear time.

Words are runs of letters and digits, so "s/p", "medi-cal" and "workers' comp" are matched however they are punctuated.
Lexicon convention: a phrase in UPPER CASE is an abbreviation and is also matched spelled letter by letter ("h m o"); a
phrase that begins with `~` is weak, which each reader explains for itself.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from nlu.message import Message, fold

LEXICONS = Path(__file__).parent / "lexicons"
"""Where the word lists of the readers live."""

T = TypeVar("T")

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[\n;!?|]|\.\s")
"""A phrase never runs across one of these."""


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters and digits."""

    text: str
    """Lower case, accents folded."""
    start: int
    end: int
    joined: bool
    """False when a sentence, line or list break stands before it."""


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A lexicon phrase found in a message."""

    entry: T
    first: int
    """Index of its first word."""
    last: int
    """Index after its last word."""
    weak: bool
    """The lexicon marked the phrase with `~`."""
    start: int
    end: int
    """Character offsets."""


@lru_cache(maxsize=64)
def words_of(low: str) -> tuple[Word, ...]:
    """The words of a folded text. Cached: every reader of a message asks for the same ones."""
    out: list[Word] = []
    end = 0
    for match in _WORD.finditer(low):
        start = match.start()
        joined = start - end == 1 or (end > 0 and not _BREAK.search(low, end, start))
        out.append(Word(match.group(), start, match.end(), joined))
        end = match.end()
    return tuple(out)


def words(message: Message) -> tuple[Word, ...]:
    """The words of a message."""
    return words_of(message.low)


class Placed(Protocol):
    """Anything with a beginning in the message."""

    @property
    def start(self) -> int:
        """Offset of its first character."""
        ...


def index_at(found: Sequence[Placed], start: int) -> int:
    """Index of the first of `found` (in order) that begins at or after `start`."""
    return bisect_left(found, start, key=lambda placed: placed.start)


def key_of(phrase: str) -> str:
    """A phrase as it is looked up: its words, folded, one space between."""
    return " ".join(_WORD.findall(fold(phrase)))


def forms(phrase: str) -> tuple[tuple[str, bool], ...]:
    """The keys a lexicon phrase stands for, and whether each is weak."""
    weak = phrase.startswith("~")
    bare = phrase.removeprefix("~")
    keys = [key_of(bare)]
    head, _, tail = bare.partition(" ")
    if head.isupper() and head.isalpha() and 1 < len(head) <= 6:
        keys.append(key_of(" ".join(head) + " " + tail))
    return tuple((key, weak) for key in keys if key)


class PhraseIndex(Generic[T]):
    """Phrases, each standing for an entry. A phrase added twice keeps its first meaning."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._entries: dict[str, tuple[T, bool]] = {}
        self._longest: dict[str, int] = {}
        for phrase, entry in entries:
            for key, weak in forms(phrase):
                self._entries.setdefault(key, (entry, weak))
                head = key.partition(" ")[0]
                self._longest[head] = max(self._longest.get(head, 0), key.count(" ") + 1)

    def __contains__(self, phrase: str) -> bool:
        return key_of(phrase) in self._entries

    def get(self, phrase: str) -> T | None:
        """What a whole phrase stands for."""
        found = self._entries.get(key_of(phrase))
        return found[0] if found else None

    def keys(self) -> Mapping[str, tuple[T, bool]]:
        """Every key with its entry and weakness, for approximate matching."""
        return self._entries

    def at(self, found: Sequence[Word], i: int) -> Hit[T] | None:
        """The longest phrase that begins at word `i`."""
        reach = self._longest.get(found[i].text, 0)
        if reach == 1:
            entry = self._entries.get(found[i].text)
            return Hit(entry[0], i, i + 1, entry[1], found[i].start, found[i].end) if entry is not None else None
        stop = min(i + reach, len(found))
        for j in range(i + 1, stop):
            if not found[j].joined:
                stop = j
                break
        said = [found[j].text for j in range(i, stop)]
        for last in range(stop, i, -1):
            entry = self._entries.get(" ".join(said[: last - i]))
            if entry is not None and not _spelling(found, i, last):
                return Hit(entry[0], i, last, entry[1], found[i].start, found[last - 1].end)
        return None

    def find(self, found: Sequence[Word]) -> list[Hit[T]]:
        """Every phrase, leftmost and longest first, none overlapping."""
        hits: list[Hit[T]] = []
        i = 0
        while i < len(found):
            if found[i].text not in self._longest:
                i += 1
                continue
            hit = self.at(found, i)
            if hit is None:
                i += 1
            else:
                hits.append(hit)
                i = hit.last
        return hits


def _spelling(found: Sequence[Word], first: int, last: int) -> bool:
    """Letters out of a longer run of letters ("k o w a l s k i") are no abbreviation."""
    if any(len(w.text) > 1 for w in found[first:last]) or last - first < 2:
        return False
    before = list(itertools.takewhile(_is_letter, reversed(found[max(0, first - 2) : first])))
    if len(before) == 1 and before[0].text in "smtd":
        before = []  # the end of "it's", "i'm", "don't", "i'd"
    around = [*before, *itertools.takewhile(_is_letter, found[last : last + 2])]
    return len(around) > 1 or any(w.text not in "aiyo" for w in around)


def _is_letter(word: Word) -> bool:
    return len(word.text) == 1 and word.text.isalpha()


class PhraseSet:
    """Phrases that only need to be recognised."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._index: PhraseIndex[str] = PhraseIndex((p, p) for p in phrases)
        self._keys = frozenset(self._index.keys())
        self._tails: dict[str, int] = {}
        for key in self._keys:
            tail = key.rpartition(" ")[2]
            self._tails[tail] = max(self._tails.get(tail, 0), key.count(" ") + 1)

    def __contains__(self, phrase: str) -> bool:
        return key_of(phrase) in self._keys

    def find(self, found: Sequence[Word]) -> list[Hit[str]]:
        """Every phrase, leftmost and longest first."""
        return self._index.find(found)

    def starts(self, found: Sequence[Word], i: int) -> int:
        """Words taken by the longest phrase that begins at word `i`; 0 when none does."""
        hit = self._index.at(found, i) if i < len(found) else None
        return hit.last - hit.first if hit else 0

    def ends(self, found: Sequence[Word], i: int) -> int:
        """Words taken by the longest phrase that ends right before word `i`; 0 when none does."""
        if i <= 0:
            return 0
        for count in range(min(self._tails.get(found[i - 1].text, 0), i), 0, -1):
            if " ".join(w.text for w in found[i - count : i]) in self._keys:
                return count
        return 0

    def covers(self, found: Sequence[Word]) -> bool:
        """Whether the whole message is made of phrases."""
        i = 0
        while i < len(found) and (taken := self.starts(found, i)):
            i += taken
        return i == len(found)

    def near(self, found: Sequence[Word], first: int, last: int, reach: int) -> bool:
        """Whether a phrase begins within `reach` words of the stretch `first`..`last`."""
        low, high = max(0, first - reach), min(len(found), last + reach)
        return any(self.starts(found, i) for i in range(low, high) if not first <= i < last)


@lru_cache(maxsize=32)
def lexicon(name: str) -> Mapping[str, Any]:
    """A word list in TOML beside this module, by its file name without the ending."""
    return tomllib.loads((LEXICONS / f"{name}.toml").read_text(encoding="utf-8"))
