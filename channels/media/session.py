"""From the handshake to the end of one media stream: who is there, what they bring, and a clean end whatever they do."""

from __future__ import annotations

import logging
import time
from typing import Any

from agent import stream_tokens
from agent.clock import Clock
from agent.store import Store, StoreError
from agent.stream_tokens import Ticket
from channels.call_twiml import TOKEN_PARAMETER
from channels.media import protocol
from channels.media.call import StreamedCall
from channels.media.peer import FAULT, GOING_AWAY, NORMAL, POLICY_VIOLATION, TOO_BUSY, Peer
from channels.media.switchboard import Limits, Switchboard
from channels.speech.synthesis import SpeechUnavailable

_BEFORE_START = 1_000
"""Messages until `start`; Twilio's is the second."""
_LISTEN_S = 1.0
"""How often a quiet socket is looked after."""
_GOODBYE_S = 30.0
"""A call that is too long may be told so for this long."""
_CODES = {"hung_up": NORMAL, "stopping": GOING_AWAY}
"""What ends a stream without its being anybody's fault."""

log = logging.getLogger(__name__)


def attend(ws: Any, board: Switchboard, store: Store, clock: Clock) -> None:
    """Serve one socket whose handshake was accepted. Returns when it is closed; raises nothing."""
    peer = Peer(ws, board.limits.waiting_bytes)
    why = "fault"
    try:
        why = _admit(peer, board, store, clock)
    except SpeechUnavailable:
        log.error("a stream ended: the synthesiser does not answer")
        peer.close(FAULT)
    except Exception:
        # The boundary: the verbs after <Connect> take over, so nobody is left in silence.
        log.exception("a stream ended by a fault")
        peer.close(FAULT)
    finally:
        board.metrics.streams_closed.labels(why).inc()


def _admit(peer: Peer, board: Switchboard, store: Store, clock: Clock) -> str:
    """Wait for `start`, check what it brings, serve. Nothing is made or kept for somebody who brings nothing."""
    start = _start(peer, board.limits)
    ticket = _ticket(start, store, clock) if start else None
    if start is None or ticket is None:
        peer.close(POLICY_VIOLATION)
        return "refused"
    peer.stream = start.stream
    with board.seat() as seated:
        if not seated:
            peer.close(TOO_BUSY)
            return "no_seat"
        return _serve(peer, StreamedCall(board, ticket, peer), store)


def _start(peer: Peer, limits: Limits) -> protocol.Start | None:
    ends = time.monotonic() + limits.start_s
    for _ in range(_BEFORE_START):
        event = peer.receive(max(0.0, ends - time.monotonic()))
        if isinstance(event, protocol.Start):
            return event
        if event is None or isinstance(event, protocol.Stop | protocol.Unreadable):
            return None
    return None


def _ticket(start: protocol.Start, store: Store, clock: Clock) -> Ticket | None:
    token = start.parameters.get(TOKEN_PARAMETER, "")
    try:
        ticket = stream_tokens.admit(store, token, start.call, start.account, clock()) if token else None
    except StoreError as error:
        log.error("a stream could not be admitted", extra={"error": type(error).__name__})
        return None
    if ticket is None:
        log.warning("refused a stream without a token that fits")
    return ticket


def _serve(peer: Peer, call: StreamedCall, store: Store) -> str:
    call.begin()
    why = _listen(peer, call)
    if call.left is not None:
        _leave(call, store)
        why = call.left.wish
    peer.close(_CODES.get(why, POLICY_VIOLATION) if call.left is None else NORMAL)
    return why


def _listen(peer: Peer, call: StreamedCall) -> str:
    """Pass on what comes until somebody ends it; how it ended."""
    limits, began, heard_at = call.board.limits, time.monotonic(), time.monotonic()
    garbage = messages = 0
    while call.left is None:
        event = peer.receive(_LISTEN_S)
        now = time.monotonic()
        if isinstance(event, protocol.Stop) or (peer.gone and _said_goodbye(peer, event)):
            call.gone()
            return "hung_up"
        if peer.gone:
            return "dropped"
        if call.board.closing:
            return "stopping"
        if event is None:
            if now - heard_at > limits.quiet_s:
                return "half_open"
            continue
        heard_at = now
        if isinstance(event, protocol.Unreadable):
            garbage += 1
            if garbage > limits.garbage:
                return "garbage"
        messages += 1
        _pass_on(event, call)
        lasted = now - began
        if call.now / 1000 > lasted + limits.ahead_s or messages > limits.messages_s * (lasted + 10):
            return "flood"
        if max(call.now / 1000, lasted) > limits.call_s:
            call.too_long()
        if lasted > limits.call_s + _GOODBYE_S:
            return "too_long"
    return "left"


def _said_goodbye(peer: Peer, event: protocol.Event | None) -> bool:
    """Whether what came before the other side was gone ends with the caller's hanging up. We may notice that they are gone by sending."""
    while event is not None and not isinstance(event, protocol.Stop):
        event = peer.receive(0)
    return event is not None


def _pass_on(event: protocol.Event, call: StreamedCall) -> None:
    if isinstance(event, protocol.Media):
        call.media(event.mulaw)
    elif isinstance(event, protocol.Dtmf):
        call.key(event.key)
    elif isinstance(event, protocol.Mark):
        call.mark(event.name)


def _leave(call: StreamedCall, store: Store) -> None:
    """Note what was said, so that it is not said twice. When that fails it is said twice."""
    assert call.left is not None
    try:
        stream_tokens.leave(store, call.ticket, call.left.said_step, call.left.wish)
    except StoreError as error:
        log.warning("what was said could not be noted", extra={"call": call.ticket.call, "error": type(error).__name__})


