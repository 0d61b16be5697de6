"""The general list of US payers: national, Blue plans by state, Medicaid, Medicare Advantage, military, auto and work injury.

Source: the payers' own names; aliases, misspellings and what speech recognition makes of them by hand. Table:
`lexicons/carriers.csv` (name; kind; two-letter state of a payer of one state; aliases).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

from nlu.gazetteer import LEXICONS, PhraseSet


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
