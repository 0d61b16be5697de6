"""What is said in every call is made before the first one; without a model the line says so and goes on."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from agent import script
from agent.bootstrap import Agent
from channels.media import loading
from channels.media.switchboard import Limits, Speech, Switchboard
from channels.media.texting import ByText
from channels.metrics import Metrics
from tests.fakes.ears import FakeEars, FakeMouth


@pytest.fixture
def speaking(agent: Agent) -> Agent:
    return replace(agent, script=script.load(agent.clinic))


def board_of(agent: Agent) -> Switchboard:
    return Switchboard(agent, Metrics(), Limits(), ByText(agent))


def test_the_greeting_and_every_question_are_ready(speaking: Agent) -> None:
    """With the clinic's name in them, and in the language they are said in."""
    ready = list(loading.fixed(speaking))
    texts = {text for _, text in ready}
    assert any(text.startswith(f"Thank you for calling {speaking.clinic.name}") for text in texts)
    assert "What is the patient's full name?" in texts
    assert not [text for text in texts if "{" in text]
    assert [language for language, text in ready if "español" in text] == ["es"]


@pytest.mark.parametrize(("mode", "warnings"), [("stream", 1), ("gather", 0)])
def test_without_a_model_calls_are_left_to_twilio(
    agent: Agent, tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: str, warnings: int
) -> None:
    settings = agent.settings.model_copy(update={"voice_mode": mode, "vosk_model_dir": tmp_path})
    board = board_of(agent)
    with caplog.at_level(logging.WARNING, logger="channels.media"):
        loading.begin(board, replace(agent, settings=settings))
    assert len(caplog.records) == warnings
    assert not board.has_room("en")


def test_a_line_whose_speech_does_not_load_goes_on(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    """In the other mode, and the log says so."""

    def broken() -> Speech:
        raise OSError("no such library")

    board = board_of(agent)
    with caplog.at_level(logging.ERROR, logger="channels.media"):
        board.load(broken).join(5)
    assert not board.has_room("en")
    assert "did not load" in caplog.text


def test_only_languages_that_are_understood_are_streamed(agent: Agent) -> None:
    board = board_of(agent)
    board.install(Speech(FakeEars(), FakeMouth()))
    assert board.has_room(None)
    assert board.has_room("en")
    assert not board.has_room("es")
