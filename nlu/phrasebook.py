"""Phrases as data: word classes and patterns from TOML, matched over a message's words in time linear in its length.

A pattern is written as `nlu/patterns.py` has it; slips of the thumb and of the ear are read as `nlu/slips.py` has it. Words that recognition often
puts in place of another ("cough" for "calf", table `sounds`) are read as both.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlu.patterns import Element, Part, Pattern, Rule, flatten, number_kinds, read_rule
from nlu.slips import Slips
from nlu.wording import LEXICONS, SENTENCE, Words

WINDOW = 16
"""Words that may lie between the parts of `A & B`: longer sentences are speech without full stops."""
MANY = 24
"""Occurrences kept of one pattern: more are repetition, and reading time must stay bounded."""

Span = tuple[int, int]
"""First and one-past-last word."""
Found = tuple[int, int, tuple[int, ...]]
"""A span with the words inside it that no step of the pattern asked for."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule found in a message."""

    rule: Rule
    spans: tuple[Span, ...]
    """One per part of the pattern that must be present, in the pattern's order."""
    skipped: frozenset[int]
    """Words inside the spans that the pattern only skipped."""

    @property
    def start(self) -> int:
        return min(s for s, _ in self.spans)

    @property
    def end(self) -> int:
        return max(e for _, e in self.spans)


class Scan:
    """Where every symbol of a phrasebook occurs in one message."""

    __slots__ = ("first", "last", "starts", "words")

    def __init__(self, words: Words, starts: dict[str, dict[int, list[int]]], fillers: str) -> None:
        self.words = words
        self.starts = starts
        first, last = 0, len(words.low)
        skip = starts.get(fillers, {})
        while first in skip:
            first = max(skip[first])
        ends = {e: s for s, many in skip.items() for e in many}
        while last in ends and last > first:
            last = ends[last]
        self.first, self.last = first, last
        """The message without the fillers around it."""

    def spans(self, symbol: str) -> list[Span]:
        """Every place a symbol occurs, in order."""
        return [(s, e) for s, ends in sorted(self.starts.get(symbol, {}).items()) for e in ends]

    def has(self, symbol: str) -> bool:
        return symbol in self.starts

    def without(self, places: frozenset[int]) -> Scan:
        """The same message with nothing found in the words at `places`."""
        left = {symbol: {s: ends for s, ends in found.items() if places.isdisjoint(range(s, max(ends)))} for symbol, found in self.starts.items()}
        return Scan(self.words, {symbol: found for symbol, found in left.items() if found}, "<filler>")


class Phrasebook:
    """The classes and rules of one reader, from `lexicons/<name>.toml` and `lexicons/<name>_*.toml`."""

    def __init__(self, tables: Sequence[Mapping[str, Any]], shortest: int = 5) -> None:
        classes: dict[str, list[str]] = {}
        for table in tables:
            for name, entries in table.get("classes", {}).items():
                classes.setdefault(name, []).extend(entries)
        self.version = max(int(t.get("version", 0)) for t in tables)
        self.rules = tuple(read_rule(r) for t in tables for r in t.get("rule", ()))
        self._phrases: dict[str, Any] = {}
        self._beginnings: dict[str, set[str]] = {}
        self._numbers: dict[str, set[str]] = {}
        for name in classes:
            for entry in flatten(name, classes, ()):
                self._add(entry, f"<{name}>")
        for symbol in {s for r in self.rules for p in r.patterns for part in p.parts for e in part.elements for s in e.symbols}:
            if not symbol.startswith("<"):
                self._add(symbol.split(), symbol)
            elif symbol[1:-1] not in classes:
                raise ValueError(f"a rule names the unknown class {symbol}")
        self._by_anchor: dict[str, list[tuple[Rule, Pattern]]] = {}
        for rule in self.rules:
            for pattern in rule.patterns:
                for symbol in pattern.anchor:
                    self._by_anchor.setdefault(symbol, []).append((rule, pattern))
        self._sounds = _sounds(tables)
        self._symbols_of = lru_cache(maxsize=8192)(self._beginnings_of)
        slips = Slips(_all_words(self._phrases), lambda word: word in self._phrases or bool(self._symbols_of(word)), shortest)
        self._repair = lru_cache(maxsize=8192)(slips.nearest)
        self._join = lru_cache(maxsize=8192)(slips.joined)

    @classmethod
    def load(cls, name: str, shortest: int = 5) -> Phrasebook:
        """Read the lexicon files of a reader. Raises ValueError on a malformed one: a start must fail, not a call."""
        files = [LEXICONS / "common.toml", LEXICONS / f"{name}.toml", *sorted(LEXICONS.glob(f"{name}_*.toml"))]
        return cls([tomllib.loads(f.read_text("utf-8")) for f in files], shortest)

    def scan(self, words: Words) -> Scan:
        """Find every symbol of this book."""
        readings = self._readings(words)
        starts: dict[str, dict[int, list[int]]] = {}
        for i in range(len(readings)):
            for symbol, end in self._symbols_at(i, readings, words):
                ends = starts.setdefault(symbol, {}).setdefault(i, [])
                if end not in ends:
                    ends.append(end)
        return Scan(words, starts, "<filler>")

    def _readings(self, words: Words) -> list[list[tuple[str, int]]]:
        """What may stand at each place, with the place after it: the word, what it sounds like, and the one it makes with the next."""
        low = [self._repair(w) for w in words.low]
        readings: list[list[tuple[str, int]]] = []
        for i, word in enumerate(low):
            here = [(word, i + 1)]
            if word in self._sounds:
                here.extend((meant, i + 1) for meant in self._sounds[word])
            if i + 1 < len(low) and not words.breaks[i + 1]:
                whole = self._join(words.low[i], words.low[i + 1])
                if whole is not None:
                    here.append((whole, i + 2))
            readings.append(here)
        return readings

    def _symbols_at(self, i: int, readings: list[list[tuple[str, int]]], words: Words) -> Iterator[tuple[str, int]]:
        """Every symbol that starts at word `i`, with its end."""
        frontier: list[tuple[Mapping[str, Any], int]] = []
        for word, j in readings[i]:
            for symbol in self._symbols_of(word):
                yield symbol, j
            if word in self._phrases:
                frontier.append((self._phrases[word], j))
        while frontier:
            node, j = frontier.pop()
            for symbol in node.get("", ()):
                yield symbol, j
            if j < len(readings) and words.breaks[j] < SENTENCE:
                frontier.extend((node[word], k) for word, k in readings[j] if word in node)

    def match(self, scan: Scan) -> list[Match]:
        """Every rule found, with where. Order: by rule as written, then by place."""
        found: list[Match] = []
        tried: set[int] = set()
        present = scan.starts.keys()
        for symbol in scan.starts:
            for rule, pattern in self._by_anchor.get(symbol, ()):
                if id(pattern) not in tried and not any(present.isdisjoint(step) for step in pattern.needed):
                    tried.add(id(pattern))
                    found.extend(_match(rule, spans) for spans in _pattern_spans(pattern, scan))
        order = {rule.id: n for n, rule in enumerate(self.rules)}
        return sorted(found, key=lambda m: (order[m.rule.id], m.start))

    def _add(self, entry: Iterable[str], symbol: str) -> None:
        words = tuple(entry)
        if len(words) == 1 and words[0].startswith("#"):
            self._numbers.setdefault(words[0], set()).add(symbol)
            return
        if len(words) == 1 and words[0].endswith("*"):
            self._beginnings.setdefault(words[0][:-1], set()).add(symbol)
            return
        if any("*" in w or "#" in w for w in words):
            raise ValueError(f"{words}: a beginning or a kind of number must stand alone")
        node = self._phrases
        for word in words:
            node = node.setdefault(word, {})
        if symbol not in node.setdefault("", []):
            node[""].append(symbol)

    def _beginnings_of(self, word: str) -> tuple[str, ...]:
        if word[0].isdecimal():
            return tuple(s for kind in number_kinds(word) for s in self._numbers.get(kind, ()))
        return tuple(s for n in range(3, min(len(word), 24) + 1) for s in self._beginnings.get(word[:n], ()))


def _sounds(tables: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """By what is heard, the words that may have been said."""
    said: dict[str, tuple[str, ...]] = {}
    for meant, heard in itertools.chain.from_iterable(table.get("sounds", {}).items() for table in tables):
        for word in heard.split():
            said[word] = (*said.get(word, ()), meant)
    return said


def _match(rule: Rule, found: tuple[Found, ...]) -> Match:
    return Match(rule, tuple((s, e) for s, e, _ in found), frozenset(i for _, _, skipped in found for i in skipped))


def _pattern_spans(pattern: Pattern, scan: Scan) -> list[tuple[Found, ...]]:
    present = [p for p in pattern.parts if not p.absent]
    per_part = []
    for part in present:
        found = _part_spans(part, scan)
        if not found:
            return []
        per_part.append(found)
    chosen: list[tuple[Found, ...]] = []
    for first in per_part[0]:
        rest = [_closest(first, spans, pattern.anywhere, scan.words) for spans in per_part[1:]]
        if all(rest):
            chosen.append((first, *(r for r in rest if r)))
    banned = [_part_spans(p, scan) for p in pattern.parts if p.absent] if chosen else []
    return [spans for spans in chosen if not any(_shares(spans[0], b, pattern.anywhere, scan.words) for b in banned)]


def _closest(of: Found, among: list[Found], anywhere: bool, words: Words) -> Found | None:
    """The nearest span that shares the sentence (or the message) with `of` and does not overlap it but in a gap."""
    best: tuple[int, Found] | None = None
    low, high = (0, len(words.low)) if anywhere else words.sentence(of[0])
    for span in among:
        distance = max(of[0] - span[1], span[0] - of[1])
        if distance < 0 and (_within(span, of) or _within(of, span)):
            distance = 0
        if distance < 0 or (not anywhere and (distance > WINDOW or not low <= span[0] < high)):
            continue
        if best is None or distance < best[0]:
            best = (distance, span)
    return best[1] if best else None


def _within(inner: Found, outer: Found) -> bool:
    """Whether `inner` lies in words that `outer` only skipped."""
    return all(i in outer[2] for i in range(inner[0], inner[1]))


def _shares(of: Found, among: list[Found], anywhere: bool, words: Words) -> bool:
    low, high = (0, len(words.low)) if anywhere else words.sentence(of[0])
    return any(low <= start < high for start, _, _ in among)


def _part_spans(part: Part, scan: Scan) -> list[Found]:
    words = scan.words
    elements = part.elements
    if part.opens == "^":
        starts = [(scan.first, scan.first)] + ([(0, 0)] if scan.first else [])
    elif part.opens == "^^":
        starts = [(i, i) for i, b in enumerate(words.breaks) if b >= SENTENCE or i == scan.first]
    else:
        head, elements = elements[0], elements[1:]
        starts = [span for symbol in head.symbols for span in scan.spans(symbol)]
    spans: list[Found] = [(s, e, ()) for s, e in starts]
    for element in elements:
        spans = _step(element, spans, scan)
        if not spans:
            return []
    if part.closes is not None:
        spans = [s for s in spans if s[1] + part.closes >= scan.last]
    return sorted(set(spans))[:MANY]


def _step(element: Element, spans: list[Found], scan: Scan) -> list[Found]:
    words, size = scan.words, len(scan.words.low)
    tables = [scan.starts[s] for s in element.symbols if s in scan.starts]
    after: list[Found] = list(spans) if element.optional else []
    seen: set[Span] = {(s, e) for s, e, _ in after}
    for start, end, skipped in spans:
        at = end
        for _ in range(element.gap + 1):
            if at >= size or (at > start and words.breaks[at] >= SENTENCE):
                break
            for table in tables:
                for reached in table.get(at, ()):
                    if (start, reached) not in seen:
                        seen.add((start, reached))
                        after.append((start, reached, (*skipped, *range(end, at))))
            at += 1
    return after[: MANY * 8]


def _all_words(node: Mapping[str, Any]) -> set[str]:
    words: set[str] = set()
    for word, below in node.items():
        if word:
            words.add(word)
            words |= _all_words(below)
    return words
