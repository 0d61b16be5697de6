"""The web application as a WSGI server takes it: `gunicorn wsgi:app`."""

from __future__ import annotations

from agent import settings
from commands.web import make

app = make(settings.load())
