"""Twilio's side of the line: signs requests as Twilio does, and follows TwiML the way a call does.

The demo, the benchmarks and the tests are clients of the same doors as a telephone. It works against a running server, or against anything that
takes a signed form, and knows nothing of our code. What Twilio would refuse fails an assertion.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from twilio.request_validator import RequestValidator

LINE = "+16145550142"


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes

    @property
    def document(self) -> Element:
        """The TwiML. Fails on what Twilio could not read."""
        assert self.status == 200, self.status
        assert self.content_type.startswith("text/xml"), self.content_type
        assert len(self.body) <= 64 * 1024, len(self.body)
        root = ElementTree.fromstring(self.body)
        assert root.tag == "Response"
        return root  # type: ignore[no-any-return]

    @property
    def texts(self) -> list[str]:
        """Bodies of the <Message>s."""
        return ["".join(message.itertext()) for message in self.document.findall("Message")]


class Transport(Protocol):
    """Posts a form to a path of the server."""

    def __call__(self, target: str, body: bytes, headers: Mapping[str, str]) -> Answered: ...


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def over_http(server: str, timeout: float = 30) -> Transport:
    """Real sockets. `server` is where it listens, such as `http://127.0.0.1:8000`."""
    opener = build_opener(_NoRedirect)

    def post(target: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        request = Request(server + target, body, dict(headers), method="POST")  # noqa: S310  # the server we were told to talk to
        try:
            with opener.open(request, timeout=timeout) as response:
                return Answered(response.status, response.headers.get("Content-Type", ""), response.read())
        except HTTPError as error:
            with error:
                return Answered(error.code, error.headers.get("Content-Type", ""), error.read())

    return post


@dataclass
class Twilio:
    """An account that signs what it posts."""

    transport: Transport
    token: str
    public_url: str
    """The base address as entered in the console; what is signed."""
    account: str = "AC" + "0" * 32

    def post(self, target: str, fields: Mapping[str, str] | list[tuple[str, str]], *, signature: str | None = None, **headers: str) -> Answered:
        """Post a form, signed unless `signature` says otherwise (empty: no header at all)."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
        if signature is None:
            signature = self.sign(self.public_url + target, pairs)
        sent = {"Content-Type": "application/x-www-form-urlencoded", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if signature:
            sent["X-Twilio-Signature"] = signature
        return self.transport(target, urlencode(pairs).encode(), sent)

    def sign(self, url: str, pairs: list[tuple[str, str]]) -> str:
        """X-Twilio-Signature of a form posted to `url`."""
        return str(RequestValidator(self.token).compute_signature(url, _Fields(pairs)))

    def text(self, body: str, from_: str = "+14155550101", to: str = LINE, sid: str | None = None, **more: str) -> Answered:
        """A text comes in."""
        return self.post("/twilio/sms", self.text_fields(body, from_, to, sid, **more))

    def text_fields(self, body: str, from_: str = "+14155550101", to: str = LINE, sid: str | None = None, **more: str) -> dict[str, str]:
        """The fields Twilio sends with a text."""
        sid = sid or "SM" + secrets.token_hex(16)
        ids = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.account, "ApiVersion": "2010-04-01"}
        fixed = {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "FromCountry": "US"}
        return {**ids, **fixed, "From": from_, "To": to, "Body": body, **more}


class _Fields:
    """A form with repeated names, as the signer reads it."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[str]:
        return iter(name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


_PICKED_UP = {"accept": "1", "decline": "2", "voicemail": "", "too-late": "1"}
"""What is pressed after the whisper, where somebody or something answers."""


def nobody_picks_up(number: str) -> str:
    """A desk at night."""
    return "no-answer"


@dataclass
class PhoneCall:
    """One call, from ringing to hanging up. `say`, `press`, `silence` are what the caller does while we listen."""

    twilio: Twilio
    from_: str = "+14155550101"
    to: str = LINE
    person: Callable[[str], str] = nobody_picks_up
    """What happens when a number is rung: `no-answer`, `busy`, `failed`, `voicemail` (a machine answers), `accept`, `decline` (another key),
    `hangs-up` (the caller does, while it rings), or `too-late` (somebody accepts when the caller has just hung up)."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Fields of every request, such as `ForwardedFrom`."""
    stream: Callable[[PhoneCall, Element], bool] | None = None
    """What happens on a <Connect><Stream>, until it is closed; True when the caller hung up there."""
    streams: int = 0
    recorded: bool = False
    """A voicemail was begun."""
    leaves: Callable[[], str] = lambda: "RE" + secrets.token_hex(16)
    """What is said after the tone, as the RecordingSid Twilio gives it; empty for silence."""
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    heard: list[str] = field(default_factory=list)
    """Everything said to the caller, in order."""
    rung: list[str] = field(default_factory=list)
    """Numbers dialled."""
    whispered: list[str] = field(default_factory=list)
    """Everything said to who picked up, before they were joined."""
    gather: Element | None = None
    """What the call is waiting in; None once it is over."""
    over: bool = False
    requests: int = 0
    _at: str = ""
    _rest: Iterator[Element] = field(default_factory=lambda: iter(()))

    def dial(self) -> PhoneCall:
        """The call comes in."""
        self._fetch("/twilio/voice", {"CallStatus": "ringing"})
        return self

    def say(self, words: str, confidence: float = 0.9) -> str:
        """Say something; what is said back."""
        return self._answer({"SpeechResult": words, "Confidence": str(confidence), "Language": self._attribute("language")})

    def press(self, keys: str) -> str:
        """Press keys; those past the expected number are never sent, like `#`."""
        most = self._attribute("numDigits")
        return self._answer({"Digits": keys.rstrip(self._attribute("finishOnKey") or "#")[: int(most) if most else None]})

    def silence(self) -> str:
        """Say nothing until the time is up."""
        if self._attribute("actionOnEmptyResult") == "true":
            return self._answer({})
        before = len(self.heard)
        self.gather = None
        self._follow()
        return self._since(before)

    def hang_up(self) -> None:
        """The caller is gone; Twilio tells the status address."""
        if not self.over:
            self.over, self.gather = True, None
        self.twilio.post("/twilio/status/call", {**self._fields(), "CallStatus": "completed", "CallDuration": "60"})

    @property
    def hints(self) -> list[str]:
        """What the recogniser was told to expect."""
        return self._attribute("hints").split(",")

    @property
    def last(self) -> str:
        """What was said last."""
        return self.heard[-1] if self.heard else ""

    def _answer(self, fields: Mapping[str, str]) -> str:
        assert self.gather is not None, "nobody is listening"
        action, before = self._attribute("action") or self._at, len(self.heard)
        self.gather = None
        self._fetch(action, fields)
        return self._since(before)

    def _since(self, before: int) -> str:
        return " ".join(self.heard[before:])

    def _attribute(self, name: str) -> str:
        return self.gather.get(name, "") if self.gather is not None else ""

    def _fields(self) -> dict[str, str]:
        numbers = {"From": self.from_, "Caller": self.from_, "To": self.to, "Called": self.to}
        return {"CallSid": self.sid, "AccountSid": self.twilio.account, "Direction": "inbound", "ApiVersion": "2010-04-01", **numbers, **self.more}

    def _fetch(self, url: str, fields: Mapping[str, str]) -> None:
        """Get the next document and play it."""
        self.requests += 1
        assert self.requests < 400, "the call goes round in circles"
        self._at = urljoin(self._at, url) if self._at else urljoin(self.twilio.public_url, url)
        answered = self.twilio.post(self._target(self._at), {**self._fields(), "CallStatus": "in-progress", **fields})
        if answered.status != 200:
            assert "fallback" not in self._at, f"the fallback answered {answered.status}"
            failed, self._at = self._at, ""
            return self._fetch("/twilio/voice/fallback", {"ErrorCode": "11200", "ErrorUrl": failed})
        self._rest = iter(answered.document)
        return self._follow()

    def _follow(self) -> None:
        """Play verbs until one waits for the caller, leads elsewhere, or there is none left, which ends the call."""
        for verb in self._rest:
            if verb.tag == "Gather":
                self._hear(verb)
                self.gather = verb
                return None
            if verb.tag == "Redirect":
                return self._fetch((verb.text or "").strip(), {})
            if verb.tag == "Dial":
                return self._ring(verb)
            if verb.tag == "Connect":
                if self._streamed(verb):
                    return self.hang_up()
                continue
            if verb.tag == "Record":
                self.recorded = True
                if not (recording := self.leaves()):
                    continue
                return self._fetch(verb.get("action", ""), {"RecordingSid": recording, "RecordingDuration": "4"})
            if verb.tag in ("Hangup", "Reject"):
                break
            self._hear(verb)
        self.over = True
        return None

    def _hear(self, verb: Element) -> None:
        for spoken in itertools.chain([verb], verb):
            if spoken.tag == "Say":
                text = "".join(spoken.itertext())
                assert 0 < len(text) <= 4096
                self.heard.append(text)

    def _streamed(self, verb: Element) -> bool:
        assert self.stream is not None, "nobody talks on streams here"
        self.streams += 1
        assert self.streams < 60, "the call goes from stream to stream"
        return self.stream(self, verb)

    def _ring(self, dial: Element) -> None:
        noun = dial.find("Number")
        number = (noun.text if noun is not None else dial.text) or ""
        self.rung.append(number)
        happened = self.person(number)
        joined = happened == "accept"
        if happened in _PICKED_UP and noun is not None and noun.get("url"):
            joined = self._offered(noun.get("url", ""), _PICKED_UP[happened], leave=happened == "too-late")
        elif happened == "voicemail":
            joined = True
        if happened == "hangs-up":
            self.hang_up()
        status = "completed" if happened in _PICKED_UP else "no-answer" if happened == "hangs-up" else happened
        result = {"DialCallStatus": status, "DialCallSid": "CA" + secrets.token_hex(16), "DialBridged": str(joined).lower()}
        action = dial.get("action")
        if self.over and action:
            # Twilio tells how it ended, and reads no answer: nobody is there to hear one.
            self.twilio.post(self._target(urljoin(self._at, action)), {**self._fields(), "CallStatus": "completed", **result})
            return None
        return self._fetch(action, result) if action else self._follow()

    def _offered(self, url: str, key: str, *, leave: bool) -> bool:
        """Play the document for who picked up; whether the two are joined."""
        leg = {**self._fields(), "CallSid": "CA" + secrets.token_hex(16), "ParentCallSid": self.sid, "CallStatus": "in-progress"}
        document = self._whisper(url, leg)
        if leave:
            self.hang_up()
        for verb in document:
            if verb.tag == "Gather" and key:
                document = self._whisper(verb.get("action", ""), {**leg, "Digits": key})
                return document.find("Hangup") is None
            if verb.tag == "Hangup":
                return False
        return True

    def _whisper(self, url: str, leg: Mapping[str, str]) -> Element:
        document = self.twilio.post(self._target(url), leg).document
        self.whispered += ["".join(spoken.itertext()) for spoken in document.iter("Say")]
        return document

    def _target(self, url: str) -> str:
        absolute = urljoin(self.twilio.public_url, url)
        assert absolute.startswith(self.twilio.public_url), f"{absolute} is not ours"
        parts = urlsplit(absolute)
        return parts.path + (f"?{parts.query}" if parts.query else "")
