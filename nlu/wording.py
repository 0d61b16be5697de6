"""A message as plain words for the phrase readers: contractions opened, texting shorthand spelled out, signs kept as breaks.

Where `Message.text` keeps what was written (names and ids need that), these words are what was meant: "can't", "cant" and
"cannot" are all `can not`, "its" is `it is`, "mom's" is `mom`. Words are ASCII-folded; offsets point into the message.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nlu.message import Message

LEXICONS = Path(__file__).with_name("lexicons")
"""Where the word lists live, one TOML file per reader and language."""

SENTENCE, COMMA = 2, 1
"""Strength of the break before a word: end of a sentence, or a comma."""

_PIECE = re.compile(
    r"(?P<slashed>\b[a-z]/(?:[a-z]{1,3}\b)?)|(?P<number>\d{1,9}(?:\.\d{1,4})?)|(?P<word>[^\W\d_]+(?:['`´][^\W\d_]+){0,3})"
    r"|(?P<sign>[.,;:!?()\n&+]|[\U0001F300-\U0001FAFF☀-➿])"
)
_BREAK = {".": SENTENCE, "!": SENTENCE, "?": SENTENCE, ";": SENTENCE, ",": COMMA, ":": COMMA, "(": COMMA, ")": COMMA}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one message, with the breaks between them."""

    low: tuple[str, ...]
    """Folded words and numbers."""
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """Character offsets of each word in the message; the words of an opened contraction share theirs."""
    breaks: tuple[int, ...]
    """`breaks[i]` is the strength of the break before word `i`: 0 for none."""
    asked: bool
    """A question mark was typed."""

    @classmethod
    def of(cls, message: Message) -> Words:
        """The words of `message`; the same message gives the same object."""
        return _words(message.low)

    @classmethod
    def folded(cls, low: str) -> Words:
        """The same for the folded text of a message."""
        return _words(low)

    def sentence(self, at: int) -> tuple[int, int]:
        """First and one-past-last word of the sentence that word `at` is in."""
        first = at
        while first > 0 and self.breaks[first] < SENTENCE:
            first -= 1
        last = at + 1
        while last < len(self.low) and self.breaks[last] < SENTENCE:
            last += 1
        return first, last


def spell_out(text: str) -> tuple[str, ...]:
    """The same reading for a lexicon entry: folded text in, words out."""
    return _words(text.lower()).low


@lru_cache(maxsize=64)
def _words(low: str) -> Words:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[int] = []
    pending = SENTENCE
    pieces = list(_PIECE.finditer(low))
    spelled = _spelled_out(pieces)
    for at, piece in enumerate(pieces):
        if piece.lastgroup == "sign":
            pending = max(pending, _BREAK.get(piece.group(), 0))
        for word in filter(None, (piece.group(),) if at in spelled else _spelled(piece.lastgroup or "", piece.group())):
            words.append(word)
            starts.append(piece.start())
            ends.append(piece.end())
            breaks.append(pending)
            pending = 0
    return Words(tuple(words), tuple(starts), tuple(ends), tuple(breaks), "?" in low)


def _spelled_out(pieces: list[re.Match[str]]) -> set[int]:
    """Pieces in a run of three or more single letters: a name being spelled, where "r" is no shorthand for "are"."""
    found: set[int] = set()
    run: list[int] = []
    for at, piece in enumerate(pieces):
        if piece.lastgroup == "word" and piece.end() - piece.start() == 1:
            run.append(at)
            if len(run) >= 3:
                found.update(run[-3:])
        else:
            run = []
    return found


def _spelled(kind: str, text: str) -> Iterator[str]:
    """One written piece as the words it stands for: none for a break, several for a contraction."""
    if kind == "sign":
        yield from _SIGNS.get(text, ())
    elif kind != "word":
        yield from _WHOLE.get(text, (text,))
    else:
        yield from _opened(text)


@lru_cache(maxsize=4096)
def _opened(text: str) -> tuple[str, ...]:
    plain = text.replace("'", "").replace("`", "").replace("´", "")
    known = _WHOLE.get(plain)
    if known is not None:
        return known
    if plain == text:
        return (text,)
    stem, _, ending = text.replace("`", "'").replace("´", "'").rpartition("'")
    stem = stem.replace("'", "")
    if ending == "s":
        return (stem, "is") if stem in _IS else (stem,)
    if ending == "t" and stem.endswith("n"):
        return (stem[:-1], "not")
    return (stem, _ENDINGS[ending]) if ending in _ENDINGS else (plain,)


def _load() -> dict[str, Any]:
    with (LEXICONS / "wording.toml").open("rb") as file:
        return tomllib.load(file)


_TABLES = _load()
_WHOLE: dict[str, tuple[str, ...]] = {k.replace("'", ""): tuple(v.split()) for k, v in (_TABLES["shorthand"] | _TABLES["contractions"]).items()}
_ENDINGS: dict[str, str] = _TABLES["endings"]
_IS: frozenset[str] = frozenset(_TABLES["is"]["words"])
_SIGNS: dict[str, tuple[str, ...]] = {k: tuple(v.split()) for k, v in _TABLES["signs"].items()}
