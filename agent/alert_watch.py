"""What moves an urgent alert on: time, and the texts of people on call."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import alerts, outbox
from agent.alerts import Ladder
from agent.bootstrap import Agent
from agent.clinic import Clinic, OnCall
from agent.columns import seal, unseal
from agent.messages import Inbound, Reply
from agent.models import Alert, Lead, OutboxMessage, Receipt, new_id
from agent.outbox import Delivery
from agent.state_json import reply_from_json, reply_to_json
from dialogs.line import Line
from dialogs.step import Kind

_LOOK = 100
_LOST = (Delivery.DEAD, Delivery.CANCELLED)
_NOT_ARRIVED = ("undelivered", "failed")
_LONGEST = 60
"""Characters of an acknowledgement; whoever writes more has something to say."""
_REFERENCE = re.compile(r"\brl[-\s]?([a-z0-9]{6})\b")

_WORDS: Mapping[str, Any] = tomllib.loads((files("agent") / "alert_watch.toml").read_text(encoding="utf-8"))
_HAVE_IT = frozenset(_WORDS["have_it"])

log = logging.getLogger("referline.alerts")


def escalate(agent: Agent) -> int:
    """Go on with every alert whose time is up, or whose last message cannot arrive; how many there were. Safe in two processes at once."""
    now = agent.clock()
    with agent.store.reading() as session:
        waiting = session.scalars(select(Alert).where(*alerts.OPEN, Alert.next_at.is_not(None)).order_by(Alert.next_at).limit(_LOOK)).all()
        due = [(alert.id, alert.told) for alert in waiting if _is_due(session, agent.clinic, alert, now)]
    return sum(_go_on(agent, alert_id, told) for alert_id, told in due)


def heard(agent: Agent, inbound: Inbound) -> Reply | None:
    """The reply to somebody on call who texts that they have it; None for any other message. The same message again gets the same reply.

    A number can be forged, so this does no more than it must: the alert stops climbing, the record says whose number it was, and the reply,
    which tells nothing but the reference, goes to the real one. Raises StoreError.
    """
    person = next((one for one in agent.clinic.on_call if one.phone and one.phone == inbound.sender), None)
    if person is None or inbound.door != "sms" or inbound.kind is not Kind.WORDS:
        return None
    said = _read(inbound.text)
    if said is None:
        return None
    now = agent.clock()
    with agent.store.transaction() as session:
        before = session.scalars(select(Receipt).where(Receipt.door == inbound.door, Receipt.message_id == inbound.message_id)).one_or_none()
        if before is not None:
            return reply_from_json(unseal(session, before, "reply") or "")
        reply = _answer(session, agent.clinic, person, said, now)
        if reply is not None:
            row = Receipt(id=new_id(), door=inbound.door, message_id=inbound.message_id, conversation_id=None, at=now)
            seal(session, row, "reply", reply_to_json(reply))
            session.add(row)
        return reply


def _read(text: str) -> tuple[str, ...] | None:
    """References of a message that says "I have it" and nothing else; None for any other. `OK RL-7K3M9Q`, `ok`, `rl 7k3m9q`."""
    low = text.lower()
    if len(low) > _LONGEST:
        return None
    found = tuple(f"RL-{code.upper()}" for code in _REFERENCE.findall(low))
    rest = " ".join(re.findall(r"[^\W_]+", _REFERENCE.sub(" ", low)))
    return found if rest in _HAVE_IT or (found and not rest) else None


def _answer(session: Session, clinic: Clinic, person: OnCall, said: tuple[str, ...], now: datetime) -> Reply | None:
    """None when it is no acknowledgement after all: "ok" from somebody who was told of nothing."""
    told = alerts.told_to(session, clinic, person)
    if not said and not told:
        return None
    if not said and len(told) > 1:
        return _say("which", references=", ".join(told), reference=told[0])
    (reference, *_) = said or told
    for one in said or told:
        if alerts.acknowledge(session, one, person.name, now):
            reference = one
            log.info("an urgent alert was acknowledged by text")
            return _say("yours", reference=reference)
    who = alerts.acknowledged_by(session, reference)
    return _say("taken", reference=reference, person=who) if who else _say("unknown", reference=reference)


def _say(key: str, **blanks: str) -> Reply:
    text = _WORDS["reply"][key].format(**blanks)
    return Reply((Line(f"alert.{key}", text, text),))


def _is_due(session: Session, clinic: Clinic, alert: Alert, now: datetime) -> bool:
    assert alert.next_at is not None
    if alert.next_at <= now:
        return True
    told_at = alert.next_at - timedelta(minutes=clinic.acknowledge_minutes)
    sent = select(OutboxMessage).where(alerts.messages(alert), OutboxMessage.created_at >= told_at)
    rows = session.scalars(sent).all()
    return bool(rows) and all(row.state in _LOST or row.provider_status in _NOT_ARRIVED for row in rows)


def _go_on(agent: Agent, alert_id: str, told: int) -> bool:
    with agent.store.transaction() as session:
        still = (*alerts.OPEN, Alert.id == alert_id, Alert.told == told, Alert.next_at.is_not(None))
        query = select(Alert, Lead).join(Lead, Lead.id == Alert.conversation_id).where(*still).with_for_update()
        found = session.execute(query).first()
        if found is None:
            return False
        alert, lead = found
        alerts.climb(Ladder(session, agent.clinic, agent.settings.public_base_url, lead.reference, lead.id, agent.clock()), alert)
        rings = outbox.written(session)
    log.warning("an urgent alert was not acknowledged in time", extra={"alert": alert_id, "told": told})
    if rings:
        agent.doorbell.ring(rings)
    return True


