"""Voice messages listened to: a minute of computing each, so they have a courier and a thread of their own, and nothing urgent waits for one."""

from __future__ import annotations

from dataclasses import dataclass

from agent import outbox, voicemails
from agent.bootstrap import Agent
from agent.outbox import Claimed
from agent.store import StoreError
from agent.turns import TurnFailed
from agent.vault import VaultError
from agent.voicemails import Transcriber
from workers.delivery import Courier
from workers.failures import Permanent, Retryable

_LOOK = 20


@dataclass(slots=True)
class Read:
    """Makes words of one voice message."""

    agent: Agent
    transcriber: Transcriber

    def run(self, claimed: Claimed) -> str | None:
        """Raises a DeliveryFailed."""
        try:
            voicemails.read(self.agent, claimed.payload["attachment"], self.transcriber)
        except (TurnFailed, StoreError):
            raise Retryable("database") from None
        except VaultError:
            raise Permanent("unreadable") from None
        return None

    def abandon(self, claimed: Claimed, code: str) -> None:
        """Nobody could listen to it: people are told that there is one."""
        try:
            voicemails.give_up(self.agent, claimed.payload["attachment"])
        except (TurnFailed, StoreError, VaultError):
            raise Retryable("database") from None


def look(courier: Courier) -> None:
    """Listen to everything that waits."""
    for row in outbox.due(courier.store, courier.clock(), _LOOK, ears=True):
        if courier.stopping:
            return
        courier.deliver(row)
