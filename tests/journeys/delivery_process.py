"""A worker and a schedule as processes of their own, with the lease and the intervals of a test.

They are forked from a server that has imported everything, so that a test which kills five workers does not wait for five starts.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from agent import attachments, settings
from agent.bootstrap import Agent, build
from agent.store import Store
from agent.vault import new_key
from commands.serve import courier_for
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader
from tests.fakes.outbox_desk import SECRET, Desk, open_desk
from tests.fakes.transcribers import FakeTranscriber
from workers import jobs, listening, redis_server
from workers.delivery import Courier
from workers.doorbell import RqDoorbell
from workers.queues import OutboxWorker, connect
from workers.schedule import Chore, Schedule, Sweeper

LEASE = 1.5
"""Seconds."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@dataclass
class Site:
    """A clinic's installation in a folder, its processes, and its outbox as tests see it."""

    folder: Path
    told: dict[str, Any]
    desk: Desk
    children: list[BaseProcess] = field(default_factory=list)

    @property
    def redis_url(self) -> str:
        return redis_server.url(None, self.folder)

    def bell(self) -> RqDoorbell:
        return RqDoorbell(self.redis_url, step=1.0, budget=5.0, slot=1)

    def put(self, *told: Any, **more: Any) -> str:
        """Write a row that is due now, by the real clock."""
        return self.desk.put(*told, **more)

    def start_worker(self) -> BaseProcess:
        """A worker process, ready to take jobs."""
        return self._start(_work)

    def start_schedule(self, every: float = 0.3, redis: bool = True) -> BaseProcess:
        """A schedule process that sweeps."""
        return self._start(_sweep, every, redis)

    def start_listener(self, every: float = 0.2) -> BaseProcess:
        """The part of a schedule that listens to voice messages. While the folder has a file `deaf`, it hears nothing and never ends."""
        return self._start(_listen, every)

    def agent(self) -> Agent:
        """The line itself, with an engine to see through, in this process."""
        return _agent(self.told, self.desk.store)

    def wait_until(self, reached: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for something to become true; AssertionError with the rows' states when it never does."""
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, f"it never happened; rows are {self.desk.states()}"
            time.sleep(0.03)

    def wait_for_states(self, *states: str, seconds: float = 30.0) -> None:
        """Wait until every row is in one of these states."""
        self.wait_until(lambda: set(self.desk.states()) <= set(states), seconds)

    def _start(self, role: Callable[..., None], *more: Any) -> BaseProcess:
        child: BaseProcess = _processes.Process(target=role, args=(self.told, self.folder, *more))
        child.start()
        self.children.append(child)
        return child


def kill(child: BaseProcess) -> None:
    """kill -9."""
    child.kill()
    child.join(10)
    assert child.exitcode == -signal.SIGKILL


def stop(child: BaseProcess, seconds: float) -> int | None:
    """SIGTERM, and the exit code; None when it did not end in time."""
    child.terminate()
    child.join(seconds)
    return child.exitcode


@contextmanager
def site(folder: Path, **told: Any) -> Iterator[Site]:
    """An installation with these settings; whatever still runs is killed at the end."""
    key = new_key()
    desk = open_desk(folder, key)
    desk.real_time = True
    # The same keys in every process, or no row could be opened.
    given = {"secret_key": SECRET, "encryption_keys": key, "clinic_dir": folder, "data_dir": folder, "mail_from": "line@clinic.example", **told}
    opened = Site(folder, given, desk)
    try:
        yield opened
    finally:
        for child in opened.children:
            child.kill()
            child.join(10)
        desk.store.dispose()


def _courier(told: Mapping[str, Any]) -> Courier:
    logging.disable(logging.CRITICAL)
    courier = courier_for(settings.load(**told))
    courier.lease = timedelta(seconds=LEASE)
    return courier


def _work(told: Mapping[str, Any], folder: Path) -> None:
    courier = _courier(told)
    connection = connect(redis_server.url(None, folder))
    OutboxWorker(connection, jobs.allowed(courier), stopping=courier.stop, maintenance_interval=1).work(logging_level="CRITICAL")
    os._exit(0 if courier.stopping else 1)


def _agent(told: Mapping[str, Any], store: Store) -> Agent:
    return build(settings.load(**told), understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(), store=store)


def _listen(told: Mapping[str, Any], folder: Path, every: float) -> None:
    courier = _courier(told)
    agent = _agent(told, courier.store)

    def deaf() -> None:
        (folder / "listening").touch()
        while (folder / "deaf").exists():
            time.sleep(0.02)

    courier.errands = {attachments.READ: listening.Read(agent, FakeTranscriber("insurance.carrier=Cigna", before=deaf))}
    Schedule([Chore("voice messages", every, lambda: listening.look(courier))]).run()


def _sweep(told: Mapping[str, Any], folder: Path, every: float, redis: bool) -> None:
    courier = _courier(told)
    bell = RqDoorbell(redis_server.url(None, folder), step=1.0, budget=5.0, slot=1) if redis else None
    schedule = Schedule([Chore("sweep", every, Sweeper(courier.store, courier.clock, courier, bell, patience=3.0).sweep)])

    def stop(_number: int, _frame: object) -> None:
        courier.stop()
        schedule.stop()

    signal.signal(signal.SIGTERM, stop)
    schedule.run()
