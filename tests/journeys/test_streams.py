"""A whole call over the media socket, with the real line behind it: to a complete lead, and through every accident on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from agent.bootstrap import Agent
from agent.models import Call
from channels.emulator import PhoneCall, Twilio, over_http
from channels.media import patience
from channels.media.switchboard import EXTENSION, Limits, Speech
from channels.stream_emulator import QUIET, Stream, on_streams
from channels.web import create_app
from dialogs.line import Expect
from tests.agent.record import all_leads, how_many, outgoing
from tests.fakes.ears import FakeEars, FakeMouth, spoken, what
from tests.fakes.web_server import serving
from tests.journeys.conftest import PUBLIC_URL, TOKEN

ANSWERS = (
    ("full name", "maria lopez"),
    ("therapy for you", "it's for me"),
    ("reason for therapy", "my left knee hurts since i fell"),
    ("what hurts", "my left knee hurts since i fell"),
    ("part of the body", "my left knee"),
    ("phone number", "four one five five five five oh one oh one"),
    ("or another", "four one five five five five oh one oh one"),
    ("date of birth", "april third nineteen eighty five"),
    ("member", "u seven seven four four one oh two nine oh three"),
    ("plan", "p p o"),
    ("insurance", "cigna"),
    ("days", "tuesday mornings"),
    ("times", "tuesday mornings"),
    ("e-mail", "skip"),
    ("practice", "the ortho center"),
    ("kind of doctor", "orthopedics"),
    ("referred you", "doctor smith at the ortho center"),
    ("is that right", "yes"),
    ("right now", "yes"),
    ("anything else", "no thank you"),
    ("you are calling from", "yes"),
)
QUIET_BEFORE_ANSWERING = 15
"""Frames."""
A_MOMENT_S, A_WHILE_S = 0.1, 0.5
"""Time that must pass as well, after a question and after anything else: frames run faster than time here, and a busy machine may not
have sent the next sentence yet."""


@dataclass
class Patient:
    """Hears sentence by sentence, answers the last question heard, and counts what was asked. May suffer an accident."""

    accident: Callable[[Stream, int], None] = lambda stream, said: None
    """Called before each thing said; may close the stream."""
    questions: Counter[str] = field(default_factory=Counter)
    heard: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    done: bool = False

    def __call__(self, stream: Stream) -> None:
        ends, read, rest, heard_at = time.monotonic() + 60, 0, 0, time.monotonic()
        while stream.open and time.monotonic() < ends:
            stream.frame()
            time.sleep(0.0005)
            for at in range(read, len(stream.ear.audio) - 159, 160):
                read = at + 160
                if (sentence := what(bytes(stream.ear.audio[at : at + 160]))) is not None:
                    self.heard.append(sentence)
                    self.questions[sentence] += sentence.endswith("?")
                    rest = 0
            if stream.speaking:
                rest, heard_at = 0, time.monotonic()
                continue
            rest += 1
            if read and rest > QUIET_BEFORE_ANSWERING and time.monotonic() - heard_at > self._wait():
                if not self._answer(stream):
                    return
                rest, heard_at = 0, time.monotonic()

    def _wait(self) -> float:
        return A_MOMENT_S if self.heard and self.heard[-1].endswith("?") else A_WHILE_S

    def _answer(self, stream: Stream) -> bool:
        """False to hang up."""
        question = next((one for one in reversed(self.heard) if one.endswith("?")), "").lower()
        found = [(question.rfind(cue), answer) for cue, answer in ANSWERS if cue in question]
        if "anything else" in question:
            self.done = True
        self.accident(stream, len(self.said))
        if not stream.open:
            return True
        return self._speak(stream, max(found)[1] if found else "i don't know")

    def _speak(self, stream: Stream, words: str) -> bool:
        self.said.append(words)
        before = len(stream.ear.arrivals)
        for frame in spoken(words):
            stream.frame(frame)
        # However busy the machine is: nobody answers twice because the line is slow.
        ends = time.monotonic() + 15
        while len(stream.ear.arrivals) == before and time.monotonic() < ends:
            stream.frame(QUIET)
            time.sleep(0.004)
            if not stream.open:
                break
        return len(self.said) < 60


@pytest.fixture
def patient_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Audio runs ahead of a busy machine here: what was answered must not look like silence."""
    monkeypatch.setattr(patience, "FIRST_MS", 90_000)


@pytest.fixture
def app(line: Agent) -> Flask:
    made = create_app(line, Limits(ahead_s=3600.0, messages_s=20_000.0, call_s=3600.0))
    made.extensions[EXTENSION].install(Speech(FakeEars(), FakeMouth(letter_ms=2)))
    return made


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def twilio(server: str) -> Twilio:
    return Twilio(over_http(server), TOKEN, PUBLIC_URL)


def a_call(twilio: Twilio, server: str, patient: Patient) -> PhoneCall:
    call = PhoneCall(twilio)
    call.stream = on_streams(server.replace("http", "ws"), patient)
    return call.dial()


def complete_lead(line: Agent) -> dict[str, object]:
    (lead,) = all_leads(line.store)
    assert lead["completeness"] == "complete"
    assert lead["slots"]["patient.name"]["value"].lower() == "maria lopez"
    assert lead["slots"]["patient.phone"]["value"] == "+14155550101"
    assert lead["slots"]["patient.name"]["source"] == "speech"
    found: dict[str, object] = lead
    return found


@pytest.mark.usefixtures("patient_line")
def test_a_call_by_voice_alone_becomes_a_complete_lead(twilio: Twilio, server: str, line: Agent) -> None:
    """The greeting comes first (A60), every question once, and the stream is closed by us after the goodbye."""
    patient = Patient()
    call = a_call(twilio, server, patient)
    assert call.over
    assert call.streams == 1
    complete_lead(line)
    assert "automated assistant" in " ".join(patient.heard[:3])
    assert "9 1 1" in " ".join(patient.heard[:4])
    assert max(patient.questions.values()) == 1, patient.questions
    assert sorted(kind for kind, *_ in outgoing(line.store)) == ["coordinator_email", "physician_thank_you"]


@pytest.mark.usefixtures("patient_line")
@pytest.mark.parametrize("when", range(12))
def test_a_socket_that_drops_at_any_step_costs_nothing(twilio: Twilio, server: str, line: Agent, when: int) -> None:
    """A16: the verbs after <Connect> go on with what was said already; nothing is asked more than twice, and there is one lead."""
    dropped: list[int] = []

    def drop(stream: Stream, said: int) -> None:
        if said == when and not dropped:
            dropped.append(said)
            stream.close()
            stream.wait_closed()

    patient = Patient(drop)
    call = a_call(twilio, server, patient)
    assert dropped
    assert call.over
    assert call.streams == 2
    complete_lead(line)
    assert max(patient.questions.values()) <= 2, patient.questions
    assert sum(count - 1 for count in patient.questions.values() if count) <= 1
    assert how_many(line.store, Call) == [1]


@pytest.mark.usefixtures("patient_line")
def test_a_socket_that_drops_at_every_step_costs_nothing(twilio: Twilio, server: str, line: Agent) -> None:
    """A16: before every single answer."""
    dropped: set[int] = set()

    def drop(stream: Stream, said: int) -> None:
        if said not in dropped:
            dropped.add(said)
            stream.close()
            stream.wait_closed()

    patient = Patient(drop)
    a_call(twilio, server, patient)
    complete_lead(line)
    assert max(patient.questions.values()) <= 2, patient.questions


def test_without_a_seat_twilio_hears_the_call(twilio: Twilio, server: str, line: Agent, app: Flask) -> None:
    """Gather mode is the way out of everything."""
    app.extensions[EXTENSION].close()
    call = PhoneCall(twilio).dial()
    assert call.gather is not None
    assert call.streams == 0


def test_a_stream_that_never_comes_up_ends_in_gather_mode(twilio: Twilio, line: Agent) -> None:
    """The socket cannot be reached: after three tries Twilio hears the call, and the greeting is said once."""

    def nobody(_call: PhoneCall, _verb: object) -> bool:
        return False

    call = PhoneCall(twilio, stream=nobody).dial()
    assert call.streams == 3
    assert call.gather is not None
    assert " ".join(call.heard).count("automated assistant") == 1


def test_a_silent_caller_gets_a_tone_and_a_goodbye(twilio: Twilio, server: str, line: Agent) -> None:
    """A17: ten seconds, the question again, voicemail, goodbye; the webhooks take the message."""

    def says_nothing(stream: Stream) -> None:
        for _ in range(6_000):
            if not stream.open:
                return
            stream.frame()
            time.sleep(0.0005)

    call = PhoneCall(twilio)
    call.stream = on_streams(server.replace("http", "ws"), says_nothing)
    call.dial()
    assert call.recorded
    assert call.over


@pytest.mark.usefixtures("patient_line")
def test_a_caller_who_hangs_up_leaves_a_partial_lead(twilio: Twilio, server: str, line: Agent) -> None:
    """`stop` is a hang-up: what was said is kept at once."""

    class Hurried(Patient):
        def _answer(self, stream: Stream) -> bool:
            return super()._answer(stream) and len(self.said) < 3

    call = PhoneCall(twilio)
    call.stream = on_streams(server.replace("http", "ws"), Hurried())
    call.dial()
    (lead,) = all_leads(line.store)
    assert (lead["completeness"], lead["outcome"]) == ("partial", "partial")


@pytest.mark.usefixtures("patient_line")
def test_the_ears_are_told_what_was_asked(twilio: Twilio, server: str, line: Agent, app: Flask) -> None:
    """The grammar is the asked slot's."""
    ears = app.extensions[EXTENSION].speech.ears
    a_call(twilio, server, Patient())
    asked = [expect for expect in ears.asked if expect]
    assert Expect("patient.phone", "phone") in asked
    assert any(expect.confirming for expect in asked)


@dataclass
class Insistent(Patient):
    """Asks for a person first of all, and says `answer` to the offer of a message."""

    answer: str = "yes"

    def _answer(self, stream: Stream) -> bool:
        last = next((one for one in reversed(self.heard) if one.endswith("?") or "press 1" in one), "").lower()
        wish = "i want to talk to a real person" if not self.said else self.answer if "press 1" in last else ""
        if not wish:
            return super()._answer(stream)
        self.heard.clear()
        return self._speak(stream, wish)


@pytest.mark.usefixtures("patient_line")
def test_who_asks_for_a_person_comes_back_to_our_own_voice_and_leaves_a_message(twilio: Twilio, server: str, line: Agent) -> None:
    """The stream ends for the ringing, the next one says what happens now and offers a message; the webhooks take it."""
    caller = Insistent()
    call = a_call(twilio, server, caller)
    assert len(call.rung) == 2
    assert call.streams == 2
    assert call.recorded
    assert call.over


@pytest.mark.usefixtures("patient_line")
def test_who_wants_no_message_goes_on_to_a_complete_lead(twilio: Twilio, server: str, line: Agent) -> None:
    caller = Insistent(answer="no")
    call = a_call(twilio, server, caller)
    assert (call.streams, call.recorded) == (2, False)
    complete_lead(line)


@pytest.mark.usefixtures("patient_line")
def test_a_person_who_takes_the_call_ends_the_stream_for_good(twilio: Twilio, server: str, line: Agent) -> None:
    call = PhoneCall(twilio, person=lambda _number: "accept")
    call.stream = on_streams(server.replace("http", "ws"), Insistent())
    call.dial()
    assert (call.streams, call.over, len(call.rung)) == (1, True, 1)


@pytest.mark.usefixtures("patient_line")
def test_who_wants_to_leave_a_message_leaves_the_stream_for_the_tone(twilio: Twilio, server: str, line: Agent) -> None:
    class Brief(Patient):
        def _answer(self, stream: Stream) -> bool:
            return self._speak(stream, "i would like to leave a message")

    call = a_call(twilio, server, Brief())
    assert (call.recorded, call.streams, call.rung) == (True, 1, [])
