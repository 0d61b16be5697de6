"""Sealing the whole record under the newest key, so that older keys can be thrown away. The line stays open meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import addresses, key_check
from agent.attached import AttachmentPiece
from agent.columns import Blind, Sealed, aad, vault_of
from agent.models import Record
from agent.store import Store
from agent.vault import VaultError

_BATCH = 100
"""Rows sealed in one transaction: turns wait for it, so it stays short."""
_FEW = {AttachmentPiece: 8}
"""The same for rows that are large."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done."""

    values: int
    """Values sealed anew."""
    unreadable: tuple[str, ...]
    """`table id` of rows that no key opens; they were left as they are."""


def reseal(store: Store) -> Rotated:
    """Seal every value under the first of ENCRYPTION_KEYS and make every look-up index from SECRET_KEY anew. Safe to repeat and to interrupt.

    Raises WrongKeys, with nothing changed, when no key given opens the record; StoreError.
    """
    with store.reading() as session:
        key_check.verify_keys(session)
    values, unreadable = 0, list[str]()
    models: list[Any] = sorted((mapper.class_ for mapper in Record.registry.mappers), key=lambda model: model.__tablename__)
    for model in models:
        last = ""
        while True:
            with store.transaction() as session:
                rows = session.scalars(select(model).where(model.id > last).order_by(model.id).limit(_FEW.get(model, _BATCH)).with_for_update()).all()
                for row in rows:
                    try:
                        values += _reseal_row(session, row)
                    except VaultError:
                        unreadable.append(f"{model.__tablename__} {row.id}")
            if not rows:
                break
            last = rows[-1].id
    return Rotated(values, tuple(unreadable))


def _reseal_row(session: Session, row: Record) -> int:
    """Raises VaultError before anything of the row was changed."""
    vault, table, columns = vault_of(session), row.__tablename__, row.__table__.columns
    sealed = {column.name: getattr(row, column.name) for column in columns if isinstance(column.type, Sealed)}
    # As bytes: not everything that is sealed is text.
    plain = {name: vault.open_bytes(value, aad(table, name, row.id)) for name, value in sealed.items() if value is not None}
    done = 0
    for name, value in plain.items():
        if not vault.newest(sealed[name]):
            setattr(row, name, vault.seal_bytes(value, aad(table, name, row.id)))
            done += 1
    for column in columns:
        if isinstance(column.type, Blind) and (told := plain.get(column.type.of)) is not None:
            setattr(row, column.name, vault.index(column.type.field, addresses.normalised(told.decode("utf-8", "surrogatepass"))))
    return done
