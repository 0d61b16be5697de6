"""A doorbell that remembers what it was rung for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class FakeDoorbell:
    """Every ring, in order."""

    rings: list[str] = field(default_factory=list)

    def ring(self, outbox_ids: Sequence[str]) -> None:
        self.rings.extend(outbox_ids)
