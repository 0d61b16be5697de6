"""The ring that tells workers something is due. It may be lost: the sweeper finds the row all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Doorbell(Protocol):
    """Called after commit, outside every transaction."""

    def ring(self, outbox_ids: Sequence[str]) -> None:
        """Say that these rows are due. Never raises and never takes long: a caller is waiting for an answer."""
        ...


class Silent:
    """Rings nothing; everything is left to the sweeper."""

    def ring(self, outbox_ids: Sequence[str]) -> None:
        """Do nothing."""
