"""Replying to what was asked, from the clinic's knowledge or truthfully not at all, before going back to the question."""

from __future__ import annotations

from dialogs.events import QuestionUnanswered
from dialogs.facts import UNSURE
from dialogs.kinds import KINDS
from dialogs.line import Line
from dialogs.state import Phase
from dialogs.turn import Turn
from knowledge.answer import Part
from nlu.parse import Act


def reply(turn: Turn) -> bool:
    """Say every answer the message calls for. True when it called for one. What the clinic has stated is said beside a deflection."""
    said = len(turn.lines)
    parse = turn.heard.parse
    answered = any(part.answer for part in turn.heard.parts)
    deflected = next((key for key, asked in (("probe", parse.probe), ("advice", parse.advice), ("robot", parse.robot)) if asked), None)
    if deflected:
        turn.say(deflected)
    if deflected == "advice" and not answered:
        _note_unanswered(turn, parse.text)
    if answered or not (deflected or Act.HELP in parse.acts):
        _answer_parts(turn)
    return len(turn.lines) > said


def small_words(turn: Turn) -> bool:
    """Repeat, help, wait, thanks. True when one of them was the point of the message."""
    acts = turn.heard.parse.acts
    if Act.REPEAT in acts:
        turn.lines.extend(_not_questions(turn.before.last))
        return True
    if Act.HELP in acts or _asks_about_the_question(turn):
        _explain(turn)
        return True
    if Act.WAIT in acts:
        turn.say("wait")
        return True
    if Act.THANKS in acts:
        turn.say("welcome")
        return True
    return False


def _answer_parts(turn: Turn) -> None:
    answered = [part for part in turn.heard.parts if part.answer]
    for part in answered:
        turn.lines.append(_answer_line(part))
    if answered and answered[-1].answer:
        turn.update(topic=answered[-1].answer.id)
    if not _asks(turn):
        return
    open_parts = [part for part in turn.heard.parts if part.answer is None and not part.small_talk]
    for part in open_parts:
        _note_unanswered(turn, part.question)
    if open_parts:
        turn.say("no_answer_rest" if answered else "no_answer")


def _answer_line(part: Part) -> Line:
    answer = part.answer
    assert answer is not None
    dated = f" ({answer.effective.isoformat()})" if answer.effective else ""
    return Line("answer", answer.text, answer.spoken, source=f"{answer.id}: {answer.source}{dated}")


def _asks(turn: Turn) -> bool:
    """A statement nobody could answer is not a question left open."""
    return Act.QUESTION in turn.heard.parse.acts


def _note_unanswered(turn: Turn, question: str) -> None:
    if question not in turn.state.unanswered:
        turn.update(unanswered=(*turn.state.unanswered, question))
        turn.happened(QuestionUnanswered(question))


def _asks_about_the_question(turn: Turn) -> bool:
    """ "Why do you need that?": a question that asks the clinic nothing, while ours is open."""
    return _asks(turn) and not turn.heard.parts and turn.state.asked is not None and not turn.heard.parse.slots


def _explain(turn: Turn) -> None:
    asked = turn.state.asked
    if asked is None or turn.state.phase is not Phase.COLLECTING:
        turn.say("help")
        return
    turn.lines.append(turn.locale.fill(f"help.{asked}", turn.locale.slots[asked].help, turn.blanks()))


def _not_questions(lines: tuple[Line, ...]) -> list[Line]:
    """What was said last, less the question, which is asked again anyway."""
    return [line for line in lines if not line.key.startswith(("ask.", "greeting", "silence", "choose", "summary", "confirm"))]


def echo(turn: Turn, names: tuple[str, ...]) -> None:
    """Read values back at once where the ear is the only check; a "no" in the next message takes them back."""
    checking = None
    for name in names:
        slot = turn.intake.slot(name)
        filled = turn.state.slots.get(name)
        if slot and filled and (turn.heard.channel in slot.echo or (turn.heard.channel == "voice" and filled.confidence < UNSURE)):
            kind = KINDS[slot.kind]
            turn.say("echo", value=kind.written(filled.value, turn.locale), value_spoken=kind.spoken(filled.value, turn.locale))
            checking = name
    turn.update(checking=checking)
