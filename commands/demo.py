"""`referline demo`: a text conversation and a call through the real doors, and what became of them.

Everything in it is the product itself: `referline up` on a scratch folder, signed webhooks over HTTP, mail by SMTP, and a call by audio only, over
the media socket, heard by the real recogniser. Only the two people and Twilio are played (`demo.toml`, `commands/spoken.py`, `channels/emulator.py`).
"""

from __future__ import annotations

import textwrap
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click

from agent import addresses
from agent.clinic import Clinic, ClinicError
from agent.clinic import load as load_clinic
from channels.emulator import PhoneCall
from commands import spoken
from commands.call import SPEECH, hears
from commands.options import clinic_option, say
from commands.stage import Stage, StageError, line, wait_for

_SCRIPT = Path(__file__).with_name("demo.toml")
_SAMPLE = Path("clinics/riverside")
_LONGEST = 40
"""Things one person says at most; the line is to be done long before."""
_MAIL = 60.0
"""Seconds until the e-mails must be there: the worker needs one, the sweeper thirty."""
_WIDTH = 108
_KEYPAD = "#"


@dataclass(frozen=True, slots=True)
class Actor:
    """One of the two people."""

    name: str
    sender: str
    """Their number, E.164."""
    opening: str
    answers: Mapping[str, list[str]]
    """What they say to a question with these words in it: the first time, the second, ..."""
    otherwise: str

    def answer(self, heard: str, before: Counter[str]) -> str:
        """Their answer to what the line said last: the words that come latest in it are its question. `before` counts what they were asked."""
        low = heard.lower()
        asked = max(self.answers, key=low.rfind)
        if asked not in low:
            return self.otherwise
        before[asked] += 1
        return self.answers[asked][min(before[asked], len(self.answers[asked])) - 1]


@click.command()
@clinic_option
def demo(clinic: Path | None) -> None:
    """Play a text conversation and a call through the real doors, and show what came of them."""
    folder = clinic or _SAMPLE
    script = tomllib.loads(_SCRIPT.read_text(encoding="utf-8"))
    try:
        about = load_clinic(folder)
        say(f"starting {about.name}'s line on a scratch folder; the first start reads the language models")
        aloud = spoken.ready(say)
        own = {"VOICE_MODE": "stream", "VOSK_MODEL_DIR": str(aloud.model), "SPEECH_RATE": spoken.RATE} if aloud else {}
        with line(folder, next(iter(about.numbers), about.phone), **own) as stage:
            say(f"it answers at {stage.base_url}")
            texter, caller = Actor(**script["text"]), Actor(**script["call"])
            _title(f"A text conversation: {texter.name}, {addresses.national(texter.sender)}")
            _text(stage, texter)
            _title(f"A call: {caller.name}, {addresses.national(caller.sender)}")
            _spoken(stage, caller, aloud) if aloud else _call(stage, caller)
            missing = _outcome(stage, about, (texter, caller))
    except (ClinicError, StageError) as error:
        raise click.ClickException(str(error)) from error
    except AssertionError as error:
        raise click.ClickException(f"the line gave an answer that Twilio would refuse: {error}") from error
    if missing:
        raise click.ClickException("missing: " + "; ".join(missing))
    say("everything arrived, and the scratch folder is gone. `make run` starts the line for good")


def _text(stage: Stage, actor: Actor) -> None:
    def send(words: str) -> str:
        return "\n".join(stage.twilio.text(words, actor.sender, stage.number).texts)

    _play(actor, actor.opening, send, lambda heard: "RL-" in heard)


def _call(stage: Stage, actor: Actor) -> None:
    call = PhoneCall(stage.twilio, actor.sender, stage.number).dial()
    if call.rung:
        _note(f"it is office hours: {addresses.national(call.rung[0])} rings first, nobody picks up, and the line takes over")
    _heard(" ".join(call.heard))
    _play(actor, actor.opening, lambda words: _speak(call, words), lambda heard: call.over or "reference is" in heard)
    if not call.over:
        _note("hangs up")
    call.hang_up()


def _spoken(stage: Stage, actor: Actor, aloud: spoken.Ready) -> None:
    """By audio only: what is printed as heard is what the line's own ears made of it."""
    try:
        wait_for("the speech model", lambda: hears(stage.base_url), SPEECH)
    except StageError as error:
        _note(f"{error}, so this call is typed and not spoken; `referline doctor` looks at the speech")
        _call(stage, actor)
        return
    _note(f"{actor.name}'s voice is {aloud.about}; (0.93) is how sure the line is of what it heard")
    began = time.monotonic()
    call = spoken.dial(stage, actor.sender, Talker(actor), aloud.voice, _shown_line, lambda words: _says(actor, words))
    _note(f"hangs up after {time.monotonic() - began:.0f} seconds")
    if call.rung:
        _note(f"it is office hours: {addresses.national(call.rung[0])} rang first, nobody picked up, and the line took over")
    if not call.over:
        _note("the line left the rest of the call to Twilio's recogniser: it goes on typed")
        _play(actor, actor.otherwise, lambda words: _speak(call, words), lambda heard: call.over or "reference is" in heard)
    call.hang_up()


class Talker:
    """An actor on the telephone: hangs up once the request is with the coordinators, or when there is no end to it."""

    def __init__(self, actor: Actor) -> None:
        self._actor, self._before, self._said = actor, Counter[str](), 0
        self.opening = actor.opening

    def next(self, heard: str) -> str | None:
        """What to say to this."""
        self._said += 1
        if "reference is" in heard or self._said > _LONGEST:
            return None
        return self._actor.answer(heard, self._before)


def _shown_line(said: Mapping[str, Any]) -> None:
    if said["who"] != "caller":
        _heard(said["text"])
        return
    sure = f"  ({said['confidence']:.2f})" if said.get("confidence") is not None else ""
    click.secho(f"{'heard as':>10}  {said['text']}{sure}", fg="green")


def _says(actor: Actor, words: str) -> None:
    click.secho(f"{actor.name:>10}  {words}", fg="cyan")


def _speak(call: PhoneCall, words: str) -> str:
    return call.press(words.removeprefix(_KEYPAD)) if words.startswith(_KEYPAD) else call.say(words)


def _play(actor: Actor, words: str, send: Callable[[str], str], done: Callable[[str], bool]) -> None:
    """Talk until the line is done. Raises StageError when it never is."""
    before: Counter[str] = Counter()
    for _ in range(_LONGEST):
        _says(actor, f"[keys {words.removeprefix(_KEYPAD)}]" if words.startswith(_KEYPAD) else words)
        heard = send(words)
        _heard(heard)
        if done(heard):
            return
        words = actor.answer(heard, before)
    raise StageError(f"{actor.name} said {_LONGEST} things and the line did not finish")


def _outcome(stage: Stage, clinic: Clinic, actors: tuple[Actor, ...]) -> list[str]:
    """Show leads and mail; what is missing, in words."""
    leads = {lead["caller"]["number"]: lead for lead in stage.leads()}
    mine = [(actor, leads.get(actor.sender)) for actor in actors]
    missing = [f"a complete lead of {actor.name}" for actor, lead in mine if lead is None or lead["completeness"] != "complete"]
    references = [lead["reference"] for _, lead in mine if lead]
    wanted = [(to, reference) for reference in references for to in (*clinic.coordinator_emails, "")]
    try:
        wait_for("the e-mails", lambda: all(_mail(stage, *one) for one in wanted), _MAIL)
    except StageError:
        missing += [f"the {'notification' if to else 'thank-you'} for {reference}" for to, reference in wanted if not _mail(stage, to, reference)]
    for actor, lead in mine:
        if lead:
            _title(f"{actor.name}'s lead, as the coordinators have it")
            _lead(lead)
    for number, message in enumerate(stage.mail.received, 1):
        _title(f"E-mail {number} of {len(stage.mail.received)}, delivered by SMTP")
        _message(message)
    return missing


def _mail(stage: Stage, to: str, reference: str) -> bool:
    """Whether a message about this lead came for this coordinator; a thank-you to its referrer, when `to` is empty."""
    about = [message for message in list(stage.mail.received) if reference in str(message)]
    return any(to in str(message["To"]) if to else _is_thanks(message) for message in about)


def _is_thanks(message: EmailMessage) -> bool:
    return "thank" in str(message["Subject"]).lower()


def _lead(lead: Mapping[str, Any]) -> None:
    click.secho(f"  {lead['reference']}  {lead['completeness']}  by {lead['channel']}, {lead['language']}", bold=True)
    for name, slot in lead["slots"].items():
        mark = "confirmed" if slot["confirmed"] else "to review" if slot["needs_review"] else ""
        click.echo(f"  {name:<24} {_shown(slot['value']):<44} {mark}")
    for title, found in (("missing", lead["missing"]), ("unanswered", lead["unanswered_questions"])):
        if found:
            click.echo(f"  {title:<24} {', '.join(found)}")


def _shown(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return " or ".join(_window(item) if isinstance(item, dict) else str(item) for item in value)


def _window(window: Mapping[str, Any]) -> str:
    limits = [f"{word} {window[word]}" for word in ("after", "before") if window.get(word)]
    return " ".join([*window["days"], *([] if window["part"] == "any" else [str(window["part"])]), *limits]) or "any time"


def _message(message: EmailMessage) -> None:
    for name in ("From", "To", "Subject"):
        click.echo(f"  {name + ':':<9} {message[name]}")
    body = message.get_body(("plain",))
    click.echo(textwrap.indent("\n" + (body.get_content().strip() if body else ""), "  "))


def _heard(words: str) -> None:
    for number, row in enumerate(_wrapped(words)):
        click.echo(f"{'line' if number == 0 else '':>10}  {row}")


def _wrapped(words: str) -> Iterator[str]:
    for paragraph in words.splitlines() or [""]:
        yield from textwrap.wrap(paragraph, _WIDTH) or [""]


def _note(words: str) -> None:
    click.secho(f"{'':>10}  ({words})", dim=True)


def _title(words: str) -> None:
    click.echo()
    click.secho(f"--- {words} {'-' * max(3, _WIDTH - len(words))}", bold=True)
    click.echo()
