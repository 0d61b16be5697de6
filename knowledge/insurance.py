"""What a clause asks about insurance, answered from the payer table: status, referral and authorization rule, plan by plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.answer import Answer
from knowledge.payerbook import Mention, PayerBook, plans
from knowledge.payers import PayerRow
from knowledge.phrasing import Phrasing
from knowledge.reading import lexicon
from nlu.wording import spell_out

SURE, SPLIT = 0.97, 0.9
"""Confidence of a row looked up by name and plan, and of the split when no plan was said."""
_LONGEST_CUE = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What a clause wants to know of a payer."""

    fields: frozenset[str]
    """Of `status`, `referral`, `authorization`."""
    extent: bool
    """How much is paid, how many visits: only the insurer knows."""
    mine: bool
    """The asker's own insurance is meant without being named."""


def asked(low: Sequence[str]) -> Asked:
    """Read the insurance side of a clause."""
    said = {name for name, phrases in _cues().items() if _any(low, phrases)}
    return Asked(frozenset(said & {"status", "referral", "authorization"}), "extent" in said, "mine" in said)


def answer(book: PayerBook, mentions: Sequence[Mention], around: Sequence[str], fields: frozenset[str], phrasing: Phrasing) -> Answer | None:
    """The answer for the payers named, or None for one the clinic does not list or a plan no row has.

    `around`: all words in which a plan may have been named.
    """
    said = plans(around, mentions).features
    chosen = {mention: book.choose(mention, said) for mention in mentions}
    if not mentions or any(not rows for rows in chosen.values()):
        return None
    rows = min(chosen.values(), key=len)
    if len(rows) == 1:
        row = rows[0]
        worded = phrasing.payer(row)
        return Answer(row.id, worded.text, worded.spoken, row.source, None, SURE)
    worded = phrasing.split(rows, fields)
    return Answer(f"payer:{rows[0].payer}", worded.text, worded.spoken, _sources(rows), None, SPLIT)


def _sources(rows: Sequence[PayerRow]) -> str:
    return "; ".join(dict.fromkeys(row.source for row in rows))


def _any(low: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> bool:
    return any(tuple(low[at : at + length]) in phrases for at in range(len(low)) for length in range(1, _LONGEST_CUE + 1))


@cache
def _cues() -> dict[str, frozenset[tuple[str, ...]]]:
    table = lexicon("plans")
    named = {**{name: table["asks"][name] for name in ("status", "referral", "authorization", "extent")}, "mine": table["generic"]["mine"]}
    return {name: frozenset(tuple(spell_out(entry)) for entry in entries) for name, entries in named.items()}
