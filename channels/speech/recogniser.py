"""Telephone speech to words: one acoustic model for the process, one recogniser for each turn with the grammar of what was asked.

The recogniser ends an utterance by itself after half a second of quiet and starts another: a telephone number said with pauses
comes in pieces, and every piece is kept. It also swallows a word that begins with the first sample, so each turn is led in and
out by a little quiet.
"""

from __future__ import annotations

import heapq
import json
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import vosk

from channels.speech import audio
from channels.speech.grammar import UNKNOWN

ALTERNATIVES = 30
"""Readings asked of the decoder for each utterance."""

MOST_HYPOTHESES = 80
"""Readings of a whole turn."""

_LEAD = bytes([audio.SILENCE]) * (audio.LINE_RATE // 5)
_TAIL = bytes([audio.SILENCE]) * (audio.LINE_RATE * 3 // 10)
_SEARCH = {"--beam": "13.0", "--lattice-beam": "6.0", "--max-active": "7000"}
"""Wider than the model's own: with its lattice beam of 2 there is rarely a second reading to choose from. Costs a tenth more time."""

_FEATURES = {"--dither": "0.0"}
"""The decoder would add random noise to the sound, and hear the same recording differently each time; the floor under the line is noise enough."""

_SETTINGS: Mapping[str, Mapping[str, str]] = {"model.conf": _SEARCH, "mfcc.conf": _FEATURES}
"""What is changed in the model's own configuration."""

SHARPNESS = 0.25
"""How much a unit of the decoder's score says about which of two readings is right. Raw likelihood differences are far too sure."""


UNKNOWN_COSTS = 10.0
"""Taken off a reading's score for each stretch that is no word: that model fits anything a little, names most of all."""

Respell = Callable[[Sequence[str]], list[str]]
"""Turns the recogniser's words into the readers' words."""


def as_heard(words: Sequence[str]) -> list[str]:
    """No word is written in others."""
    return list(words)


class SpeechModelError(RuntimeError):
    """The folder holds no model that loads."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was heard."""

    text: str
    start: float
    """Seconds from the beginning of the turn."""
    end: float
    confidence: float
    """0 to 1: how much of the weight of all readings has this word at this time."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of the whole turn."""

    words: tuple[Word, ...]
    weight: float
    """0 to 1; the weights of a turn add up to 1."""
    score: float = 0.0
    """Log likelihood."""

    @property
    def text(self) -> str:
        """The words alone."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything one turn of speech could have been, most likely first. Silence has no hypotheses."""

    hypotheses: tuple[Hypothesis, ...] = ()
    spelled: tuple[Hypothesis, ...] = ()
    """The same turn heard as letters and nothing else, where a name was asked for."""
    letters: tuple[tuple[Hypothesis, ...], ...] = ()
    """The same, each stretch between pauses by itself."""

    @property
    def text(self) -> str:
        """The most likely words; empty for silence and for what fits nothing."""
        return self.hypotheses[0].text if self.hypotheses else ""

    @property
    def words(self) -> tuple[Word, ...]:
        """The most likely words with their times."""
        return self.hypotheses[0].words if self.hypotheses else ()

    @property
    def confidence(self) -> float:
        """Mean confidence of the most likely words, 0 when there are none."""
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0


class Ears:
    """The acoustic model (about 140 MB, shared by all calls) and the grammars. Thread-safe; make one per process."""

    def __init__(self, model_dir: Path) -> None:
        """Raises SpeechModelError when the folder holds no model that loads."""
        vosk.SetLogLevel(-1)
        self._model = _load(model_dir)

    def knows(self, word: str) -> bool:
        """Whether the model can pronounce a word."""
        return int(self._model.vosk_model_find_word(word)) >= 0

    def listen(self, grammars: Sequence[str], letters: str = "", respell: Respell = as_heard, favour: float = 0.0) -> Listener:
        """Ears for one turn, with every grammar at once; `letters` is one of single letters, heard with apart.

        `favour` is added to the log likelihood of what the first grammar hears.
        They compile here: a few milliseconds up to about fifty.
        """
        spelled = self._decoder(letters, unknown_costs=0.0) if letters else None
        return Listener([self._decoder(grammar) for grammar in grammars], spelled, respell, favour)

    def open(self) -> Listener:
        """Ears with the model's own language model: only for models that bring one for everyday speech, and to measure against."""
        return Listener([_Decoder(vosk.KaldiRecognizer(self._model, audio.MODEL_RATE))], None, as_heard)

    def _decoder(self, grammar: str, unknown_costs: float = UNKNOWN_COSTS) -> _Decoder:
        return _Decoder(vosk.KaldiRecognizer(self._model, audio.MODEL_RATE, grammar), unknown_costs)


class Listener:
    """One turn of one caller. Feed it frames as they come, then finish it; for one thread at a time."""

    def __init__(self, decoders: Sequence[_Decoder], letters: _Decoder | None, respell: Respell, favour: float = 0.0) -> None:
        self._decoders = decoders
        self._letters = letters
        self._respell = respell
        self._favour = favour
        self._upsampler = audio.Upsampler()
        self._partial = ""
        self.beside = ""
        """The words so far as everyday talk, where that is heard in a grammar of its own beside the answer's."""
        self._accept(_LEAD)

    def feed(self, mulaw: bytes) -> str | None:
        """Some mu-law at 8 kHz, 20 ms or more. Returns the words so far when they changed, else None."""
        self._accept(mulaw)
        before, self._partial = self._partial, self._said_so_far(self._decoders[0])
        if len(self._decoders) > 1:
            self.beside = self._said_so_far(self._decoders[-1])
        return self._partial if self._partial != before else None

    def _said_so_far(self, decoder: _Decoder) -> str:
        return " ".join(self._respell(decoder.partial().split()))

    def finish(self) -> Heard:
        """The end of the turn: everything it could have been. The listener is used up."""
        self._accept(_TAIL)
        pool: dict[str, Reading] = {}
        for decoder in self._decoders:
            favour = self._favour if decoder is self._decoders[0] else 0.0
            for reading in decoder.finish():
                reading = _respelled(replace(reading, score=reading.score + favour), self._respell)
                held = pool.get(reading.text)
                if held is None or reading.score > held.score:
                    pool[reading.text] = reading
        hypotheses = _weighed(sorted(pool.values(), key=lambda reading: -reading.score)[:MOST_HYPOTHESES])
        if self._letters is None:
            return Heard(hypotheses)
        spelled = _weighed(self._letters.finish())
        return Heard(hypotheses, spelled, tuple(_weighed(readings) for readings in self._letters.utterances if readings[0].words))

    def _accept(self, mulaw: bytes) -> None:
        samples = self._upsampler.feed(mulaw)
        for decoder in self._decoders:
            decoder.accept(samples)
        if self._letters:
            self._letters.accept(samples)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an utterance or a turn, before readings are compared."""

    words: tuple[Word, ...]
    score: float
    """Log likelihood: comparable between readings and grammars of the same audio."""

    @property
    def text(self) -> str:
        """The words alone."""
        return " ".join(word.text for word in self.words)


class _Decoder:
    """One recogniser, and what its utterances of this turn were."""

    def __init__(self, recogniser: Any, unknown_costs: float = UNKNOWN_COSTS) -> None:
        self._unknown_costs = unknown_costs
        recogniser.SetMaxAlternatives(ALTERNATIVES)
        recogniser.SetWords(True)
        self._recogniser = recogniser
        self.utterances: list[list[Reading]] = []

    def accept(self, samples: bytes) -> None:
        if self._recogniser.AcceptWaveform(samples):
            self._collect(self._recogniser.Result())

    def partial(self) -> str:
        before = " ".join(readings[0].text for readings in self.utterances)
        now = json.loads(self._recogniser.PartialResult()).get("partial", "").replace(UNKNOWN, " ")
        return f"{before} {now}".strip()

    def finish(self) -> list[Reading]:
        self._collect(self._recogniser.FinalResult())
        return _combined(self.utterances)

    def _collect(self, result: str) -> None:
        readings = [_reading(alternative, self._unknown_costs) for alternative in json.loads(result).get("alternatives", ())]
        if readings:
            self.utterances.append(readings)


def _load(model_dir: Path) -> vosk.Model:
    """The model with a wider search. Its folder is not ours to change, so a stand-in of links carries the other configuration."""
    configuration = model_dir / "conf" / "model.conf"
    if not (model_dir / "am" / "final.mdl").is_file() or not configuration.is_file():
        raise SpeechModelError(f"{model_dir} holds no speech model")
    with tempfile.TemporaryDirectory(prefix="referline-model-") as scratch:
        stand_in = Path(scratch)
        for part in model_dir.absolute().iterdir():
            if part.name != "conf":
                (stand_in / part.name).symlink_to(part)
        (stand_in / "conf").mkdir()
        for file in (model_dir / "conf").iterdir():
            text = file.read_text(encoding="utf-8")
            (stand_in / "conf" / file.name).write_text(_with(text, _SETTINGS.get(file.name, {})), encoding="utf-8")
        try:
            return vosk.Model(str(stand_in))
        except Exception as error:  # vosk raises nothing more exact
            raise SpeechModelError(f"{model_dir}: the speech model does not load") from error


def _with(configuration: str, settings: Mapping[str, str]) -> str:
    own = [line for line in configuration.splitlines() if line.partition("=")[0].strip() not in settings]
    return "\n".join([*own, *(f"{name}={value}" for name, value in settings.items()), ""])


def _reading(alternative: dict[str, Any], unknown_costs: float) -> Reading:
    words = (Word(word["word"], word["start"], word["end"], 0.0) for word in alternative.get("result", ()))
    known = tuple(word for word in words if word.text != UNKNOWN)
    unknown = alternative["text"].split().count(UNKNOWN)
    return Reading(known, float(alternative["confidence"]) - unknown_costs * unknown)


def _combined(utterances: Sequence[Sequence[Reading]]) -> list[Reading]:
    """The best ways to put a turn together from its utterances' readings."""
    best: list[tuple[float, tuple[Word, ...]]] = [(0.0, ())]
    for readings in utterances:
        ways = ((score + reading.score, (*words, *reading.words)) for score, words in best for reading in readings)
        best = heapq.nlargest(MOST_HYPOTHESES, ways, key=itemgetter(0))
    return [Reading(words, score) for score, words in best] if utterances else []


def _respelled(reading: Reading, respell: Respell) -> Reading:
    """Words the model does not know, which it was given in words it knows, put together again."""
    texts = respell([word.text for word in reading.words])
    if len(texts) == len(reading.words):
        return reading
    words, at = [], 0
    for text in texts:
        taken = next((n for n in range(1, len(reading.words) - at) if respell([w.text for w in reading.words[at : at + n]]) == [text]), 1)
        words.append(Word(text, reading.words[at].start, reading.words[at + taken - 1].end, 0.0))
        at += taken
    return Reading(tuple(words), reading.score)


def _weighed(readings: Sequence[Reading]) -> tuple[Hypothesis, ...]:
    """Readings of one turn against each other, best first; none for silence, and for what fits nothing."""
    if not readings or not readings[0].words:
        return ()
    top = readings[0].score
    raised = [math.exp(SHARPNESS * (reading.score - top)) for reading in readings]
    weights = [one / sum(raised) for one in raised]
    rated = _Rating(zip(readings, weights, strict=True))
    return tuple(Hypothesis(tuple(map(rated, reading.words)), weight, reading.score) for reading, weight in zip(readings, weights, strict=True))


class _Rating:
    """Each word's share of all readings that have it at the same time. Readings differ in a word or two, so most words are rated once."""

    def __init__(self, readings: Iterable[tuple[Reading, float]]) -> None:
        self._spans: dict[str, list[tuple[float, float, int, float]]] = {}
        self._rated: dict[Word, Word] = {}
        for number, (reading, weight) in enumerate(readings):
            for word in reading.words:
                self._spans.setdefault(word.text, []).append((word.start, word.end, number, weight))

    def __call__(self, word: Word) -> Word:
        """The word with its confidence."""
        rated = self._rated.get(word)
        if rated is None:
            shares = {number: weight for start, end, number, weight in self._spans[word.text] if start < word.end and word.start < end}
            rated = self._rated[word] = Word(word.text, word.start, word.end, min(1.0, sum(shares.values())))
        return rated
