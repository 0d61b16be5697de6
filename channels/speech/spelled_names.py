"""Names heard and names spelled, weighed with how common names are.

Letters sound alike on a telephone line, and the decoder's first reading of a spelled name is right one time in four. What picks the
right one out is that it is a name: everything the letters may be (`letters`) is weighed by how many people are called that
(`name_odds`), and by what was heard when the name was said as a word. Names that are only said are weighed by how common they are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from channels.speech.letters import Spelling, letters_of
from channels.speech.name_odds import Odds, classed
from channels.speech.recogniser import SHARPNESS, Heard, Hypothesis, Word

_HEARD = 1.0
"""What a unit of log likelihood of letters counts against a unit of log probability of a name: readings of one sound are too sure of themselves."""
_SAID, _FADES = 6.0, 0.4
"""What it speaks for a spelled name that it was also heard as a word, and how fast that fades with the readings further down."""
_RESEMBLED = 5.0
"""What it speaks for one that a word heard is like."""
_PARTED = 2.5
"""What speaks against taking one run of letters for two names."""
_CUTS = 4
"""Ways to part a run of letters that are looked at."""
_SHORTEST = 3
_MANY = 4
_CLOSE = 6.0
"""Letters without a word of them among the words are a spelling when there are more than four, and they fit nearly as well."""
_OVERLAP = 0.2
"""Seconds by which a word may reach into the letters after it."""
_MOST = 6
"""Names that a spelling is taken for, with their weights."""
_RAREST = 10.0
_TYPICAL = 8.0
"""Log rarity at which a name weighs as much as any other word: the grammar knows all names alike."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A name the letters may spell."""

    parts: tuple[str, ...]
    """One name, or first and last."""
    score: float
    """Log probability, to be compared with the others'."""


class Names:
    """The known names, most frequent first. Thread-safe."""

    def __init__(self, first: Iterable[str], last: Iterable[str]) -> None:
        self._odds = {"first": Odds(first), "last": Odds(last)}

    def weighed(self, heard: Heard) -> list[Hypothesis]:
        """The readings of a turn with spelled letters made a name, and rarer names weighing less. Weights add up to 1 again."""
        spelled = list(self._spelled(heard))
        if spelled:
            start = _start(heard.spelled)
            raised = [math.exp(choice.score - spelled[0].score) for choice in spelled]
            settled = [self._settled(heard.hypotheses[0], choice, start) for choice in spelled]
            return [replace(one, weight=weight / sum(raised)) for one, weight in zip(settled, raised, strict=True)]
        commonness = [-self._rarity_said(hypothesis) for hypothesis in heard.hypotheses]
        weights = [h.weight * math.exp(SHARPNESS * (c - max(commonness))) for h, c in zip(heard.hypotheses, commonness, strict=True)]
        total = sum(weights)
        ranked = sorted(zip(weights, heard.hypotheses, strict=True), key=lambda pair: -pair[0])
        return [replace(hypothesis, weight=weight / total) for weight, hypothesis in ranked]

    def _known(self, word: str) -> bool:
        return any(word in odds for odds in self._odds.values())

    def _rarity_said(self, hypothesis: Hypothesis) -> float:
        """How rare the names in a reading are: first names by one list, what follows them by the other."""
        named = [word.text for word in hypothesis.words if len(word.text) > 2 and self._known(word.text)]
        first, last = self._odds["first"], self._odds["last"]
        rarities = (min(-first(name) - 2, -last(name) - 2 + (0.0 if at else 1.0), _RAREST) for at, name in enumerate(named))
        return sum(rarity - _TYPICAL for rarity in rarities)

    def _spelled(self, heard: Heard) -> Iterator[_Choice]:
        """What was spelled, likeliest first, if anything was: the letters by themselves must fit no worse, or be heard beside the words too."""
        if not heard.spelled or not heard.hypotheses or not _is_spelling(heard):
            return
        spelling = Spelling(heard.letters or (heard.spelled,))
        said = _said(heard.hypotheses, _start(heard.spelled))
        single = [_Choice((name,), score) for kind in self._odds for name, score in self._near(kind, spelling, said)]
        paired = [choice for cut in self._cuts(spelling) for choice in self._paired(spelling, cut, said)]
        names: set[tuple[str, ...]] = set()
        for choice in sorted((*single, *paired), key=lambda choice: -choice.score):
            if choice.parts not in names:
                names.add(choice.parts)
                yield choice
            if len(names) >= _MOST:
                return

    def _near(self, kind: str, spelling: Spelling, said: Mapping[str, float]) -> list[tuple[str, float]]:
        """Names the letters may be, with what speaks for each, best first."""
        odds = self._odds[kind]
        near = [(name, _HEARD * spelling.fit(name) + odds(name) + _echo(name, said)) for name in odds.candidates(spelling)]
        return sorted(near, key=lambda pair: -pair[1])

    def _paired(self, spelling: Spelling, cut: int, said: Mapping[str, float]) -> Iterator[_Choice]:
        first = self._near("first", spelling.part(0, cut), said)[:2]
        last = self._near("last", spelling.part(cut, len(spelling.places)), said)[:3]
        for (one, score), (other, more) in itertools.product(first, last):
            yield _Choice((one, other), score + more - _PARTED)

    def _cuts(self, spelling: Spelling) -> list[int]:
        """Where first and last name may part: at the longest pauses, and where the likeliest letters are a name up to there or from there."""
        places = spelling.places
        inner = range(_SHORTEST - 1, len(places) - _SHORTEST + 2)
        pauses = {cut: places[cut].at - places[cut - 1].at for cut in inner}
        best = [max(place.heard, key=lambda letter: place.heard[letter]) for place in places]
        named = {cut: ("".join(best[:cut]) in self._odds["first"]) + ("".join(best[cut:]) in self._odds["last"]) for cut in inner}
        return sorted(inner, key=lambda cut: -(pauses[cut] + named[cut]))[:_CUTS]

    def _settled(self, hypothesis: Hypothesis, spelled: _Choice, start: float) -> Hypothesis:
        """The reading up to the spelling, with its last name made the one spelled; then the letters."""
        before = [word for word in hypothesis.words if word.end <= start + _OVERLAP and (len(word.text) > 1 or word.text == "i")]
        names = list(spelled.parts)
        if len(names) > 1 or not before:
            before = [word for word in before if not self._known(word.text)]
        elif _could_be(before[-1].text, names[0]):
            before.pop()
        at = before[-1].end if before else start
        added = (*names, *"".join(names))
        return replace(hypothesis, words=(*before, *(Word(text, at, at, 1.0) for text in added)))


def _said(hypotheses: Sequence[Hypothesis], until: float) -> dict[str, float]:
    """The words heard before the letters, each with the log likelihood of the best reading that has it against the best of all."""
    said: dict[str, float] = {}
    for hypothesis in hypotheses:
        for word in hypothesis.words:
            if len(word.text) > 2 and word.end <= until + _OVERLAP:
                said.setdefault(word.text, hypothesis.score - hypotheses[0].score)
    return said


def _echo(name: str, said: Mapping[str, float]) -> float:
    """What the words heard say for a name that was spelled."""
    if name in said:
        return max(0.0, _SAID + _FADES * said[name])
    letters = classed(name)
    likeness = ((2 * Levenshtein.normalized_similarity(letters, classed(word)) - 1, score) for word, score in said.items())
    return max((_RESEMBLED * alike + _FADES * score for alike, score in likeness), default=0.0)


def _start(hypotheses: Sequence[Hypothesis]) -> float:
    """When the letters begin."""
    return next((letters[0].start for hypothesis in hypotheses if (letters := letters_of(hypothesis.words))), 0.0)


def _is_spelling(heard: Heard) -> bool:
    """Letters were heard among the words too, or there are many and they fit the sound about as well as words do."""
    letters = letters_of(heard.spelled[0].words)
    if len(letters) < _SHORTEST:
        return False
    single = (len(list(run)) for is_letter, run in itertools.groupby(heard.hypotheses[0].words, key=lambda word: len(word.text) == 1) if is_letter)
    return max(single, default=0) >= _SHORTEST - 1 or (len(letters) > _MANY and heard.spelled[0].score + _CLOSE >= heard.hypotheses[0].score)


def _could_be(heard: str, name: str) -> bool:
    """Was this word an attempt at that name?"""
    return heard == name or heard[0] == name[0] or Levenshtein.normalized_similarity(heard, name) >= 0.5
