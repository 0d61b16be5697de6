"""`referline`: one group, each command in its own file and imported only when it is used, so that every start is quick."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click


class Place(NamedTuple):
    """Where a command is, and what `referline --help` says of it without importing it."""

    at: str
    """`module:attribute`."""
    help: str


COMMANDS: Mapping[str, Place] = {
    "up": Place("commands.serve:up", "Start the line: web, worker, schedule and Redis."),
    "web": Place("commands.web:web", "Start one part: the doors."),
    "worker": Place("commands.serve:worker", "Start one part: deliveries."),
    "schedule": Place("commands.serve:schedule", "Start one part: the clock."),
    "init": Place("commands.operate:init", "Make secrets and database, or bring them up to date."),
    "doctor": Place("commands.operate:doctor", "Check settings and services, and say what to fix."),
    "keys": Place("commands.operate:keys", "Change the keys of the sealed columns."),
    "backup": Place("commands.operate:backup", "Copy the database while the line runs."),
    "chat": Place("commands.talk:chat", "Talk to the line in this terminal."),
    "call": Place("commands.call:call", "Play a recording into the line, as a telephone call."),
    "demo": Place("commands.demo:demo", "Watch a text thread and a call, and what comes of them."),
    "ask": Place("commands.ask:ask", "What the clinic's knowledge answers, and from where."),
    "knowledge": Place("commands.knowledge:knowledge", "Bring documents in, check them, answer what nobody could."),
    "understand": Place("commands.understand:understand", "What the line takes from a message."),
    "transcribe": Place("commands.speech:transcribe", "What a call would hear in a recording."),
    "models": Place("commands.speech:models", "Fetch the speech model."),
    "leads": Place("commands.record:leads", "Who wants to come."),
    "lead": Place("commands.record:lead", "One of them."),
    "alerts": Place("commands.todo:alerts_command", "Red flags nobody has acknowledged, and saying that you have one."),
    "tasks": Place("commands.todo:tasks_command", "What a coordinator must do because the line cannot."),
    "outbox": Place("commands.record:outbox", "What was sent to whom, and what is stuck."),
}
"""In the order `referline --help` shows them."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def __init__(self, *args: Any, table: Mapping[str, Place] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._table = table or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the table's order."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is no such name."""
        place = self._table.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.at.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        for one in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            _take_clinic(one)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in self._table.items()])


def _take_clinic(command: click.Command) -> None:
    """`--clinic` works everywhere: a command to which the clinic makes no difference takes it all the same."""
    if not any(parameter.name == "clinic" for parameter in command.params):
        command.params.append(click.Option(["--clinic"], expose_value=False, hidden=True))


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--clinic", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Clinic folder; wins over CLINIC_DIR.")
@click.version_option(package_name="referline", prog_name="referline")
@click.pass_context
def main(ctx: click.Context, clinic: Path | None) -> None:
    """The after-hours phone and text line of a physical-therapy clinic."""
    if clinic is not None:
        # Every command has a --clinic of its own; given here, it becomes their default.
        ctx.default_map = {name: {"clinic": str(clinic)} for name in COMMANDS}


if __name__ == "__main__":
    main()
