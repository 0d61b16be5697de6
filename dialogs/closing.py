"""Reading everything back, taking the yes, and promising only what has happened."""

from __future__ import annotations

from dataclasses import replace

from dialogs.asking import ask
from dialogs.events import IntakeChanged, IntakeCompleted
from dialogs.facts import Taken
from dialogs.intake import Slot
from dialogs.line import Expect
from dialogs.state import Phase
from dialogs.step import Step
from dialogs.turn import Turn
from nlu.parse import Act

UNCLEAR_CONFIRMS = 2
"""Answers that are neither yes, no nor a change before the request is sent as it stands, marked unconfirmed."""

YES = Expect(None, "yes_no", confirming=True)


def offer(turn: Turn) -> Step:
    """Everything was asked: read it back, or send it when this intake needs no confirmation."""
    if not can_complete(turn):
        return _close_without(turn)
    if not turn.intake.confirm:
        return complete(turn)
    if _needs_name(turn):
        return _ask_for_name(turn)
    summarise(turn)
    turn.update(phase=Phase.CONFIRMING, asked=None, stalled=0)
    return turn.finish(YES)


def summarise(turn: Turn) -> None:
    """Read back what is on record, in the order of the intake."""
    slots = [(slot, turn.state.slots[slot.name]) for slot in turn.intake.slots if slot.name in turn.state.slots and slot.asked]
    words = turn.locale.slots
    written = "; ".join(words[s.name].summary.format(value=turn.written(s, f)) for s, f in slots)
    spoken = ". ".join(words[s.name].summary.format(value=turn.spoken(s, f)) for s, f in slots)
    turn.say("summary", items=written, items_spoken=spoken)


def confirming(turn: Turn, taken: Taken) -> Step:
    """The summary was read: a yes sends it, a change is read back and asked about again, a bare no asks what to change."""
    acts = turn.heard.parse.acts
    if Act.REPEAT in acts:
        summarise(turn)
        return turn.finish(YES)
    if turn.repeated:
        turn.say("confirm_again")
        return turn.finish(YES)
    if taken.changed or taken.new:
        _read_changes(turn, (*taken.changed, *taken.new))
        return turn.finish(YES)
    if Act.DENY in acts or Act.CORRECT in acts or (Act.AFFIRM not in acts and not turn.lines and _mentioned(turn)):
        return _what_to_change(turn)
    if acts & {Act.AFFIRM, Act.BACKCHANNEL, Act.THANKS}:
        _mark_confirmed(turn)
        return complete(turn)
    if Act.GOODBYE in acts:
        return replace(complete(turn), expect=None, end=True)
    if not turn.lines:
        turn.update(stalled=turn.state.stalled + 1)
        if turn.state.stalled > UNCLEAR_CONFIRMS:
            return complete(turn)
    turn.say("confirm_again")
    return turn.finish(YES)


def complete(turn: Turn) -> Step:
    """The request may be acted on. The words are said only once this step is committed."""
    turn.happened(IntakeCompleted())
    turn.update(phase=Phase.DONE, asked=None, stalled=0, checking=None)
    turn.say("promise.office" if turn.state.intake == "office" else "promise")
    if turn.heard.channel == "voice":
        turn.say("anything_else")
    return turn.finish(Expect(None))


def done(turn: Turn, taken: Taken) -> Step:
    """After the promise: changes are taken, questions were answered, everything else is a goodbye."""
    changed = (*taken.changed, *taken.new)
    if changed:
        turn.happened(IntakeChanged(changed))
        turn.say("changed")
        return turn.finish(Expect(None))
    acts = turn.heard.parse.acts
    if turn.lines:
        if turn.heard.channel == "voice":
            turn.say("anything_else")
        return turn.finish(Expect(None))
    if acts & {Act.DENY, Act.GOODBYE, Act.THANKS, Act.BACKCHANNEL}:
        turn.say("goodbye")
        return turn.finish(None, end=True)
    turn.say("done_help")
    return turn.finish(Expect(None))


def between_referrals(turn: Turn) -> Step:
    """An office that sent several patients says something else: nobody is asked who the patient is."""
    if not turn.lines:
        turn.say("office.ready")
    return turn.finish(Expect(None))


def can_complete(turn: Turn) -> bool:
    """There is somebody to call back, and a way to reach them."""
    slots = turn.state.slots
    essential = all(s.name in slots for s in turn.intake.slots if s.essential)
    reachable = "patient.phone" in slots or "patient.email" in slots or turn.heard.sender is not None
    return essential and reachable


def _close_without(turn: Turn) -> Step:
    turn.say("partial_goodbye")
    turn.update(asked=None)
    return turn.finish(None, end=True)


def _needs_name(turn: Turn) -> bool:
    """Values from an earlier session are read out only to someone who has named themselves in this one."""
    return not turn.state.named and any(f.session != turn.state.session for f in turn.state.slots.values())


def _ask_for_name(turn: Turn) -> Step:
    turn.say("verify_name")
    turn.update(asked="patient.name")
    return turn.finish(Expect("patient.name", "name"))


def _read_changes(turn: Turn, names: tuple[str, ...]) -> None:
    changed = [(slot, turn.state.slots[slot.name]) for slot in turn.intake.slots if slot.name in names]
    words = turn.locale.slots
    written = "; ".join(words[s.name].summary.format(value=turn.written(s, f)) for s, f in changed)
    spoken = ". ".join(words[s.name].summary.format(value=turn.spoken(s, f)) for s, f in changed)
    turn.say("confirm_change", items=written, items_spoken=spoken)
    turn.update(asked=None, stalled=0)


def _what_to_change(turn: Turn) -> Step:
    slot = _mentioned(turn)
    turn.update(stalled=turn.state.stalled + 1)
    if turn.state.stalled > UNCLEAR_CONFIRMS:
        return complete(turn)
    if slot is None:
        turn.say("what_to_change")
        return turn.finish(YES)
    return turn.finish(ask(turn, slot))


def _mentioned(turn: Turn) -> Slot | None:
    """ "The phone is wrong": the slot whose everyday name was said."""
    return next((s for s in turn.intake.slots if turn.mentions(s)), None)


def _mark_confirmed(turn: Turn) -> None:
    turn.update(slots={name: replace(filled, confirmed=True) for name, filled in turn.state.slots.items()})
