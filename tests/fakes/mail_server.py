"""A real SMTP server on loopback that answers as it is told: refuse, hang, accept and then go silent."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
HANG = "hang"
"""Say nothing until `let_go`."""


@dataclass
class MailServer:
    """What it received, and what it answers at each stage; a stage not told anything is well-behaved."""

    received: list[EmailMessage] = field(default_factory=list)
    """Every message it said 250 to, in order, and those it kept before hanging."""
    reached: list[Stage] = field(default_factory=list)
    """Stages in the order clients came to them."""
    script: dict[Stage, list[str]] = field(default_factory=dict)
    """Answers still to give at a stage, each used once: `451 busy`, or HANG."""
    always: dict[Stage, str] = field(default_factory=dict)
    """The answer of a stage once its script is used up."""
    passwords: dict[str, str] | None = None
    """Offer a login with these; None: none is offered."""
    international: bool = False
    """Take addresses beyond ASCII (SMTPUTF8)."""
    port: int = 0
    _released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def let_go(self) -> None:
        """Answer whoever hangs, and hang no more."""
        self._released.set()

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.received]

    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.received]

    def wait_for(self, reached: Callable[[MailServer], bool], seconds: float = 20.0) -> None:
        """Wait until the server has seen something; AssertionError when it never does."""
        deadline = time.monotonic() + seconds
        while not reached(self):
            assert time.monotonic() < deadline, f"the mail server never saw it: {self.reached}"
            time.sleep(0.02)

    async def _answer(self, stage: Stage, otherwise: str) -> str:
        self.reached.append(stage)
        waiting = self.script.get(stage)
        answer = waiting.pop(0) if waiting else self.always.get(stage, otherwise)
        while answer == HANG and not self._released.is_set():  # noqa: ASYNC110  # released from another thread
            await asyncio.sleep(0.02)
        return otherwise if answer == HANG else answer

    # aiosmtpd calls these by name: hence the capitals.

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        session.host_name = hostname
        await self._answer("EHLO", "")
        return responses

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        answer = await self._answer("MAIL", "250 OK")
        envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        answer = await self._answer("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message: Any = message_from_bytes(content, policy=policy.default)
        hangs = (self.script.get("DATA") or [self.always.get("DATA", "")])[0] == HANG
        if hangs:
            # Kept, but the sender never hears of it.
            self.received.append(message)
        answer = await self._answer("DATA", "250 OK")
        if answer.startswith("250") and not hangs:
            self.received.append(message)
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await self._answer("QUIT", "221 Bye")

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (self.passwords or {}).get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False)


class AnyPort(Controller):
    """aiosmtpd's server in a thread, on a port the system picks (port 0)."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(port: int = 0, **told: Any) -> Iterator[MailServer]:
    """A running server; `told` are fields of MailServer. On leaving, everything that hangs is let go."""
    server = MailServer(**told)
    guarded: dict[str, Any] = {"authenticator": server._authenticate, "auth_require_tls": False} if server.passwords is not None else {}
    controller = AnyPort(server, hostname="127.0.0.1", port=port, enable_SMTPUTF8=server.international, **guarded)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        server.let_go()
        time.sleep(0.05)
        controller.stop()
