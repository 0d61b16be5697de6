"""The port of everything that carries a message to a person, and how its implementations are found.

A transport is one file in `workers/transports/` with a constant `NAME`, the word in the outbox row, and a function `build`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Protocol

from agent.settings import Settings
from workers import transports
from workers.message import Outgoing


class Transport(Protocol):
    """Carries one message. Raises a `workers.failures.DeliveryFailed` when it did not, or may not have, arrived."""

    def send(self, message: Outgoing) -> str | None:
        """Send with a timeout on every step; the provider's id for it, where there is one."""
        ...


class TransportError(Exception):
    """A file in `workers/transports/` is not a transport."""


CONSOLE = "console"
"""Stands in for a transport that is not configured, so that a first run shows every message it would have sent."""


def load(settings: Settings, package: ModuleType = transports) -> Mapping[str, Transport]:
    """Every transport by name; one without its settings is replaced by the console. `TransportError` names a bad file."""
    builders = dict(map(_read, _modules(package)))
    if CONSOLE not in builders:
        raise TransportError("workers/transports/ has no console transport, which stands in for those not configured.")
    console = builders[CONSOLE](settings)
    assert console is not None
    return {name: build(settings) or console for name, build in builders.items()}


def _modules(package: ModuleType) -> list[ModuleType]:
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def _read(module: ModuleType) -> tuple[str, Callable[[Settings], Transport | None]]:
    name, build = getattr(module, "NAME", None), getattr(module, "build", None)
    if not isinstance(name, str) or not callable(build):
        raise TransportError(f"{module.__name__}: a transport needs NAME = '...' and build(settings).")
    return name, build
