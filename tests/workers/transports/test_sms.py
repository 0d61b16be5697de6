from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from twilio.rest import Client

from tests.fakes.twilio_api import ACCOUNT, HANG_AFTER, HANG_BEFORE, TOKEN, Refusal, TwilioApi, twilio_api
from workers.failures import Ambiguous, ChannelPaused, DeliveryFailed, OptedOut, Permanent, Retryable
from workers.message import Outgoing
from workers.transports.sms import Sms, _Api

TEXT = Outgoing(id="row", to="+14155550101", subject="", text="Urgent request RL-7K3M9Q. See the console.", created=datetime.now(UTC))
AGAIN = replace(TEXT, again=True)
SENDER = {"from_": "+16145550142"}


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


def sms(api: TwilioApi, token: str = TOKEN, timeout: float = 0.5, callback: str | None = None) -> Sms:
    return Sms(Client(ACCOUNT, token, http_client=_Api(api.url, timeout)), SENDER, callback)


def failure(of: Sms, message: Outgoing = TEXT) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        of.send(message)
    return caught.value


def test_a_text_is_asked_for_in_twilios_protocol(api: TwilioApi) -> None:
    sid = sms(api, callback="https://line.example/twilio/status/message").send(TEXT)
    assert sid == api.sent[0]["sid"]
    [(method, path, fields)] = api.requests
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert fields == {
        "To": "+14155550101",
        "From": "+16145550142",
        "Body": TEXT.text,
        "SmartEncoded": "true",
        "StatusCallback": f"https://line.example/twilio/status/message?message={TEXT.id}",
    }


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Refusal(400, 21610), OptedOut),
        (Refusal(400, 21211), Permanent),
        (Refusal(400, 21614), Permanent),
        (Refusal(400, 30034), Permanent),
        (Refusal(400, 99999), Permanent),
        (Refusal(429, 20429), Retryable),
        (Refusal(500, 20500), Retryable),
        (Refusal(503, 20503), Retryable),
        (Refusal(401, 20003), ChannelPaused),
        (Refusal(403, 20005), ChannelPaused),
        (Refusal(400, 21606), ChannelPaused),
    ],
)
def test_twilios_code_decides_what_becomes_of_the_text(api: TwilioApi, refusal: Refusal, kind: type[DeliveryFailed]) -> None:
    """A21 and the error classes: 21610 opts out; wrong numbers are final; throttling is tried again; credentials stop the channel."""
    api.script.append(refusal)
    found = failure(sms(api))
    assert (type(found), found.code) == (kind, f"twilio_{refusal.code}")


def test_a_wrong_token_stops_the_channel(api: TwilioApi) -> None:
    assert failure(sms(api, token="wrong")).code == "twilio_20003"


@pytest.mark.parametrize(("silence", "texts"), [(HANG_BEFORE, 0), (HANG_AFTER, 1)])
def test_an_answer_that_never_came_is_ambiguous(api: TwilioApi, silence: str, texts: int) -> None:
    api.script.append(silence)
    assert isinstance(failure(sms(api)), Ambiguous)
    assert len(api.sent) == texts


def test_nobody_listening_is_tried_again() -> None:
    client = Client(ACCOUNT, TOKEN, http_client=_Api("http://127.0.0.1:1", 0.5))
    assert isinstance(failure(Sms(client, SENDER)), Retryable)


def test_a_text_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(api: TwilioApi) -> None:
    """A26, A27: nothing is sent twice where the vendor lets us look."""
    api.script.append(HANG_AFTER)
    failure(sms(api))
    assert sms(api).send(AGAIN) == api.sent[0]["sid"]
    assert len(api.sent) == 1


def test_a_text_that_was_not_found_is_sent(api: TwilioApi) -> None:
    api.script.append(HANG_BEFORE)
    failure(sms(api))
    assert sms(api).send(AGAIN)
    assert len(api.sent) == 1


def test_another_text_to_the_same_number_is_not_mistaken_for_it(api: TwilioApi) -> None:
    sms(api).send(replace(TEXT, text="Urgent request RL-AAAAAA. See the console."))
    sms(api).send(AGAIN)
    assert len(api.sent) == 2


def test_the_same_words_from_before_the_row_was_written_do_not_count(api: TwilioApi) -> None:
    sms(api).send(TEXT)
    sms(api).send(replace(AGAIN, created=datetime.now(UTC) + timedelta(hours=1)))
    assert len(api.sent) == 2


def test_a_text_that_failed_at_twilio_is_sent_again(api: TwilioApi) -> None:
    sms(api).send(TEXT)
    api.sent[0]["status"] = "failed"
    sms(api).send(AGAIN)
    assert len(api.sent) == 2


def test_a_text_longer_than_twilio_takes_never_reaches_it(api: TwilioApi) -> None:
    """A22."""
    assert isinstance(failure(sms(api), replace(TEXT, text="x" * 1601)), Permanent)
    assert api.requests == []


def test_what_twilio_says_is_not_repeated(api: TwilioApi) -> None:
    """A41: its messages quote the number."""
    api.script.append(Refusal(400, 21211, "The 'To' number +14155550101 is not valid"))
    found = failure(sms(api))
    assert "555" not in repr(found)
    assert found.__cause__ is None
