"""How what the clinic knows is changed: a document published, an article answered, edited or removed by hand, and the last change taken back.

Every change is one revision with each item before and after. Functions take a session, for the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, Literal, TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent.clinic import Clinic
from agent.columns import seal, unseal
from agent.knowledge_base import BY_HAND, NoSuchKnowledge, content, draft_row, known, revision, scope
from agent.models import KnowledgeChange, KnowledgeDraft, KnowledgeItem, KnowledgeRevision, new_id
from knowledge.articles import Article
from knowledge.drafting import draft as drafts
from knowledge.drafting.draft import Draft, DraftArticle
from knowledge.payers import PayerRow

Kind: TypeAlias = Literal["article", "payer"]
Cause: TypeAlias = Literal["publish", "answer", "edit", "remove", "undo"]
Fate: TypeAlias = Literal["added", "changed", "unchanged", "removed", "kept", "later"]
_LONGEST_KEY = 255
_TAKEN_BACK = "(taken back)"
"""Source of an item whose making was taken back: it hides nothing."""


@dataclass(slots=True)
class Published:
    """What a publication changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    kept: int = 0
    """Left as somebody edited or removed them by hand, although the document says otherwise."""
    later: int = 0
    """Changed from a day to come on; until then what was said before is said."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing a draft does to one article or payer row."""

    key: str
    fate: Fate
    act: Callable[[], None]


def plan(session: Session, clinic: Clinic, draft: Draft, now: datetime) -> list[Planned]:
    """What publishing a draft would do, for whoever looks at it first; nothing is done."""
    return _plan(_Change(session, scope(clinic), "publish", now), draft, clinic.calendar.today(now))


def publish(session: Session, clinic: Clinic, name: str, now: datetime) -> Published:
    """Let a draft answer. What its document said before and says no more is removed; what was edited by hand stays as it was edited; what only
    holds from a day to come on leaves what it replaces until then.

    Raises NoSuchKnowledge.
    """
    row = draft_row(session, clinic, name)
    draft = drafts.from_json(unseal(session, row, "content") or "{}")
    change = _Change(session, scope(clinic), "publish", now, row.id)
    told = Published()
    for planned in _plan(change, draft, clinic.calendar.today(now)):
        setattr(told, planned.fate, getattr(told, planned.fate) + 1)
        planned.act()
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
    """Change an article or a payer row by hand, wherever it comes from. `key` as an answer cites it; `fields` by the names of its class, and `owner`.

    Raises NoSuchKnowledge for an unknown key.
    """
    kind, key, entry = _held(session, clinic, key)
    change = _Change(session, scope(clinic), "edit", now)
    if isinstance(entry, PayerRow):
        changed: DraftArticle | PayerRow = replace(entry, **fields)
    else:
        item = change.item(kind, key)
        whole = drafts.entry_of(content(session, item)) if item is not None and not item.removed else DraftArticle(entry)
        own = {name: value for name, value in fields.items() if name != "owner"}
        changed = replace(whole, article=replace(entry, **own), owner=fields.get("owner", whole.owner))
    change.put(kind, key, _plain(changed), None)


def remove(session: Session, clinic: Clinic, key: str, now: datetime) -> None:
    """Let an article or a payer row answer nobody any more, wherever it comes from; importing its document again leaves it so.

    Raises NoSuchKnowledge for an unknown key.
    """
    kind, key, entry = _held(session, clinic, key)
    change = _Change(session, scope(clinic), "remove", now)
    item = change.item(kind, key)
    if item is None or item.removed:
        change.put(kind, key, _plain(DraftArticle(entry) if isinstance(entry, Article) else entry), BY_HAND)
        item = change.item(kind, key)
    assert item is not None, "it was put there"
    change.write(item, removed=True)


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
    # Newest first: of an item that was changed twice, the first state is the one to go back to.
    made_then = select(KnowledgeChange).where(KnowledgeChange.revision_id == row.id).order_by(KnowledgeChange.id.desc())
    for made in session.scalars(made_then).all():
        item = change.item(made.kind, made.key)
        before = json.loads(unseal(session, made, "before") or "null")
        if item is not None and before is None:
            change.write(item, removed=True, source=_TAKEN_BACK, original=None)
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

    @cached_property
    def items(self) -> dict[tuple[str, str], KnowledgeItem]:
        """Every item of the clinic, removed or not, by kind and key: one question for all, since the database is held meanwhile."""
        rows = self.session.scalars(select(KnowledgeItem).where(KnowledgeItem.clinic == self.clinic))
        return {(row.kind, row.key): row for row in rows}

    def item(self, kind: str, key: str) -> KnowledgeItem | None:
        """The item of this id, removed or not."""
        return self.items.get((kind, key))

    def put(self, kind: Kind, key: str, content: str, source: str | None, original: str | None = None) -> None:
        """A new item, or new content of one. `source` None leaves it with the document it is from."""
        item = self.item(kind, key)
        if item is not None:
            if source is None and item.removed:
                source = BY_HAND
            fields = {"original": original} if original else {}
            self.write(item, content=content, removed=False, **fields, **({} if source is None else {"source": source}))
            return
        item = KnowledgeItem(id=new_id(), clinic=self.clinic, kind=kind, key=key, source=source or BY_HAND, removed=False, updated_at=self._now)
        seal(self.session, item, "content", content)
        seal(self.session, item, "original", original)
        self.session.add(item)
        self.items[kind, key] = item
        self._note(item, None, _shown(content, original, item))

    def write(self, item: KnowledgeItem, **fields: Any) -> None:
        """Change an item: `content` and `original` as JSON text, `source`, `removed`."""
        held = {name: unseal(self.session, item, name) for name in ("content", "original")}
        before = _shown(held["content"], held["original"], item)
        for name, value in fields.items():
            if name in held:
                held[name] = value
                seal(self.session, item, name, value)
            else:
                setattr(item, name, value)
        item.updated_at = self._now
        self._note(item, before, _shown(held["content"], held["original"], item))

    def _note(self, item: KnowledgeItem, before: str | None, after: str) -> None:
        if self._revision is None:
            self._revision = KnowledgeRevision(
                id=new_id(), clinic=self.clinic, number=revision(self.session, self.clinic) + 1, cause=self._cause, draft_id=self._draft_id,
                at=self._now, undone=False,
            )  # fmt: skip
            self.session.add(self._revision)
            self.session.flush()
        row = KnowledgeChange(id=new_id(), revision_id=self._revision.id, kind=item.kind, key=item.key)
        seal(self.session, row, "before", before)
        seal(self.session, row, "after", after)
        self.session.add(row)


def _shown(content: str | None, original: str | None, item: KnowledgeItem) -> str:
    """An item as a change keeps it."""
    return json.dumps({"content": content, "original": original, "source": item.source, "removed": item.removed}, ensure_ascii=False)


def _plan(change: _Change, draft: Draft, today: date) -> list[Planned]:
    """One step for each thing the document says, and for each it says no more."""
    entries: dict[tuple[Kind, str], DraftArticle | PayerRow] = {("article", f"article:{entry.article.id}"): entry for entry in draft.articles}
    entries |= {("payer", payer.id): payer for payer in draft.payers}
    planned: list[Planned] = []
    named: set[tuple[str, str]] = set()
    for (kind, key), entry in entries.items():
        named.add((kind, key))
        begins = entry.article.effective if isinstance(entry, DraftArticle) else None
        if begins and begins > today and _holds_until(change, key, entry, today):
            assert isinstance(entry, DraftArticle)
            later = replace(entry, article=replace(entry.article, id=f"{entry.article.id}@{begins}"))
            named.add((kind, f"{key}@{begins}"))
            planned.append(_later(change, key, later, begins, draft.source))
        else:
            planned.append(_take(change, kind, key, _plain(entry), draft.source))
    for place, item in list(change.items.items()):
        if item.source == draft.source and not item.removed and place not in named:
            if _edited(change.session, item):
                planned.append(Planned(item.key, "kept", _nothing))
            else:
                # Without what its document said: it may come back with the document, unlike what somebody removed by hand.
                planned.append(Planned(item.key, "removed", partial(change.write, item, removed=True, original=None)))
    return planned


def _nothing() -> None:
    """All stays as it is."""


def _take(change: _Change, kind: Kind, key: str, said: str, source: str) -> Planned:
    """One entry of a document that is published."""
    item = change.item(kind, key)
    original = unseal(change.session, item, "original") if item is not None else None
    if item is None or (item.removed and original is None and item.source != BY_HAND):
        return Planned(key, "added", partial(change.put, kind, key, said, source, said))
    if not item.removed and _same(original, said):
        return Planned(key, "unchanged", _nothing)
    if item.removed or _edited(change.session, item):
        return Planned(key, "kept", _nothing if _same(original, said) else partial(change.write, item, original=said))
    return Planned(key, "changed", partial(change.put, kind, key, said, source, said))


def _holds_until(change: _Change, key: str, entry: DraftArticle | PayerRow, today: date) -> bool:
    """Whether something else is said under this id until the entry holds, which nobody edited."""
    item = change.item("article", key)
    if item is None or item.removed or _edited(change.session, item):
        return False
    if _same(unseal(change.session, item, "original"), _plain(entry)):
        return False
    return drafts.entry_of(content(change.session, item)).article.current(today)


def _later(change: _Change, key: str, entry: DraftArticle, begins: date, source: str) -> Planned:
    """What is said now, until the day before; the new words beside it, from that day on."""
    taken = _take(change, "article", f"article:{entry.article.id}", _plain(entry), source)

    def act() -> None:
        item = change.items["article", key]
        now = drafts.entry_of(content(change.session, item))
        last = begins - timedelta(days=1)
        if now.article.expires is None or now.article.expires > last:
            ends = _plain(replace(now, article=replace(now.article, expires=last)))
            change.put("article", key, ends, None, ends)
        taken.act()

    return Planned(f"article:{entry.article.id}", taken.fate if taken.fate in ("unchanged", "kept") else "later", act)


def _edited(session: Session, item: KnowledgeItem) -> bool:
    """Whether somebody changed it by hand since it was imported."""
    return not _same(unseal(session, item, "original"), unseal(session, item, "content"))


def _same(one: str | None, other: str | None) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and json.loads(one) == json.loads(other))


def _held(session: Session, clinic: Clinic, key: str) -> tuple[Kind, str, Article | PayerRow]:
    """What is known by this id. Raises NoSuchKnowledge."""
    held = known(session, clinic)
    payer = next((row for row in held.payers if row.id == key), None)
    if payer is not None:
        return "payer", key, payer
    key = key if key.startswith("article:") else f"article:{key}"
    article = next((article for article in held.articles if f"article:{article.id}" == key), None)
    if article is None:
        raise NoSuchKnowledge(f"nothing is called {key}; `referline knowledge list` names all")
    return "article", key, article


def _plain(entry: DraftArticle | PayerRow) -> str:
    return drafts.entry_json(entry)


def summary(told: Published) -> str:
    """In words: "3 added, 1 changed"."""
    return ", ".join(f"{count} {name}" for name, count in asdict(told).items() if count) or "nothing changed"
