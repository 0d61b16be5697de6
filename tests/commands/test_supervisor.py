from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from commands.supervisor import Part, Supervisor

SLEEPS = "import time; time.sleep(60)"
STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def part(name: str, code: str) -> Part:
    return Part(name, (sys.executable, "-c", code), quiet=True)


def within(seconds: float, reached: Callable[[], bool]) -> Callable[[], bool]:
    """Ends a watch when something is reached; AssertionError when it is not in time."""
    deadline = time.monotonic() + seconds

    def check() -> bool:
        assert time.monotonic() < deadline, "it never happened"
        return reached()

    return check


def pid(of: Part) -> int:
    assert of.process is not None
    return of.process.pid


def test_a_part_that_ends_is_started_again_and_each_time_a_little_later() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    failing = part("worker", "raise SystemExit(3)")
    supervisor.start(failing)
    supervisor.watch(until=within(10, lambda: len(said) >= 2), every=0.02)
    supervisor.end()
    assert said[:2] == ["worker ended (code 3); starting it again in 0.5 s", "worker ended (code 3); starting it again in 1 s"]


def test_a_part_that_runs_is_left_alone() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    running = part("web", SLEEPS)
    supervisor.start(running)
    first = pid(running)
    ends = time.monotonic() + 0.3
    supervisor.watch(until=lambda: time.monotonic() > ends, every=0.02)
    assert (pid(running), said) == (first, [])
    supervisor.end()
    assert not psutil.pid_exists(first)


def test_what_others_use_ends_after_them(tmp_path: Path) -> None:
    """Redis outlives the worker that finishes its send."""
    supervisor = Supervisor(lambda _words: None)
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n    time.sleep({1}); pathlib.Path(r'{0}').write_text(str(time.monotonic())); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\npathlib.Path(r'{0}.up').touch()\ntime.sleep(60)"
    )
    redis, worker = tmp_path / "redis", tmp_path / "worker"
    base = part("redis", code.format(redis, 0))
    base.base = True
    supervisor.start(base)
    supervisor.start(part("worker", code.format(worker, 0.4)))
    supervisor.watch(until=within(10, lambda: all(Path(f"{name}.up").exists() for name in (redis, worker))), every=0.02)
    supervisor.end()
    assert float(redis.read_text()) > float(worker.read_text())


def test_a_part_that_does_not_end_is_killed_after_its_grace() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append, grace=0.5)
    deaf = part("worker", STUBBORN)
    supervisor.start(deaf)
    time.sleep(0.5)
    began = time.monotonic()
    supervisor.end()
    assert time.monotonic() - began < 3
    assert said == ["worker does not end; killing it"]
    assert not psutil.pid_exists(pid(deaf))


def test_a_supervisor_that_is_killed_takes_its_parts_with_it(tmp_path: Path) -> None:
    """No orphans, also after kill -9."""
    written = tmp_path / "pid"
    code = (
        "import sys\nfrom pathlib import Path\nfrom commands.supervisor import Part, Supervisor\n"
        f"one = Part('x', (sys.executable, '-c', {SLEEPS!r}))\ns = Supervisor(print)\ns.start(one)\n"
        f"Path(r'{written}').write_text(str(one.process.pid))\ns.watch()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 10
    while not (written.exists() and written.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child = psutil.Process(int(written.read_text()))
    parent.kill()
    parent.wait()
    assert psutil.wait_procs([child], timeout=5)[1] == []


def test_a_terminal_that_closes_does_not_end_what_was_started_with_nohup() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        supervisor = Supervisor(lambda _words: None)
        supervisor.listen()
        os.kill(os.getpid(), signal.SIGHUP)
        assert not supervisor.stopping
        os.kill(os.getpid(), signal.SIGTERM)
        assert supervisor.stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
