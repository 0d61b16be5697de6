"""Why a message did not go out, as types: the transport chooses one, `workers.delivery` acts on it.

A code is a short lower-case word for the record and for people (`smtp_550`, `twilio_21610`, `timeout`). Never put the
vendor's own message in it: vendors quote addresses and numbers.
"""

from __future__ import annotations


class DeliveryFailed(Exception):
    """A message did not go out, or may not have."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Retryable(DeliveryFailed):
    """Certainly not sent, and worth trying again: busy, throttled, unreachable."""


class Unreachable(Retryable):
    """The vendor does not answer at all: others waiting for the same channel need not find that out one by one."""


class Permanent(DeliveryFailed):
    """Certainly not sent, and no later attempt will fare better: a person must see it."""


class OptedOut(Permanent):
    """The carrier says this number does not want our texts."""


class Ambiguous(DeliveryFailed):
    """Handed over, but the answer was lost: it may have been sent."""


class ChannelPaused(DeliveryFailed):
    """The channel itself is out of order (credentials, certificate): no message is to blame, so none loses an attempt."""
