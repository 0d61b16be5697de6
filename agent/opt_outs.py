"""Who does not want texts. Takes effect in the transaction that learns of it (47 CFR 64.1200(a)(10))."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import addresses, outbox
from agent.columns import aad, vault_of
from agent.models import Contact, new_id

FIELD = "contact.number"


def contact_of(session: Session, number: str) -> Contact | None:
    """The contact with this number, in whatever form it is written."""
    return session.scalars(select(Contact).where(Contact.number_index == _index(session, number))).one_or_none()


def contact_for(session: Session, number: str, now: datetime) -> Contact:
    """The same, made when there is none."""
    contact = contact_of(session, number)
    if contact is None:
        row_id = new_id()
        contact = Contact(id=row_id, created_at=now, **numbered(session, row_id, number))
        session.add(contact)
    return contact


def numbered(session: Session, contact_id: str, number: str) -> dict[str, bytes]:
    """A contact's number as its row holds it: sealed, and the index it is found by."""
    sealed = vault_of(session).seal(addresses.normalised(number), aad("contact", "number", contact_id))
    return {"number": sealed, "number_index": _index(session, number)}


def is_opted_out(session: Session, number: str) -> bool:
    """Whether nothing may be texted to this number."""
    contact = contact_of(session, number)
    return contact is not None and contact.opted_out_at is not None


def opt_out(session: Session, number: str, now: datetime) -> int:
    """No more texts to this number; what was waiting for it is cancelled. How many that were."""
    contact = contact_for(session, number, now)
    contact.opted_out_at = contact.opted_out_at or now
    return outbox.cancel_to(session, number, now)


def opt_in(session: Session, number: str, now: datetime) -> None:
    """This number wants texts again."""
    contact_for(session, number, now).opted_out_at = None


def _index(session: Session, number: str) -> bytes:
    return vault_of(session).index(FIELD, addresses.normalised(number))
