"""The web application as a WSGI server takes it: `gunicorn wsgi:app`."""

from __future__ import annotations

from agent import settings
from agent.bootstrap import build
from channels.web import create_app

app = create_app(build(settings.load()))
