"""Twilio's side of a media stream: opens the socket as Twilio does, sends the caller's audio, plays ours, gives marks back.

`referline call`, the benchmark and the tests are clients of the same socket as a telephone call. What Twilio would refuse fails an assertion.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from simple_websocket import Client, ConnectionClosed
from twilio.request_validator import RequestValidator

from channels.emulator import PhoneCall, Twilio

FRAME_S = 0.02
FRAME = 160
"""Bytes of mu-law in one frame of 20 ms."""
QUIET = b"\xff" * FRAME
_ONE_UTTERANCE_S = 1.0
"""Audio that comes within this after the last one ran out belongs to it, and was late."""
_ALLOWED = frozenset({"media", "mark", "clear"})


@dataclass(slots=True)
class Ear:
    """What the caller hears, as it is played."""

    audio: bytearray = field(default_factory=bytearray)
    """Everything played, in order."""
    clears: list[float] = field(default_factory=list)
    """Moments of `clear`, by `time.monotonic`."""
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """Moment and bytes of every piece of audio that arrived."""
    gaps: list[float] = field(default_factory=list)
    """Seconds of silence in the middle of something being said: the next piece came after the one before had been played."""
    playing_until: float = 0.0


class Stream:
    """One open media stream."""

    def __init__(self, twilio: Twilio, connect: Element, call: PhoneCall, server: str, *, url: str | None = None) -> None:
        """`connect` is the <Connect> verb; `server` is where the socket really is, such as `ws://127.0.0.1:8000`."""
        noun = connect.find("Stream")
        assert noun is not None, "<Connect> without <Stream>"
        public = url or noun.get("url", "")
        parts = urlsplit(public)
        assert parts.scheme in ("ws", "wss"), public
        assert not parts.query, "Twilio drops the query of a stream address"
        self.parameters = {one.get("name", ""): one.get("value", "") for one in noun.findall("Parameter")}
        assert all(len(name) + len(value) < 500 for name, value in self.parameters.items())
        self.sid = "MZ" + call.sid[2:]
        self.ear = Ear()
        self.closed: int | None = None
        """The code the socket was closed with."""
        self._call, self._twilio = call, twilio
        self._lock = threading.Lock()
        self._buffer: deque[tuple[str, bytes | str]] = deque()
        self._sent = 0
        self._media_ms = 0
        signature = RequestValidator(twilio.token).compute_signature(public, {})
        self._ws = Client(server + parts.path, headers={"x-twilio-signature": signature})
        self._receiver = threading.Thread(target=self._receive, name="twilio", daemon=True)
        self._receiver.start()

    def start(self) -> Stream:
        """The first two messages."""
        self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        about = {"accountSid": self._twilio.account, "streamSid": self.sid, "callSid": self._call.sid, "tracks": ["inbound"]}
        audio = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        self.send({"event": "start", "start": {**about, "mediaFormat": audio, "customParameters": self.parameters}})
        return self

    def frame(self, mulaw: bytes = QUIET) -> None:
        """20 ms of the caller's audio; as much of ours is played meanwhile."""
        self._media_ms += 20
        if mulaw != QUIET:
            # What comes after the caller has spoken is an answer, not the rest of what was being said.
            self.ear.playing_until = 0.0
        media = {"track": "inbound", "chunk": str(self._media_ms // 20), "timestamp": str(self._media_ms)}
        self.send({"event": "media", "media": {**media, "payload": base64.b64encode(mulaw).decode()}})
        self._play()

    def press(self, key: str) -> None:
        """A key of the telephone."""
        self.send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": key}})

    def stop(self) -> None:
        """The caller hangs up."""
        self.send({"event": "stop", "stop": {"accountSid": self._twilio.account, "callSid": self._call.sid}})
        self.close()

    def close(self) -> None:
        """Drop the socket."""
        try:
            self._ws.close()
        except (ConnectionClosed, OSError):
            return

    def send(self, message: dict[str, Any] | str | bytes) -> None:
        """One message, numbered as Twilio does; text and bytes as they are. Nothing when the socket is closed."""
        if isinstance(message, dict):
            self._sent += 1
            message = json.dumps({**message, "sequenceNumber": str(self._sent), "streamSid": self.sid})
        try:
            self._ws.send(message)
        except (ConnectionClosed, OSError):
            return

    @property
    def open(self) -> bool:
        """Whether the server has not closed it."""
        return self.closed is None

    @property
    def speaking(self) -> bool:
        """Whether something of ours is being played, or waits to be."""
        with self._lock:
            return any(kind == "audio" for kind, _ in self._buffer)

    def wait_closed(self, seconds: float = 5.0) -> int | None:
        """The close code, once the server has closed; None when it does not."""
        self._receiver.join(seconds)
        return self.closed

    def _receive(self) -> None:
        while True:
            try:
                raw = self._ws.receive()
            except ConnectionClosed as gone:
                self.closed = int(gone.reason or 1005)
                return
            if raw is not None:
                self._take(json.loads(raw))

    def _take(self, message: dict[str, Any]) -> None:
        assert message["event"] in _ALLOWED, message["event"]
        assert message["streamSid"] == self.sid
        now = time.monotonic()
        if message["event"] == "media":
            payload = base64.b64decode(message["media"]["payload"], validate=True)
            assert payload, "empty audio"
            assert not payload.startswith(b"RIFF"), "a header is played as a click"
            with self._lock:
                self._note(now, len(payload))
                self._buffer.append(("audio", payload))
        elif message["event"] == "mark":
            with self._lock:
                self._buffer.append(("mark", message["mark"]["name"]))
        else:
            self.ear.clears.append(now)
            self.ear.playing_until = 0.0
            with self._lock:
                marks = [content for kind, content in self._buffer if kind == "mark"]
                self._buffer.clear()
            self._echo(marks)

    def _note(self, now: float, size: int) -> None:
        late = now - self.ear.playing_until
        if self.ear.playing_until and 0 < late < _ONE_UTTERANCE_S:
            self.ear.gaps.append(late)
        self.ear.arrivals.append((now, size))
        self.ear.playing_until = max(now, self.ear.playing_until) + size / 8000

    def _play(self) -> None:
        """20 ms of what we were sent, and the marks that are due."""
        left, marks = FRAME, []
        with self._lock:
            while self._buffer:
                kind, content = self._buffer.popleft()
                if kind == "mark":
                    marks.append(content)
                    continue
                assert isinstance(content, bytes)
                if left <= 0:
                    self._buffer.appendleft((kind, content))
                    break
                self.ear.audio += content[:left]
                if len(content) > left:
                    self._buffer.appendleft((kind, content[left:]))
                    left = 0
                    break
                left -= len(content)
        self._echo(marks)

    def _echo(self, marks: Iterable[bytes | str]) -> None:
        for name in marks:
            self.send({"event": "mark", "mark": {"name": name}})


def realtime(frames: Iterable[bytes] | None = None) -> Iterator[bytes]:
    """Frames as the telephone network brings them: one each 20 ms, silence where there is nothing else."""
    source, began = iter(frames or ()), time.monotonic()
    number = 0
    while True:
        frame = next(source, QUIET)
        number += 1
        wait = began + number * FRAME_S - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        yield frame


Caller = Callable[[Stream], None]
"""What somebody does on a stream from its start until it is closed, or until they hang up."""


def on_streams(server: str, caller: Caller) -> Callable[[PhoneCall, Element], bool]:
    """For `PhoneCall.stream`: opens each stream as Twilio does and lets the caller talk on it. True when the caller hung up."""

    def connect(call: PhoneCall, verb: Element) -> bool:
        stream = Stream(call.twilio, verb, call, server).start()
        caller(stream)
        hung_up = stream.open
        if hung_up:
            stream.stop()
        return hung_up

    return connect
