"""`referline web`: the doors, served by gunicorn with threads."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from agent.bootstrap import build
from agent.settings import Settings
from channels.media.switchboard import EXTENSION, Switchboard
from channels.web import create_app
from commands.options import clinic_option, loaded, url_option
from workers import redis_server
from workers.doorbell import RqDoorbell

_THREADS = 32
"""Beside those that calls hold for as long as they last: a text needs one for milliseconds."""
_OPTIONS: dict[str, Any] = {
    "worker_class": "gthread",
    "timeout": 60,
    "graceful_timeout": 8,
    "keepalive": 5,
    # The application logs every request by its rule; gunicorn's own access log would hold whole addresses.
    "accesslog": None,
    "errorlog": "-",
    "loglevel": "warning",
    # Another way to steer the process, unused.
    "control_socket_disable": True,
    "proc_name": "referline-web",
}


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn around an application that each of its processes builds for itself, after the fork."""

    def __init__(self, make: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make = make
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options; no file and no environment variable adds any."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in the process that serves it."""
        return self._make()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes; each holds the language models.")
@clinic_option
@url_option
def web(host: str, port: int, processes: int, clinic: Path | None, public_url: str | None) -> None:
    """Answer calls, texts and browsers."""
    settings = loaded(clinic, public_url)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    threads = _THREADS + (settings.voice_calls_at_once if settings.voice_mode == "stream" else 0)
    options = {**_OPTIONS, "bind": address, "workers": processes, "threads": threads, "post_worker_init": _let_calls_go}
    _Server(lambda: make(settings), options).run()


def _let_calls_go(worker: Any) -> None:
    """When the process is told to stop, its calls end their streams at once: Twilio then goes on at the next process."""
    board: Switchboard = worker.wsgi.extensions[EXTENSION]
    stop = signal.getsignal(signal.SIGTERM)

    def stopping(number: int, frame: FrameType | None) -> None:
        board.close()
        if callable(stop):
            stop(number, frame)

    signal.signal(signal.SIGTERM, stopping)


def make(settings: Settings) -> Flask:
    """The application, ringing Redis for what it puts into the outbox."""
    doorbell = RqDoorbell(redis_server.url(settings.redis_url, settings.data_dir))
    return create_app(build(settings, doorbell=doorbell))
