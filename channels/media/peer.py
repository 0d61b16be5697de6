"""The socket of one stream, with the bounds the WebSocket library leaves to us."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

from simple_websocket import ConnectionClosed

from channels.media import protocol

PING_SECONDS = 20
"""A peer that does not answer one ping before the next is gone."""
SEND_LIMIT_S = 5
"""A peer that does not read for this long is gone."""
NORMAL, GOING_AWAY, POLICY_VIOLATION, FAULT, TOO_BUSY = 1000, 1001, 1008, 1011, 1013
"""Close codes of RFC 6455 and its registry."""


class Receiver(threading.Thread):
    """The thread that receives from one socket; it does not keep a stopping process alive."""

    def __init__(self, target: Callable[[], None]) -> None:
        super().__init__(target=target, daemon=True)


class Flooded(OSError):
    """More came than anybody could have said. An OSError, which is how the library's own reader expects a connection to end."""


class _Inbox(list[str | bytes]):
    """What was received and not yet read, up to a number of bytes. The library has no such bound."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._held = 0

    def append(self, message: str | bytes) -> None:
        """By the thread that receives."""
        self._held += len(message)
        if self._held > self._most:
            raise Flooded("too much waits to be read")
        super().append(message)

    def pop(self, index: Any = -1) -> str | bytes:
        """By the thread that reads."""
        message = super().pop(index)
        self._held -= len(message)
        return message


class Peer:
    """Whoever is at the other end. Sending to one that is gone changes nothing."""

    def __init__(self, ws: Any, waiting_bytes: int) -> None:
        self._ws = ws
        self.stream = ""
        """Set once the other side has named its stream."""
        self.gone = False
        inbox = _Inbox(waiting_bytes)
        for message in ws.input_buffer:
            inbox.append(message)
        ws.input_buffer = inbox
        # A blocking send to a peer that never reads would hold this thread for ever.
        ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_LIMIT_S, 0))

    def receive(self, seconds: float) -> protocol.Event | None:
        """The next message; None when nothing came in time. `gone` tells whether anything still can."""
        try:
            raw = self._ws.receive(timeout=seconds)
        except (ConnectionClosed, OSError):
            self.gone = True
            return None
        return None if raw is None else protocol.read(raw)

    def media(self, mulaw: bytes) -> None:
        """See `speech.playing.Outgoing`."""
        self._send(protocol.media(self.stream, mulaw))

    def mark(self, name: str) -> None:
        """See `speech.playing.Outgoing`."""
        self._send(protocol.mark(self.stream, name))

    def clear(self) -> None:
        """See `speech.playing.Outgoing`."""
        self._send(protocol.clear(self.stream))

    def close(self, code: int) -> None:
        """Say why, and go."""
        self.gone = True
        try:
            self._ws.close(reason=code)
        except (ConnectionClosed, OSError):
            return

    def _send(self, message: str) -> None:
        if self.gone:
            return
        try:
            self._ws.send(message)
        except (ConnectionClosed, OSError):
            self.gone = True
