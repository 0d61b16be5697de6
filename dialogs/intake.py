"""Intake definitions: which slots are asked, in which order, and when. Ordered slots and equality, never arrows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.state import Filled

UNSETTLED = ("dont_know", "declined", "not_understood")
"""Why a slot that was asked has no value."""


class IntakeError(ValueError):
    """An intake file says something we cannot play."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to find out."""

    name: str
    """A slot name of the contract."""
    kind: str
    """A slot kind: the module in `dialogs/slots` that can say it."""
    required: bool = False
    """The lead lists it as missing when it has no value."""
    essential: bool = False
    """Without it the request cannot be complete."""
    asked: bool = True
    """False: kept when offered, never asked for."""
    tries: int = 2
    """How often it is asked before the line moves on."""
    echo: tuple[str, ...] = ()
    """Channels on which the value is read back at once."""
    yes: str | None = None
    """The value a bare yes stands for."""
    no: str | None = None
    """The value a bare no stands for; None: a bare no declines."""
    verbatim: bool = False
    """Words we cannot read are kept as said, for the coordinator to review."""
    elaborate: bool = False
    """A few words said in passing are kept, but more is asked for once: "knee" is not yet a reason for therapy."""
    vague_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Said in passing beside one of these values, it names a kind and not yet a thing: "it's workers comp" names no insurer."""
    vague: tuple[str, ...] = ()
    """Values that any other is truer than."""
    when: Mapping[str, str] = field(default_factory=dict)
    """Asked only if each of these slots has this value."""
    unless: Mapping[str, str] = field(default_factory=dict)
    """Not asked if any of these slots has this value."""

    def applies(self, slots: Mapping[str, Filled]) -> bool:
        """Whether the conditions hold for the values on record."""
        values = {name: filled.value for name, filled in slots.items()}
        return all(values.get(k) == v for k, v in self.when.items()) and not any(values.get(k) == v for k, v in self.unless.items())


@dataclass(frozen=True, slots=True)
class Intake:
    """What a conversation of one kind wants to know."""

    name: str
    slots: tuple[Slot, ...]
    """In the order they are asked."""
    confirm: bool
    """Whether everything is read back before it is sent."""

    def slot(self, name: str) -> Slot | None:
        """The slot of this name, or None when this intake does not know it."""
        return next((s for s in self.slots if s.name == name), None)

    def missing(self, slots: Mapping[str, Filled]) -> tuple[str, ...]:
        """Required slots that apply and have no value, in order."""
        return tuple(s.name for s in self.slots if s.required and s.name not in slots and s.applies(slots))

    def next(self, slots: Mapping[str, Filled], declined: Mapping[str, str]) -> Slot | None:
        """The next slot to ask for, or None when there is nothing left to ask."""
        open_slots = (s for s in self.slots if s.asked and s.name not in declined and s.applies(slots))
        return next((s for s in open_slots if s.name not in slots or slots[s.name].provisional), None)


def parse(text: str) -> Intake:
    """Read an intake file (TOML). Raises IntakeError naming the slot and the field at fault."""
    table = tomllib.loads(text)
    slots = tuple(_slot(entry) for entry in table.get("slot", ()))
    if not slots:
        raise IntakeError(f"intake {table.get('name')!r} has no [[slot]]")
    return Intake(name=str(table["name"]), slots=slots, confirm=bool(table.get("confirm", True)))


def _slot(entry: dict[str, object]) -> Slot:
    known = Slot.__dataclass_fields__
    if unknown := entry.keys() - known.keys():
        raise IntakeError(f"slot {entry.get('name')!r}: unknown field {sorted(unknown)}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if isinstance(vague := entry.get("vague_with"), dict):
        values["vague_with"] = {name: tuple(kinds) for name, kinds in vague.items()}
    try:
        return Slot(**values)  # type: ignore[arg-type]  # the fields were checked by name; TOML gives plain values
    except TypeError as error:
        raise IntakeError(f"slot {entry.get('name')!r}: {error}") from error
