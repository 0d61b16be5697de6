"""E-mail by SMTP (RFC 5321), with the outcome told apart: not sent, sent, or nobody knows.

The last is possible only between handing over the final dot of DATA and reading the reply. The Message-ID is the outbox row's,
the same on every attempt, so that a mail system which received the first can drop the second.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from agent.settings import Settings
from workers.failures import Ambiguous, ChannelPaused, DeliveryFailed, Permanent, Retryable, Unreachable
from workers.message import Outgoing

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

NAME = "email"

TIMEOUT = 10.0
"""Seconds for each step of the conversation with the mail server."""
TOTAL = 30.0
"""Seconds for all of it: well under the lease, so that nobody takes the message over from a slow server's hands."""
_END_OF_DATA = b"\r\n.\r\n"
_CREDENTIALS = frozenset({530, 534, 535, 538})
"""Authentication required, too weak, failed, needs encryption (RFC 4954): no message is to blame."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server to hand messages to, as `SMTP_URL` names it."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    """Encrypt after connecting (`?starttls=true`)."""
    tls: bool = False
    """Encrypted from the first byte (`smtps://`)."""

    @classmethod
    def parse(cls, url: str) -> Server:
        """`smtp://user:pass@host:587?starttls=true` or `smtps://user:pass@host`. ValueError says what is wrong."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:pass@host:587?starttls=true")
        asked = parse_qs(parts.query).get("starttls", ["false"])[-1].lower()
        tls = parts.scheme == "smtps"
        starttls = not tls and asked in ("true", "1", "yes")
        port = parts.port or (465 if tls else 587 if starttls else 25)
        return cls(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), starttls, tls)


class _Plain(smtplib.SMTP):
    """Remembers whether the end of a message went out, from where on only the server knows its fate, and bounds the whole talk."""

    done = False
    deadline = float("inf")

    def send(self, s: ReadableBuffer | str) -> None:
        super().send(s)
        if isinstance(s, bytes) and s.endswith(_END_OF_DATA):
            self.done = True

    def getreply(self) -> tuple[int, bytes]:
        left = self.deadline - monotonic()
        if self.sock is not None and left < TIMEOUT:
            self.sock.settimeout(max(0.001, left))
        return super().getreply()


class _Encrypted(_Plain, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class Email:
    """Sends through one mail server, one connection per message: a stale connection is a failure one can do without."""

    def __init__(
        self, server: Server, sender: str, *, timeout: float = TIMEOUT, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._tls = tls

    def send(self, message: Outgoing) -> str | None:
        """Hand the message over; returns its Message-ID."""
        try:
            letter = compose(message, self._sender)
        except (ValueError, MessageError) as error:
            raise Permanent("address_invalid") from error
        try:
            connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise _verdict(error, handed_over=False) from None
        try:
            connection.send_message(letter)
        except smtplib.SMTPNotSupportedError:
            # The address is beyond ASCII and the server is not (RFC 6531).
            raise Permanent("address_invalid") from None
        except (smtplib.SMTPException, OSError) as error:
            raise _verdict(error, handed_over=connection.done) from None
        finally:
            _leave(connection)
        return str(letter["Message-ID"])

    def _connect(self) -> _Plain:
        server = self._server
        connection: _Plain
        if server.tls:
            connection = _Encrypted(server.host, server.port, timeout=self._timeout, context=self._tls())
        else:
            connection = _Plain(server.host, server.port, timeout=self._timeout)
        connection.deadline = monotonic() + TOTAL
        try:
            if server.starttls:
                connection.starttls(context=self._tls())
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def compose(message: Outgoing, sender: str) -> EmailMessage:
    """The message as RFC 5322 has it. EmailMessage refuses line breaks in headers, so nothing can add one (ValueError)."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = message.to
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(datetime.now(UTC))
    letter["Message-ID"] = f"<{message.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    # RFC 3834: holiday notices and other robots must not answer.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    if message.html:
        letter.add_alternative(message.html, subtype="html")
    return letter


def build(settings: Settings) -> Email | None:
    """None without SMTP_URL."""
    if not settings.smtp_url:
        return None
    return Email(Server.parse(settings.smtp_url), settings.mail_from)


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye if the server still listens. Whatever happens here, the message's fate is known already."""
    try:
        # What was promised has been kept or broken by now: a server slow to say goodbye does not hold us.
        if connection.sock is not None:
            connection.sock.settimeout(2.0)
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def _verdict(error: Exception, handed_over: bool) -> DeliveryFailed:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _by_code(min(code for code, _ in error.recipients.values()))
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _by_code(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return ChannelPaused("smtp_not_supported")
    if isinstance(error, ssl.SSLCertVerificationError):
        return ChannelPaused("smtp_certificate")
    if handed_over:
        return Ambiguous("smtp_no_reply")
    return Unreachable("smtp_unreachable")


def _by_code(code: int) -> DeliveryFailed:
    if code in _CREDENTIALS:
        return ChannelPaused(f"smtp_{code}")
    return Permanent(f"smtp_{code}") if 500 <= code < 600 else Retryable(f"smtp_{code}")
