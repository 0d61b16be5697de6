"""Which words of a message stand together as one name: "de la cruz", "robert j mcdonald junior", "Park, Kevin".

A run is a maximal stretch of words that may be a name; the words around it decide elsewhere whose name it is, if anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.name_forms import WORD_LETTERS, is_initials
from nlu.name_items import Item
from nlu.name_words import FIRST, LAST, PARTICLES, SUFFIXES, Kind, is_first
from nlu.repairs import rejects

POLITE = frozenset("yes yeah hi hello hey ok okay sure please thanks thank you um uh hola si good morning it's its is this name".split())
"""Said around a name without meaning anything."""


_ARTICLES = frozenset({"the", "a", "an"})
_CALLED = re.compile(r"\b(?:call|calls|called|says|say|goes by|go by)\b(?:\s\w+){0,2}\s*$")
"""What they are called: behind it the whole name may begin again."""


def runs(low: str, items: Sequence[Item], asked: bool) -> list[tuple[Item, ...]]:
    """Every run, "Park, Kevin" turned round and rejected names parted from those behind them. `asked`: a name was asked for."""
    return _inverted(low, [part for run in _runs(low, items, asked) for part in _parted(low, items, run)], asked)


def _runs(low: str, items: Sequence[Item], asked: bool) -> list[tuple[Item, ...]]:
    """Maximal stretches of words that may be one name."""
    runs: list[tuple[Item, ...]] = []
    index = 0
    while index < len(items):
        taken: list[Item] = []
        at = index
        while at < len(items) and len(taken) < 6:
            if taken and is_break(low, items[at - 1], items[at]):
                break
            if not _fits(items, at, taken) and not (asked and (_closes(low, items, at, taken) or _opens(items, at, taken))):
                break
            taken.append(items[at])
            at += 1
        while taken and taken[-1].low in PARTICLES and taken[-1].kind < Kind.DOUBTFUL and not (asked and taken[-1].low in LAST):
            taken.pop()
        if any(item.kind >= Kind.DOUBTFUL for item in taken):
            runs.append(tuple(taken))
            index = max(at, index + 1)
        else:
            index += 1
    return runs


def is_break(low: str, left: Item, right: Item) -> bool:
    """Does what stands between two words part them into two names?"""
    gap = low[left.end : right.start]
    if left.spelled and gap.strip() == ",":
        return False
    if right.low in SUFFIXES:
        return gap.strip() not in ("", ",", ".")
    return gap.strip(" ") not in ("", ".", "-") or (gap.strip() == "." and len(left.low) > 2 and left.low not in SUFFIXES)


def _closes(low: str, items: Sequence[Item], at: int, taken: Sequence[Item]) -> bool:
    """ "thuy le", "april may", "Chidi A.": a short or everyday word that ends the answer after a name."""
    item = items[at]
    last = at + 1 == len(items) or re.match(r"\s*[,;:|(\n]|\.\s", low[item.end :]) is not None
    if not last or not taken or len(taken) > 2 or item.low in SUFFIXES:
        return False
    return (item.low in LAST and (item.capital or at == len(taken))) or (len(item.low) == 1 and (item.capital or at == len(taken)))


def _opens(items: Sequence[Item], at: int, taken: Sequence[Item]) -> bool:
    """ "May Chu": an everyday word that begins the answer and is somebody's first name before a surname."""
    following = items[at + 1] if at + 1 < len(items) else None
    return (
        not taken
        and items[at].low in FIRST
        and following is not None
        and following.kind == Kind.NAME
        and all(item.low in POLITE for item in items[:at])
    )


def _parted(low: str, items: Sequence[Item], run: tuple[Item, ...]) -> list[tuple[Item, ...]]:
    """ "Sean, not Shawn Sean Gallagher": behind a rejected name, a word said before begins the name again."""
    if len(run) > 1 and (rejects(low[: run[0].start]) or len(run) > 2 or _CALLED.search(low[: run[0].start])):
        said = {item.low for item in items if item.end <= run[0].start and item.kind >= Kind.DOUBTFUL}
        for index in range(1, len(run) - 1 if len(run) > 2 else len(run)) if run[0].low not in said else ():
            if run[index].low in said:
                return [run[:index], run[index:]]
    return [run]


def _fits(items: Sequence[Item], at: int, taken: Sequence[Item]) -> bool:
    """May this word stand here in a name?"""
    item = items[at]
    following = items[at + 1] if at + 1 < len(items) else None
    if item.kind == Kind.UNKNOWN and not item.capital and not taken and at and items[at - 1].low in _ARTICLES:
        return False  # "at the end", "a fisherman"
    if item.kind >= Kind.UNKNOWN:
        return True
    if not taken and is_initials(item, following):
        return True
    if item.low in SUFFIXES:
        return bool(taken)
    if item.low in WORD_LETTERS and taken and not item.capital:
        return following is not None and following.kind == Kind.NAME and not is_first(following.low)
    if item.low in PARTICLES or (len(item.low) == 1 and taken):
        led = bool(taken) or item.low in ("de", "van", "von", "la", "del", "mc", "o", "st", "san", "el", "al", "di", "da")
        return led and following is not None and (following.kind >= Kind.DOUBTFUL or following.low in PARTICLES) and item.low != "y"
    if item.kind == Kind.DOUBTFUL:
        return bool(taken) or following is None or following.kind >= Kind.DOUBTFUL or following.kind <= Kind.STOP or item.capital
    return False


def _inverted(low: str, runs: list[tuple[Item, ...]], asked: bool) -> list[tuple[Item, ...]]:
    """ "Park, Kevin" is Kevin Park."""
    out: list[tuple[Item, ...]] = []
    for run in runs:
        if out and low[out[-1][-1].end : run[0].start].strip() == "," and len(out[-1]) <= 3 and len(run) <= 3:
            last = out[-1]
            told = (
                asked
                or low[: last[0].start].strip() == ""
                or re.search(r"(?:\bpt|patient|name|nombre|paciente)\W*$|[\n:;#)]\s*$", low[: last[0].start])
            )
            only = asked and low[: last[0].start].strip() == "" and low[run[-1].end :].strip(" .!") == ""
            turned = (
                (is_first(run[0].low) or run[0].kind == Kind.UNKNOWN or only)
                and (last[0].low in PARTICLES or not is_first(last[0].low))
                and not any(item.spelled for item in (*run, *last))
                and not (len(run) > 1 and run[0].low.startswith(last[0].low))  # "Bri, Brianna Castile"
            )
            whole = not asked or (low[run[-1].end :].strip(" .!") == "" or not last[0].capital)
            if told and turned and whole and not (len(last) > 1 and is_first(last[0].low) and last[0].low not in PARTICLES):
                out[-1] = (*run, *last)
                continue
        out.append(run)
    return out
