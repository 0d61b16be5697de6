"""One step of a conversation: state and what was heard in, new state, words and facts out. Pure.

A message is always read the same way: who is there (a new session, a hang-up, STOP), then what it says (facts), then
what must not wait (safety, a person), then what it asks (answers), and at last what we still want to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dialogs import answers, closing, digressions, pictures, voicemail
from dialogs.asking import ask_next, go_back, leave_open, not_understood, passed_over
from dialogs.events import Disclosed, IntakeChanged, OptedIn
from dialogs.facts import Taken, denies_only, take
from dialogs.line import Expect
from dialogs.office import receive, several
from dialogs.script import Script
from dialogs.state import Phase, State
from dialogs.step import Heard, Kind, Moment, Step
from dialogs.turn import Turn
from nlu.parse import Act, Channel, Context, Parse

MOST_MESSAGES = 80
"""Messages after which the line stops asking: every conversation ends."""

MOST_RECENT = 3
"""Slots told last that a "no, it's ..." may still be about."""

MOST_STALLED = 5
"""Messages in a row that bring nothing before the line stops asking."""


def listening(state: State, channel: Channel, moment: Moment) -> Context:
    """What the reader should know about the moment the next message arrives in."""
    return Context(
        today=moment.today,
        asked=_asked(state, channel, moment),
        confirming=state.phase is Phase.CONFIRMING and not moment.on_call,
        channel=channel,
        language=state.language,
        known={name: filled.value for name, filled in state.slots.items()},
    )


def _asked(state: State, channel: Channel, moment: Moment) -> str | None:
    """The slot a message answers: on the telephone and by text at once, the text answers what a text asked for."""
    texted = channel == "sms" and pictures.awaited(state) and (moment.on_call or state.asked is None)
    return pictures.MEMBER_ID if texted else state.asked


def listening_back(state: State, parse: Parse, context: Context) -> Iterator[Context]:
    """The moments a "no, it's ..." may speak of instead, when it says nothing about the question that is open: what was told last
    was just read back, or just typed."""
    puts_right = bool(parse.acts & {Act.CORRECT, Act.DENY}) and Act.QUESTION not in parse.acts and len(parse.text.split()) > 1
    if state.phase is not Phase.COLLECTING or not puts_right or state.asked in parse.slots or not parse.slots.keys().isdisjoint(state.recent):
        return
    for name in state.recent:
        if name in state.slots and name != state.asked:
            yield replace(context, asked=name, confirming=True)


def put_right(parse: Parse, again: Parse, name: str, state: State) -> Parse | None:
    """The message read once more as being about this slot; None when it gives no other value for it."""
    reading = again.slots.get(name)
    if reading is None or reading.value in ("none", state.slots[name].value):
        return None
    return replace(parse, acts=(parse.acts - {Act.DENY}) | {Act.CORRECT}, slots={**parse.slots, name: reading})


def wants_answers(parse: Parse) -> bool:
    """Whether the clinic's knowledge should be asked: whenever the message asks. What only tells is not looked up."""
    return Act.QUESTION in parse.acts


def step(state: State, heard: Heard, script: Script, moment: Moment) -> Step:
    """Think about one message. The same arguments give the same Step; nothing outside is read or changed."""
    turn = Turn(state, heard, script, moment)
    if heard.kind in _LEFT:
        return _LEFT[heard.kind](turn)
    _arrive(turn)
    for stage in digressions.BEFORE_FACTS:
        if (ended := stage(turn)) is not None:
            return ended
    if several(turn):
        return receive(turn)
    taken = take(turn)
    for stage in digressions.AFTER_FACTS:
        if (ended := stage(turn)) is not None:
            return ended
    # "Can I text you a photo of it?" is answered by doing so.
    replied = pictures.wished(turn) or answers.reply(turn)
    replied = pictures.thank(turn) or replied
    if moment.on_call:
        return _beside_the_call(turn, taken)
    if turn.state.phase is Phase.CONFIRMING:
        return closing.confirming(turn, taken)
    if turn.state.phase is Phase.DONE:
        return closing.done(turn, taken)
    return _collect(turn, taken, replied)


_LEFT = {Kind.RECORDED: voicemail.left, Kind.VOICEMAIL: voicemail.read}


def _beside_the_call(turn: Turn, taken: Taken) -> Step:
    """A text from somebody who is on the telephone with us: it is taken and acknowledged, and the question stays with the call."""
    if not turn.lines:
        turn.say("noted" if taken.any else "on_call")
    if turn.state.asked in taken.new:
        turn.update(asked=None)
    if taken.any and turn.state.phase is Phase.DONE:
        turn.happened(IntakeChanged((*taken.changed, *taken.new)))
    return turn.finish(digressions.pending(turn))


def _arrive(turn: Turn) -> None:
    """Count the message, follow its language, and greet whoever begins a session."""
    words = turn.heard.kind is Kind.WORDS
    if turn.state.wrong_number and words and not turn.heard.parse.wrong_number:
        # They were promised no texts; now they have written to us themselves.
        turn.update(wrong_number=False, opted_out=False)
        turn.happened(OptedIn())
    turn.update(messages=turn.state.messages + 1)
    if words:
        reopened = Phase.COLLECTING if turn.state.phase is Phase.CLOSED else turn.state.phase
        turn.update(language=turn.heard.parse.language, phase=reopened)
    if turn.moment.new_session and turn.heard.kind is not Kind.HANGUP:
        reopened = Phase.COLLECTING if turn.state.phase in (Phase.CLOSED, Phase.CONFIRMING) else turn.state.phase
        turn.update(session=turn.state.session + 1, greeted=False, named=False, stalled=0, person_asks=0, checking=None, recent=(), phase=reopened)
    if not turn.state.greeted and turn.heard.kind is not Kind.HANGUP:
        again = turn.state.session > 1 and turn.heard.channel != "voice"
        turn.say("greeting_again" if again else "greeting")
        turn.happened(Disclosed(turn.locale.version))
        turn.update(greeted=True)


def _collect(turn: Turn, taken: Taken, replied: bool) -> Step:
    asked = turn.before.asked
    if turn.heard.kind is Kind.WORDS and turn.state.phase is Phase.COLLECTING and _name_check(turn):
        return _after_name_check(turn)
    talked = replied or turn.repeated or (turn.heard.kind is Kind.WORDS and not taken.any and answers.small_words(turn))
    _take_back(turn, taken)
    if turn.state.batch and not turn.state.slots:
        return closing.between_referrals(turn)
    if turn.before.alarms and not (taken.any or replied) and turn.heard.kind is Kind.WORDS:
        turn.say_nothing()
        turn.say("safety.after")
        return turn.finish(digressions.pending(turn))
    if not taken.any and (back := go_back(turn)):
        return turn.finish(back)
    if taken.any:
        told = (*taken.new, *taken.changed)
        turn.update(stalled=0, recent=tuple(dict.fromkeys((*told, *turn.state.recent)))[:MOST_RECENT])
        if taken.declined and not taken.new and not pictures.promise_text(turn):
            turn.say("declined")
        passed = turn.intake.slot(asked) if asked else None
        if passed and not (taken.declined or replied or asked in (*taken.new, *taken.changed)):
            passed_over(turn, passed)
            turn.say("noted")
    elif turn.heard.kind is Kind.WORDS:
        if Act.GOODBYE in turn.heard.parse.acts:
            return digressions.end_unfinished(turn, "goodbye")
        _stall(turn, talked)
    answers.echo(turn, (*taken.new, *taken.changed))
    if turn.state.messages >= MOST_MESSAGES or turn.state.stalled >= MOST_STALLED:
        return digressions.end_unfinished(turn, "no_progress")
    return _go_on(turn)


def _stall(turn: Turn, talked: bool) -> None:
    """The message brought no fact: unless it was answered or was mere politeness, the question was not understood."""
    if not talked:
        turn.update(stalled=turn.state.stalled + 1)
    asked = turn.state.asked
    slot = turn.intake.slot(asked) if asked else None
    if slot is None or talked or turn.state.person_asks > turn.before.person_asks or turn.moment.new_session:
        return  # whoever comes back does not answer what was asked then
    only_yes = turn.heard.parse.acts <= {Act.AFFIRM, Act.BACKCHANNEL} and bool(turn.heard.parse.acts)
    if slot.name in turn.state.slots and only_yes and not turn.state.tries.get(slot.name):
        turn.update(tries={**turn.state.tries, slot.name: 1})
    elif slot.name in turn.state.slots:
        leave_open(turn, slot)
    elif not turn.heard.parse.acts & {Act.BACKCHANNEL, Act.GREETING, Act.CORRECT}:
        not_understood(turn, slot)


def _take_back(turn: Turn, taken: Taken) -> None:
    """A "no" right after a value was read back takes it off the record again, unless it answers the question that followed."""
    checking = turn.before.checking
    acts = turn.heard.parse.acts
    asked = turn.intake.slot(turn.before.asked) if turn.before.asked else None
    answers_us = asked is not None and (asked.no is not None or not asked.required) and Act.CORRECT not in acts
    said_no = Act.DENY in acts and not turn.heard.parse.slots and not (answers_us and denies_only(turn))
    if checking and checking not in taken.changed and said_no and checking in turn.state.slots:
        turn.forget(checking)
        turn.say("take_back")


def _name_check(turn: Turn) -> bool:
    """The name was asked for a second time, with nothing else left to ask."""
    before = turn.before
    known = before.asked == "patient.name" and "patient.name" in before.slots
    return known and turn.intake.next(before.slots, before.declined) is None


def _after_name_check(turn: Turn) -> Step:
    """The name was asked so that earlier values may be read out. Without it they are sent, but not read."""
    if turn.state.named:
        return closing.offer(turn)
    return closing.complete(turn)


def _go_on(turn: Turn) -> Step:
    if turn.state.intake != turn.before.intake and turn.intake.next(turn.state.slots, turn.state.declined):
        turn.say("office.received", references=turn.state.reference)
    expect: Expect | None = ask_next(turn)
    if expect is None:
        return closing.offer(turn)
    return turn.finish(expect)
