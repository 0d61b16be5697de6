"""Texts in, by Twilio: one signed request is one message, its answer is the reply."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from agent import alert_watch, apology
from agent.bootstrap import Agent
from agent.messages import Inbound, Reply, Withheld
from agent.turns import TurnFailed
from channels import gsm
from channels.callers import may_text, sender
from channels.metrics import metrics
from channels.twilio_door import field, filled, guarded, is_ours, own_numbers
from channels.twiml import answer, inert
from channels.wording import words
from dialogs.step import Kind

NAME = "twilio_sms"

log = logging.getLogger(__name__)

_MOST_MEDIA = 10
"""Pictures of one message, by Twilio's own limit."""
_MEDIA_HOST = re.compile(r"api\.twilio\.com|[a-z0-9-]+(\.[a-z0-9-]+)*\.twiliocdn\.com", re.ASCII)
_LONGEST_NAME = 64
_OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})


def routes(agent: Agent) -> Blueprint:
    """The webhook of incoming texts, and the one Twilio turns to when that fails."""

    def sorry() -> Response:
        return _texts(text_of(apology.sorry(agent.clinic)))

    blueprint = guarded(NAME, agent, sorry)

    @blueprint.post("/twilio/sms", provide_automatic_options=False)
    def text_came() -> Response:
        """Hear one text and reply to it."""
        return _hear(agent)

    @blueprint.post("/twilio/sms/fallback", provide_automatic_options=False)
    def text_came_again() -> Response:
        """The same message after the first address failed or was too slow: hearing it again changes nothing."""
        return _hear(agent)

    return blueprint


def _hear(agent: Agent) -> Response:
    """The answer to the text in this request. When it could not be kept it says so, so that nobody believes it was."""
    number, to, verdict = sender(field("From")), field("To"), field("OptOutType").upper()
    if not is_ours(agent.clinic, to):
        log.warning("text to a number that is not in clinic.toml")
        wording = words(None)
        return _texts(filled(wording.text["not_in_service"], wording, agent.clinic) if may_text(number, own_numbers(agent, to)) else "")
    message_id = field("MessageSid") or field("SmsSid") or field("SmsMessageSid")
    if not message_id:
        return Response(status=400)
    media = _media()
    inbound = Inbound(
        "sms",
        message_id,
        Kind.WORDS,
        number,
        field("Body"),
        # A short code or a name has no number to come back by; what it sends is kept under what it calls itself.
        session=None if number else inert(field("From"))[:_LONGEST_NAME],
        opt_out=verdict if verdict in _OPT_OUT_TYPES else None,
        media=tuple(url for url, _ in media),
        media_types=tuple(kind for _, kind in media),
        withhold=_withhold(agent, number, to, verdict),
    )
    try:
        # Somebody on call who texts that they have an alert asks for nothing else.
        reply = alert_watch.heard(agent, inbound) or agent.turns.hear(inbound)
    except TurnFailed as failed:
        log.warning("a text could not be kept", extra={"message_id": message_id})
        metrics().failed_turns.labels(NAME).inc()
        reply = failed.reply
    if reason := inbound.withhold or reply.withheld:
        log.info("text kept and not replied to", extra={"message_id": message_id, "reason": reason})
        metrics().held_replies.labels(reason).inc()
        return _texts("")
    return _texts(text_of(reply))


def text_of(reply: Reply) -> str:
    """The lines of a reply as they are texted."""
    return "\n".join(line.text for line in reply.lines)


def _withhold(agent: Agent, number: str | None, to: str, verdict: str) -> Withheld | None:
    """Why nothing may be texted back, whatever is said."""
    if verdict in _OPT_OUT_TYPES:
        return "carrier_replied"
    return None if may_text(number, own_numbers(agent, to)) else "sender"


def _texts(text: str) -> Response:
    response = MessagingResponse()
    for body in gsm.bodies(gsm.fold(inert(text))):
        response.message(body)
    return answer(response)


def _media() -> list[tuple[str, str]]:
    """Address and declared kind of what came with the text."""
    count = field("NumMedia")
    places = range(min(int(count), _MOST_MEDIA) if count.isascii() and count.isdigit() else 0)
    files = ((field(f"MediaUrl{index}"), inert(field(f"MediaContentType{index}"))[:_LONGEST_NAME]) for index in places)
    return [(url, kind) for url, kind in files if _is_twilios(url)]


def _is_twilios(url: str) -> bool:
    """Whether a picture is where Twilio keeps them. The request is signed, and still nothing else is ever fetched."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.scheme == "https" and port is None and "@" not in parts.netloc
    return plain and bool(_MEDIA_HOST.fullmatch(parts.netloc.lower()))
