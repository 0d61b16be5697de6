"""The port of outbox rows that are work rather than messages: done with the same lease, patience and end (`workers.delivery`)."""

from __future__ import annotations

from typing import Protocol

from agent.outbox import Claimed


class Errand(Protocol):
    """Does what rows of one kind ask for. Being killed at any moment and begun again must have one effect."""

    def run(self, claimed: Claimed) -> str | None:
        """Do it; the vendor's id, where there is one. Raises a `workers.failures.DeliveryFailed`."""

    def abandon(self, claimed: Claimed, code: str) -> None:
        """It will not be tried again; a coordinator has a task. May raise a DeliveryFailed, which changes nothing about that."""
