from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.engine import MOST_MESSAGES
from dialogs.events import IntakeChanged, IntakeCompleted, IntakeEnded, OtherPerson, QuestionUnanswered
from dialogs.state import Phase
from dialogs.step import Kind
from nlu.parse import Act, Parse, TimeWindow, Value
from tests.dialogs.talk import EVERYTHING, Talk, answer, keys, no_answer, words


def test_the_first_reply_greets_before_it_asks() -> None:
    """A60"""
    step = Talk().say("hi", Act.GREETING)
    assert keys(step)[0] == "greeting"
    assert "automated assistant" in words(step)
    assert "911" in words(step)
    assert step.expect is not None
    assert step.expect.slot == "patient.name"


def test_nothing_is_asked_that_was_given() -> None:
    talk = Talk()
    step = talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "insurance.plan"})
    assert step.expect is not None
    assert step.expect.slot == "insurance.plan"


def test_a_reason_said_in_passing_is_kept_and_asked_about_once() -> None:
    talk = Talk()
    talk.say("my knee", slots={"referral.reason": "knee", "patient.name": "Ana Ruiz", "caller.role": "patient"})
    assert talk.state.asked == "referral.reason"
    step = talk.say("dont know", Act.DONT_KNOW)
    assert talk.state.slots["referral.reason"].value == "knee"
    assert step.expect is not None
    assert step.expect.slot == "referral.body_part"


def test_more_about_the_reason_replaces_what_was_said_in_passing() -> None:
    talk = Talk()
    talk.say("my knee", slots={"referral.reason": "knee", "patient.name": "Ana Ruiz", "caller.role": "patient"})
    talk.say("new knee in may", slots={"referral.reason": "total knee replacement in May"})
    assert talk.state.slots["referral.reason"].value == "total knee replacement in May"


def test_a_time_inside_a_question_does_not_answer_ours() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "preferred_times"})
    weekend = (TimeWindow(("sat", "sun")),)
    step = talk.say("do you have weekends?", Act.QUESTION, slots={"preferred_times": weekend}, parts=(answer("q", "Closed."),))
    assert step.expect is not None
    assert step.expect.slot == "preferred_times"


def test_a_no_that_corrects_something_else_does_not_answer_our_question() -> None:
    talk = Talk("voice")
    talk.say(slots={k: v for k, v in EVERYTHING.items() if not k.startswith("referral.pr")})
    assert talk.state.asked == "referral.provider"
    talk.say("no wait it's ...", Act.DENY, Act.CORRECT, slots={"patient.phone": "+14405550177"})
    assert "referral.provider" not in talk.state.slots


def test_facts_given_in_answer_to_another_question_are_kept() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    step = talk.say("cigna", slots={"insurance.carrier": "Cigna"})
    assert talk.state.slots["insurance.carrier"].value == "Cigna"
    assert step.expect is not None
    assert step.expect.slot == "patient.name"


def test_five_questions_in_a_row_lead_back_to_the_same_slot() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz", "caller.role": "patient"})
    for number in range(5):
        step = talk.say(f"question {number}?", Act.QUESTION, parts=(answer("q", f"answer {number}"),))
        assert f"answer {number}" in words(step)
        assert step.expect is not None
        assert step.expect.slot == "referral.reason"


def test_what_nobody_can_answer_is_said_so_and_kept() -> None:
    talk = Talk()
    step = talk.say("do you validate parking?", Act.QUESTION, parts=(no_answer("do you validate parking"),))
    assert "no_answer" in keys(step)
    assert talk.state.unanswered == ("do you validate parking",)
    assert talk.happened(QuestionUnanswered)


def test_a_statement_without_an_answer_is_not_a_question_left_open() -> None:
    talk = Talk()
    talk.say("my neighbor has a dog", parts=(no_answer("my neighbor has a dog"),))
    assert talk.state.unanswered == ()


@pytest.mark.parametrize("act", [Act.SKIP, Act.DONT_KNOW])
def test_a_refusal_is_noted_and_not_asked_again(act: Act) -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k not in ("insurance.member_id", "patient.email")})
    assert talk.state.asked == "insurance.member_id"
    step = talk.say("no idea", act)
    assert "insurance.member_id" in talk.state.declined
    assert step.expect is not None
    assert step.expect.slot == "patient.email"


def test_a_backchannel_is_never_a_value() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    step = talk.say("mm hmm", Act.BACKCHANNEL)
    assert talk.state.slots == {}
    assert step.expect is not None
    assert step.expect.slot == "patient.name"


def test_an_answer_not_understood_climbs_a_ladder_that_ends() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    said = [words(talk.say("grmbl frz")) for _ in range(2)]
    assert len({*said}) == 2
    step = talk.say("grmbl frz")
    assert talk.state.slots["patient.name"].needs_review
    assert step.expect is not None
    assert step.expect.slot == "caller.role"


def test_a_yes_or_a_no_that_stands_for_a_value_settles_the_question() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("no", Act.DENY)
    assert talk.state.slots["caller.role"].value == "caregiver"


def test_the_same_number_means_the_number_they_use() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "patient.phone"})
    talk.say("same number", same_number=True)
    phone = talk.state.slots["patient.phone"]
    assert (phone.value, phone.source) == ("+14405550123", "caller_id")


def test_two_candidates_are_asked_about_once_and_then_both_kept() -> None:
    talk = Talk()
    step = talk.say("dr reyes or rios", slots={**EVERYTHING, "referral.provider": ("Dr. Reyes", "Dr. Rios")})
    assert "Dr. Reyes or Dr. Rios" in words(step)
    talk.say("not sure", Act.DONT_KNOW)
    provider = talk.state.slots["referral.provider"]
    assert provider.value == ("Dr. Reyes", "Dr. Rios")
    assert provider.needs_review
    assert talk.state.phase is Phase.CONFIRMING


def test_a_choice_settles_two_candidates() -> None:
    talk = Talk()
    talk.say("dr reyes or rios", slots={**EVERYTHING, "referral.provider": ("Dr. Reyes", "Dr. Rios")})
    talk.say("reyes", slots={"referral.provider": "Dr. Reyes"})
    assert talk.state.slots["referral.provider"].value == "Dr. Reyes"


def test_two_wished_times_are_two_wishes_and_no_question() -> None:
    talk = Talk()
    wishes = (TimeWindow(("tue",)), TimeWindow(("thu",), after="15:00"))
    step = talk.say(slots={**EVERYTHING, "preferred_times": wishes})
    assert talk.state.slots["preferred_times"].value == wishes
    assert "Tuesday or Thursday after 3 PM" in words(step)


def test_everything_given_is_read_back_and_promised_only_after_the_yes() -> None:
    talk = Talk()
    step = talk.say(slots=EVERYTHING)
    assert "summary" in keys(step)
    assert not talk.happened(IntakeCompleted)
    step = talk.say("yes", Act.AFFIRM)
    assert talk.happened(IntakeCompleted)
    assert "on Monday, November 23" in words(step)
    assert "RL-7K3M9Q" in words(step)
    assert all(filled.confirmed for filled in talk.state.slots.values())


def test_a_stale_yes_does_not_confirm_the_old_value() -> None:
    talk = Talk()
    talk.say(slots=EVERYTHING)
    step = talk.say("yes but it is Ruis with an s", Act.AFFIRM, Act.CORRECT, slots={"patient.name": "Ana Ruis"})
    assert not talk.happened(IntakeCompleted)
    assert "Ana Ruis" in words(step)
    talk.say("yes", Act.AFFIRM)
    assert talk.state.slots["patient.name"].value == "Ana Ruis"
    assert talk.happened(IntakeCompleted)


def test_a_no_at_the_end_asks_what_to_change_and_goes_to_what_is_named() -> None:
    talk = Talk()
    talk.say(slots=EVERYTHING)
    assert "what_to_change" in keys(talk.say("no", Act.DENY))
    step = talk.say("the phone is wrong", Act.DENY)
    assert step.expect is not None
    assert step.expect.slot == "patient.phone"
    step = talk.say("440 555 0199", slots={"patient.phone": "+14405550199"})
    assert "(440) 555-0199" in words(step)


def test_a_correction_is_taken_at_any_time() -> None:
    talk = Talk()
    talk.say("ana ruiz, aetna", slots={"patient.name": "Ana Ruiz", "insurance.carrier": "Aetna"})
    talk.say("sorry, it is cigna, not aetna", Act.CORRECT, slots={"insurance.carrier": "Cigna"})
    assert talk.state.slots["insurance.carrier"].value == "Cigna"


def test_asking_about_another_payer_does_not_change_ones_own() -> None:
    talk = Talk()
    talk.say("cigna", slots={"insurance.carrier": "Cigna"})
    talk.say("do you take aetna?", Act.QUESTION, slots={"insurance.carrier": "Aetna"}, parts=(answer("q", "Yes."),))
    assert talk.state.slots["insurance.carrier"].value == "Cigna"


def test_a_change_after_the_promise_is_taken_and_told() -> None:
    talk = Talk()
    talk.say(slots=EVERYTHING)
    talk.say("yes", Act.AFFIRM)
    step = talk.say("actually my phone is 440 555 0177", Act.CORRECT, slots={"patient.phone": "+14405550177"})
    assert talk.happened(IntakeChanged) == [IntakeChanged(("patient.phone",))]
    assert "changed" in keys(step)


def test_what_another_session_said_is_not_read_out_before_the_person_names_themselves() -> None:
    """A55: the line asks, it does not tell."""
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "patient.email"})
    talk.later("voice")
    step = talk.hear(Parse(""), kind=Kind.OPENING)
    assert step.expect is not None
    assert step.expect.slot == "patient.email"
    assert not [value for value in EVERYTHING.values() if isinstance(value, str) and value in words(step)]
    step = talk.say("skip", Act.SKIP)
    assert keys(step)[-1] == "verify_name"
    step = talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    assert "summary" in keys(step)


def test_somebody_else_at_the_same_number_starts_a_request_of_their_own() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz", "insurance.carrier": "Cigna"})
    talk.later()
    talk.say("bob stone", slots={"patient.name": "Bob Stone"})
    assert talk.happened(OtherPerson)
    assert talk.state.reference == "RL-AAAAAA"
    assert set(talk.state.slots) == {"patient.name"}


def test_a_lone_first_name_is_the_same_person() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.later()
    talk.say("it's ana", slots={"patient.name": "Ana"})
    assert talk.state.named
    assert not talk.happened(OtherPerson)


def test_hanging_up_leaves_a_partial_request_that_can_be_gone_on_with() -> None:
    talk = Talk("voice")
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.hear(Parse(""), kind=Kind.HANGUP)
    assert talk.happened(IntakeEnded) == [IntakeEnded("hangup")]
    assert talk.state.phase is Phase.COLLECTING


def test_silence_is_asked_about_and_then_ended() -> None:
    talk = Talk("voice")
    talk.hear(Parse(""), kind=Kind.OPENING)
    assert "silence" in keys(talk.quiet())
    talk.quiet()
    assert talk.quiet().end
    assert talk.happened(IntakeEnded)


def test_a_number_heard_is_read_back_and_a_no_takes_it_back() -> None:
    talk = Talk("voice")
    talk.say(slots={"patient.name": "Ana Ruiz", "caller.role": "patient", "referral.reason": "knee pain", "referral.body_part": "knee"})
    step = talk.say("four four oh ...", slots={"patient.phone": "+14405550111"})
    assert "echo" in keys(step)
    step = talk.say("no", Act.DENY)
    assert "patient.phone" not in talk.state.slots
    assert step.expect is not None
    assert step.expect.slot == "patient.phone"


def test_the_slot_named_at_the_end_is_asked_for_without_a_no() -> None:
    talk = Talk()
    talk.say(slots=EVERYTHING)
    step = talk.say("the phone is wrong")
    assert step.expect is not None
    assert step.expect.slot == "patient.phone"


def test_a_word_for_the_old_payer_goes_with_it() -> None:
    talk = Talk()
    talk.say("workers comp", slots={"insurance.carrier": "Workers' Compensation", "insurance.plan": "Workers' Compensation"})
    talk.say("no, it's aetna", Act.CORRECT, slots={"insurance.carrier": "Aetna"})
    assert "insurance.plan" not in talk.state.slots


def test_a_question_passed_over_is_not_pressed_for_ever() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    asked = []
    for name, value in list(EVERYTHING.items())[2:9]:
        asked.append(words(talk.say("...", slots={name: value})))
    assert talk.state.asked != "patient.name"
    assert all("Got it." in said for said in asked[:-1])


def test_the_first_refusal_of_a_name_is_explained_and_the_second_taken() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    talk.say("no", Act.SKIP)
    talk.say("i said no", Act.SKIP)
    assert "patient.name" in talk.state.declined


def test_same_is_the_number_they_use() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "patient.phone"})
    talk.say("same")
    assert talk.state.slots["patient.phone"].value == "+14405550123"


def test_start_over_forgets_the_values_but_not_the_danger() -> None:
    talk = Talk(red_flags=("chest-1",), urgent=True)
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("start over", Act.START_OVER)
    assert talk.state.slots == {}
    assert talk.state.red_flags == ("chest-1",)


def test_self_pay_is_asked_for_no_plan_and_no_member_id() -> None:
    talk = Talk()
    given = {**EVERYTHING, "insurance.carrier": "Self-pay"}
    talk.say(slots={k: v for k, v in given.items() if k not in ("insurance.plan", "insurance.member_id")})
    assert talk.state.phase is Phase.CONFIRMING


@given(st.lists(st.tuples(st.sets(st.sampled_from([a for a in Act if a is not Act.STOP]), max_size=2), st.booleans()), min_size=100, max_size=120))
@settings(max_examples=25, deadline=None)
def test_every_conversation_ends(messages: list[tuple[set[Act], bool]]) -> None:
    """Whatever is said, the line stops asking within a bounded number of messages."""
    talk = Talk()
    for number, (acts, with_question) in enumerate(messages):
        step = talk.say("bla", *acts, parts=(answer("q", "a"),) if with_question else ())
        if step.end:
            return
        assert number <= MOST_MESSAGES or talk.state.phase is Phase.DONE


@given(st.dictionaries(st.sampled_from(sorted(EVERYTHING)), st.just(0), max_size=14))
@settings(max_examples=50, deadline=None)
def test_thinking_twice_gives_the_same_step(names: dict[str, int]) -> None:
    slots: dict[str, Value] = {name: EVERYTHING[name] for name in names}
    assert Talk().say(slots=slots) == Talk().say(slots=slots)
