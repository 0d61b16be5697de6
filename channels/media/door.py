"""`wss /twilio/media`: the media socket of calls (`VOICE_MODE=stream`)."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, request
from flask_sock import Sock

from agent.bootstrap import Agent
from channels.call_twiml import STREAM_PATH
from channels.media.peer import POLICY_VIOLATION, Peer
from channels.media.session import attend
from channels.media.switchboard import switchboard
from channels.signature import HEADER, Guard, target_of

NAME = "twilio_media"

_MOMENT_S = 0.2

log = logging.getLogger(__name__)


def routes(agent: Agent) -> Blueprint:
    """The socket. Its handshake is signed over the wss address; what it may then do is in its token."""
    blueprint = Blueprint(NAME, __name__)
    guard = Guard(agent.settings.twilio_auth_token, agent.settings.public_base_url)

    def media(ws: Any) -> None:
        board = switchboard()
        if agent.settings.stream_signature == "required" and not guard.is_signed_socket(target_of(request), request.headers.get(HEADER)):
            log.warning("refused a socket with a wrong signature")
            board.metrics.streams_closed.labels("unsigned").inc()
            peer = Peer(ws, board.limits.waiting_bytes)
            # Clients that find the handshake's answer and the end in one packet overlook why it ended.
            peer.receive(_MOMENT_S)
            peer.close(POLICY_VIOLATION)
            return
        attend(ws, board, agent.store, agent.clock)

    @blueprint.route(STREAM_PATH, methods=["GET", "POST"], provide_automatic_options=False)
    def no_socket() -> Response:
        """Whoever does not ask for a socket has no business here."""
        return Response(status=403)

    Sock().route(STREAM_PATH, bp=blueprint, provide_automatic_options=False)(media)
    return blueprint
