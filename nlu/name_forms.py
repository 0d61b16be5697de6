"""How a run of name words is written down: order, initials, suffixes, capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.lettering import person
from nlu.name_items import Item
from nlu.name_words import FIRST, LAST, SUFFIXES, Kind

WORD_LETTERS = frozenset("aieuy")
"""Letters that are words: an initial only where a family name follows."""


def written(items: Sequence[Item]) -> str:
    """A run as people write themselves: "mcdonald" is McDonald, "j" is J., "junior" is Jr."""
    words: list[str] = []
    suffix = ""
    for index, item in enumerate(items):
        if item.low in SUFFIXES and index:
            suffix = " " + SUFFIXES[item.low]
        elif len(item.low) == 1 and len(items) > 1 and not _is_prefix(items, index):
            words.append(item.text.upper() + ".")
        else:
            words.append(item.text.capitalize() if item.spelled and len(item.text) > 1 else item.text)
    joined = re.sub(r"\b([oOdD]) (?=[A-Za-z]{3})", lambda match: match[1] + "'", " ".join(words))
    joined = re.sub(r"\b([mM]a?c) (?=[A-Za-z]{3})", lambda match: match[1], joined)
    return person(joined) + suffix


def _is_prefix(items: Sequence[Item], index: int) -> bool:
    """The letter of O'Brien and D'Angelo, not of "Robert D. Jones": with the word behind it, it is a name of the census."""
    if items[index].low not in ("o", "d") or index + 1 == len(items):
        return False
    whole = items[index].low + items[index + 1].low
    return index == 0 or whole in LAST or whole in FIRST


def restated(run: tuple[Item, ...]) -> tuple[Item, ...]:
    """ "bond james bond" and "smythe jennifer smythe": the family name said first is said once."""
    run = tuple(item for index, item in enumerate(run) if index == 0 or item.low != run[index - 1].low)
    if len(run) > 2 and run[0].low == run[-1].low:
        return run[1:]
    if len(run) == 2 and _is_turned(run[0].low, run[1].low):
        return (run[1], run[0])
    half = len(run) // 2
    if len(run) % 2 == 0 and half and [item.low for item in run[:half]] == [item.low for item in run[half:]]:
        return run[half:]
    return run


def _is_turned(one: str, two: str) -> bool:
    """ "smith john": a family name that is nobody's given name before one of the commonest given names."""
    return one in LAST and one not in FIRST and FIRST.get(two, 10**6) < 500 and FIRST[two] * 4 < LAST.get(two, 10**6)


def is_initials(item: Item, following: Item | None) -> bool:
    """ "J. P. Morgan", "TJ Watt"."""
    return (
        item.text.isupper()
        and len(item.low) <= 2
        and item.low not in WORD_LETTERS
        and following is not None
        and following.kind == Kind.NAME
        and not following.text.isupper()
    )
