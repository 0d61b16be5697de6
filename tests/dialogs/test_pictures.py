"""Pictures by text, and the text that asks for one while its reader is on the telephone."""

from __future__ import annotations

from dataclasses import replace

from dialogs.events import IntakeChanged, TextPromised
from dialogs.pictures import MEMBER_ID
from dialogs.state import Filled, Phase
from dialogs.step import Kind
from nlu.parse import Act, Parse
from tests.dialogs.talk import EVERYTHING, Talk, keys, no_answer, words

TOLD = {name: Filled(value, str(value), "speech", session=1) for name, value in EVERYTHING.items() if name != MEMBER_ID}


def asked(slot: str, **more: object) -> Talk:
    talk = Talk(**{"session": 1, "greeted": True, "named": True, "asked": slot, "slots": TOLD, **more})  # type: ignore[arg-type]  # fields of State
    talk.moment = replace(talk.moment, new_session=False)
    return talk


def test_a_picture_without_words_is_a_turn_of_its_own() -> None:
    talk = Talk()
    step = talk.hear(Parse(""), pictures=1)
    assert keys(step) == ["greeting", "picture", "ask.patient.name"]
    assert (talk.state.attached, talk.state.stalled, talk.state.tries) == (1, 0, {})
    assert keys(talk.hear(Parse(""), pictures=3))[0] == "pictures"
    assert talk.state.attached == 4


def test_a_conversation_takes_so_many_files_and_says_so() -> None:
    talk = asked("preferred_times", attached=39)
    assert keys(talk.hear(Parse(""), pictures=3))[:2] == ["picture", "files_full"]
    assert keys(talk.hear(Parse(""), pictures=1))[0] == "files_full"
    assert talk.state.attached == 40


def test_the_picture_of_a_card_answers_the_question_for_it() -> None:
    talk = asked(MEMBER_ID)
    step = talk.hear(Parse(""), pictures=1)
    assert talk.state.declined[MEMBER_ID] == "picture"
    assert keys(step) == ["picture", "summary"]
    assert MEMBER_ID in talk.script.intakes["patient"].missing(talk.state.slots)


def test_a_picture_of_something_else_answers_nothing() -> None:
    slots = {name: filled for name, filled in TOLD.items() if name != "referral.reason"}
    talk = asked("referral.reason", slots=slots)
    step = talk.hear(Parse(""), pictures=1)
    assert keys(step) == ["picture", "ask.referral.reason"]
    assert talk.state.declined == {}


def test_a_file_nobody_can_look_at_is_not_called_a_picture() -> None:
    assert keys(Talk().hear(Parse(""), unusable=1)) == ["greeting", "unusable_file", "ask.patient.name"]


def test_who_has_no_card_at_hand_on_the_telephone_is_promised_a_text_and_goes_on() -> None:
    talk = asked(MEMBER_ID)
    talk.channel = "voice"
    talk.moment = replace(talk.moment, textable=True)
    step = talk.say("i don't have it with me", Act.DONT_KNOW)
    assert keys(step) == ["card_by_text", "summary"]
    (promised,) = talk.happened(TextPromised)
    assert isinstance(promised, TextPromised)
    assert "member ID or a photo" in promised.text
    assert "Elm Street Therapy" in promised.text


def test_who_would_rather_text_it_is_answered_by_a_text_and_by_nothing_else() -> None:
    """As a question, as a refusal to say it, or plainly."""
    for said, act in (("can i text it to you", Act.QUESTION), ("i'd rather send a photo", Act.SKIP), ("i'll text you a picture of it", Act.WAIT)):
        talk = asked(MEMBER_ID)
        talk.channel = "voice"
        talk.moment = replace(talk.moment, textable=True)
        step = talk.say(said, act, parts=(no_answer(said),) if act is Act.QUESTION else ())
        assert keys(step) == ["card_by_text", "summary"]
        assert talk.state.unanswered == ()


def test_a_word_about_texts_where_something_else_was_asked_promises_nothing() -> None:
    talk = asked("patient.phone", slots={name: filled for name, filled in TOLD.items() if name != "patient.phone"})
    talk.channel = "voice"
    talk.moment = replace(talk.moment, textable=True)
    talk.say("you can text me at 440 555 0111", slots={"patient.phone": "+14405550111"})
    assert talk.happened(TextPromised) == []


def test_no_text_is_promised_that_cannot_be_sent_nor_to_who_refuses() -> None:
    for textable, act in ((False, Act.DONT_KNOW), (True, Act.SKIP)):
        talk = asked(MEMBER_ID)
        talk.channel = "voice"
        talk.moment = replace(talk.moment, textable=textable)
        assert keys(talk.say("...", act))[0] == "declined"
        assert talk.happened(TextPromised) == []


def test_a_text_beside_the_call_is_taken_and_asks_nothing() -> None:
    talk = asked("preferred_times", slots={k: v for k, v in TOLD.items() if k != "preferred_times"}, declined={MEMBER_ID: "by_text"})
    talk.moment = replace(talk.moment, on_call=True)
    step = talk.say("U7744102903", slots={MEMBER_ID: "U7744102903"})
    assert (keys(step), talk.state.asked) == (["noted"], "preferred_times")
    assert talk.state.slots[MEMBER_ID].value == "U7744102903"
    assert keys(talk.hear(Parse(""), pictures=1)) == ["picture"]


def test_a_text_that_answers_what_the_call_asks_moves_the_call_on() -> None:
    talk = asked(MEMBER_ID)
    talk.moment = replace(talk.moment, on_call=True)
    talk.say("U7744102903", slots={MEMBER_ID: "U7744102903"})
    talk.channel, talk.moment = "voice", replace(talk.moment, on_call=False)
    assert keys(talk.hear(Parse(""), kind=Kind.SILENCE)) == ["silence", "summary"]


def test_what_is_texted_after_the_request_was_sent_changes_it() -> None:
    talk = asked(MEMBER_ID, phase=Phase.DONE, declined={MEMBER_ID: "by_text"})
    step = talk.say("U7744102903", slots={MEMBER_ID: "U7744102903"})
    assert talk.happened(IntakeChanged) == [IntakeChanged((MEMBER_ID,))]
    assert "changed" in words(step)
