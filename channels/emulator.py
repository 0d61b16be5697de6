"""Twilio, as our doors see it: signs requests, follows TwiML, and is strict about what it gets.

The demo, the benchmarks and the tests are clients of the same doors as a telephone. Rules of Twilio's that this holds us to: TwiML is
well-formed XML of at most 64 KB, no redirect is followed, an address in TwiML may be relative, a <Gather> that
hears nothing falls through unless `actionOnEmptyResult` says otherwise, and a document that runs out ends the call
(https://www.twilio.com/docs/voice/twiml).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import requests
from twilio.request_validator import RequestValidator

SIGNATURE = "X-Twilio-Signature"
LARGEST = 64 * 1024
"""Bytes of one TwiML document."""
TIMEOUT = 15.0
"""Seconds Twilio waits for a voice webhook."""
_MOST_HOPS = 20
"""Documents in a row without hearing the caller."""


class TwilioError(AssertionError):
    """Twilio would have refused this answer, and the caller would have heard an application error."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One HTTP response of ours."""

    status: int
    body: bytes
    content_type: str


Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Answered]
"""Sends a form (address, fields, headers)."""


def over_http(url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
    """Send it over the network. Raises requests.RequestException."""
    got = requests.post(url, data=dict(fields), headers=dict(headers), timeout=TIMEOUT, allow_redirects=False)
    return Answered(got.status_code, got.content, got.headers.get("Content-Type", ""))


@dataclass(frozen=True, slots=True)
class Twilio:
    """An account whose webhooks point at `base_url`."""

    base_url: str
    token: str = field(repr=False)
    number: str
    """The clinic's number, E.164."""
    account_sid: str
    post: Post = over_http

    def knock(self, url: str, fields: Mapping[str, str]) -> Answered:
        """Post a signed form to an address of the line, absolute or relative to its base."""
        address = urljoin(f"{self.base_url}/", url)
        signed = {SIGNATURE: RequestValidator(self.token).compute_signature(address, dict(fields))}
        return self.post(address, fields, signed)

    def twiml(self, url: str, fields: Mapping[str, str]) -> ET.Element:
        """The same for a webhook whose answer is TwiML. Raises TwilioError for one that Twilio would refuse."""
        got = self.knock(url, fields)
        if got.status != 200 or not got.content_type.startswith("text/xml") or len(got.body) > LARGEST:
            raise TwilioError(f"{url}: status {got.status}, {got.content_type or 'no type'}, {len(got.body)} bytes")
        try:
            document = ET.fromstring(got.body)  # noqa: S314  the answer of our own server
        except ET.ParseError as error:
            raise TwilioError(f"{url}: not well-formed: {error}") from error
        if document.tag != "Response":
            raise TwilioError(f"{url}: <{document.tag}> instead of <Response>")
        return document

    def text(self, sender: str, body: str, *, sid: str | None = None, **more: str) -> str:
        """Deliver a text message; what is texted back, empty for nothing. `more` are further fields of the webhook."""
        sid = sid or _sid("SM")
        known = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.account_sid, "From": sender, "To": self.number, "Body": body}
        document = self.twiml("/twilio/sms", {**known, "NumMedia": "0", "NumSegments": "1", **more})
        return "\n".join("".join(message.itertext()).strip() for message in document.iter("Message"))

    def call(self, caller: str) -> PhoneCall:
        """Dial the line: the call has been greeted, and waits for the caller to speak."""
        started = PhoneCall(self, caller)
        started.dial()
        return started


@dataclass(slots=True)
class PhoneCall:
    """One call in gather mode, from the caller's side."""

    twilio: Twilio
    caller: str
    sid: str = field(default_factory=lambda: _sid("CA"))
    desk: str = "no-answer"
    """What comes of ringing a person: a DialCallStatus."""
    said: list[str] = field(default_factory=list)
    """What the line said since the caller last spoke."""
    rung: list[str] = field(default_factory=list)
    """Numbers that were rung."""
    hints: str = ""
    """What the recogniser was told to expect."""
    ended: bool = False
    _action: str = ""

    def dial(self) -> str:
        """Call, and hear the greeting."""
        return self._follow("/twilio/voice", {"CallStatus": "ringing"})

    def speak(self, words: str, confidence: float = 0.9) -> str:
        """Say something; what the line says to it."""
        return self._hear({"SpeechResult": words, "Confidence": str(confidence)})

    def press(self, digits: str) -> str:
        """Key something in, without the closing #."""
        return self._hear({"Digits": digits})

    def keep_quiet(self) -> str:
        """Say nothing until the line gives up waiting."""
        return self._hear({"SpeechResult": "", "Digits": ""})

    def hang_up(self) -> None:
        """Leave; Twilio tells the line that the call is over."""
        self.ended = True
        self.twilio.knock("/twilio/status/call", {**self._fields(), "CallStatus": "completed", "CallDuration": "60"})

    def _hear(self, heard: Mapping[str, str]) -> str:
        if self.ended:
            raise TwilioError("nobody is listening: the call is over")
        return self._follow(self._action, {"CallStatus": "in-progress", **heard})

    def _follow(self, url: str, fields: Mapping[str, str]) -> str:
        """Play documents until one listens or the call is over."""
        self.said = []
        for _ in range(_MOST_HOPS):
            document = self.twilio.twiml(url, {**self._fields(), **fields})
            onward = self._play(list(document))
            if onward is None:
                return " ".join(self.said)
            url, fields = onward
        raise TwilioError("the line sends the call in circles")

    def _play(self, verbs: list[ET.Element]) -> tuple[str, Mapping[str, str]] | None:
        """Where the document leads next, or None when it listens or ends."""
        for place, verb in enumerate(verbs):
            if verb.tag == "Say":
                self.said.append("".join(verb.itertext()).strip())
            elif verb.tag == "Gather":
                self.said.extend("".join(say.itertext()).strip() for say in verb.iter("Say"))
                if place + 1 == len(verbs):
                    raise TwilioError("nothing follows the <Gather>: silence would end the call")
                self._action, self.hints = verb.get("action", ""), verb.get("hints", "")
                return None
            elif verb.tag == "Redirect":
                return (verb.text or "").strip(), {"CallStatus": "in-progress"}
            elif verb.tag == "Dial":
                self.rung.extend((number.text or "").strip() for number in verb.iter("Number"))
                return verb.get("action", ""), {"CallStatus": "in-progress", "DialCallStatus": self.desk}
            elif verb.tag == "Hangup":
                break
        self.hang_up()
        return None

    def _fields(self) -> dict[str, str]:
        ids = {"CallSid": self.sid, "AccountSid": self.twilio.account_sid, "ApiVersion": "2010-04-01", "Direction": "inbound"}
        return {**ids, "From": self.caller, "Caller": self.caller, "To": self.twilio.number, "Called": self.twilio.number}


def _sid(kind: str) -> str:
    return f"{kind}{uuid.uuid4().hex}"
