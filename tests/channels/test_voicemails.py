"""A message after the tone, at the door."""

from __future__ import annotations

from agent import missed_calls
from agent.bootstrap import Agent
from channels.emulator import PhoneCall, Twilio
from dialogs.step import Kind
from tests.fakes.turns import FakeTurns

RECORDING = "RE" + "a" * 32


def recorded(twilio: Twilio, sid: str = RECORDING) -> str:
    """Twilio says that a message was left; what the caller hears."""
    call = PhoneCall(twilio, sid="CA1")
    call._fetch("/twilio/voice/recorded", {"RecordingSid": sid, "RecordingUrl": "https://evil.example/x", "RecordingDuration": "4"})
    assert call.over
    return call.last


def test_a_message_is_heard_as_one_of_its_call_and_its_address_is_made_by_us(twilio: Twilio, turns: FakeTurns, agent: Agent) -> None:
    """Not the address that came with the request: only the id, which has a form."""
    for _ in range(2):
        assert recorded(twilio) == "Thank you. A coordinator will listen to your message. Goodbye."
    (heard,) = turns.heard
    assert (heard.kind, heard.message_id, heard.session, heard.sender) == (Kind.RECORDED, RECORDING, "CA1", "+14155550101")
    assert heard.media == (f"https://api.twilio.com/2010-04-01/Accounts/{agent.settings.twilio_account_sid}/Recordings/{RECORDING}",)


def test_a_message_that_could_not_be_kept_is_a_missed_call_and_nothing_else_is_promised(twilio: Twilio, turns: FakeTurns, agent: Agent) -> None:
    """A40: no false "we received"; the number is on disk, sealed, until the record is back."""
    turns.failures = 1
    assert "will call you back" in recorded(twilio)
    assert missed_calls.collect(agent) == 1


def test_without_a_recording_nothing_is_promised(twilio: Twilio, turns: FakeTurns) -> None:
    assert "try again later" in recorded(twilio, "")
    assert "will call you back" in recorded(twilio, "RE-not-an-id")
    assert turns.heard == []
