"""A message on the machine is taken like any other words, by a line that cannot ask back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogs.events import IntakeEnded, OptedOut, OtherPerson, PersonRequested, QuestionUnanswered, UrgentRaised, VoicemailRead
from dialogs.state import Filled
from dialogs.step import Kind, Step
from nlu.parse import Act, OptOut, Parse, Reading, Safety, SafetyLevel, Value
from tests.dialogs.talk import Talk, answer, no_answer

BEGUN = {"patient.name": Filled("Ana Ruiz", "ana ruiz", "speech", confirmed=True, session=1)}


def calling(**state: object) -> Talk:
    begun: dict[str, Any] = {"session": 1, "greeted": True, "asked": "referral.reason", "slots": BEGUN, **state}
    talk = Talk("voice", **begun)
    talk.moment = replace(talk.moment, new_session=False)
    return talk


def message(talk: Talk, slots: dict[str, Value] | None = None, *, parts: tuple[object, ...] = (), **meaning: object) -> Step:
    readings = {name: Reading(name, value, "as said") for name, value in (slots or {}).items()}
    parse = replace(Parse("as said", slots=readings), **meaning)  # type: ignore[arg-type]  # fields of Parse
    return talk.hear(parse, parts, Kind.VOICEMAIL)  # type: ignore[arg-type]  # parts of talk.py


def test_that_one_was_left_is_worth_a_lead_before_a_word_of_it_is_known() -> None:
    talk = calling()
    step = talk.hear(Parse(""), kind=Kind.RECORDED)
    assert (talk.state.attached, step.lines, step.events, step.end) == (1, (), (), True)


def test_new_values_wait_for_a_coordinators_eye() -> None:
    talk = calling()
    step = message(talk, {"insurance.carrier": "Cigna"})
    told = talk.state.slots["insurance.carrier"]
    assert (told.value, told.source, told.needs_review, told.confirmed) == ("Cigna", "speech", True, False)
    assert (step.lines, talk.happened(VoicemailRead)) == ((), [VoicemailRead()])


def test_nothing_that_was_agreed_to_is_replaced_not_even_by_a_correction() -> None:
    talk = calling()
    message(talk, {"patient.name": "Ana Ruiz Vega"}, acts=frozenset({Act.CORRECT}))
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"


def test_the_question_that_was_open_stays_open_unless_the_message_answers_it() -> None:
    talk = calling()
    message(talk, {"insurance.carrier": "Cigna"})
    assert talk.state.asked == "referral.reason"
    message(talk, {"referral.reason": "knee pain since a fall"})
    assert talk.state.asked is None
    assert talk.quiet().expect is not None


def test_a_name_left_on_the_machine_does_not_send_the_request_when_they_call_back() -> None:
    """A later answer to "what is the name?" must not be taken for the check of a name that was on record before."""
    talk = calling(asked="patient.name", slots={})
    message(talk, {"patient.name": "Ana Ruiz"})
    talk.say("hello", Act.GREETING)
    assert talk.state.asked == "caller.role"


def test_whoever_calls_next_hears_none_of_it_before_they_have_named_themselves() -> None:
    """Told in no session: caller ID is never proof, and neither is a voice on a machine."""
    talk = calling(named=False)
    message(talk, {"patient.name": "Ana Ruiz", "insurance.carrier": "Cigna"})
    assert (talk.state.slots["insurance.carrier"].session, talk.state.named) == (0, False)


def test_a_message_of_somebody_else_at_the_same_number_puts_nothing_beside_the_record() -> None:
    """Its words are on the transcript and its red flags are heard; whose it is, a coordinator sees."""
    talk = calling(session=2)
    message(talk, {"patient.name": "Bob Stone", "insurance.carrier": "Cigna"}, safety=Safety(SafetyLevel.EMERGENCY, "cardiac", "x"))
    assert talk.state.slots == BEGUN
    assert (len(talk.happened(UrgentRaised)), len(talk.happened(VoicemailRead)), talk.happened(OtherPerson)) == (1, 1, [])


def test_a_red_flag_is_an_alert_also_when_it_is_doubtful() -> None:
    """A59: nobody is there to be asked whether they have it right now."""
    talk = calling()
    step = message(talk, safety=Safety(SafetyLevel.EMERGENCY, "cardiac", "cardiac.chest_pain", certain=False))
    assert talk.happened(UrgentRaised) == [UrgentRaised("emergency", "cardiac", "cardiac.chest_pain")]
    assert (talk.state.urgent, step.lines) == (True, ())


def test_no_more_texts_and_a_person_are_wishes_there_too() -> None:
    talk = calling()
    message(talk, opt_out=OptOut.STOP, handoff=True)
    assert (len(talk.happened(OptedOut)), len(talk.happened(PersonRequested))) == (1, 1)
    assert (talk.state.opted_out, talk.state.handoff, talk.state.person_asks) == (True, True, 0)


def test_a_question_nobody_can_answer_is_kept_and_none_is_answered_aloud() -> None:
    talk = calling()
    parts = (answer("do you take Cigna", "Yes."), no_answer("do you validate parking"))
    step = message(talk, parts=parts, acts=frozenset({Act.QUESTION}))
    assert talk.happened(QuestionUnanswered) == [QuestionUnanswered("do you validate parking")]
    assert (step.lines, talk.state.topic) == ((), None)


def test_a_wrong_number_is_on_record_as_one() -> None:
    talk = calling(slots={})
    message(talk, wrong_number=True)
    assert (talk.state.wrong_number, talk.happened(IntakeEnded)) == (True, [IntakeEnded("wrong_number")])
