"""Calls heard by Twilio: said, keyed, silent, rung through, and never dropped."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest

from agent import missed_calls
from agent.bootstrap import Agent
from agent.messages import Inbound, Reply
from channels.callers import WITHHELD
from channels.emulator import LINE, PhoneCall, Twilio
from dialogs.line import Expect, Line
from dialogs.step import Kind
from tests.channels.conftest import DAY, PUBLIC_URL
from tests.channels.test_twilio_sms import noise
from tests.fakes.turns import FakeTurns, line, reply

EMERGENCY = "hang up and dial 911"


def test_after_hours_the_line_answers_at_once(call: PhoneCall, turns: FakeTurns) -> None:
    call.dial()
    assert call.heard == ["heard opening"]
    assert call.rung == []
    (opening,) = turns.heard
    assert (opening.door, opening.kind, opening.sender, opening.session) == ("voice", Kind.OPENING, "+14155550101", call.sid)


def test_what_is_said_is_heard_with_its_confidence(call: PhoneCall, turns: FakeTurns) -> None:
    assert call.dial().say("my knee hurts", confidence=0.83) == "heard my knee hurts"
    heard = turns.heard[-1]
    assert (heard.kind, heard.text, heard.confidence, heard.dtmf) == (Kind.WORDS, "my knee hurts", 0.83, False)


def test_every_step_has_an_id_of_its_own_and_a_repeated_one_changes_nothing(call: PhoneCall, twilio: Twilio, turns: FakeTurns) -> None:
    """A18 for calls."""
    call.dial()
    call.say("one")
    call.say("two")
    assert [heard.message_id for heard in turns.heard] == [f"{call.sid}:{step}" for step in range(3)]
    form = {"CallSid": call.sid, "From": call.from_, "To": call.to, "SpeechResult": "two", "Confidence": "0.9"}
    assert b"heard two" in twilio.post("/twilio/voice/turn?step=2", form).body
    assert len(turns.heard) == 3


def test_a_zero_for_confidence_is_no_confidence(call: PhoneCall, turns: FakeTurns) -> None:
    call.dial().say("hello", confidence=0.0)
    assert turns.heard[-1].confidence is None


def test_silence_is_heard_as_silence(call: PhoneCall, turns: FakeTurns) -> None:
    assert call.dial().silence() == "heard silence"
    assert turns.heard[-1].kind is Kind.SILENCE


def test_a_gather_is_followed_by_a_way_on(call: PhoneCall, twilio: Twilio) -> None:
    """A8: should Twilio call back no action at all, the next verb takes the same step."""
    answered = twilio.post("/twilio/voice", {"CallSid": "CA1", "From": call.from_, "To": LINE})
    gather, redirect = answered.document
    assert (gather.tag, redirect.tag) == ("Gather", "Redirect")
    assert gather.get("action") == redirect.text
    assert gather.get("input") == "speech dtmf"
    assert gather.get("actionOnEmptyResult") == "true"
    assert gather.get("bargeIn") == "true"
    assert gather.get("speechTimeout") == "auto"
    assert gather.get("profanityFilter") == "false"
    assert (gather.get("action") or "").startswith(f"{PUBLIC_URL}/twilio/voice/turn?")


def test_safety_instructions_cannot_be_talked_over(call: PhoneCall, twilio: Twilio, turns: FakeTurns) -> None:
    """A59: they are said before the call listens."""
    turns.answer = lambda _: Reply((line("Dial 911 now.", uninterruptible=True), line("Which number may we call?")), Expect("patient.phone", "phone"))
    say, gather, _ = twilio.post("/twilio/voice", {"CallSid": "CA1", "From": call.from_, "To": LINE}).document
    assert (say.tag, say.text) == ("Say", "Dial 911 now.")
    assert [said.text for said in gather] == ["Which number may we call?"]


def test_the_spoken_form_is_said(call: PhoneCall, turns: FakeTurns) -> None:
    turns.answer = lambda _: Reply((Line("k", "RL-7K3M9Q", "R L, 7 K 3 M 9 Q"),), Expect(None))
    assert call.dial().heard == ["R L, 7 K 3 M 9 Q"]


def test_spanish_is_said_by_a_spanish_voice_and_heard_by_a_spanish_ear(twilio: Twilio, turns: FakeTurns) -> None:
    turns.answer = lambda _: Reply((line("¿Cómo se llama?"),), Expect("patient.name", "name"), language="es")
    gather, _ = twilio.post("/twilio/voice", {"CallSid": "CA1", "From": "+14155550101", "To": LINE}).document
    assert gather.get("language") == "es-US"
    assert [(said.text, said.get("language")) for said in gather] == [("¿Cómo se llama?", "es-US"), ("For English, press 8.", "en-US")]
    assert "me llamo" in (gather.get("hints") or "")


@pytest.mark.parametrize(
    ("expect", "keys", "meant"),
    [
        (Expect("patient.phone", "phone"), "6145550123#", "6145550123"),
        (Expect("patient.phone", "phone"), "16145550123", "16145550123"),
        (Expect("patient.date_of_birth", "date"), "08141985", "08/14/1985"),
        (Expect("insurance.member_id", "id"), "99812345#", "99812345"),
        (Expect("patient.phone", "phone", confirming=True), "1", "yes"),
        (Expect(None, "yes_no"), "2", "no"),
        (Expect("patient.name", "name"), "0", "I would like to talk to a person"),
    ],
)
def test_keys_are_collected_and_read_by_what_was_asked(call: PhoneCall, turns: FakeTurns, expect: Expect, keys: str, meant: str) -> None:
    turns.answer = lambda _: reply("And?", expect=expect)
    call.dial().press(keys)
    assert (turns.heard[-1].text, turns.heard[-1].dtmf) == (meant, True)


def test_the_call_ends_when_the_conversation_does(call: PhoneCall, turns: FakeTurns) -> None:
    turns.answer = lambda _: reply("Goodbye.", end=True)
    assert call.dial().over
    assert call.heard == ["Goodbye."]


def test_the_status_callback_tells_of_the_hang_up_once(call: PhoneCall, turns: FakeTurns) -> None:
    call.dial().hang_up()
    call.hang_up()
    assert [(heard.kind, heard.message_id) for heard in turns.heard[1:]] == [(Kind.HANGUP, f"{call.sid}:hangup")]


@pytest.mark.parametrize("from_", [*sorted(WITHHELD), "anonymous", "Restricted", "sip:bob@example.com", "", "+1", "\x08"])
def test_callers_without_a_number_are_served_like_any_other(call: PhoneCall, turns: FakeTurns, from_: str) -> None:
    call.from_ = from_
    assert call.dial().say("hello") == "heard hello"
    assert [heard.sender for heard in turns.heard] == [None, None]


def test_a_number_that_is_not_ours_says_so_and_gives_the_911_sentence(call: PhoneCall, turns: FakeTurns) -> None:
    call.to = "+16145550199"
    assert call.dial().over
    assert "Elm Street PT" in call.heard[0]
    assert EMERGENCY in call.heard[0]
    assert turns.heard == []


# The desk and people on call


@pytest.mark.parametrize("happened", ["no-answer", "busy", "failed", "voicemail"])
def test_in_open_hours_the_desk_rings_first_and_the_line_takes_over(call: PhoneCall, now: list[datetime], turns: FakeTurns, happened: str) -> None:
    """An answering machine at the desk does not swallow the caller: nobody pressed 1."""
    now[0] = DAY
    call.person = lambda _: happened
    call.dial()
    assert call.rung == ["+16145550141"]
    assert call.heard == ["heard opening"]
    assert not call.over
    assert len(turns.heard) == 1


def test_when_the_desk_takes_the_call_the_line_stays_out_of_it(call: PhoneCall, now: list[datetime], turns: FakeTurns) -> None:
    now[0] = DAY
    call.person = lambda _: "accept"
    assert call.dial().over
    assert (call.heard, turns.heard) == ([], [])


@pytest.mark.parametrize("more", [{"ForwardedFrom": "+16145550141"}, {"From": "+16145550141", "Caller": "+16145550141"}])
def test_a_call_the_desk_passed_on_does_not_go_back_to_it(call: PhoneCall, now: list[datetime], more: dict[str, str]) -> None:
    now[0] = DAY
    call.more = more
    call.dial()
    assert call.rung == []
    assert call.heard == ["heard opening"]


@pytest.fixture
def passed_on(call: PhoneCall, now: list[datetime], turns: FakeTurns) -> PhoneCall:
    """A call by day that came by way of the desk; whoever speaks asks for a person."""
    now[0] = DAY
    call.more = {"ForwardedFrom": "+16145550141"}
    turns.answer = lambda inbound: reply("Let me try." if inbound.kind is Kind.WORDS else "What is your name?", person=inbound.kind is Kind.WORDS)
    return call.dial()


def test_who_asks_for_a_person_is_put_through_to_the_desk(passed_on: PhoneCall) -> None:
    passed_on.say("a person please")
    assert passed_on.rung == ["+16145550141"]


def test_with_nobody_on_call_nobody_is_rung_at_night(call: PhoneCall, turns: FakeTurns) -> None:
    """The rest of what happens with people is in test_people.py."""
    turns.answer = lambda inbound: reply("Let me try.", person=inbound.kind is Kind.WORDS)
    assert call.dial().say("a person please").startswith("Let me try.")
    assert (call.rung, call.over) == ([], False)


def test_when_a_person_takes_the_call_the_line_is_done(passed_on: PhoneCall, turns: FakeTurns) -> None:
    passed_on.person = lambda _: "accept"
    passed_on.say("a person please")
    assert passed_on.over
    assert len(turns.heard) == 2


def test_a_dialled_leg_has_an_end_and_shows_our_own_number(call: PhoneCall, twilio: Twilio, now: list[datetime]) -> None:
    """Toll fraud: the target is the clinic's, the time limited; attestation: the number shown is ours."""
    now[0] = DAY
    (dial,) = twilio.post("/twilio/voice", {"CallSid": "CA1", "From": call.from_, "To": LINE}).document
    assert dial.get("timeLimit") == "3600"
    assert dial.get("answerOnBridge") == "true"
    assert dial.get("callerId") == LINE


# When things go wrong


def test_a_failed_step_is_said_again_and_loses_nothing(call: PhoneCall, turns: FakeTurns) -> None:
    """A7, A30: the words are asked for again, under the same id; the second time they count."""
    call.dial()
    turns.failures = 1
    said = call.say("my knee hurts")
    assert "say it again" in said
    assert EMERGENCY in said
    assert call.say("my knee hurts") == "heard my knee hurts"
    assert [heard.message_id for heard in turns.heard] == [f"{call.sid}:0", f"{call.sid}:1"]


def test_a_failed_step_is_keyed_again_on_the_same_keypad(call: PhoneCall, turns: FakeTurns) -> None:
    turns.answer = lambda _: reply("Your number?", expect=Expect("patient.phone", "phone"))
    call.dial()
    turns.failures = 1
    call.press("6145550123#")
    call.press("6145550123#")
    assert turns.heard[-1].text == "6145550123"


def test_a_failed_opening_greets_apologises_and_tries_again(call: PhoneCall, turns: FakeTurns) -> None:
    """A60: clinic, assistant, transcription and 911 come first on this path as well."""
    turns.failures = 1
    call.dial()
    greeting, moment, heard = call.heard
    assert all(words in greeting for words in ("Elm Street PT", "automated assistant", "transcribed", EMERGENCY))
    assert "sorry" in moment
    assert heard == "heard opening"


def test_a_line_that_stays_broken_notes_the_number_before_it_promises(call: PhoneCall, agent: Agent, turns: FakeTurns) -> None:
    """A9: "someone will call you back" is true, because it is on disk; it enters the record when that is back."""
    turns.failures = 99
    call.dial()
    assert call.over
    assert "someone from the clinic will call you back" in call.last
    turns.failures = 0
    assert missed_calls.collect(agent) == 1
    words, gone = turns.heard
    assert (words.sender, words.session, words.kind) == (call.from_, call.sid, Kind.WORDS)
    assert "person" in words.text
    assert gone.kind is Kind.HANGUP
    assert missed_calls.collect(agent) == 0


def test_by_day_a_broken_line_tries_the_desk_before_it_gives_up(passed_on: PhoneCall, turns: FakeTurns) -> None:
    turns.failures = 99
    for _ in range(3):
        passed_on.say("my knee hurts")
    assert passed_on.rung == ["+16145550141"]
    assert "call you back" in passed_on.last
    assert passed_on.over


def test_a_desk_that_did_not_pick_up_is_not_rung_again(call: PhoneCall, now: list[datetime], turns: FakeTurns) -> None:
    now[0] = DAY
    turns.failures = 99
    call.dial()
    assert call.rung == ["+16145550141"]
    assert "call you back" in call.last


def test_nothing_is_promised_to_a_caller_without_a_number(call: PhoneCall, turns: FakeTurns) -> None:
    turns.failures = 99
    call.from_ = "anonymous"
    call.dial()
    assert "call you back" not in call.last
    assert "(614) 555-0142" in call.last


def test_nothing_is_promised_when_not_even_a_file_can_be_written(call: PhoneCall, agent: Agent, turns: FakeTurns) -> None:
    """A40."""
    (agent.settings.data_dir / "missed_calls").write_text("a file where the folder should be")
    turns.failures = 99
    call.dial()
    assert "call you back" not in call.last


def test_what_is_noted_is_sealed(call: PhoneCall, agent: Agent, turns: FakeTurns) -> None:
    turns.failures = 99
    call.dial()
    (file,) = (agent.settings.data_dir / "missed_calls").iterdir()
    assert b"4155550101" not in file.read_bytes()
    assert call.sid not in file.name
    assert file.stat().st_mode & 0o077 == 0


def test_a_fault_of_ours_never_drops_the_call(call: PhoneCall, turns: FakeTurns) -> None:
    call.dial()
    turns.crash = ZeroDivisionError("canary")
    said = call.say("my knee hurts")
    assert "say it again" in said
    turns.crash = None
    assert call.say("my knee hurts") == "heard my knee hurts"


def fallback(twilio: Twilio, failed: str, **more: str) -> PhoneCall:
    """A call whose last answer Twilio could not use."""
    call = PhoneCall(twilio)
    call._fetch("/twilio/voice/fallback", {"ErrorCode": "11200", "ErrorUrl": failed, **more})
    return call


def test_the_fallback_greets_and_goes_on_with_the_step_that_was_lost(twilio: Twilio, turns: FakeTurns) -> None:
    """A9, A60, A16."""
    call = fallback(twilio, f"{PUBLIC_URL}/twilio/voice/turn?language=en&step=4&form=phone")
    assert all(words in call.heard[0] for words in ("Elm Street PT", "automated assistant", "transcribed", EMERGENCY))
    assert turns.heard[0].message_id == f"{call.sid}:4"
    assert call.last == "heard silence"
    assert not call.over


def test_a_second_failure_in_a_row_is_the_last(twilio: Twilio, turns: FakeTurns) -> None:
    call = fallback(twilio, f"{PUBLIC_URL}/twilio/voice/answer?language=en&recovering=1")
    assert call.over
    assert EMERGENCY in call.heard[0]
    assert "call you back" in call.last
    assert turns.heard == []


def test_the_fallback_works_with_the_database_gone(twilio: Twilio, agent: Agent, turns: FakeTurns) -> None:
    """A9."""
    path = agent.store.sqlite_path
    assert path is not None
    agent.store.dispose()
    for file in path.parent.glob("referline.db*"):
        file.unlink()
    path.mkdir()
    call = fallback(twilio, f"{PUBLIC_URL}/twilio/voice")
    assert EMERGENCY in call.heard[0]
    assert "sorry" in " ".join(call.heard)
    assert "call you back" in call.last


def test_a_call_that_never_ends_is_ended(call: PhoneCall, twilio: Twilio, turns: FakeTurns) -> None:
    form = {"CallSid": call.sid, "From": call.from_, "To": call.to, "SpeechResult": "blah", "Confidence": "0.9"}
    document = twilio.post("/twilio/voice/turn?step=9999", form).document
    assert [verb.tag for verb in document] == ["Say", "Hangup"]
    assert turns.heard[-1].kind is Kind.HANGUP


def test_any_words_give_an_answer_twilio_can_read(twilio: Twilio, turns: FakeTurns) -> None:
    """A6: 500 hostile things said, and said back."""
    turns.answer = lambda inbound: reply(inbound.text * 3 + "\ud83d\x0b]]>", expect=Expect("insurance.carrier", "payer"))
    chance = random.Random(11)
    for number in range(500):
        words = noise(chance, chance.choice((3, 300, 1500)))
        form = {"CallSid": f"CA{number}", "From": "+14155550101", "To": LINE, "SpeechResult": words, "Confidence": "x"}
        document = twilio.post("/twilio/voice/turn?step=1", form).document
        assert all(0 < len("".join(say.itertext())) <= 4096 for say in document.iter("Say"))
        assert document[-1].tag == "Redirect"


def test_a_reply_longer_than_anybody_listens_to_stays_within_limits(call: PhoneCall, turns: FakeTurns) -> None:
    """A6: 64 KB and 4096 characters to a <Say>, every character of it escaped."""
    turns.answer = lambda _: reply(*["&" * 5000] * 4)
    assert call.dial().heard


def test_the_static_fallback_is_well_formed_and_says_what_it_must() -> None:
    """A9: a TwiML Bin answers when the server does not."""
    text = (Path(__file__).parents[2] / "docs" / "twiml-bin-fallback.xml").read_text(encoding="utf-8")
    assert EMERGENCY in text.replace("\n", " ")
    assert "<Response>" in text


def test_inbound_values_never_come_from_the_address(call: PhoneCall, twilio: Twilio, turns: FakeTurns) -> None:
    """Words in an address would end in logs; whatever is there is not read."""
    twilio.post("/twilio/voice/turn?step=1&SpeechResult=canary", {"CallSid": "CA1", "From": call.from_, "To": LINE})
    assert turns.heard == [Inbound("voice", "CA1:1", Kind.SILENCE, call.from_, session="CA1", textable=True)]
