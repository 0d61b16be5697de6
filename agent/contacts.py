"""Who is at the other end: the contact a message comes from, by its number or, without one, by its call or chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent import addresses, opt_outs
from agent.messages import Inbound
from agent.models import Contact, new_id


def number(sender: str | None) -> str | None:
    """The sender in E.164; None for a withheld number, a short code or a name."""
    return addresses.e164(sender) if sender else None


def find(session: Session, inbound: Inbound) -> Contact | None:
    """The contact, where there is one."""
    if inbound.sender is not None:
        return opt_outs.contact_of(session, inbound.sender)
    return session.scalars(select(Contact).where(Contact.session == key(inbound))).one_or_none()


def make(session: Session, inbound: Inbound, now: datetime) -> str:
    """A contact for somebody we had not heard from; its id. Two at once collide on the unique index."""
    row_id = new_id()
    who = {"session": key(inbound)} if inbound.sender is None else opt_outs.numbered(session, row_id, inbound.sender)
    session.connection().execute(insert(Contact), {"id": row_id, "created_at": now, **who})
    return row_id


def key(inbound: Inbound) -> str:
    """What tells callers without a number apart. A message without number and without session is a contact of its own."""
    return f"{inbound.door}:{inbound.session or inbound.message_id}"[:128]
