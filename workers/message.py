"""A message ready to go: what a transport is given. Everything about wording and recipients was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one recipient."""

    id: str
    """The outbox row's id. The same on every attempt, so that a receiver can tell a repeat."""
    to: str
    """E-mail address, or number in E.164."""
    subject: str
    """Empty for texts. Carries no health data: it is readable on a locked screen."""
    text: str
    """Plain text; for a text message, all there is."""
    html: str = ""
    """The same for mail programs that prefer it; empty for texts."""
    reference: str = ""
    """The lead's reference, `RL-...`, or empty."""
    created: datetime | None = None
    """When the row was written, aware UTC; None when unknown."""
    again: bool = False
    """An earlier attempt may have been sent: look before sending, where the vendor lets us look."""
