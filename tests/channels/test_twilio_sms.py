"""Texts: in as they came, out as carriers carry them."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agent.messages import Reply
from channels import gsm
from channels.emulator import LINE, Twilio, over_http
from dialogs.step import Kind
from tests.channels.conftest import PUBLIC_URL, TOKEN
from tests.fakes.turns import FakeTurns, reply


def test_a_text_is_heard_and_replied_to(twilio: Twilio, turns: FakeTurns) -> None:
    assert twilio.text("do you take Cigna?", sid="SM7").texts == ["heard do you take Cigna?"]
    (heard,) = turns.heard
    assert (heard.door, heard.message_id, heard.kind, heard.sender, heard.session) == ("sms", "SM7", Kind.WORDS, "+14155550101", None)


def test_the_same_message_fifty_times_at_once_is_heard_once(server: str, turns: FakeTurns) -> None:
    """A18, at the door: the reply is the same every time, under the one id the message has."""
    twilio = Twilio(over_http(server), TOKEN, PUBLIC_URL)
    twilio.text("hello", sid="SM1")
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: twilio.text("hello", sid="SM1").texts, range(50)))
    assert answers == [["heard hello"]] * 50
    assert len(turns.heard) == 1


def test_the_fallback_address_hears_the_same_message_under_the_same_id(twilio: Twilio, turns: FakeTurns) -> None:
    """A18: Twilio turns to it when the first answer was lost; the message counts once."""
    form = twilio.text_fields("hello", sid="SM1")
    first = twilio.post("/twilio/sms", form)
    again = twilio.post("/twilio/sms/fallback", {**form, "ErrorCode": "11200", "ErrorUrl": f"{PUBLIC_URL}/twilio/sms"})
    assert first.texts == again.texts
    assert len(turns.heard) == 1


def test_an_opt_out_keyword_gets_no_message_back(twilio: Twilio, turns: FakeTurns) -> None:
    """A20: the carrier has answered."""
    turns.answer = lambda _: Reply(())
    assert twilio.text("STOP").texts == []


@pytest.mark.parametrize("verdict", ["STOP", "START", "HELP"])
def test_twilios_own_verdict_is_passed_on_and_never_answered_twice(twilio: Twilio, turns: FakeTurns, verdict: str) -> None:
    """A20: with Advanced Opt-Out, `OptOutType` wins."""
    assert twilio.text("unsubscribe me", OptOutType=verdict).texts == []
    assert (turns.heard[0].opt_out, turns.heard[0].withhold) == (verdict, "carrier_replied")


@pytest.mark.parametrize("from_", ["+447700900123", "+18765550123", "+19005550123", "72975", LINE, "anonymous", ""])
def test_nobody_pays_for_texts_to_strange_numbers(twilio: Twilio, turns: FakeTurns, from_: str) -> None:
    """A56: what came is kept, and nothing goes back."""
    assert twilio.text("hello", from_=from_).texts == []
    assert [(heard.text, heard.withhold) for heard in turns.heard] == [("hello", "sender")]
    assert turns.heard[0].sender is not None or turns.heard[0].session is not None


def test_a_number_that_is_not_ours_gets_a_polite_pointer(twilio: Twilio, turns: FakeTurns) -> None:
    (text,) = twilio.text("hello", to="+16145550199").texts
    assert "Elm Street PT" in text
    assert "(614) 555-0142" in text
    assert turns.heard == []


def test_a_message_that_could_not_be_kept_is_never_said_to_be_received(twilio: Twilio, turns: FakeTurns) -> None:
    """A7, A30: the turn's own apology, and the same message sent again counts."""
    turns.failures = 1
    assert twilio.text("hello", sid="SM1").texts == ["sorry"]
    assert twilio.text("hello", sid="SM1").texts == ["heard hello"]


def test_nobody_pays_for_an_apology_to_a_strange_number(twilio: Twilio, turns: FakeTurns) -> None:
    """A56."""
    turns.failures = 1
    assert twilio.text("hello", from_="+447700900123").texts == []


def test_what_the_turn_withholds_is_not_texted(twilio: Twilio, turns: FakeTurns) -> None:
    """A56: a machine is heard and gets no reply."""
    turns.answer = lambda _: replace(reply("hello?"), withheld="auto_reply")
    assert twilio.text("out of office").texts == []


def test_a_fault_of_ours_is_an_apology_and_not_an_error_page(twilio: Twilio, turns: FakeTurns) -> None:
    """Twilio texts a plain error page to the patient. Ours is one text, with the clinic's number and 911."""
    turns.crash = ZeroDivisionError("canary")
    answered = twilio.text("hello")
    (text,) = answered.texts
    assert all(words in text for words in ("send it again", "(614) 555-0142", "911"))
    assert gsm.segments(text) == gsm.Segments("GSM-7", len(text), 1)
    assert b"canary" not in answered.body


def test_a_long_reply_goes_out_in_readable_pieces(twilio: Twilio, turns: FakeTurns) -> None:
    """A22."""
    turns.answer = lambda _: reply("Our clinic is on Elm Street, across from the library. " * 20)
    texts = twilio.text("where are you?").texts
    assert len(texts) == 4
    assert all(len(text) <= gsm.COMFORTABLE for text in texts)
    turns.answer = lambda _: reply("word " * 4000)
    assert all(len(text) <= gsm.LONGEST for text in twilio.text("more").texts)


def test_replies_are_brought_into_gsm_7(twilio: Twilio, turns: FakeTurns) -> None:
    """A22."""
    turns.answer = lambda _: reply("Sí — “mañana” a las 8…")
    assert twilio.text("hola").texts == ['Si - "mañana" a las 8...']


def test_pictures_are_passed_on_only_from_where_twilio_keeps_them(twilio: Twilio, turns: FakeTurns) -> None:
    """A25: https, Twilio's hosts, nothing else; and never more than there are."""
    good = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    cdn = "https://s3-external-1.media.twiliocdn.com/AC1/abc"
    urls = [
        good,
        cdn,
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.example/x",
        "https://evil.example/api.twilio.com",
        "https://api.twilio.com@evil.example/x",
        "https://api.twilio.com:8443/x",
        "https://[::1",
        "file:///etc/passwd",
    ]
    twilio.text("", NumMedia=str(len(urls) + 1), **{f"MediaUrl{n}": url for n, url in enumerate([*urls, "https://169.254.169.254/x"])})
    twilio.text("", NumMedia="many", MediaUrl0=good)
    assert [heard.media for heard in turns.heard] == [(good, cdn), ()]


def test_a_request_without_a_message_id_is_not_twilios(twilio: Twilio, turns: FakeTurns) -> None:
    answered = twilio.post("/twilio/sms", {"From": "+14155550101", "To": LINE, "Body": "hello"})
    assert (answered.status, answered.body, turns.heard) == (400, b"", [])


HOSTILE = ["", " ", "\x00\x08\x1b", "😀" * 500, "]]>", "<Message>x</Message>", "&amp;&#0;", "a" * 5000, "\u202etfel", "\ufffe\uffff", "{{7*7}}"]


def noise(chance: random.Random, length: int) -> str:
    """Any code points but surrogates, which no form can carry."""
    return "".join(chr(chance.choice((chance.randrange(1, 0xD800), chance.randrange(0xE000, 0x11000)))) for _ in range(length))


def test_any_text_gives_a_reply_twilio_can_read(twilio: Twilio, turns: FakeTurns) -> None:
    """A6: 500 hostile messages, echoed back."""
    turns.answer = lambda inbound: reply(inbound.text + "\ud83d\x0b")
    chance = random.Random(7)
    corpus = HOSTILE + [noise(chance, 300) for _ in range(490)]
    for number, text in enumerate(corpus):
        answered = twilio.text(text, sid=f"SM{number}")
        assert all(0 < len(body) <= gsm.LONGEST for body in answered.texts)
    assert len(turns.heard) == len(corpus)


def test_a_very_long_message_is_heard_whole(twilio: Twilio, turns: FakeTurns) -> None:
    assert twilio.text("😀" * 100_000).status == 200
    assert len(turns.heard[0].text) == 100_000
