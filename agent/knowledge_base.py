"""What the clinic knows beyond its folder: drafts of documents, what was published of them, what was changed by hand, and how to go back.

The folder's articles.jsonl and payers.csv are the base; rows here with the same id replace theirs. Every change is one revision, and
the highest revision number tells a process whether its finder is behind (`agent.live_knowledge`). Functions that take a session are
for the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from agent.clinic import Clinic
from agent.columns import seal, unseal
from agent.models import KnowledgeChange, KnowledgeDraft, KnowledgeItem, KnowledgeRevision, new_id
from knowledge.articles import Article
from knowledge.drafting import draft as drafts
from knowledge.drafting.draft import Draft, DraftArticle
from knowledge.payers import PayerRow

Kind: TypeAlias = Literal["article", "payer"]
Cause: TypeAlias = Literal["publish", "answer", "edit", "undo"]
_LONGEST_KEY = 255


class NoSuchKnowledge(LookupError):
    """Nothing has this id; the message says which."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the line may answer from."""

    articles: tuple[Article, ...]
    payers: tuple[PayerRow, ...]
    number: int
    """Revision it is of; 0: only the folder."""


@dataclass(slots=True)
class Published:
    """What a publication changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    kept: int = 0
    """Left as somebody edited them by hand, although the document says otherwise."""


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A line of the list of drafts."""

    id: str
    source: str
    state: str
    created_at: datetime
    published_at: datetime | None


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
    rows = session.scalars(select(KnowledgeItem).where(KnowledgeItem.clinic == name, KnowledgeItem.removed.is_(False)).order_by(KnowledgeItem.id))
    for row in rows:
        content = _content(session, row)
        if row.kind == "article":
            article = drafts.entry_of(content).article
            articles[article.id] = article
        else:
            payer = drafts.payer_of(content)
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
    return drafts.from_json(unseal(session, _draft_row(session, clinic, draft_id), "content") or "{}")


def list_drafts(session: Session, clinic: Clinic) -> list[DraftSummary]:
    """Newest first."""
    rows = session.scalars(select(KnowledgeDraft).where(KnowledgeDraft.clinic == scope(clinic)).order_by(KnowledgeDraft.id.desc()))
    return [DraftSummary(row.id, row.source, row.state, row.created_at, row.published_at) for row in rows]


def publish(session: Session, clinic: Clinic, draft_id: str, now: datetime) -> Published:
    """Let a draft answer. What its document said before and says no more is removed; what was edited by hand stays as it was edited.

    Raises NoSuchKnowledge.
    """
    row = _draft_row(session, clinic, draft_id)
    draft = drafts.from_json(unseal(session, row, "content") or "{}")
    change = _Change(session, scope(clinic), "publish", now, draft_id)
    told = Published()
    entries: dict[tuple[Kind, str], str] = {("article", f"article:{entry.article.id}"): _plain(entry) for entry in draft.articles}
    entries |= {("payer", payer.id): _plain(payer) for payer in draft.payers}
    for (kind, key), content in entries.items():
        _take(change, kind, key, content, draft.source, told)
    gone = select(KnowledgeItem).where(KnowledgeItem.clinic == change.clinic, KnowledgeItem.source == draft.source, KnowledgeItem.removed.is_(False))
    for item in session.scalars(gone):
        if (item.kind, item.key) in entries:
            continue
        if _edited(session, item):
            told.kept += 1
        else:
            change.write(item, removed=True)
            told.removed += 1
    session.execute(
        update(KnowledgeDraft)
        .where(KnowledgeDraft.clinic == change.clinic, KnowledgeDraft.source == draft.source, KnowledgeDraft.state == "published")
        .values(state="replaced")
    )
    row.state, row.published_at = "published", now
    return told


def add_article(session: Session, clinic: Clinic, entry: DraftArticle, now: datetime) -> None:
    """An article of a coordinator's own."""
    change = _Change(session, scope(clinic), "answer", now)
    change.put("article", f"article:{entry.article.id}"[:_LONGEST_KEY], _plain(entry), "")


def edit(session: Session, clinic: Clinic, key: str, fields: Mapping[str, Any], now: datetime) -> None:
    """Change an article or a payer row by hand, wherever it comes from. `key` as an answer cites it; `fields` by the names of its class.

    Raises NoSuchKnowledge for an unknown key.
    """
    held = known(session, clinic)
    kind: Kind = "payer" if key.startswith("payer:") else "article"
    key = key if ":" in key else f"article:{key}"
    change = _Change(session, scope(clinic), "edit", now)
    if kind == "payer":
        row = next((row for row in held.payers if row.id == key), None)
        content = _plain(replace(row, **fields)) if row else None
    else:
        article = next((article for article in held.articles if f"article:{article.id}" == key), None)
        content = _plain(replace(_entry(change, key, article), article=replace(article, **fields))) if article else None
    if content is None:
        raise NoSuchKnowledge(f"nothing is called {key}")
    change.put(kind, key, content, None)


def undo(session: Session, clinic: Clinic, now: datetime) -> KnowledgeRevision | None:
    """Take back the last change that was not taken back yet; None when there is none. Taking back is a change of its own."""
    name = scope(clinic)
    last = (
        select(KnowledgeRevision)
        .where(KnowledgeRevision.clinic == name, KnowledgeRevision.cause != "undo", KnowledgeRevision.undone.is_(False))
        .order_by(KnowledgeRevision.number.desc())
        .limit(1)
    )
    row = session.scalars(last).one_or_none()
    if row is None:
        return None
    change = _Change(session, name, "undo", now, row.draft_id)
    for made in session.scalars(select(KnowledgeChange).where(KnowledgeChange.revision_id == row.id)).all():
        item = change.item(made.kind, made.key)
        before = json.loads(unseal(session, made, "before") or "null")
        if item is not None and before is None:
            change.write(item, removed=True)
        elif item is not None:
            change.write(item, **before)
    row.undone = True
    if row.draft_id:
        _unpublish(session, session.get_one(KnowledgeDraft, row.draft_id))
    return row


def _unpublish(session: Session, row: KnowledgeDraft) -> None:
    """A draft again, and the one before it of the same document in its place."""
    row.state = "draft"
    earlier = (
        select(KnowledgeDraft)
        .where(KnowledgeDraft.clinic == row.clinic, KnowledgeDraft.source == row.source, KnowledgeDraft.state == "replaced")
        .order_by(KnowledgeDraft.published_at.desc())
        .limit(1)
    )
    before = session.scalars(earlier).one_or_none()
    if before is not None:
        before.state = "published"


class _Change:
    """One revision: writes items and remembers how they were. Without a write there is no revision."""

    def __init__(self, session: Session, clinic: str, cause: Cause, now: datetime, draft_id: str | None = None) -> None:
        self.session = session
        self.clinic = clinic
        self._cause = cause
        self._now = now
        self._draft_id = draft_id
        self._revision: KnowledgeRevision | None = None

    def item(self, kind: str, key: str) -> KnowledgeItem | None:
        """The item of this id, removed or not."""
        query = select(KnowledgeItem).where(KnowledgeItem.clinic == self.clinic, KnowledgeItem.kind == kind, KnowledgeItem.key == key)
        return self.session.scalars(query).one_or_none()

    def put(self, kind: Kind, key: str, content: str, source: str | None, original: str | None = None) -> None:
        """A new item, or new content of one. `source` None leaves it with the document it is from."""
        item = self.item(kind, key)
        if item is not None:
            self.write(
                item, content=content, removed=False, **({"original": original} if original else {}), **({} if source is None else {"source": source})
            )
            return
        item = KnowledgeItem(id=new_id(), clinic=self.clinic, kind=kind, key=key, source=source or "", removed=False, updated_at=self._now)
        seal(self.session, item, "content", content)
        seal(self.session, item, "original", original)
        self.session.add(item)
        self._note(item, None)

    def write(self, item: KnowledgeItem, **fields: Any) -> None:
        """Change an item: `content` and `original` as JSON text, `source`, `removed`."""
        before = self._shown(item)
        for name, value in fields.items():
            if name in ("content", "original"):
                seal(self.session, item, name, value)
            else:
                setattr(item, name, value)
        item.updated_at = self._now
        self._note(item, before)

    def _note(self, item: KnowledgeItem, before: str | None) -> None:
        if self._revision is None:
            self._revision = KnowledgeRevision(
                id=new_id(), clinic=self.clinic, number=revision(self.session, self.clinic) + 1, cause=self._cause, draft_id=self._draft_id,
                at=self._now, undone=False,
            )  # fmt: skip
            self.session.add(self._revision)
            self.session.flush()
        row = KnowledgeChange(id=new_id(), revision_id=self._revision.id, kind=item.kind, key=item.key)
        seal(self.session, row, "before", before)
        seal(self.session, row, "after", self._shown(item))
        self.session.add(row)

    def _shown(self, item: KnowledgeItem) -> str:
        shown = {name: unseal(self.session, item, name) for name in ("content", "original")}
        return json.dumps({**shown, "source": item.source, "removed": item.removed}, ensure_ascii=False)


def _take(change: _Change, kind: Kind, key: str, content: str, source: str, told: Published) -> None:
    """One entry of a document that is published."""
    item = change.item(kind, key)
    if item is None or item.removed:
        change.put(kind, key, content, source, content)
        told.added += 1
    elif _same(unseal(change.session, item, "original"), content):
        told.unchanged += 1
    elif item.source == source and _edited(change.session, item):
        change.write(item, original=content)
        told.kept += 1
    else:
        change.put(kind, key, content, source, content)
        told.changed += 1


def _edited(session: Session, item: KnowledgeItem) -> bool:
    """Whether somebody changed it by hand since it was imported."""
    return not _same(unseal(session, item, "original"), unseal(session, item, "content"))


def _same(one: str | None, other: str | None) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and json.loads(one) == json.loads(other))


def _entry(change: _Change, key: str, article: Article) -> DraftArticle:
    item = change.item("article", key)
    return drafts.entry_of(_content(change.session, item)) if item is not None else DraftArticle(article)


def _plain(entry: DraftArticle | PayerRow) -> str:
    row = drafts.payer_row(entry) if isinstance(entry, PayerRow) else drafts.article_row(entry)
    return json.dumps(row, ensure_ascii=False)


def _content(session: Session, item: KnowledgeItem) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(unseal(session, item, "content") or "{}")
    return content


def _draft_row(session: Session, clinic: Clinic, draft_id: str) -> KnowledgeDraft:
    """By its id or the beginning of it, which is unlike any other's."""
    query = select(KnowledgeDraft).where(KnowledgeDraft.clinic == scope(clinic), KnowledgeDraft.id.startswith(draft_id, autoescape=True)).limit(2)
    rows: Sequence[KnowledgeDraft] = session.scalars(query).all()
    if len(rows) != 1:
        raise NoSuchKnowledge(f"no draft is called {draft_id}" if not rows else f"several drafts begin with {draft_id}; give more of it")
    return rows[0]


def summary(told: Published) -> str:
    """In words: "3 added, 1 changed"."""
    return ", ".join(f"{count} {name}" for name, count in asdict(told).items() if count) or "nothing changed"
