"""The line, really served over HTTP on a scratch database, at a time of our choosing."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from agent import bootstrap, migrate
from agent import settings as settings_module
from agent.clinic import load as load_clinic
from agent.store import Store
from channels.emulator import Twilio, over_http
from channels.web import create_app

ACCOUNT = "AC" + "0" * 32
TOKEN = "bench-token"


@dataclass(slots=True)
class Clock:
    """Stands still until it is moved."""

    now: datetime
    """Aware, UTC."""

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass(frozen=True, slots=True)
class Served:
    """A line that is up."""

    agent: bootstrap.Agent
    number: str
    """What people dial, E.164."""
    twilio: Twilio
    clock: Clock
    environment: dict[str, str] = field(repr=False)
    """Settings with which `referline` reads the same database."""

    def leads(self) -> list[dict[str, Any]]:
        """What `referline leads --json` gives."""
        command = [sys.executable, "-m", "commands.main", "leads", "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=120)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


@contextmanager
def line(folder: Path, clinic: Path, start: datetime) -> Iterator[Served]:
    """Serve the clinic's line from `folder` until the block ends."""
    number = next(iter(load_clinic(clinic).numbers), "+16145550100")
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    given = {
        "data_dir": str(folder),
        "clinic_dir": str(clinic),
        "public_base_url": base,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_from": number,
        "voice_mode": "gather",
    }
    clock = Clock(start)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = settings_module.prepare(**given)
    store = Store(settings.database_url, settings.vault)
    migrate.upgrade(store)
    agent = bootstrap.build(settings, clock=clock, store=store)
    server = make_server("127.0.0.1", port, create_app(agent), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        environment = {name.upper(): value for name, value in given.items()}
        yield Served(agent, number, Twilio(over_http(base), TOKEN, base, ACCOUNT), clock, environment)
    finally:
        server.shutdown()
        thread.join()
        agent.store.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
