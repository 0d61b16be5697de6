"""What people take back within one message: "no sorry, oh one seven oh", "3/14 not 3/4", "use the cell".

`settle` is given the places where values of one kind were found and returns the ones still standing. The words are data:
`lexicons/repairs.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

_LEXICON: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "lexicons" / "repairs.toml").read_text(encoding="utf-8"))


def words_pattern(words: Iterable[str]) -> str:
    """An alternation of whole phrases, longest first; spaces stand for any run of spaces and commas."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(r"[\s,]+".join(map(re.escape, phrase.split())) for phrase in ordered) + ")"


_CORRECTION = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["corrections"]) + r"(?![\w'])")
_NEGATION = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["negations"]) + r"[\s,:]{0,3}$")
_ALTERNATIVE = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["alternatives"]) + r"(?![\w'])")
_PREFERRED = re.compile(r"^\W{0,3}(?:\w+\W+){0,3}?" + words_pattern(_LEXICON["preferred"]) + r"(?![\w'])")
_CHOOSE = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["choose"]) + r"\s+(\w+)")
_PLEASE = re.compile(r"[.,;!]\s*(?:the\s+)?(\w+)\s+(?:pls|plz|please|is best|is better|preferred|por favor)\b")
_COPULA = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["copulas"]) + r"\s*$")
_REJECTING = re.compile(r"[\s,]*" + words_pattern(_LEXICON["rejecting"]) + r"\s*")
_NEAR = 60


class Spanned(Protocol):
    """Anything with a place in the message."""

    @property
    def start(self) -> int:
        """Offset of its first character."""
        ...

    @property
    def end(self) -> int:
        """Offset after its last character."""
        ...


S = TypeVar("S", bound=Spanned)


@dataclass(frozen=True, slots=True)
class Settled(Generic[S]):
    """Which of several values still stand."""

    kept: tuple[S, ...]
    """In the order they were said."""
    alternatives: bool = False
    """True: two or more were offered with "or" and none was chosen."""
    corrected: bool = False
    """True: an earlier value was taken back."""


def settle(found: Sequence[S], low: str) -> Settled[S]:
    """Drop what was taken back or rejected; pick what was preferred. `low` is the folded message."""
    kept: list[S] = []
    alternatives = corrected = False
    previous = 0
    for index, item in enumerate(found):
        gap = low[max(previous, item.start - _NEAR) : item.start]
        after = low[item.end : found[index + 1].start if index + 1 < len(found) else item.end + _NEAR]
        previous = item.end
        last = kept and _REJECTING.fullmatch(low, kept[-1].end, item.start) and _COPULA.search(low[: kept[-1].start])
        rejected = _NEGATION.search(gap)
        if len(found) > 1 and ((rejected and "," not in rejected.group().strip(" ,")) or last):
            corrected = True
            continue
        if kept and _CORRECTION.search(gap):
            kept, alternatives, corrected = [], False, True
        elif kept and _ALTERNATIVE.search(gap):
            alternatives = True
        kept.append(item)
        if len(found) > 1 and _PREFERRED.search(after):
            return Settled((item,), False, corrected)
    chosen = _chosen(kept, low) if len(kept) > 1 else None
    if chosen is not None:
        return Settled((chosen,), False, corrected)
    return Settled(tuple(kept), alternatives and len(kept) > 1, corrected)


def corrects(gap: str) -> bool:
    """Does the text between two values take the first one back?"""
    return _CORRECTION.search(gap) is not None


def rejects(before: str) -> bool:
    """Do the words right before a value reject it ("not", "instead of")?"""
    return _NEGATION.search(before[-_NEAR:]) is not None


def _chosen(kept: Sequence[S], low: str) -> S | None:
    """ "use the cell": the value whose label that was."""
    for choice in (*_CHOOSE.finditer(low), *_PLEASE.finditer(low)):
        label = re.compile(r"\b" + re.escape(choice[1]) + r"\b")
        behind = [item for item in kept if re.match(r"\s*[(\[]?\s*" + label.pattern, low[item.end : item.end + _NEAR])]
        if len(behind) == 1 and re.search(r"[a-z]", low[: kept[0].start]) is None:
            return behind[0]
        previous = 0
        for item in kept:
            if choice.start() >= item.end and label.search(low, previous, item.start):
                return item
            previous = item.end
        following = [item for item in kept if item.start >= choice.start(1) and item.start - choice.end() < 20]
        if following:
            return following[0]
    return None
