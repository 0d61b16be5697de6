from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nlu import requests
from nlu.message import Message
from nlu.parse import Context

TODAY = Context(date(2026, 11, 20))
CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).with_name("corpus") / "requests.toml").read_text("utf-8"))


@pytest.mark.parametrize("flag", ["handoff", "advice", "probe", "robot", "wrong_number", "same_number"])
def test_requests_are_told_from_what_only_looks_like_them(flag: str) -> None:
    """A61, A62: asks for advice and for stored information are recognised in many wordings, English and Spanish."""
    rows = [(text, label == "yes") for label in ("yes", "no") for text in CORPUS[flag][label]]
    wrong = [text for text, want in rows if getattr(requests.read(Message.of(text), TODAY), flag) != want]
    assert len(wrong) / len(rows) <= 0.03, wrong


def test_asking_for_ones_own_data_is_a_probe_too() -> None:
    """Caller ID proves nothing, so "mine" is answered like anybody's."""
    assert requests.read(Message.of("what phone number do you have on file for me"), TODAY).probe


def test_a_plain_answer_asks_for_nothing() -> None:
    assert requests.read(Message.of("maria hernandez"), TODAY) == requests.Requests()


@pytest.mark.parametrize(
    "text",
    ["how long does the paperwork take", "my hip is bad and doctor ames wants me in therapy", "do you help with knees", "can i use your gym"],
)
def test_what_concerns_the_visit_or_is_no_question_is_no_advice(text: str) -> None:
    assert not requests.read(Message.of(text), TODAY).advice


def test_a_greeting_that_asks_whether_anyone_is_there_asks_for_no_person() -> None:
    assert not requests.read(Message.of("hello? anybody there"), TODAY).handoff
    assert requests.read(Message.of("is there a person who can talk to me"), TODAY).handoff


@pytest.mark.parametrize("text", ["well, her, who else", "i'd prefer not to give my number", "can he come in"])
def test_an_answer_is_no_attempt_to_learn_what_is_stored(text: str) -> None:
    assert not requests.read(Message.of(text), TODAY).probe


@pytest.mark.parametrize("text", ["does anyone ever pick up your phone", "is somebody gonna ring me back at all"])
def test_a_complaint_about_waiting_is_neither_a_wish_for_a_person_nor_for_advice(text: str) -> None:
    found = requests.read(Message.of(text), TODAY)
    assert (found.handoff, found.advice) == (False, False)
