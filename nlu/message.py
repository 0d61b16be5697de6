"""A message made ready for the readers: cleaned once, cut into tokens once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 10_000
"""Characters read of one message. The rest is stored but not read: reading time must stay bounded."""

_TOKEN = re.compile(r"[^\W_]+(?:['’.&@_+-][^\W_]+)*|[#$%&@/?!.,;:()+]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign."""

    text: str
    """As written."""
    low: str
    """Lower case, accents folded to ASCII."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """Cleaned text, its folded twin of the same length, and its tokens. Offsets fit both texts."""

    text: str
    low: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, raw: str) -> Message:
        """Never raises: control characters and lone surrogates become spaces."""
        text = clean(raw)
        low = fold(text)
        tokens = tuple(Token(m.group(), low[m.start() : m.end()], *m.span()) for m in _TOKEN.finditer(text))
        return cls(text, low, tokens)


def clean(raw: str) -> str:
    """Compose to NFC, drop what no person typed, straighten curly quotes, cut at `LONGEST`. Line breaks stay: they part patients."""
    if raw.isascii() and raw.isprintable():
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
    base = unicodedata.normalize("NFKD", char)[0].lower()
    return base if len(base) == 1 else char


_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u200b": " ", "\u202e": " "})
