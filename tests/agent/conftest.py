"""Agents over a see-through engine, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.bootstrap import Agent, build
from agent.clinic import Clinic
from agent.store import Store
from tests.builders import some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader

Build = Callable[..., Agent]


@pytest.fixture
def engine() -> PlainEngine:
    """The engine of `agent`."""
    return PlainEngine()


@pytest.fixture
def build_on(tmp_path: Path, clinic: Clinic, clock: FakeClock, doorbell: FakeDoorbell) -> Build:
    """Builds an agent on a store, as one more process would."""

    def built(store: Store, engine: PlainEngine | None = None) -> Agent:
        return build(
            some_settings(tmp_path),
            clock=clock,
            doorbell=doorbell,
            understander=SlotReader(),
            finder=NoAnswers(),
            engine=engine or PlainEngine(),
            clinic=clinic,
            store=store,
        )

    return built


@pytest.fixture
def agent(store: Store, engine: PlainEngine, build_on: Build) -> Agent:
    """An agent on either database."""
    return build_on(store, engine)


@pytest.fixture
def quick_agent(sqlite_store: Store, engine: PlainEngine, build_on: Build) -> Agent:
    """An agent on SQLite only, for what has nothing to do with the database."""
    return build_on(sqlite_store, engine)
