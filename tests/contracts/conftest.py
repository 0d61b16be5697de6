"""The whole application, as `create_app` builds it."""

from __future__ import annotations

from tests.channels.conftest import agent, app, empty_database, now, settings, turns

__all__ = ["agent", "app", "empty_database", "now", "settings", "turns"]
