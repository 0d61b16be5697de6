"""Two machines do not text each other all night (A56)."""

from __future__ import annotations

import pytest

from agent import auto_replies
from agent.auto_replies import MOST_A_DAY, MOST_REPLIES, MOST_SHORT_REPLIES
from agent.bootstrap import Agent
from tests.agent.record import transcript
from tests.builders import a_text
from tests.fakes.clock import FakeClock


def held(agent: Agent, *texts: str) -> list[bool]:
    """Whether each text in turn is left without a reply."""
    return [agent.turns.hear(a_text(text)).withheld == "auto_reply" for text in texts]


def test_a_sentence_said_over_and_over_gets_five_replies(agent: Agent) -> None:
    """A56."""
    sentence = "I am driving and will get back to you later."
    assert held(agent, *[sentence] * 8) == [False] * MOST_REPLIES + [True] * 3


def test_what_is_not_replied_is_not_on_record_as_said(quick_agent: Agent) -> None:
    """The message is kept; a reply nobody was sent is not."""
    sentence = "I am driving and will get back to you later."
    held(quick_agent, *[sentence] * 8)
    who = [who for who, _ in transcript(quick_agent.store)]
    assert (who.count("caller"), who.count("line")) == (8, MOST_REPLIES)


def test_the_same_message_again_is_no_repetition(quick_agent: Agent) -> None:
    """A18: Twilio may deliver it twice."""
    message = a_text("I am driving and will get back to you later.", id="SM-again")
    replies = {quick_agent.turns.hear(message) for _ in range(9)}
    assert [reply.withheld for reply in replies] == [None]


def test_a_time_or_a_ticket_in_it_makes_no_difference(quick_agent: Agent) -> None:
    assert held(quick_agent, *(f"Out of office until 5:{n}0, ticket {n}17{n}" for n in range(7)))[-2:] == [True, True]


def test_answers_people_repeat_are_not_a_machine(quick_agent: Agent) -> None:
    assert not any(held(quick_agent, *["skip"] * MOST_SHORT_REPLIES))
    assert held(quick_agent, "skip") == [True]


def test_another_word_ends_it(quick_agent: Agent) -> None:
    sentence = "This mailbox is not monitored by anybody."
    assert held(quick_agent, *[sentence] * 6, "sorry, that was my phone", sentence)[-2:] == [False, False]


def test_a_machine_is_known_again_when_every_message_begins_anew(quick_agent: Agent) -> None:
    """After "wrong number" nothing is gone on with, and yet the line does not answer for ever."""
    assert held(quick_agent, *["this is not the person you are looking for #wrong_number"] * 7)[-2:] == [True, True]


def test_a_number_that_writes_all_day_is_only_kept(quick_agent: Agent, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto_replies, "MOST_A_DAY", 10)
    assert MOST_A_DAY > 50
    assert held(quick_agent, *(f"message about {'abcdefghijkl'[n]}" for n in range(12)))[9:] == [False, True, True]
    clock.passes(hours=25)
    assert held(quick_agent, "good morning") == [False]
