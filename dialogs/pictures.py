"""Pictures that come by text: acknowledged, and taken for the insurance card where the card was asked about."""

from __future__ import annotations

from dialogs.events import TextPromised
from dialogs.state import State
from dialogs.turn import Turn

MOST = 40
"""Files of one conversation that are kept. Nobody has more pages than that to show, and a disk is not endless."""
MEMBER_ID = "insurance.member_id"
BY_TEXT = "by_text"
"""Why a slot has no value: they will text it, or a photo of it."""

_PICTURE = "picture"
"""Why a slot has no value: it is on the picture, for a coordinator to read."""
_ON_THE_CARD = ("insurance.carrier", "insurance.plan", MEMBER_ID)


def awaited(state: State) -> bool:
    """Whether they were asked to text the member ID or a photo of the card, and have not yet."""
    return state.declined.get(MEMBER_ID) == BY_TEXT and MEMBER_ID not in state.slots


def room(state: State) -> int:
    """How many more files are taken."""
    return max(0, MOST - state.attached)


def thank(turn: Turn) -> bool:
    """Say what became of what was sent. True when something was."""
    heard = turn.heard
    kept = min(heard.pictures, room(turn.state))
    if kept:
        turn.update(attached=turn.state.attached + kept)
        turn.say("picture" if kept == 1 else "pictures")
        _settle(turn)
    if kept < heard.pictures:
        turn.say("files_full")
    if heard.unusable:
        turn.say("unusable_file")
    return bool(heard.pictures or heard.unusable)


def promise_text(turn: Turn) -> bool:
    """They do not have their member ID with them on the telephone: a text they can answer with it later. False when none can be sent."""
    if awaited(turn.state) and not awaited(turn.before):
        return True
    return turn.state.declined.get(MEMBER_ID) == "dont_know" and _promise(turn)


def wished(turn: Turn) -> bool:
    """They would rather text it, or a photo of it, than say it. False when that was not said, or cannot be."""
    if turn.before.asked != MEMBER_ID or MEMBER_ID in turn.state.slots:
        return False
    said = {word.strip(".,?!").lower() for word in turn.heard.parse.text.split()}
    return not said.isdisjoint(turn.locale.terms["by_text"]) and _promise(turn)


def _promise(turn: Turn) -> bool:
    if not turn.moment.textable or turn.heard.channel != "voice":
        return False
    turn.decline(MEMBER_ID, BY_TEXT)
    turn.happened(TextPromised(turn.locale.line("card_request", turn.blanks()).text))
    turn.say("card_by_text")
    return True


def _settle(turn: Turn) -> None:
    """A picture without a word, when the card was asked about, is the card: nobody is asked for what is on it."""
    asked = turn.state.asked in _ON_THE_CARD
    if turn.heard.parse.text.strip() or not (asked or awaited(turn.state)):
        return
    for name in _ON_THE_CARD if asked else (MEMBER_ID,):
        if turn.intake.slot(name) and name not in turn.state.slots:
            turn.decline(name, _PICTURE)
