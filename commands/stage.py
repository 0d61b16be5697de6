"""A line of its own to play with: the whole product on a scratch folder, with a mail server that keeps what it is given.

Nothing of the user's own settings is read and nothing of it stays: the processes get an environment written here, and the folder goes.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.emulator import Twilio, over_http

ACCOUNT = "AC" + "0" * 32
TOKEN = "stage-token"  # noqa: S105  signs requests to a server that lives for a minute, on loopback
_REFERLINE = (sys.executable, "-m", "commands.main")
_START = 180.0
"""Seconds until the line must answer; the first start reads language models from a cold disk."""
_STOP = 30.0


class StageError(Exception):
    """The line did not come up, or something that was to happen did not."""


@dataclass(slots=True)
class Mailbox:
    """Takes mail by SMTP (RFC 5321) and keeps it."""

    received: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it by this name
        """Keep a message."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"


@dataclass(frozen=True, slots=True)
class Stage:
    """A line that is up."""

    base_url: str
    number: str
    """What people dial, E.164."""
    twilio: Twilio
    mail: Mailbox
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    process: int
    """Id of the process that everything else is a child of."""

    def referline(self, *arguments: str) -> Any:
        """What a `referline ... --json` command prints."""
        return json.loads(_run((*arguments, "--json"), self.environment, self.folder))

    def leads(self) -> list[dict[str, Any]]:
        """Every lead of this line."""
        found: list[dict[str, Any]] = self.referline("leads")
        return found


@contextmanager
def line(clinic: Path, number: str, command: Sequence[str] = ("up",), **more: str) -> Iterator[Stage]:
    """Start `referline up` (or another command that serves) for the clinic whose line answers `number`, until the block ends.

    `more` are settings beside those a rehearsal needs. Raises StageError.
    """
    mail = Mailbox()
    with tempfile.TemporaryDirectory(prefix="referline-") as scratch, mail_server(mail) as mail_port:
        folder, port = Path(scratch), free_port()
        base = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": os.defpath,
            "DATA_DIR": str(folder / "data"),
            "CLINIC_DIR": str(clinic.absolute()),
            "PUBLIC_BASE_URL": base,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": number,
            # A closed port: nothing of a rehearsal reaches the real Twilio.
            "TWILIO_API_BASE_URL": "http://127.0.0.1:9",
            "VOICE_MODE": "gather",
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "MAIL_FROM": "line@referline.example",
            "LOG_FORMAT": "json",
            **more,
        }
        if command[0] != "up":
            _run(("init",), environment, folder)
        with _process((*command, "--port", str(port)), environment, folder, f"{base}/readyz") as process:
            yield Stage(base, number, Twilio(over_http(base), TOKEN, base, ACCOUNT), mail, environment, folder, process)


def wait_for(what: str, happened: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so. Raises StageError naming what did not happen."""
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            raise StageError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)


def _run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    command = (*_REFERLINE, *arguments)
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603  our own program
    if done.returncode:
        raise StageError(f"referline {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


@contextmanager
def _process(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, ready: str) -> Iterator[int]:
    log, command = folder / "log", (*_REFERLINE, *arguments)
    with log.open("wb") as out:
        running = subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603  our own program
    try:
        try:
            wait_for("the line to answer", lambda: running.poll() is not None or _answers(ready), _START)
        except StageError as error:
            raise StageError(f"{error}\n{log.read_text(errors='replace')}") from None
        if running.poll() is not None:
            raise StageError(f"the line ended at once:\n{log.read_text(errors='replace')}")
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(_STOP)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


class _AnyPort(Controller):
    """aiosmtpd's server in a thread, on a port that the system picks."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(mailbox: Mailbox, port: int = 0) -> Iterator[int]:
    """A mail server that keeps what it is given in `mailbox`, until the block ends; yields its port (0: one the system picks)."""
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2.0) as answer:  # noqa: S310  our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
