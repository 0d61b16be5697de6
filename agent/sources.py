"""Whose referral is it? Finds the clinic's known source behind a name as it was said or texted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from agent.clinic import KnownSource

_TITLES = frozenset("dr doctor md do np pa pac dpm dpt dds dc rn aprn fnp arnp mr mrs ms".split())
_SAME_NAME = 90.0
"""Similarity, 0 to 100, of two last names when nothing else speaks for them: Carter and Carver are 83."""
_SAME_NAME_AT_PRACTICE = 75.0
"""The same when the practice fits too: Smith and Smyth are 80."""
_SAME_WORD = 85.0
_EMPTY = frozenset("the of and at for a center centre clinic office group associates practice".split())
"""Words of a practice's name that tell it from no other."""


def find(known: Iterable[KnownSource], provider: str, practice: str, phone: str | None = None) -> KnownSource | None:
    """The one source that fits; None when none does, or when several at different addresses do: a guess would thank a stranger.

    A provider who is named must fit. With a practice only, the practice must. The number an office texts from decides between several.
    """
    fits = [(fit, source) for source in known if (fit := _fit(source, provider, practice))]
    best = max((fit for fit, _ in fits), default=0)
    fitting = [source for fit, source in fits if fit == best]
    if not provider and not practice and phone:
        fitting = [source for source in known if source.phone == phone]
    fitting = [source for source in fitting if phone and source.phone == phone] or fitting
    return fitting[0] if fitting and len({_address(source) for source in fitting}) == 1 else None


def _fit(source: KnownSource, provider: str, practice: str) -> int:
    """0: another one. 2: down to the first name. 1: by what was said."""
    if not provider and not practice:
        return 0
    if practice and not any(_same_practice(name, practice) for name in (source.practice, *source.aliases) if name):
        return 0
    return _fit_provider(source.provider, provider, _SAME_NAME_AT_PRACTICE if practice else _SAME_NAME) if provider else 1


def _fit_provider(known: str, said: str, similar: float) -> int:
    a, b = _name(known), _name(said)
    if not a or not b or fuzz.ratio(a[-1], b[-1]) < similar:
        return 0
    if a == b:
        return 2
    shorter = min(len(a), len(b))
    return int(a[-shorter:] == b[-shorter:] or shorter == 1 or a[0][0] == b[0][0])


def _same_practice(known: str, said: str) -> bool:
    """Every telling word of the shorter name is in the longer one, whole, begun ("ortho") or nearly."""
    a, b = ([word for word in _fold(name).split() if word not in _EMPTY] or _fold(name).split() for name in (known, said))
    few, many = sorted((a, b), key=len)
    return bool(few) and all(any(_same_word(one, other) for other in many) for one in few)


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (len(short) > 2 and long.startswith(short)) or fuzz.ratio(one, other) >= _SAME_WORD


def _name(text: str) -> list[str]:
    if re.fullmatch(r"[^,]+, *\w[\w-]+", text) and text.rpartition(",")[2].strip().lower() not in _TITLES:
        last, _, first = text.partition(",")
        text = f"{first} {last}"
    return [word for word in _fold(text).split() if word not in _TITLES]


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace(".", "")))


def _address(source: KnownSource) -> tuple[str, str]:
    return source.email.lower(), source.fax if not source.email else ""
