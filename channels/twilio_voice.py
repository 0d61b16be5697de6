"""Calls in, by Twilio, heard by Twilio's recogniser (`VOICE_MODE=gather`): one signed request is one thing heard.

Steps are counted in the addresses we hand out, so each request has an id of its own (call and step) and a repeated
one gets the recorded reply.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, request

from agent import missed_calls, reach, stream_tokens, transfers, voicemails
from agent.bootstrap import Agent
from agent.messages import Inbound, Reply
from agent.store import StoreError
from agent.stream_tokens import Ticket
from agent.transfers import Outcome
from agent.turns import TurnFailed
from channels import afterwards, whisper
from channels.call_twiml import Call, spoken
from channels.callers import may_text, sender
from channels.hints import keyed, listening
from channels.media.switchboard import switchboard
from channels.metrics import metrics
from channels.twilio_door import field, guarded, is_ours, own_numbers
from channels.wording import words
from dialogs.line import Expect
from dialogs.step import Kind

NAME = "twilio_voice"

log = logging.getLogger(__name__)

MOST_STEPS = 150
"""Things heard in one call. The conversation ends long before; a television left on in front of the receiver does not."""
MOST_STREAMS = 3
"""Streams of one call that break off without anything being heard; after that Twilio hears the call."""
MOST_RETRIES = 2
"""Times a step that failed is tried again before we say that the line is broken."""
_TAKEN = frozenset({"completed", "answered"})


def routes(agent: Agent) -> Blueprint:
    """The webhook of incoming calls and the steps of a call."""
    door = _Door(agent)
    blueprint = guarded(NAME, agent, door.try_again)
    for path, view in {
        "/twilio/voice": door.call_came,
        "/twilio/voice/desk": door.desk_rung,
        "/twilio/voice/answer": door.answer_call,
        "/twilio/voice/turn": door.turn,
        "/twilio/voice/resume": door.resume,
        "/twilio/voice/recorded": door.recorded,
        "/twilio/voice/person": door.person_rung,
        "/twilio/voice/offer": door.offer,
        "/twilio/voice/taken": door.taken,
        "/twilio/voice/message": door.message_offered,
        "/twilio/voice/unreached": door.unreached,
        "/twilio/voice/fallback": door.fallback,
    }.items():
        blueprint.add_url_rule(path, view_func=view, methods=["POST"], endpoint=view.__name__, provide_automatic_options=False)
    return blueprint


class _Door:
    """The routes of one application's voice door."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def call_came(self) -> Response:
        """A call: the desk first while it is staffed, the line itself otherwise."""
        if not is_ours(self._agent.clinic, field("To")):
            log.warning("call to a number that is not in clinic.toml")
            return self._call().say_own("not_in_service").hang_up()
        if desk := self._desk():
            return self._call().ring(desk, "desk", sender(field("To")))
        return self._open()

    def desk_rung(self) -> Response:
        """The desk talked to the caller, or nobody picked up and the line takes over."""
        return self._call().hang_up() if _was_taken() else self._open()

    def answer_call(self) -> Response:
        """The line answers, also a second time when the first one failed."""
        return self._open()

    def turn(self) -> Response:
        """Something was said or keyed, or nothing was."""
        step = _number("step")
        if step > MOST_STEPS:
            self._hear(Kind.HANGUP, "hangup")
            return self._call().say_own("too_long").hang_up()
        keys, speech = field("Digits"), field("SpeechResult")
        if keys:
            text = keyed(keys, request.args.get("form", ""), words(_language()))
        else:
            text = speech
        reply = self._hear(Kind.WORDS if text.strip() else Kind.SILENCE, str(step), text, dtmf=bool(keys))
        return self._reply(reply, step) if reply else self.try_again()

    def person_rung(self) -> Response:
        """The person talked to the caller; or they did not, and the next one is tried; or nobody is left, and the line goes on, saying so."""
        step, place = _number("step"), max(1, _number("place"))
        hung_up = field("CallStatus") == "completed"
        status, bridged = field("DialCallStatus"), {"true": True, "false": False}.get(field("DialBridged"))
        outcome = transfers.ended(self._agent, field("CallSid"), step, place, status=status, bridged=bridged, hung_up=hung_up)
        log.info("a person was rung", extra={"call": field("CallSid"), "place": place, "outcome": outcome.value})
        metrics().transfers.labels(outcome.value).inc()
        if hung_up or outcome in (Outcome.ACCEPTED, Outcome.CALLER_GONE):
            return self._call().hang_up()
        if another := self._ring(self._call().say_own("try_next"), step, place + 1):
            return another
        return self._nobody(self._call(), step)

    def _nobody(self, call: Call, step: int) -> Response:
        """Nobody took the call: what happens next is said, and before the line goes on it offers to take a message."""
        reply = self._hear(Kind.UNANSWERED, str(step))
        if reply is None:
            return self.try_again()
        if reply.end:
            return spoken(self._agent, reply, step + 1)
        if streamed := self._streamed(step, reply.language, (afterwards.OFFER,), call=call):
            return streamed
        return call.say(*(line.spoken for line in afterwards.parted(reply)[0])).ask(afterwards.OFFER, "message", step=step)

    def message_offered(self) -> Response:
        """Would they rather leave a message? If not, the call goes on with the question that is open, or with what they said instead."""
        step, text = _number("step"), field("SpeechResult")
        reply = self._hear(Kind.UNANSWERED, str(step))
        if reply is None:
            return self.try_again()
        wish = afterwards.wish(self._agent, field("Digits"), text, reply.language)
        if wish is afterwards.Wish.MESSAGE:
            return Call(self._agent, reply.language).say_own("after_tone").record()
        if wish is afterwards.Wish.SOMETHING_ELSE:
            heard = self._hear(Kind.WORDS, str(step + 1), text)
            return self._reply(heard, step + 1) if heard else self.try_again()
        return spoken(self._agent, replace(reply, lines=afterwards.parted(reply)[1]), step + 1, preface=("still_here",))

    def resume(self) -> Response:
        """A stream is over. We closed it to have something done, or it broke off: then the call goes on where it was."""
        try:
            place = stream_tokens.place(self._agent.store, field("CallSid"))
        except StoreError:
            return self.try_again()
        if place.step is None:
            return self._open()
        if place.wish == "voicemail" and place.said:
            return self._call().record()
        reply = self._hear(Kind.SILENCE, str(place.step))
        if reply is None:
            return self.try_again()
        if place.said and place.wish == "end":
            return self._call().hang_up()
        if reply.person or place.wish == "gather":
            return self._reply(reply, place.step, said=place.said)
        broken = _number("streams") if place.step == _number("step") else 0
        streamed = broken < MOST_STREAMS and not reply.end and self._streamed(place.step, reply.language, ("cut_off",), broken + 1)
        return streamed or spoken(self._agent, reply, place.step + 1, preface=("cut_off",))

    def recorded(self) -> Response:
        """A message was left, or only silence. Nothing is promised that is not on record."""
        recording = field("RecordingSid")
        if not recording:
            return self._call().say_own("call_us").hang_up()
        kept = voicemails.left(self._agent, field("CallSid"), recording, sender(field("From")))
        return self._call().say_own("message_kept").hang_up() if kept else self._part(self._call())

    def offer(self) -> Response:
        """To the person who picked up, before they are joined."""
        transfer = request.args.get("transfer", "")
        about = transfers.picked_up(self._agent, transfer)
        staff = Call(self._agent, None)
        if about.gone:
            return staff.say(*whisper.gone(about)).hang_up()
        return staff.offer(whisper.offer(self._agent.clinic, about), transfer)

    def taken(self) -> Response:
        """The person pressed a key: 1 joins them with the caller, unless the caller did not wait."""
        about = transfers.pressed(self._agent, request.args.get("transfer", ""), field("Digits"))
        staff = Call(self._agent, None)
        if field("Digits") != transfers.ACCEPT:
            return staff.hang_up()
        return staff.say(*whisper.gone(about)).hang_up() if about.gone else staff.say(*whisper.joined(about)).connect()

    def fallback(self) -> Response:
        """Twilio could not get or read an answer of ours. Greet, apologise, and go on where the call was, once."""
        failed = urlsplit(field("ErrorUrl"))
        before = {name: values[0] for name, values in parse_qs(failed.query).items()}
        call = Call(self._agent, before.get("language")).say_own("greeting")
        if "recovering" in before or not self._record_answers():
            return self._give_up(call)
        call.say_own("one_moment")
        if failed.path.endswith("/voice/resume"):
            return call.go_to("resume", step=before.get("step", ""), streams=before.get("streams", ""), recovering=1)
        if failed.path.endswith(("/voice/turn", "/voice/person", "/voice/message")):
            return call.go_to("turn", step=before.get("step", ""), form=before.get("form", ""), recovering=1)
        return call.go_to("answer", recovering=1)

    def try_again(self) -> Response:
        """A step failed and left nothing behind: say so, and try the same step again while there is hope of it."""
        again, step = _number("again"), _number("step")
        if again >= MOST_RETRIES:
            return self._give_up(self._call())
        if step == 0:
            # Nothing was said yet: the words that must come before all others are not left to luck.
            return self._call().say_own("greeting", "one_moment").go_to("answer", again=again + 1, rung=_desk_was_rung())
        if field("SpeechResult") or field("Digits"):
            call = self._call().say_own("say_again")
            asked = Expect(None, request.args.get("form", "text"))
            return call.listen(listening(asked, call.words, self._agent.vocabulary), (), step, again + 1)
        return self._call().say_own("one_moment").go_to("turn", step=step, form=request.args.get("form", ""), again=again + 1)

    def _open(self) -> Response:
        # The stream greets by itself, and so takes the first step.
        broken = _number("streams")
        if broken < MOST_STREAMS and (streamed := self._streamed(0, _language(), streams=broken + 1)):
            return streamed
        reply = self._hear(Kind.OPENING, "0")
        return self._reply(reply, 0) if reply else self.try_again()

    def _streamed(
        self, step: int, language: str | None, preface: tuple[str, ...] = (), streams: int = 1, call: Call | None = None
    ) -> Response | None:
        """The call goes to our own ears, and the reply of `step` is said there; None when Twilio has to hear this one."""
        if not switchboard().has_room(language):
            return None
        ticket = Ticket(field("CallSid"), field("AccountSid"), sender(field("From")), field("To"), step, preface)
        try:
            token = stream_tokens.mint(self._agent.store, ticket, self._agent.clock())
        except StoreError as error:
            log.warning("a stream could not be admitted", extra={"call": ticket.call, "error": type(error).__name__})
            return None
        return (call or Call(self._agent, language)).stream(token, step=step, streams=streams)

    def _reply(self, reply: Reply, step: int, *, said: bool = False) -> Response:
        if not (reply.person or reply.message):
            return spoken(self._agent, reply, step + 1)
        call = Call(self._agent, reply.language).say(*(line.spoken for line in reply.lines if not said))
        if reply.message:
            return call.record()
        return self._ring(call, step + 1, 1) or self._nobody(call, step + 1)

    def _ring(self, call: Call, step: int, place: int) -> Response | None:
        """Ring the person at this place of the list; None when there is nobody. The number is the clinic's own, never one a caller said."""
        own = frozenset(filter(None, (sender(field("From")), *own_numbers(self._agent, field("To")))))
        found = transfers.ring(self._agent, field("CallSid"), step, place, own)
        if found is None:
            return None
        return call.ring(found.number, "person", sender(field("To")), found.id, step=step, place=place)

    def _hear(self, kind: Kind, step: str, text: str = "", *, dtmf: bool = False) -> Reply | None:
        """One turn; None when it failed, whatever the reason: it left nothing behind."""
        sid, number = field("CallSid"), sender(field("From"))
        inbound = Inbound(
            "voice", f"{sid}:{step}", kind, number, text, dtmf=dtmf, session=sid, confidence=None if dtmf else _confidence(),
            textable=self._agent.settings.sends_texts and may_text(number, own_numbers(self._agent, field("To"))),
        )  # fmt: skip
        try:
            return self._agent.turns.hear(inbound)
        except TurnFailed:
            log.warning("a step of a call failed", extra={"call": sid, "step": step})
            metrics().failed_turns.labels(NAME).inc()
            return None

    def unreached(self) -> Response:
        """The line is broken, and the desk talked to the caller, or did not pick up either."""
        return self._call().hang_up() if _was_taken() else self._part(self._call())

    def _give_up(self, call: Call) -> Response:
        """The line is broken: a person if there is one, and a promise only when it is on disk."""
        desk = reach.desk(self._agent.clinic, self._agent.clock())
        call.say_own("broken")
        if desk is None or _desk_was_rung() or desk == sender(field("From")):
            return self._part(call)
        return call.say_own("connecting").ring(desk, "unreached", sender(field("To")))

    def _part(self, call: Call) -> Response:
        number = sender(field("From"))
        noted = number is not None and missed_calls.note(self._agent, field("CallSid"), number)
        return call.say_own("will_call_back" if noted else "call_us").hang_up()

    def _record_answers(self) -> bool:
        try:
            self._agent.store.ping()
        except StoreError:
            return False
        return True

    def _desk(self) -> str | None:
        """The desk to ring first, or None: after hours, or when the call has already been there."""
        desk = self._agent.clinic.desk_number
        been_there = bool(field("ForwardedFrom")) or desk in (sender(field("From")), field("To"))
        return desk if desk and not been_there and self._agent.clinic.calendar.is_open(self._agent.clock()) else None

    def _call(self) -> Call:
        return Call(self._agent, _language())


def _was_taken() -> bool:
    """Whether a person and the caller were joined. A leg that was picked up and not taken is answered but never bridged."""
    return field("DialCallStatus") in _TAKEN and field("DialBridged") != "false"


def _desk_was_rung() -> int:
    """Whether this call has been to the desk already; as a number, the way addresses carry it."""
    return int(request.path.rstrip("/").endswith("/desk") or _number("rung") > 0)


def _language() -> str | None:
    return request.args.get("language")


def _number(name: str) -> int:
    """A count from the address. It is signed, hence ours; anything else counts as the first step."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0


def _confidence() -> float | None:
    """Twilio's own measure; some of its recognisers give none and send a zero."""
    try:
        value = float(field("Confidence"))
    except ValueError:
        return None
    return value if 0 < value <= 1 else None
