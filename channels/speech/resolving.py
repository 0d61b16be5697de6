"""From everything a turn of speech could have been to the one reading that can be an answer to what was asked.

Ten readings of a telephone number that differ in a word are one number and nine things no number can be. Every reading is read
with the clinic's own readers; readings that give the same value add up, those that cannot be an answer count little, and the share
of the value that wins is the confidence: below one half the line confirms or asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from weakref import WeakSet

from agent.clinic import Clinic
from channels.speech import audio, recogniser
from channels.speech.endpoint import is_backchannel
from channels.speech.grammar import GrammarBook, elsewhere, material
from channels.speech.possible import MEMBER_ID, PHONE, card_number, has_phone_digits, telephone_number
from channels.speech.recogniser import Ears, Heard, Hypothesis
from channels.speech.spelled_names import Names
from dialogs.line import Expect
from nlu.name_words import FIRST, LAST
from nlu.parse import Act, Context, Parse, SafetyLevel, Understander
from nlu.vocabulary import Vocabulary

ASKED_FOR = 5.0
"""What speaks for the readings of an answer's own grammar where everyday talk is heard in another beside it, as log likelihood: people answer what
they are asked, and names and numbers, of which there are thousands, are each less likely to their grammar than a yes to its own."""

_STEP = 5 * audio.FRAME_BYTES
"""Bytes of a recording given to the ears at a time: 100 ms."""

MOST_READ = 16
"""Readings of a turn that are understood: each takes about a millisecond, and those further down weigh nothing."""
READ_IN_A_CROWD = 5
"""The same while many callers speak at once."""

_NOTHING = 0.02
"""What a reading counts in which neither an answer nor anything else a caller does was found."""
_ACT = 0.4
"""What it counts when it is no answer, but something callers do: a question, "I don't know", a wish for a person."""
_FLAG = 4.0
"""What it counts when it is a red flag beyond doubt: one that is missed costs more than one that is asked about."""
_UNCLEAR = 0.3
"""The most that a turn is trusted in which nothing was found."""
_DOUBTFUL = 0.25
"""What it counts when its reader doubts the value: a telephone number nobody can have, half a card number."""
_SURE: dict[str, float] = {PHONE: 0.9}
"""The reader's confidence from which a value is beyond doubt, where readers tell."""

_TOLD = ("message", "patient.name", "patient.phone", "referral.provider", "insurance.carrier")
"""Whose grammars hear what nobody asked for."""

_STANDS = 6
"""Times in a row (60 ms each in a call) everyday talk must be a red flag to be told before the answer: names begin like anything."""

_CROWD = 4
"""Callers speaking at the same moment from which each is heard with one grammar: several take a fifth of a core for each of them, and whoever
is answered late hears less than whoever is asked once more."""

_CALLER_DOES = frozenset(Act) - {Act.GREETING, Act.THANKS, Act.BACKCHANNEL, Act.CORRECT}


def _any(hypothesis: Hypothesis) -> int:
    return 0


_PROMISING: Mapping[str, Callable[[Hypothesis], int]] = {
    # False sorts first: readings that can be an answer are the ones to spend time on, those alike in that stay in their order.
    PHONE: lambda hypothesis: not has_phone_digits(hypothesis.text),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a turn is taken for. The `Heard` of the media socket."""

    text: str
    """The words as the readers know them; empty when nothing was understood."""
    confidence: float
    """0 to 1; below one half the line confirms or asks again."""
    heard: Heard


class ClinicEars:
    """Ears with a clinic's grammars and readers: what a call listens with. Thread-safe; one per process."""

    def __init__(self, ears: Ears, book: GrammarBook, understander: Understander, today: Callable[[], date]) -> None:
        self._ears = ears
        self._book = book
        self._understander = understander
        self._today = today
        self._listening: WeakSet[ClinicListener] = WeakSet()
        self._names = Names(*(dict.fromkeys((*names, *elsewhere()[kind])) for kind, names in (("first", FIRST), ("last", LAST))))

    def listen(self, expect: Expect | None) -> ClinicListener:
        """Ears for the answer to one question; with one grammar instead of several while many callers speak at once."""
        if len(self._listening) < _CROWD:
            listener = self._ears.listen(self._book.grammars(expect), self._book.letters(expect), self._book.respell, ASKED_FOR)
            mine = ClinicListener(listener, self, expect)
        else:
            listener = self._ears.listen(self._book.grammars(expect, together=True), respell=self._book.respell)
            mine = ClinicListener(listener, self, expect, READ_IN_A_CROWD)
        self._listening.add(mine)
        return mine

    def hear(self, mulaw: bytes, expect: Expect | None) -> Resolved:
        """A whole recording as one turn: mu-law at 8 kHz."""
        listener = self.listen(expect)
        for at in range(0, len(mulaw), _STEP):
            listener.feed(mulaw[at : at + _STEP])
        return listener.finish()

    def freely(self) -> ClinicListener:
        """Ears for words that answer no question: what is said to a machine, what callers open with, and names, numbers and doctors beside it."""
        told = (None, *(Expect(name) for name in _TOLD))
        grammars = dict.fromkeys(grammar for expect in told for grammar in self._book.grammars(expect))
        return ClinicListener(self._ears.listen(list(grammars), respell=self._book.respell), self, None)

    def learn(self, vocabulary: Vocabulary, questions: Iterable[str]) -> None:
        """Listen for these words from the next turn on: what the clinic knows has changed."""
        book = _book(self._ears, vocabulary, questions)
        book.prepare()
        self._book = book

    def is_red_flag(self, words: str) -> bool:
        """Whether somebody may be in danger, beyond doubt."""
        safety = self._understander.read(words, Context(self._today(), channel="voice")).safety if words else None
        return safety is not None and safety.level is not SafetyLevel.NONE and safety.certain

    def resolve(self, heard: Heard, expect: Expect | None, most: int = MOST_READ) -> Resolved:
        """The reading that can be an answer to what was asked, out of the `most` likely."""
        if not heard.hypotheses:
            return Resolved("", 0.0, heard)
        slot = expect.slot if expect else None
        context = Context(self._today(), asked=slot, confirming=bool(expect and expect.confirming), channel="voice")
        weighed = self._names.weighed(heard) if self._book.letters(expect) else heard.hypotheses
        hypotheses = sorted(weighed, key=_PROMISING.get(slot or "", _any))[:most]
        shares: dict[object, float] = {}
        firsts: dict[object, str] = {}
        for hypothesis in hypotheses:
            parse = self._understander.read(hypothesis.text, context)
            meaning = _meaning(parse, slot)
            shares[meaning] = shares.get(meaning, 0.0) + hypothesis.weight * _plausibility(parse, slot)
            firsts.setdefault(meaning, hypothesis.text)
        best = max(shares, key=lambda meaning: shares[meaning])
        confidence = shares[best] / sum(shares.values()) * _clear(hypotheses, firsts[best])
        return Resolved(firsts[best], confidence if best is not None else min(confidence, _UNCLEAR), heard)


class ClinicListener:
    """One turn of one caller, understood at its end."""

    def __init__(self, listener: recogniser.Listener, ears: ClinicEars, expect: Expect | None, most: int = MOST_READ) -> None:
        self._most = most
        self._listener = listener
        self._ears = ears
        self._expect = expect
        self._answer = self._beside = self._told = ""
        self._is_flag = False
        self._flagged = 0

    def feed(self, mulaw: bytes) -> str | None:
        """Some mu-law at 8 kHz. The words so far when they changed, else None.

        They are the answer's while one is being given. A red flag in everyday talk stands before it once it has stood for a moment, and so
        does a murmur, which among names is a short name.
        """
        words = self._listener.feed(mulaw)
        if words is not None:
            self._answer = words
        if self._listener.beside != self._beside:
            self._beside = self._listener.beside
            self._is_flag = self._ears.is_red_flag(self._beside)
        self._flagged = self._flagged + 1 if self._is_flag else 0
        before, self._told = self._told, self._so_far()
        return self._told if self._told != before else None

    def _so_far(self) -> str:
        murmured = bool(self._beside) and is_backchannel(self._beside) and len(self._answer.split()) <= 1
        return self._beside if murmured or self._flagged >= _STANDS else self._answer

    def finish(self) -> Resolved:
        """The turn is over; the listener is used up."""
        return self._ears.resolve(self._listener.finish(), self._expect, self._most)


def build(model_dir: Path, clinic: Clinic, understander: Understander, today: Callable[[], date]) -> ClinicEars:
    """A clinic's ears. Loads the model (about a second). Raises SpeechModelError when the folder holds none."""
    ears = Ears(model_dir)
    return ClinicEars(ears, _book(ears, clinic.vocabulary, (article.question for article in clinic.articles)), understander, today)


def _book(ears: Ears, vocabulary: Vocabulary, questions: Iterable[str]) -> GrammarBook:
    return GrammarBook(material(vocabulary, questions, {"first": tuple(FIRST), "last": tuple(LAST)}), ears.knows)


def _meaning(parse: Parse, slot: str | None) -> object:
    """What two readings must share to be the same answer."""
    reading = parse.slots.get(slot) if slot else None
    if reading is not None:
        return reading.value
    said = frozenset((*(parse.acts & _CALLER_DOES), *((name, str(other.value)) for name, other in parse.slots.items())))
    return (said, parse.safety.level, parse.handoff) if said or parse.handoff or parse.safety.group else parse.text if not slot else None


def _plausibility(parse: Parse, slot: str | None) -> float:
    if slot and parse.safety.level is not SafetyLevel.NONE and parse.safety.certain:
        return _FLAG
    reading = parse.slots.get(slot) if slot else None
    if reading is not None and slot == MEMBER_ID:
        return card_number(parse.text, reading)
    if reading is not None:
        sure = reading.confidence >= _SURE.get(slot or "", 0.0)
        return (telephone_number(reading) if slot == PHONE else 1.0) * (1.0 if sure else _DOUBTFUL)
    if not slot:
        return 1.0
    return _ACT if parse.acts & _CALLER_DOES or parse.handoff or parse.safety.group or parse.same_number or parse.slots else _NOTHING


def _clear(hypotheses: Iterable[Hypothesis], text: str) -> float:
    """How clearly the words were heard, whatever else they could have been."""
    words = next(hypothesis.words for hypothesis in hypotheses if hypothesis.text == text)
    return min(1.0, 0.4 + sum(word.confidence for word in words) / max(1, len(words)))
