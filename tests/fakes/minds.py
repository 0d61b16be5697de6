"""A reader, a finder and an engine simple enough to see through: `patient.name=Ann Lee; #complete` says exactly what happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dialogs import events
from dialogs.line import Expect, Line
from dialogs.script import Script
from dialogs.state import Filled, Phase, State
from dialogs.step import Heard, Kind, Moment, Step
from knowledge.answer import Asker, Part
from nlu.parse import Context, OptOut, Parse, Reading


@dataclass
class SlotReader:
    """Reads `slot=value` pairs separated by `;`, and the word STOP or START."""

    def read(self, text: str, context: Context) -> Parse:
        slots = {slot: Reading(slot, value.strip(), text) for slot, value in re.findall(r"\b([a-z]+\.[a-z_]+)=([^;#]+)", text)}
        wish = {"STOP": OptOut.STOP, "START": OptOut.START}.get(text.strip(), OptOut.NONE)
        return Parse(text, slots=slots, opt_out=wish)


class NoAnswers:
    """Knows nothing."""

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        return ()


@dataclass
class PlainEngine:
    """Keeps every slot, and does what `#words` in the message say."""

    steps: int = 0
    """How often it thought, losers included."""
    moments: list[Moment] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    """Called in the middle of every thought."""

    def __call__(self, state: State, heard: Heard, script: Script, moment: Moment) -> Step:
        self.steps += 1
        self.moments.append(moment)
        self.before()
        slots = {name: Filled(reading.value, reading.raw, heard.source) for name, reading in heard.parse.slots.items()}
        state = replace(state, messages=state.messages + 1, session=state.session + moment.new_session, slots={**state.slots, **slots})
        happened: list[events.Event] = [events.Disclosed("test-1")] if moment.new_session else []
        for word in re.findall(r"#([a-z_]+)", heard.parse.text):
            state, event = WORDS[word](state)
            happened.append(event)
        if heard.parse.opt_out is OptOut.STOP:
            state, happened = replace(state, opted_out=True), [*happened, events.OptedOut()]
        if heard.parse.opt_out is OptOut.START:
            state, happened = replace(state, opted_out=False), [*happened, events.OptedIn()]
        if heard.kind is Kind.HANGUP and state.phase is Phase.COLLECTING:
            happened.append(events.IntakeEnded("hangup"))
        text = f"{state.reference} {state.messages}: {heard.parse.text}"
        over = heard.kind is Kind.HANGUP
        return Step(state, () if over else (Line("echo", text, text),), tuple(happened), None if over else Expect(None), end=over)


Did = tuple[State, events.Event]


def _complete(state: State) -> Did:
    return replace(state, phase=Phase.DONE), events.IntakeCompleted()


def _changed(state: State) -> Did:
    return state, events.IntakeChanged(("patient.name",))


def _urgent(state: State) -> Did:
    return replace(state, urgent=True, red_flags=("cauda-equina-1",)), events.UrgentRaised("emergency", "cauda_equina", "cauda-equina-1")


def _person(state: State) -> Did:
    return replace(state, handoff=True), events.PersonRequested()


def _question(state: State) -> Did:
    asked = "do you validate parking"
    return replace(state, unanswered=(*state.unanswered, asked)), events.QuestionUnanswered(asked)


def _wrong_number(state: State) -> Did:
    return replace(state, wrong_number=True, phase=Phase.CLOSED), events.IntakeEnded("wrong_number")


def _other(state: State) -> Did:
    fresh = State("RL-OTHER2", messages=state.messages, session=state.session)
    return fresh, events.OtherPerson(fresh)


def _spanish(state: State) -> Did:
    return replace(state, language="es"), events.OptedIn()


def _bug(state: State) -> Did:
    raise ZeroDivisionError(f"while thinking about {state.slots}")


WORDS: Mapping[str, Callable[[State], Did]] = {
    "complete": _complete,
    "changed": _changed,
    "urgent": _urgent,
    "person": _person,
    "question": _question,
    "wrong_number": _wrong_number,
    "other": _other,
    "spanish": _spanish,
    "bug": _bug,
}
