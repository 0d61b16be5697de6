"""Two machines do not text each other all night (A56)."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from agent import auto_replies
from agent.auto_replies import MOST_A_DAY, MOST_REPLIES, MOST_SHORT_REPLIES
from agent.bootstrap import Agent
from agent.messages import Inbound
from dialogs.step import Kind
from tests.fakes.clock import FakeClock

NUMBER = "+16145550123"
_ids = count()


def held(agent: Agent, *texts: str) -> list[bool]:
    """Whether each text in turn would be left without a reply."""
    said = []
    for text in texts:
        agent.turns.hear(Inbound("sms", f"SM{next(_ids)}", Kind.WORDS, NUMBER, text))
        said.append(auto_replies.looping(agent.store, NUMBER, agent.clock()))
    return said


def test_a_sentence_said_over_and_over_gets_five_replies(quick_agent: Agent) -> None:
    """A56."""
    sentence = "I am driving and will get back to you later."
    assert held(quick_agent, *[sentence] * 8) == [False] * MOST_REPLIES + [True] * 3


def test_a_time_or_a_ticket_in_it_makes_no_difference(quick_agent: Agent) -> None:
    assert held(quick_agent, *(f"Out of office until 5:{n}0, ticket {n}17{n}" for n in range(7)))[-2:] == [True, True]


def test_answers_people_repeat_are_not_a_machine(quick_agent: Agent) -> None:
    assert not any(held(quick_agent, *["skip"] * MOST_SHORT_REPLIES))
    assert held(quick_agent, "skip") == [True]


def test_another_word_ends_it(quick_agent: Agent) -> None:
    sentence = "This mailbox is not monitored by anybody."
    assert held(quick_agent, *[sentence] * 6, "sorry, that was my phone", sentence)[-2:] == [False, False]


def test_a_number_that_writes_all_day_is_only_kept(quick_agent: Agent, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto_replies, "MOST_A_DAY", 10)
    assert MOST_A_DAY > 50
    assert held(quick_agent, *(f"message about {'abcdefghijkl'[n]}" for n in range(12)))[9:] == [False, True, True]
    clock.passes(hours=25)
    assert held(quick_agent, "good morning") == [False]


def test_somebody_unknown_is_no_machine(quick_agent: Agent) -> None:
    assert not auto_replies.looping(quick_agent.store, NUMBER, quick_agent.clock() + timedelta(days=1))
