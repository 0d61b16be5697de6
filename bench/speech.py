"""How well telephone speech is heard: with the grammar of what was asked, beside the same audio without it and the model's open vocabulary.

    nice python -m bench.speech --data ../shared/data [--model DIR] [--voices slt,rms,awb,en-us+f3] [--sample 20]

Persona answers are spoken by voices that are not the line's own, over a telephone line with noise; digits and yes or no are also human
speech; when turns end is measured with the same voices (`bench.turn_ends`). The second answer of a persona is its answer to being asked
again, and counts where the first was not right: nothing was understood, the line was unsure and asked, or a wrong value was read back and
denied. Writes `bench/results/speech.md`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import vosk
from rapidfuzz.distance import Levenshtein

from agent import clinic as clinics
from bench import provenance, turn_ends
from bench.simulate import score_tool
from bench.voices import Voices, on_line
from channels.speech import audio, model
from channels.speech.grammar import GrammarBook, material
from channels.speech.recogniser import Ears
from channels.speech.recordings import telephone_audio
from channels.speech.resolving import ClinicEars
from dialogs.line import Expect
from nlu import understander as understanding
from nlu.name_words import FIRST, LAST
from nlu.parse import Act, Context, Parse, TimeWindow

TODAY = date(2026, 11, 21)
STEP = 5 * audio.FRAME_BYTES
DEFAULT_SAMPLE = 40
PAUSED_EACH = 8
"""Numbers with pauses for each voice."""
DIGITS = {"zero": "0", "oh": "0", **{word: str(n) for n, word in enumerate("one two three four five six seven eight nine".split(), 1)}}
CENSUS_NAMES = 24
TIMED = ("patient.name", "patient.phone", "insurance.carrier", "insurance.member_id", "preferred_times", "referral.provider", "referral.reason", None)

_T = TypeVar("_T")
Hear = Callable[[bytes, Expect], tuple[str, float]]
"""mu-law and what was asked -> what a call takes it for, and how surely."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer to one question."""

    slot: str
    """A slot, `yes or no`, or a name's kind."""
    wanted: Any
    text: str
    """What is said."""
    speak: Callable[[], bytes]
    """Makes the sound: what is not in the sample is never spoken."""
    expect: Expect
    group: tuple[str, ...] = ()
    """Answers of one group are attempts at one question, in order."""


class Bench:
    """Everything that hears, and what it heard."""

    def __init__(self, data: Path, model_dir: Path, tool: Path, voices: Voices, chosen: Sequence[str], sample: int) -> None:
        self.clinic = clinics.load(Path("clinics/riverside"))
        self.readers = understanding.build(self.clinic.vocabulary)
        self.ears = Ears(model_dir)
        questions = [article.question for article in self.clinic.articles]
        names = {"first": tuple(FIRST), "last": tuple(LAST)}
        self.book = GrammarBook(material(self.clinic.vocabulary, questions, names), self.ears.knows)
        self.line = ClinicEars(self.ears, self.book, self.readers, lambda: TODAY)
        self.data, self.voices, self.chosen, self.sample = data, voices, chosen, sample
        self.score = score_tool(tool)
        self.used = 0.0
        self.seconds = 0.0

    @property
    def ways(self) -> Mapping[str, Hear]:
        """The three ways the same audio is heard."""
        return {"grammar of the slot": self._asked, "grammar without the slot": self._unasked, "open vocabulary": self._open}

    def _asked(self, sound: bytes, expect: Expect) -> tuple[str, float]:
        started = time.thread_time()
        resolved = self.line.hear(sound, expect)
        self.used += time.thread_time() - started
        self.seconds += len(sound) / audio.LINE_RATE
        return resolved.text, resolved.confidence

    def _unasked(self, sound: bytes, _: Expect) -> tuple[str, float]:
        resolved = self.line.hear(sound, None)
        return resolved.text, resolved.confidence

    def _open(self, sound: bytes, _: Expect) -> tuple[str, float]:
        listener = self.ears.open()
        for at in range(0, len(sound), STEP):
            listener.feed(sound[at : at + STEP])
        heard = listener.finish()
        return heard.text, heard.confidence

    def right(self, spoken: Spoken, text: str) -> bool | None:
        """Whether the readers take the wanted value from a text; None when they take nothing."""
        confirming = spoken.expect.confirming
        parse = self.readers.read(text, Context(TODAY, asked=spoken.expect.slot, confirming=confirming, channel="voice"))
        if confirming:
            found = {Act.AFFIRM, Act.DENY} & parse.acts
            return found == {spoken.wanted} if found else None
        reading = parse.slots.get(spoken.expect.slot or "")
        return None if reading is None else bool(self.score.same(spoken.expect.slot, spoken.wanted, _plain(reading.value)))


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="folder of the acoustic model; var/models by default")
    parser.add_argument("--score-tool", type=Path, help="score.py; beside the data by default")
    parser.add_argument("--voices", default="", help="comma separated; three by default")
    parser.add_argument("--sample", type=int, default=DEFAULT_SAMPLE, metavar="N", help="at most N questions of each kind, evenly taken; 0 for all")
    args = parser.parse_args()
    model_dir = model.find(args.model, Path("var/models"))
    if model_dir is None:
        raise SystemExit("There is no speech model: `referline models fetch` fetches one")
    vosk.SetLogLevel(-1)
    with tempfile.TemporaryDirectory() as cache:
        voices = Voices(Path(cache))
        chosen = args.voices.split(",") if args.voices else voices.names
        bench = Bench(args.data, model_dir, args.score_tool or args.data.parent / "tools" / "score.py", voices, chosen, args.sample)
        page = [f"# Telephone speech\n\n{provenance.line()}\n", _about(bench, model_dir)]
        page += [section(bench) for section in (_answers, _digits, _names, _turn_ends, _costs)]
    print(f"written to {provenance.write('speech.md', chr(10).join(page))}")


def _about(bench: Bench, model_dir: Path) -> str:
    return (
        f"Model {model_dir.name}; voices: {', '.join(bench.chosen)} (flite; those with a dash eSpeak), 8 kHz mu-law with noise 64 dB below\n"
        "full scale. The code was tuned with slt, rms and an eSpeak voice of another name; awb and the eSpeak voice here are new to it.\n"
        "The model comes from the npm registry where the vendor cannot be reached; its own language model, the open vocabulary here,\n"
        "is then one for another trade.\n" + (f"A sample: at most {bench.sample} questions of each kind.\n" if bench.sample else "")
    )


def _sample(bench: Bench, spoken: Iterable[Spoken]) -> list[Spoken]:
    """At most so many questions of each kind, evenly taken, each with all its attempts."""
    kinds: dict[str, dict[tuple[str, ...], list[Spoken]]] = defaultdict(lambda: defaultdict(list))
    for one in spoken:
        kinds[one.slot][one.group].append(one)
    return [one for questions in kinds.values() for question in _spaced(list(questions.values()), bench.sample) for one in question]


def _spaced(questions: Sequence[_T], most: int) -> list[_T]:
    """At most so many, evenly spaced."""
    if not most or len(questions) <= most:
        return list(questions)
    return [questions[int(at * len(questions) / most)] for at in range(most)]


def _heard(bench: Bench, spoken: Sequence[Spoken]) -> dict[str, list[tuple[str, float]]]:
    """Every answer heard in every way; two at a time, for the recogniser leaves the interpreter alone."""
    heard = {}
    with ThreadPoolExecutor(2) as pool:
        for name, hear in bench.ways.items():
            heard[name] = list(_shown(name, len(spoken), pool.map(lambda one, hear=hear: hear(one.speak(), one.expect), spoken)))
    return heard


def _shown(what: str, whole: int, done: Iterable[_T]) -> Iterator[_T]:
    """The same, with how far it is on standard error."""
    for number, one in enumerate(done, 1):
        if number == whole or number % 25 == 0:
            print(f"{what}: {number} of {whole}", file=sys.stderr, flush=True)
        yield one


def _answers(bench: Bench) -> str:
    spoken = _sample(bench, [*_persona_answers(bench), *_yes_no(bench)])
    heard = _heard(bench, spoken)
    kinds = list(dict.fromkeys(one.slot for one in spoken))
    rows = ["## Answers\n", "Share of questions whose value came out right: first answer / after at most one re-ask (share of wrong words).\n"]
    rows.append("| slot | questions | as text | " + " | ".join(bench.ways) + " |\n|---|---|---|" + "---|" * len(bench.ways))
    for kind in kinds:
        chosen = [at for at, one in enumerate(spoken) if one.slot == kind]
        text = [bench.right(spoken[at], spoken[at].text) for at in chosen]
        cells = [_cell(bench, [spoken[at] for at in chosen], [heard[way][at] for at in chosen]) for way in bench.ways]
        questions = len({spoken[at].group for at in chosen})
        rows.append(f"| {kind} | {questions} | {np.mean([bool(one) for one in text]):.2f} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n\n" + _by_voice(bench, spoken, heard)


def _by_voice(bench: Bench, spoken: Sequence[Spoken], heard: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """The same answers, all slots together, for each voice."""
    rows = ["| voice | questions | " + " | ".join(bench.ways) + " |\n|---|---|" + "---|" * len(bench.ways)]
    for voice in dict.fromkeys(one.group[-1] for one in spoken):
        chosen = [at for at, one in enumerate(spoken) if one.group[-1] == voice]
        cells = [_cell(bench, [spoken[at] for at in chosen], [heard[way][at] for at in chosen]) for way in bench.ways]
        label = voice if voice in bench.chosen else "human"
        rows.append(f"| {label} | {len({spoken[at].group for at in chosen})} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _cell(bench: Bench, spoken: Sequence[Spoken], heard: Sequence[tuple[str, float]]) -> str:
    first, after = _first_and_after(bench, spoken, heard)
    errors = sum(Levenshtein.distance(one.text.split(), text.split()) for one, (text, _) in zip(spoken, heard, strict=True))
    return f"{first:.2f} / {after:.2f} ({errors / sum(len(one.text.split()) for one in spoken):.2f})"


def _first_and_after(bench: Bench, spoken: Sequence[Spoken], heard: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Share right at the first answer, and after one re-ask."""
    attempts: dict[tuple[str, ...], list[tuple[bool, float]]] = defaultdict(list)
    for one, (text, confidence) in zip(spoken, heard, strict=True):
        attempts[one.group].append((bool(bench.right(one, text)), confidence))
    first = [tries[0][0] for tries in attempts.values()]
    after = [tries[0][0] or any(right for right, _ in tries[1:2]) for tries in attempts.values()]
    return float(np.mean(first)), float(np.mean(after))


def _persona_answers(bench: Bench) -> Iterator[Spoken]:
    """Every spoken persona's answers without digits or signs, by every voice; those of one question are its attempts."""
    for row in _rows(bench.data / "conversations" / "dev" / "personas.jsonl"):
        if row["channel"] == "sms" or row.get("lang", "en") != "en":
            continue
        for (slot, answers), voice in itertools.product(row["answers"].items(), bench.chosen):
            said = [answer for answer in answers[:2] if answer.replace("'", "").replace(" ", "").isalpha()]
            if slot not in row["goal"] or slot == "patient.name":
                continue
            for answer in said:
                yield Spoken(slot, row["goal"][slot], answer, partial(bench.voices.say, answer, voice), Expect(slot), (row["id"], slot, voice))


def _yes_no(bench: Bench) -> Iterator[Spoken]:
    """The personas' own ways to confirm and deny, and two human clips."""
    expect = Expect(None, "yes_no", confirming=True)
    for row in _rows(bench.data / "conversations" / "dev" / "personas.jsonl"):
        for key, act in (("confirm_yes", Act.AFFIRM), ("confirm_no", Act.DENY)):
            said = [text for text in (_bare(one) for one in row.get(key, ())) if len(text) > 1]
            if row["channel"] == "sms" or row.get("lang", "en") != "en":
                continue
            for text, voice in itertools.product(said[:2], bench.chosen):
                yield Spoken("yes or no", act, text, partial(bench.voices.say, text, voice), expect, (row["id"], key, voice))
    for row in _rows(bench.data / "public" / "audio" / "manifest.jsonl"):
        if row["transcript"] in ("yes", "no"):
            sound = partial(on_line, telephone_audio(bench.data / "public" / "audio" / row["file"]), 1)
            act = Act.AFFIRM if row["transcript"] == "yes" else Act.DENY
            yield Spoken("yes or no, human", act, row["transcript"], sound, expect, (row["file"], "human"))


def _digits(bench: Bench) -> str:
    """Telephone numbers glued from single digits of human speakers."""
    spoken = _sample(bench, _human_numbers(bench, each=8))
    heard = _heard(bench, spoken)
    speakers = len({one.group[0] for one in spoken})
    rows = [f"## Telephone numbers, human digits\n\n{len(spoken)} numbers by {speakers} speakers, glued from single digits with pauses.\n"]
    rows.append("| | exact numbers | digit errors |\n|---|---|---|")
    errors = {}
    for way, results in heard.items():
        digits = ["".join(DIGITS.get(word, "") for word in text.split()) for text, _ in results]
        wrong = sum(Levenshtein.distance(found, one.wanted[2:]) for one, found in zip(spoken, digits, strict=True))
        exact = sum(found == one.wanted[2:] for one, found in zip(spoken, digits, strict=True))
        errors[way] = wrong
        rows.append(f"| {way} | {exact} of {len(spoken)} | {wrong / (10 * len(spoken)):.3f} |")
    slot, *_, opened = errors.values()
    return "\n".join([*rows, f"\n{opened / max(1, slot):.1f} times fewer digit errors than the open vocabulary (aim: 4).\n"])


def _human_numbers(bench: Bench, each: int) -> Iterator[Spoken]:
    clips = _clips(bench)
    chance = random.Random(7)
    words = [word for word in DIGITS if word != "oh"]
    for speaker in sorted({speaker for speaker, _ in clips}):
        for at in range(each):
            digits = [chance.randint(2 if place in (0, 3) else 0, 9) for place in range(10)]
            sound = _quiet(0.3)
            for place, digit in enumerate(digits):
                sound += telephone_audio(chance.choice(clips[speaker, words[digit]])) + _quiet(chance.uniform(0.03, 0.12) + 0.3 * (place in (2, 5)))
            text = " ".join(words[digit] for digit in digits)
            number = "+1" + "".join(map(str, digits))
            whole = partial(on_line, sound + _quiet(0.4), at)
            yield Spoken("patient.phone", number, text, whole, Expect("patient.phone", "phone"), (speaker, str(at)))


def _clips(bench: Bench) -> dict[tuple[str, str], list[Path]]:
    """Recordings of single digits by human speaker and word."""
    clips: dict[tuple[str, str], list[Path]] = defaultdict(list)
    folder = bench.data / "public" / "audio"
    for row in _rows(folder / "manifest.jsonl"):
        if row["file"].startswith("fsdd/"):
            clips[row["speaker"], row["transcript"]].append(folder / row["file"])
    return clips


def _turn_ends(bench: Bench) -> str:
    clips = _clips(bench)
    chance = random.Random(29)
    words = [word for word in DIGITS if word != "oh"]

    def human(each: int) -> Iterator[tuple[str, list[bytes]]]:
        for speaker, _ in itertools.product(sorted({speaker for speaker, _ in clips}), range(each)):
            digits = [chance.randint(2 if place in (0, 3) else 0, 9) for place in range(10)]
            sounds = [telephone_audio(chance.choice(clips[speaker, words[digit]])) for digit in digits]
            yield speaker, [_quiet(0.06).join(sounds[a:b]) for a, b in ((0, 3), (3, 6), (6, 10))]

    def read(text: str, expect: Expect) -> Parse:
        return bench.readers.read(text, Context(TODAY, asked=expect.slot, confirming=expect.confirming, channel="voice"))

    each = min(PAUSED_EACH, bench.sample or PAUSED_EACH)
    said = turn_ends.answers(bench.voices, bench.chosen, human, each)
    with ThreadPoolExecutor(2) as pool:
        ends = list(_shown("the end of a turn", len(said), pool.map(lambda one: turn_ends.ended(one, bench.line, read), said)))
    return turn_ends.table(said, ends)


def _quiet(seconds: float) -> bytes:
    return bytes([audio.SILENCE]) * int(seconds * audio.LINE_RATE)


def _names(bench: Bench) -> str:
    """Names said, then spelled; a name counts as right after spelling when either turn gave it."""
    rows = ["## Names\n", "Said once / said, then spelled when it was not right. Everybody's first name, then last name, letter by letter.\n"]
    rows.append("| names | people | " + " | ".join(bench.ways) + " |\n|---|---|" + "---|" * len(bench.ways))
    for kind, names in (("of the personas", _persona_names(bench)), ("drawn by census frequency", _census_names())):
        people = _spaced([(name, voice) for name in names for voice in bench.chosen], bench.sample)
        spoken = [one for name, voice in people for one in _said_and_spelled(bench, kind, name, voice)]
        heard = _heard(bench, spoken)
        cells = ["{:.2f} / {:.2f}".format(*_first_and_after(bench, spoken, heard[way])) for way in bench.ways]
        rows.append(f"| {kind} | {len(people)} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _said_and_spelled(bench: Bench, kind: str, name: str, voice: str) -> Iterator[Spoken]:
    plain = _bare(name)
    spelled = ", ".join(" ".join(part) for part in plain.split())
    for text in (plain, f"{plain}, {spelled}"):
        yield Spoken(kind, name, text.replace(",", ""), partial(bench.voices.say, text, voice), Expect("patient.name", "name"), (name, voice))


def _persona_names(bench: Bench) -> list[str]:
    rows = _rows(bench.data / "conversations" / "dev" / "personas.jsonl")
    spoken = (row["goal"].get("patient.name", "") for row in rows if row["channel"] != "sms" and row.get("lang", "en") == "en")
    return [name for name in dict.fromkeys(spoken) if len(name.split()) == 2]


def _census_names() -> list[str]:
    """People as a telephone line meets them: by how common their names are."""
    chance = random.Random(11)
    drawn = [chance.choices(list(names), [1 / (rank + 20) for rank in range(len(names))], k=CENSUS_NAMES) for names in (FIRST, LAST)]
    return [f"{first} {last}".title() for first, last in zip(*drawn, strict=True)]


def _costs(bench: Bench) -> str:
    rows = [f"## Cost\n\nProcessor time of hearing with the grammars of the slot: {bench.used / bench.seconds:.3f} of the sound's length.\n"]
    rows.append("| slot | phrases | built in ms |\n|---|---|---|")
    for slot in TIMED:
        expect = Expect(slot) if slot else None
        grammars = [*bench.book.grammars(expect), *filter(None, [bench.book.letters(expect)])]
        started = time.thread_time()
        bench.ears.listen(bench.book.grammars(expect), bench.book.letters(expect))
        built = 1000 * (time.thread_time() - started)
        rows.append(f"| {slot or 'nothing in particular'} | {' + '.join(str(len(json.loads(grammar))) for grammar in grammars)} | {built:.0f} |")
    return "\n".join(rows) + "\n"


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _bare(text: str) -> str:
    return " ".join("".join(char if char.isalpha() or char == "'" else " " for char in text.lower()).split())


def _plain(value: object) -> object:
    """A value as the score tool knows it."""
    if not isinstance(value, tuple):
        return value
    return [_window(one) if isinstance(one, TimeWindow) else one for one in value]


def _window(window: TimeWindow) -> dict[str, object]:
    return {"days": list(window.days), "part": window.part, "after": window.after, "before": window.before}


if __name__ == "__main__":
    main()
