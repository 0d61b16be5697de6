"""`referline ask`: what the line would answer, from a terminal or a file of questions."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from knowledge.answer import Asker, Finder, Part
from knowledge.articles import KnowledgeError, load_articles
from knowledge.availability import Availability, load_openings
from knowledge.finder import build
from knowledge.payers import load_payers
from knowledge.phrasing import Phrasing, join

_CHANNELS = ("sms", "voice", "web")


@click.command()
@click.argument("question", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", "lines", is_flag=True, help='Read {"id","text","channel","today"} lines from standard input, write one line each.')
@click.option("--clinic", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Clinic folder; wins over CLINIC_DIR.")
@click.option("--channel", type=click.Choice(_CHANNELS), default="sms", show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day the answer must hold on; default today.")
def ask(question: tuple[str, ...], as_json: bool, lines: bool, clinic: Path | None, channel: Any, today: datetime | None) -> None:
    """The knowledge base's answer, its source and score, or the abstention."""
    try:
        finder = open_finder(clinic_folder(clinic))
    except KnowledgeError as error:
        raise click.ClickException(str(error)) from error
    asker = Asker(today=today.date() if today else date.today(), channel=channel, implied=True)
    if lines:
        for line in sys.stdin:
            if line.strip():
                click.echo(json.dumps(_row(finder, line, asker), ensure_ascii=False))
        return
    if not question:
        raise click.UsageError('Say what to ask, such as: referline ask "do you take Aetna?"')
    report = answer_report(finder, " ".join(question), asker)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _printed(report))


def clinic_folder(given: Path | None) -> Path:
    """The folder asked for, else CLINIC_DIR, else the sample clinic."""
    return given or Path(os.environ.get("CLINIC_DIR") or "clinics/sample")


def open_finder(folder: Path) -> Finder:
    """A finder over a clinic folder; a file that is not there is knowledge the clinic does not have."""
    articles, payers, openings = folder / "articles.jsonl", folder / "payers.csv", folder / "openings.csv"
    return build(
        load_articles(articles) if articles.exists() else (),
        load_payers(payers) if payers.exists() else (),
        Availability(openings=load_openings(openings)) if openings.exists() else None,
    )


def answer_report(finder: Finder, text: str, asker: Asker, id: str | None = None) -> dict[str, Any]:
    """One question as the contract of `ask --json` has it."""
    parts = finder.find(text, asker)
    return {
        "id": id,
        "text": text,
        "answered": any(part.answer for part in parts),
        "reply": reply(parts, asker),
        "parts": [_part(part) for part in parts],
    }


def reply(parts: tuple[Part, ...], asker: Asker) -> str:
    """What the line would say: the answers, then who answers the rest."""
    phrasing = Phrasing(asker.language)
    said = [(part.answer.spoken if asker.channel == "voice" else part.answer.text) for part in parts if part.answer]
    open_parts = [part for part in parts if part.answer is None and not part.small_talk]
    said += [phrasing.unanswered(part.question, alone=not said and len(open_parts) == 1) for part in open_parts]
    return join(said, asker.channel)


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
    return answer_report(finder, str(row.get("text", "")), replace(asker, today=day, channel=channel), row.get("id"))


def _printed(report: Mapping[str, Any]) -> str:
    sources = [f"  {part['id']}  {part['source']}  {part['score']:.2f}" for part in report["parts"] if part["answered"]]
    return "\n".join([report["reply"], *sources])


if __name__ == "__main__":
    ask()
