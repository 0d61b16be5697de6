"""The record: tables and what each column means. What a person said or can be reached by is sealed, always."""

from __future__ import annotations

from datetime import date, datetime

import uuid_utils
from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from agent.columns import Blind, Moment, Sealed

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_CLUSTERED = {"sqlite_with_rowid": False}
"""For tables every turn adds to: rows lie in their key's own tree, which is one page less to write (https://sqlite.org/withoutrowid.html)."""


def new_id() -> str:
    """A UUID version 7 (RFC 9562): cannot be guessed, sorts by the time it was made."""
    return str(uuid_utils.uuid7())


class Record(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=_NAMES)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)


class KeyCheck(Record):
    """One row that tells, before anything is read or written, whether these are the keys the record was sealed with."""

    __tablename__ = "key_check"

    word: Mapped[bytes] = mapped_column(Sealed)
    word_index: Mapped[bytes] = mapped_column(Blind("key_check.word", of="word"))


class Contact(Record):
    """Somebody at the other end: a telephone number, or one call or chat that shows none. Never proof of who it is."""

    __tablename__ = "contact"

    number: Mapped[bytes | None] = mapped_column(Sealed)
    """E.164."""
    number_index: Mapped[bytes | None] = mapped_column(Blind("contact.number", of="number"), unique=True)
    session: Mapped[str | None] = mapped_column(String(128), unique=True)
    """The CallSid or chat id of somebody without a number."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    opted_out_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when this number does not want texts."""


class Conversation(Record):
    """What one contact and the line talk about, over one or several calls and texts."""

    __tablename__ = "conversation"
    __table_args__ = (
        # At most one open conversation per contact: of two first messages at once, the second writer collides and thinks again.
        Index("uq_conversation_open", "contact_id", unique=True, sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
        # Not `last_heard_at`: every turn would move it, for the few conversations that are not quiet.
        Index("ix_conversation_quiet", "quiet_at"),
    )

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[bytes] = mapped_column(Sealed)
    """The engine's State as JSON."""
    version: Mapped[int]
    """Turns taken. A turn that finds another number than it loaded thinks again."""
    lines: Mapped[int] = mapped_column(default=0)
    """Lines of its transcript."""
    echo: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """Blind index of what was texted last, to know it again."""
    echoes: Mapped[int] = mapped_column(default=0)
    """How many times in a row that was texted."""
    phase: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    door: Mapped[str] = mapped_column(String(16))
    """Where it was last heard from."""
    session: Mapped[str | None] = mapped_column(String(128))
    """The call or chat it was last heard in; None for texts."""
    started_at: Mapped[datetime] = mapped_column(Moment)
    last_heard_at: Mapped[datetime] = mapped_column(Moment)
    quiet_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was taken to have been left; None again once somebody comes back."""
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it stopped being the one its contact goes on with."""
    disclosure: Mapped[str | None] = mapped_column(String(32))
    """Version of the greeting last given: assistant, transcription, 911."""
    disclosed_at: Mapped[datetime | None] = mapped_column(Moment)


class Call(Record):
    """One telephone call."""

    __tablename__ = "call"

    sid: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    disclosure: Mapped[str | None] = mapped_column(String(32))
    disclosed_at: Mapped[datetime | None] = mapped_column(Moment)


class Receipt(Record):
    """One message heard, and the reply it got: hearing it again gives the same reply and changes nothing."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("door", "message_id"), _CLUSTERED)

    door: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[str] = mapped_column(String(160))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    reply: Mapped[bytes] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(Moment)


class Utterance(Record):
    """One line of a transcript."""

    __tablename__ = "utterance"
    __table_args__ = (UniqueConstraint("conversation_id", "number"), _CLUSTERED)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    """Place in the conversation, from 1."""
    who: Mapped[str] = mapped_column(String(8))
    """`caller` or `line`."""
    channel: Mapped[str] = mapped_column(String(8))
    """`sms`, `voice`, `web`."""
    message: Mapped[int]
    """Number of the caller's message it belongs to, as slots cite it."""
    text: Mapped[bytes] = mapped_column(Sealed)
    detail: Mapped[bytes | None] = mapped_column(Sealed)
    """JSON: `sources` of an answer, `media` that came with a text, `confidence` of the recogniser."""
    at: Mapped[datetime] = mapped_column(Moment)


class Lead(Record):
    """Somebody who wants to come, or about whom an office wrote: what coordinators work on.

    A conversation's own lead has the conversation's id, so that it can be written without being looked for.
    """

    __tablename__ = "lead"
    __table_args__ = (Index("ix_lead_status", "status", "created_at"),)

    reference: Mapped[str] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    status: Mapped[str] = mapped_column(String(16), default="new")
    completeness: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    """How the conversation stands: `complete`, `partial`, `urgent`, `handoff`, `opted_out`, `wrong_number`."""
    channel: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    urgent: Mapped[bool]
    content: Mapped[bytes] = mapped_column(Sealed)
    """JSON: slots, missing, red flags, unanswered questions, referral source, who called."""
    phone: Mapped[bytes | None] = mapped_column(Sealed)
    phone_index: Mapped[bytes | None] = mapped_column(Blind("lead.phone", of="phone"), index=True)
    email: Mapped[bytes | None] = mapped_column(Sealed)
    email_index: Mapped[bytes | None] = mapped_column(Blind("lead.email", of="email"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class OutboxMessage(Record):
    """One message to be carried to one recipient, written in the transaction of its cause."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "due_at"),)

    kind: Mapped[str] = mapped_column(String(32))
    transport: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[bytes | None] = mapped_column(Sealed)
    recipient_index: Mapped[bytes | None] = mapped_column(Blind("outbox.recipient", of="recipient"), index=True)
    payload: Mapped[bytes] = mapped_column(Sealed)
    """JSON, text to text."""
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    urgent: Mapped[bool]
    attempts: Mapped[int] = mapped_column(default=0)
    """Attempts begun, but for those lost to a channel out of order."""
    token: Mapped[int] = mapped_column(default=0)
    """Fencing token of the last lease."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    provider_id: Mapped[str | None] = mapped_column(String(255), index=True)
    provider_status: Mapped[str | None] = mapped_column(String(32))
    """What the vendor last said became of it; never goes backwards."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    reference: Mapped[str | None] = mapped_column(String(16))
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


class Alert(Record):
    """A red flag a person must acknowledge."""

    __tablename__ = "alert"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    level: Mapped[str] = mapped_column(String(16))
    """`urgent`, `emergency`, `crisis`."""
    detail: Mapped[bytes] = mapped_column(Sealed)
    """JSON: group and rule."""
    raised_at: Mapped[datetime] = mapped_column(Moment, index=True)
    told: Mapped[int] = mapped_column(default=0)
    """How many of the people on call it has been through, first in the list first."""
    next_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    """When the next one is told; None: nobody is left, or it was acknowledged."""
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))


class Transfer(Record):
    """One person rung for one caller, and what became of it."""

    __tablename__ = "transfer"
    __table_args__ = (UniqueConstraint("call_sid", "step", "place"),)

    call_sid: Mapped[str] = mapped_column(String(64))
    step: Mapped[int]
    """The step of the call that goes on when nobody takes it."""
    place: Mapped[int]
    """First, second, ... person rung at that step, from 1."""
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    person: Mapped[bytes] = mapped_column(Sealed)
    """JSON: name and number, from the clinic's folder."""
    rung_at: Mapped[datetime] = mapped_column(Moment)
    picked_up_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the whisper was asked for: somebody, or something, answered."""
    key: Mapped[str | None] = mapped_column(String(8))
    """What was pressed after it."""
    outcome: Mapped[str | None] = mapped_column(String(16))
    """`agent.transfers.Outcome`; None while it rings."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Task(Record):
    """Something a coordinator must do because the line cannot."""

    __tablename__ = "task"

    kind: Mapped[str] = mapped_column(String(32))
    """`thank_by_hand`, `call_back`, `undelivered`, `voicemail`."""
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id"))
    outbox_id: Mapped[str | None] = mapped_column(ForeignKey("outbox.id"))
    due_on: Mapped[date]
    """The clinic's date."""
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class UnansweredQuestion(Record):
    """A question the clinic's knowledge does not answer yet."""

    __tablename__ = "unanswered_question"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    text: Mapped[bytes] = mapped_column(Sealed)
    asked_at: Mapped[datetime] = mapped_column(Moment, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class Stream(Record):
    """One admission of one call to the media socket, and how far the call got on it."""

    __tablename__ = "stream"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in hexadecimal. The token itself is nowhere kept."""
    call_sid: Mapped[str] = mapped_column(String(64), index=True)
    account_sid: Mapped[str] = mapped_column(String(64))
    step: Mapped[int]
    """The step whose reply is said first; 0 is the greeting."""
    preface: Mapped[str] = mapped_column(String(128))
    """Keys of wordings of our own that are said before it, space separated."""
    about: Mapped[bytes] = mapped_column(Sealed)
    """JSON: `sender` and `to`, as the signed webhook had them."""
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    spent_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was used, or voided. There is one use."""
    said_step: Mapped[int | None]
    """The step whose reply was said to the end when we closed the socket ourselves; None after a drop."""
    wish: Mapped[str | None] = mapped_column(String(16))
    """What the call asked of the webhooks when we closed: `end`, `person`, `voicemail`, `gather`."""


class KnowledgeDraft(Record):
    """One document as it was brought in: what became of it, and what in it was not understood."""

    __tablename__ = "knowledge_draft"
    __table_args__ = (Index("ix_knowledge_draft_source", "clinic", "source"),)

    clinic: Mapped[str] = mapped_column(String(128))
    """Name of the clinic's folder."""
    source: Mapped[str] = mapped_column(String(512))
    """File name or address."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file in hexadecimal."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """JSON: `knowledge.drafting.draft`."""
    state: Mapped[str] = mapped_column(String(16))
    """`draft`, `published`, `replaced` by a later one of the same source."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class KnowledgeItem(Record):
    """One article or payer row on top of the clinic's folder. What hides nothing and answers nothing any more stays, as removed."""

    __tablename__ = "knowledge_item"
    __table_args__ = (UniqueConstraint("clinic", "kind", "key"),)

    clinic: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(8))
    """`article` or `payer`."""
    key: Mapped[str] = mapped_column(String(255))
    """As an answer cites it."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """JSON of what answers."""
    original: Mapped[bytes | None] = mapped_column(Sealed)
    """JSON of what its document says; another content is an edit by hand. None: it comes from no document."""
    source: Mapped[str] = mapped_column(String(512))
    """Document it comes from; empty: a coordinator."""
    removed: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class KnowledgeRevision(Record):
    """One change of what the line knows. The highest number is what every process asks for to see whether it is behind."""

    __tablename__ = "knowledge_revision"
    __table_args__ = (UniqueConstraint("clinic", "number"),)

    clinic: Mapped[str] = mapped_column(String(128))
    number: Mapped[int]
    cause: Mapped[str] = mapped_column(String(16))
    """`publish`, `answer`, `edit`, `undo`."""
    draft_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_draft.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    undone: Mapped[bool] = mapped_column(default=False)


class KnowledgeChange(Record):
    """One item before and after a revision."""

    __tablename__ = "knowledge_change"

    revision_id: Mapped[str] = mapped_column(ForeignKey("knowledge_revision.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(255))
    before: Mapped[bytes | None] = mapped_column(Sealed)
    """JSON of the item; None: there was none."""
    after: Mapped[bytes | None] = mapped_column(Sealed)
