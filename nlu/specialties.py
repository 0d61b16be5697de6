"""The referring doctor's specialty, from the closed list: "the bone doctor", "my pcp", "Lee DPM", "el ortopeda".

Words: `lexicons/specialties.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlu import body_parts
from nlu.gazetteer import Hit, PhraseIndex, Word, lexicon

SLOT = "referral.specialty"

_TITLES = frozenset({"dr", "doctor", "dra"})
INDEX: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in lexicon("specialties")["specialties"].items() for phrase in phrases)


def find(found: Sequence[Word]) -> list[Hit[str]]:
    """Every specialty named, in order. A weak word ("hand") counts only where it ends a name: "Dr. Weng, hand"."""
    return [hit for hit in INDEX.find(found) if (not hit.weak or _behind_doctor(found, hit)) and not _listed(found, hit)]


def _listed(found: Sequence[Word], hit: Hit[str]) -> bool:
    """ "knee, dr Hale": a list in which the title belongs to the name behind it."""
    place, title = found[hit.first], found[hit.last - 1]
    return hit.last - hit.first == 2 and place.text in body_parts.INDEX and title.text in _TITLES and title.start - place.end > 1


def _behind_doctor(found: Sequence[Word], hit: Hit[str]) -> bool:
    closes = hit.last == len(found) or not found[hit.last].joined or found[hit.last].start - hit.end > 1
    return closes and any(w.text in _TITLES for w in found[max(0, hit.first - 3) : max(0, hit.first - 1)])
