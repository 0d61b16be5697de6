"""A conversation with the engine alone: what each message means is given, not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources

from dialogs import engine, intake, locale
from dialogs.events import Event
from dialogs.script import ClinicFacts, Script
from dialogs.state import State
from dialogs.step import Heard, Kind, Moment, Step
from knowledge.answer import Answer, Part
from nlu.parse import Act, Channel, Parse, Reading, Value

CALLER = "+14405550123"


def script() -> Script:
    """The real intakes and wordings, for a clinic of our own."""
    folder = resources.files("dialogs")
    return Script(
        clinic=ClinicFacts("Elm Street Therapy", "+14405550100", "Eastern time"),
        intakes={name: intake.parse((folder / "intakes" / f"{name}.toml").read_text()) for name in ("patient", "office")},
        locales={code: locale.parse((folder / "locales" / f"{code}.toml").read_text()) for code in ("en", "es")},
    )


class Talk:
    """Says things to the engine and keeps what came of it."""

    def __init__(self, channel: Channel = "sms", sender: str | None = CALLER, **state: object) -> None:
        self.channel: Channel = channel
        self.sender = sender
        self.script = script()
        self.state = replace(State(reference="RL-7K3M9Q"), **state)  # type: ignore[arg-type]  # fields of State, by name
        self.moment = Moment(
            today=date(2026, 11, 21),
            callback=date(2026, 11, 23),
            open=False,
            new_session=True,
            references=("RL-AAAAAA", "RL-BBBBBB", "RL-CCCCCC"),
        )
        self.events: list[Event] = []
        self.step: Step | None = None

    def say(self, text: str = "...", *acts: Act, slots: Mapping[str, Value] | None = None, parts: tuple[Part, ...] = (), **meaning: object) -> Step:
        """One message, meaning what the arguments say it means."""
        readings = {name: Reading(name, value, text) for name, value in (slots or {}).items()}
        parse = replace(Parse(text, frozenset(acts), readings, language=self.state.language), **meaning)  # type: ignore[arg-type]  # fields of Parse
        return self.hear(parse, parts)

    def hear(self, parse: Parse, parts: tuple[Part, ...] = (), kind: Kind = Kind.WORDS, pictures: int = 0, unusable: int = 0) -> Step:
        """Something happened at the door."""
        source = "speech" if self.channel == "voice" else "sms"
        heard = Heard(kind, parse, parts, self.channel, source, self.sender, pictures=pictures, unusable=unusable)
        step = engine.step(self.state, heard, self.script, self.moment)
        self.state, self.step = step.state, step
        self.moment = replace(self.moment, new_session=False)
        self.events.extend(step.events)
        return step

    def quiet(self) -> Step:
        """Nobody says anything."""
        return self.hear(Parse(""), kind=Kind.SILENCE)

    def later(self, channel: Channel | None = None) -> None:
        """Time passes: the next message begins a new session."""
        self.channel = channel or self.channel
        self.moment = replace(self.moment, new_session=True)

    def happened(self, kind: type[Event]) -> list[Event]:
        """The facts of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]


def keys(step: Step) -> list[str]:
    """Which lines were said."""
    return [line.key for line in step.lines]


def words(step: Step) -> str:
    """What was said, as written."""
    return " ".join(line.text for line in step.lines)


def answer(question: str, text: str) -> Part:
    """A question the clinic can answer."""
    return Part(question, Answer("article:x", text, text, "front desk", date(2026, 1, 1), 0.9))


def no_answer(question: str) -> Part:
    """A question nobody can."""
    return Part(question, None)


EVERYTHING: Mapping[str, Value] = {
    "patient.name": "Ana Ruiz",
    "caller.role": "patient",
    "referral.reason": "knee pain",
    "referral.body_part": "knee",
    "patient.phone": "+14405550111",
    "referral.provider": "Dr. Lee",
    "referral.practice": "Bay Ortho",
    "referral.specialty": "orthopedics",
    "insurance.carrier": "Cigna",
    "insurance.plan": "PPO",
    "insurance.member_id": "U123",
    "preferred_times": "any",
    "patient.date_of_birth": "1980-02-03",
    "patient.email": "ana@example.com",
}
