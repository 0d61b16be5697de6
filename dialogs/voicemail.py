"""A message left on the machine: what it says is taken like anything else said, but nobody is there to be asked, told or answered.

So nothing is said, nothing agreed to is replaced, every value waits for a coordinator's eye, and a doubtful red flag counts as one. What it
says counts as said in no session: whoever calls next hears none of it before they have named themselves.
"""

from __future__ import annotations

from dialogs import answers, digressions
from dialogs.events import IntakeEnded, OptedIn, OptedOut, PersonRequested, VoicemailRead
from dialogs.facts import of_somebody_else, take
from dialogs.step import Step
from dialogs.turn import Turn
from nlu.parse import Act, OptOut


def left(turn: Turn) -> Step:
    """A message was left. Its words are not known yet; that there is one is enough for a lead."""
    turn.update(messages=turn.state.messages + 1, attached=turn.state.attached + 1)
    return turn.finish(None, end=True)


def read(turn: Turn) -> Step:
    """Its words, or none when nobody could make them out."""
    turn.update(messages=turn.state.messages + 1, asked=None)
    parse = turn.heard.parse
    if parse.opt_out in (OptOut.STOP, OptOut.START):
        wish = parse.opt_out is OptOut.STOP
        turn.update(opted_out=wish)
        turn.happened(OptedOut() if wish else OptedIn())
    if not of_somebody_else(turn):
        take(turn)
    digressions.safety(turn)
    if parse.wrong_number:
        turn.update(wrong_number=True)
        turn.happened(IntakeEnded("wrong_number"))
    if parse.handoff or Act.HUMAN in parse.acts:
        turn.update(handoff=True)
        turn.happened(PersonRequested())
    answers.reply(turn)
    turn.happened(VoicemailRead())
    turn.lines.clear()
    # What was asked before still is, unless this answered it.
    asked = turn.before.asked
    turn.update(asked=None if asked in turn.state.slots else asked, topic=turn.before.topic, named=turn.before.named)
    return turn.finish(None, end=True)
