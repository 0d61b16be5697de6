"""Questions nobody could answer: listed with their like, answered once, and told to everyone who asked and may be texted."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import knowledge_changes, opt_outs, outbox, tasks
from agent.clinic import Clinic
from agent.columns import unseal, vault_of
from agent.doorbell import Doorbell
from agent.models import Contact, Conversation, Lead, UnansweredQuestion
from agent.store import Store
from knowledge.alike import Likeness
from knowledge.articles import Article
from knowledge.drafting.draft import DraftArticle
from knowledge.reading import cut
from knowledge.spanish import is_spanish

LONGEST = 600
"""Characters of an answer: with the words around it, four or five parts of a text."""
_LOOK = 2000
"""Open questions compared, newest first."""
_TEXTABLE = "+1"
"""Country code texts go to (US, Canada and their neighbours): sending elsewhere costs much and reaches nobody who called."""


class NoSuchQuestion(LookupError):
    """No open question has this id; the message says what to do."""


class UnfitAnswer(ValueError):
    """An answer that cannot be texted; the message says why."""


@dataclass(frozen=True, slots=True)
class Open:
    """A question that waits."""

    id: str
    text: str
    asked_at: datetime
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of an answer."""

    article: str
    """Id of the article it became."""
    questions: int
    """How many it closes."""
    texts: int
    by_hand: int
    """Persons a coordinator must tell, since nothing may be texted to them but an address or number is known."""
    silent: int
    """Persons who hear nothing: opted out, or nothing is known of them."""


def waiting(session: Session) -> list[list[Open]]:
    """Open questions in groups that ask the same, largest group first."""
    rows = session.scalars(
        select(UnansweredQuestion).where(UnansweredQuestion.answered_at.is_(None)).order_by(UnansweredQuestion.asked_at.desc()).limit(_LOOK)
    )
    found = [Open(row.id, unseal(session, row, "text") or "", row.asked_at, row.conversation_id) for row in rows]
    return [[found[place] for place in group] for group in Likeness().groups([one.text for one in found])]


def answer(
    store: Store,
    clinic: Clinic,
    doorbell: Doorbell,
    question_id: str,
    text: str,
    *,
    now: datetime,
    question: str | None = None,
    only_this: bool = False,
    fold: Callable[[str], str] = str.strip,
) -> Told:
    """Answer a question and all that ask the same (`only_this`: not those). The answer becomes an article and goes to everyone who asked, once each.

    `question`: better words for the article than the caller's. `fold`: brings a text into the alphabet of texts. The time of day is kept by
    delivery, which holds texts outside the allowed hours. Raises NoSuchQuestion, UnfitAnswer, StoreError.
    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise UnfitAnswer(f"write an answer of up to {LONGEST} characters" if text else "the answer is empty")
    with store.reading() as session:
        groups = waiting(session)
    meant = [(one, group) for group in groups for one in group if question_id and one.id.startswith(question_id)]
    if len(meant) != 1:
        # An answer goes out to people: which question it is for is never guessed.
        several = f"{len(meant)} open questions begin with {question_id}; give the whole id"
        none = f"no open question is called {question_id}; `referline knowledge list --unanswered` shows them"
        raise NoSuchQuestion(several if meant else none)
    asked, group = meant[0]
    closing = [asked] if only_this else [asked, *(one for one in group if one is not asked)]
    with store.transaction() as session:
        rows = [row for one in closing if (row := session.get(UnansweredQuestion, one.id, with_for_update=True)) and row.answered_at is None]
        if not rows or rows[0].id != asked.id:
            raise NoSuchQuestion("somebody has just answered this question")
        name = f"answer.{asked.id.replace('-', '')[-12:]}"
        article = Article(
            id=name, question=question or asked.text, answer=text, source="coordinator", effective=clinic.calendar.today(now)
        )  # fmt: skip
        knowledge_changes.add_article(session, clinic, DraftArticle(article, owner="coordinator"), now)
        told = _tell_all(session, clinic, rows, name, fold(text), now, fold)
        rings = outbox.written(session)
    if rings:
        doorbell.ring(rings)
    return told


def _tell_all(
    session: Session, clinic: Clinic, rows: Sequence[UnansweredQuestion], name: str, text: str, now: datetime, fold: Callable[[str], str]
) -> Told:
    texts = by_hand = silent = 0
    reached: set[str] = set()
    for row in rows:
        row.answered_at = now
        conversation = session.get_one(Conversation, row.conversation_id)
        contact = session.get_one(Contact, conversation.contact_id)
        if contact.id in reached:
            continue
        reached.add(contact.id)
        number = unseal(session, contact, "number")
        if number is None or not number.startswith(_TEXTABLE):
            # Withheld, or a chat: a number that was only said is not texted, since it may be anybody's.
            told = _by_hand(session, clinic, conversation, name, now)
            by_hand, silent = by_hand + told, silent + (not told)
        elif opt_outs.is_opted_out(session, number):
            silent += 1
        else:
            texts += _text(session, clinic, conversation, number, name, text, now, fold)
    return Told(name, len(rows), texts, by_hand, silent)


def _text(
    session: Session, clinic: Clinic, conversation: Conversation, number: str, name: str, text: str, now: datetime, fold: Callable[[str], str]
) -> bool:
    wording = _wording().get(conversation.language, _wording()["en"])
    words = wording["text"] if is_spanish(cut(text)) or "in_english" not in wording else wording["in_english"]
    body = fold(words.format(clinic=clinic.name, answer=text if text[-1] in ".!?" else f"{text}."))
    who = vault_of(session).index(outbox.FIELD, number).hex()[:12]
    return outbox.put(
        session, kind="answer_text", transport="sms", to=number, payload={"text": body}, dedupe_key=f"answer_text:{name}:{who}", due_at=now,
        conversation_id=conversation.id, reference=conversation.reference,
    )  # fmt: skip


def _by_hand(session: Session, clinic: Clinic, conversation: Conversation, name: str, now: datetime) -> bool:
    """A task for somebody who left an address or a number with the line; False when nothing is known of them."""
    lead = session.get(Lead, conversation.id)
    if lead is None or (lead.email is None and lead.phone is None):
        return False
    due_on = clinic.calendar.callback_day(now)
    key = f"answer_by_hand:{name}:{conversation.id}"
    return tasks.add(session, "answer_by_hand", key=key, due_on=due_on, now=now, conversation_id=conversation.id, lead_id=lead.id)


@cache
def _wording() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("agent").joinpath("answer_texts.toml").read_text(encoding="utf-8"))
