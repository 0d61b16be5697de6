"""`referline ask`: what the line would answer, from a terminal or a file of questions."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from agent.clinic import ClinicError, load
from agent.settings import SettingsError, folders
from commands.published import published_finder
from knowledge.answer import Asker, Finder, Part
from knowledge.finder import build
from knowledge.phrasing import Phrasing, reply
from knowledge.reading import cut
from knowledge.spanish import is_spanish

_CHANNELS = ("sms", "voice", "web")


@click.command()
@click.argument("question", nargs=-1)
@click.option("--channel", type=click.Choice(_CHANNELS), default="sms", show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day the answer must hold on; default today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", "lines", is_flag=True, help='Read {"id","text","channel","today"} lines from standard input, write one line each.')
@click.option("--clinic", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Clinic folder; wins over CLINIC_DIR.")
def ask(question: tuple[str, ...], channel: Any, today: datetime | None, as_json: bool, lines: bool, clinic: Path | None) -> None:
    """What the clinic's knowledge answers, from where and how sure, or that a coordinator will."""
    try:
        finder = published_finder(clinic or folders().clinic_dir)
    except (ClinicError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    asker = Asker(today=today.date() if today else datetime.now().astimezone().date(), channel=channel, implied=True)
    if lines:
        for line in sys.stdin:
            if line.strip():
                click.echo(json.dumps(_row(finder, line, asker), ensure_ascii=False))
        return
    if not question:
        raise click.UsageError('Say what to ask, such as: referline ask "do you take Aetna?"')
    report = answered(finder, " ".join(question), asker)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _printed(report))


def open_finder(folder: Path) -> Finder:
    """A finder over a clinic folder. Raises ClinicError naming the file and the fix."""
    clinic = load(folder)
    return build(clinic.articles, clinic.payers, clinic.availability)


def answered(finder: Finder, text: str, asker: Asker, id: str | None = None) -> dict[str, Any]:
    """One question as the contract of `ask --json` has it. Everybody who uses this command asks: a message needs no sign of a question."""
    asker = replace(asker, language="es") if is_spanish(cut(text)) else asker
    parts = finder.find(text, asker)
    return {
        "id": id,
        "text": text,
        "answered": any(part.answer for part in parts),
        "reply": reply(parts, Phrasing(asker.language), asker.channel),
        "parts": [_part(part) for part in parts],
    }


def _part(part: Part) -> dict[str, Any]:
    found = part.answer
    return {
        "question": part.question,
        "answered": found is not None,
        "answer": found.text if found else None,
        "source": found.source if found else None,
        "id": found.id if found else None,
        "score": round(found.score, 3) if found else 0.0,
    }


def _row(finder: Finder, line: str, asker: Asker) -> dict[str, Any]:
    row: Mapping[str, Any] = json.loads(line)
    day = date.fromisoformat(row["today"]) if row.get("today") else asker.today
    channel = row.get("channel") or asker.channel
    return answered(finder, str(row.get("text", "")), replace(asker, today=day, channel=channel), row.get("id"))


def _printed(report: Mapping[str, Any]) -> str:
    cited = [f"  {part['id']}, {part['source'] or 'no source given'}, {part['score']:.2f}" for part in report["parts"] if part["answered"]]
    return "\n".join([report["reply"] or "(nothing was asked)", *cited])


if __name__ == "__main__":
    ask()
