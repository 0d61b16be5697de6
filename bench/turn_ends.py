"""When a turn ends: are callers who pause cut off, and how long do they wait once they have said it all?

Telephone numbers and card numbers are said in groups with pauses between them, by synthetic voices and in single digits of human speakers;
whole answers are said without. Every sound goes frame by frame through what a call has: the meter, the ear with its recogniser, the end of
the turn by the words so far.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.voices import Voices, on_line
from channels.media.ear import Ear
from channels.media.ports import Ears
from channels.speech import audio
from channels.speech.endpoint import Endpoint, VoiceMeter
from dialogs.line import Expect
from nlu.parse import Parse

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.3, 1.2
AFTERWARDS_S = 4.0
"""Line after the last word: no turn is waited for longer."""
BEFORE_S = 0.5
_PHONE = Expect("patient.phone", "phone")
_CARD = Expect("insurance.member_id", "id")
_ONES = "zero one two three four five six seven eight nine".split()
_CARDS = ("W#########", "U##########", "#@#@###", "@@@#########", "########", "#@#####")
_KINDS = {"@": "ACDEFGHJKMNPQRTUVWXY", "#": "0123456789"}
WHOLE = (
    (Expect(None, "yes_no", confirming=True), ("yes", "no", "that's right", "no that's wrong")),
    (Expect("insurance.carrier", "payer"), ("cigna", "i have medicare", "it's aetna")),
    (Expect("caller.role", "choice"), ("it's for me", "for my mother")),
    (Expect("preferred_times", "times"), ("tuesday afternoon", "monday mornings", "any weekday")),
    (Expect("referral.body_part", "text"), ("my left knee", "lower back")),
    (_PHONE, ("four one five five five five two six three eight", "nine two five five five five seven one four four")),
)
"""Answers that are whole, and what was asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as a line brings it."""

    kind: str
    expect: Expect
    sound: bytes
    last_group: float
    """Second at which the last group of words begins."""
    end: float
    """Second at which the last word ends."""


def answers(voices: Voices, chosen: Sequence[str], human: Callable[[int], Iterator[tuple[str, Sequence[bytes]]]], each: int) -> list[Said]:
    """`each` numbers with pauses for every voice, as many by every human speaker, and every whole answer once for each voice."""
    chance = random.Random(23)
    made: list[Said] = []
    for voice in chosen:
        for _ in range(each):
            made.append(_joined("telephone numbers", _PHONE, [voices.say(_digits(group), voice) for group in _phone(chance)], chance))
            made.append(_joined("card numbers", _CARD, [voices.say(group, voice) for group in _card(chance)], chance))
        made += [_joined("whole answers", expect, [voices.say(text, voice)], chance) for expect, texts in WHOLE for text in texts]
    made += [_joined("telephone numbers, human digits", _PHONE, groups, chance) for _, groups in human(each)]
    return made


def ended(said: Said, ears: Ears, read: Callable[[str, Expect], Parse]) -> float | None:
    """The second at which a call takes this answer to be over; None when it never does."""
    ear, meter = Ear(ears), VoiceMeter()
    ear.listen(said.expect)
    endpoint = Endpoint(said.expect, lambda text: read(text, said.expect))
    for at in range(0, len(said.sound) - audio.FRAME_BYTES + 1, audio.FRAME_BYTES):
        frame = said.sound[at : at + audio.FRAME_BYTES]
        voiced = meter.feed(frame)
        words = ear.feed(frame, voiced=voiced)
        if words is not None:
            endpoint.hear(words)
        if endpoint.pass_time(audio.FRAME_MS, voiced=voiced):
            return (at + audio.FRAME_BYTES) / audio.LINE_RATE
    return None


def table(said: Sequence[Said], ends: Sequence[float | None]) -> str:
    """The page's section."""
    rows = [
        "## The end of a turn\n",
        f"Real sound through the code of a call. Numbers in groups, with pauses of {SHORTEST_PAUSE_S} to {LONGEST_PAUSE_S} s between them; cut off",
        "means that the turn was over before the last group began (aim: under 3 %). The wait is from the last sound to the end of the turn,",
        "where all was heard (aim: median under 350 ms for whole answers).\n",
        "| said | answers | cut off | never ended | median wait | 95th percentile |\n|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(one.kind for one in said):
        pairs = [(one, end) for one, end in zip(said, ends, strict=True) if one.kind == kind]
        cut = [one for one, end in pairs if end is not None and end < one.last_group]
        waits = sorted(max(0.0, end - one.end) for one, end in pairs if end is not None and end >= one.last_group)
        never = sum(end is None for _, end in pairs)
        shown = f"{1000 * median(waits):.0f} ms | {1000 * waits[int(0.95 * (len(waits) - 1))]:.0f} ms" if waits else "- | -"
        rows.append(f"| {kind} | {len(pairs)} | {100 * len(cut) / len(pairs):.1f} % | {never} | {shown} |")
    return "\n".join(rows) + "\n"


def _joined(kind: str, expect: Expect, groups: Sequence[bytes], chance: random.Random) -> Said:
    sound, last = _quiet(BEFORE_S), 0
    for number, group in enumerate(groups):
        sound += _quiet(chance.uniform(SHORTEST_PAUSE_S, LONGEST_PAUSE_S)) if number else b""
        last = len(sound)
        sound += _trimmed(group)
    whole = on_line(sound + _quiet(AFTERWARDS_S), seed=len(sound))
    return Said(kind, expect, whole, last / audio.LINE_RATE, len(sound) / audio.LINE_RATE)


def _trimmed(sound: bytes) -> bytes:
    """A sound without the quiet before and after it, so that pauses are as long as they are said to be."""
    meter = VoiceMeter()
    frames = [sound[at : at + audio.FRAME_BYTES] for at in range(0, len(sound), audio.FRAME_BYTES)]
    voiced = [at for at, frame in enumerate(frames) if meter.feed(frame)]
    return b"".join(frames[voiced[0] : voiced[-1] + 1]) if voiced else sound


def _quiet(seconds: float) -> bytes:
    return bytes([audio.SILENCE]) * (int(seconds * audio.LINE_RATE) // audio.FRAME_BYTES * audio.FRAME_BYTES)


def _phone(chance: random.Random) -> list[str]:
    """Area code, exchange and the rest, which some say in two."""
    area, exchange = (f"{chance.randint(2, 9)}{chance.randint(0, 99):02}" for _ in range(2))
    rest = f"{chance.randint(0, 9999):04}"
    return chance.choice(([area, exchange, rest], [area, exchange, rest[:2], rest[2:]]))


def _card(chance: random.Random) -> list[str]:
    signs = [chance.choice(_KINDS.get(sign, sign)) for sign in chance.choice(_CARDS)]
    words = [sign.lower() if sign.isalpha() else _ONES[int(sign)] for sign in signs]
    groups, at = [], 0
    while at < len(words):
        size = chance.choice((2, 3, 4))
        groups.append(" ".join(words[at : at + size]))
        at += size
    return groups


def _digits(text: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in text)
