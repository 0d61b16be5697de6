from __future__ import annotations

from datetime import date

import pytest

from nlu import acts
from nlu.message import Message
from nlu.parse import Act, Context

TODAY = date(2026, 11, 20)


def read(text: str, asked: str | None = None, *, confirming: bool = False, filled: tuple[str, ...] = ()) -> set[str]:
    return {str(a) for a in acts.read(Message.of(text), Context(TODAY, asked, confirming), filled=filled)}


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("yes", "affirm"),
        ("yep that's right", "affirm"),
        ("sí, claro", "affirm"),
        ("no", "deny"),
        ("nope, that's wrong", "deny"),
        ("not right now", "deny"),
        ("what are your hours", "question"),
        ("do you take aetna", "question"),
        ("could you say that one more time", "repeat"),
        ("pardon?", "repeat"),
        ("i don't follow what you're asking", "help"),
        ("get me a person", "human"),
        ("quiero hablar con alguien", "human"),
        ("never mind", "stop"),
        ("quit texting me", "stop"),
        ("no clue", "dont_know"),
        ("no me acuerdo", "dont_know"),
        ("mm hmm", "backchannel"),
        ("good afternoon", "greeting"),
        ("muchas gracias", "thanks"),
        ("ok bye now", "goodbye"),
        ("let's start over", "start_over"),
        ("hold on a second", "wait"),
        ("espere un momento", "wait"),
    ],
)
def test_the_plain_wording_of_each_act(text: str, act: str) -> None:
    assert act in read(text)


def test_refusing_a_question_skips_it_and_is_not_a_no() -> None:
    assert read("i'd rather not say", "patient.date_of_birth") == {"skip"}
    assert read("no thank you", "patient.email") == {"skip"}


def test_a_yeah_that_opens_an_answer_is_part_of_the_answer() -> None:
    assert read("yeah it's dolores vega", "patient.name", filled=("patient.name",)) == set()


def test_a_no_that_gives_the_value_none_is_not_a_denial() -> None:
    assert read("no referral", "referral.provider", filled=("referral.provider",)) == set()


def test_no_with_a_new_value_while_confirming_denies_and_corrects() -> None:
    assert read("no, it's the fourteenth", "patient.date_of_birth", confirming=True, filled=("patient.date_of_birth",)) == {"deny", "correct"}


def test_a_new_value_while_confirming_corrects_without_a_no() -> None:
    assert read("it's dot net", "patient.email", confirming=True, filled=("patient.email",)) == {"correct"}


def test_a_restated_value_beside_a_yes_agrees() -> None:
    assert read("yes, mondays at ten", "preferred_times", confirming=True, filled=("preferred_times",)) == {"affirm"}


def test_okay_is_listening_while_asked_and_agreement_while_confirming() -> None:
    assert read("okay", "patient.phone") == {"backchannel"}
    assert read("okay", "patient.phone", confirming=True) == {"affirm"}


def test_a_spelled_name_is_not_read_as_texting_shorthand() -> None:
    assert read("r u i z", "patient.name") == set()


def test_several_acts_at_once() -> None:
    assert read("hi, do you take cigna? thanks") == {"greeting", "question", "thanks"}


def test_a_value_alone_is_no_act() -> None:
    assert acts.read(Message.of("415 555 0142"), Context(TODAY, "patient.phone"), filled=("patient.phone",)) == frozenset[Act]()


@pytest.mark.parametrize("text", ["what do you need it for", "is that mandatory", "do we need to"])
def test_a_question_about_our_question_asks_for_help(text: str) -> None:
    assert Act.HELP in acts.read(Message.of(text), Context(date(2026, 11, 20), asked="patient.date_of_birth"))


@pytest.mark.parametrize("text", ["i would have to ask my niece", "the name escapes me", "he never mentioned one"])
def test_an_answer_that_somebody_else_has_is_not_known(text: str) -> None:
    read = acts.read(Message.of(text), Context(date(2026, 11, 20), asked="referral.practice"))
    assert Act.DONT_KNOW in read
    assert Act.QUESTION not in read


@pytest.mark.parametrize(
    ("text", "asked", "wanted"),
    [
        ("yes", "caller.role", {"affirm"}),
        ("yes", "referral.reason", {"backchannel"}),
        ("alright", "patient.phone", {"backchannel"}),
        ("don't have it", "insurance.member_id", {"dont_know"}),
        ("i haven't got the card in front of me", "insurance.member_id", {"dont_know"}),
        ("no lo traigo conmigo", "insurance.member_id", {"dont_know"}),
        ("later", "insurance.plan", {"skip"}),
        ("i'll bring it with me", "insurance.member_id", {"skip"}),
        ("prefer to tell the therapist", "referral.reason", {"skip"}),
        ("i'd rather not say my number", "patient.phone", {"skip"}),
        ("what's a member id", "insurance.member_id", {"help"}),
        ("i didn't quite catch that", "patient.phone", {"repeat"}),
        ("i don't get what you want to know", "insurance.plan", {"help"}),
        ("the card doesn't say", "insurance.plan", {"dont_know"}),
        ("it's worn off i can't read it", "insurance.member_id", {"dont_know"}),
        ("no me sé ese número", "insurance.member_id", {"dont_know"}),
        ("i'd be more comfortable giving it in person", "insurance.member_id", {"skip"}),
        ("i'm on the other line", "patient.name", {"wait"}),
        ("that's a good question", "patient.phone", {"dont_know"}),
        ("mine or my son's", "patient.date_of_birth", {"question"}),
        ("my scan is next friday", "referral.reason", set()),
    ],
)
def test_an_answer_that_gives_no_value_says_why(text: str, asked: str, wanted: set[str]) -> None:
    """Nothing known, nothing told, nothing understood, and listening are different things to the dialog."""
    assert read(text, asked) == wanted


def test_a_yes_that_opens_a_story_agrees_to_nothing() -> None:
    assert read("yeah i slipped on the stairs", filled=("referral.reason",)) == set()


def test_figures_taken_back_in_the_middle_of_a_number_correct_it() -> None:
    assert "correct" in read("three one two no two one two five five five oh one four oh", "patient.phone", filled=("patient.phone",))


def test_a_day_left_out_is_no_correction() -> None:
    assert read("cualquier tarde menos los lunes", "preferred_times", filled=("preferred_times",)) == set()


def test_a_wish_for_the_day_says_goodbye() -> None:
    assert read("have a blessed evening") == {"goodbye"}


def test_how_are_you_asks_nothing() -> None:
    assert read("hey how's it going") == {"greeting"}


def test_a_wish_to_change_something_at_the_read_back_is_no_question() -> None:
    assert read("can you change my phone to 555", confirming=True, filled=("patient.phone",)) == {"correct"}


def test_trying_again_at_the_read_back_says_it_and_asks_for_nothing() -> None:
    assert read("nope try again it's ruiz", "patient.name", confirming=True, filled=("patient.name",)) == {"deny", "correct"}


def test_wrong_something_at_the_read_back_denies_it() -> None:
    assert read("right month wrong day", confirming=True, filled=("patient.date_of_birth",)) == {"deny", "correct"}


@pytest.mark.parametrize("text", ["go back", "can we go back to the last question", "the previous question please"])
def test_going_back_corrects_an_earlier_answer(text: str) -> None:
    assert read(text, "insurance.plan") == {"correct"}
