"""Twilio Media Streams on the wire (https://www.twilio.com/docs/voice/media-streams/websocket-messages).

JSON text frames. Numbers arrive as strings. What cannot be read is a value too, because the other side may be anybody.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

LARGEST_MESSAGE = 64 * 1024
"""Bytes. Twilio's are below a thousand."""
FORMAT = ("audio/x-mulaw", 8000, 1)
"""Encoding, Hz and channels: the only format there is."""
_LONGEST_ID = 128
_KEYS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream begins."""

    stream: str
    call: str
    account: str
    parameters: dict[str, str] = field(repr=False)
    """The <Parameter>s of our TwiML."""


@dataclass(frozen=True, slots=True)
class Media:
    """Some of the caller's audio."""

    mulaw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dtmf:
    """A key was pressed."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """What we sent before this mark was played, or cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over: the caller hung up, or the call was moved on."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not a message of the protocol."""

    why: str


Event: TypeAlias = Connected | Start | Media | Dtmf | Mark | Stop | Unreadable


def read(raw: str | bytes) -> Event:
    """One frame. Never raises."""
    if not isinstance(raw, str):
        return Unreadable("binary")
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return Unreadable("no JSON")
    if not isinstance(message, dict):
        return Unreadable("no object")
    reader = _READERS.get(str(message.get("event"))[:_LONGEST_ID])
    if reader is None:
        return Unreadable("unknown event")
    try:
        return reader(message)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Unreadable("bad fields")


def media(stream: str, mulaw: bytes) -> str:
    """Audio for the caller: raw mu-law at 8 kHz, no header."""
    return json.dumps({"event": "media", "streamSid": stream, "media": {"payload": base64.b64encode(mulaw).decode("ascii")}})


def mark(stream: str, name: str) -> str:
    """Comes back when everything sent before it was played."""
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear(stream: str) -> str:
    """Empties the other side's buffer."""
    return json.dumps({"event": "clear", "streamSid": stream})


def _start(message: dict[str, Any]) -> Event:
    start = message["start"]
    found = start["mediaFormat"]
    if (found["encoding"], int(found["sampleRate"]), int(found["channels"])) != FORMAT:
        return Unreadable("another audio format")
    given = start.get("customParameters") or {}
    return Start(
        stream=_id(message["streamSid"]),
        call=_id(start["callSid"]),
        account=_id(start["accountSid"]),
        parameters={str(name)[:_LONGEST_ID]: str(value)[:500] for name, value in list(given.items())[:20]},
    )


def _media(message: dict[str, Any]) -> Event:
    found = message["media"]
    if found.get("track", "inbound") not in ("inbound", "inbound_track"):
        return Unreadable("another track")
    try:
        return Media(base64.b64decode(found["payload"], validate=True))
    except binascii.Error:
        return Unreadable("bad base64")


def _dtmf(message: dict[str, Any]) -> Event:
    key = str(message["dtmf"]["digit"])
    return Dtmf(key) if key in _KEYS else Unreadable("no key")


def _mark(message: dict[str, Any]) -> Event:
    return Mark(_id(message["mark"]["name"]))


def _id(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        raise ValueError("no id")
    return value


_READERS: Mapping[str, Callable[[dict[str, Any]], Event]] = {
    "connected": lambda _message: Connected(),
    "start": _start,
    "media": _media,
    "dtmf": _dtmf,
    "mark": _mark,
    "stop": lambda _message: Stop(),
}
