"""Urgent alerts: one person on call after the other is told, then the coordinators, until somebody acknowledges.

The first is told in the transaction of the turn that raised it. The rest is the clock's (`agent.alert_watch`), which needs no Redis. An alert
stays open, and red wherever alerts are shown, until a person has said that they have it: by text, by taking the call, or at a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from agent import addresses, happenings, opt_outs, outbox, tasks
from agent.clinic import Clinic, OnCall
from agent.columns import vault_of
from agent.models import Alert, Lead, OutboxMessage
from agent.outbox import Delivery

UNACKNOWLEDGED = "unacknowledged"
"""Kind of the task for an alert that nobody on call took, and variant of the e-mail to the coordinators."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is needed to tell people about one alert."""

    session: Session
    clinic: Clinic
    base_url: str
    reference: str
    lead_id: str
    now: datetime


def climb(ladder: Ladder, alert: Alert) -> None:
    """Tell the next person on call who can be reached; after the last, the coordinators. Written into the caller's transaction."""
    while alert.told < len(ladder.clinic.on_call):
        person = ladder.clinic.on_call[alert.told]
        alert.told += 1
        if _tell(ladder, alert, person):
            alert.next_at = ladder.now + timedelta(minutes=ladder.clinic.acknowledge_minutes)
            _note(ladder.session, alert, "told", ladder.now, person.name)
            return
    alert.next_at = None
    due_on = ladder.clinic.calendar.today(ladder.now)
    tasks.add(
        ladder.session, UNACKNOWLEDGED, key=_task_key(alert), due_on=due_on, now=ladder.now,
        conversation_id=alert.conversation_id, lead_id=ladder.lead_id,
    )  # fmt: skip
    if ladder.clinic.on_call:
        for address in ladder.clinic.coordinator_emails:
            _put(ladder, alert, "coordinator_email", "email", address, {"event": UNACKNOWLEDGED})
        _note(ladder.session, alert, "nobody_left", ladder.now)


def acknowledge(session: Session, reference: str, who: str, now: datetime) -> int:
    """Somebody has it: every open alert about this lead; how many there were."""
    return sum(_acknowledge(session, alert, who, now) for alert in session.scalars(_about(reference).where(*OPEN)).all())


def settle(session: Session, conversation_id: str, who: str, now: datetime) -> int:
    """The same for a conversation, whose caller has been put through to them."""
    found = session.scalars(select(Alert).where(*OPEN, Alert.conversation_id == conversation_id)).all()
    return sum(_acknowledge(session, alert, who, now) for alert in found)


def acknowledged_by(session: Session, reference: str) -> str | None:
    """Who had the last alert about this lead; None when there was none, or it is open."""
    return session.scalars(_about(reference).where(Alert.acknowledged_at.is_not(None)).with_only_columns(Alert.acknowledged_by)).first()


def told_to(session: Session, clinic: Clinic, person: OnCall) -> list[str]:
    """References of open alerts that this person was told of, oldest first."""
    place = clinic.on_call.index(person)
    rows = session.execute(_listed().where(*OPEN, Alert.told > place).order_by(Alert.raised_at))
    return list(dict.fromkeys(reference for _, reference in rows))


def overview(session: Session, clinic: Clinic, now: datetime, *, everything: bool = False, limit: int = 200) -> list[dict[str, Any]]:
    """Open alerts, the longest waiting first, without health data; with `everything` those acknowledged as well, newest first."""
    query = _listed().order_by(Alert.raised_at.desc()) if everything else _listed().where(*OPEN).order_by(Alert.raised_at)
    return [
        {
            "reference": reference,
            "level": alert.level,
            "open": alert.acknowledged_at is None,
            "raised_at": outbox.iso(alert.raised_at),
            "minutes": int(((alert.acknowledged_at or now) - alert.raised_at).total_seconds() // 60),
            "told": [person.name for person in clinic.on_call[: alert.told]],
            "next_at": outbox.iso(alert.next_at) if alert.next_at else None,
            "acknowledged_at": outbox.iso(alert.acknowledged_at) if alert.acknowledged_at else None,
            "acknowledged_by": alert.acknowledged_by,
        }
        for alert, reference in session.execute(query.limit(limit))
    ]


def messages(alert: Alert) -> ColumnElement[bool]:
    """What went to people on call about this alert."""
    return and_(OutboxMessage.kind == "urgent_alert", OutboxMessage.dedupe_key.startswith(f"urgent_alert:{alert.dedupe_key}:", autoescape=True))


OPEN: tuple[ColumnElement[bool], ...] = (Alert.acknowledged_at.is_(None),)
"""Nobody has said yet that they have it."""


def _listed() -> Any:
    # A conversation's own lead has the conversation's id.
    return select(Alert, Lead.reference).join(Lead, Lead.id == Alert.conversation_id)


def _about(reference: str) -> Any:
    own = and_(Lead.id == Alert.conversation_id, Lead.reference == reference.strip().upper())
    return select(Alert).join(Lead, own).order_by(Alert.raised_at.desc())


def _tell(ladder: Ladder, alert: Alert, person: OnCall) -> bool:
    """By text and by e-mail, whatever there is; False when there is nothing."""
    facts, told = {"level": alert.level}, False
    if person.phone and not opt_outs.is_opted_out(ladder.session, person.phone):
        told = _put(ladder, alert, "urgent_alert", "sms", person.phone, facts) or told
    if person.email:
        told = _put(ladder, alert, "urgent_alert", "email", person.email, facts) or told
    return told


def _put(ladder: Ladder, alert: Alert, kind: str, transport: str, to: str, facts: dict[str, str]) -> bool:
    recipient = vault_of(ladder.session).index(outbox.FIELD, addresses.normalised(to)).hex()[:12]
    link = f"{ladder.base_url}/console/leads/{ladder.reference}"
    # The coordinators were told once already, when it was raised: their second e-mail is another message.
    key = alert.dedupe_key if kind == "urgent_alert" else f"{UNACKNOWLEDGED}:{alert.id}"
    return outbox.put(
        ladder.session, kind=kind, transport=transport, to=to, due_at=ladder.now, urgent=True,
        payload={**facts, "reference": ladder.reference, "link": link, "clinic": ladder.clinic.name},
        dedupe_key=f"{kind}:{key}:{recipient}", reference=ladder.reference, lead_id=ladder.lead_id, conversation_id=alert.conversation_id,
    )  # fmt: skip


def _acknowledge(session: Session, alert: Alert, who: str, now: datetime) -> bool:
    alert.acknowledged_at, alert.acknowledged_by, alert.next_at = now, who[:64], None
    waiting = (messages(alert), OutboxMessage.state.in_((Delivery.PENDING, Delivery.AMBIGUOUS, Delivery.HELD)))
    cancelled = {"state": Delivery.CANCELLED, "updated_at": now, "error_code": "acknowledged"}
    session.execute(update(OutboxMessage).where(*waiting).values(cancelled).execution_options(synchronize_session=False))
    tasks.settle_key(session, _task_key(alert), now)
    _note(session, alert, "acknowledged", now, who)
    return True


def _task_key(alert: Alert) -> str:
    return f"{UNACKNOWLEDGED}:{alert.id}"


def _note(session: Session, alert: Alert, what: str, now: datetime, person: str = "") -> None:
    happenings.note(session, alert.conversation_id, "alert", what, channel="voice", now=now, person=person)
