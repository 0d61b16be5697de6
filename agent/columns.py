"""Column types of the record: moments that are always aware, values that are always sealed, indexes that are always blind."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, LargeBinary, TypeDecorator
from sqlalchemy.orm import Session

from agent.vault import Vault

_VAULT = "vault"


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on either database: SQLite has no time zones, so there it is stored without and read back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a naive moment: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the record must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[bytes]):
    """Bytes from the vault. Written and read by `seal` and `unseal` below, which bind them to their row."""

    impl = LargeBinary
    cache_ok = True


class Blind(TypeDecorator[bytes]):
    """A blind index. `field` tells indexes of different meaning apart; `of` is the sealed column it is made from."""

    impl = LargeBinary(16)
    cache_ok = True

    def __init__(self, field: str, of: str) -> None:
        super().__init__()
        self.field = field
        self.of = of


def attach(session: Session, vault: Vault) -> Session:
    """Give the session the vault its rows are sealed with."""
    session.info[_VAULT] = vault
    return session


def vault_of(session: Session) -> Vault:
    """The vault the store attached."""
    vault = session.info[_VAULT]
    assert isinstance(vault, Vault)
    return vault


def aad(table: str, column: str, row_id: str) -> str:
    """What a sealed value is bound to: moved to another row or column it no longer opens."""
    return f"{table}.{column}.{row_id}"


def seal(session: Session, row: object, column: str, plain: str | None) -> None:
    """Write a sealed column of a row that has its id."""
    table, row_id = type(row).__tablename__, row.id  # type: ignore[attr-defined]
    setattr(row, column, None if plain is None else vault_of(session).seal(plain, aad(table, column, row_id)))


def unseal(session: Session, row: object, column: str) -> str | None:
    """Read a sealed column. Raises VaultError when it cannot be opened."""
    sealed = getattr(row, column)
    table, row_id = type(row).__tablename__, row.id  # type: ignore[attr-defined]
    return None if sealed is None else vault_of(session).open(sealed, aad(table, column, row_id))
