"""Prints messages instead of sending them: what a first run uses, before SMTP_URL and the Twilio settings are given."""

from __future__ import annotations

import sys
import threading
from typing import TextIO

from agent.settings import Settings
from workers.message import Outgoing

NAME = "console"

_lock = threading.Lock()


class Console:
    """Writes each message to a stream, one at a time."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, message: Outgoing) -> str | None:
        """Print the message."""
        head = f"to {message.to}" + (f": {message.subject}" if message.subject else "")
        body = "\n".join(f"   | {line}" for line in message.text.splitlines())
        with _lock:
            out = self._stream or sys.stdout
            out.write(f"-- not sent, printed instead: {head}\n{body}\n")
            out.flush()
        return None


def build(settings: Settings) -> Console:
    """Needs nothing."""
    return Console()
