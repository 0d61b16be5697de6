from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.outbox_desk import TUESDAY_NOON
from tests.fakes.redis_process import RedisProcess, redis_process
from workers.doorbell import LONGEST, RqDoorbell
from workers.queues import KEPT, WAITING

ROW = "01990000-0000-7000-8000-000000000001"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    with redis_process(tmp_path) as running:
        yield running


def waiting(redis: RedisProcess) -> list[str]:
    return [str(one) for one in redis.client.lrange("rq:queue:outbox", 0, -1)]


def test_a_ring_is_an_id_on_the_queue_and_nothing_else(redis: RedisProcess) -> None:
    """A39: no word of a message, no number; and an end to how long it is kept."""
    RqDoorbell(redis.url).ring([ROW])
    [job] = waiting(redis)
    assert job.startswith(ROW)
    kept = redis.client.hmget(f"rq:job:{job}", "description", "failure_ttl", "result_ttl")
    assert kept == ["outbox", str(KEPT), "0"]
    assert 0 < int(redis.client.ttl(f"rq:job:{job}")) <= WAITING


def test_ringing_twice_in_a_row_adds_nothing(redis: RedisProcess) -> None:
    """A29: also when the first answer was lost and the ring is tried again."""
    bell = RqDoorbell(redis.url, clock=lambda: TUESDAY_NOON)
    assert (bell.rang([ROW]), bell.rang([ROW])) == (1, 1)
    assert len(waiting(redis)) == 1


def test_a_ring_lost_with_its_worker_does_not_keep_the_next_one_out(redis: RedisProcess) -> None:
    now = TUESDAY_NOON
    bell = RqDoorbell(redis.url, clock=lambda: now)
    bell.ring([ROW])
    redis.client.delete("rq:queue:outbox")
    now += timedelta(minutes=1)
    bell.ring([ROW])
    assert len(waiting(redis)) == 1


def test_a_dead_redis_costs_a_caller_nothing(tmp_path: Path) -> None:
    """A28: no error, no wait."""
    bell = RqDoorbell(f"unix://{tmp_path}/nobody.sock")
    began = time.monotonic()
    assert bell.rang([ROW]) == 0
    assert time.monotonic() - began < 0.2


def test_a_hanging_redis_costs_a_caller_at_most_a_fifth_of_a_second_and_only_once(redis: RedisProcess) -> None:
    """A7, A28."""
    bell = RqDoorbell(redis.url)
    bell.ring([ROW])
    redis.freeze()
    began = time.monotonic()
    bell.ring([ROW] * 20)
    first = time.monotonic() - began
    began = time.monotonic()
    bell.ring([ROW] * 20)
    second = time.monotonic() - began
    redis.thaw()
    assert first < 0.3  # 0.2 and a slow machine
    assert second < 0.02


def test_a_redis_that_hangs_from_the_start_costs_no_more(redis: RedisProcess) -> None:
    redis.freeze()
    bell = RqDoorbell(redis.url)
    began = time.monotonic()
    bell.ring([ROW] * 20)
    spent = time.monotonic() - began
    redis.thaw()
    assert spent < 0.3


def test_it_rings_again_once_redis_is_back(redis: RedisProcess) -> None:
    """A28."""
    now = 0.0
    bell = RqDoorbell(redis.url, timer=lambda: now)
    redis.stop()
    assert bell.rang([ROW]) == 0
    redis.start()
    assert bell.rang([ROW]) == 0
    now += 6
    assert bell.rang([ROW]) == 1


def test_a_stopped_worker_cannot_fill_redis(redis: RedisProcess) -> None:
    """Every queue is bounded."""
    redis.client.rpush("rq:queue:outbox", *[str(number) for number in range(LONGEST)])
    assert RqDoorbell(redis.url).rang([ROW]) == 0


def test_a_redis_out_of_memory_is_no_error_of_the_callers(redis: RedisProcess) -> None:
    """Fault 9: noeviction answers writes with OOM."""
    redis.client.config_set("maxmemory", "1")
    assert RqDoorbell(redis.url).rang([ROW]) == 0
