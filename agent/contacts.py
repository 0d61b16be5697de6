"""Who is at the other end: the contact a message comes from, by its number or, without one, by its call or chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
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


def find_or_make(session: Session, inbound: Inbound, now: datetime) -> Contact:
    """The same, made when there is none. Two at once collide on the unique index."""
    if inbound.sender is not None:
        contact = opt_outs.contact_for(session, inbound.sender, now)
    else:
        contact = find(session, inbound) or Contact(id=new_id(), session=key(inbound), created_at=now)
    session.add(contact)
    session.flush()
    return contact


def key(inbound: Inbound) -> str:
    """What tells callers without a number apart. A message without number and without session is a contact of its own."""
    return f"{inbound.door}:{inbound.session or inbound.message_id}"[:128]
