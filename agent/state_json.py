"""The engine's values as text for sealed columns, and back: State and Reply, with the version of their form."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from agent.messages import Reply
from dialogs.state import State

FORM = 1
"""Raised when a stored value must be read differently. A field that is new has a default and needs no new form."""

_STATE = TypeAdapter(State)
_REPLY = TypeAdapter(Reply)


class StateError(Exception):
    """A stored conversation this version cannot read."""


def to_json(state: State) -> str:
    """Everything in a State."""
    return _wrap(_STATE.dump_python(state, mode="json"))


def from_json(text: str) -> State:
    """Raises StateError for text of another form."""
    try:
        return _STATE.validate_python(_unwrap(text), strict=False)
    except ValidationError as error:
        raise StateError("a stored conversation cannot be read") from error


def reply_to_json(reply: Reply) -> str:
    """Everything in a Reply."""
    return _wrap(_REPLY.dump_python(reply, mode="json"))


def reply_from_json(text: str) -> Reply:
    """Raises StateError for text of another form."""
    try:
        return _REPLY.validate_python(_unwrap(text), strict=False)
    except ValidationError as error:
        raise StateError("a stored reply cannot be read") from error


def _wrap(value: object) -> str:
    return json.dumps({"form": FORM, "value": value})


def _unwrap(text: str) -> object:
    try:
        stored = json.loads(text)
        form, value = stored["form"], stored["value"]
    except (ValueError, KeyError, TypeError) as error:
        raise StateError("a stored value is not in our form") from error
    if form != FORM:
        raise StateError(f"a stored value has form {form}, this version reads {FORM}")
    return value
