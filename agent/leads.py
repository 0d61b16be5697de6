"""Leads: what is kept of a conversation for coordinators, written anew from the engine's State after every turn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import addresses, outbox
from agent.columns import seal, unseal, vault_of
from agent.models import Conversation, Lead, new_id
from dialogs.intake import Intake
from dialogs.state import Filled, Phase, Referral, State
from nlu.parse import Channel, TimeWindow, Value

PHONE_FIELD = "lead.phone"
EMAIL_FIELD = "lead.email"
STATUSES = ("new", "contacted", "scheduled", "evaluated", "closed", "not_a_lead")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was at the other end, as far as the telephone network and they themselves say."""

    number: str | None
    """E.164; never proof of identity."""
    role: str | None = None
    name: str | None = None


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


def worth_keeping(state: State) -> bool:
    """Whether there is anything for a coordinator: a detail, a question, an urgency, a wish for a person."""
    told = [name for name in state.slots if not (state.batch and name.startswith("caller."))]
    return bool(told or state.urgent or state.handoff or state.unanswered or state.topic)


def project(
    session: Session, conversation: Conversation, state: State, intake: Intake, *, channel: Channel, number: str | None, now: datetime
) -> Lead | None:
    """Write the conversation's own lead; None when there is nothing worth keeping."""
    if not worth_keeping(state):
        return None
    lead = _lead(session, state.reference, conversation, channel, now)
    complete = state.phase is Phase.DONE
    lead.completeness, lead.outcome, lead.urgent, lead.language = "complete" if complete else "partial", outcome(state), state.urgent, state.language
    content = {
        "missing": list(intake.missing(state.slots)),
        "declined": dict(state.declined),
        "red_flags": list(state.red_flags),
        "history": list(state.history),
        "unanswered": list(state.unanswered),
        "person_requested": state.handoff,
    }
    _write(session, lead, state.slots, content, number, now)
    return lead


def project_referral(
    session: Session, conversation: Conversation, referral: Referral, *, language: str, channel: Channel, number: str | None, now: datetime
) -> Lead:
    """Write the lead of one of several patients an office named."""
    lead = _lead(session, referral.reference, conversation, channel, now)
    complete = "partial" if referral.missing else "complete"
    lead.completeness, lead.outcome, lead.urgent, lead.language = complete, complete, False, language
    _write(session, lead, referral.slots, {"missing": list(referral.missing)}, number, now)
    return lead


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


def list_leads(session: Session, *, since: datetime | None = None, status: str | None = None, limit: int = 500) -> Sequence[Lead]:
    """Newest first."""
    query = select(Lead).order_by(Lead.created_at.desc(), Lead.id.desc()).limit(limit)
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
    }


def said(slots: Mapping[str, Filled], name: str) -> str | None:
    """A slot's settled value; None when there is none, the person said there is none, or two candidates are open."""
    value = slots[name].value if name in slots else None
    return value if isinstance(value, str) and value != "none" else None


def _lead(session: Session, reference: str, conversation: Conversation, channel: Channel, now: datetime) -> Lead:
    lead = find(session, reference)
    if lead is None:
        lead = Lead(id=new_id(), reference=reference, conversation_id=conversation.id, status="new", channel=channel, created_at=now)
        session.add(lead)
    return lead


def _write(session: Session, lead: Lead, slots: Mapping[str, Filled], content: dict[str, Any], number: str | None, now: datetime) -> None:
    caller = Caller(number, said(slots, "caller.role"), said(slots, "caller.name"))
    content["caller"] = {"number": caller.number, "role": caller.role, "name": caller.name}
    content["slots"] = {name: _slot(filled) for name, filled in slots.items()}
    seal(session, lead, "content", json.dumps(content))
    vault, phone, email = vault_of(session), said(slots, "patient.phone"), said(slots, "patient.email")
    seal(session, lead, "phone", phone)
    lead.phone_index = None if phone is None else vault.index(PHONE_FIELD, addresses.normalised(phone))
    seal(session, lead, "email", email)
    lead.email_index = None if email is None else vault.index(EMAIL_FIELD, addresses.normalised(email))
    lead.updated_at = now


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
