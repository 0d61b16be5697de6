"""Texts by Twilio's REST API.

Twilio has no idempotency key for messages, so a request whose answer was lost may or may not have been a text. Before any second
attempt we list what went to that number and look for our own words; what is found is not sent again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import requests
from requests.auth import AuthBase
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from agent.delivery_status import OUTBOX_ID
from agent.settings import Settings
from workers import twilio_account
from workers.failures import Ambiguous, ChannelPaused, DeliveryFailed, OptedOut, Permanent, Retryable, Unreachable
from workers.message import Outgoing

NAME = "sms"

TIMEOUT = 10.0
"""Seconds to connect, and again to answer. The library's own default is to wait for ever."""
LONGEST = 1600
"""Characters Twilio takes in one message (error 21617)."""
_NOT_SENT = frozenset({"failed", "undelivered", "canceled"})
_LOOK_BACK = 50
"""Messages to one number looked through, newest first. A clinic sends one person far fewer in the hours a retry may take."""


class _Api(TwilioHttpClient):  # type: ignore[misc]  # its package is skipped by the type checker (pyproject.toml)
    """The vendor's HTTP client with timeouts, without its retries (a repeated POST is a repeated text), and to the host asked for."""

    def __init__(self, base_url: str | None, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self._base = urlsplit(base_url) if base_url else None

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | AuthBase | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self._base:
            url = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        answer = super().request(method, url, params, data, headers, auth, timeout, allow_redirects)
        # It keeps the last request for its own tests: somebody's number and words, in memory for no reason.
        self._test_only_last_request = None
        return answer


class Sms:
    """Sends from one number or one messaging service."""

    def __init__(self, client: Client, sender: Mapping[str, str], callback: str | None = None) -> None:
        """`sender` is `{"from_": number}` or `{"messaging_service_sid": sid}`; `callback` hears of the delivery, and of which row:
        its report may be here before the answer to our request, which has the MessageSid."""
        self._client = client
        self._sender = dict(sender)
        self._callback = callback

    def send(self, message: Outgoing) -> str | None:
        """Send one text; the MessageSid."""
        if len(message.text) > LONGEST:
            raise Permanent("text_too_long")
        try:
            if message.again and (sid := self._sent_before(message)):
                return sid
        except (TwilioException, requests.RequestException) as error:
            verdict = _verdict(error)
            # Looking changes nothing, so a lost answer leaves us where we were: ask again before sending.
            raise Retryable(verdict.code) if isinstance(verdict, (Ambiguous, Permanent)) else verdict from None
        try:
            sent = self._client.messages.create(
                to=message.to,
                body=message.text,
                # Look-alikes of GSM-7 characters ("smart" quotes) would halve the room in a part.
                smart_encoded=True,
                **({"status_callback": f"{self._callback}?{urlencode({OUTBOX_ID: message.id})}"} if self._callback else {}),
                **self._sender,
            )
        except (TwilioException, requests.RequestException) as error:
            raise _verdict(error) from None
        return str(sent.sid)

    def _sent_before(self, message: Outgoing) -> str | None:
        """The MessageSid of an attempt whose answer we never read."""
        # Not filtered by date: DateSent is empty while Twilio still has the message in its queue.
        for known in self._client.messages.list(to=message.to, limit=_LOOK_BACK):
            # Twilio's dates have whole seconds; a minute allows for its clock.
            older = message.created and known.date_created and known.date_created < message.created - timedelta(minutes=1)
            # "in": trial accounts put a sentence of their own in front.
            if not older and message.text in (known.body or "") and str(known.status) not in _NOT_SENT:
                return str(known.sid)
        return None


def build(settings: Settings) -> Sms | None:
    """None without an account and something to send from."""
    if not settings.sends_texts:
        return None
    sid, service = settings.twilio_account_sid, settings.twilio_messaging_service_sid
    user, password = twilio_account.credentials(settings)
    sender = {"messaging_service_sid": service} if service else {"from_": settings.twilio_from}
    client = Client(user, password, sid, http_client=_Api(settings.twilio_api_base_url, TIMEOUT))
    # Twilio refuses a callback it cannot reach (21609), and a first run is not reachable.
    public = settings.public_base_url.startswith("https://")
    return Sms(client, sender, f"{settings.public_base_url}/twilio/status/message" if public else None)


def _read_verdicts() -> Mapping[int, type[DeliveryFailed]]:
    table = tomllib.loads(Path(__file__).with_name("sms_verdicts.toml").read_text("utf-8"))
    kinds: Mapping[str, type[DeliveryFailed]] = {"opted_out": OptedOut, "final": Permanent, "again": Retryable, "paused": ChannelPaused}
    return {code: kinds[kind] for kind, codes in table.items() for code in codes}


_VERDICTS = _read_verdicts()


def _verdict(error: Exception) -> DeliveryFailed:
    """What a failed request means. Nothing of the vendor's message is kept: it quotes the number."""
    if isinstance(error, TwilioRestException):
        return _by_status(error.status, error.code)
    if isinstance(error, TwilioException):
        return Retryable("twilio_unreadable")
    if isinstance(error, requests.exceptions.SSLError):
        return ChannelPaused("twilio_certificate")
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Unreachable("twilio_unreachable")
    return Ambiguous("twilio_no_reply")


def _by_status(status: int, code: int | None) -> DeliveryFailed:
    name = f"twilio_{code or status}"
    if (kind := _VERDICTS.get(code or 0)) is not None:
        return kind(name)
    if status in (401, 403):
        return ChannelPaused(name)
    return Retryable(name) if status == 429 or status >= 500 else Permanent(name)


def _never_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError, NameResolutionError))
