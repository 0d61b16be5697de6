"""Twilio's REST API for messages and files on loopback, in the vendor's own protocol: form-encoded POST, paged GET, basic auth, error JSON.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.twilio_files import QuietServer, TwilioFiles

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-tests"
_MESSAGES = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages\.json")

HANG_BEFORE = "hang_before"
"""Take the request, send nothing, answer nothing."""
HANG_AFTER = "hang_after"
"""Send the text, answer nothing."""


@dataclass(frozen=True)
class Refusal:
    """An error answer."""

    status: int
    code: int
    message: str = "refused"


@dataclass
class TwilioApi:
    """The texts it sent, and what it answers to the next requests."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    """Message resources, oldest first."""
    script: list[str | Refusal] = field(default_factory=list)
    """Answers to the next POSTs, each used once."""
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and fields of everything asked."""
    accounts: dict[str, str] = field(default_factory=lambda: {ACCOUNT: TOKEN})
    """User to password: account SIDs with tokens, API keys with secrets."""
    files: TwilioFiles = field(default_factory=lambda: TwilioFiles(ACCOUNT))
    """Recordings and media."""
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def bodies(self) -> list[str]:
        return [message["body"] for message in self.sent]

    def wait_for_posts(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many texts were asked for."""
        deadline = time.monotonic() + seconds
        while sum(method == "POST" for method, _, _ in self.requests) < count:
            assert time.monotonic() < deadline, "Twilio was not asked"
            time.sleep(0.02)

    def create(self, account: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer one POST."""
        if not fields.get("To"):
            return _error(400, 21604, "A 'To' phone number is required.")
        if not (fields.get("From") or fields.get("MessagingServiceSid")):
            return _error(400, 21603, "A 'From' phone number is required.")
        if not fields.get("Body"):
            return _error(400, 21602, "Message body is required.")
        if len(fields["Body"]) > 1600:
            return _error(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        now = format_datetime(datetime.now(UTC))
        message: dict[str, Any] = {
            "sid": f"SM{len(self.sent) + 1:032x}",
            "account_sid": account,
            "to": fields["To"],
            "from": fields.get("From"),
            "messaging_service_sid": fields.get("MessagingServiceSid"),
            "body": fields["Body"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{account}/Messages/x.json",
            "subresource_uris": {},
        }
        self.sent.append(message)
        return 201, message

    def listing(self, account: str, query: dict[str, str]) -> dict[str, Any]:
        """Answer one GET of the list: newest first, filtered by To, From and DateSent, in one page."""
        rows = [row for row in reversed(self.sent) if query.get("To", row["to"]) == row["to"] and query.get("From", row["from"]) == row["from"]]
        if any(key.startswith("DateSent") for key in query):
            rows = [row for row in rows if row["date_sent"]]
        size = int(query.get("PageSize", "50"))
        path = f"/2010-04-01/Accounts/{account}/Messages.json"
        return {
            "messages": rows[:size],
            "page": 0,
            "page_size": size,
            "start": 0,
            "end": max(0, len(rows[:size]) - 1),
            "uri": path,
            "first_page_uri": path,
            "next_page_uri": None,
            "previous_page_uri": None,
        }


def _error(status: int, code: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: TwilioApi

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle({key: values[-1] for key, values in parse_qs(urlsplit(self.path).query).items()})

    def do_DELETE(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        assert self.headers.get_content_type() == "application/x-www-form-urlencoded"
        self._handle({key: values[-1] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()})

    def _handle(self, fields: dict[str, str]) -> None:
        api = self.api
        path = urlsplit(self.path).path
        api.requests.append((self.command, path, fields))
        found = _MESSAGES.fullmatch(path)
        if not self._known():
            self._reply(*_error(401, 20003, "Authenticate"))
        elif found is None:
            if not api.files.answer(self, path):
                self._reply(*_error(404, 20404, "The requested resource was not found"))
        elif self.command == "GET":
            self._reply(200, api.listing(found[1], fields))
        else:
            self._create(found[1], fields)

    def _create(self, account: str, fields: dict[str, str]) -> None:
        told = self.api.script.pop(0) if self.api.script else None
        if isinstance(told, Refusal):
            self._reply(*_error(told.status, told.code, told.message))
            return
        answer = None if told == HANG_BEFORE else self.api.create(account, fields)
        if told in (HANG_BEFORE, HANG_AFTER):
            self.api.released.wait(60)
            self.close_connection = True
        elif answer:
            self._reply(*answer)

    def _known(self) -> bool:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        user, _, password = base64.b64decode(given).decode().partition(":") if scheme == "Basic" else ("", "", "")
        return bool(password) and self.api.accounts.get(user) == password

    def _reply(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def twilio_api(**told: Any) -> Iterator[TwilioApi]:
    """A running API; `told` are fields of TwilioApi."""
    api = TwilioApi(**told)
    server = QuietServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        api.released.set()
        api.files.released.set()
        server.shutdown()
        server.server_close()
