"""Slot kinds: how a value of each kind is written, said, and listened for. One module each, found at start."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

import dialogs.slots
from dialogs.locale import Locale
from nlu.parse import Value


class SlotKind(Protocol):
    """What a module in `dialogs/slots` offers."""

    KIND: str
    """The name intakes use."""
    FORM: str
    """What the doors listen for, see `dialogs.line.Expect.form`."""

    def written(self, value: Value, locale: Locale) -> str:
        """The value for a screen."""
        ...

    def spoken(self, value: Value, locale: Locale) -> str:
        """The value for the ear."""
        ...


def _discover() -> Mapping[str, SlotKind]:
    kinds: dict[str, SlotKind] = {}
    for module_info in pkgutil.iter_modules(dialogs.slots.__path__, "dialogs.slots."):
        module = importlib.import_module(module_info.name)
        if missing := [n for n in ("KIND", "FORM", "written", "spoken") if not hasattr(module, n)]:
            raise ImportError(f"{module_info.name} is not a slot kind: it lacks {', '.join(missing)}")
        kinds[module.KIND] = cast(SlotKind, module)
    return kinds


KINDS = _discover()
