"""Letters and digits said one by one: "s m y t h e", "p-r-i-y-a", "w as in william two four six", "double t", "bravo one".

The telephone alphabets, "as in" and what recognisers write for a letter ("are", "you", "see") are data:
`lexicons/spelling.toml`. Typed codes ("1EG4-TE5-MK72") are read by the same run finder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.name_words import is_everyday
from nlu.numbers import REPEATS, UNITS, Atom, digits_at

_LEXICON = tomllib.loads((Path(__file__).parent / "lexicons" / "spelling.toml").read_text(encoding="utf-8"))
ALPHABET: dict[str, str] = _LEXICON["alphabet"]
_POLICE: dict[str, str] = _LEXICON["police"]
SOUNDS: dict[str, str] = _LEXICON["sounds"]
_SILENT = frozenset(_LEXICON["words"]["silent"])
_EXPLAINS = tuple(sorted((tuple(phrase.split()) for phrase in _LEXICON["words"]["explains"]), key=len, reverse=True))
_NO_LETTER = frozenset(
    (
        "as",
        "is",
        "or",
        "of",
        "no",
        "so",
        "to",
        "my",
        "me",
        "it",
        "in",
        "on",
        "at",
        "we",
        "he",
        "do",
        "if",
        "up",
        "an",
        "am",
        "by",
        "us",
        "go",
        "hi",
        "ok",
        "id",
        "pt",
        "dr",
        "the",
        "and",
        "its",
        "que",
        "mi",
        "su",
        "la",
        "lo",
        "los",
        "las",
        "con",
        "del",
        "es",
        "un",
        "una",
        "yo",
        "si",
        "ya",
        "al",
        "for",
        "you",
        "his",
        "her",
        "was",
        "has",
        "had",
        "not",
        "but",
        "can",
        "our",
        "are",
    )
)
_LETTER_NAMES = frozenset({"eme", "ene", "efe", "ele", "erre", "equis", "zeta", "hache", "jota"})
"""Names of letters that are no other word: a number may begin with one."""
_JOIN = re.compile(r"[ \t\-.,/#'_]*\Z")


@dataclass(frozen=True, slots=True)
class Sign:
    """One or more characters said as one item."""

    text: str
    """Lower-case letters or digits."""
    start: int
    end: int
    explained: bool = False
    """True for "s as in sam"."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A run of letters and digits."""

    text: str
    """Lower case."""
    start: int
    end: int
    signs: tuple[Sign, ...]

    @property
    def digits(self) -> int:
        """How many characters are digits."""
        return sum(char.isdigit() for char in self.text)

    @property
    def letters(self) -> int:
        """How many characters are letters."""
        return len(self.text) - self.digits


def letters(low: str, parts: Sequence[Atom]) -> list[Spelled]:
    """Runs of at least two single letters and nothing else: spelled names."""
    return [run for run in _runs(low, parts, codes=False) if len(run.signs) > 1]


def codes(low: str, parts: Sequence[Atom], loose: bool = False) -> list[Spelled]:
    """Runs of letters and digits. `loose` also takes short letter groups set apart by spaces ("xeh 123")."""
    return [run for run in _runs(low, parts, codes=True, loose=loose) if run.digits]


def _runs(low: str, parts: Sequence[Atom], codes: bool, loose: bool = False) -> list[Spelled]:
    found: list[Spelled] = []
    index = 0
    while index < len(parts):
        signs: list[Sign] = []
        resume = index + 1
        while index < len(parts):
            if signs and not _JOIN.match(low, parts[index - 1].end, parts[index].start):
                break
            sign, after = _sign(low, parts, index, codes, loose, bool(signs))
            if sign is None:
                if signs and (parts[index].text in _SILENT or (codes and parts[index].text == "y")):
                    index += 1
                    continue
                break
            signs.append(sign)
            index = resume = after
        if signs:
            found.append(_spelled(signs))
        index = resume
    return found


def _spelled(signs: Sequence[Sign]) -> Spelled:
    kept: list[Sign] = []
    for sign in signs:
        restated = kept and kept[-1].explained and not sign.explained and sign.text == kept[-1].text
        if not restated:
            kept.append(sign)
    return Spelled("".join(sign.text for sign in kept), signs[0].start, signs[-1].end, tuple(kept))


def _sign(low: str, parts: Sequence[Atom], index: int, codes: bool, loose: bool, within: bool) -> tuple[Sign | None, int]:
    atom = parts[index]
    word = atom.text
    if len(word) == 1 and word.isalpha():
        return (None, index) if word == "y" and _is_and(parts, index) else _letter(parts, index)
    if word in ("double", "doble", "triple") and index + 1 < len(parts):
        following = parts[index + 1].text
        if following in ("u", "you", "ve") and word != "triple":
            return Sign("w", atom.start, parts[index + 1].end), index + 2
        if len(following) == 1 and following.isalpha():
            return Sign(following * REPEATS[word], atom.start, parts[index + 1].end), index + 2
    if word in ALPHABET and _beside_letters(parts, index, codes):
        return Sign(ALPHABET[word], atom.start, atom.end), index + 1
    if codes and word in _POLICE and within and _beside_letters(parts, index, codes):
        return Sign(_POLICE[word], atom.start, atom.end), index + 1
    if codes:
        said, after = digits_at(parts, index)
        if said is not None:
            return Sign(said, atom.start, parts[after - 1].end), after
        if word.isalpha() and len(word) <= 4 and _is_chunk(low, parts, index, loose):
            return Sign(word, atom.start, atom.end), index + 1
    if (within or (codes and word in _LETTER_NAMES)) and word in SOUNDS and _beside_letters(parts, index, codes):
        return Sign(SOUNDS[word], atom.start, atom.end), index + 1
    return None, index


def _is_and(parts: Sequence[Atom], index: int) -> bool:
    """Spanish "y" before "luego" or a Spanish number is the word, not the letter."""
    following = parts[index + 1].text if index + 1 < len(parts) else ""
    return following in ("luego", "despues", "termina", "el", "la", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "uno", "cero")


def _letter(parts: Sequence[Atom], index: int) -> tuple[Sign, int]:
    atom = parts[index]
    for phrase in _EXPLAINS:
        after = index + 1 + len(phrase)
        if after < len(parts) and tuple(part.text for part in parts[index + 1 : after]) == phrase:
            example = parts[after].text
            if example[0] == atom.text or phrase in (("as", "in"), ("like", "in")):
                return Sign(atom.text, atom.start, parts[after].end, explained=True), after + 1
    return Sign(atom.text, atom.start, atom.end), index + 1


def _beside_letters(parts: Sequence[Atom], index: int, codes: bool) -> bool:
    """A word that may be a letter is one where both its neighbours, or two on one side, are said one by one too."""
    marks = [_is_plain(parts[i].text, codes) if 0 <= i < len(parts) else None for i in (index - 2, index - 1, index + 1, index + 2)]
    return bool((marks[1] and marks[2]) or (marks[0] and marks[1]) or (marks[2] and marks[3]) or (marks[1] and marks[2] is None and codes))


def _is_plain(word: str, codes: bool) -> bool:
    return len(word) == 1 or word in ALPHABET or (codes and (word.isdigit() or word in UNITS))


def _is_chunk(low: str, parts: Sequence[Atom], index: int, loose: bool) -> bool:
    """Letters joined to digits without a space belong to a code; with a space only where a code is expected."""
    atom = parts[index]
    before = parts[index - 1] if index else None
    after = parts[index + 1] if index + 1 < len(parts) else None
    if after is not None and low[atom.end : after.start] in ("", "-") and _has_digit(low, parts, index, 1):
        return True
    if before is not None and low[before.end : atom.start] in ("", "-") and _has_digit(low, parts, index, -1):
        return True
    return (
        loose
        and len(atom.text) <= 3
        and atom.text not in _NO_LETTER
        and not (len(atom.text) == 3 and is_everyday(atom.text))
        and after is not None
        and after.text.isdigit()
        and low[atom.end : after.start].strip(" -") == ""
    )


def _has_digit(low: str, parts: Sequence[Atom], index: int, step: int) -> bool:
    """Is there a digit in the same unbroken token?"""
    for _ in range(6):
        neighbour = index + step
        if not 0 <= neighbour < len(parts):
            return False
        left, right = sorted((index, neighbour))
        if low[parts[left].end : parts[right].start] not in ("", "-"):
            return False
        if parts[neighbour].text.isdigit():
            return True
        index = neighbour
    return False
