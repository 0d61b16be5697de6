"""A web server with fake ears, to be killed: gunicorn, whose master keeps the port and starts the next worker at once."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from agent import settings as environment
from agent.bootstrap import build
from channels.media import patience
from channels.media.switchboard import EXTENSION, Limits, Speech
from channels.web import create_app
from tests.fakes.ears import FakeEars, FakeMouth


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The application is built in the master: a killed worker is back in milliseconds."""

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"127.0.0.1:{sys.argv[1]}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": 24,
            "preload_app": True,
            "control_socket_disable": True,
            "loglevel": "critical",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app(build(environment.load()), Limits(ahead_s=3600.0, messages_s=20_000.0, call_s=3600.0))
        app.extensions[EXTENSION].install(Speech(FakeEars(), FakeMouth(letter_ms=2)))
        return app


if __name__ == "__main__":
    # Audio runs ahead of a busy machine here: what was answered must not look like silence.
    patience.FIRST_MS = 90_000
    Server().run()
