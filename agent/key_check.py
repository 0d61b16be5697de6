"""Are these the keys this record was sealed with? Asked before anything is read or written."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.columns import seal, unseal, vault_of
from agent.models import KeyCheck
from agent.vault import VaultError

_WORD = "referline"
_ID = "00000000-0000-7000-8000-000000000000"
FIELD = "key_check.word"


class WrongKeys(VaultError):
    """The record was sealed, or indexed, with other keys than these; the message says which setting to put back."""


def leave(session: Session) -> None:
    """Seal the word, once, when the database is new."""
    if session.get(KeyCheck, _ID) is None:
        row = KeyCheck(id=_ID, word_index=vault_of(session).index(FIELD, _WORD))
        seal(session, row, "word", _WORD)
        session.add(row)


def verify(session: Session) -> None:
    """Raises WrongKeys when the keys are not the record's own."""
    row = verify_keys(session)
    if row.word_index != vault_of(session).index(FIELD, _WORD):
        raise WrongKeys("SECRET_KEY is not the one this database was indexed with; put it back, or run `referline keys rotate` to index anew")


def verify_keys(session: Session) -> KeyCheck:
    """The same for ENCRYPTION_KEYS alone, which nothing can be done without."""
    row = session.scalars(select(KeyCheck)).one_or_none()
    if row is None:
        raise WrongKeys("the database is empty; run `referline init`")
    try:
        unseal(session, row, "word")
    except VaultError as error:
        raise WrongKeys("ENCRYPTION_KEYS does not hold the key this database was sealed with; put it back. Nothing was changed") from error
    return row
