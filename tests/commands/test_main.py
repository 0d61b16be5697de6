from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from commands.main import COMMANDS, LazyGroup, Place, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_in_the_table_exists_and_takes_a_clinic(name: str) -> None:
    """`--clinic DIR` works everywhere, before the command's name or after it."""
    command = main.get_command(click.Context(main), name)
    assert isinstance(command, click.Command)
    assert command.help or command.short_help
    takers = command.commands.values() if isinstance(command, click.Group) else [command]
    assert [one.name for one in takers if "clinic" not in {parameter.name for parameter in one.params}] == []


def test_an_unknown_command_is_refused_by_name() -> None:
    done = CliRunner().invoke(main, ["sing"])
    assert done.exit_code == 2
    assert "sing" in done.output


def test_a_clinic_before_the_name_reaches_the_command(tmp_path: Path) -> None:
    """And one after the name wins over it."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    group = LazyGroup("main", callback=main.callback, params=main.params, table={"ask": Place(f"{__name__}:listen", "")})
    HEARD.clear()
    for arguments in (["--clinic", str(here), "ask"], ["--clinic", str(here), "ask", "--clinic", str(there)], ["ask"]):
        assert CliRunner().invoke(group, arguments).exit_code == 0
    assert [str(here), str(there), None] == HEARD


HEARD: list[object] = []


@click.command()
@click.option("--clinic")
def listen(clinic: str | None) -> None:
    """A command that says which clinic it was given."""
    HEARD.append(clinic)


def test_help_shows_every_command_and_imports_none() -> None:
    """A quick start: nothing heavy is imported before it is known what for."""
    heavy = "{'spacy', 'flask', 'sqlalchemy', 'rq', 'twilio', 'pydantic'}"
    code = f"import sys; from commands.main import main; main(['--help'], standalone_mode=False); print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip().endswith("set()")
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []

