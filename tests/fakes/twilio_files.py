"""Twilio's files on loopback, in the vendor's own protocol: recordings as WAV, media by a redirect to a CDN, both deleted by their JSON resource.

https://www.twilio.com/docs/voice/api/recording, https://www.twilio.com/docs/messaging/api/media-resource
"""

from __future__ import annotations

import io
import re
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from requests.adapters import HTTPAdapter

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(2000)
PDF = b"%PDF-1.7\n" + b"x" * 500
CDN = "https://mms.twiliocdn.com"

HANG_HALFWAY = "hang_halfway"
"""Send half of the file and then nothing more."""
BREAK_OFF = "break_off"
"""Send half of the file and close."""
DELETE_AND_HANG = "delete_and_hang"
"""Delete it and answer nothing."""

_RECORDING = re.compile(r"(/2010-04-01/Accounts/AC[0-9a-f]{32}/Recordings/RE[0-9a-f]{32})(\.wav|\.json)")
_MEDIA = re.compile(r"(/2010-04-01/Accounts/AC[0-9a-f]{32}/Messages/[SM]M[0-9a-f]{32}/Media/ME[0-9a-f]{32})(\.json)?")


@dataclass
class TwilioFiles:
    """The files an account has, and what is answered to the next requests."""

    account: str
    kept: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """Resource path to content and type."""
    script: list[str | int | None] = field(default_factory=list)
    """What happens at the next requests for files: one of the words above, an HTTP status, or None for nothing out of the ordinary."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path."""
    cdn: str | None = None
    """Where media are redirected to; None: they are sent by the API's host itself."""
    released: threading.Event = field(default_factory=threading.Event)
    _number: int = 0

    def recording(self, content: bytes) -> str:
        """Somebody left a message; the RecordingSid."""
        self._number += 1
        sid = f"RE{self._number:032x}"
        self.kept[f"/2010-04-01/Accounts/{self.account}/Recordings/{sid}"] = (content, "audio/x-wav")
        return sid

    def media(self, content: bytes, media_type: str = "image/jpeg") -> str:
        """Something came with a text; its MediaUrl, as the webhook has it."""
        self._number += 1
        path = f"/2010-04-01/Accounts/{self.account}/Messages/MM{self._number:032x}/Media/ME{self._number:032x}"
        self.kept[path] = (content, media_type)
        return f"https://api.twilio.com{path}"

    def has(self, sid_or_url: str) -> bool:
        """Whether it is still there."""
        return any(path.endswith(sid_or_url.rpartition("/")[2]) for path in self.kept)

    def answer(self, handler: BaseHTTPRequestHandler, path: str) -> bool:
        """Answer a request for a file; False when it is for something else."""
        found = _RECORDING.fullmatch(path) or _MEDIA.fullmatch(path)
        if found is None:
            return False
        self.asked.append((handler.command, path))
        resource, form = found[1], found[2] or ""
        told = self.script.pop(0) if self.script else None
        if isinstance(told, int):
            _refuse(handler, told)
        elif resource not in self.kept:
            _refuse(handler, 404)
        elif handler.command == "DELETE" and form == ".json":
            self._delete(handler, resource, told)
        elif handler.command == "GET" and form != ".json":
            self._send(handler, resource, told)
        else:
            _refuse(handler, 405)
        return True

    def _delete(self, handler: BaseHTTPRequestHandler, resource: str, told: str | None) -> None:
        if told != HANG_HALFWAY:
            del self.kept[resource]
        if told in (HANG_HALFWAY, DELETE_AND_HANG):
            self.released.wait(60)
            handler.close_connection = True
            return
        handler.send_response(204)
        handler.end_headers()

    def _send(self, handler: BaseHTTPRequestHandler, resource: str, told: str | None) -> None:
        content, media_type = self.kept[resource]
        if self.cdn and "/Media/" in resource:
            handler.send_response(307)
            handler.send_header("Location", f"{self.cdn}{resource}?Expires=1&Signature=s")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if told is None:
            handler.wfile.write(content)
            return
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        if told == HANG_HALFWAY:
            self.released.wait(60)
        handler.close_connection = True


class QuietServer(ThreadingHTTPServer):
    """Says nothing about clients that hang up, which is what some tests are about."""

    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """Say nothing."""


def _refuse(handler: BaseHTTPRequestHandler, status: int) -> None:
    body = b'{"code": 20404, "message": "The requested resource was not found", "more_info": "", "status": 404}'
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def a_wav(seconds: float = 1.0, samples: bytes | None = None) -> bytes:
    """A recording as Twilio gives it: 8 kHz, 16 bits, one channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples if samples is not None else bytes(round(seconds * 16_000)))
    return out.getvalue()


@dataclass
class Cdn:
    """Another host of Twilio's: it knows no credentials, and remembers whether it was shown any."""

    files: TwilioFiles
    url: str = ""
    shown: list[str | None] = field(default_factory=list)
    """`Authorization` of each request."""
    elsewhere: str | None = None
    """Where it redirects to, when it does."""


@contextmanager
def cdn(files: TwilioFiles) -> Iterator[Cdn]:
    """A running CDN for the media of `files`."""
    made = Cdn(files)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            made.shown.append(self.headers.get("Authorization"))
            if made.elsewhere:
                self.send_response(302)
                self.send_header("Location", made.elsewhere)
                self.end_headers()
                return
            content, media_type = files.kept[self.path.partition("?")[0]]
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(content)

    server = QuietServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    files.cdn = CDN
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


class _Here(HTTPAdapter):
    """Connects to a host of Twilio's on loopback, without TLS."""

    def __init__(self, host: str, here: str) -> None:
        super().__init__()
        self._host, self._here = host, here

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace(self._host, self._here, 1)
        return super().send(request, *args, **kwargs)


def session_to(made: Cdn) -> requests.Session:
    """A session for which the CDN's host is that CDN."""
    session = requests.Session()
    session.mount(CDN, _Here(CDN, made.url))
    return session
