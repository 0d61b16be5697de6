"""Phrases as data: word classes and patterns from TOML, matched over a message's words in time linear in its length.

A pattern is words in order. `<name>` is a word class, `#` a number, `a|b` one of several, `go_on` two words where one is expected, `swell*` any word
with that beginning, `x?` may be missing, `~3` lets up to three words stand between its neighbours (never across the end of a sentence). `^` is the
start of the message and `^^` of any sentence, `$` the end of the message (`~2 $`: at most two words before it), each leaving out fillers such as "um"
or "please". `A & B` asks for both in one sentence in any order, `A && B` anywhere in the message, `!B` as a part asks that B be absent.

Spelling: a word of five letters or more that neither the lexicon nor everyday English knows is read as the nearest lexicon word, one slip away (two
in words of eight letters or more), same first letter (optimal string alignment distance, rapidfuzz).
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.wording import LEXICONS, SENTENCE, Words, spell_out

WINDOW = 16
"""Words that may lie between the parts of `A & B`: longer sentences are speech without full stops."""
MANY = 24
"""Occurrences kept of one pattern: more are repetition, and reading time must stay bounded."""

Span = tuple[int, int]
"""First and one-past-last word."""
Found = tuple[int, int, tuple[int, ...]]
"""A span with the words inside it that no step of the pattern asked for."""


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern."""

    symbols: frozenset[str]
    """Words (`fever`), beginnings (`swell*`) or classes (`<chest>`) that satisfy it."""
    gap: int = 0
    """Words that may stand before it."""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Words in order: one operand of `&`."""

    elements: tuple[Element, ...]
    opens: str = ""
    """`^`, `^^` or nothing."""
    closes: int | None = None
    """Words that may still follow to the end of the message (`~2 $`); None where any number may."""
    absent: bool = False
    """`!`: must not be in the sentence."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of saying something."""

    parts: tuple[Part, ...]
    anywhere: bool
    """The parts may be in different sentences (`&&`)."""

    needed: tuple[frozenset[str], ...]
    """For every step that must be there, the symbols of which one has to be in the message."""

    @property
    def anchor(self) -> frozenset[str]:
        """The most telling step: the pattern is looked at only where one of its symbols is in the message."""
        return min(self.needed, key=lambda symbols: (any(s in _COMMON for s in symbols), len(symbols)))


@dataclass(frozen=True, slots=True)
class Rule:
    """A named group of patterns with whatever its reader wants to know about it."""

    id: str
    patterns: tuple[Pattern, ...]
    tags: Mapping[str, Any]
    """Every other key of the rule's table."""


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


class Phrasebook:
    """The classes and rules of one reader, from `lexicons/<name>.toml` and `lexicons/<name>_*.toml`."""

    def __init__(self, tables: Sequence[Mapping[str, Any]], shortest: int = 5) -> None:
        self.shortest = shortest
        """Letters a word must have to be read as a misspelling."""
        classes: dict[str, list[str]] = {}
        for table in tables:
            for name, entries in table.get("classes", {}).items():
                classes.setdefault(name, []).extend(entries)
        self.version = max(int(t.get("version", 0)) for t in tables)
        self.rules = tuple(_rule(r) for t in tables for r in t.get("rule", ()))
        self._phrases: dict[str, Any] = {}
        self._beginnings: dict[str, set[str]] = {}
        self._numbers: dict[str, set[str]] = {}
        for name in classes:
            for entry in _flatten(name, classes, ()):
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
        self._vocabulary: dict[str, list[str]] = {}
        for word in sorted(w for w in _all_words(self._phrases) if len(w) >= 4):
            self._vocabulary.setdefault(word[0], []).append(word)
        self._repair = lru_cache(maxsize=4096)(self._nearest)
        self._symbols_of = lru_cache(maxsize=8192)(self._beginnings_of)

    @classmethod
    def load(cls, name: str, shortest: int = 5) -> Phrasebook:
        """Read the lexicon files of a reader. Raises ValueError on a malformed one: a start must fail, not a call."""
        files = [LEXICONS / "common.toml", LEXICONS / f"{name}.toml", *sorted(LEXICONS.glob(f"{name}_*.toml"))]
        return cls([tomllib.loads(f.read_text("utf-8")) for f in files], shortest)

    def scan(self, words: Words) -> Scan:
        """Find every symbol of this book."""
        low = tuple(self._repair(w) for w in words.low)
        starts: dict[str, dict[int, list[int]]] = {}
        for i, word in enumerate(low):
            for symbol in self._symbols_of(word):
                starts.setdefault(symbol, {}).setdefault(i, []).append(i + 1)
            node, j = self._phrases.get(word), i + 1
            while node is not None:
                for symbol in node.get("", ()):
                    starts.setdefault(symbol, {}).setdefault(i, []).append(j)
                if j >= len(low) or words.breaks[j] >= SENTENCE:
                    break
                node, j = node.get(low[j]), j + 1
        return Scan(words, starts, "<filler>")

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
            return tuple(s for kind in _number_kinds(word) for s in self._numbers.get(kind, ()))
        return tuple(s for n in range(3, min(len(word), 24) + 1) for s in self._beginnings.get(word[:n], ()))

    def _nearest(self, word: str) -> str:
        if not self.shortest <= len(word) <= 24 or word in self._phrases or word in _EVERYDAY or self._beginnings_of(word) or not word.isalpha():
            return word
        slips = 1 if len(word) < 8 else 2
        best = process.extractOne(word, self._vocabulary.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return best[0] if best else word


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


def _rule(table: Mapping[str, Any]) -> Rule:
    tags = {k: v for k, v in table.items() if k not in ("id", "any")}
    return Rule(table["id"], tuple(_pattern(p) for p in table["any"]), tags)


def _pattern(text: str) -> Pattern:
    anywhere = "&&" in text
    parts = tuple(_part(p) for p in text.replace("&&", "&").split("&"))
    if all(p.absent for p in parts):
        raise ValueError(f"pattern {text!r} asks for nothing")
    needed = tuple(e.symbols for p in parts if not p.absent for e in p.elements if not e.optional)
    return Pattern(tuple(sorted(parts, key=lambda p: p.absent)), anywhere, needed)


def _part(text: str) -> Part:
    tokens = text.split()
    absent = tokens[0].startswith("!")
    if absent:
        tokens[0] = tokens[0][1:]
    opens = tokens.pop(0) if tokens[0] in ("^", "^^") else ""
    closes = tokens[-1] == "$"
    if closes:
        tokens.pop()
    elements: list[Element] = []
    gap = 0
    for token in tokens:
        if token.startswith("~"):
            gap = int(token[1:])
            continue
        symbols = frozenset(" ".join(_opened_choice(c)) for c in token.rstrip("?").split("|"))
        elements.append(Element(symbols, gap, token.endswith("?")))
        gap = 0
    return Part(tuple(elements), opens, gap if closes else None, absent)


def _opened_choice(choice: str) -> tuple[str, ...]:
    return (choice,) if choice[0] in "<#" or choice.endswith("*") else spell_out(choice.replace("_", " "))


def _number_kinds(word: str) -> tuple[str, ...]:
    """`#` is any number, `#year` 1940 to 2049, `#0y` a year such as 08; `#fever` 100.4 to 107 with a decimal, `#hot` without, `#celsius` 38 to 42."""
    value = float(word)
    kinds = ["#"]
    if word.isdigit() and 1940 <= value < 2050:
        kinds.append("#year")
    if len(word) == 2 and word[0] == "0":
        kinds.append("#0y")
    if word[0] != "0" and 100 <= value <= 107:
        kinds.append("#fever" if "." in word and value >= 100.4 else "#hot")
    if 38 <= value <= 42:
        kinds.append("#celsius")
    return tuple(kinds)


def _flatten(name: str, classes: Mapping[str, list[str]], above: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every phrase of a class, those of the classes it names included; `a|b c` stands for `a c` and `b c`, `x?` for x or nothing."""
    if name in above or name not in classes:
        raise ValueError(f"class {name!r} is unknown or names itself")
    phrases: list[tuple[str, ...]] = []
    for entry in classes[name]:
        choices: list[list[tuple[str, ...]]] = []
        for token in entry.split():
            ways: list[tuple[str, ...]] = [()] if token.endswith("?") else []
            for choice in token.rstrip("?").split("|"):
                ways.extend(_flatten(choice[1:-1], classes, (*above, name)) if choice.startswith("<") else [_opened_choice(choice)])
            choices.append(ways)
        phrases.extend(tuple(itertools.chain(*way)) for way in itertools.product(*choices))
    return [p for p in phrases if p]


def _all_words(node: Mapping[str, Any]) -> set[str]:
    words: set[str] = set()
    for word, below in node.items():
        if word:
            words.add(word)
            words |= _all_words(below)
    return words


def _everyday() -> frozenset[str]:
    return frozenset((LEXICONS / "everyday.txt").read_text("utf-8").split())


_COMMON = frozenset(
    "i you he she it we they my your his her the a an is am are was were do does did have has had can not no to of in on at and or me for".split()
) | {"<i>", "<person>", "<filler>"}
"""Symbols in almost every message: poor anchors."""
_EVERYDAY = _everyday()
