"""The one thing that changes while a step is thought about: a notebook that the stages write in.

It never outlives the step; what comes out is frozen again. Stages read and write it instead of passing five values around.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from dialogs.events import Disclosed, Event
from dialogs.intake import Intake, Slot
from dialogs.kinds import KINDS
from dialogs.line import Expect, Line
from dialogs.locale import Locale
from dialogs.script import Script
from dialogs.state import Filled, State
from dialogs.step import Heard, Kind, Moment, Step
from nlu.parse import Value

_WORD = re.compile(r"[\w'-]+")


class Turn:
    """State so far, lines and events so far, and the fixed things a stage needs to word them."""

    def __init__(self, state: State, heard: Heard, script: Script, moment: Moment) -> None:
        self.before = state
        """The state as it was before this message."""
        self.state = state
        self.heard = heard
        self.script = script
        self.moment = moment
        self.lines: list[Line] = []
        self.events: list[Event] = []
        self.mark = crc32(" ".join(_WORD.findall(heard.parse.text.lower())).encode())
        """The words of the message as a number; 0 for none."""
        self.repeated = heard.kind is Kind.WORDS and self.mark != 0 and self.mark == state.told
        """The message says once more what the one before it told."""

    @property
    def locale(self) -> Locale:
        """The wording in the conversation's language."""
        return self.script.locales[self.state.language]

    @property
    def intake(self) -> Intake:
        """The intake being filled."""
        return self.script.intakes[self.state.intake]

    def update(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = dataclasses.replace(self.state, **changes)

    def happened(self, event: Event) -> None:
        """Record a fact."""
        self.events.append(event)

    def say_first(self, key: str, **blanks: str) -> None:
        """Say a line before everything else of this turn, and to the end."""
        self.lines.insert(0, self.locale.line(key, {**self.blanks(), **blanks}, uninterruptible=True))

    def say(self, key: str, **blanks: str) -> None:
        """Say a line of the locale. Blanks every line may use: clinic, clinic_phone, reference, callback."""
        self.lines.append(self.locale.line(key, {**self.blanks(), **blanks}, variant=self.state.messages))

    def say_nothing(self) -> None:
        """Take back every line of this turn; a greeting that is not said is not given."""
        self.lines.clear()
        self.events = [event for event in self.events if not isinstance(event, Disclosed)]
        self.update(greeted=self.before.greeted and self.before.session == self.state.session)

    def blanks(self) -> dict[str, str]:
        """The facts a line may speak of. `reference_spoken` is the reference letter by letter."""
        phone = self.script.clinic.phone
        return {
            "clinic": self.script.clinic.name,
            "clinic_phone": KINDS["phone"].written(phone, self.locale),
            "clinic_phone_spoken": KINDS["phone"].spoken(phone, self.locale),
            "reference": self.state.reference,
            "reference_spoken": KINDS["code"].spoken(self.state.reference.replace("-", ""), self.locale),
            "callback": self._callback(),
        }

    def mentions(self, slot: Slot) -> bool:
        """Whether the message calls the slot by one of its everyday names."""
        return self.names(self.locale.slots[slot.name].mention)

    def names(self, words: Iterable[str]) -> bool:
        """Whether one of these words is in the message."""
        return not self._said().isdisjoint(words)

    def said(self, term: str) -> bool:
        """Whether the message is one of the phrases of this term, and nothing else."""
        return " ".join(_WORD.findall(self.heard.parse.text.lower())) in self.locale.terms[term]

    def _said(self) -> set[str]:
        return set(_WORD.findall(self.heard.parse.text.lower()))

    def written(self, slot: Slot, filled: Filled) -> str:
        """A slot's value for a screen."""
        return KINDS[slot.kind].written(filled.value, self.locale)

    def spoken(self, slot: Slot, filled: Filled) -> str:
        """A slot's value for the ear."""
        return KINDS[slot.kind].spoken(filled.value, self.locale)

    def fill(self, name: str, filled: Filled) -> None:
        """Put a value on record; whatever was declined before is given now."""
        self.update(slots={**self.state.slots, name: filled}, declined=_without(self.state.declined, name))

    def decline(self, name: str, why: str) -> None:
        """Note that a slot will have no value, so that it is not asked for again."""
        self.update(declined={**self.state.declined, name: why})

    def forget(self, name: str) -> None:
        """Take a value off the record, so that it is asked for again."""
        slots = {k: v for k, v in self.state.slots.items() if k != name}
        self.update(slots=slots, declined=_without(self.state.declined, name))

    def filled(self, value: Value, raw: str, *, confidence: float = 1.0, **marks: bool) -> Filled:
        """A value heard in this message."""
        heard = self.heard
        return Filled(value, raw, heard.source, confidence=confidence, message=self.state.messages, session=self.state.session, **marks)

    def finish(self, expect: Expect | None, *, end: bool = False, person: bool = False) -> Step:
        """Freeze what was noted."""
        if self.lines:
            self.update(last=tuple(self.lines))
        return Step(self.state, tuple(self.lines), tuple(self.events), expect, end, person)

    def _callback(self) -> str:
        today, day, terms = self.moment.today, self.moment.callback, self.locale.terms
        if day == today:
            return str(terms["today"])
        return str(terms["on_day"]).format(weekday=terms["weekday_names"][day.weekday()], month=terms["months"][day.month - 1], day=day.day)


def _without(table: Mapping[str, str], name: str) -> dict[str, str]:
    return {k: v for k, v in table.items() if k != name}
