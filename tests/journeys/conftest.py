"""The real line: real understanding, real engine, real record, the sample clinic, behind its real doors on a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import clinic as clinics
from agent import migrate
from agent.bootstrap import Agent, build
from agent.clinic import Clinic
from agent.store import Store
from channels.emulator import Twilio, over_http
from channels.web import create_app
from knowledge import finder as knowledge
from knowledge.answer import Finder
from nlu import understander as understanding
from nlu.parse import Understander
from tests.builders import some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.web_server import serving

SAMPLE = Path(__file__).parents[2] / "clinics" / "riverside"
TOKEN = "f" * 32
PUBLIC_URL = "https://line.riverside.example"


@pytest.fixture(scope="session")
def riverside() -> Clinic:
    """The sample clinic."""
    return clinics.load(SAMPLE)


@pytest.fixture(scope="session")
def reader(riverside: Clinic) -> Understander:
    """Real understanding, built once: its models take seconds to load."""
    return understanding.build(riverside.vocabulary)


@pytest.fixture(scope="session")
def finder(riverside: Clinic) -> Finder:
    """The sample clinic's knowledge."""
    return knowledge.build(riverside.articles, riverside.payers, riverside.availability)


@pytest.fixture
def line(tmp_path: Path, riverside: Clinic, reader: Understander, finder: Finder, clock: FakeClock) -> Iterator[Agent]:
    """The agent of a line that answers for the sample clinic, on a database of its own."""
    account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": (TOKEN,), "twilio_from": "+16145550142"}
    settings = some_settings(tmp_path, public_base_url=PUBLIC_URL, **account)
    store = Store(settings.database_url, settings.vault)
    migrate.upgrade(store)
    yield build(settings, clock=clock, understander=reader, finder=finder, clinic=riverside, store=store)
    store.dispose()


@pytest.fixture
def twilio(line: Agent) -> Iterator[Twilio]:
    """Twilio, pointed at that line."""
    with serving(create_app(line)) as address:
        yield Twilio(over_http(address), TOKEN, PUBLIC_URL)


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
