"""`referline chat`: talk to the line in a terminal, through the same turns as a telephone."""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import click

from agent import bootstrap, migrate, threads
from agent.bootstrap import Agent
from agent.clinic import ClinicError
from agent.key_check import WrongKeys
from agent.messages import Door, Inbound, Reply
from agent.readiness import NotReady
from agent.settings import Settings
from agent.store import Store, StoreError
from agent.turns import TurnFailed
from channels.callers import sender
from channels.hints import keyed, listening
from channels.wording import words
from commands.options import clinic_option, prepared
from commands.record import json_option, lead_page
from dialogs.line import Expect
from dialogs.step import Kind

_DOORS: dict[str, Door] = {"sms": "sms", "voice": "voice", "web": "terminal"}
_HOW = {
    "sms": "Texting as {sender}. Ctrl-D or Ctrl-C ends it.",
    "voice": "Calling as {sender}. An empty line is silence, digits are keys, Ctrl-D or Ctrl-C hangs up.",
    "web": "Chatting. Ctrl-D or Ctrl-C leaves.",
}


@dataclass
class Talk:
    """One person at a terminal, as a door sees them."""

    agent: Agent
    door: Door
    sender: str | None
    session: str | None
    expect: Expect | None = None
    language: str = "en"

    def hear(self, kind: Kind, text: str = "", *, dtmf: bool = False) -> Reply:
        """One turn; a failed one is its apology."""
        try:
            reply = self.agent.turns.hear(replace(self.inbound(kind), text=text, dtmf=dtmf))
        except TurnFailed as failed:
            reply = failed.reply
        self.expect, self.language = reply.expect, reply.language
        return reply

    def say(self, typed: str) -> Reply:
        """What was typed, as this door takes it: on a call digits are keys and nothing is silence."""
        if self.door != "voice":
            return self.hear(Kind.WORDS, typed)
        if not typed.strip():
            return self.hear(Kind.SILENCE)
        keys = typed.strip().rstrip("#")
        if not keys.isdigit():
            return self.hear(Kind.WORDS, typed)
        spoken = words(self.language)
        form = listening(self.expect, spoken, self.agent.vocabulary).form
        return self.hear(Kind.WORDS, keyed(keys, form, spoken), dtmf=True)

    def inbound(self, kind: Kind) -> Inbound:
        """A message of this person's with an id of its own."""
        return Inbound(self.door, f"terminal-{uuid.uuid4()}", kind, self.sender, session=self.session)


@click.command()
@click.option("--from", "from_", default="+14155550101", show_default=True, help="Number to text or call from.")
@click.option("--channel", type=click.Choice(list(_DOORS)), default="sms", show_default=True)
@json_option
@clinic_option
def chat(from_: str, channel: str, as_json: bool, clinic: Path | None) -> None:
    """Talk to the line; at the end the lead it made is shown. It is recorded like any other conversation."""
    talk = _begun(_ready(prepared(clinic)), channel, from_)
    click.echo(_HOW[channel].format(sender=talk.sender or "nobody in particular"), err=True)
    try:
        _converse(talk)
    finally:
        _finish(talk, as_json=as_json)
        talk.agent.store.dispose()


def _ready(settings: Settings) -> Agent:
    # What is logged for operators would get between the two who talk.
    logging.getLogger().setLevel(logging.ERROR)
    store = Store(settings.database_url, settings.vault)
    try:
        migrate.upgrade(store)
        return bootstrap.build(settings, store=store)
    except (ClinicError, NotReady, WrongKeys, StoreError) as error:
        store.dispose()
        raise click.ClickException(str(error)) from error


def _begun(agent: Agent, channel: str, from_: str) -> Talk:
    door = _DOORS[channel]
    return Talk(agent, door, None if channel == "web" else sender(from_), None if channel == "sms" else f"terminal-{uuid.uuid4()}")


def _converse(talk: Talk) -> None:
    reply = Reply(()) if talk.door == "sms" else talk.hear(Kind.OPENING)
    _show(talk, reply)
    while not reply.end or talk.door == "sms":
        try:
            typed = click.prompt("you", prompt_suffix="> ", default="", show_default=False)
        except click.Abort:
            click.echo()
            return
        if talk.door == "sms" and not typed.strip():
            continue
        reply = talk.say(typed)
        _show(talk, reply)


def _finish(talk: Talk, *, as_json: bool) -> None:
    if talk.door != "sms":
        talk.hear(Kind.HANGUP)
    found = threads.leads_of(talk.agent.store, talk.inbound(Kind.HANGUP))
    if not found:
        click.echo("No lead: nothing was said that needs a coordinator.")
    for lead in found:
        # What was said stands above already.
        shown = lead_page(lead | {"transcript": []})
        click.echo(json.dumps(lead, indent=2, ensure_ascii=False) if as_json else f"\nWhat the coordinators have now:\n\n{shown}")


def _show(talk: Talk, reply: Reply) -> None:
    for line in reply.lines:
        click.echo(f"line> {line.spoken if talk.door == 'voice' else line.text}")
    if reply.person:
        click.echo("      (rings the clinic)", err=True)
    if reply.message:
        click.echo("      (takes a message after a tone)", err=True)
