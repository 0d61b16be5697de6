"""The acts of one message, given what was just asked: what the person does beside giving values."""

from __future__ import annotations

from collections.abc import Collection

from nlu import opt_out, requests
from nlu.message import Message
from nlu.parse import Act, Context, OptOut
from nlu.phrasebook import Match, Phrasebook
from nlu.wording import Words

_BOOK = Phrasebook.load("acts", shortest=6)

_YES_NO = frozenset({"caller.role"})
"""Slots whose question a bare yes answers ("is the therapy for you?"): there it is no sign of listening."""


def read(message: Message, context: Context, *, filled: Collection[str] = ()) -> frozenset[Act]:
    """Every act the message makes; empty for a plain answer. `filled` names the slots a value was read for.

    A "yeah" or "no" that only opens the answer to an open question ("yeah it's maria", "no insurance") is part of the value, not an act;
    while something is being confirmed, a value beside a "no" corrects it.
    """
    words = Words.of(message)
    matches = [m for m in _BOOK.match(_BOOK.scan(words)) if _holds(m, context, filled)]
    if context.confirming and filled:
        matches = [m for m in matches if m.rule.id != "repeat"]  # "nope, try again: it's Ruiz" says it, and asks for nothing
    acts = {Act(m.rule.tags["act"]) for m in matches if not m.rule.tags.get("alone")}
    if words.asked:
        acts.add(Act.QUESTION)
    if opt_out.read(message) is OptOut.STOP:
        acts.add(Act.STOP)
    if requests.read(message, context).handoff:
        acts.add(Act.HUMAN)
    if not acts:
        acts = {Act(m.rule.tags["act"]) for m in matches}
    for match in matches:
        acts -= {Act(a) for a in match.rule.tags.get("blocks", ()) if match.rule.tags["act"] in acts}
    return frozenset(_in_context(acts, matches, context, filled))


def _in_context(acts: set[Act], matches: list[Match], context: Context, filled: Collection[str]) -> set[Act]:
    """Settle yes, no and correction by what was just asked and whether a value was given."""
    rules = {m.rule.id for m in matches}
    open_question = context.asked is not None and not context.confirming
    if context.confirming and filled and not acts & {Act.AFFIRM, Act.QUESTION, Act.STOP}:
        acts.add(Act.CORRECT)
    if context.confirming and filled and Act.DENY in acts:
        acts.add(Act.CORRECT)
    if {"deny.plain", "deny.wrong"} <= rules:
        acts.add(Act.DENY)
    if context.confirming and not filled and "correct.except" in rules:
        acts = (acts - {Act.CORRECT}) | {Act.DENY}
    if open_question and filled and Act.CORRECT not in acts and not rules & {"deny.wrong", "deny.later"}:
        acts.discard(Act.DENY)
    opens = "affirm.opener" in rules or open_question
    if opens and not context.confirming and filled and "affirm.tail" not in rules and context.asked not in _YES_NO:
        acts.discard(Act.AFFIRM)
    if "deny.plain" in rules or (Act.CORRECT in acts and "affirm.plain" not in rules):
        acts.discard(Act.AFFIRM)
    if open_question and not filled and acts == {Act.AFFIRM} and "affirm.bare" in rules and context.asked not in _YES_NO:
        return {Act.BACKCHANNEL}
    if open_question and Act.BACKCHANNEL in acts:
        acts.discard(Act.AFFIRM)
    if Act.HUMAN in acts:
        acts.discard(Act.SKIP)
    return acts


def _holds(match: Match, context: Context, filled: Collection[str]) -> bool:
    """Whether a rule's conditions on the moment are met."""
    tags = match.rule.tags
    if (tags.get("bare") and filled) or (tags.get("needs_value") and not filled):
        return False
    moments = {"any", "confirming" if context.confirming else "asking", "asked" if context.asked else "open"}
    return tags.get("when", "any") in moments
