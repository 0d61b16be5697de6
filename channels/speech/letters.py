"""A spelling as it could be: at each place the letters heard there, and how much less likely each is than the best.

The decoder gives a hundred readings of a spelled name, and half of the time none of them is the name: they differ in two places, it
in three. Taken apart into places and put together again, they hold far more spellings than were listed. Letters sound alike on a
telephone line, and "e" and "a" vanish beside letters that end in them; what that costs is in the constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from channels.speech.recogniser import Hypothesis, Word

ALIKE = ("bcdegptvz", "mn", "fsx", "ajkh", "iy", "quw", "lo", "r")
"""Letters whose names share the sound that a telephone line leaves of them."""
CLASS = {letter: letters[0] for letters in ALIKE for letter in letters}

_UNHEARD, _ALIKE, _OTHER = 3.5, 1.5, 4.5
"""Log likelihood lost by a letter that no reading has at its place, and more when it is like the ones heard there, or not."""
_SKIPPED, _MISSED, _SWALLOWED = 7.0, 5.0, 3.5
"""Lost by a place for which there is no letter, by a letter for which there is no place, and by one that its neighbour swallows."""
_SWALLOWS = {"a": "hjkea", "e": "bcdegptvz", "o": "ol", "i": "iy"}
_READINGS = 60
_DRIFT, _STRANGE, _NEW = 4.0, 0.6, 1.0
"""What it costs to put a letter of another reading at a place: for each second between them, for being new there, for a new place."""


@dataclass(slots=True)
class Place:
    """One moment of a spelling."""

    at: float
    """Seconds into the turn, at its middle."""
    heard: dict[str, float]
    """What may be there (the empty string: nothing) and its log likelihood against the best reading, 0 at most."""


class Spelling:
    """Everything one run of letters may be."""

    def __init__(self, pieces: Sequence[Sequence[Hypothesis]]) -> None:
        """`pieces`: the readings of each stretch of speech between pauses, best first."""
        self.places = [place for readings in pieces for place in _places(readings[:_READINGS])]
        self._least = [min(place.heard.values()) if len(place.heard) > 1 else 0.0 for place in self.places]
        self._likely = [{CLASS.get(letter) for letter, score in place.heard.items() if letter and score > -3} for place in self.places]

    def part(self, start: int, end: int) -> Spelling:
        """A stretch of it."""
        part = Spelling(())
        part.places, part._least, part._likely = self.places[start:end], self._least[start:end], self._likely[start:end]
        return part

    @property
    def best(self) -> str:
        """The likeliest letter at every place."""
        return "".join(max(place.heard, key=lambda letter: place.heard[letter]) for place in self.places)

    def fit(self, name: str) -> float:
        """Log likelihood of these letters against the best reading's; 0 at most."""
        row = [0.0]
        for at in range(len(name)):
            row.append(row[-1] - _missing(name, at))
        for number, place in enumerate(self.places):
            nothing = place.heard.get("", -_SKIPPED)
            new = [row[0] + nothing]
            for at, letter in enumerate(name):
                score = place.heard.get(letter)
                if score is None:
                    score = -_UNHEARD - (_ALIKE if CLASS.get(letter) in self._likely[number] else _OTHER)
                new.append(max(row[at] + score, row[at + 1] + nothing, new[at] - _missing(name, at)))
            row = new
        return row[-1]


def _missing(name: str, at: int) -> float:
    return _SWALLOWED if at and name[at - 1] in _SWALLOWS.get(name[at], "") else _MISSED


def letters_of(words: Sequence[Word]) -> list[Word]:
    """The single letters among some words; "double" repeats the next."""
    found: list[Word] = []
    again = 1
    for word in words:
        if len(word.text) == 1:
            found += [word] * again
        again = 2 if word.text == "double" else 1
    return found


def _places(readings: Sequence[Hypothesis]) -> list[Place]:
    places: list[Place] = []
    known: set[str] = set()
    for reading in readings:
        letters = letters_of(reading.words)
        spelled = "".join(letter.text for letter in letters)
        if spelled in known:
            continue
        score = reading.score - readings[0].score
        places = _woven(places, letters, score) if known else [Place(_middle(letter), {letter.text: 0.0}) for letter in letters]
        known.add(spelled)
    return places


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2


def _woven(places: Sequence[Place], letters: Sequence[Word], score: float) -> list[Place]:
    """Another reading put over those before it: each letter at the place of its time, or at a new one."""
    costs = [[min(3.0, abs(_middle(w) - place.at) * _DRIFT) + (0.0 if w.text in place.heard else _STRANGE) for w in letters] for place in places]
    table = [[_NEW * (i + j) if not (i and j) else 0.0 for j in range(len(letters) + 1)] for i in range(len(places) + 1)]
    for i in range(1, len(places) + 1):
        for j in range(1, len(letters) + 1):
            table[i][j] = min(table[i - 1][j - 1] + costs[i - 1][j - 1], table[i - 1][j] + _NEW, table[i][j - 1] + _NEW)
    woven: list[Place] = []
    i, j = len(places), len(letters)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            _note(places[i], letters[j].text, score)
            woven.append(places[i])
        elif i and table[i][j] == table[i - 1][j] + _NEW:
            i -= 1
            _note(places[i], "", score)
            woven.append(places[i])
        else:
            j -= 1
            woven.append(Place(_middle(letters[j]), {"": 0.0, letters[j].text: score}))
    return woven[::-1]


def _note(place: Place, letter: str, score: float) -> None:
    place.heard[letter] = max(place.heard.get(letter, score), score)
