"""`referline knowledge`: bring documents in, look at what the line knows, answer what it could not."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from agent import clinic as clinics
from agent import importing, knowledge_base, knowledge_changes, migrate, questions, readiness
from agent.clinic import Clinic, ClinicError
from agent.clock import system
from agent.doorbell import Silent
from agent.knowledge_base import NoSuchKnowledge
from agent.openings import LiveOpenings
from agent.settings import Settings
from agent.store import Store, StoreError
from agent.vault import VaultError
from channels import gsm
from commands.options import clinic_option, prepared
from commands.record import inert, json_option, table
from knowledge.articles import Article
from knowledge.checking import check as check_knowledge
from knowledge.documents.formats import suffixes
from knowledge.drafting.draft import Draft
from knowledge.payers import PayerRow, Rule, Status

_SHOWN = 60
"""Characters of an answer in a list."""
_LISTED = 5
"""Places that were not understood that an import names; `show` names all."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What these commands work with."""

    store: Store
    clinic: Clinic
    settings: Settings

    @property
    def now(self) -> datetime:
        """The present moment."""
        return system()


@click.group()
def knowledge() -> None:
    """The clinic's documents and answers."""


@knowledge.command("import")
@click.argument("places", nargs=-1, required=True, metavar="PATH_OR_URL...")
@click.option("--publish", is_flag=True, help="Let it answer at once instead of waiting as a draft.")
@clinic_option
def bring(places: tuple[str, ...], publish: bool, clinic: Path | None) -> None:
    """Read documents (PDF, Word, web pages, Markdown, text, CSV) as drafts of articles and payer rows."""
    failed = 0
    with desk(clinic) as at:
        hosts = at.settings.import_private_hosts
        for place in _files(places):
            try:
                brought = importing.bring(at.store, at.clinic, place, now=at.now, progress=_progress, publish=publish, within=hosts)
            except importing.NotBrought as error:
                click.echo(f"NOT BROUGHT IN  {error}", err=True)
                failed += 1
                continue
            click.echo(_told(brought))
    if failed:
        raise SystemExit(1)


@knowledge.command("list")
@click.option("--unanswered", is_flag=True, help="Questions nobody could answer, with their like.")
@json_option
@clinic_option
def listed(unanswered: bool, as_json: bool, clinic: Path | None) -> None:
    """What the line answers from, or what it could not answer."""
    with desk(clinic) as at, at.store.reading() as session:
        if unanswered:
            groups = questions.waiting(session)
            rows = [[{"id": one.id, "text": one.text, "asked_at": one.asked_at.isoformat()} for one in group] for group in groups]
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if as_json else _waiting(groups))
            return
        known = knowledge_base.known(session, at.clinic)
    if as_json:
        shown = {"articles": [_article(article) for article in known.articles], "payers": [_payer(row) for row in known.payers]}
        click.echo(json.dumps({"revision": known.number, **shown}, ensure_ascii=False, indent=2))
        return
    lines = [(f"article:{article.id}", article.question, article.source, _until(article)) for article in known.articles]
    lines += [
        (row.id, f"{row.status.replace('_', ' ')}; referral {row.referral}, authorization {row.authorization}", row.source, "")
        for row in known.payers
    ]
    click.echo(
        table(("ID", "QUESTION OR RULE", "SOURCE", "HOLDS"), lines) if lines else "Nothing yet: `referline knowledge import` brings documents in."
    )


@knowledge.command()
@json_option
@clinic_option
def check(as_json: bool, clinic: Path | None) -> None:
    """What contradicts itself, has expired, is stale or incomplete, what in published documents was not understood, and a calendar that fails."""
    with desk(clinic) as at, at.store.reading() as session:
        known = knowledge_base.known(session, at.clinic)
        findings = check_knowledge(known.articles, known.payers, at.clinic.calendar.today(at.now))
        found = [(finding.kind.replace("_", " "), finding.ids, finding.why) for finding in findings]
        live = [row for row in knowledge_base.list_drafts(session, at.clinic) if row.state == "published"]
        for row in live:
            unread = knowledge_base.draft_of(session, at.clinic, row.id).unread
            found += [("not understood", (_page(row.source, place.page),), f"{place.why}: {inert(place.text)}".rstrip(": ")) for place in unread]
        schedule = LiveOpenings(at.clinic, at.settings.data_dir)
        stated = schedule.now()
        if schedule.loaded.problem:
            found.append(("calendar", (at.clinic.feed,), f"was not loaded at the last try: {schedule.loaded.problem}"))
        if stated.openings and not stated.openings_fresh(at.clinic.calendar.today(at.now)):
            day = stated.openings_as_of or stated.as_of
            found.append(("stale openings", ("openings",), f"are of {day}; callers hear that a coordinator confirms"))
    if as_json:
        shown = [{"kind": kind.replace(" ", "_"), "ids": ids, "why": why} for kind, ids, why in found]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        rows = [(kind, " and ".join(ids), why) for kind, ids, why in found]
        click.echo(table(("WHAT", "WHERE", "WHY"), rows) if rows else "Nothing to mend.")


@knowledge.command()
@json_option
@clinic_option
def openings(as_json: bool, clinic: Path | None) -> None:
    """What callers hear of the schedule: openings and lead times, of which day they are, and what is wrong with the calendar."""
    with desk(clinic) as at:
        schedule = LiveOpenings(at.clinic, at.settings.data_dir, within=at.settings.import_private_hosts)
        schedule.load_if_due()
        stated, loaded, today = schedule.now(), schedule.loaded, at.clinic.calendar.today(at.now)
        calendar = at.clinic.feed
    rows = [(one.day.isoformat(), one.time, one.location, one.specialty) for one in sorted(stated.openings, key=lambda one: (one.day, one.time))]
    if as_json:
        as_of = stated.openings_as_of.isoformat() if stated.openings_as_of else None
        shown = [dict(zip(("date", "time", "location", "specialty"), row, strict=True)) for row in rows]
        click.echo(json.dumps({"openings": shown, "as_of": as_of, "said": stated.openings_fresh(today), "problem": loaded.problem}, indent=2))
        return
    click.echo(table(("DAY", "TIME", "LOCATION", "KIND"), rows) if rows else "No opening is listed.")
    if rows and stated.openings_as_of:
        fresh = stated.openings_fresh(today)
        click.echo(f"Listed on {stated.openings_as_of}{'' if fresh else ': too old to be said; callers hear that a coordinator will confirm'}.")
    for lead in stated.lead_times:
        days = f"{lead.days} to {lead.days_most}" if lead.days_most else f"{lead.days}"
        click.echo(f"Lead time: {days} business days {lead.specialty} {lead.location}".rstrip())
    if calendar:
        click.echo(f"Calendar: {loaded.problem or 'loaded'}{f'; left out {loaded.left}' if loaded.left else ''}.")


@knowledge.command()
@click.argument("id")
@click.argument("text")
@click.option("--question", help="Better words for the question than the caller's own, for the article.")
@click.option("--only-this", is_flag=True, help="Leave questions that ask the same open.")
@clinic_option
def answer(id: str, text: str, question: str | None, only_this: bool, clinic: Path | None) -> None:
    """Answer a question once: it becomes an article, and everyone who asked it and may be texted gets the answer."""
    with desk(clinic) as at:
        try:
            # The schedule finds what nobody rings for, within seconds; allowed hours matter more here than those.
            told = questions.answer(
                at.store, at.clinic, Silent(), id, text, now=at.now, question=question, only_this=only_this, fold=gsm.fold
            )  # fmt: skip
        except (questions.NoSuchQuestion, questions.UnfitAnswer) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"article:{told.article} answers from now on; {told.questions} asked it.")
    click.echo(
        f"{told.texts} get a text in allowed hours, {told.by_hand} are a coordinator's task, {told.silent} cannot be reached or do not want texts."
    )


@knowledge.command()
@clinic_option
def drafts(clinic: Path | None) -> None:
    """Documents that were brought in, newest first."""
    with desk(clinic) as at, at.store.reading() as session:
        rows = [(row.id, row.source, row.state, f"{row.created_at:%Y-%m-%d %H:%M}") for row in knowledge_base.list_drafts(session, at.clinic)]
    click.echo(table(("ID", "SOURCE", "STATE", "BROUGHT IN"), rows) if rows else "No document was brought in yet.")


@knowledge.command()
@click.argument("draft")
@clinic_option
def show(draft: str, clinic: Path | None) -> None:
    """One draft, by its id or its document's name: what was understood, what was not, and what publishing it would change."""
    with desk(clinic) as at, at.store.reading() as session:
        held = knowledge_base.draft_of(session, at.clinic, draft)
        planned = knowledge_changes.plan(session, at.clinic, held, at.now)
        click.echo(_whole(held, {step.key: step.fate for step in planned}))


@knowledge.command()
@click.argument("drafts", nargs=-1, required=True)
@clinic_option
def publish(drafts: tuple[str, ...], clinic: Path | None) -> None:
    """Let drafts answer, each named by its id or its document's name."""
    with desk(clinic) as at:
        for name in drafts:
            with at.store.transaction() as session:
                told = knowledge_changes.publish(session, at.clinic, name, at.now)
            click.echo(f"{name}: {knowledge_changes.summary(told)}.")
    click.echo("It answers within five seconds; `referline knowledge undo` takes the last back.")


@knowledge.command()
@click.argument("id")
@click.option("--answer", "answer", help="What the line says.")
@click.option("--question", help="What a caller would ask.")
@click.option("--title", help="What it is about.")
@click.option("--effective", type=click.DateTime(["%Y-%m-%d"]), help="First day it holds.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day it holds.")
@click.option("--owner", help="Who answers for it.")
@click.option("--status", type=click.Choice([str(status) for status in Status]), help="Of a payer row: where the clinic stands with the plan.")
@click.option("--referral", type=click.Choice([str(rule) for rule in Rule]), help="Of a payer row: whether the plan wants a referral.")
@click.option("--authorization", type=click.Choice([str(rule) for rule in Rule]), help="Of a payer row: whether it wants prior authorization.")
@click.option("--aliases", help="Of a payer row: what callers say, separated by semicolons.")
@click.option("--notes", help="Of a payer row: short ones are told, long ones are for staff.")
@clinic_option
def edit(id: str, effective: datetime | None, expires: datetime | None, clinic: Path | None, **words: str | None) -> None:
    """Change an article or a payer row by hand; importing its document again leaves the change as it is."""
    fields: dict[str, Any] = {name: _OF_ROWS.get(name, str)(value) for name, value in words.items() if value is not None}
    fields |= {name: day.date() for name, day in (("effective", effective), ("expires", expires)) if day}
    is_row = id.startswith("payer:")
    if not fields or any((name in _OF_ROWS) is not is_row for name in fields):
        raise click.UsageError("say what to change: --answer, --question and such of an article; --status, --referral and such of a payer row")
    with desk(clinic) as at, at.store.transaction() as session:
        knowledge_changes.edit(session, at.clinic, id, fields, at.now)
    click.echo("Changed; it answers within five seconds. `referline knowledge undo` takes it back.")


_OF_ROWS: dict[str, Callable[[str], Any]] = {
    "status": Status,
    "referral": Rule,
    "authorization": Rule,
    "aliases": lambda text: tuple(alias.strip().lower() for alias in text.split(";") if alias.strip()),
    "notes": str,
}
"""Fields of payer rows from the words of an option; all others are of articles."""


@knowledge.command()
@click.argument("id")
@clinic_option
def remove(id: str, clinic: Path | None) -> None:
    """Let an article or a payer row answer nobody any more; importing its document again leaves it so."""
    with desk(clinic) as at, at.store.transaction() as session:
        knowledge_changes.remove(session, at.clinic, id, at.now)
    click.echo("Removed within five seconds. `referline knowledge undo` takes it back.")


@knowledge.command()
@click.argument("id", required=False)
@clinic_option
def history(id: str | None, clinic: Path | None) -> None:
    """What changed and when, newest first: of one article or payer row, or of all."""
    with desk(clinic) as at, at.store.reading() as session:
        steps = knowledge_base.history(session, at.clinic, id)
    causes = [f"{step.cause}{', taken back' if step.undone else ''}" for step in steps]
    rows = [
        (f"{step.at:%Y-%m-%d %H:%M}", cause, step.source, step.key, _short(step.before), _short(step.after))
        for step, cause in zip(steps, causes, strict=True)
    ]
    click.echo(table(("WHEN (UTC)", "WHAT", "DOCUMENT", "ID", "BEFORE", "AFTER"), rows) if rows else "Nothing was changed yet.")


@knowledge.command()
@clinic_option
def undo(clinic: Path | None) -> None:
    """Take back the last import, answer or change by hand; again: the one before it."""
    with desk(clinic) as at, at.store.transaction() as session:
        row = knowledge_changes.undo(session, at.clinic, at.now)
        said = f"Taken back: the {row.cause} of {row.at:%Y-%m-%d %H:%M} UTC." if row else "There is nothing to take back."
    click.echo(said)


@contextmanager
def desk(clinic: Path | None) -> Iterator[Desk]:
    """Record and clinic, the record made when there is none. Ends the process with what to do about it when they cannot be used."""
    settings = prepared(clinic)
    store = Store(settings.database_url, settings.vault)
    try:
        if not migrate.current(store) and migrate.untouched(store):
            migrate.upgrade(store)
        readiness.check(store)
        yield Desk(store, clinics.load(settings.clinic_dir), settings)
    except (StoreError, VaultError, ClinicError, readiness.NotReady, NoSuchKnowledge) as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.dispose()


def _files(places: Sequence[str]) -> list[str]:
    """Folders as the documents in them."""
    found: list[str] = []
    for place in places:
        path = Path(place)
        inside = sorted(str(one) for one in path.iterdir() if one.suffix.lower() in suffixes()) if "://" not in place and path.is_dir() else []
        found += inside or [place]
    return found


def _progress(page: int, of: int) -> None:
    if of > 1 and (page in (1, of) or page % 10 == 0):
        click.echo(f"  page {page} of {of}", err=True)


def _told(brought: importing.Brought) -> str:
    draft = brought.draft
    lines = [f"{draft.source}: {len(draft.articles)} articles and {len(draft.payers)} payer rows understood, {len(draft.unread)} places not."]
    lines += [f"  not understood: {_unread(draft.source, place.page, place.why, place.text)}" for place in draft.unread[:_LISTED]]
    lines += [f"  look at {entry.article.id}: {entry.review}" for entry in draft.articles if entry.review][:_LISTED]
    if brought.published is not None:
        return "\n".join([*lines, f"  published: {knowledge_changes.summary(brought.published)}"])
    named = shlex.quote(draft.source)
    lines.append(f"  draft {brought.draft_id}: `referline knowledge show {named}` shows all of it")
    return "\n".join([*lines, f"  nothing answers from it until `referline knowledge publish {named}`"])


def _unread(source: str, page: int, why: str, text: str) -> str:
    return f"{_page(source, page)}: {why}" + (f' ("{inert(text[:60])}")' if text else "")


def _page(source: str, page: int) -> str:
    return f"{source}, page {page}" if page else source


def _whole(draft: Draft, fates: Mapping[str, str]) -> str:
    lines = [draft.source + (f", holds since {draft.effective}" if draft.effective else "")]
    for entry in draft.articles:
        article = entry.article
        fate = fates.get(f"article:{article.id}") or fates.get(f"article:{article.id}@{article.effective}", "")
        lines += ["", f"{article.id}  ({', '.join(filter(None, (fate, article.source, _until(article), entry.owner)))})"]
        lines += [inert(text) for text in (f"  Q  {article.question}", f"  A  {article.answer}")] + ([f"  !  {entry.review}"] if entry.review else [])
    if draft.payers:
        rows = [
            (row.payer, row.plan_type, str(row.status), str(row.referral), str(row.authorization), fates.get(row.id, ""), row.notes)
            for row in draft.payers
        ]
        lines += ["", table(("PAYER", "PLAN", "STATUS", "REFERRAL", "AUTHORIZATION", "PUBLISHED", "NOTES"), rows)]
    told = {f"article:{entry.article.id}" for entry in draft.articles} | {row.id for row in draft.payers}
    lines += ["", *(f"would be {fate}: {key}" for key, fate in fates.items() if key.partition("@")[0] not in told and fate in ("removed", "kept"))]
    lines += [f"not understood: {_unread(draft.source, place.page, place.why, place.text)}" for place in draft.unread]
    return "\n".join(lines).rstrip()


def _short(text: str) -> str:
    return inert(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _waiting(groups: Sequence[Sequence[questions.Open]]) -> str:
    rows = [
        (one.id, f"{one.asked_at:%Y-%m-%d %H:%M}", inert(one.text if not place else f"  {one.text}"))
        for group in groups
        for place, one in enumerate(group)
    ]
    return table(("ID", "ASKED", "QUESTION"), rows) if rows else "Every question has its answer."


def _until(article: Article) -> str:
    since = f"since {article.effective.isoformat()}" if article.effective else ""
    until = f"until {article.expires.isoformat()}" if article.expires else ""
    return " ".join(filter(None, (since, until)))


def _article(article: Article) -> dict[str, Any]:
    days = {name: day.isoformat() if day else None for name, day in (("effective", article.effective), ("expires", article.expires))}
    words = {"id": article.id, "title": article.title, "question": article.question, "answer": article.answer, "source": article.source}
    return {**words, "tags": list(article.tags), **days}


def _payer(row: PayerRow) -> dict[str, Any]:
    return {
        "id": row.id, "payer": row.payer, "aliases": list(row.aliases), "plan_type": row.plan_type, "status": str(row.status),
        "referral_required": str(row.referral), "authorization_required": str(row.authorization), "notes": row.notes, "source": row.source,
    }  # fmt: skip
