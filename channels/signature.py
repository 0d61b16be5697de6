"""The guard of every Twilio door: who signed this request?

The signature is HMAC-SHA1 with the account's Auth Token over the public address and the form's fields, sorted
(https://www.twilio.com/docs/usage/security#validating-requests). It proves the source, not the freshness: an old request
may be replayed, which changes nothing because message ids are remembered.

Twilio's own validator is used to compute signatures and not to compare them: it raises on a missing header, compares
a JSON body only when asked nicely, and loses IPv6 hosts and passwords when it takes ports off.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote, urlsplit

from flask import Request, Response, request
from twilio.request_validator import HMAC_SHA1, RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)

HEADER = "X-Twilio-Signature"
_LENGTH = 28
"""Characters of a base64 SHA-1 digest. Anything else cannot be a signature and is not worth a hash."""
_FORM = "application/x-www-form-urlencoded"
_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)

Fields: TypeAlias = "MultiDict[str, str]"


class Guard:
    """Checks requests against the Auth Tokens: two while one is being replaced, none where there is no Twilio account."""

    def __init__(self, tokens: Sequence[str], base_url: str) -> None:
        """`base_url` is the address as entered in Twilio's console. Host and forwarding headers are the sender's to
        choose, so they are never read."""
        self._validators = tuple(RequestValidator(token) for token in tokens if token)
        self._base_url = base_url.rstrip("/")

    def form_request(self) -> Response | None:
        """For `before_request` of a blueprint of form routes: None to go on, or 403 with nothing in it."""
        return self._refuse_unless(self._signed_form)

    def json_request(self) -> Response | None:
        """The same for routes that take JSON: the address carries the body's SHA-256."""
        return self._refuse_unless(self._signed_json)

    def is_signed(self, url: str, fields: Fields | None, signature: str | None) -> bool:
        """Whether one of the tokens signed `url` and `fields`. Never raises. The algorithm is ours to choose: a header
        that names another one is not read."""
        if signature is None or len(signature) != _LENGTH or not signature.isascii():
            return False
        given = signature.encode("ascii")
        try:
            expected = (v.compute_signature(form, fields, HMAC_SHA1) for v in self._validators for form in _with_and_without_port(url))
            return any(hmac.compare_digest(given, candidate.encode("ascii")) for candidate in expected)
        except (UnicodeEncodeError, ValueError):
            return False

    def is_signed_body(self, url: str, body: bytes, signature: str | None) -> bool:
        """Whether one of the tokens signed `url`, and `body` is the one whose hash the address carries."""
        hashes = parse_qs(urlsplit(url).query).get("bodySHA256", [])
        if len(hashes) != 1 or not hashes[0].isascii():
            return False
        same = hmac.compare_digest(hashlib.sha256(body).hexdigest().encode("ascii"), hashes[0].lower().encode("ascii"))
        return self.is_signed(url, None, signature) and same

    def is_signed_socket(self, target: str, signature: str | None) -> bool:
        """Whether the handshake of a Media Streams socket is signed: always over the wss address, with or without a
        slash at its end (Twilio does either)."""
        bare = "ws" + (self._base_url + target).removeprefix("http").rstrip("/")
        return any(self.is_signed(form, None, signature) for form in (bare, bare + "/"))

    def url_of(self, received: Request) -> str:
        """The address Twilio signed: our configured base and the path and query exactly as they came."""
        return self._base_url + target_of(received)

    def _refuse_unless(self, signed: Callable[[], bool]) -> Response | None:
        if signed():
            return None
        return Response(status=403)

    def _signed_form(self) -> bool:
        if not self._worth_reading() or request.mimetype != _FORM:
            return False
        try:
            fields = request.form
        except HTTPException:
            # Too large or cut short: whatever it is, nobody we know has signed it.
            log.warning("refused a request whose form could not be read", extra={"endpoint": request.endpoint})
            return False
        if self.is_signed(self.url_of(request), fields, request.headers.get(HEADER)):
            return True
        log.warning("refused a request with a wrong signature", extra={"endpoint": request.endpoint, "fields": _names(fields)})
        return False

    def _signed_json(self) -> bool:
        if not self._worth_reading() or not request.is_json:
            return False
        try:
            body = request.get_data(cache=True)
        except HTTPException:
            log.warning("refused a request whose body could not be read", extra={"endpoint": request.endpoint})
            return False
        return self.is_signed_body(self.url_of(request), body, request.headers.get(HEADER))

    def _worth_reading(self) -> bool:
        """False without reading the body: unsigned, or nobody to check it against."""
        signature = request.headers.get(HEADER)
        return bool(self._validators) and signature is not None and len(signature) == _LENGTH


def target_of(received: Request) -> str:
    """Path and query as they were on the wire. Servers hand the decoded path over; the raw line is beside it."""
    environ: dict[str, Any] = received.environ
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if raw.startswith("/"):
        return str(raw).partition("#")[0]
    path = quote(received.root_path.rstrip("/") + received.path, safe="/:@!$&'()*+,;=~-._")
    query = received.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Both forms Twilio may have signed, the one as configured first: it keeps the port for plain texts and drops it for calls over
    https. The rest of the address stays byte for byte, and a name and password in it are never signed."""
    scheme, _, rest = url.partition("://")
    end = re.search(r"[/?#]|$", rest)
    at = end.start() if end else len(rest)
    host, tail = rest[:at].rpartition("@")[2], rest[at:]
    bare, colon, port = host.rpartition(":")
    forms = (host, bare) if colon and port.isdigit() else (host, f"{host}:{_PORTS.get(scheme, 443)}")
    return tuple(f"{scheme}://{form}{tail}" for form in forms)


def _names(fields: Fields) -> list[str]:
    """Names of fields, to find out what a proxy added. The sender chose them, so only what looks like a name is kept."""
    return sorted(name for name in set(fields) if _NAME.fullmatch(name))[:60]
