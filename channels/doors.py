"""Finds the doors. A door is one module of this package with a `NAME` and `routes(agent) -> Blueprint`.

It may also say which of its addresses need no login and no signature, and why: `PUBLIC = {"/path": "reason"}`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from flask import Blueprint

import channels
from agent.bootstrap import Agent


class DoorError(ImportError):
    """A module that is half a door."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way in."""

    name: str
    routes: Callable[[Agent], Blueprint]
    public: Mapping[str, str]
    """Rules open to everybody, each with the reason."""


def discover() -> tuple[Door, ...]:
    """Every door of this package and the packages in it, by name. Raises DoorError for one without a name of its own."""
    doors: dict[str, Door] = {}
    for module in _modules():
        if (door := _door(module)) is None:
            continue
        if door.name in doors:
            raise DoorError(f"{module.__name__}: there is already a door named {door.name}")
        doors[door.name] = door
    return tuple(doors[name] for name in sorted(doors))


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(channels.__path__, "channels."):
        yield importlib.import_module(found.name)


def _door(module: ModuleType) -> Door | None:
    if (routes := getattr(module, "routes", None)) is None:
        return None
    if not isinstance(name := getattr(module, "NAME", None), str):
        raise DoorError(f"{module.__name__} has routes but no NAME: a door needs both")
    return Door(name, routes, getattr(module, "PUBLIC", {}))
