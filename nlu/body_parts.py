"""The part of the body, from the closed list: "lower back", "c-spine", "la rodilla", "rotator cuff".

Several places of one region are that region, two regions are `multiple`; the side is not kept. A place the pain only runs to
("down my leg") is not the place. Words: `lexicons/body_parts.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlu.gazetteer import Hit, PhraseIndex, PhraseSet, Word, lexicon
from nlu.numbers import NUMBER_WORDS

SLOT = "referral.body_part"

_TABLE = lexicon("body_parts")
INDEX: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in _TABLE["parts"].items() for phrase in phrases)
_HEARD: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in _TABLE["heard"].items() for phrase in phrases)
_IDIOMS = PhraseSet(_TABLE["idioms"]["phrases"])
_ASIDE = {name: PhraseSet(phrases) for name, phrases in _TABLE["aside"].items()}
_FEW = 5
"""Words of an answer that is only the place: a longer one may well be about a niece."""


def find(found: Sequence[Word], *, asked: bool = False, dense: bool = False) -> list[Hit[str]]:
    """Every place named that is a place of complaint, in order.

    `asked` lets a misheard word ("my niece") stand for the place where it is all that was said; `dense` lets in the
    abbreviations of office shorthand ("T/S").
    """
    hits = [hit for hit in INDEX.find(found) if dense or not hit.weak]
    if not hits:
        return _HEARD.find(found) if asked and len(found) <= _FEW else hits
    idioms = _IDIOMS.find(found)
    return [hit for hit in hits if not _aside(found, hit) and not any(i.first <= hit.first < i.last for i in idioms)]


def _aside(found: Sequence[Word], hit: Hit[str]) -> bool:
    if (radiates := _ASIDE["radiating"].ends(found, hit.first)) and not _ASIDE["verbs_down"].ends(found, hit.first - radiates):
        return True
    if _ASIDE["landing"].ends(found, hit.first):
        return True
    if found[hit.first].text in ("foot", "feet") and hit.first and (found[hit.first - 1].text in NUMBER_WORDS or found[hit.first - 1].text.isdigit()):
        return True  # a height
    if found[hit.first].text in ("back", "backs") and hit.last == hit.first + 1 and not _ASIDE["owned"].ends(found, hit.first):
        if any(_ASIDE["idiom_verbs"].starts(found, i) for i in range(max(0, hit.first - 4), hit.first - 1)):
            return True
        return bool(_ASIDE["idiom_before"].ends(found, hit.first) or _ASIDE["idiom_after"].starts(found, hit.last))
    return False


def settle(parts: Sequence[str]) -> str | None:
    """One value for all the places named."""
    distinct = set(parts)
    if not distinct:
        return None
    return parts[0] if len(distinct) == 1 else "multiple"
