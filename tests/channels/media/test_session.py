"""The media socket from outside: who gets in, what comes over it, and that nobody's bad manners harm anybody."""

from __future__ import annotations

import base64
import gc
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from simple_websocket import Client, ConnectionClosed
from twilio.request_validator import RequestValidator

from agent.bootstrap import Agent
from agent.stream_tokens import Ticket, mint
from channels.emulator import PhoneCall, Twilio
from channels.media.switchboard import EXTENSION, Limits, Speech, Switchboard
from channels.stream_emulator import QUIET, Stream
from tests.channels.conftest import PUBLIC_URL, TOKEN
from tests.fakes.ears import FakeEars, FakeMouth, spoken, what
from tests.fakes.turns import FakeTurns

WSS = PUBLIC_URL.replace("https", "wss") + "/twilio/media"
Open = Callable[..., Stream]


def connect_of(twilio: Twilio) -> tuple[PhoneCall, Element]:
    """A call that has got as far as its <Connect>."""
    found: list[Element] = []

    def note(_call: PhoneCall, verb: Element) -> bool:
        found.append(verb)
        return True

    call = PhoneCall(twilio, stream=note).dial()
    call.over = False
    return call, found[0]


def tokened(agent: Agent, one: PhoneCall, **changes: str) -> Element:
    """A <Connect> with a token of our own minting."""
    ticket = Ticket(changes.get("call", one.sid), changes.get("account", one.twilio.account), one.from_, one.to)
    return element(mint(agent.store, ticket, agent.clock()))


def element(token: str | None) -> Element:
    connect = Element("Connect")
    stream = Element("Stream", url=WSS)
    connect.append(stream)
    if token is not None:
        stream.append(Element("Parameter", name="token", value=token))
    return connect


@pytest.fixture
def call(twilio: Twilio) -> PhoneCall:
    return PhoneCall(twilio)


@pytest.fixture
def opened(agent: Agent, twilio: Twilio, call: PhoneCall, wire: str) -> Stream:
    """A stream that was let in."""
    return Stream(twilio, tokened(agent, call), call, wire).start()


def until(happened: Callable[[], bool], seconds: float = 5.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happened():
            return True
        time.sleep(0.01)
    return False


def hears(stream: Stream, turns: FakeTurns, text: str) -> None:
    """Say something over the socket and wait for the turn."""
    before = len(turns.heard)
    for frame in [*spoken(text), *[QUIET] * 60]:
        stream.frame(frame)
    assert until(lambda: len(turns.heard) > before)


def plays_out(stream: Stream, ending: str) -> None:
    """Listen until what ends like this has been said to its last sample."""

    def played() -> bool:
        stream.frame()
        sentences = sentences_in(stream)
        return bool(sentences) and sentences[-1].endswith(ending) and abs(len(stream.ear.audio) - length_of(sentences)) <= 160

    assert until(played), (sentences_in(stream), len(stream.ear.audio))


def sentences_in(stream: Stream) -> list[str]:
    """What the caller has begun to hear."""
    frames = (bytes(stream.ear.audio[at : at + 160]) for at in range(0, len(stream.ear.audio), 160))
    return [text for text in map(what, frames) if text]


def length_of(sentences: list[str]) -> int:
    """Bytes of mu-law the mouth of these tests makes of them: 4 ms a letter."""
    return sum(max(1, len(text) * 4 // 20) * 160 for text in sentences)


def test_a_call_is_handed_to_the_socket_and_has_a_way_back(twilio: Twilio) -> None:
    """A8: no query, short parameters, and a verb after <Connect>."""
    documents = twilio.post("/twilio/voice", {"CallSid": "CA1", "AccountSid": twilio.account, "From": "+14155550101", "To": "+16145550142"}).document
    connect, after = list(documents)
    assert [connect.tag, after.tag] == ["Connect", "Redirect"]
    stream = connect.find("Stream")
    assert stream is not None
    assert stream.get("url") == WSS
    assert "/twilio/voice/resume?" in (after.text or "")


def test_the_golden_transcript(opened: Stream, turns: FakeTurns, call: PhoneCall) -> None:
    """A11: connected, start, media, dtmf, mark, stop; back come media, mark and clear of this stream, and as much audio as was made."""
    plays_out(opened, "opening")
    hears(opened, turns, "do you take aetna")
    plays_out(opened, "aetna")
    opened.press("0")
    plays_out(opened, "talk to a person")
    opened.stop()
    assert until(lambda: turns.heard[-1].kind == "hangup")
    assert [inbound.message_id.rpartition(":")[2] for inbound in turns.heard] == ["0", "1", "2", "hangup"]
    assert turns.heard[0].sender == call.from_


def refused(stream: Stream, ears: FakeEars, turns: FakeTurns) -> None:
    """Closed by us with 1008, nothing made and nothing kept."""
    assert stream.wait_closed() == 1008
    assert ears.asked == []
    assert turns.heard == []


@pytest.mark.parametrize("token", [None, "", "x", "0" * 22, "\ud800"])
def test_without_a_token_nobody_gets_in(twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns, token: str | None) -> None:
    """A12."""
    refused(Stream(twilio, element(token), call, wire).start(), ears, turns)


def test_a_token_of_another_call_opens_nothing(
    agent: Agent, twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns
) -> None:
    """A12."""
    refused(Stream(twilio, tokened(agent, call, call="CA" + "9" * 32), call, wire).start(), ears, turns)
    refused(Stream(twilio, tokened(agent, call, account="AC" + "9" * 32), call, wire).start(), ears, turns)


def test_an_expired_token_opens_nothing(
    agent: Agent, twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns, now: list[datetime]
) -> None:
    """A12."""
    connect = tokened(agent, call)
    now[0] += timedelta(minutes=2)
    refused(Stream(twilio, connect, call, wire).start(), ears, turns)


def test_a_token_after_the_call_opens_nothing(twilio: Twilio, wire: str, ears: FakeEars, turns: FakeTurns) -> None:
    """A12: the caller hung up before the stream came."""
    call, connect = connect_of(twilio)
    call.hang_up()
    turns.heard.clear()
    refused(Stream(twilio, connect, call, wire).start(), ears, turns)


def test_a_token_is_used_once(agent: Agent, twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns) -> None:
    """A12: and the stream that came first is not disturbed."""
    connect = tokened(agent, call)
    first = Stream(twilio, connect, call, wire).start()
    assert until(lambda: len(turns.heard) == 1)
    second = Stream(twilio, connect, call, wire).start()
    assert second.wait_closed() == 1008
    assert first.open
    hears(first, turns, "hello there")
    first.stop()


@pytest.mark.parametrize("url", [WSS, WSS + "/"])
def test_the_signature_is_over_the_wss_address(agent: Agent, twilio: Twilio, call: PhoneCall, wire: str, turns: FakeTurns, url: str) -> None:
    """A13: with or without a slash at its end."""
    stream = Stream(twilio, tokened(agent, call), call, wire, url=url).start()
    assert until(lambda: len(turns.heard) == 1)
    stream.stop()


@pytest.mark.parametrize("signed", ["https" + WSS.removeprefix("wss"), WSS + "?a=b", "wss://other.example/twilio/media"])
def test_another_signature_is_refused(wire: str, ears: FakeEars, turns: FakeTurns, signed: str) -> None:
    """A13: over https or another address. No message is read."""
    client = Client(wire + "/twilio/media", headers={"x-twilio-signature": RequestValidator(TOKEN).compute_signature(signed, {})})
    assert _closed_with(client) == 1008
    assert (ears.asked, turns.heard) == ([], [])


@pytest.mark.parametrize("headers", [{}, {"x-twilio-signature": ""}, {"x-twilio-signature": "x" * 28}, {"x-twilio-signature": "x" * 5000}])
def test_without_a_signature_nobody_gets_in(wire: str, ears: FakeEars, turns: FakeTurns, headers: dict[str, str]) -> None:
    """A12, A13."""
    assert _closed_with(Client(wire + "/twilio/media", headers=headers)) == 1008
    assert (ears.asked, turns.heard) == ([], [])


def _closed_with(client: Client) -> int:
    for _ in range(20):
        try:
            client.receive(timeout=0.5)
        except ConnectionClosed as gone:
            return int(gone.reason)
    return 0


def test_a_socket_that_never_starts_is_closed(twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns) -> None:
    """A14, A17: audio before `start` is dropped, and waiting for it has an end."""
    stream = Stream(twilio, element("x"), call, wire)
    stream.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
    for _ in range(50):
        stream.frame()
    refused(stream, ears, turns)


BEFORE_START = [
    "no json", b"\x00\x01", "[]", "{}", "[" * 10_000, '{"event":"start"}', '{"event":"start","start":{}}', '{"event":"nonsense"}', '{"event":"stop"}',
]  # fmt: skip


@pytest.mark.parametrize("garbage", BEFORE_START, ids=range(len(BEFORE_START)))
def test_garbage_before_the_start_is_refused(twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns, garbage: str) -> None:
    """A14."""
    stream = Stream(twilio, element("x"), call, wire)
    stream.send(garbage)
    refused(stream, ears, turns)


IN_A_CALL: list[str | bytes] = [
    "no json",
    b"\xff\xfe binary",
    '{"event":"unheard of","streamSid":"MZ1"}',
    '{"event":"media","media":{"payload":"!!!"}}',
    '{"event":"media","media":{"payload":7}}',
    '{"event":"media","media":null}',
    '{"event":"media","media":{"payload":""}}',
    '{"event":"media","media":{"payload":"' + base64.b64encode(b"\x00" * 7).decode() + '"}}',
    '{"event":"media","media":{"payload":"' + base64.b64encode(b"\xff" * 152).decode() + '"}}',
    '{"event":"media","sequenceNumber":"99999999999999999999","media":{"payload":"/w==","timestamp":"-5"}}',
    '{"event":"dtmf","dtmf":{"digit":"many"}}',
    '{"event":"dtmf","dtmf":{"digit":"\\u0661"}}',
    '{"event":"mark","mark":{}}',
    '{"event":"mark","mark":{"name":"' + "x" * 5000 + '"}}',
    '{"event":"mark","mark":{"name":"said-99"}}',
    '{"event":"start","start":{"callSid":"CA9","accountSid":"AC9","streamSid":"MZ9"},"streamSid":"MZ9"}',
    '{"event":"connected"}',
]


def test_a_call_survives_garbage(opened: Stream, turns: FakeTurns) -> None:
    """A14: what cannot be read is passed over; a second `start`, gaps in the numbering and odd sizes change nothing."""
    assert until(lambda: len(turns.heard) == 1)
    for garbage in IN_A_CALL:
        opened.send(garbage)
    hears(opened, turns, "do you take aetna")
    assert turns.heard[-1].text == "do you take aetna"
    opened.stop()


def test_endless_garbage_ends_the_call(opened: Stream, turns: FakeTurns) -> None:
    """A14: cleanly."""
    assert until(lambda: len(turns.heard) == 1)
    for _ in range(200):
        opened.send("garbage")
    assert opened.wait_closed() == 1008


def test_a_message_too_large_ends_the_call(opened: Stream, turns: FakeTurns) -> None:
    """A14: more than 64 KiB."""
    assert until(lambda: len(turns.heard) == 1)
    opened.send({"event": "media", "media": {"payload": "A" * 70_000}})
    assert opened.wait_closed() in (1009, 1005, 1006)


class TestFloods:
    """A14: with the bounds of production, too much in too little time ends one stream and no other."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(streams=4)

    def test_a_flood_ends_its_own_call(self, agent: Agent, twilio: Twilio, call: PhoneCall, opened: Stream, wire: str, turns: FakeTurns) -> None:
        other = PhoneCall(twilio)
        quiet = Stream(twilio, tokened(agent, other), other, wire).start()
        assert until(lambda: len(turns.heard) == 2)
        for _ in range(20_000):
            if not opened.open:
                break
            opened.frame(b"\x11" * 160)
        assert opened.wait_closed() is not None
        assert quiet.open
        quiet.frame()
        quiet.stop()
        assert until(lambda: turns.heard[-1].message_id == f"{other.sid}:hangup")


def test_a_silent_socket_is_given_up(opened: Stream, turns: FakeTurns) -> None:
    """A17: half open, no `stop`."""
    assert until(lambda: len(turns.heard) == 1)
    assert opened.wait_closed(6) == 1008


class TestSeats:
    """Beyond the bound, Twilio hears the call: at the webhook, or after the socket is closed."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(streams=1)

    def test_calls_beyond_the_bound_are_heard_by_twilio(
        self, agent: Agent, twilio: Twilio, wire: str, opened: Stream, turns: FakeTurns, ears: FakeEars
    ) -> None:
        assert until(lambda: len(turns.heard) == 1)
        made = len(ears.asked)
        late = PhoneCall(twilio)
        assert Stream(twilio, tokened(agent, late), late, wire).start().wait_closed() == 1013
        assert len(ears.asked) == made
        assert PhoneCall(twilio).dial().gather is not None
        opened.stop()


def test_a_process_that_stops_lets_its_calls_go(app: Flask, opened: Stream, turns: FakeTurns) -> None:
    """A37: they recover by the verbs after <Connect>."""
    assert until(lambda: len(turns.heard) == 1)
    board: Switchboard = app.extensions[EXTENSION]
    board.close()
    opened.frame()
    assert opened.wait_closed() == 1001


def test_who_hangs_up_while_we_begin_to_speak_has_hung_up(
    app: Flask, agent: Agent, twilio: Twilio, call: PhoneCall, wire: str, ears: FakeEars, turns: FakeTurns
) -> None:
    """We notice by sending that nobody is there any more; that they had said goodbye is read all the same."""
    gone = Event()

    def wait() -> None:
        assert gone.wait(5)

    app.extensions[EXTENSION].install(Speech(ears, FakeMouth(before=wait)))
    stream = Stream(twilio, tokened(agent, call), call, wire).start()
    stream.frame()
    stream.stop()
    stream.wait_closed()
    gone.set()
    assert until(lambda: turns.heard[-1:] != [] and turns.heard[-1].kind == "hangup")


def test_everything_goes_with_the_call(app: Flask, agent: Agent, twilio: Twilio, wire: str, ears: FakeEars, turns: FakeTurns) -> None:
    """A17: however the other side ends it, the seat is free again and the recogniser gone."""
    board: Switchboard = app.extensions[EXTENSION]
    for number in range(12):
        call = PhoneCall(twilio)
        stream = Stream(twilio, tokened(agent, call), call, wire).start()
        assert until(lambda: f"{call.sid}:0" in [one.message_id for one in turns.heard])  # noqa: B023  used up at once
        stream.frame()
        stream.stop() if number % 2 else stream.close()
        assert until(lambda: board._open == 0)
    assert until(lambda: bool(gc.collect()) or len(ears.alive) == 0)
    assert len(ears.alive) == 0
    assert until(lambda: 'referline_streams_closed_total{why="hung_up"} 6.0' in board.metrics.page().decode())
    assert "referline_streams 0.0" in board.metrics.page().decode()
