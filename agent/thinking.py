"""The part of a turn that needs no lock: reading, looking up, and one step of the engine. The same arguments, the same thought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agent import file_kinds, reach, references
from agent.clinic import Clinic
from agent.messages import Door, Inbound
from dialogs import engine
from dialogs.script import Script
from dialogs.state import Phase, State
from dialogs.step import Heard, Kind, Moment, Step
from knowledge.answer import Asker, Finder, Part
from nlu.parse import Channel, Context, OptOut, Parse, SafetyLevel, Understander

CHANNELS: Mapping[Door, Channel] = {"sms": "sms", "voice": "voice", "web": "web", "terminal": "web"}
_SOURCES: Mapping[Channel, str] = {"sms": "sms", "voice": "speech", "web": "web"}

_WORDED = (Kind.WORDS, Kind.VOICEMAIL)

Engine = Callable[[State, Heard, Script, Moment], Step]


@dataclass(frozen=True, slots=True)
class Mind:
    """Everything a thought is made with; nothing in it remembers anything."""

    clinic: Clinic
    script: Script
    understander: Understander
    finder: Finder
    engine: Engine = engine.step

    def think(self, inbound: Inbound, state: State, *, new_session: bool, now: datetime, textable: bool = False, on_call: bool = False) -> Step:
        """One step of the conversation, from what came in."""
        channel = CHANNELS[inbound.door]
        calendar = self.clinic.calendar
        moment = Moment(
            today=calendar.today(now),
            callback=calendar.callback_day(now),
            open=calendar.is_open(now),
            new_session=new_session,
            textable=textable,
            on_call=on_call,
        )
        parse = self._parse(inbound, state, channel, moment)
        urgent = state.urgent or parse.safety.level is not SafetyLevel.NONE
        moment = replace(moment, person_reachable=channel == "voice" and bool(reach.people(self.clinic, now, urgent=urgent)))
        # One to spare for somebody else at the same number, and one for each patient an office names.
        minted = tuple(references.mint() for _ in range(1 + len(parse.referrals)))
        return self.engine(state, self._heard(inbound, state, parse, channel, moment), self.script, replace(moment, references=minted))

    def _parse(self, inbound: Inbound, state: State, channel: Channel, moment: Moment) -> Parse:
        if inbound.kind not in _WORDED:
            return Parse("", language=state.language)
        if inbound.kind is Kind.VOICEMAIL:
            # What is left on a machine answers no question.
            state = replace(state, asked=None, phase=Phase.COLLECTING)
        parse = self._read(_writable(inbound.text), engine.listening(state, channel, moment), state)
        if inbound.opt_out is None:
            return parse
        return replace(parse, opt_out=_VERDICTS.get(inbound.opt_out.upper(), parse.opt_out))

    def _read(self, text: str, context: Context, state: State) -> Parse:
        """What the words mean where the conversation stands, or else what they put right of what was told before."""
        parse = self.understander.read(text, context)
        for earlier in engine.listening_back(state, parse, context):
            righted = engine.put_right(parse, self.understander.read(text, earlier), str(earlier.asked), state)
            if righted is not None:
                return righted
        return parse

    def _heard(self, inbound: Inbound, state: State, parse: Parse, channel: Channel, moment: Moment) -> Heard:
        return Heard(
            kind=inbound.kind,
            parse=parse,
            parts=self._parts(inbound, state, parse, channel, moment),
            channel=channel,
            source="dtmf" if inbound.dtmf else _SOURCES[channel],
            sender=inbound.sender,
            # Some of Twilio's recognisers always report 0: that is no measurement.
            confidence=inbound.confidence or 1.0,
            carrier_replied=inbound.opt_out is not None,
            **_files(inbound),
        )

    def _parts(self, inbound: Inbound, state: State, parse: Parse, channel: Channel, moment: Moment) -> tuple[Part, ...]:
        if inbound.kind not in _WORDED or inbound.dtmf or parse.opt_out is not OptOut.NONE or not engine.wants_answers(parse):
            return ()
        known = {name: filled.value for name, filled in state.slots.items()} | {name: reading.value for name, reading in parse.slots.items()}
        carrier, plan = known.get("insurance.carrier"), known.get("insurance.plan")
        asker = Asker(
            today=moment.today,
            channel=channel,
            language=parse.language,
            topic=state.topic,
            carrier=carrier if isinstance(carrier, str) else None,
            plan=plan if isinstance(plan, str) else None,
        )
        return self.finder.find(parse.text, asker)


def _files(inbound: Inbound) -> Mapping[str, int]:
    """How many files of a text can be looked at, by what the carrier says of them, and how many cannot."""
    if inbound.kind is not Kind.WORDS:
        return {}
    declared = [*inbound.media_types, *[""] * len(inbound.media)][: len(inbound.media)]
    pictures = sum(map(file_kinds.promises_a_picture, declared))
    return {"pictures": pictures, "unusable": len(declared) - pictures}


def _writable(text: str) -> str:
    """The text without lone surrogates, which no encoding can hold: what is read and said again must be."""
    return text.encode("utf-8", "replace").decode()


_VERDICTS: Mapping[str, OptOut] = {"STOP": OptOut.STOP, "START": OptOut.START, "HELP": OptOut.HELP}
"""Twilio's own reading of the message (OptOutType), which wins over ours: it has acted on it already."""
