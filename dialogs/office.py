"""A referring office that names several patients in one text: each is a lead of its own, all answered in one reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dialogs.events import OfficeReferred
from dialogs.facts import OFFICE, same_person
from dialogs.line import Expect
from dialogs.state import Phase, Referral
from dialogs.step import Step
from dialogs.turn import Turn
from nlu.parse import Reading


def several(turn: Turn) -> bool:
    """Whether this message is about further patients: it names several, one more than was sent, or completes those."""
    referrals = turn.heard.parse.referrals
    another = bool(referrals) and turn.state.phase is Phase.DONE
    return len(referrals) > 1 or another or bool(turn.state.batch and turn.heard.parse.slots)


def receive(turn: Turn) -> Step:
    """Keep each referral, give each its reference, and say what is missing."""
    turn.update(intake="office", asked=None)
    if turn.heard.parse.referrals:
        _add(turn)
    else:
        _complete(turn)
    _report(turn)
    return turn.finish(Expect(None))


def _add(turn: Turn) -> None:
    for reference, readings in zip(turn.moment.references, turn.heard.parse.referrals, strict=False):
        slots = {name: turn.filled(r.value, r.raw, confidence=r.confidence) for name, r in readings.items()}
        slots.setdefault("caller.role", turn.filled(OFFICE, ""))
        _keep(turn, Referral(reference, slots, turn.intake.missing(slots)))


def _complete(turn: Turn) -> None:
    """Later details belong to the patient they name, or to the only one that lacks them."""
    readings = turn.heard.parse.slots
    referral = _whose(turn.state.batch, readings)
    if referral is None:
        turn.say("office.which")
        return
    new = {n: turn.filled(r.value, r.raw, confidence=r.confidence) for n, r in readings.items() if n not in referral.slots}
    slots = {**referral.slots, **new}
    _keep(turn, replace(referral, slots=slots, missing=turn.intake.missing(slots)))


def _whose(batch: tuple[Referral, ...], readings: Mapping[str, Reading]) -> Referral | None:
    name = readings.get("patient.name")
    if name is not None:
        return next((r for r in batch if "patient.name" in r.slots and same_person(str(r.slots["patient.name"].value), str(name.value))), None)
    lacking = [r for r in batch if set(r.missing) & set(readings)]
    return lacking[0] if len(lacking) == 1 else None


def _keep(turn: Turn, referral: Referral) -> None:
    others = tuple(r for r in turn.state.batch if r.reference != referral.reference)
    turn.update(batch=(*others, referral))
    turn.happened(OfficeReferred(referral))


def _report(turn: Turn) -> None:
    labels = turn.locale.slots
    turn.say("office.received", references=turn.locale.list(sorted(r.reference for r in turn.state.batch)))
    for referral in sorted(turn.state.batch, key=lambda r: r.reference):
        if referral.missing:
            turn.say("office.missing", which=referral.reference, missing=turn.locale.list([labels[m].label for m in referral.missing]))
