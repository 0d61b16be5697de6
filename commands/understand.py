"""`referline understand`: what the line takes from a message, from a terminal or a file of messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from agent.clinic import load
from nlu.parse import Context, Parse, Reading, TimeWindow, Understander
from nlu.understander import build
from nlu.vocabulary import Vocabulary

_CHANNELS = ("sms", "voice", "web")
_OFFICE = "referring_office"


@click.command()
@click.argument("text", nargs=-1)
@click.option("--asked", metavar="SLOT", help="The slot just asked for, such as patient.name.")
@click.option("--confirming", is_flag=True, help="The slot asked, or everything, was just read back.")
@click.option("--channel", type=click.Choice(_CHANNELS), default="sms", show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The clinic's date; default today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", "lines", is_flag=True, help='Read {"id","text","asked","channel","today"} lines from standard input, write one line each.')
@click.option("--clinic", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Clinic folder; wins over CLINIC_DIR.")
def understand(
    text: tuple[str, ...],
    asked: str | None,
    confirming: bool,
    channel: Any,
    today: datetime | None,
    as_json: bool,
    lines: bool,
    clinic: Path | None,
) -> None:
    """Acts, slots and safety of a message."""
    understander = build(vocabulary_of(clinic))
    context = Context(today.date() if today else datetime.now().astimezone().date(), asked=asked, confirming=confirming, channel=channel)
    if lines:
        for line in sys.stdin:
            if line.strip():
                click.echo(json.dumps(_row(understander, line, context), ensure_ascii=False))
        return
    if not text:
        raise click.UsageError('Say what to understand, such as: referline understand "its maria hernandez, tues after 3"')
    said = " ".join(text)
    report = understood(understander.read(said, context), said)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _printed(report))


def vocabulary_of(folder: Path | None) -> Vocabulary:
    """The clinic's own words; without a folder, those every clinic shares."""
    return load(folder).vocabulary if folder is not None else Vocabulary()


def understood(parse: Parse, text: str, id: str | None = None) -> dict[str, Any]:
    """One message as the contract of `understand --json` has it."""
    report: dict[str, Any] = {
        "id": id,
        "text": text,
        "acts": sorted(parse.acts),
        "slots": {slot: _reading(reading) for slot, reading in parse.slots.items()},
        "safety": {
            "level": str(parse.safety.level),
            "group": parse.safety.group,
            "rule": parse.safety.rule,
            "certain": parse.safety.certain,
            "history": list(parse.safety.history),
        },
        "opt_out": str(parse.opt_out),
        "handoff": parse.handoff,
        "advice": parse.advice,
        "probe": parse.probe,
        "robot": parse.robot,
        "wrong_number": parse.wrong_number,
        "use_caller_id": parse.same_number,
        "language": parse.language,
    }
    role = parse.slots.get("caller.role")
    if parse.referrals or (role is not None and role.value == _OFFICE):
        report["referrals"] = [{slot: _reading(reading) for slot, reading in referral.items()} for referral in parse.referrals]
    return report


def _reading(reading: Reading) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": _value(reading.value), "raw": reading.raw, "confidence": round(reading.confidence, 3)}
    if reading.candidates:
        shown["candidates"] = list(reading.candidates)
    return shown


def _value(value: object) -> Any:
    if isinstance(value, tuple):
        return [_window(item) if isinstance(item, TimeWindow) else item for item in value]
    return value


def _window(window: TimeWindow) -> dict[str, Any]:
    shown: dict[str, Any] = {"days": list(window.days), "part": window.part, "after": window.after, "before": window.before}
    if window.first:
        shown["from"] = window.first
    if window.last:
        shown["to"] = window.last
    return shown


def _row(understander: Understander, line: str, context: Context) -> dict[str, Any]:
    row: Mapping[str, Any] = json.loads(line)
    day = date.fromisoformat(row["today"]) if row.get("today") else context.today
    moment = replace(
        context,
        today=day,
        asked=row.get("asked") or context.asked,
        channel=row.get("channel") or context.channel,
        confirming=context.confirming or row.get("context") == "confirm",
    )
    text = str(row.get("text", ""))
    return understood(understander.read(text, moment), text, row.get("id"))


def _printed(report: Mapping[str, Any]) -> str:
    shown = [f"acts     {', '.join(report['acts']) or '-'}"]
    shown += [
        f"{slot:<24} {json.dumps(seen['value'], ensure_ascii=False)}  {seen['confidence']:.2f}  {seen['raw']!r}"
        for slot, seen in report["slots"].items()
    ]
    danger = report["safety"]
    shown.append(f"safety   {danger['level']}" + (f" ({danger['group']}, rule {danger['rule']})" if danger["group"] else ""))
    shown += [f"{flag:<8} yes" for flag in ("handoff", "advice", "probe", "robot", "wrong_number") if report[flag]]
    shown += [f"opt_out  {report['opt_out']}"] * (report["opt_out"] != "none")
    shown += [f"referral {json.dumps(one, ensure_ascii=False)}" for one in report.get("referrals", ())]
    return "\n".join(shown)


if __name__ == "__main__":
    understand()
