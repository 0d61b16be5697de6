"""The engine's values as text for sealed columns, and back: State and Reply, with the version of their form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from agent.messages import Reply
from dialogs.state import State

FORM: Literal[1] = 1
"""Raised when a stored value must be read differently. A field at its default is left out: a new field needs a default and no new form,
a default that changes needs one."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Stored(Generic[_T]):
    """A value as it is stored."""

    form: Literal[1]
    value: _T


_STATE = TypeAdapter(_Stored[State])
_REPLY = TypeAdapter(_Stored[Reply])


class StateError(Exception):
    """Something stored that this version cannot read: damaged, or of another form."""


def to_json(state: State) -> str:
    """Everything in a State, which holds no lone surrogates."""
    return _STATE.dump_json(_Stored(FORM, state), exclude_defaults=True).decode()


def from_json(text: str) -> State:
    """Raises StateError for text of another form."""
    try:
        return _STATE.validate_json(text).value
    except ValidationError as error:
        raise StateError("a stored conversation cannot be read") from error


def reply_to_json(reply: Reply) -> str:
    """Everything in a Reply."""
    return _REPLY.dump_json(_Stored(FORM, reply), exclude_defaults=True).decode()


def reply_from_json(text: str) -> Reply:
    """Raises StateError for text of another form."""
    try:
        return _REPLY.validate_json(text).value
    except ValidationError as error:
        raise StateError("a stored reply cannot be read") from error
