"""Nobody took the call: before the line goes on, it offers to take a message. The same words in both voices."""

from __future__ import annotations

from enum import Enum

from agent.bootstrap import Agent
from agent.messages import Reply
from channels.wording import languages, words
from dialogs.line import Line
from nlu.parse import Act, Context, Language, Parse, SafetyLevel

OFFER = "offer_message"
"""The wording that offers it."""
KEY = "1"
"""The telephone key that takes the offer."""
_SAID = "person."
"""Lines about the person we tried to reach: said before the offer, the open question after it."""


class Wish(Enum):
    """What somebody answers to the offer."""

    MESSAGE = "message"
    NO = "no"
    """Or nothing: the call goes on with the question that is open."""
    SOMETHING_ELSE = "something_else"


def parted(reply: Reply) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What is said before the offer, and what is said when it is not taken."""
    said = sum(line.key.startswith(_SAID) for line in reply.lines)
    return reply.lines[:said], reply.lines[said:]


def wish(agent: Agent, keys: str, text: str, language: Language) -> Wish:
    """What was keyed or said in answer to the offer."""
    if keys or not text.strip():
        return Wish.MESSAGE if keys == KEY else Wish.NO
    return meant(agent.understander.read(text, Context(agent.clinic.calendar.today(agent.clock()), channel="voice", language=language)))


def meant(parse: Parse) -> Wish:
    """The same for what was said, once it is read."""
    if parse.safety.level is not SafetyLevel.NONE:
        return Wish.SOMETHING_ELSE
    if Act.DENY in parse.acts:
        return Wish.SOMETHING_ELSE if parse.slots else Wish.NO
    if Act.AFFIRM in parse.acts or _names_it(parse):
        return Wish.SOMETHING_ELSE if parse.slots else Wish.MESSAGE
    # Who only says once more that they want a person is no further helped by a tone to speak after.
    return Wish.NO if parse.handoff and not parse.slots else Wish.SOMETHING_ELSE


def _names_it(parse: Parse) -> bool:
    """ "A message, please" is read as wanting somebody: that is what is offered."""
    return parse.handoff and any(words(code).keys["message"] in parse.text.lower() for code in languages())
