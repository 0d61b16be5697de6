"""What the clinic knows beyond its folder: drafts of documents, what was published of them, and what became of it when.

The folder's articles.jsonl and payers.csv are the base; rows here with the same id replace theirs, and one that was removed by hand hides it.
Every change is one revision (`agent.knowledge_changes`), and the highest revision number tells a process whether its finder is behind
(`agent.live_knowledge`). Functions that take a session are for the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from agent.clinic import Clinic
from agent.columns import seal, unseal
from agent.models import KnowledgeChange, KnowledgeDraft, KnowledgeItem, KnowledgeRevision, new_id
from knowledge.articles import Article
from knowledge.drafting import draft as drafts
from knowledge.drafting.draft import Draft
from knowledge.payers import PayerRow

BY_HAND = ""
"""Source of what a coordinator wrote."""
_RECENT = 50
"""Revisions a history goes back."""


class NoSuchKnowledge(LookupError):
    """Nothing has this id; the message says which."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the line may answer from."""

    articles: tuple[Article, ...]
    payers: tuple[PayerRow, ...]
    number: int
    """Revision it is of; 0: only the folder."""


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A line of the list of drafts."""

    id: str
    source: str
    state: str
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one article or payer row."""

    at: datetime
    cause: str
    """`publish`, `answer`, `edit`, `remove`, `undo`."""
    undone: bool
    source: str
    """Document it came with; empty: a coordinator."""
    key: str
    before: str
    """What the line said; empty: nothing."""
    after: str


def scope(clinic: Clinic) -> str:
    """Which clinic's knowledge this is: by the name of its folder, so that two clinics on one database do not answer for each other."""
    return clinic.folder.resolve().name[:128]


def revision(session: Session, clinic: str) -> int:
    """Number of the last change; 0 for none."""
    return session.scalar(select(func.max(KnowledgeRevision.number)).where(KnowledgeRevision.clinic == clinic)) or 0


def known(session: Session, clinic: Clinic) -> Known:
    """The folder and what lies on top of it."""
    articles = {article.id: article for article in clinic.articles}
    payers = {row.id: row for row in clinic.payers}
    name = scope(clinic)
    # What somebody removed hides what lies beneath; what its document says no more does not.
    told = or_(KnowledgeItem.removed.is_(False), KnowledgeItem.source == BY_HAND, KnowledgeItem.original.is_not(None))
    for row in session.scalars(select(KnowledgeItem).where(KnowledgeItem.clinic == name, told).order_by(KnowledgeItem.id)):
        if row.removed:
            articles.pop(row.key.removeprefix("article:"), None)
            payers.pop(row.key, None)
        elif row.kind == "article":
            article = drafts.entry_of(content(session, row)).article
            articles[article.id] = article
        else:
            payer = drafts.payer_of(content(session, row))
            payers[payer.id] = payer
    return Known(tuple(articles.values()), tuple(payers.values()), revision(session, name))


def keep_draft(session: Session, clinic: Clinic, draft: Draft, digest: str, now: datetime) -> str:
    """Write a draft down; nothing answers from it yet. Its id."""
    row = KnowledgeDraft(id=new_id(), clinic=scope(clinic), source=draft.source, digest=digest, state="draft", created_at=now)
    seal(session, row, "content", drafts.to_json(draft))
    session.add(row)
    session.flush()
    return row.id


def draft_of(session: Session, clinic: Clinic, draft_id: str) -> Draft:
    """One draft as it was brought in. Raises NoSuchKnowledge."""
    return drafts.from_json(unseal(session, draft_row(session, clinic, draft_id), "content") or "{}")


def list_drafts(session: Session, clinic: Clinic) -> list[DraftSummary]:
    """Newest first."""
    rows = session.scalars(select(KnowledgeDraft).where(KnowledgeDraft.clinic == scope(clinic)).order_by(KnowledgeDraft.id.desc()))
    return [DraftSummary(row.id, row.source, row.state, row.created_at, row.published_at) for row in rows]


def history(session: Session, clinic: Clinic, key: str | None = None) -> list[Step]:
    """What changed, newest first: of one article or payer row, by the id an answer cites, or of the last revisions."""
    query = (
        select(KnowledgeRevision, KnowledgeChange, KnowledgeDraft.source)
        .join(KnowledgeChange, KnowledgeChange.revision_id == KnowledgeRevision.id)
        .outerjoin(KnowledgeDraft, KnowledgeDraft.id == KnowledgeRevision.draft_id)
        .where(KnowledgeRevision.clinic == scope(clinic))
        .order_by(KnowledgeRevision.number.desc(), KnowledgeChange.key)
    )
    if key is not None:
        query = query.where(KnowledgeChange.key == (key if ":" in key else f"article:{key}"))
    else:
        query = query.where(KnowledgeRevision.number > revision(session, scope(clinic)) - _RECENT)
    return [
        Step(row.at, row.cause, row.undone, source or "", change.key, *(_said(unseal(session, change, side)) for side in ("before", "after")))
        for row, change, source in session.execute(query)
    ]


def content(session: Session, item: KnowledgeItem) -> Mapping[str, Any]:
    """What an item says, as plain values."""
    found: Mapping[str, Any] = json.loads(unseal(session, item, "content") or "{}")
    return found


def draft_row(session: Session, clinic: Clinic, name: str) -> KnowledgeDraft:
    """By its id, the beginning of one that is unlike any other's, or the name of its document: then the one brought in last.

    Raises NoSuchKnowledge.
    """
    ours = select(KnowledgeDraft).where(KnowledgeDraft.clinic == scope(clinic))
    rows: Sequence[KnowledgeDraft] = session.scalars(ours.where(KnowledgeDraft.id.startswith(name, autoescape=True)).limit(2)).all()
    if not rows:
        rows = session.scalars(ours.where(KnowledgeDraft.source == name).order_by(KnowledgeDraft.id.desc()).limit(1)).all()
    if len(rows) != 1:
        several = f"several drafts begin with {name}; give more of it, or the document's name"
        raise NoSuchKnowledge(several if rows else f"no draft is called {name}")
    return rows[0]


def _said(shown: str | None) -> str:
    """An item as a history shows it: the words an asker hears of an article, the rules of a payer."""
    row = json.loads(shown) if shown else None
    if row is None or row["removed"]:
        return ""
    held = json.loads(row["content"])
    if "article" in held:
        return str(held["article"]["answer"])
    return f"{held['status'].replace('_', ' ')}; referral {held['referral']}, authorization {held['authorization']}; {held['notes']}".rstrip("; ")
