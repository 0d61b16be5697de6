"""The referring doctor's specialty, from the closed list: "the bone doctor", "my pcp", "Lee DPM", "el ortopeda".

Words: `lexicons/specialties.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlu.gazetteer import Hit, PhraseIndex, Word, lexicon

SLOT = "referral.specialty"

INDEX: PhraseIndex[str] = PhraseIndex((phrase, name) for name, phrases in lexicon("specialties")["specialties"].items() for phrase in phrases)


def find(found: Sequence[Word]) -> list[Hit[str]]:
    """Every specialty named, in order."""
    return INDEX.find(found)
