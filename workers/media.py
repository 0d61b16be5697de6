"""Files at Twilio: pictures of texts and recordings of voice messages, brought into the record and then deleted there.

The address comes with a signed request, and still nothing but Twilio's own hosts is asked, over https, with an end to its time and size; a
redirect is looked at again, and our credentials go to the API's host alone. What a file is, its first bytes say. Nothing is decoded here.
https://www.twilio.com/docs/messaging/api/media-resource, https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError, SSLError

from agent import attachments, file_kinds
from agent.attachments import LARGEST, VOICEMAIL, Noted, Standing
from agent.clock import Clock
from agent.file_kinds import FileKind
from agent.outbox import Claimed
from agent.settings import Settings
from agent.store import Store, StoreError
from agent.vault import VaultError
from workers import twilio_account
from workers.errand import Errand
from workers.failures import ChannelPaused, Permanent, Retryable, Unreachable

CONNECT, READ, WHOLE = 5.0, 10.0, 25.0
"""Seconds to connect, for one more byte, and for one file altogether. Together shorter than a lease."""
REDIRECTS = 3
UNREADY = 8
"""Attempts after which a recording that is not there will not come: Twilio has it within seconds, and says 404 until then."""
_API = "api.twilio.com"
_HOSTS = re.compile(r"api\.twilio\.com|[a-z0-9-]+(\.[a-z0-9-]+)*\.twiliocdn\.com", re.ASCII)
_RESOURCE = re.compile(r"/2010-04-01/Accounts/AC[0-9a-fA-F]{32}/(Recordings/RE[0-9a-fA-F]{32}|Messages/[SM]M[0-9a-fA-F]{32}/Media/ME[0-9a-fA-F]{32})")
_MOVED = (301, 302, 303, 307, 308)
_GONE = 404
_CHUNK = 65_536
_PLAIN = {"Accept-Encoding": "identity"}


class Blocked(Exception):
    """This file is not taken; the reason in one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Exception):
    """The vendor does not have it."""


class _Nobody(AuthBase):
    """No credentials at all, not even those a machine keeps for a host in a file of its own."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        return request


@dataclass(slots=True)
class Vendor:
    """Twilio's files, as far as we ask for them."""

    user: str
    password: str = field(repr=False)
    base: SplitResult | None = None
    """Where the REST API is, when it is not at its usual host: a region, a test."""
    session: requests.Session = field(default_factory=requests.Session)
    timer: Callable[[], float] = time.monotonic
    whole: float = WHOLE

    def fetch(self, url: str) -> bytes:
        """One file. Raises Blocked, Gone, or a DeliveryFailed."""
        ends, place = self.timer() + self.whole, self._placed(url)
        for _ in range(REDIRECTS + 1):
            if self.timer() > ends:
                raise Retryable("twilio_slow")
            with self._ask("GET", place) as answer:
                if answer.status_code not in _MOVED:
                    return self._body(answer, ends)
                place = urlsplit(urljoin(place.geturl(), answer.headers.get("Location", "")))
            self._check(place)
        raise Blocked("place")

    def forget(self, url: str) -> bool:
        """Have one resource deleted. True also when it was before; False for an address that is none. Raises a DeliveryFailed."""
        place = self._placed(url)
        if not _RESOURCE.fullmatch(place.path) or not self._is_api(place):
            return False
        with self._ask("DELETE", place._replace(path=f"{place.path}.json", query="")) as answer:
            if answer.status_code != _GONE:
                _judge(answer.status_code)
        return True

    def _placed(self, url: str) -> SplitResult:
        """The address, at the host we were told to use for the API."""
        try:
            place = urlsplit(url)
        except ValueError as error:
            raise Blocked("place") from error
        if self.base and place.scheme == "https" and place.netloc == _API:
            place = place._replace(scheme=self.base.scheme, netloc=self.base.netloc)
        self._check(place)
        return place

    def _check(self, place: SplitResult) -> None:
        if not (self._is_api(place) or (place.scheme == "https" and _HOSTS.fullmatch(place.netloc.lower()))):
            raise Blocked("place")

    def _is_api(self, place: SplitResult) -> bool:
        ours = (self.base.scheme, self.base.netloc) if self.base else ("https", _API)
        return (place.scheme, place.netloc) == ours

    def _ask(self, method: str, place: SplitResult) -> requests.Response:
        auth: AuthBase = HTTPBasicAuth(self.user, self.password) if self._is_api(place) else _Nobody()
        try:
            return self.session.request(
                method, place.geturl(), auth=auth, headers=_PLAIN, stream=True, allow_redirects=False, timeout=(CONNECT, READ)
            )
        except requests.exceptions.SSLError:
            raise ChannelPaused("twilio_certificate") from None
        except requests.ConnectionError:
            raise Unreachable("twilio_unreachable") from None
        except requests.RequestException:
            raise Retryable("twilio_no_reply") from None

    def _body(self, answer: requests.Response, ends: float) -> bytes:
        if answer.status_code == _GONE:
            raise Gone
        _judge(answer.status_code)
        declared = answer.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > LARGEST:
            raise Blocked("size")
        content = bytearray()
        try:
            while chunk := answer.raw.read1(_CHUNK):
                content += chunk
                if len(content) > LARGEST:
                    raise Blocked("size")
                if self.timer() > ends:
                    raise Retryable("twilio_slow")
        except SSLError:
            raise ChannelPaused("twilio_certificate") from None
        except (HTTPError, OSError):
            raise Retryable("twilio_broke_off") from None
        if declared.isdigit() and len(content) < int(declared):
            raise Retryable("twilio_broke_off")
        return bytes(content)


@dataclass(slots=True)
class Fetch:
    """Brings one file into the record. Whatever is done twice has one effect."""

    store: Store
    clock: Clock
    vendor: Vendor

    def run(self, claimed: Claimed) -> str | None:
        """Raises a DeliveryFailed."""
        noted = _noted(self.store, claimed)
        if noted is None or noted.standing != Standing.COMING:
            return None
        try:
            content = self.vendor.fetch(f"{noted.url}.wav" if noted.kind == VOICEMAIL else noted.url)
            kind = file_kinds.recognised(content)
            if kind is None or kind.voice != (noted.kind == VOICEMAIL):
                raise Blocked("kind")
        except Blocked as blocked:
            self._refuse(noted, Standing.BLOCKED, blocked.reason, claimed)
        except Gone:
            if claimed.attempt < UNREADY:
                raise Retryable("twilio_404") from None
            self._refuse(noted, Standing.LOST, "gone", claimed)
            raise Permanent("twilio_404") from None
        else:
            self._keep(noted, content, kind, claimed)
        return None

    def abandon(self, claimed: Claimed, code: str) -> None:
        """It was tried for as long as anything is: say so where it is looked for."""
        noted = _noted(self.store, claimed)
        if noted is not None:
            self._refuse(noted, Standing.LOST, code, claimed)

    def _keep(self, noted: Noted, content: bytes, kind: FileKind, claimed: Claimed) -> None:
        try:
            with self.store.transaction() as session:
                attachments.keep(session, noted.id, content, kind, claimed.reference, self.clock())
        except StoreError:
            raise Retryable("database") from None

    def _refuse(self, noted: Noted, standing: Standing, reason: str, claimed: Claimed) -> None:
        try:
            with self.store.transaction() as session:
                attachments.refuse(session, noted.id, standing, reason, claimed.reference, self.clock())
        except StoreError:
            raise Retryable("database") from None


@dataclass(slots=True)
class Forget:
    """Has Twilio delete its copy of one file."""

    store: Store
    clock: Clock
    vendor: Vendor

    def run(self, claimed: Claimed) -> str | None:
        """Raises a DeliveryFailed. What is not there any more is deleted."""
        noted = _noted(self.store, claimed)
        if noted is None or noted.forgotten:
            return None
        try:
            done = self.vendor.forget(noted.url)
        except Blocked:
            done = False
        if not done:
            raise Permanent("not_deletable")
        try:
            with self.store.transaction() as session:
                attachments.forgotten(session, noted.id, self.clock())
        except StoreError:
            raise Retryable("database") from None
        return None

    def abandon(self, claimed: Claimed, code: str) -> None:
        """The task of the dead letter says it: a person deletes it at Twilio."""


def errands(store: Store, clock: Clock, settings: Settings) -> Mapping[str, Errand]:
    """Who carries which kind of row; nobody, where there is no account to ask with."""
    if not settings.sends_texts:
        return {}
    user, password = twilio_account.credentials(settings)
    base = urlsplit(settings.twilio_api_base_url) if settings.twilio_api_base_url else None
    vendor = Vendor(user, password, base)
    return {attachments.FETCH: Fetch(store, clock, vendor), attachments.FORGET: Forget(store, clock, vendor)}


def _noted(store: Store, claimed: Claimed) -> Noted | None:
    try:
        with store.reading() as session:
            return attachments.noted(session, claimed.payload["attachment"])
    except StoreError:
        raise Retryable("database") from None
    except VaultError:
        raise Permanent("unreadable") from None


def _judge(status: int) -> None:
    if status < 300:
        return
    code = f"twilio_{status}"
    if status in (401, 403):
        raise ChannelPaused(code)
    raise Retryable(code) if status == 429 or status >= 500 else Permanent(code)
