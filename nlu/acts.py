"""The acts of one message, given what was just asked: what the person does beside giving values."""

from __future__ import annotations

from collections.abc import Collection

from nlu import opt_out, requests
from nlu.message import Message
from nlu.parse import Act, Context, OptOut
from nlu.phrasebook import Match, Phrasebook
from nlu.wording import Words

_BOOK = Phrasebook.load("acts")


def read(message: Message, context: Context, *, filled: Collection[str] = ()) -> frozenset[Act]:
    """Every act the message makes; empty for a plain answer. `filled` names the slots a value was read for."""
    words = Words.of(message)
    matches = [m for m in _BOOK.match(_BOOK.scan(words)) if _holds(m, context, filled)]
    acts = {Act(m.rule.tags["act"]) for m in matches}
    if words.asked:
        acts.add(Act.QUESTION)
    for match in matches:
        acts -= {Act(a) for a in match.rule.tags.get("blocks", ())}
    if opt_out.read(message) is OptOut.STOP:
        acts.add(Act.STOP)
    if requests.read(message, context).handoff:
        acts.add(Act.HUMAN)
    return frozenset(acts)


def _holds(match: Match, context: Context, filled: Collection[str]) -> bool:
    tags = match.rule.tags
    if tags.get("bare") and filled:
        return False
    when: str = tags.get("when", "any")
    return when == "any" or (when == "confirming") == context.confirming
