"""Calls in their own time, over real understanding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from agent import clinic as clinics
from agent.bootstrap import Agent
from agent.clinic import Clinic
from agent.settings import Settings
from agent.store import Store
from channels.emulator import Twilio, over_http
from channels.media.switchboard import EXTENSION, Limits, Speech
from channels.web import create_app
from nlu import understander
from nlu.parse import Understander
from nlu.vocabulary import Vocabulary
from tests.channels.conftest import CLINIC, PUBLIC_URL, TOKEN, build_agent
from tests.channels.media.conversation import Conversation
from tests.fakes.ears import FakeEars, FakeMouth
from tests.fakes.turns import FakeTurns

Talk = Callable[..., Conversation]


@pytest.fixture(scope="session")
def reader() -> Understander:
    return understander.build(Vocabulary())


@pytest.fixture
def talk(clinic: Clinic, reader: Understander) -> Talk:
    def begin(*args: object, **more: object) -> Conversation:
        return Conversation(clinic, reader, *args, **more)  # type: ignore[arg-type]

    return begin


@pytest.fixture
def ears() -> FakeEars:
    return FakeEars()


@pytest.fixture
def limits() -> Limits:
    """As in production, but audio may come faster than it can be spoken."""
    return Limits(streams=4, start_s=0.6, quiet_s=1.5, ahead_s=600.0, messages_s=5_000.0)


@pytest.fixture
def agent(settings: Settings, tmp_path: Path, turns: FakeTurns, now: list[datetime], reader: Understander) -> Iterator[Agent]:
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "clinic.toml").write_text(CLINIC, encoding="utf-8")
    store = Store(settings.database_url, settings.vault)
    yield replace(build_agent(settings, clinics.load(folder), store, turns, lambda: now[0]), understander=reader)
    store.dispose()


@pytest.fixture
def app(agent: Agent, limits: Limits, ears: FakeEars) -> Flask:
    made = create_app(agent, limits)
    made.extensions[EXTENSION].install(Speech(ears, FakeMouth(letter_ms=4)))
    return made


@pytest.fixture
def twilio(server: str) -> Twilio:
    return Twilio(over_http(server), TOKEN, PUBLIC_URL)


@pytest.fixture
def wire(server: str) -> str:
    return server.replace("http", "ws")
