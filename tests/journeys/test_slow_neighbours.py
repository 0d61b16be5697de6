"""When everything the line stands on is slow at once, whoever texts still hears something, and soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count, cycle
from pathlib import Path
from statistics import quantiles

import pytest

from agent import outbox
from agent.bootstrap import Agent, build
from agent.models import OutboxMessage, Receipt
from agent.store import Store, StoreError
from channels.emulator import Twilio, over_http
from channels.web import create_app
from tests.agent.record import how_many
from tests.fakes.mail_server import HANG, mail_server
from tests.fakes.redis_process import redis_process
from tests.fakes.web_server import serving
from tests.journeys.conftest import PUBLIC_URL, TOKEN
from tests.journeys.test_doors import locked
from workers import windows
from workers.delivery import Courier
from workers.doorbell import RqDoorbell
from workers.transports.email import Email, Server

PEOPLE = 8
HELD = 3.0
"""Seconds somebody else holds the database."""
_PAUSE = 0.1
"""Seconds between two texts of one person, so that nobody is taken for a machine."""
SAYINGS = (
    "I was referred by Dr. Smith at the ortho center for my knee",
    "my name is Maria Lopez",
    "can somebody call me back?",
    "do you have a swimming pool for my horse?",
    "415 555 0101",
    "I have Cigna",
)
_numbers = count(1)


@pytest.fixture
def slow_line(line: Agent, tmp_path: Path) -> Iterator[Agent]:
    """A line whose Redis accepts connections and answers nothing, and whose mail server hangs with a courier on it."""
    with redis_process(tmp_path) as redis, mail_server(always={"EHLO": HANG}) as mail:
        redis.freeze()
        agent = build(
            line.settings, clock=line.clock, understander=line.understander, finder=line.finder, clinic=line.clinic, store=line.store,
            doorbell=RqDoorbell(redis.url),
        )  # fmt: skip
        with _delivering(agent, mail.port):
            yield agent
            mail.let_go()
            redis.thaw()


@contextmanager
def _delivering(agent: Agent, port: int) -> Iterator[None]:
    store = Store(agent.settings.database_url, agent.vault)
    courier = Courier(store, agent.clock, {"email": Email(Server("127.0.0.1", port), "line@riverside.example")}, agent.clinic, windows.load())

    def carry() -> None:
        while not courier.stopping:
            # As the sweeper does: while the database is held there is nothing to see, and the next look comes.
            with suppress(StoreError):
                for row in outbox.due(store, agent.clock(), 1):
                    courier.deliver(row)
            time.sleep(0.05)

    carrier = threading.Thread(target=carry)
    carrier.start()
    yield
    courier.stop()
    carrier.join()
    store.dispose()


def test_nobody_waits_long_and_nobody_hears_nothing(slow_line: Agent) -> None:
    """A7: Redis gone, SMTP hanging, the database held for three seconds: p99 below 2 s, never 10 s, and always an answer.

    Whoever was told that a message could not be kept sends it again, and then it is.
    """
    with serving(create_app(slow_line)) as address, ThreadPoolExecutor(PEOPLE) as crowd:
        twilio, ends = Twilio(over_http(address), TOKEN, PUBLIC_URL), time.monotonic() + 2 * HELD

        def text(person: int) -> list[tuple[float, str, str, str]]:
            """Text all the time; how long each took, and what it was."""
            took, number = list[tuple[float, str, str, str]](), f"+1415555{1000 + person}"
            for said in cycle(SAYINGS):
                sid, began = f"SM{next(_numbers)}", time.monotonic()
                if began > ends:
                    return took
                answered = twilio.text(said, from_=number, sid=sid)
                assert (answered.status, bool(answered.texts)) == (200, True)
                took.append((time.monotonic() - began, said, number, sid))
                time.sleep(_PAUSE)
            raise AssertionError("sayings never end")

        people = [crowd.submit(text, person) for person in range(PEOPLE)]
        time.sleep(1)
        with locked(slow_line, HELD):
            heard = [each for person in people for each in person.result()]
        times = [took for took, *_ in heard]
        assert (quantiles(times, n=100)[98] < 2, max(times) < 10) == (True, True), sorted(times)[-5:]
        assert how_many(slow_line.store, Receipt)[0] < len(heard), "the database was held, so some heard an apology"
        for _, said, number, sid in heard:
            twilio.text(said, from_=number, sid=sid)
        assert how_many(slow_line.store, Receipt) == [len(heard)]
        assert how_many(slow_line.store, OutboxMessage) > [0]
