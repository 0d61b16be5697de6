"""What may interrupt any question, and where it leads: safety first, then STOP, a person, the rest. Each stage either
ends the turn with a Step, or leaves it to the next one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from dialogs.asking import expecting
from dialogs.events import IntakeEnded, OptedIn, OptedOut, PersonRequested, UrgentRaised
from dialogs.line import Expect
from dialogs.state import Phase, State
from dialogs.step import Kind, Step
from dialogs.turn import Turn
from nlu.parse import Act, OptOut, SafetyLevel

CARRIER_KEYWORDS = frozenset({"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
"""The carrier answers these itself when they are the whole message, so we must not (Twilio, Advanced Opt-Out)."""

OPT_IN_KEYWORDS = frozenset({"start", "unstop"})
"""Likewise."""

SILENCES = 3
"""Unanswered prompts in a row after which a call is ended."""

PERSON_ASKS = 2
"""Requests for a person after which the line stops asking questions."""

ALARMS = 3
"""Emergency instructions after which the line hangs up, so that the caller can dial."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

Stage = Callable[[Turn], Step | None]


def hang_up(turn: Turn) -> Step | None:
    """The caller is gone: what was said becomes a partial lead at once, and can still be gone on with."""
    if turn.heard.kind is not Kind.HANGUP:
        return None
    if turn.state.phase in (Phase.COLLECTING, Phase.CONFIRMING):
        turn.happened(IntakeEnded("hangup"))
    return turn.finish(None, end=True)


def silence(turn: Turn) -> Step | None:
    """Nothing was heard: say the question again, and after a while say goodbye."""
    if turn.heard.kind is not Kind.SILENCE:
        return None
    if turn.state.phase is Phase.DONE:
        turn.say("goodbye")
        return turn.finish(None, end=True)
    turn.update(stalled=turn.state.stalled + 1)
    if turn.state.stalled >= SILENCES:
        return end_unfinished(turn, "no_progress")
    turn.say("silence")
    return None


def unanswered(turn: Turn) -> Step | None:
    """Nobody took the call we tried to pass on: say so, and what happens next, before the question that was open."""
    if turn.heard.kind is not Kind.UNANSWERED:
        return None
    turn.say("person.nobody_urgent" if turn.state.urgent else "person.nobody")
    if turn.state.phase is Phase.DONE:
        turn.say("anything_else")
        return turn.finish(Expect(None))
    return None


def opt_out(turn: Turn) -> Step | None:
    """STOP and START take effect before anything else is read from the message."""
    wish = turn.heard.parse.opt_out
    keyword = _keyword(turn)
    if wish is OptOut.STOP and turn.heard.channel == "voice" and keyword in CARRIER_KEYWORDS:
        return end_unfinished(turn, "goodbye")
    if wish is OptOut.STOP:
        turn.update(opted_out=True)
        turn.happened(OptedOut())
        if turn.heard.channel != "voice":
            if turn.state.slots and turn.state.phase in (Phase.COLLECTING, Phase.CONFIRMING):
                turn.happened(IntakeEnded("opted_out"))
            turn.say_nothing()
            if keyword not in CARRIER_KEYWORDS and not turn.heard.carrier_replied:
                turn.say("opted_out")
            turn.update(phase=Phase.DONE if turn.state.phase is Phase.DONE else Phase.CLOSED, asked=None)
            return turn.finish(None, end=True)
        turn.say("opted_out")
    elif wish is OptOut.START:
        reopened = Phase.COLLECTING if turn.state.phase is Phase.CLOSED else turn.state.phase
        turn.update(opted_out=False, phase=reopened)
        turn.happened(OptedIn())
        if keyword in OPT_IN_KEYWORDS or turn.heard.carrier_replied:
            turn.say_nothing()
            return turn.finish(pending(turn))
    elif wish is OptOut.HELP and turn.heard.channel != "voice":
        turn.say_nothing()
        if not turn.heard.carrier_replied:
            turn.say("help_keyword")
        return turn.finish(pending(turn))
    return None


def safety(turn: Turn) -> Step | None:
    """Red flags, on every message: tell them what to do now, alert a person, and ask nothing more when it is an emergency."""
    found, outstanding = turn.heard.parse.safety, turn.state.safety_question
    if found.history:
        turn.update(history=tuple(dict.fromkeys((*turn.state.history, *found.history))))
    if outstanding and turn.heard.kind is Kind.WORDS and found.level is SafetyLevel.NONE:
        turn.update(safety_question=())
        if _denied(turn):
            return None
        return _raise_alarm(turn, *outstanding)
    if found.level is SafetyLevel.NONE:
        return None
    flag = (found.level.value, found.group or "", found.rule or "")
    if not found.certain and not outstanding and turn.heard.kind is not Kind.VOICEMAIL:
        turn.update(safety_question=flag)
        turn.say("safety.ask")
        return turn.finish(Expect(None, "yes_no"))
    turn.update(safety_question=())
    return _raise_alarm(turn, *flag)


def wrong_number(turn: Turn) -> Step | None:
    """They did not mean to reach us. "We will not contact you" is kept by opting the number out of texts."""
    if not turn.heard.parse.wrong_number or Act.SKIP in turn.heard.parse.acts:
        return None
    turn.update(wrong_number=True, phase=Phase.CLOSED, asked=None)
    turn.happened(IntakeEnded("wrong_number"))
    if turn.heard.channel == "sms":
        turn.update(opted_out=True)
        turn.happened(OptedOut())
    turn.say("wrong_number")
    return turn.finish(None, end=True)


def person(turn: Turn) -> Step | None:
    """A person, please: try one when there is one; otherwise say truthfully when one will be in touch."""
    parse = turn.heard.parse
    if not (parse.handoff or Act.HUMAN in parse.acts):
        return None
    turn.update(handoff=True, person_asks=turn.state.person_asks + 1)
    turn.happened(PersonRequested())
    if turn.heard.channel == "voice" and turn.moment.person_reachable and turn.state.person_asks == 1 and not _for_later(turn):
        turn.say("person.trying")
        return turn.finish(pending(turn), person=True)
    if turn.state.person_asks >= PERSON_ASKS:
        turn.happened(IntakeEnded("person"))
        turn.say("person.will_call")
        turn.update(asked=None, phase=turn.state.phase if turn.state.phase is Phase.DONE else Phase.CLOSED)
        return turn.finish(None, end=True)
    turn.say("person.by_text" if turn.moment.open and turn.heard.channel != "voice" else "person.later")
    return None


def message(turn: Turn) -> Step | None:
    """Somebody would rather speak to a machine that records: after the lines, a tone."""
    if turn.heard.channel != "voice" or turn.heard.kind is not Kind.WORDS or not _mentions(turn, "leave_message"):
        return None
    turn.update(handoff=True)
    turn.say("person.message")
    return replace(turn.finish(pending(turn)), message=True)


def start_over(turn: Turn) -> Step | None:
    """Forget what was said, except what concerns somebody's safety."""
    if Act.START_OVER not in turn.heard.parse.acts or turn.state.phase is Phase.DONE:
        return None
    state = turn.state
    turn.state = State(
        reference=state.reference,
        language=state.language,
        red_flags=state.red_flags,
        history=state.history,
        urgent=state.urgent,
        handoff=state.handoff,
        unanswered=state.unanswered,
        messages=state.messages,
        session=state.session,
        person_asks=state.person_asks,
        named=True,
    )
    turn.say("start_over")
    return None


def pending(turn: Turn) -> Expect | None:
    """What we were listening for before the digression."""
    slot = turn.intake.slot(turn.state.asked) if turn.state.asked else None
    if slot is None and turn.state.phase is Phase.CONFIRMING:
        return Expect(None, "yes_no", confirming=True)
    return expecting(slot) if slot else Expect(None)


def end_unfinished(turn: Turn, reason: str) -> Step:
    """Say goodbye without a complete request. What was said is kept, and can be gone on with; nothing is promised about nothing."""
    if turn.state.phase in (Phase.COLLECTING, Phase.CONFIRMING):
        turn.happened(IntakeEnded(reason))
    worth_keeping = turn.state.slots or turn.state.unanswered or turn.state.handoff
    turn.say("partial_goodbye" if worth_keeping else "nothing_goodbye")
    turn.update(stalled=0)
    return turn.finish(None, end=True)


def _raise_alarm(turn: Turn, level: str, group: str, rule: str) -> Step | None:
    turn.update(urgent=True, red_flags=tuple(dict.fromkeys((*turn.state.red_flags, rule))))
    turn.happened(UrgentRaised(level, group, rule))
    if turn.state.intake == "office" or turn.heard.parse.referrals:
        turn.say("safety.office")
        return None
    if level != "urgent":
        turn.update(alarms=turn.state.alarms + 1)
        turn.say_nothing()
    turn.say_first(f"safety.{level}")
    if level == "urgent":
        if turn.heard.channel == "voice" and turn.moment.person_reachable and not turn.state.person_asks:
            turn.say("person.offer")
        return None
    if turn.heard.channel == "voice" and turn.state.alarms >= ALARMS:
        turn.happened(IntakeEnded("emergency"))
        return turn.finish(None, end=True)
    return turn.finish(pending(turn))


def _denied(turn: Turn) -> bool:
    parse = turn.heard.parse
    return bool(parse.safety.history) or (Act.DENY in parse.acts and Act.AFFIRM not in parse.acts)


def _for_later(turn: Turn) -> bool:
    """To be called back is no reason to wake anybody, unless it is urgent."""
    return not turn.moment.open and not turn.state.urgent and _mentions(turn, "call_back")


def _mentions(turn: Turn, term: str) -> bool:
    """Whether one of the phrases of a term was said."""
    said = " ".join(_WORD.findall(turn.heard.parse.text.casefold()))
    return any(f" {phrase} " in f" {said} " for phrase in turn.locale.terms[term])


def _keyword(turn: Turn) -> str:
    return "".join(c for c in turn.heard.parse.text.lower() if c.isalnum())


BEFORE_FACTS: tuple[Stage, ...] = (hang_up, silence, unanswered, opt_out, start_over)
"""Stages that act before values are taken from the message, in order."""

AFTER_FACTS: tuple[Stage, ...] = (safety, wrong_number, message, person)
"""Stages that act on a message whose values are already on record, so that nothing said is lost."""
