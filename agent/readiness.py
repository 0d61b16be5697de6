"""Whether the database is this version's, and sealed with our keys: looked at before anything is read or written.

On its own because reading the record needs nothing else of the agent, and a command that lists leads should answer at once.
"""

from __future__ import annotations

from agent import key_check, migrate
from agent.store import Store


class NotReady(Exception):
    """The database is not this version's, or empty; the message says what to run."""


def check(store: Store) -> None:
    """Raises NotReady for a database without this version's tables, WrongKeys for one sealed with other keys, StoreError."""
    if not migrate.current(store):
        raise NotReady("the database does not have this version's tables; run `referline init`")
    with store.reading() as session:
        key_check.verify(session)
