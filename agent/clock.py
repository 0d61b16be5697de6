"""The time, as a collaborator: nothing below a door or a worker asks the operating system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives an aware UTC moment."""


def system() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
