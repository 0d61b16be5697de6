"""Values put right right after they were given, going back, and payers asked about one after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs import engine
from dialogs.state import State
from nlu.parse import Act, Context, Parse, Reading
from tests.dialogs.talk import EVERYTHING, Talk, answer, keys, words

PHONE = "+14405550177"


def _moments(talk: Talk, *acts: Act, slots: tuple[str, ...] = ()) -> list[str | None]:
    """The slots a message may be about instead of the question that is open."""
    parse = Parse("no it's ...", frozenset(acts), {name: Reading(name, "x", "x") for name in slots})
    context = engine.listening(talk.state, talk.channel, talk.moment)
    return [context.asked for context in engine.listening_back(talk.state, parse, context)]


def _named() -> Talk:
    talk = Talk("voice")
    talk.say("ana ruis", slots={"patient.name": "Ana Ruis"})
    return talk


def test_a_correction_that_says_nothing_of_the_open_question_is_about_what_was_told_last() -> None:
    talk = _named()
    assert talk.state.asked == "caller.role"
    assert _moments(talk, Act.DENY) == ["patient.name"]
    assert _moments(talk, Act.CORRECT) == ["patient.name"]


def test_an_answer_and_a_question_are_about_what_is_open() -> None:
    talk = _named()
    assert _moments(talk) == []
    assert _moments(talk, Act.DENY, slots=("caller.role",)) == []
    assert _moments(talk, Act.DENY, Act.QUESTION) == []


def test_what_it_puts_right_replaces_the_value_and_the_open_question_stays() -> None:
    talk = _named()
    again = Parse("no it's ruiz with a z", slots={"patient.name": Reading("patient.name", "Ana Ruiz", "ruiz with a z")})
    righted = engine.put_right(Parse(again.text, frozenset({Act.DENY})), again, "patient.name", talk.state)
    assert righted is not None
    step = talk.hear(righted)
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"
    assert step.expect is not None
    assert step.expect.slot == "caller.role"


def test_the_same_value_again_puts_nothing_right() -> None:
    state = replace(State("RL-7K3M9Q"), slots=_named().state.slots)
    same = Parse("...", slots={"patient.name": Reading("patient.name", "Ana Ruis", "ana ruis")})
    assert engine.put_right(Parse("..."), same, "patient.name", state) is None
    assert engine.put_right(Parse("..."), Parse("..."), "patient.name", state) is None


def test_a_no_that_goes_on_is_not_the_answer_nobody() -> None:
    talk = Talk("voice")
    talk.say(slots={k: v for k, v in EVERYTHING.items() if not k.startswith("referral.pr")})
    assert talk.state.asked == "referral.provider"
    talk.say("no it's double t", Act.DENY)
    assert "referral.provider" not in talk.state.slots
    talk.say("no", Act.DENY)
    assert talk.state.slots["referral.provider"].value == "none"


def test_calling_it_wrong_takes_back_what_was_read_back_also_where_a_no_would_answer() -> None:
    talk = Talk("voice")
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k not in ("patient.phone", "referral.provider", "referral.practice")})
    talk.say("four four oh ...", slots={"patient.phone": PHONE})
    assert talk.state.asked == "referral.provider"
    step = talk.say("no that's wrong", Act.DENY)
    assert "take_back" in keys(step)
    assert step.expect is not None
    assert step.expect.slot == "patient.phone"


def test_another_date_of_birth_right_after_the_first_corrects_it() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k not in ("patient.date_of_birth", "patient.email")})
    talk.say("5/6/1971", slots={"patient.date_of_birth": "1971-05-06"})
    talk.say("sorry i was born 5/6/1970", slots={"patient.date_of_birth": "1970-05-06"})
    assert talk.state.slots["patient.date_of_birth"].value == "1970-05-06"
    assert talk.state.asked == "patient.email"


def test_go_back_asks_the_question_before_and_takes_its_new_answer() -> None:
    talk = Talk()
    talk.say("ana ruis", slots={"patient.name": "Ana Ruis"})
    step = talk.say("Go back, please")
    assert step.expect is not None
    assert step.expect.slot == "patient.name"
    step = talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"
    assert step.expect is not None
    assert step.expect.slot == "caller.role"


def test_go_back_and_then_nothing_keeps_what_was_said() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("back")
    step = talk.say("no it was right", Act.AFFIRM)
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"
    assert step.expect is not None
    assert step.expect.slot == "caller.role"


def test_of_two_payers_asked_about_one_is_theirs_and_they_say_which() -> None:
    talk = Talk()
    talk.say("do you take cigna?", Act.QUESTION, slots={"insurance.carrier": "Cigna"}, parts=(answer("q", "Yes."),))
    step = talk.say("what about aetna?", Act.QUESTION, slots={"insurance.carrier": "Aetna"}, parts=(answer("r", "Yes."),))
    assert step.expect is not None
    assert step.expect.slot == "patient.name"
    step = talk.say(slots={k: v for k, v in EVERYTHING.items() if not k.startswith("insurance.")})
    assert words(step).endswith("Which insurance is right: Cigna or Aetna?")
    talk.say("aetna", slots={"insurance.carrier": "Aetna"})
    assert talk.state.slots["insurance.carrier"].value == "Aetna"


def test_an_insurer_named_for_an_accident_keeps_the_kind_of_cover() -> None:
    talk = Talk()
    comp = "Workers' Compensation"
    talk.say("hurt at work, it's workers comp", slots={"insurance.carrier": comp, "insurance.plan": comp})
    talk.say(slots={k: v for k, v in EVERYTHING.items() if not k.startswith("insurance.")})
    assert talk.state.asked == "insurance.carrier"
    talk.say("harbor mutual", slots={"insurance.carrier": "Harbor Mutual", "insurance.plan": "Auto"})
    assert talk.state.slots["insurance.carrier"].value == "Harbor Mutual"
    assert talk.state.slots["insurance.plan"].value == comp


def test_a_plan_named_as_the_plan_does_not_replace_the_insurer() -> None:
    talk = Talk()
    comp = "Workers' Compensation"
    talk.say(slots={**EVERYTHING, "insurance.carrier": "Harbor Mutual", "insurance.plan": "Auto"})
    talk.say("no, the plan is workers comp", Act.CORRECT, slots={"insurance.carrier": comp, "insurance.plan": comp})
    assert talk.state.slots["insurance.carrier"].value == "Harbor Mutual"
    assert talk.state.slots["insurance.plan"].value == comp


def test_what_is_wrong_is_no_name_of_a_plan() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "insurance.plan"})
    talk.say("i have just the one card")
    talk.say("i don't have another")
    assert "insurance.plan" not in talk.state.slots


def test_the_words_of_not_knowing_are_no_value() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "referral.practice"})
    parse = Parse("idk :)", frozenset({Act.DONT_KNOW}), {"referral.practice": Reading("referral.practice", "Idk", "idk", confidence=0.6)})
    talk.hear(parse)
    assert "referral.practice" not in talk.state.slots


def test_one_part_of_the_body_is_truer_than_several_heard_first() -> None:
    talk = Talk()
    talk.say(
        "my joints hurt",
        slots={"referral.reason": "joints hurt", "referral.body_part": "multiple", "patient.name": "Ana Ruiz", "caller.role": "patient"},
    )
    assert talk.state.asked == "referral.reason"
    talk.say("arthritis in my hands", slots={"referral.reason": "arthritis in hands", "referral.body_part": "hand"})
    assert talk.state.slots["referral.body_part"].value == "hand"


def test_a_yes_to_the_first_of_two_choices_takes_it() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("Yes.", Act.BACKCHANNEL)
    assert talk.state.slots["caller.role"].value == "patient"


def test_a_story_told_first_is_asked_about_once_more() -> None:
    talk = Talk()
    told = {"referral.reason": "tore something in the garden last week", "referral.body_part": "knee", "referral.provider": "Dr. Ott"}
    talk.say("...", slots=told)
    talk.say("ana ruiz, me", slots={"patient.name": "Ana Ruiz", "caller.role": "patient"})
    assert talk.state.asked == "referral.reason"


def test_context_of_a_second_reading_names_the_slot_as_read_back() -> None:
    talk = _named()
    context = Context(talk.moment.today, asked="caller.role")
    first = next(engine.listening_back(talk.state, Parse("no it's ...", frozenset({Act.DENY})), context))
    assert (first.asked, first.confirming) == ("patient.name", True)


@pytest.mark.parametrize(
    ("passing", "answer", "kept"),
    [
        ("Postpartum", "leaking since the baby", "Postpartum, leaking since the baby"),
        ("sprained knee", "MCL sprain from soccer", "MCL sprain from soccer"),
        ("fell off a ladder at work", "torn rotator cuff", "torn rotator cuff"),
    ],
)
def test_a_term_said_in_passing_stays_before_an_answer_that_does_not_repeat_it(passing: str, answer: str, kept: str) -> None:
    talk = Talk()
    talk.say("...", slots={"referral.reason": passing})
    talk.say("ana ruiz, me", slots={"patient.name": "Ana Ruiz", "caller.role": "patient"})
    talk.say(answer, slots={"referral.reason": answer})
    assert talk.state.slots["referral.reason"].value == kept


def test_the_same_words_twice_are_no_answer_to_the_next_question() -> None:
    """A text sent twice, or a caller who was not sure to be heard."""
    talk = Talk()
    for _ in range(2):
        step = talk.say("it's a sprained ankle from a fall", slots={"referral.reason": "sprained ankle from a fall", "patient.name": "Ana Ruiz"})
        assert step.expect is not None
        assert step.expect.slot == "caller.role"
    talk.say("me", slots={"caller.role": "patient"})
    first = talk.say("skip", Act.SKIP)
    second = talk.say("skip", Act.SKIP)
    assert first.expect is not None
    assert second.expect is not None
    assert first.expect.slot != second.expect.slot


def test_a_yes_before_the_answer_leaves_the_question_open() -> None:
    talk = Talk()
    talk.say("my knee", slots={"referral.reason": "knee", "patient.name": "Ana Ruiz", "caller.role": "patient"})
    talk.say("yes", Act.BACKCHANNEL)
    assert talk.state.asked == "referral.reason"
    talk.say("yes", Act.BACKCHANNEL)
    assert talk.state.asked == "referral.body_part"


def test_a_yes_that_turns_out_to_be_none_is_put_right_by_the_next_words() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("yes", Act.BACKCHANNEL)
    talk.say("for my wife", slots={"caller.role": "caregiver"})
    assert talk.state.slots["caller.role"].value == "caregiver"


def test_who_comes_back_does_not_answer_what_was_asked_then() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k != "insurance.plan"})
    talk.say("hm")
    talk.later()
    talk.say("i got cut off in the tunnel")
    assert "insurance.plan" not in talk.state.slots
    assert talk.state.asked == "insurance.plan"


def test_a_guess_gives_way_to_what_the_words_surely_are() -> None:
    talk = Talk()
    talk.say(slots={k: v for k, v in EVERYTHING.items() if k not in ("referral.practice", "referral.specialty")})
    slots = {
        "referral.practice": Reading("referral.practice", "Orthopedic", "orthopedic", 0, 10, 0.6),
        "referral.specialty": Reading("referral.specialty", "orthopedics", "orthopedic", 0, 10, 0.85),
    }
    talk.hear(Parse("orthopedic", slots=slots))
    assert "referral.practice" not in talk.state.slots
    assert talk.state.slots["referral.specialty"].value == "orthopedics"


def test_the_same_name_spelt_otherwise_is_the_name() -> None:
    talk = Talk()
    talk.say("karl whitier, for me", slots={"patient.name": "Karl Whitier", "caller.role": "patient"})
    talk.say("whittier with two t's", slots={"patient.name": "Karl Whittier"})
    talk.say("karl", slots={"patient.name": "Karl"})
    assert talk.state.slots["patient.name"].value == "Karl Whittier"
