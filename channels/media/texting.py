"""Going on by text message in the middle of a call, for who would rather type, or cannot be heard."""

from __future__ import annotations

from agent import other_ways
from agent.bootstrap import Agent
from agent.stream_tokens import Ticket
from channels.callers import may_text
from channels.twilio_door import filled, own_numbers
from channels.wording import words


class ByText:
    """Texts the number a caller calls from, where texts may go."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def possible(self, ticket: Ticket) -> bool:
        """Whether this caller may be offered a text: American or Canadian, not one of ours, not opted out."""
        number = ticket.sender
        return number is not None and may_text(number, own_numbers(self._agent, ticket.to)) and other_ways.may_text(self._agent, number)

    def send(self, ticket: Ticket) -> bool:
        """Queue the text; False when it could not be."""
        own = words("en")
        text = filled(own.text["go_on"], own, self._agent.clinic)
        return ticket.sender is not None and other_ways.text_instead(self._agent, ticket.call, ticket.sender, text)
