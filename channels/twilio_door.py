"""What the Twilio doors have in common: the guard, the boundary that never goes silent, and who is on the line."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from agent import addresses
from agent.bootstrap import Agent
from agent.clinic import Clinic
from channels.metrics import metrics
from channels.signature import Guard
from channels.wording import Words

log = logging.getLogger(__name__)


def guarded(name: str, agent: Agent, sorry: Callable[[], Response]) -> Blueprint:
    """A blueprint whose every route is for signed form requests. What goes wrong behind the guard is answered by `sorry`."""
    blueprint = Blueprint(name, __name__)
    guard = Guard(agent.settings.twilio_auth_token, agent.settings.public_base_url)
    blueprint.before_request(guard.form_request)

    @blueprint.errorhandler(Exception)
    def never_silent(error: Exception) -> Response:
        """The boundary: a fault of ours is a worded apology, because an error page would be texted or drop the call."""
        if isinstance(error, HTTPException):
            return Response(status=error.code)
        log.error("a Twilio request failed", exc_info=error, extra={"endpoint": request.endpoint})
        metrics().failed_turns.labels(name).inc()
        return sorry()

    return blueprint


def field(name: str) -> str:
    """One field of the form, empty when it is not there."""
    return request.form.get(name, "")


def is_ours(clinic: Clinic, number: str) -> bool:
    """Whether the clinic's line answers this number. A clinic that names none answers any."""
    return not clinic.numbers or number in clinic.numbers


def own_numbers(agent: Agent, to: str) -> frozenset[str]:
    """Numbers a text from which is our own coming back."""
    return frozenset(filter(None, (*agent.clinic.numbers, agent.settings.twilio_from, to)))


def filled(wording: str, words: Words, clinic: Clinic) -> str:
    """A wording with the clinic's name and number in it."""
    return wording.format(clinic=clinic.name, phone=addresses.national(clinic.phone) if clinic.phone else words.call["office"])
