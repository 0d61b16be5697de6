"""`referline alerts` and `tasks`: what people have to do, and crossing it off."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent import addresses, alerts, task_list, tasks
from agent import settings as environment
from agent.clinic import Clinic, ClinicError
from agent.clinic import load as load_clinic
from agent.settings import SettingsError
from commands.options import clinic_option
from commands.record import json_option, opened, table

_KINDS: Mapping[str, str] = tomllib.loads(Path(__file__).with_name("todo.toml").read_text(encoding="utf-8"))["task"]
_ID = 8
"""Characters of an id that are shown, from its end: its beginning is a time, the same for everything of one minute."""


@click.command("alerts")
@click.option("--ack", metavar="REF", help="Say that you have it: nobody else is alerted.")
@click.option("--by", metavar="NAME", help="Who has it; your user name when left out.")
@click.option("--all", "everything", is_flag=True, help="Those acknowledged as well.")
@json_option
@clinic_option
def alerts_command(ack: str | None, by: str | None, everything: bool, as_json: bool, clinic: Path | None) -> None:
    """Red flags that a person must see: who was told, who is told next, and when. Open ones are red.

    Somebody on call acknowledges by text as well: "OK RL-7K3M9Q" from the telephone in clinic.toml to the line.
    """
    now, about = datetime.now(UTC), _clinic(clinic)
    with opened(clinic) as store:
        if ack:
            with store.transaction() as session:
                done = alerts.acknowledge(session, ack, by or _user(), now)
            if not done:
                raise click.ClickException(f"There is no open alert {ack}. `referline alerts` lists them.")
            click.echo(f"{ack.strip().upper()} is yours. Nobody else will be alerted.")
            return
        with store.reading() as session:
            found = alerts.overview(session, about, now, everything=everything)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [_alert_row(alert, about) for alert in found]
    lines = table(("REFERENCE", "LEVEL", "RAISED", "WAITING", "TOLD", "NEXT"), rows).splitlines() if rows else ["No open alerts."]
    click.echo(lines[0])
    for line, alert in zip(lines[1:], found, strict=False):
        click.secho(line, fg="red" if alert["open"] else None, bold=alert["open"])


@click.command("tasks")
@click.option("--done", metavar="ID", multiple=True, help="Cross a task off; the id as it is listed. May be given more than once.")
@click.option("--all", "everything", is_flag=True, help="Those done as well.")
@json_option
@clinic_option
def tasks_command(done: tuple[str, ...], everything: bool, as_json: bool, clinic: Path | None) -> None:
    """What the line could not do and a coordinator must: calls to return, messages to listen to, letters that did not arrive."""
    now = datetime.now(UTC)
    with opened(clinic) as store:
        for wanted in done:
            with store.transaction() as session:
                found = task_list.find(session, wanted)
                if len(found) != 1:
                    what = "more than one task" if found else "no open task"
                    raise click.ClickException(f"There is {what} {wanted}. `referline tasks` lists them.")
                tasks.settle_id(session, found[0], now)
        with store.reading() as session:
            listed = task_list.overview(session, everything=everything)
            people = {task["reference"]: task_list.whom(session, task["reference"]) for task in listed}
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    rows = [_task_row(task, people[task["reference"]]) for task in listed]
    click.echo(table(("ID", "DUE", "WHAT", "REFERENCE", "NAME", "PHONE"), rows) if rows else "Nothing to do.")
    if rows and not done:
        click.echo(f"\nCross one off: referline tasks --done {rows[0][0]}")


def _clinic(folder: Path | None) -> Clinic:
    try:
        return load_clinic(folder or environment.folders().clinic_dir)
    except (ClinicError, SettingsError) as error:
        raise click.ClickException(str(error)) from error


def _user() -> str:
    try:
        return os.getlogin()
    except OSError:
        # No terminal is attached: a script, or a container.
        return "a coordinator"


def _alert_row(alert: Mapping[str, Any], clinic: Clinic) -> tuple[str, ...]:
    told = ", ".join(alert["told"]) or "nobody on call"
    if not alert["open"]:
        following = f"{alert['acknowledged_by']} has it"
    elif alert["next_at"]:
        following = f"{clinic.on_call[len(alert['told'])].name} at {alert['next_at'][11:16]} UTC" if len(alert["told"]) < len(clinic.on_call) else ""
        following = following or f"coordinators at {alert['next_at'][11:16]} UTC"
    else:
        following = "nobody left: the coordinators were told"
    return (alert["reference"], alert["level"], alert["raised_at"], f"{alert['minutes']} min", told, following)


def _task_row(task: Mapping[str, Any], person: tuple[str, str]) -> tuple[str, ...]:
    name, phone = person
    what = _KINDS.get(task["kind"], task["kind"])
    if task["message"]:
        what += f" ({task['message']['kind']} by {task['message']['by']}, {task['message']['error'] or 'no code'})"
    state = f"done: {what}" if task["done_at"] else what
    return (task["id"][-_ID:], task["due_on"], state, task["reference"] or "", name, addresses.national(phone) if phone else "")
