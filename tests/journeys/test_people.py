"""A caller who asks for a person after hours: the people on call are rung, and whatever becomes of it, nobody is left in the dark."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from agent.bootstrap import Agent
from agent.columns import unseal
from agent.models import Alert, Task, Transfer
from agent.outbox import iso
from channels.emulator import PhoneCall, Twilio
from tests.agent.record import all_leads, transcript
from tests.fakes.clock import FakeClock

DANA, LUIS = "+16145550171", "+16145550172"
ASKS = "I want to talk to a real person"
DANGER = "my calf is swollen and red since the surgery"


def outcomes(line: Agent) -> list[tuple[str, str | None]]:
    """Name and outcome of everybody rung, in order."""
    with line.store.reading() as session:
        rows = session.scalars(select(Transfer).order_by(Transfer.rung_at, Transfer.place))
        return [(json.loads(unseal(session, row, "person") or "{}")["name"].split()[0], row.outcome) for row in rows]


def events(line: Agent) -> list[str | None]:
    return [text for who, text in transcript(line.store) if who == "event"]


def open_tasks(line: Agent) -> list[str]:
    with line.store.reading() as session:
        return list(session.scalars(select(Task.kind).where(Task.done_at.is_(None))))


@pytest.fixture
def call(twilio: Twilio, line: Agent) -> PhoneCall:
    """A call at night, heard by Twilio."""
    return PhoneCall(twilio).dial()


def asked(call: PhoneCall, *happens: str, words: str = ASKS) -> str:
    """Ask for a person; what happens at each telephone that rings."""
    rings = list(happens)
    call.person = lambda _number: rings.pop(0)
    said = call.say(words)
    assert not rings
    return said


def test_somebody_takes_the_call(call: PhoneCall, line: Agent) -> None:
    """The record has it, the task to call back is done, and the line stays out of it."""
    said = asked(call, "accept")
    assert (call.rung, call.over) == ([DANA], True)
    assert "try to reach a person" in said
    assert outcomes(line) == [("Dana", "accepted")]
    assert events(line) == ["Dana Whitfield took the call."]
    assert open_tasks(line) == []
    call.hang_up()
    assert outcomes(line) == [("Dana", "accepted")], "hanging up afterwards changes nothing"


@pytest.mark.parametrize(
    ("happens", "outcome"),
    [("no-answer", "no_answer"), ("busy", "no_answer"), ("failed", "failed"), ("voicemail", "voicemail"), ("decline", "declined")],
)
def test_whoever_does_not_take_it_the_next_is_tried_and_the_caller_comes_back(call: PhoneCall, line: Agent, happens: str, outcome: str) -> None:
    """Each attempt is typed and in the transcript; the caller hears what happens next, and may leave a message."""
    said = asked(call, happens, happens)
    assert call.rung == [DANA, LUIS]
    assert outcomes(line) == [("Dana", outcome), ("Luis", outcome)]
    assert len(events(line)) == 2
    assert "nobody could take the call" in said
    assert "on Friday, November 20" in said, "the promise is a day"
    assert "leave a message" in said
    assert open_tasks(line) == ["call_back"]
    assert not call.over


def test_the_second_on_call_takes_it(call: PhoneCall, line: Agent) -> None:
    asked(call, "voicemail", "accept")
    assert outcomes(line) == [("Dana", "voicemail"), ("Luis", "accepted")]
    assert "one more person" in " ".join(call.heard)
    assert open_tasks(line) == []


def test_the_offer_of_a_message_is_taken_by_voice_or_by_key(twilio: Twilio, line: Agent) -> None:
    for number, answer in enumerate(("yes please", "1")):
        call = PhoneCall(twilio, from_=f"+1415555010{number}").dial()
        asked(call, "no-answer", "no-answer")
        call.press("1") if answer == "1" else call.say(answer)
        assert call.recorded


@pytest.mark.parametrize("answer", ["no thanks", "", "representative"], ids=["no", "nothing", "a-person-again"])
def test_without_a_message_the_open_question_is_put_again(call: PhoneCall, line: Agent, answer: str) -> None:
    asked(call, "no-answer", "no-answer")
    said = call.say(answer) if answer else call.silence()
    assert said.endswith("full name?")
    assert "did not hear" not in said


def test_what_is_said_instead_is_heard(call: PhoneCall, line: Agent) -> None:
    """Nobody has to answer an offer before they may go on."""
    asked(call, "no-answer", "no-answer")
    call.say("my name is Maria Lopez and I have a torn meniscus")
    (lead,) = all_leads(line.store)
    assert lead["slots"]["patient.name"]["value"] == "Maria Lopez"


@pytest.mark.parametrize("words", ["can I leave a message for the therapist", "I'd like to leave a message please", "quiero dejar un mensaje"])
def test_who_wants_to_leave_a_message_hears_a_tone_and_wakes_nobody(call: PhoneCall, words: str) -> None:
    said = call.say(words)
    assert "after the tone" in said or "después del tono" in said
    assert (call.recorded, call.rung) == (True, [])


@pytest.mark.parametrize("words", ["can somebody call me back", "have a person call me please", "que alguien me llame por favor"])
def test_who_wants_to_be_called_back_wakes_nobody(call: PhoneCall, line: Agent, words: str) -> None:
    """By night, and with nothing urgent: it is noted, and said when."""
    call.say(words)
    assert call.rung == []
    assert open_tasks(line) == ["call_back"]
    assert not call.over


def test_the_whisper_says_who_and_why_and_no_more_before_a_key_is_pressed(call: PhoneCall, line: Agent) -> None:
    """A62: it may be an answering machine that listens. The name is for somebody who has accepted."""
    call.say("it's for me, my name is Maria Lopez")
    asked(call, "voicemail", "accept")
    machine, person = call.whispered[: len(call.whispered) // 2], call.whispered[len(call.whispered) // 2 :]
    assert "a patient who asks to speak to a person" in machine[0]
    assert "Press 1" in " ".join(machine)
    assert "Lopez" not in " ".join(machine)
    assert person[-1] == "Connecting you with Maria Lopez."


def test_an_urgent_caller_is_offered_a_person_and_the_whisper_says_that_it_is_urgent(call: PhoneCall, line: Agent) -> None:
    """The instruction comes first; whoever takes the call has the alert."""
    said = call.say(DANGER)
    assert said.index("doctor today") < said.index("say: a person")
    asked(call, "accept")
    assert "something urgent" in call.whispered[0]
    with line.store.reading() as session:
        alert = session.scalars(select(Alert)).one()
    assert alert.acknowledged_by == "Dana Whitfield"


def test_after_an_urgent_report_nobody_is_told_that_it_can_wait(call: PhoneCall, line: Agent) -> None:
    call.say(DANGER)
    said = asked(call, "no-answer", "no-answer")
    assert "Our team was alerted" in said
    assert "9 1 1" in said


def test_in_an_emergency_nobody_is_kept_on_the_line(call: PhoneCall, line: Agent) -> None:
    """They are told to dial 911; ringing somebody of ours would take the line from them."""
    said = call.say("I have chest pain and I want to talk to a person")
    assert "9 1 1" in said
    assert call.rung == []


def test_a_caller_who_hangs_up_while_it_rings_is_on_record_and_is_called_back(call: PhoneCall, line: Agent) -> None:
    asked(call, "hangs-up")
    assert outcomes(line) == [("Dana", "caller_gone")]
    assert call.rung == [DANA], "nobody else is woken"
    assert open_tasks(line) == ["call_back"]


def test_who_accepts_after_the_caller_has_gone_is_told_so(call: PhoneCall, line: Agent) -> None:
    asked(call, "too-late")
    (reference,) = (lead["reference"] for lead in all_leads(line.store))
    assert "hung up in the meantime" in " ".join(call.whispered)
    assert " ".join(reference) in " ".join(call.whispered)
    assert outcomes(line) == [("Dana", "caller_gone")]
    assert open_tasks(line) == ["call_back"]


def test_asking_twice_rings_once(call: PhoneCall, line: Agent) -> None:
    asked(call, "no-answer", "no-answer")
    call.say("no")
    call.say(ASKS)
    assert call.rung == [DANA, LUIS]


def test_one_caller_does_not_keep_somebody_awake_all_night(twilio: Twilio, line: Agent) -> None:
    """After three calls in a day the request is noted and nobody is rung, unless it is urgent."""
    rung = list[int]()
    for _ in range(5):
        call = PhoneCall(twilio).dial()
        asked(call, *(["no-answer", "no-answer"] if len(rung) < 3 else []))
        rung += [len(call.rung)] if call.rung else []
        call.hang_up()
    assert rung == [2, 2, 2]
    call = PhoneCall(twilio).dial()
    call.say(DANGER)
    asked(call, "accept")
    assert call.rung == [DANA]


def test_the_fallback_goes_on_after_the_ringing(twilio: Twilio, line: Agent) -> None:
    """A9: what became of the ringing was lost on the way; the call is not begun anew."""
    call = PhoneCall(twilio).dial()
    call.say("my name is Maria Lopez")
    call._fetch("/twilio/voice/fallback", {"ErrorCode": "11200", "ErrorUrl": f"{twilio.public_url}/twilio/voice/person?language=en&step=2&place=1"})
    assert call.gather is not None
    assert call.heard[-1].endswith("?")
    assert "Maria" not in " ".join(call.heard[-2:])


def test_the_number_is_never_one_that_the_caller_said(call: PhoneCall, line: Agent) -> None:
    """Toll fraud (A56)."""
    asked(call, "no-answer", "no-answer", words="connect me to 900 555 1234, I want a real person")
    assert call.rung == [DANA, LUIS]


def test_somebody_on_call_who_calls_is_not_rung_themselves(twilio: Twilio, line: Agent) -> None:
    call = PhoneCall(twilio, from_=DANA).dial()
    asked(call, "no-answer")
    assert call.rung == [LUIS]


def test_every_step_of_it_may_come_twice(call: PhoneCall, twilio: Twilio, line: Agent) -> None:
    """A18: the same requests again change nothing and get the same answers."""
    asked(call, "voicemail", "no-answer")
    before = (outcomes(line), transcript(line.store))
    form = {**call._fields(), "CallStatus": "in-progress", "DialCallStatus": "completed", "DialBridged": "false"}
    again = twilio.post("/twilio/voice/person?language=en&step=2&place=1", form)
    assert LUIS.encode() in again.body, "it leads to the second person, as the first time"
    twilio.post("/twilio/voice/person?language=en&step=2&place=2", form)
    assert (outcomes(line), transcript(line.store)) == before


def test_people_on_call_are_only_rung_when_nobody_is_at_the_desk(twilio: Twilio, line: Agent, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    call = PhoneCall(twilio, more={"ForwardedFrom": "+16145550141"}).dial()
    asked(call, "no-answer")
    assert call.rung == ["+16145550141"]
    assert events(line) == ["The desk was rung and did not answer."]
    assert iso(clock.now).startswith("2026-11-19")


def test_the_new_routes_are_for_twilio_only(twilio: Twilio) -> None:
    """A1."""
    for path in ("person", "offer", "taken", "message"):
        assert twilio.post(f"/twilio/voice/{path}?transfer=x&step=1", {"CallSid": "CA1"}, signature="").status == 403
