"""What Twilio tells us about calls and texts afterwards: who hung up, which text arrived. Best effort, in any order, more than once."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from agent import delivery_status, missed_calls, transfers
from agent.bootstrap import Agent
from agent.messages import Inbound
from agent.stream_tokens import void
from agent.turns import TurnFailed
from channels.callers import sender
from channels.twilio_door import field, guarded
from dialogs.step import Kind

NAME = "twilio_status"

log = logging.getLogger(__name__)

_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""CallStatus values after which nobody is on the line."""


def routes(agent: Agent) -> Blueprint:
    """The two status callbacks. Nobody hears their answers: 204, or 503 to be told again where retries are switched on."""
    blueprint = guarded(NAME, agent, lambda: Response(status=503))

    @blueprint.post("/twilio/status/call", provide_automatic_options=False)
    def call_changed() -> Response:
        """The caller is gone, or something of no interest."""
        sid = field("CallSid")
        if not sid or field("CallStatus") not in _OVER:
            return Response(status=204)
        try:
            agent.turns.hear(Inbound("voice", f"{sid}:hangup", Kind.HANGUP, sender(field("From")), session=sid))
        except TurnFailed:
            log.warning("a hang-up could not be kept", extra={"call": sid})
            return Response(status=503)
        void(agent.store, sid, agent.clock())
        transfers.caller_gone(agent, sid)
        # The database took this, so it may take what it missed; nobody waits for this answer.
        missed_calls.collect(agent)
        return Response(status=204)

    @blueprint.post("/twilio/status/message", provide_automatic_options=False)
    def message_changed() -> Response:
        """A text of ours got further on its way, or did not arrive."""
        sid, status = field("MessageSid") or field("SmsSid"), field("MessageStatus") or field("SmsStatus")
        if sid and status:
            now = agent.clock()
            outbox_id = request.args.get(delivery_status.OUTBOX_ID)
            delivery_status.note(agent.store, sid, status, now, agent.clinic.calendar.callback_day(now), outbox_id)
        return Response(status=204)

    return blueprint
