"""The doors over a fake of what stands behind them, asked by a Twilio that signs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from agent import clinic as clinics
from agent import migrate
from agent.bootstrap import Agent
from agent.doorbell import Silent
from agent.settings import Settings, prepare
from agent.store import Store
from channels.emulator import Answered, PhoneCall, Twilio
from channels.web import create_app
from tests.fakes.turns import FakeTurns
from tests.fakes.web_server import serving

TOKEN = "f" * 32
PUBLIC_URL = "https://line.clinic.example"
NIGHT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Thursday, 23:00 in New York."""
DAY = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
"""Thursday, 11:00 in New York."""

CLINIC = """
name = "Elm Street PT"
phone = "+16145550142"
timezone = "America/New_York"
numbers = ["+16145550142"]
desk_number = "+16145550141"
"""


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(empty_database, tmp_path / "var")
    return prepare(
        data_dir=tmp_path / "var",
        public_base_url=PUBLIC_URL,
        twilio_auth_token=(TOKEN,),
        twilio_account_sid="AC" + "0" * 32,
        twilio_from="+16145550142",
    )


@pytest.fixture
def turns() -> FakeTurns:
    return FakeTurns()


@pytest.fixture
def now() -> list[datetime]:
    """The moment, in a list so that a test may change it."""
    return [NIGHT]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with this version's tables, made once: tests copy it."""
    folder = tmp_path_factory.mktemp("empty")
    settings = prepare(data_dir=folder)
    store = Store(settings.database_url, settings.vault)
    migrate.upgrade(store)
    store.dispose()
    return folder


@pytest.fixture
def agent(settings: Settings, tmp_path: Path, turns: FakeTurns, now: list[datetime]) -> Iterator[Agent]:
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "clinic.toml").write_text(CLINIC, encoding="utf-8")
    store = Store(settings.database_url, settings.vault)
    yield build_agent(settings, clinics.load(folder), store, turns, lambda: now[0])
    store.dispose()


def build_agent(settings: Settings, clinic: clinics.Clinic, store: Store, turns: FakeTurns, clock: Callable[[], datetime]) -> Agent:
    """An agent of which only the doors' side is real."""
    parts = {"finder": None, "understander": None, "script": SimpleNamespace(locales={"en": None}), "log": None, "openings": None}
    return Agent(settings=settings, clinic=clinic, store=store, vault=settings.vault, turns=turns, clock=clock, doorbell=Silent(), **parts)  # type: ignore[arg-type]


@pytest.fixture
def app(agent: Agent) -> Flask:
    return create_app(agent)


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def twilio(app: Flask) -> Twilio:
    """Twilio behind a proxy: it signs the public address, the application sees its own."""
    return Twilio(in_process(app), TOKEN, PUBLIC_URL)


@pytest.fixture
def call(twilio: Twilio) -> PhoneCall:
    return PhoneCall(twilio)


def in_process(app: Flask) -> Callable[..., Answered]:
    """The application without a socket, for tests that post hundreds of times."""
    client = app.test_client()

    def post(target: str, body: bytes, headers: dict[str, str]) -> Answered:
        response = client.post(target, data=body, headers=headers)
        return Answered(response.status_code, response.headers.get("Content-Type", ""), response.get_data())

    return post
