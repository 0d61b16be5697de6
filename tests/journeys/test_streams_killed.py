"""The web process dies in the middle of a call, at every step of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from agent import migrate
from agent import settings as environment
from agent.settings import Settings
from agent.store import Store
from channels.emulator import PhoneCall, Twilio, over_http
from channels.stream_emulator import Stream, on_streams
from tests.agent.record import all_leads
from tests.journeys.conftest import SAMPLE, TOKEN
from tests.journeys.test_streams import Patient

ROOT = Path(__file__).parents[2]
_START = 90.0


@dataclass(frozen=True)
class Line:
    twilio: Twilio
    wire: str
    settings: Settings
    master: psutil.Process

    def kill(self) -> None:
        """End the worker as a power cut would, and wait until there is another."""
        (worker,) = self.master.children()
        os.kill(worker.pid, signal.SIGKILL)
        ends = time.monotonic() + 20
        while time.monotonic() < ends and [child.pid for child in self.master.children()] in ([worker.pid], []):
            time.sleep(0.02)


@pytest.fixture
def killable(tmp_path: Path, free_port: int) -> Iterator[Line]:
    base = f"http://127.0.0.1:{free_port}"
    account = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "+16145550142"}
    given = {"PATH": os.defpath, "DATA_DIR": str(tmp_path / "var"), "CLINIC_DIR": str(SAMPLE), "PUBLIC_BASE_URL": base, **account}
    settings = environment.prepare(data_dir=tmp_path / "var")
    store = Store(settings.database_url, settings.vault)
    migrate.upgrade(store)
    store.dispose()
    command = (sys.executable, "-m", "tests.journeys.stream_process", str(free_port))
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, env=given, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    twilio = Twilio(over_http(base), TOKEN, base, account["TWILIO_ACCOUNT_SID"])
    try:
        _wait(running, twilio, tmp_path / "log")
        yield Line(twilio, base.replace("http", "ws"), settings, psutil.Process(running.pid))
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], twilio: Twilio, log: Path) -> None:
    ends = time.monotonic() + _START
    while time.monotonic() < ends and running.poll() is None:
        try:
            twilio.transport("/nowhere", b"", {})
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(errors="replace"))


def test_a_worker_killed_before_every_answer_costs_nothing(killable: Line) -> None:
    """A16: the call goes on through recovery and ends in one complete lead; nothing is asked more than twice."""
    killed: set[int] = set()

    def kill(stream: Stream, said: int) -> None:
        if said not in killed:
            killed.add(said)
            killable.kill()
            stream.wait_closed()

    patient = Patient(kill)
    call = PhoneCall(killable.twilio)
    call.stream = on_streams(killable.wire, patient)
    call.dial()
    assert call.over
    assert len(killed) >= 10
    store = Store(killable.settings.database_url, killable.settings.vault)
    (lead,) = all_leads(store)
    store.dispose()
    assert lead["completeness"] == "complete"
    assert max(patient.questions.values()) <= 2, patient.questions
