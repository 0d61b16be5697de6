"""Repairs of a name's spelling: "with an s", "no, double t", "two e's", "a k not a c", "ends in e z", "no h".

An instruction changes one word of the name: letters that sound alike are exchanged, otherwise a letter is put in where a
name of the census results. Which letters sound alike is data: `lexicons/name_repairs.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from rapidfuzz import fuzz

from nlu.lettering import person
from nlu.message import fold
from nlu.name_words import FIRST, LAST

_ALIKE: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "lexicons" / "name_repairs.toml").read_text(encoding="utf-8"))["sounds_like"]
_LETTER = r"([a-z]|ph|ck|ie|ei|ee|ea|th|ch|ey|oo)"
_ENDS_SENTENCE = r"(?=\W*$|[,.;!?])"
_WITH = re.compile(
    r"\b(?:(?:with|w/|con|spelled with|se escribe con)\s*\b(?:an?\s+|una?\s+|the\s+letter\s+|la\s+)?"
    rf"|(?:it's|its|is|es|has|uses)\s+(?:an?|una?)\s+){_LETTER}(?:'s)?(?=\W|$)(?!\s*[a-z]\b)(?!(?<= [aiy])\s+\w)"
)
_NOT = re.compile(rf"\b{_LETTER}\W+(?:not|no|instead of|en vez de|y no)\s+(?:an?\s+|una?\s+|with\s+an?\s+)?{_LETTER}(?=\W|$)")
_DOUBLE = re.compile(r"\b(?:(?:double|doble)\s+(?P<one>[a-z])(?=\W|$)|(?:two|2|dos)\s+(?P<two>[a-z])(?:'?s(?=\W|$)|" + _ENDS_SENTENCE + "))")
_SINGLE = re.compile(r"\b(?:one|single|only one|just one|una sola|solo una|un solo)\s+([a-z])" + _ENDS_SENTENCE)
_WITHOUT = re.compile(
    r"\b(?:without|no|drop the|sin|there's no|theres no|not an?)\s+(?:an?\s+|the\s+|la\s+)?([a-z])(?:\s+(?:in it|at the end|al final))?\W*$"
)
_FURTHER = re.compile(r"[|\n;]|[.!?](?=\s|$)|\b(?:and|y) (?:my|i|mi)\b|\bmy\b|\bi have\b")
"""The instruction ends where something else is told."""
_NEAR = 60
_RESEMBLES = 80.0
"""Similarity (rapidfuzz ratio) from which a word is a name's in another spelling: Hernandez and Hernandes are 89."""
_ENDS = re.compile(r"\b(?:ends? (?:in|with)|ending in|termina en|termina con)\s+(?:an?\s+)?((?:[a-z]\s+){0,3}[a-z]|[a-z]{2,4})(?=\W|$)")


def of_known(known: str, low: str) -> tuple[str, int, int]:
    """The name on record as the message repairs it, and where the repair was said; the same name when it does not."""
    for place in (re.search(r"\b(?:with|con|double|two|2|doble|dos|one|single|without|sin|ends?|ending|termina|not|no|drop|[a-z]\W+not)\b", low),):
        if place is not None:
            repaired = instructed(known, low)
            if repaired != known:
                return repaired, place.start(), len(low)
    return known, 0, 0


def says_again(known: str, low: str) -> bool:
    """Whether a word of the message is one of the name's, give or take its spelling: it is the name they talk about, whatever was asked."""
    said = [word for word in re.findall(r"[^\W\d_]+", low) if len(word) >= 4]
    return any(fuzz.ratio(word, part) >= _RESEMBLES for part in fold(known).split() for word in said)


def instructed(name: str, low: str) -> str:
    """`name` after the spelling instructions in the words `low`; unchanged where there is none or it already fits."""
    words = name.split()
    low = _FURTHER.split(low[:_NEAR], maxsplit=1)[0]
    said_again = set(fold(name).split()) <= set(re.findall(r"[\w'-]+", low))
    for change in _changes(low):
        if said_again and change.kind == "with" and change.letter in fold(name):
            break  # "Kym Stone with a y": it has one
        held = change.kind == "with" and any(change.letter in fold(word) for word in words)
        for index in reversed(range(len(words))):
            if change.kind == "with" and change.letter in fold(words[index]):
                break
            changed = change(fold(words[index]))
            if changed and held and changed not in FIRST and changed not in LAST:
                continue  # "Kym Stone with a y": the letter is Kym's, and Stony is nobody
            if changed:
                words[index] = person(changed)
                break
    return " ".join(words)


def merged(said: str, known: str, family: bool) -> str:
    """A single name said about a fuller one on record: it takes the place of the word it resembles, or completes a lone one."""
    if " " in said:
        return ""
    words = known.split()
    alike = [(fuzz.ratio(fold(said), fold(word)), index) for index, word in enumerate(words)]
    score, place = max(alike, default=(0.0, 0))
    if len(words) > 1 and score >= 60:
        words[place] = said
        return " ".join(words)
    if family and len(words) > 1:
        return " ".join([*words[:-1], said])
    if family and len(words) == 1 and score < 60:
        return f"{words[0]} {said}"
    return ""


class _Change:
    """One instruction, callable on a folded word: the changed word, or an empty string."""

    def __init__(self, kind: str, letter: str, other: str = "") -> None:
        self.kind, self.letter, self.other = kind, letter, other

    def __call__(self, word: str) -> str:
        change: Callable[[str], Iterator[str]] = getattr(self, "_" + self.kind)
        options = [option for option in change(word) if option != word]
        known = [option for option in options if option in FIRST or option in LAST]
        return (known or options or [""])[0]

    def _with(self, word: str) -> Iterator[str]:
        for sound in _ALIKE.get(self.letter, ()):
            at = word.rfind(sound)
            if at >= 0 and self.letter not in word[max(0, at - 1) : at + len(sound) + 1].replace(sound, "", 1):
                yield word[:at] + self.letter + word[at + len(sound) :]
        longer = {word[:at] + self.letter + word[at:] for at in range(len(word) + 1)}
        yield from sorted(
            (name for name in longer if name in FIRST or name in LAST), key=lambda name: min(FIRST.get(name, 10**6), LAST.get(name, 10**6))
        )

    def _exchange(self, word: str) -> Iterator[str]:
        at = word.rfind(self.other)
        if at >= 0:
            yield word[:at] + self.letter + word[at + len(self.other) :]

    def _double(self, word: str) -> Iterator[str]:
        if self.letter * 2 in word:
            return
        for match in re.finditer(self.letter, word):
            at = match.start()
            yield word[:at] + self.letter + word[at:]
            for wide in (word[at + 1 : at + 2], word[max(0, at - 1) : at]):
                if wide and wide in "aeiou" and self.letter in "aeiou":
                    yield (
                        word.replace(self.letter + wide, self.letter * 2, 1)
                        if word[at + 1 : at + 2] == wide
                        else word.replace(wide + self.letter, self.letter * 2, 1)
                    )

    def _single(self, word: str) -> Iterator[str]:
        if self.letter * 2 in word:
            yield word.replace(self.letter * 2, self.letter, 1)

    def _without(self, word: str) -> Iterator[str]:
        at = word.rfind(self.letter)
        if at >= 0:
            yield word[:at] + word[at + 1 :]

    def _ends(self, word: str) -> Iterator[str]:
        cut = len(self.letter)
        if (
            not word.endswith(self.letter)
            and len(word) > cut
            and (word[-cut] == self.letter[0] or fuzz.ratio(word[-cut:], self.letter) >= 50 or cut == 1)
        ):
            yield word[:-cut] + self.letter if cut > 1 or word[-1] in _ALIKE.get(self.letter, ()) else word + self.letter


def _changes(low: str) -> Iterator[_Change]:
    exchange = _NOT.search(low)
    if exchange is not None:
        yield _Change("exchange", exchange[1], exchange[2])
        return
    for kind, pattern in (("ends", _ENDS), ("double", _DOUBLE), ("single", _SINGLE), ("without", _WITHOUT)):
        match = pattern.search(low)
        if match is not None:
            yield _Change(kind, (match[1] or match[match.lastindex or 1]).replace(" ", ""))
            return
    match = _WITH.search(low)
    if match is not None:
        yield _Change("with", match[1])
