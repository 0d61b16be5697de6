"""The general list of US payers: national, Blue plans by state, Medicaid, Medicare Advantage, military, auto and work injury.

Source: the payers' own names; aliases, misspellings and what speech recognition makes of them by hand. Table:
`lexicons/carriers.csv` (name; kind; two-letter state of a payer of one state; aliases).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.gazetteer import LEXICONS, PhraseSet, Word
from nlu.vocabulary import Vocabulary

_GROUPING = frozenset({"auto", "workcomp", "workcomp_carrier", "casualty", "share", "supplement"})
"""Kinds for which the said name is kept although the clinic's table has one row for all of them."""
_STATE_BRANDS = frozenset({"Blue Shield of California", "Anthem Blue Cross"})
"""Californian companies: in other states the same short words mean the Blue plan there."""


@dataclass(frozen=True, slots=True)
class GeneralPayer:
    """One payer of the general list."""

    name: str
    kind: str
    state: str
    aliases: tuple[str, ...]
    """`~` marks an alias that is a plain word too."""


def _load() -> tuple[GeneralPayer, ...]:
    with (LEXICONS / "carriers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    written = {alias.lower() for row in rows for alias in row["aliases"].split(";")}
    return tuple(
        GeneralPayer(
            row["name"],
            row["kind"],
            row["state"],
            (*_aliases(row["name"], row["aliases"].split(";")), *(alias for alias in _by_state(row) if alias not in written)),
        )
        for row in rows
    )


def _aliases(name: str, others: list[str]) -> tuple[str, ...]:
    """The name is an alias too, unless it is listed as a plain word ("Progressive")."""
    return tuple(others) if f"~{name.lower()}" in others else (name, *others)


def _by_state(row: dict[str, str]) -> tuple[str, ...]:
    """A Blue plan of one state as offices write it: BCBSTX, "bcbs tx", "blue cross of tx"."""
    if (
        row["kind"] != "blue"
        or not row["state"]
        or "Blue Cross" not in row["name"].replace("BlueCross", "Blue Cross")
        or "california" in row["aliases"]
    ):
        return ()
    state = row["state"].lower()
    spaced = (f"bcbs {state}", f"bcbs of {state}", f"blue cross {state}", f"blue cross of {state}")
    return (f"bcbs{state}", *(spaced if state not in _WORDS else ()))


_WORDS = frozenset({"in", "or", "me", "ok", "hi", "de", "la", "ma", "pa", "al", "id", "co", "mo"})
"""State codes that are words or plan letters too: only joined to the brand."""

PAYERS = _load()
NAMES = PhraseSet(alias for payer in PAYERS for alias in payer.aliases if not alias.startswith("~"))
"""Every name and alias that can only be a payer."""


PLAN_LETTERS = frozenset({"ppo", "hmo", "epo", "hdhp"})
"""What an insurer's name is followed by, and no place's."""


def covers(low: str, found: Sequence[Word]) -> bool:
    """Nothing but a payer or a kind of plan ("UHC", "the HMO one"): the answer to a question about cover."""
    return low.strip(" .!") in NAMES or (len(found) <= 3 and any(word.text in PLAN_LETTERS for word in found))


@dataclass(frozen=True, slots=True)
class Carrier:
    """One payer as it is written down."""

    name: str
    kind: str
    """`commercial`, `blue`, `medicare`, `medicaid`, `managed_medicaid`, `advantage`, `supplement`, `military`, `workcomp`,
    `workcomp_carrier`, `casualty`, `auto`, `share`, `self` or `clinic` (a row of the clinic's table nothing else is known about)."""


def phrases(vocabulary: Vocabulary) -> Iterator[tuple[str, Carrier]]:
    """The clinic's own table first: the index keeps the first meaning of a phrase."""
    own = {alias.lower(): payer.name for payer in vocabulary.payers for alias in (payer.name, *payer.aliases)}
    general: list[tuple[str, Carrier]] = []
    for payer in PAYERS:
        if payer.name in _STATE_BRANDS and vocabulary.state not in ("", payer.state):
            general.extend(_abroad(payer, own))
            continue
        grouping = payer.kind in _GROUPING
        name = payer.name
        if not grouping:
            name = next((own[a.lower()] for a in payer.aliases if a.lower() in own), name)
        carrier = Carrier(name, payer.kind)
        entries = [(alias, carrier) for alias in payer.aliases]
        if grouping:
            yield from entries
        else:
            general.extend(entries)
    kinds = {entry.name: entry.kind for _, entry in general}
    for alias, name in own.items():
        yield alias, Carrier(name, kinds.get(name, "clinic"))
    yield from general


def _abroad(payer: GeneralPayer, own: Mapping[str, str]) -> Iterator[tuple[str, Carrier]]:
    """A Californian brand heard elsewhere: itself by its full name, the Blue plan of the place by its short words."""
    local = Carrier(own.get("blue cross blue shield", "Blue Cross Blue Shield"), "blue")
    for alias in payer.aliases:
        yield alias, Carrier(payer.name, payer.kind) if "california" in alias.lower() or alias.endswith(" ca") else local
