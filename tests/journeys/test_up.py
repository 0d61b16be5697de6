"""`referline up`: one command, everything runs; it ends, and nothing is left behind, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from agent import settings
from agent.clinic import load as load_clinic
from agent.store import Store
from tests.fakes.mail_server import MailServer, mail_server
from tests.fakes.outbox_desk import CLINIC, Desk

REFERLINE = str(Path(sys.executable).parent / "referline")


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


class Running:
    """One `referline up` and what it started."""

    def __init__(self, folder: Path, mail: MailServer) -> None:
        self.folder = folder
        self.port = _free_port()
        (folder / "clinic").mkdir(exist_ok=True)
        (folder / "clinic" / "clinic.toml").write_text(CLINIC, encoding="utf-8")
        self.env = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")},
            "DATA_DIR": str(folder / "var"),
            "CLINIC_DIR": "/nowhere",
            "SMTP_URL": mail.url,
            "MAIL_FROM": "line@clinic.example",
        }
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            # --clinic wins over a CLINIC_DIR that does not even exist.
            command = [REFERLINE, "--clinic", str(self.folder / "clinic"), "up", "--port", str(self.port)]
            self.process = subprocess.Popen(command, cwd=self.folder, env=self.env, stdout=out, stderr=out)
        self.family: list[psutil.Process] = []

    def wait_until_up(self) -> None:
        """Until it says so, remembering every process it started."""
        self.wait_for(lambda: "Ctrl-C stops everything" in self.said())
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def part(self, name: str) -> psutil.Process:
        """The child process of one part."""
        return next(one for one in psutil.Process(self.process.pid).children() if name in one.cmdline() or name in one.name())

    def wait_for(self, reached: Callable[[], bool], seconds: float = 90.0) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def left_over(self, seconds: float) -> list[str]:
        """Processes of the family that are alive after so long."""
        _, alive = psutil.wait_procs(self.family, timeout=seconds)
        return [one.name() for one in alive]

    def desk(self) -> Desk:
        """Its outbox."""
        data = self.folder / "var"
        found = settings.load(data_dir=data, clinic_dir=self.folder / "clinic")
        return Desk(Store(found.database_url, found.vault), load_clinic(found.clinic_dir), real_time=True)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("up"), mail)
    try:
        running.wait_until_up()
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        for one in running.family:
            if one.is_running():
                one.kill()


def test_it_answers_and_says_what_to_type_next(line: Running) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{line.port}/readyz", timeout=5) as answer:
        assert answer.status == 200
    assert "referline chat" in line.said()
    assert f"http://127.0.0.1:{line.port}" in line.said()


def test_a_row_leaves_within_moments(line: Running, mail: MailServer) -> None:
    """Written by somebody who did not ring: the schedule finds it, the worker carries it."""
    desk = line.desk()
    row = desk.put()
    line.wait_for(lambda: f"<{row}@clinic.example>" in mail.message_ids(), 40)
    desk.store.dispose()


def test_a_part_that_dies_is_started_again(line: Running) -> None:
    first = line.part("worker")
    first.kill()
    line.wait_for(lambda: "worker ended (signal 9)" in line.said())
    line.wait_for(lambda: _alive(line, "worker", other_than=first.pid))


def test_a_second_one_in_the_same_folder_says_why_not(line: Running) -> None:
    done = subprocess.run(
        [REFERLINE, "up", "--port", str(_free_port()), "--clinic", str(line.folder / "clinic")],
        cwd=line.folder, env=line.env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "running" in done.stderr


def test_the_logs_hold_no_address(line: Running) -> None:
    """A41: nor does what it prints."""
    assert "coordinator@" not in line.said()


def test_ctrl_c_ends_everything_within_seconds_and_a_second_start_is_quick(line: Running) -> None:
    """A37."""
    line.family = psutil.Process(line.process.pid).children(recursive=True)
    line.process.send_signal(signal.SIGINT)
    assert line.process.wait(20) == 0
    assert line.left_over(1) == []
    assert not list(line.folder.rglob("*.rdb"))
    line.log.unlink()
    line.start()
    line.wait_until_up()
    assert "secrets" in line.said()


def test_killed_outright_it_leaves_nothing_behind(line: Running) -> None:
    """kill -9 of the parent: the kernel ends the children."""
    line.family = psutil.Process(line.process.pid).children(recursive=True)
    assert len(line.family) >= 4
    line.process.kill()
    line.process.wait()
    assert line.left_over(20) == []


def _alive(line: Running, name: str, other_than: int) -> bool:
    try:
        return line.part(name).pid != other_than
    except (StopIteration, psutil.NoSuchProcess):
        return False


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
