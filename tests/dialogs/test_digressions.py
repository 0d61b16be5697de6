from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogs.events import Disclosed, IntakeEnded, OptedIn, OptedOut, PersonRequested, UrgentRaised
from dialogs.state import Phase
from nlu.parse import Act, OptOut, Safety, SafetyLevel
from tests.dialogs.talk import EVERYTHING, Talk, keys, words

CHEST = Safety(SafetyLevel.EMERGENCY, "chest_pain", "chest-1")


@pytest.mark.parametrize(("level", "number"), [(SafetyLevel.EMERGENCY, "911"), (SafetyLevel.CRISIS, "988")])
def test_the_very_next_words_are_what_to_do_now_and_nothing_is_asked(level: SafetyLevel, number: str) -> None:
    """A59"""
    talk = Talk()
    step = talk.say("...", safety=Safety(level, "g", "g-1"), slots={"patient.name": "Ana Ruiz"})
    assert len(step.lines) == 1
    assert number in step.lines[0].text
    assert step.lines[0].uninterruptible
    assert talk.happened(UrgentRaised) == [UrgentRaised(level.value, "g", "g-1")]
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"


def test_after_an_emergency_the_intake_can_go_on() -> None:
    talk = Talk()
    talk.say("my chest hurts", safety=CHEST)
    step = talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    assert step.expect is not None
    assert step.expect.slot == "caller.role"
    assert talk.state.urgent


def test_an_emergency_said_again_and_again_ends_the_call_so_that_they_can_dial() -> None:
    talk = Talk("voice")
    steps = [talk.say("my chest hurts", safety=CHEST) for _ in range(3)]
    assert [step.end for step in steps] == [False, False, True]


def test_an_unsure_red_flag_is_asked_about_once_and_silence_counts_as_yes() -> None:
    talk = Talk()
    step = talk.say("chest thing", safety=Safety(SafetyLevel.EMERGENCY, "chest_pain", "chest-2", certain=False))
    assert keys(step)[-1] == "safety.ask"
    step = talk.say("well you know")
    assert "safety.emergency" in keys(step)
    assert talk.happened(UrgentRaised)


def test_a_clear_no_lets_an_unsure_red_flag_pass() -> None:
    talk = Talk()
    talk.say("chest thing", safety=Safety(SafetyLevel.EMERGENCY, "chest_pain", "chest-2", certain=False))
    talk.say("no, that was years ago", Act.DENY)
    assert not talk.happened(UrgentRaised)


def test_a_history_is_recorded_and_not_escalated() -> None:
    talk = Talk()
    talk.say("i had a stroke in 2019", safety=Safety(history=("stroke",)))
    assert talk.state.history == ("stroke",)
    assert not talk.happened(UrgentRaised)


def test_an_office_is_not_told_to_call_911() -> None:
    talk = Talk()
    step = talk.say("pt has chest pain now", safety=CHEST, slots={"caller.role": "referring_office"})
    assert "safety.office" in keys(step)
    assert talk.happened(UrgentRaised)


def test_an_opt_out_keyword_gets_no_reply_from_us() -> None:
    """A20: the carrier answers it."""
    step = (talk := Talk()).say("STOP", Act.STOP, opt_out=OptOut.STOP)
    assert step.lines == ()
    assert talk.happened(OptedOut)


def test_an_opt_out_in_other_words_is_confirmed_once() -> None:
    step = Talk().say("please stop texting me", Act.STOP, opt_out=OptOut.STOP)
    assert keys(step) == ["opted_out"]


def test_start_takes_the_opt_out_back() -> None:
    talk = Talk()
    talk.say("STOP", opt_out=OptOut.STOP)
    step = talk.say("START", opt_out=OptOut.START)
    assert step.lines == ()
    assert talk.happened(OptedIn)
    assert not talk.state.opted_out


def test_help_gives_one_help_text() -> None:
    """A20"""
    assert keys(Talk().say("HELP", opt_out=OptOut.HELP)) == ["help_keyword"]


def test_a_person_is_promised_truthfully_and_the_second_time_the_questions_stop() -> None:
    talk = Talk("voice")
    step = talk.say("a person please", Act.HUMAN, handoff=True)
    assert "on Monday, November 23" in words(step)
    assert step.expect is not None
    step = talk.say("just give me a person", Act.HUMAN, handoff=True)
    assert step.end
    assert talk.happened(PersonRequested)
    assert talk.happened(IntakeEnded) == [IntakeEnded("person")]
    assert talk.state.handoff


def test_a_wrong_number_is_let_go() -> None:
    talk = Talk()
    step = talk.say("wrong number", wrong_number=True)
    assert step.end
    assert talk.state.phase is Phase.CLOSED
    assert talk.happened(IntakeEnded) == [IntakeEnded("wrong_number")]


@pytest.mark.parametrize(("meaning", "key"), [({"advice": True}, "advice"), ({"probe": True}, "probe"), ({"robot": True}, "robot")])
def test_what_the_line_must_not_do_is_deflected_the_same_way_for_everyone(meaning: dict[str, Any], key: str) -> None:
    """A61, A62"""
    known, unknown = Talk(), Talk()
    known.say(slots=EVERYTHING)
    known.say("yes", Act.AFFIRM)
    assert key in keys(known.say("?", Act.QUESTION, **meaning))
    assert key in keys(unknown.say("?", Act.QUESTION, **meaning))


def test_whoever_had_the_wrong_number_is_answered_when_they_write_again() -> None:
    talk = Talk()
    talk.say("wrong number", wrong_number=True)
    step = talk.say("actually i do need therapy")
    assert talk.happened(OptedIn)
    assert step.lines


def test_a_greeting_that_was_not_said_is_given_with_the_next_words() -> None:
    """A60"""
    talk = Talk()
    assert "greeting" not in keys(talk.say("HELP", opt_out=OptOut.HELP))
    step = talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    assert keys(step)[0] == "greeting"
    assert len(talk.happened(Disclosed)) == 1


def test_nothing_is_promised_about_nothing() -> None:
    talk = Talk()
    for _ in range(5):
        step = talk.say("hm what", Act.BACKCHANNEL)
    assert keys(step) == ["nothing_goodbye"]


def test_stop_said_on_a_call_ends_the_call_and_no_texts() -> None:
    talk = Talk("voice")
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    step = talk.say("stop", opt_out=OptOut.STOP)
    assert step.end
    assert not talk.happened(OptedOut)


def test_what_was_said_before_an_opt_out_is_not_lost() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    talk.say("STOP", opt_out=OptOut.STOP)
    assert talk.happened(IntakeEnded) == [IntakeEnded("opted_out")]


def test_by_text_in_open_hours_they_are_told_whom_to_call() -> None:
    talk = Talk()
    talk.moment = replace(talk.moment, open=True)
    assert "person.by_text" in keys(talk.say("a person please", Act.HUMAN, handoff=True))


def test_after_an_emergency_nothing_is_asked_of_who_only_says_thanks() -> None:
    talk = Talk()
    talk.say("my chest hurts", safety=CHEST)
    assert keys(talk.say("ok thanks", Act.THANKS)) == ["safety.after"]


def test_repeat_asks_the_same_again() -> None:
    talk = Talk()
    first = talk.say("hi", Act.GREETING)
    again = talk.say("what?", Act.REPEAT)
    assert again.expect == first.expect


def test_help_explains_what_is_wanted_and_asks_again() -> None:
    talk = Talk()
    talk.say("hi", Act.GREETING)
    step = talk.say("why?", Act.HELP)
    assert keys(step) == ["help.patient.name", "ask.patient.name"]


def test_goodbye_in_the_middle_keeps_what_was_said() -> None:
    talk = Talk()
    talk.say("ana ruiz", slots={"patient.name": "Ana Ruiz"})
    step = talk.say("bye", Act.GOODBYE)
    assert step.end
    assert "RL-7K3M9Q" in words(step)
    assert talk.happened(IntakeEnded) == [IntakeEnded("goodbye")]
