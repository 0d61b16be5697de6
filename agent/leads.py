"""Leads: what is kept of a conversation for coordinators, written anew from the engine's State after every turn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, insert, select, update
from sqlalchemy.orm import Session

from agent import addresses, attachments, outbox
from agent.columns import aad, unseal, vault_of
from agent.models import Lead, new_id
from dialogs.intake import Intake
from dialogs.state import Filled, Phase, Referral, State
from nlu.parse import Channel, TimeWindow, Value

PHONE_FIELD = "lead.phone"
EMAIL_FIELD = "lead.email"
STATUSES = ("new", "contacted", "scheduled", "evaluated", "closed", "not_a_lead")


@dataclass(frozen=True, slots=True)
class Kept:
    """A lead as its notifications need it."""

    id: str
    reference: str
    completeness: str


def outcome(state: State) -> str:
    """How a conversation stands, in one word; what a person must see first comes first."""
    table = (
        ("urgent", state.urgent),
        ("complete", state.phase is Phase.DONE),
        ("opted_out", state.opted_out),
        ("wrong_number", state.wrong_number),
        ("handoff", state.handoff),
    )
    return next((word for word, holds in table if holds), "partial")


def worth_keeping(state: State, before: State) -> bool:
    """Whether there is anything for a coordinator: a detail, a question, an urgency, a picture, a wish for a person or for no more texts.

    A wrong number and an opt-out are one thing to know, and not one more with every text that still comes.
    """
    refused = (state.wrong_number and not before.wrong_number) or (state.opted_out and not before.opted_out)
    told = [name for name in state.slots if not (state.batch and name.startswith("caller."))]
    return bool(told or state.urgent or state.handoff or state.unanswered or state.topic or refused or state.attached)


def project(
    session: Session, conversation_id: str, state: State, intake: Intake, *, before: State, channel: Channel, number: str | None, now: datetime
) -> Kept | None:
    """Write the conversation's own lead, which stood as in `before`; None when there is nothing worth keeping."""
    if not worth_keeping(state, before):
        return None
    lead = Kept(conversation_id, state.reference, "complete" if state.phase is Phase.DONE else "partial")
    content = {
        "missing": intake.missing(state.slots),
        "declined": dict(state.declined),
        "red_flags": state.red_flags,
        "history": state.history,
        "unanswered": state.unanswered,
        "person_requested": state.handoff,
    }
    values = {
        "outcome": outcome(state),
        "urgent": state.urgent,
        "language": state.language,
        "content": _content(session, lead, state.slots, content, number),
    }
    if not state.slots and (state.wrong_number or (state.opted_out and not state.urgent)):
        values["status"] = "not_a_lead"
    _write(session, lead, values, state.slots, before.slots, {"conversation_id": conversation_id, "channel": channel}, now)
    return lead


def project_referral(
    session: Session, conversation_id: str, referral: Referral, *, language: str, channel: Channel, number: str | None, now: datetime
) -> Kept:
    """Write the lead of one of several patients an office named."""
    known = kept(find(session, referral.reference))
    lead = Kept(known.id if known else new_id(), referral.reference, "partial" if referral.missing else "complete")
    values = {
        "outcome": lead.completeness,
        "urgent": False,
        "language": language,
        "content": _content(session, lead, referral.slots, {"missing": referral.missing}, number),
    }
    _write(session, lead, values, referral.slots, None, {"conversation_id": conversation_id, "channel": channel}, now)
    return lead


def kept(lead: Lead | None) -> Kept | None:
    """What its notifications need of a lead on record."""
    return None if lead is None else Kept(lead.id, lead.reference, lead.completeness)


def find(session: Session, reference: str) -> Lead | None:
    """By reference, however it was typed."""
    return session.scalars(select(Lead).where(Lead.reference == reference.strip().upper())).one_or_none()


def with_phone(session: Session, number: str) -> Sequence[Lead]:
    """Leads with this patient's number, in whatever form it is written."""
    index = vault_of(session).index(PHONE_FIELD, addresses.normalised(number))
    return session.scalars(select(Lead).where(Lead.phone_index == index).order_by(Lead.created_at)).all()


def with_email(session: Session, email: str) -> Sequence[Lead]:
    """Leads with this patient's e-mail address, in whatever case."""
    index = vault_of(session).index(EMAIL_FIELD, addresses.normalised(email))
    return session.scalars(select(Lead).where(Lead.email_index == index).order_by(Lead.created_at)).all()


def list_leads(session: Session, *, since: datetime | None = None, status: str | None = None) -> Sequence[Lead]:
    """Newest first."""
    query = select(Lead).order_by(Lead.created_at.desc(), Lead.id.desc())
    if since is not None:
        query = query.where(Lead.created_at >= since)
    if status is not None:
        query = query.where(Lead.status == status)
    return session.scalars(query).all()


def as_json(session: Session, lead: Lead) -> dict[str, Any]:
    """A lead as the contract gives it."""
    content = json.loads(unseal(session, lead, "content") or "{}")
    slots = content["slots"]
    return {
        "reference": lead.reference,
        "status": lead.status,
        "completeness": lead.completeness,
        "outcome": lead.outcome,
        "channel": lead.channel,
        "language": lead.language,
        "created_at": outbox.iso(lead.created_at),
        "updated_at": outbox.iso(lead.updated_at),
        "urgent": lead.urgent,
        "red_flags": content.get("red_flags", []),
        "slots": slots,
        "missing": content.get("missing", []),
        "declined": content.get("declined", {}),
        "unanswered_questions": content.get("unanswered", []),
        "person_requested": content.get("person_requested", False),
        "conversations": [lead.conversation_id],
        "referral_source": _source(slots),
        "caller": content.get("caller"),
        "notifications": outbox.states(session, [lead.id])[lead.id],
        "attachments": attachments.listed(session, [lead.conversation_id])[lead.conversation_id],
    }


def said(slots: Mapping[str, Filled], name: str) -> str | None:
    """A slot's settled value; None when there is none, the person said there is none, or two candidates are open."""
    value = slots[name].value if name in slots else None
    return value if isinstance(value, str) and value != "none" else None


_MOVE_ON = update(Lead).where(Lead.id == bindparam("known_id"))
_BEGIN = insert(Lead)


def _write(
    session: Session,
    lead: Kept,
    values: Mapping[str, object],
    slots: Mapping[str, Filled],
    before: Mapping[str, Filled] | None,
    begun: Mapping[str, object],
    now: datetime,
) -> None:
    """Write over the lead, or begin it. What coordinators set stays, and so does `begun`: where it began.

    Contact details are written where they changed: they are indexed, and to SQLite, written is changed.
    """
    connection, values = session.connection(), {**values, "completeness": lead.completeness, "updated_at": now}
    same = before is not None and all(said(slots, name) == said(before, name) for name in ("patient.phone", "patient.email"))
    done = connection.execute(_MOVE_ON, {"known_id": lead.id, **values, **({} if same else _reached(session, lead, slots))})
    assert isinstance(done, CursorResult)
    if done.rowcount == 0:
        fixed = {"id": lead.id, "reference": lead.reference, "status": "new", "created_at": now, **begun}
        connection.execute(_BEGIN, {**fixed, **values, **_reached(session, lead, slots)})


def _content(session: Session, lead: Kept, slots: Mapping[str, Filled], more: Mapping[str, Any], number: str | None) -> bytes:
    """What was said, sealed."""
    caller = {"number": number, "role": said(slots, "caller.role"), "name": said(slots, "caller.name")}
    content = {**more, "caller": caller, "slots": {name: _slot(filled) for name, filled in slots.items()}}
    return vault_of(session).seal(json.dumps(content, separators=(",", ":")), aad("lead", "content", lead.id))


def _reached(session: Session, lead: Kept, slots: Mapping[str, Filled]) -> dict[str, object]:
    """Where the patient is reached, sealed, with the indexes it is found by."""
    vault, found = vault_of(session), dict[str, object]()
    for column, field in (("phone", PHONE_FIELD), ("email", EMAIL_FIELD)):
        told = said(slots, f"patient.{column}")
        found[column] = None if told is None else vault.seal(told, aad("lead", column, lead.id))
        found[f"{column}_index"] = None if told is None else vault.index(field, addresses.normalised(told))
    return found


def _slot(filled: Filled) -> dict[str, Any]:
    return {
        "value": _value(filled.value),
        "raw": filled.raw,
        "source": filled.source,
        "confirmed": filled.confirmed,
        "confidence": round(filled.confidence, 3),
        "needs_review": filled.needs_review,
        "message": filled.message,
    }


def _value(value: Value) -> object:
    if isinstance(value, str):
        return value
    return [_window(item) if isinstance(item, TimeWindow) else item for item in value]


def _window(window: TimeWindow) -> dict[str, object]:
    shown: dict[str, object] = {"days": list(window.days), "part": window.part, "after": window.after, "before": window.before}
    dates = {"first": window.first, "last": window.last}
    return shown | {name: day for name, day in dates.items() if day}


def _source(slots: Mapping[str, Any]) -> dict[str, str | None] | None:
    provider, practice = (slots.get(f"referral.{name}", {}).get("value") for name in ("provider", "practice"))
    named = {"provider": _settled(provider), "practice": _settled(practice)}
    return named if any(named.values()) else None


def _settled(value: object) -> str | None:
    return value if isinstance(value, str) and value != "none" else None
