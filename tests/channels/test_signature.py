"""Only what Twilio signed gets in (A1 to A5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, Response
from twilio.request_validator import HMAC_SHA256, RequestValidator

from agent.bootstrap import Agent
from channels.emulator import PhoneCall, Twilio, over_http
from channels.signature import Guard
from channels.web import create_app
from tests.channels.conftest import PUBLIC_URL, TOKEN, in_process
from tests.fakes.turns import FakeTurns

NEW_TOKEN = "e" * 32
TWILIO_ROUTES = (
    "/twilio/sms",
    "/twilio/sms/fallback",
    "/twilio/voice",
    "/twilio/voice/turn?step=1",
    "/twilio/voice/answer",
    "/twilio/voice/desk",
    "/twilio/voice/person?step=2",
    "/twilio/voice/offer",
    "/twilio/voice/taken",
    "/twilio/voice/unreached",
    "/twilio/voice/fallback",
    "/twilio/status/call",
    "/twilio/status/message",
)
FORM = {"MessageSid": "SM1", "CallSid": "CA1", "From": "+14155550101", "To": "+16145550142", "Body": "hello", "CallStatus": "completed"}


def with_settings(agent: Agent, **changes: object) -> Twilio:
    """Twilio in front of an application with other settings."""
    settings = agent.settings.model_copy(update=changes)
    return Twilio(in_process(create_app(replace(agent, settings=settings))), TOKEN, settings.public_base_url)


@pytest.mark.parametrize("signature", ["", "x", "x" * 28, "x" * 10_000, "ünsigned" + "=" * 20, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_unsigned_and_wrongly_signed_requests_are_refused_without_a_word(twilio: Twilio, turns: FakeTurns, signature: str) -> None:
    """A1: 403 with an empty body, nothing heard, never a 500."""
    for route in TWILIO_ROUTES:
        answered = twilio.post(route, FORM, signature=signature)
        assert (route, answered.status, answered.body, turns.heard) == (route, 403, b"", [])


def test_signed_requests_are_let_in(twilio: Twilio) -> None:
    assert {twilio.post(route, FORM).status for route in TWILIO_ROUTES} == {200, 204}


def test_no_rows_are_written_for_refused_requests(server: str, turns: FakeTurns) -> None:
    """A1, over a real socket."""
    outsider = Twilio(over_http(server), "0" * 32, PUBLIC_URL)
    assert outsider.text("hello").status == 403
    assert turns.heard == []


def test_forged_forwarding_headers_change_nothing(server: str, turns: FakeTurns) -> None:
    """A2: behind a proxy the server sees http://127.0.0.1; what counts is the configured address."""
    forged = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http", "X_Forwarded_Port": "81", "Forwarded": "host=evil.example"}
    real = Twilio(over_http(server), TOKEN, PUBLIC_URL)
    assert real.post("/twilio/sms", real.text_fields("hello"), Host="evil.example", **forged).status == 200
    fake = Twilio(over_http(server), TOKEN, "http://evil.example")
    assert fake.post("/twilio/sms", fake.text_fields("hello"), Host="evil.example", **forged).status == 403
    assert len(turns.heard) == 1


@pytest.mark.parametrize(
    "changed",
    [
        [("Extra", "one"), ("Extra", "two"), ("Extra", "one")],
        [("Body", "  spaces kept  ")],
        [("Body", "")],
        [("SomethingNew", "ünïcode 😀 & = +")],
        [("StirVerstat", "TN-Validation-Passed-A"), ("CallToken", "%7B%22a%22%3A1%7D")],
    ],
)
def test_whatever_twilio_signs_is_accepted(twilio: Twilio, changed: list[tuple[str, str]]) -> None:
    """A3: repeated, padded, empty and unknown fields all count, and all as they came."""
    replaced = {name for name, _ in changed}
    pairs = [(name, value) for name, value in twilio.text_fields("hello").items() if name not in replaced] + changed
    assert twilio.post("/twilio/sms", pairs).status == 200


def test_a_query_is_signed_as_it_was_sent(server: str) -> None:
    """A3: percent-encoding in the address survives."""
    real = Twilio(over_http(server), TOKEN, PUBLIC_URL)
    target = "/twilio/sms?clinic=elm%20street%2Fpt&x=%C3%A9+%7E"
    assert real.post(target, real.text_fields("hello")).status == 200


@pytest.mark.parametrize(
    ("configured", "signed"),
    [
        ("https://line.clinic.example", "https://line.clinic.example:443"),
        ("https://line.clinic.example:443", "https://line.clinic.example"),
        ("https://line.clinic.example:8443", "https://line.clinic.example"),
        ("https://line.clinic.example:8443", "https://line.clinic.example:8443"),
        ("https://user:secret@line.clinic.example", "https://line.clinic.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_ports_and_passwords_in_the_address_do_not_matter(agent: Agent, configured: str, signed: str) -> None:
    """A3: Twilio keeps the port for texts, drops it for calls over https, and always drops a name and password."""
    twilio = with_settings(agent, public_base_url=configured)
    twilio.public_url = signed
    assert twilio.text("hello").status == 200


def test_json_is_not_taken_for_a_form(twilio: Twilio, turns: FakeTurns) -> None:
    """A4: an address signed without fields does not open a form route to a body nobody signed."""
    answered = twilio.post("/twilio/sms", [], Content_Type="application/json")
    assert (answered.status, turns.heard) == (403, [])


@pytest.fixture
def json_door() -> tuple[Guard, Callable[[str, bytes, str], int]]:
    guard = Guard((TOKEN,), PUBLIC_URL)
    app = Flask("json")
    app.before_request(guard.json_request)
    app.add_url_rule("/events", view_func=lambda: Response(status=204), methods=["POST"])

    def post(target: str, body: bytes, signature: str) -> int:
        return app.test_client().post(target, data=body, headers={"X-Twilio-Signature": signature, "Content-Type": "application/json"}).status_code

    return guard, post


def test_a_json_body_must_be_the_one_that_was_signed(json_door: tuple[Guard, Callable[[str, bytes, str], int]]) -> None:
    """A4: the signature covers the hash in the address, and the hash covers the body."""
    _, post = json_door
    body = '{"say": "hé"}'.encode()
    target = f"/events?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = str(RequestValidator(TOKEN).compute_signature(PUBLIC_URL + target, {}))
    assert post(target, body, signature) == 204
    assert post(target, body + b" ", signature) == 403
    assert post(target, b"", signature) == 403
    bare = str(RequestValidator(TOKEN).compute_signature(PUBLIC_URL + "/events", {}))
    assert post("/events", body, bare) == 403


def test_both_tokens_are_accepted_while_one_replaces_the_other(agent: Agent) -> None:
    """A5."""
    both = with_settings(agent, twilio_auth_token=(NEW_TOKEN, TOKEN))
    assert both.text("signed with the old one").status == 200
    both.token = NEW_TOKEN
    assert both.text("signed with the new one").status == 200
    after = with_settings(agent, twilio_auth_token=(NEW_TOKEN,))
    assert after.text("signed with the old one").status == 403


def test_a_header_cannot_choose_the_algorithm(twilio: Twilio) -> None:
    """A5: HMAC-SHA256 signatures belong to shared keys, and none is configured."""
    form = twilio.text_fields("hello")
    stronger = str(RequestValidator(TOKEN).compute_signature(PUBLIC_URL + "/twilio/sms", form, HMAC_SHA256))
    settings = {"X_Twilio_Webhooks_Signature_Settings": "key=k,algorithm=HMAC_SHA256"}
    assert twilio.post("/twilio/sms", form, signature=stronger, **settings).status == 403
    assert twilio.post("/twilio/sms", form, **settings).status == 200


def test_without_a_twilio_account_every_twilio_door_is_shut(agent: Agent) -> None:
    shut = with_settings(agent, twilio_auth_token=(), twilio_account_sid="")
    for token in ("", TOKEN):
        shut.token = token
        assert [shut.post(route, FORM).status for route in TWILIO_ROUTES] == [403] * len(TWILIO_ROUTES)


def test_no_address_redirects(app: Flask, twilio: Twilio) -> None:
    """A10: with a slash at the end, twice, or none; a redirect would lose the form."""
    for route in TWILIO_ROUTES:
        path, _, query = route.partition("?")
        assert twilio.post(f"{path}/" + (f"?{query}" if query else ""), FORM).status in (200, 204)
        for target in (path, f"{path}/", f"{path}//", f"/{path}", path.upper()):
            for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
                response = app.test_client().open(target, method=method)
                assert response.status_code in (403, 404, 405)
                assert response.get_data() == b""


def test_a_body_too_large_to_read_is_refused_like_any_other_stranger(twilio: Twilio) -> None:
    assert twilio.text("x" * 3_000_000).status == 403


def test_a_socket_is_signed_over_its_wss_address() -> None:
    """A13: with and without a slash at the end; the https address does not count."""
    guard = Guard((TOKEN,), PUBLIC_URL)
    for url, right in (
        ("wss://line.clinic.example/twilio/media", True),
        ("wss://line.clinic.example/twilio/media/", True),
        ("https://line.clinic.example/twilio/media", False),
    ):
        assert guard.is_signed_socket("/twilio/media", str(RequestValidator(TOKEN).compute_signature(url, {}))) is right
    assert not guard.is_signed_socket("/twilio/media", None)


def test_the_log_has_names_of_fields_and_nothing_else(twilio: Twilio, caplog: pytest.LogCaptureFixture) -> None:
    """What a proxy changed can be found out, what was said cannot."""
    twilio.post("/twilio/sms", {"Body": "canary-words", "From": "+14155559876", "canary-name\r\n": "x"}, signature="A" * 27 + "=")
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "Body" in logged
    assert not any(canary in logged for canary in ("canary-words", "5559876", "canary-name"))


def test_a_call_is_let_in_over_a_real_socket(server: str) -> None:
    call = PhoneCall(Twilio(over_http(server), TOKEN, PUBLIC_URL)).dial()
    assert call.heard == ["heard opening"]
