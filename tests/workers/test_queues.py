from __future__ import annotations

import os
import pickle
import signal
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from tests.fakes.redis_process import RedisProcess, redis_process
from workers.jobs import DELIVER
from workers.queues import OUTBOX, OutboxWorker, connect


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with redis_process(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(redis: RedisProcess) -> None:
    redis.client.flushall()


class Ledger:
    """Remembers what it was called with."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.fails = False

    def note(self, row_id: str) -> None:
        self.ids.append(row_id)
        if self.fails:
            raise ValueError("Jane Roe, 555-0100")


def work(redis: RedisProcess, ledger: Ledger) -> None:
    """Work until the queue is empty."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    connection = connect(redis.url)
    OutboxWorker(connection, {DELIVER: ledger.note}, stopping=lambda: None).work(burst=True, logging_level="CRITICAL")
    connection.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def queue(redis: RedisProcess) -> Queue:
    return Queue(OUTBOX, connection=connect(redis.url), serializer=JSONSerializer)


def test_a_known_job_runs(redis: RedisProcess) -> None:
    ledger = Ledger()
    queue(redis).enqueue_call(DELIVER, args=["0199-row"])
    work(redis, ledger)
    assert ledger.ids == ["0199-row"]


@pytest.mark.parametrize("function", ["os.system", "builtins.eval", "workers.queues.connect", "deliver_outbox.__call__", ""])
def test_a_job_of_any_other_function_is_refused(redis: RedisProcess, tmp_path: Path, function: str) -> None:
    """A38: whoever can write to Redis can name any function; none is imported or called."""
    proof = tmp_path / "proof"
    queue(redis).enqueue_call(function or "x", args=[f"touch {proof}"])
    ledger = Ledger()
    work(redis, ledger)
    assert not proof.exists()
    assert ledger.ids == []


@pytest.mark.parametrize("hook", ["on_success", "on_failure", "on_stopped"])
def test_callbacks_named_in_redis_are_not_called(redis: RedisProcess, tmp_path: Path, hook: str) -> None:
    """A38: a job may also name functions to be called afterwards."""
    ledger = Ledger()
    ledger.fails = hook == "on_failure"
    job = queue(redis).enqueue_call(DELIVER, args=["0199-row"])
    name = hook.replace("on_", "") + "_callback_name"
    redis.client.hset(job.key, name, "tests.workers.test_queues.explode")
    work(redis, ledger)
    assert ledger.ids == ["0199-row"]
    assert EXPLODED == []


EXPLODED: list[object] = []


def explode(*told: object) -> None:
    """What an intruder would have called."""
    EXPLODED.append(told)


class _Bomb:
    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.place}",)


def test_a_pickled_payload_is_rejected_unread(redis: RedisProcess, tmp_path: Path) -> None:
    """A38: unpickling alone would run code."""
    proof = tmp_path / "proof"
    job = queue(redis).enqueue_call(DELIVER, args=["0199-row"])
    raw = connect(redis.url)
    raw.hset(job.key, "data", zlib.compress(pickle.dumps((DELIVER, None, (_Bomb(proof),), {}))))
    raw.hset(job.key, "meta", pickle.dumps(_Bomb(proof)))
    ledger = Ledger()
    work(redis, ledger)
    assert not proof.exists()
    assert ledger.ids == []


@pytest.mark.parametrize("args", [[], ["a", "b"], [{"id": "x"}], ["../../etc/passwd"], ["x" * 65], [7]])
def test_only_an_id_is_taken_for_an_argument(redis: RedisProcess, args: list[object]) -> None:
    queue(redis).enqueue_call(DELIVER, args=args)
    ledger = Ledger()
    work(redis, ledger)
    assert ledger.ids == []


def test_what_a_failing_job_said_is_not_kept(redis: RedisProcess) -> None:
    """A39: RQ would keep the traceback, and with it the message, for a year."""
    ledger = Ledger()
    ledger.fails = True
    queue(redis).enqueue_call(DELIVER, args=["0199-row"], failure_ttl=31536000)
    work(redis, ledger)
    kept = " ".join(str(_read(redis, str(key))) for key in redis.client.keys("*"))
    assert "Jane" not in kept
    assert "555-0100" not in kept


def test_a_refused_job_does_not_stay(redis: RedisProcess) -> None:
    """A39: whatever lifetime it asked for."""
    job = queue(redis).enqueue_call("os.system", args=["true"], failure_ttl=31536000)
    work(redis, Ledger())
    assert 0 <= int(redis.client.ttl(job.key)) <= 3600


def test_jobs_of_nobody_stay_at_most_a_day(redis: RedisProcess) -> None:
    """A39: every key of a job that was done or refused ends."""
    for number in range(3):
        queue(redis).enqueue_call(DELIVER, args=[f"row-{number}"], result_ttl=31536000)
    work(redis, Ledger())
    assert [key for key in redis.client.keys("rq:job:*") if not 0 <= int(redis.client.ttl(key)) <= 86400] == []


def test_told_to_stop_it_finishes_the_job_and_takes_no_other(redis: RedisProcess) -> None:
    """A37."""
    told: list[str] = []
    ledger: list[str] = []

    def slow(row_id: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        ledger.append(row_id)

    for row in ("first", "second"):
        queue(redis).enqueue_call(DELIVER, args=[row])
    assert threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        OutboxWorker(connect(redis.url), {DELIVER: slow}, stopping=lambda: told.append("stop")).work(logging_level="CRITICAL")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert (ledger, told) == (["first"], ["stop"])


def test_commands_by_redis_do_not_reach_the_worker(redis: RedisProcess) -> None:
    """A38: RQ workers listen for `shutdown` and `kill-horse` on a channel; this one does not."""
    worker = OutboxWorker(connect(redis.url), {}, stopping=lambda: None)
    worker.subscribe()
    assert worker.pubsub is None
    assert redis.client.pubsub_channels() == []


def _read(redis: RedisProcess, key: str) -> object:
    """What a key holds, with what RQ compressed in readable form."""
    raw, kind = connect(redis.url), redis.client.type(key)
    if kind == "hash":
        return {name: _plain(value) for name, value in raw.hgetall(key).items()}
    return raw.xrange(key) if kind == "stream" else raw.dump(key)


def _plain(value: bytes | str) -> bytes | str:
    try:
        return zlib.decompress(value) if isinstance(value, bytes) else value
    except zlib.error:
        return value


def test_the_class_rq_uses_for_jobs_is_ours(redis: RedisProcess) -> None:
    """A38: also where RQ itself looks jobs up to clean after them."""
    worker = OutboxWorker(connect(redis.url), {}, stopping=lambda: None)
    assert issubclass(worker.job_class, Job)
    assert worker.job_class.__mro__[1].__name__ == "KnownJob"
    assert [one.job_class for one in worker.queues] == [worker.job_class]
