"""Keeps a few child processes alive, and ends all of them when it ends, however it ends.

Not a replacement for systemd or a container runtime: it is what makes one command enough on one machine.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Loaded before any fork: a child between fork and exec must not load libraries."""
_BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before a part that ended is started again: the first, second, ... time in a row."""
_SETTLED = 30.0
"""Seconds after which a part counts as well."""
GRACE = 15.0
"""Seconds a part has to end by itself; the longest step of a send is shorter."""


@dataclass(slots=True)
class Part:
    """One child process."""

    name: str
    command: Sequence[str]
    quiet: bool = False
    """True: what it prints is not shown."""
    base: bool = False
    """True: others use it, so it ends after them."""
    failures: int = 0
    """Times in a row it ended soon after its start."""
    started: float = 0.0
    again: float | None = None
    """When to start it again, on the monotonic clock; None while it runs."""
    process: subprocess.Popen[bytes] | None = field(default=None)


class Supervisor:
    """Starts parts in order, restarts those that end, and ends them all."""

    def __init__(self, say: Callable[[str], None], *, grace: float = GRACE) -> None:
        self._say = say
        self._grace = grace
        self._parts: list[Part] = []
        self._stop = False

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stop

    def listen(self) -> None:
        """End by Ctrl-C, `kill`, or a terminal that closes. A second time kills the parts instead of waiting."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Whoever started us with nohup wants us to outlive the terminal.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._signalled)

    def start(self, part: Part) -> None:
        """Start a part and look after it from now on."""
        self._parts.append(part)
        self._spawn(part)

    def watch(self, until: Callable[[], bool] | None = None, every: float = 0.2) -> None:
        """Look after the parts until somebody asks for the end, or `until` holds."""
        while not self._stop and not (until is not None and until()):
            for part in self._parts:
                self._look_at(part)
            sleep(every)

    def end(self) -> None:
        """Ask every part to end, those that others use after the others; kill what does not within its grace."""
        self._stop = True
        self._end([part for part in self._parts if not part.base])
        self._end([part for part in self._parts if part.base])

    def _end(self, parts: Sequence[Part]) -> None:
        for part in parts:
            _signal(part, signal.SIGTERM)
        ends = monotonic() + self._grace
        for part in parts:
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, ends - monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{part.name} does not end; killing it")
                _signal(part, signal.SIGKILL)
                part.process.wait()

    def _signalled(self, number: int, _frame: object) -> None:
        if self._stop:
            for part in self._parts:
                _signal(part, signal.SIGKILL)
        self._stop = True

    def _look_at(self, part: Part) -> None:
        if part.again is not None:
            if monotonic() >= part.again:
                self._spawn(part)
            return
        code = part.process.poll() if part.process else None
        if code is None:
            return
        part.failures = 1 if monotonic() - part.started > _SETTLED else part.failures + 1
        wait = _BACKOFF[min(part.failures, len(_BACKOFF)) - 1]
        part.again = monotonic() + wait
        how = f"signal {-code}" if code < 0 else f"code {code}"
        self._say(f"{part.name} ended ({how}); starting it again in {wait:g} s")

    def _spawn(self, part: Part) -> None:
        part.started, part.again = monotonic(), None
        part.process = subprocess.Popen(  # noqa: S603  # our own commands, no shell
            list(part.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if part.quiet else None,
            # A Ctrl-C of the terminal is for us alone: we end the parts in order.
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509  # one thread, and nothing but two system calls
        )


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """Run in the child: have the kernel end it when we are gone, even if we were killed (prctl(2), Linux only)."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)

    return ask


def _signal(part: Part, number: signal.Signals) -> None:
    # Its whole group: a part may have children of its own.
    if part.process is not None and part.process.poll() is None:
        if number == signal.SIGKILL:
            os.killpg(part.process.pid, number)
        else:
            part.process.send_signal(number)
