"""What to ask next, and what to do when the answer is not understood. The ladder has an end: no question loops."""

from __future__ import annotations

from dataclasses import replace

from dialogs.facts import keep_as_said
from dialogs.intake import Slot
from dialogs.kinds import KINDS
from dialogs.line import Expect
from dialogs.state import Filled
from dialogs.turn import Turn
from nlu.parse import Value

PATIENCE = 2
"""How much oftener a required question is asked when they tell us something else instead."""


def ask_next(turn: Turn) -> Expect | None:
    """Ask for the next thing, or return None when there is nothing left to ask."""
    slot = _to_choose(turn) or turn.intake.next(turn.state.slots, turn.state.declined)
    if slot is None:
        turn.update(asked=None)
        return None
    return ask(turn, slot)


def ask(turn: Turn, slot: Slot) -> Expect:
    """Ask for one slot, in the words of its rung on the ladder."""
    filled = turn.state.slots.get(slot.name)
    words = turn.locale.slots[slot.name]
    if filled is not None and _candidates(filled.value):
        turn.say("choose", label=words.label, options=turn.written(slot, filled), options_spoken=turn.spoken(slot, filled))
    else:
        tried = max(turn.state.tries.get(slot.name, 0), turn.state.passed.get(slot.name, 0) - 1)
        rung = words.more if filled and filled.provisional and words.more else words.ask[min(tried, len(words.ask) - 1)]
        turn.lines.append(turn.locale.fill(f"ask.{slot.name}", rung, turn.blanks()))
    before = turn.before.asked
    turn.update(asked=slot.name, asked_before=before if before not in (None, slot.name) else turn.state.asked_before)
    return expecting(slot)


def go_back(turn: Turn) -> Expect | None:
    """Ask the question before this one again: its answer, when one is given, replaces what is on record."""
    before = turn.state.asked_before or next(reversed(turn.state.recent), None)
    slot = turn.intake.slot(before) if before else None
    if slot is None or not turn.said("go_back"):
        return None
    turn.update(declined={name: why for name, why in turn.state.declined.items() if name != slot.name})
    return ask(turn, slot)


def expecting(slot: Slot) -> Expect:
    """What to listen for after a question for this slot."""
    return Expect(slot.name, KINDS[slot.kind].FORM)


def not_understood(turn: Turn, slot: Slot) -> None:
    """Climb one rung; at the top keep the words as they are, or leave the slot to the coordinator, and move on."""
    tried = turn.state.tries.get(slot.name, 0) + 1
    turn.update(tries={**turn.state.tries, slot.name: tried})
    if tried < slot.tries:
        return
    if not keep_as_said(turn, slot):
        turn.decline(slot.name, "not_understood")
        turn.say("moving_on")


def passed_over(turn: Turn, slot: Slot) -> None:
    """They told us something else instead: no question is pressed for ever."""
    passed = turn.state.passed.get(slot.name, 0) + 1
    turn.update(passed={**turn.state.passed, slot.name: passed})
    if passed < slot.tries + (PATIENCE if slot.required else 0):
        return
    if slot.name in turn.state.slots:
        leave_open(turn, slot)
    else:
        turn.decline(slot.name, "not_understood")


def leave_open(turn: Turn, slot: Slot) -> None:
    """Nobody could choose between the candidates, or say more: keep what there is; candidates are the coordinator's to settle."""
    filled = turn.state.slots[slot.name]
    turn.fill(slot.name, replace(filled, provisional=False, needs_review=filled.needs_review or _candidates(filled.value)))


def _to_choose(turn: Turn) -> Slot | None:
    """A slot with two candidates that has not been asked about yet."""
    return next((s for s in turn.intake.slots if _unsettled(turn.state.slots.get(s.name))), None)


def _unsettled(filled: Filled | None) -> bool:
    return filled is not None and not filled.needs_review and not filled.provisional and _candidates(filled.value)


def _candidates(value: Value) -> bool:
    return isinstance(value, tuple) and len(value) > 1 and all(isinstance(v, str) for v in value)
