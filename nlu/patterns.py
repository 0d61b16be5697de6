"""What a phrase pattern is, and how one is written in a lexicon.

A pattern is words in order. `<name>` is a word class, `#` a number, `a|b` one of several, `go_on` two words where one is expected, `swell*` any word
with that beginning, `x?` may be missing, `~3` lets up to three words stand between its neighbours (never across the end of a sentence). `^` is the
start of the message and `^^` of any sentence, `$` the end of the message (`~2 $`: at most two words before it), each leaving out fillers such as "um"
or "please". `A & B` asks for both in one sentence in any order, `A && B` anywhere in the message, `!B` as a part asks that B be absent.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlu.wording import spell_out

_COMMON = frozenset(
    "i you he she it we they my your his her the a an is am are was were do does did have has had can not no to of in on at and or me for".split()
) | {"<i>", "<person>", "<filler>"}
"""Symbols in almost every message: poor anchors."""


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
    """For every step that must be there, the symbols of which one has to be in the message: rare words before common ones, the rarest last."""

    @property
    def anchor(self) -> frozenset[str]:
        """The most telling step: the pattern is looked at only where one of its symbols is in the message."""
        return self.needed[-1]


def _telling(symbols: frozenset[str]) -> tuple[bool, int]:
    """Sorts steps: the fewer messages hold one of the symbols, the earlier."""
    return any(s in _COMMON for s in symbols), len(symbols)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named group of patterns with whatever its reader wants to know about it."""

    id: str
    patterns: tuple[Pattern, ...]
    tags: Mapping[str, Any]
    """Every other key of the rule's table."""


def read_rule(table: Mapping[str, Any]) -> Rule:
    """A rule of a lexicon: `id`, `any` (patterns) and tags. Raises ValueError on a pattern that asks for nothing."""
    tags = {k: v for k, v in table.items() if k not in ("id", "any")}
    return Rule(table["id"], tuple(_pattern(p) for p in table["any"]), tags)


def _pattern(text: str) -> Pattern:
    anywhere = "&&" in text
    parts = tuple(_part(p) for p in text.replace("&&", "&").split("&"))
    if all(p.absent for p in parts):
        raise ValueError(f"pattern {text!r} asks for nothing")
    needed = sorted((e.symbols for p in parts if not p.absent for e in p.elements if not e.optional), key=_telling)
    return Pattern(tuple(sorted(parts, key=lambda p: p.absent)), anywhere, (*needed[1:], *needed[:1]))


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


def number_kinds(word: str) -> tuple[str, ...]:
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


def flatten(name: str, classes: Mapping[str, list[str]], above: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every phrase of a class, those of the classes it names included; `a|b c` stands for `a c` and `b c`, `x?` for x or nothing."""
    if name in above or name not in classes:
        raise ValueError(f"class {name!r} is unknown or names itself")
    phrases: list[tuple[str, ...]] = []
    for entry in classes[name]:
        choices: list[list[tuple[str, ...]]] = []
        for token in entry.split():
            ways: list[tuple[str, ...]] = [()] if token.endswith("?") else []
            for choice in token.rstrip("?").split("|"):
                ways.extend(flatten(choice[1:-1], classes, (*above, name)) if choice.startswith("<") else [_opened_choice(choice)])
            choices.append(ways)
        phrases.extend(tuple(itertools.chain(*way)) for way in itertools.product(*choices))
    return [p for p in phrases if p]
