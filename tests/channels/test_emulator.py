"""The emulator is as strict as Twilio, so what passes with it passes with Twilio."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from twilio.request_validator import RequestValidator

from channels.emulator import SIGNATURE, Answered, PhoneCall, Twilio, TwilioError

_TOKEN = "0" * 32
_BASE = "https://line.example"


class Line:
    """A line that answers with what it was given, one document per request, and remembers what it was asked."""

    def __init__(self, *documents: str) -> None:
        self.documents = list(documents)
        self.requests: list[tuple[str, Mapping[str, str]]] = []

    def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        assert RequestValidator(_TOKEN).validate(url, dict(fields), headers[SIGNATURE])
        self.requests.append((url, fields))
        body = self.documents.pop(0) if self.documents else ""
        return Answered(200, f"<Response>{body}</Response>".encode(), "text/xml; charset=utf-8")


def _twilio(line: Line) -> Twilio:
    return Twilio(_BASE, _TOKEN, "+16145550100", "AC" + "0" * 32, line.post)


_LISTENS = '<Gather action="https://line.example/twilio/voice/turn?step=1" hints="Aetna"><Say>Who are you?</Say></Gather><Redirect>/x</Redirect>'


def test_a_text_is_signed_and_its_answer_read() -> None:
    line = Line("<Message>Hello &amp; welcome</Message>")
    assert _twilio(line).text("+16145550142", "hi") == "Hello & welcome"
    assert line.requests[0][1]["Body"] == "hi"


def test_a_call_is_played_until_it_listens_and_goes_on_where_the_gather_says() -> None:
    line = Line("<Say>Welcome.</Say>" + _LISTENS, "<Say>Bye.</Say><Hangup/>")
    call = _twilio(line).call("+16145550142")
    assert call.said == ["Welcome.", "Who are you?"]
    assert call.hints == "Aetna"
    assert call.speak("it is Ana") == "Bye."
    assert call.ended
    assert [url.removeprefix(_BASE) for url, _ in line.requests] == ["/twilio/voice", "/twilio/voice/turn?step=1", "/twilio/status/call"]
    assert line.requests[1][1]["SpeechResult"] == "it is Ana"


def test_a_desk_that_does_not_answer_leads_back_to_the_line() -> None:
    line = Line('<Dial action="/twilio/voice/desk"><Number>+16145550199</Number></Dial>', _LISTENS)
    call = _twilio(line).call("+16145550142")
    assert call.rung == ["+16145550199"]
    assert line.requests[1][1]["DialCallStatus"] == "no-answer"
    assert not call.ended


def test_a_document_that_runs_out_ends_the_call() -> None:
    line = Line("<Say>Oh.</Say>")
    call = _twilio(line).call("+16145550142")
    assert call.ended
    with pytest.raises(TwilioError, match="the call is over"):
        call.speak("hello?")


@pytest.mark.parametrize("document", ["<Say>\x08</Say>", '<Gather action="/x"><Say>Last</Say></Gather>', f"<Say>{64 * 1024 * chr(120)}</Say>"])
def test_what_twilio_would_refuse_is_refused(document: str) -> None:
    with pytest.raises(TwilioError):
        PhoneCall(_twilio(Line(document)), "+16145550142").dial()


def test_a_line_that_goes_in_circles_is_found_out() -> None:
    with pytest.raises(TwilioError, match="circles"):
        PhoneCall(_twilio(Line(*["<Redirect>/twilio/voice</Redirect>"] * 30)), "+16145550142").dial()
