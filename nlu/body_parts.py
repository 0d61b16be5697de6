"""The part of the body, from the closed list: "lower back", "c-spine", "la rodilla", "rotator cuff".

Several places of one region are that region, two regions are `multiple`; the side is not kept. A place the pain only runs to
("down my leg") is not the place. Words: `lexicons/body_parts.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlu.gazetteer import Hit, PhraseIndex, PhraseSet, Word, lexicon

SLOT = "referral.body_part"

_TABLE = lexicon("body_parts")
INDEX: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in _TABLE["parts"].items() for phrase in phrases)
_IDIOMS = PhraseSet(_TABLE["idioms"]["phrases"])
_ASIDE = {name: PhraseSet(phrases) for name, phrases in _TABLE["aside"].items()}


def find(found: Sequence[Word]) -> list[Hit[str]]:
    """Every place named that is a place of complaint, in order."""
    hits = INDEX.find(found)
    if not hits:
        return hits
    idioms = _IDIOMS.find(found)
    return [hit for hit in hits if not _aside(found, hit) and not any(i.first <= hit.first < i.last for i in idioms)]


def _aside(found: Sequence[Word], hit: Hit[str]) -> bool:
    if _ASIDE["radiating"].ends(found, hit.first) or _ASIDE["landing"].ends(found, hit.first):
        return True
    if found[hit.first].text in ("back", "backs") and hit.last == hit.first + 1 and not _ASIDE["owned"].ends(found, hit.first):
        return bool(_ASIDE["idiom_before"].ends(found, hit.first) or _ASIDE["idiom_after"].starts(found, hit.last))
    return False


def settle(parts: Sequence[str]) -> str | None:
    """One value for all the places named."""
    distinct = set(parts)
    if not distinct:
        return None
    return parts[0] if len(distinct) == 1 else "multiple"
