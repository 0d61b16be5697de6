"""The emulator is as strict as Twilio, so what passes with it passes with Twilio."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import pytest
from twilio.request_validator import RequestValidator

from channels.emulator import Answered, PhoneCall, Twilio

_TOKEN = "0" * 32
_BASE = "https://line.example"
_LISTENS = '<Gather action="https://line.example/twilio/voice/turn?step=1" hints="Aetna,Cigna"><Say>Who are you?</Say></Gather><Hangup/>'


class Line:
    """A line that answers with the documents it was given, one a request, and remembers what it was asked."""

    def __init__(self, *documents: str) -> None:
        self.documents = list(documents)
        self.requests: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, target: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        assert RequestValidator(_TOKEN).validate(_BASE + target, fields, headers["X-Twilio-Signature"])
        self.requests.append((target, fields))
        document = self.documents.pop(0) if self.documents else ""
        return Answered(200, "text/xml; charset=utf-8", f"<Response>{document}</Response>".encode())


def _call(line: Line) -> PhoneCall:
    return PhoneCall(Twilio(line, _TOKEN, _BASE)).dial()


def test_a_text_is_signed_and_its_answer_read() -> None:
    line = Line("<Message>Hello &amp; welcome</Message>")
    assert Twilio(line, _TOKEN, _BASE).text("hi").texts == ["Hello & welcome"]
    assert line.requests[0][1]["Body"] == "hi"


def test_a_call_is_played_until_it_listens_and_goes_on_where_the_gather_says() -> None:
    line = Line("<Say>Welcome.</Say>" + _LISTENS, "<Say>Bye.</Say><Hangup/>")
    call = _call(line)
    assert call.heard == ["Welcome.", "Who are you?"]
    assert call.hints == ["Aetna", "Cigna"]
    assert call.say("it is Ana") == "Bye."
    assert call.over
    assert [target for target, _ in line.requests] == ["/twilio/voice", "/twilio/voice/turn?step=1"]
    assert line.requests[1][1]["SpeechResult"] == "it is Ana"


def test_a_desk_that_does_not_answer_leads_back_to_the_line() -> None:
    line = Line('<Dial action="/twilio/voice/desk"><Number>+16145550199</Number></Dial>', _LISTENS)
    call = _call(line)
    assert call.rung == ["+16145550199"]
    assert line.requests[1][1]["DialCallStatus"] == "no-answer"
    assert not call.over


def test_a_gather_that_hears_nothing_falls_through() -> None:
    """Unless `actionOnEmptyResult` says otherwise (TwiML Voice: <Gather>)."""
    call = _call(Line(_LISTENS))
    call.silence()
    assert call.over


def test_a_document_that_runs_out_ends_the_call() -> None:
    call = _call(Line("<Say>Oh.</Say>"))
    assert call.over
    with pytest.raises(AssertionError, match="nobody is listening"):
        call.say("hello?")


def test_keys_beyond_the_expected_number_are_never_sent() -> None:
    line = Line('<Gather action="/keys" numDigits="4" finishOnKey="#"/><Hangup/>')
    _call(line).press("12345#")
    assert line.requests[1][1]["Digits"] == "1234"


@pytest.mark.parametrize("document", [f"<Say>{'x' * 5000}</Say>", f"<Say>{'x' * 64 * 1024}</Say>"])
def test_what_twilio_would_refuse_is_refused(document: str) -> None:
    with pytest.raises(AssertionError):
        _call(Line(document))


def test_a_line_that_goes_in_circles_is_found_out() -> None:
    with pytest.raises(AssertionError, match="round in circles"):
        _call(Line(*["<Redirect>/twilio/voice</Redirect>"] * 500))


def test_a_hang_up_is_told_to_the_status_address() -> None:
    line = Line(_LISTENS)
    _call(line).hang_up()
    target, fields = line.requests[-1]
    assert (target, fields["CallStatus"]) == ("/twilio/status/call", "completed")
