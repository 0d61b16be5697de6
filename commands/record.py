"""`referline leads`, `lead` and `outbox`: reading the record from a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent import addresses, attachments, file_kinds, readiness, transcripts
from agent import leads as record
from agent import outbox as box
from agent.secrets import private_dir
from agent.store import Store, StoreError
from agent.vault import VaultError
from commands.options import clinic_option, loaded

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@json_option
@click.option("--since", metavar="ISO", help="Only leads from this moment on, such as 2026-11-20 or 2026-11-20T18:00:00Z.")
@click.option("--status", type=click.Choice(record.STATUSES), help="Only leads a coordinator has put here.")
@clinic_option
def leads(as_json: bool, since: str | None, status: str | None, clinic: Path | None) -> None:
    """Who wants to come: one line per lead, newest first."""
    with opened(clinic) as store, store.reading() as session:
        found = [record.as_json(session, lead) for lead in record.list_leads(session, since=_moment(since), status=status)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [_lead_row(lead) for lead in found]
    click.echo(table(("REFERENCE", "CREATED", "OUTCOME", "STATUS", "NAME", "PHONE", "MISSING"), rows) if rows else "No leads yet.")


@click.command()
@click.argument("reference")
@json_option
@click.option(
    "--save", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write its pictures and voice messages there, unsealed."
)
@clinic_option
def lead(reference: str, as_json: bool, save: Path | None, clinic: Path | None) -> None:
    """One lead with its transcript, what came with it, and its notifications."""
    with opened(clinic) as store:
        with store.reading() as session:
            row = record.find(session, reference)
            if row is None:
                raise click.ClickException(f"There is no lead {reference}. `referline leads` lists them.")
            found = record.as_json(session, row) | {"transcript": transcripts.lines(session, row.conversation_id)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else lead_page(found))
        if save is not None:
            _save(store, found, save)


@click.command()
@json_option
@clinic_option
def outbox(as_json: bool, clinic: Path | None) -> None:
    """Messages on their way: what waits, what went out, and what was given up and why."""
    with opened(clinic) as store, store.reading() as session:
        found: list[dict[str, Any]] = box.overview(session)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [_message_row(row) for row in found]
    click.echo(table(("REFERENCE", "KIND", "BY", "STATE", "URGENT", "TRIES", "SENT OR DUE", "ERROR"), rows) if rows else "Nothing has been sent yet.")


@contextmanager
def opened(clinic: Path | None) -> Iterator[Store]:
    """The record, with its keys checked. Ends the process with what to do about it when it cannot be read."""
    settings = loaded(clinic)
    store = Store(settings.database_url, settings.vault)
    try:
        readiness.check(store)
        yield store
    except (StoreError, VaultError, readiness.NotReady) as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.dispose()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what is in them, and nothing in them that a terminal would obey."""
    rows = [[inert(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows))


def inert(text: str) -> str:
    """What a caller wrote, without escape sequences or signs that turn the line around."""
    return "".join(char if char.isprintable() else "\N{MIDDLE DOT}" for char in text)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("write a date or a moment as 2026-11-20 or 2026-11-20T18:00:00Z", param_hint="--since") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _message_row(row: dict[str, Any]) -> tuple[str, ...]:
    when = row["sent_at"] or row["due_at"]
    urgent = "urgent" if row["urgent"] else ""
    return (row["reference"] or "", row["kind"], row["transport"], row["state"], urgent, str(row["attempts"]), when, row["error"] or "")


def _lead_row(lead: dict[str, Any]) -> tuple[str, ...]:
    slots = lead["slots"]
    name, phone = (_shown(slots.get(slot, {}).get("value", "")) for slot in ("patient.name", "patient.phone"))
    missing = ", ".join(slot.rpartition(".")[2] for slot in lead["missing"])
    return (lead["reference"], lead["created_at"][:16], lead["outcome"], lead["status"], name, addresses.national(phone) if phone else "", missing)


def _save(store: Store, lead: dict[str, Any], folder: Path) -> None:
    """For their owner only, and never over a file that is there: what is in them is health data, and nothing seals it any more."""
    private_dir(folder)
    for number, came in enumerate(lead["attachments"], start=1):
        if came["state"] != attachments.Standing.KEPT:
            continue
        file = folder / f"{lead['reference']}-{number}{file_kinds.suffix(came['media_type'])}"
        with store.reading() as session:
            content = attachments.contents(session, came["id"])
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
        except OSError as error:
            raise click.ClickException(f"{file}: {os.strerror(error.errno or 0)}") from error
        click.echo(f"{file}: {len(content)} bytes", err=True)


def lead_page(lead: dict[str, Any]) -> str:
    """A lead with its transcript, for a person to read."""
    head = f"{lead['reference']}  {lead['outcome']}  {lead['status']}  by {lead['channel']}  {lead['created_at']}"
    details = [(slot, _shown(filled["value"]), _marks(filled)) for slot, filled in lead["slots"].items()]
    parts = [head, table(("SLOT", "VALUE", ""), details) if details else "Nothing was given."]
    for title, values in (("missing", lead["missing"]), ("red flags", lead["red_flags"]), ("unanswered", lead["unanswered_questions"])):
        if values:
            parts.append(f"{title}: {inert(', '.join(values))}")
    parts.append("\n".join(f"{line['at'][11:16]} {line['who']:>6}: {_left(line)}{inert(line['text'])}" for line in lead["transcript"]))
    if lead["attachments"]:
        parts.append(table(("CAME WITH IT", "KIND", "SIZE", "IS"), [_came_row(number, came) for number, came in enumerate(lead["attachments"], 1)]))
    parts.append("\n".join(f"{sent['kind']}: {sent['state']} {sent['at']}" for sent in lead["notifications"]) or "No notifications.")
    return "\n\n".join(part for part in parts if part)


def _left(line: dict[str, Any]) -> str:
    return "(voice message) " if line.get("voicemail") else ""


def _came_row(number: int, came: dict[str, Any]) -> tuple[str, ...]:
    size = f"{came['size']} bytes" if came["size"] else ""
    standing = f"{came['state']} ({came['reason']})" if came["reason"] else came["state"]
    heard = f", {came['heard'].replace('_', ' ')}" if came["heard"] else ""
    return (f"{number} {came['kind']} {came['at'][:16]}", came["media_type"] or "", size, standing + heard)


def _marks(filled: dict[str, Any]) -> str:
    marks = [word for word, holds in (("confirmed", filled["confirmed"]), ("review", filled["needs_review"])) if holds]
    return ", ".join(marks)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return "; ".join(_window(item) if isinstance(item, dict) else str(item) for item in value) if isinstance(value, list) else ""


def _window(window: dict[str, Any]) -> str:
    limits = [f"{word} {window[word]}" for word in ("after", "before") if window.get(word)]
    return " ".join((", ".join(window["days"]) or "any day", *([window["part"]] if window["part"] != "any" else []), *limits))
