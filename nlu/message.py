"""A message made ready for the readers: cleaned and folded once."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST = 10_000
"""Characters read of one message. The rest is stored but not read: reading time must stay bounded."""


@dataclass(frozen=True, slots=True)
class Message:
    """Cleaned text and its folded twin of the same length. Offsets fit both texts."""

    text: str
    low: str

    @classmethod
    def of(cls, raw: str) -> Message:
        """Never raises: control characters and lone surrogates become spaces."""
        text = clean(raw)
        return cls(text, fold(text))


def clean(raw: str) -> str:
    """Compose to NFC, drop what no person typed, straighten curly quotes, cut at `LONGEST`. Line breaks stay: they part patients."""
    if raw.isascii() and raw.replace("\n", " ").isprintable():
        return raw[:LONGEST]
    kept = (" " if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in raw[:LONGEST])
    text = unicodedata.normalize("NFC", "".join(kept))
    return text.translate(_STRAIGHT)


def fold(text: str) -> str:
    """Lower-case ASCII twin with the length kept, so that offsets agree: one character in, one out."""
    return text.lower() if text.isascii() else "".join(map(_fold_one, text))


def _fold_one(char: str) -> str:
    if char.isascii():
        return char.lower()
    base = _UNDIVIDED.get(char) or unicodedata.normalize("NFKD", char)[0].lower()
    return base if len(base) == 1 else char


_UNDIVIDED = dict(zip("øØæÆœŒłŁđĐðÐþÞßı", "ooaaoollddddttsi", strict=True))
"""Letters that Unicode does not take apart, as an English keyboard has them."""
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u200b": " ", "\u202e": " "})
