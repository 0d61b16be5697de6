"""Whose referral is it? Finds the clinic's known source behind a name as it was said or texted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from agent.clinic import KnownSource

_TITLES = frozenset("dr doctor md do np pa pac dpm dpt dds dc rn aprn fnp arnp mr mrs ms".split())
_SAME_NAME = 88.0
"""Similarity, 0 to 100, of two last names from which a slip of spelling or hearing is forgiven."""
_SAME_PRACTICE = 85.0


def find(known: Iterable[KnownSource], provider: str, practice: str, phone: str | None = None) -> KnownSource | None:
    """The one source that fits; None when none does, or when several at different addresses do: a guess would thank a stranger.

    A provider who is named must fit. With a practice only, the practice must. The number an office texts from decides between several.
    """
    fitting = [source for source in known if _fits(source, provider, practice)]
    if not fitting and phone and not provider and not practice:
        fitting = [source for source in known if source.phone == phone]
    calling = [source for source in fitting if phone and source.phone == phone]
    fitting = calling or fitting
    return fitting[0] if fitting and len({_address(source) for source in fitting}) == 1 else None


def _fits(source: KnownSource, provider: str, practice: str) -> bool:
    if not provider and not practice:
        return False
    if provider and not _same_provider(source.provider, provider):
        return False
    if not practice:
        return True
    return any(fuzz.token_set_ratio(_fold(name), _fold(practice)) >= _SAME_PRACTICE for name in (source.practice, *source.aliases) if name)


def _same_provider(known: str, said: str) -> bool:
    a, b = _name(known), _name(said)
    if not a or not b or fuzz.ratio(a[-1], b[-1]) < _SAME_NAME:
        return False
    return len(a) == 1 or len(b) == 1 or a[0][0] == b[0][0]


def _name(text: str) -> list[str]:
    if re.fullmatch(r"[^,]+, *\w[\w-]+", text) and text.rpartition(",")[2].strip().lower() not in _TITLES:
        last, _, first = text.partition(",")
        text = f"{first} {last}"
    return [word for word in _fold(text).split() if word not in _TITLES]


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace(".", "")))


def _address(source: KnownSource) -> tuple[str, str]:
    return source.email.lower(), source.fax if not source.email else ""
