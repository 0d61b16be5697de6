"""Names as people write themselves: McDonald, O'Brien, de la Cruz, Smith-Jones, from any lettering.

A name typed with small letters after its first capital is kept as typed; names all in capitals or all in small letters
are set.
"""

from __future__ import annotations

import re

_PART = re.compile(r"[^\W\d_]+")
_PARTICLES = frozenset(
    {"de", "la", "del", "van", "von", "der", "den", "di", "da", "dos", "los", "las", "y", "of", "and", "the", "at", "for", "in", "on"}
)
_ALWAYS_UPPER = frozenset(
    {
        "ucsf",
        "ucla",
        "usc",
        "ucsd",
        "uc",
        "uci",
        "nyu",
        "upmc",
        "unc",
        "hss",
        "mgh",
        "va",
        "ent",
        "hca",
        "ohsu",
        "ob",
        "gyn",
        "obgyn",
        "ii",
        "iii",
        "iv",
        "pamf",
        "er",
        "usa",
        "ut",
    }
)


def person(name: str) -> str:
    """A person's name; particles inside it stay small when they were typed or said so."""
    words = name.split()
    if _typed(name):
        return " ".join(words)
    return " ".join(w.lower() if i > 0 and w.lower() in _PARTICLES and len(words) > 2 else _PART.sub(_capital, w) for i, w in enumerate(words))


def place(name: str) -> str:
    """A practice's name; abbreviations typed in capitals stay."""
    words = name.split()
    if _typed(name):
        return " ".join(words)
    return " ".join(
        w.upper() if w.lower() in _ALWAYS_UPPER else w.lower() if i and w.lower() in _PARTICLES else _PART.sub(_capital, w)
        for i, w in enumerate(words)
    )


def _typed(name: str) -> bool:
    """Somebody chose the capitals: both kinds of letters are there, and every long word begins with a capital."""
    letters = [w for w in _PART.findall(name) if len(w) > 3]
    return any(c.islower() for c in name) and bool(letters) and all(w[0].isupper() for w in letters)


def _capital(match: re.Match[str]) -> str:
    word = match.group().lower()
    if word.startswith("mc") and len(word) > 4:
        return "Mc" + word[2:].capitalize()
    before = match.string[: match.start()]
    if before.endswith("'") and len(word) == 1:
        return word
    return word.capitalize()
