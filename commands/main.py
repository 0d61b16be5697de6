"""`referline`: one group, each command in its own file and imported only when it is used, so that every start is quick."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

COMMANDS: Mapping[str, str] = {
    "up": "commands.serve:up",
    "web": "commands.web:web",
    "worker": "commands.serve:worker",
    "schedule": "commands.serve:schedule",
    "init": "commands.operate:init",
    "doctor": "commands.operate:doctor",
    "keys": "commands.operate:keys",
    "backup": "commands.operate:backup",
    "chat": "commands.talk:chat",
    "call": "commands.talk:call",
    "demo": "commands.demo:demo",
    "ask": "commands.ask:ask",
    "understand": "commands.understand:understand",
    "leads": "commands.record:leads",
    "lead": "commands.record:lead",
    "outbox": "commands.record:outbox",
}
"""Name to `module:attribute`, in the order `referline --help` shows them."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called, or when its help is asked for."""

    def __init__(self, *args: Any, table: Mapping[str, str] | None = None, **kwargs: Any) -> None:
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
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        for one in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            _take_clinic(one)
        return command


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
