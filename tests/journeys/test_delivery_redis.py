"""Redis stopped, emptied, lying: the database is the truth, so nothing is lost and nothing is doubled."""

from __future__ import annotations

import socket
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.mail_server import HANG, MailServer, mail_server
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.journeys.delivery_process import Site, kill, site
from workers.doorbell import RqDoorbell
from workers.queues import connect

CANARIES = ("Zebulon", "Quixote", "4155550137", "canary.example", "sciatica")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    with redis_process(tmp_path) as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, redis: RedisProcess, mail: MailServer) -> Iterator[Site]:
    with site(tmp_path, smtp_url=mail.url) as running:
        yield running


def test_with_redis_stopped_and_started_empty_nothing_is_lost(here: Site, redis: RedisProcess, mail: MailServer) -> None:
    """A28: rows written before, while and after Redis was gone all arrive, once; the worker comes back by itself."""
    worker = here.start_worker()
    here.start_schedule()
    rows = [here.put() for _ in range(5)]
    here.bell().ring(rows)
    redis.stop()
    rows += [here.put() for _ in range(5)]
    here.bell().ring(rows[5:])
    here.wait_for_states("sent")
    redis.start()
    if worker.exitcode is not None:
        here.start_worker()
    rows += [here.put() for _ in range(5)]
    here.bell().ring(rows[10:])
    here.wait_for_states("sent")
    assert Counter(mail.message_ids()) == Counter(f"<{row}@clinic.example>" for row in rows)


def test_emptied_in_the_middle_of_a_run_nothing_is_lost(here: Site, redis: RedisProcess, mail: MailServer) -> None:
    """A28: FLUSHALL with rings waiting."""
    rows = [here.put() for _ in range(40)]
    here.bell().ring(rows)
    here.start_worker()
    here.start_schedule()
    here.wait_until(lambda: len(mail.received) >= 5)
    redis.client.flushall()
    here.wait_for_states("sent")
    assert Counter(mail.message_ids()) == Counter(f"<{row}@clinic.example>" for row in rows)


def test_without_any_redis_the_schedule_delivers(tmp_path: Path, mail: MailServer) -> None:
    """The sweeper alone is enough, only slower."""
    with site(tmp_path, smtp_url=mail.url) as here:
        rows = [here.put() for _ in range(3)]
        here.start_schedule(redis=False)
        here.wait_for_states("sent")
        assert len(mail.received) == len(rows)


def test_a_lost_answer_to_a_ring_doubles_nothing(here: Site, redis: RedisProcess, mail: MailServer) -> None:
    """A29: the job was queued, its ringer believes it was not, and the sweeper rings again."""
    row = here.put()
    with _forgetful_proxy(here.folder / "proxy.sock", redis) as url:
        assert RqDoorbell(url, step=0.5, budget=5.0).rang([row]) == 0
    assert redis.client.llen("rq:queue:outbox") == 1
    here.start_schedule()
    here.start_worker()
    here.wait_for_states("sent")
    assert mail.message_ids() == [f"<{row}@clinic.example>"]


def test_urgent_rows_leave_before_a_backlog_that_was_rung_for_first(here: Site, mail: MailServer) -> None:
    """A36."""
    backlog = [here.put() for _ in range(300)]
    here.bell().ring(backlog)
    urgent = {here.put("urgent_alert", "email", "director@clinic.example", urgent=True) for _ in range(5)}
    here.start_worker()
    here.wait_until(lambda: len(mail.received) >= 20)
    assert {str(one)[1:].split("@")[0] for one in mail.message_ids()[:5]} == urgent


def test_redis_never_holds_a_word_a_name_or_a_number(here: Site, redis: RedisProcess, mail: MailServer) -> None:
    """A39, A41: while a message is under way, after a failure, after a crash, and afterwards."""
    facts = {"reference": "RL-7K3M9Q", "provider": "Dr. Quixote", "practice": "Zebulon sciatica", "clinic": "Riverside", "phone": "+14155550137"}
    mail.script["RCPT"] = [HANG]
    mail.script["MAIL"] = ["550 no"]
    rows = [here.put("physician_thank_you", "email", f"doctor{number}@canary.example", facts) for number in range(6)]
    worker = here.start_worker()
    here.bell().ring(rows)
    mail.wait_for(lambda seen: "RCPT" in seen.reached)
    assert _found(redis) == []
    kill(worker)
    here.start_schedule()
    here.start_worker()
    here.wait_for_states("sent", "dead")
    assert _found(redis) == []
    assert [key for key in redis.client.keys("rq:job:*") if int(redis.client.ttl(key)) not in range(86401)] == []


def _found(redis: RedisProcess) -> list[str]:
    """Canaries in anything Redis holds, read as RQ reads it and raw."""
    raw = connect(redis.url)
    held = [str(key) + str(raw.dump(key)) for key in raw.keys("*")]
    held += [str(_plain(value)) for key in raw.keys("rq:job:*") for value in raw.hgetall(key).values()]
    return [canary for canary in CANARIES if any(canary in piece for piece in held)]


def _plain(value: bytes | str) -> bytes | str:
    try:
        return zlib.decompress(value) if isinstance(value, bytes) else value
    except zlib.error:
        return value


@contextmanager
def _forgetful_proxy(place: Path, redis: RedisProcess) -> Iterator[str]:
    """Passes everything on, and hangs up instead of passing the answer to the script that queues a job."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(redis.url.removeprefix("unix://"))
            with near, far:
                _relay(near, far)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"unix://{place}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _relay(near: socket.socket, far: socket.socket) -> None:
    while asked := near.recv(65536):
        far.sendall(asked)
        answer = far.recv(65536)
        if b"EVALSHA" in asked and b"NOSCRIPT" not in answer:
            return
        near.sendall(answer)
