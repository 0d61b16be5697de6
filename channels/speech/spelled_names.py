"""Names heard and names spelled, weighed with how common names are.

Letters sound alike on a telephone line, and the decoder's first reading of a spelled name is right one time in four; the right one
is among its thirty readings four times in five. What picks it out is that it is a name: every reading, and every known name near
it, is weighed by what it costs to mishear one for the other and by how many people bear it. Names said are weighed the same way.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from channels.speech.recogniser import SHARPNESS, Heard, Hypothesis, Word

_ALIKE = ("bcdegptvz", "mn", "fsx", "ajkh", "iy", "quw", "lo", "r")
"""Letters whose names share the sound that a telephone line leaves of them."""
_CLASS = {letter: letters[0] for letters in _ALIKE for letter in letters}

_BLURRED, _CHANGED, _LOST = 1.5, 4.5, 4.0
"""Log likelihood lost by taking one letter for another of its class, for one of another, and by missing or adding one."""

_UNLISTED, _LETTER = 4.0, 2.2
"""Log rarity of a name that is on no list, by itself and for each letter: listed ones are at three to ten whatever their length."""
_RAREST = 10.0
_TYPICAL = 8.0
"""Log rarity at which a name weighs as much as any other word: the grammar knows all names alike."""
_SAID = 3.0
"""What it speaks for a spelled name that it was also heard as a word."""
_SHORTEST = 3
_MANY = 4
_CLOSE = 6.0
"""Letters without a word of them among the words are a spelling when there are more than four, and they fit nearly as well."""
_FUZZY = 4
"""Readings whose letters are compared with every name; the others count when they are a name as they stand."""
_NEAREST = 40


@dataclass(frozen=True, slots=True)
class _Choice:
    """A name the letters may spell."""

    parts: tuple[str, ...]
    """One name, or first and last."""
    score: float
    """Log likelihood, to be compared with the others'."""
    start: float
    """Seconds into the turn at which the spelling begins."""


class Names:
    """The known names, most frequent first. Thread-safe."""

    def __init__(self, first: Iterable[str], last: Iterable[str]) -> None:
        self._rarity = {kind: _rarities(names) for kind, names in (("first", first), ("last", last))}
        self._classes = {kind: {name: _classed(name) for name in names} for kind, names in self._rarity.items()}

    def weighed(self, heard: Heard) -> list[Hypothesis]:
        """The readings of a turn with spelled letters made a name, and rarer names weighing less. Weights add up to 1 again."""
        spelled = self._spelled(heard)
        hypotheses = [self._settled(hypothesis, spelled) if spelled else hypothesis for hypothesis in heard.hypotheses]
        commonness = [-self._rarity_said(hypothesis) for hypothesis in hypotheses]
        weights = [h.weight * math.exp(SHARPNESS * (c - max(commonness))) for h, c in zip(hypotheses, commonness, strict=True)]
        total = sum(weights)
        ranked = sorted(zip(weights, hypotheses, strict=True), key=lambda pair: -pair[0])
        return [replace(hypothesis, weight=weight / total) for weight, hypothesis in ranked]

    def _rarity_said(self, hypothesis: Hypothesis) -> float:
        """How rare the names in a reading are: first names by one list, what follows them by the other."""
        first, last = self._rarity["first"], self._rarity["last"]
        named = [word.text for word in hypothesis.words if len(word.text) > 2 and (word.text in first or word.text in last)]
        rarities = (min(first.get(name, _RAREST), last.get(name, _RAREST) + (0.0 if at else 1.0)) for at, name in enumerate(named))
        return sum(rarity - _TYPICAL for rarity in rarities)

    def _spelled(self, heard: Heard) -> _Choice | None:
        """What was spelled, if anything was: the letters by themselves must fit no worse, or be heard beside the words too."""
        if not heard.spelled or not heard.hypotheses:
            return None
        runs = list(_runs(heard.spelled))
        if not runs or not _is_spelling(runs[0][0][1], heard):
            return None
        said = {word.text for hypothesis in heard.hypotheses for word in hypothesis.words if len(word.text) > 2}
        choices: list[_Choice] = []
        among = list(_runs(heard.hypotheses))
        most = max(len(letters) for (_, letters), _ in (*runs, *among))
        for source in (runs, among):
            for at, ((start, letters), score) in enumerate(source):
                # A reading with fewer letters leaves some of the sound unexplained.
                against = score - _LETTER * (most - len(letters))
                choices += (replace(choice, score=choice.score + against) for choice in self._choices(letters, start, said, fuzzy=at < _FUZZY))
        return max(choices, key=lambda choice: choice.score, default=None)

    def _choices(self, letters: str, start: float, said: set[str], *, fuzzy: bool) -> Iterable[_Choice]:
        yield _Choice((letters,), _unlisted(letters), start)
        for kind in ("first", "last"):
            yield from (_Choice((name,), score, start) for name, score in self._near(kind, letters, said, fuzzy=fuzzy))
        for cut in range(_SHORTEST, len(letters) - _SHORTEST + 1):
            first, one = self._nearest("first", letters[:cut], said, fuzzy=fuzzy)
            last, other = self._nearest("last", letters[cut:], said, fuzzy=fuzzy)
            yield _Choice((first, last), one + other, start)

    def _nearest(self, kind: str, letters: str, said: set[str], *, fuzzy: bool) -> tuple[str, float]:
        """The name most likely meant, which may be one that nobody listed."""
        return max((*self._near(kind, letters, said, fuzzy=fuzzy), (letters, _unlisted(letters))), key=lambda pair: pair[1])

    def _near(self, kind: str, letters: str, said: set[str], *, fuzzy: bool) -> list[tuple[str, float]]:
        """Known names near some letters, with what speaks for each."""
        rarity = self._rarity[kind]
        near = [letters] if letters in rarity else []
        if fuzzy:
            most = max(1, len(letters) // 3)
            extracted = process.extract(_classed(letters), self._classes[kind], scorer=Levenshtein.distance, score_cutoff=most, limit=_NEAREST)
            near += [name for _, _, name in extracted]
        return [(name, -rarity[name] - _mishearing(letters, name) + (_SAID if name in said else 0.0)) for name in near]

    def _settled(self, hypothesis: Hypothesis, spelled: _Choice) -> Hypothesis:
        """The reading up to the spelling, with its last name made the one spelled; then the letters."""
        before = [word for word in hypothesis.words if word.end <= spelled.start + 0.2 and (len(word.text) > 1 or word.text == "i")]
        names = list(spelled.parts)
        if len(names) > 1 or not before:
            before = [word for word in before if word.text not in self._rarity["first"] and word.text not in self._rarity["last"]]
        elif _could_be(before[-1].text, names[0]):
            before.pop()
        at = before[-1].end if before else spelled.start
        added = (*names, *"".join(names))
        return replace(hypothesis, words=(*before, *(Word(text, at, at, 1.0) for text in added)))


def _runs(hypotheses: Sequence[Hypothesis]) -> Iterable[tuple[tuple[float, str], float]]:
    """The letters of every reading that has some, with the reading's log likelihood against the best."""
    for hypothesis in hypotheses:
        run = _letters(hypothesis.words)
        if run is not None:
            yield run, math.log(max(hypothesis.weight / hypotheses[0].weight, 1e-9)) / SHARPNESS


def _unlisted(letters: str) -> float:
    return -_UNLISTED - _LETTER * len(letters)


def _is_spelling(letters: str, heard: Heard) -> bool:
    """Letters were heard among the words too, or there are many and they fit the sound about as well as words do."""
    single = (len(list(run)) for is_letter, run in itertools.groupby(heard.hypotheses[0].words, key=lambda word: len(word.text) == 1) if is_letter)
    return max(single, default=0) >= _SHORTEST - 1 or (len(letters) > _MANY and heard.spelled[0].score + _CLOSE >= heard.hypotheses[0].score)


def _rarities(names: Iterable[str]) -> Mapping[str, float]:
    """Log rarity by rank: the thousandth name is borne by about a thousandth of the people of the first."""
    return {name: math.log(rank + 20) for rank, name in enumerate(names)}


def _letters(words: Sequence[Word]) -> tuple[float, str] | None:
    """The longest run of letters and when it begins; "double" repeats the next."""
    best: tuple[float, str] | None = None
    start, letters, again = 0.0, "", 1
    for word in (*words, Word("", 0.0, 0.0, 0.0)):
        if word.text == "double":
            again = 2
        elif len(word.text) == 1:
            start = start if letters else word.start
            letters, again = letters + word.text * again, 1
        else:
            if len(letters) >= _SHORTEST and (best is None or len(letters) >= len(best[1])):
                best = (start, letters)
            letters, again = "", 1
    return best


def _classed(name: str) -> str:
    return "".join(_CLASS.get(char, char) for char in name)


def _could_be(heard: str, name: str) -> bool:
    """Was this word an attempt at that name?"""
    return heard == name or heard[0] == name[0] or Levenshtein.normalized_similarity(heard, name) >= 0.5


def _mishearing(heard: str, name: str) -> float:
    """Log likelihood lost by hearing these letters for that name's."""
    row = [at * _LOST for at in range(len(name) + 1)]
    for i, letter in enumerate(heard, 1):
        previous, row[0] = row[0], i * _LOST
        for j, char in enumerate(name, 1):
            swap = 0.0 if letter == char else _BLURRED if _CLASS.get(letter) == _CLASS.get(char) else _CHANGED
            previous, row[j] = row[j], min(previous + swap, row[j] + _LOST, row[j - 1] + _LOST)
    return row[-1]
