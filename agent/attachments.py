"""What came with a conversation beside words: noted in the turn's own transaction, fetched later, kept once, forgotten by the vendor.

Three kinds of outbox rows carry it on, and like every row each is tried until it is done or a person has a task:

    fetch_attachment     payload attachment; the vendor's copy is brought into the record
    forget_attachment    payload attachment; the vendor deletes its copy
    read_voicemail       payload attachment; the words of a voice message, by `agent.voicemails`

Whoever carries a row may be killed at any moment: what a step does is written together with the row of the next step, and only while the
attachment stands where the step found it. A second attempt finds that it moved on and does nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent import file_kinds, outbox, tasks
from agent.attached import Attachment, AttachmentPiece
from agent.columns import aad, seal, unseal, vault_of
from agent.file_kinds import FileKind
from agent.models import new_id
from agent.vault import VaultError

MOST = 10
"""Files taken from one message, by Twilio's own limit."""
LARGEST = 6_000_000
"""Bytes of one. Twilio carries 5 MB; three minutes of a call are 3."""
FETCH, FORGET, READ = "fetch_attachment", "forget_attachment", "read_voicemail"
_PIECE = 262_144
VOICEMAIL, PICTURE = "voicemail", "picture"


class Standing(StrEnum):
    """Where an attachment stands."""

    COMING = "coming"
    """At the vendor."""
    KEPT = "kept"
    BLOCKED = "blocked"
    """Of a kind or size we do not keep, or from a place we do not fetch from; nothing of it is here."""
    LOST = "lost"
    """The vendor has it no more, or gave it to nobody."""


@dataclass(frozen=True, slots=True)
class Came:
    """Files that came with one turn."""

    kind: str
    """`picture`, `voicemail`."""
    message_id: str
    """The vendor's."""
    urls: tuple[str, ...]
    declared: tuple[str, ...]
    """What the vendor says each of them is; may be shorter."""
    call: str | None
    conversation_id: str
    reference: str
    message: int
    """Number of the caller's message."""
    room: int = MOST
    """How many more the conversation takes."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An attachment as those who carry it need it."""

    id: str
    kind: str
    standing: str
    url: str
    call: str | None
    message_id: str
    conversation_id: str
    heard: str | None
    forgotten: bool


def expect(session: Session, came: Came, now: datetime) -> None:
    """Note what is to be fetched, in the transaction of the turn it came with."""
    room = came.room
    for number, url in enumerate(came.urls[:MOST], start=1):
        declared = came.declared[number - 1] if number <= len(came.declared) else ""
        row = Attachment(
            id=new_id(), conversation_id=came.conversation_id, origin=f"{came.message_id}:{number}", kind=came.kind,
            standing=Standing.COMING, message=came.message, came_at=now,
        )  # fmt: skip
        seal(session, row, "about", json.dumps({"url": url, "call": came.call}))
        session.add(row)
        refused = None if came.kind == VOICEMAIL else "kind" if not file_kinds.promises_a_picture(declared) else None if room > 0 else "many"
        if refused:
            row.standing, row.reason = Standing.BLOCKED, refused
        else:
            room -= 1
        _next(session, row, FORGET if refused else FETCH, came.reference, now)


def voicemail_task(session: Session, came: Came, lead_id: str | None, due_on: date, now: datetime) -> None:
    """A coordinator is to listen to it."""
    about = {"conversation_id": came.conversation_id, "lead_id": lead_id}
    tasks.add(session, VOICEMAIL, key=f"{VOICEMAIL}:{came.message_id}", due_on=due_on, now=now, **about)


def noted(session: Session, attachment_id: str) -> Noted | None:
    """None: it was deleted. Raises VaultError."""
    row = session.get(Attachment, attachment_id)
    if row is None:
        return None
    about = _about(session, row)
    message_id = row.origin.rpartition(":")[0]
    return Noted(
        row.id, row.kind, row.standing, about["url"], about["call"], message_id, row.conversation_id, row.heard, row.forgotten_at is not None
    )


def keep(session: Session, attachment_id: str, content: bytes, kind: FileKind, reference: str | None, now: datetime) -> bool:
    """Its bytes are here: from now on the vendor need not have them. False when somebody else was faster."""
    row = _coming(session, attachment_id)
    if row is None:
        return False
    vault = vault_of(session)
    for place, at in enumerate(range(0, len(content), _PIECE), start=1):
        piece_id = new_id()
        sealed = vault.seal_bytes(content[at : at + _PIECE], aad("attachment_piece", "content", piece_id))
        session.add(AttachmentPiece(id=piece_id, attachment_id=row.id, place=place, content=sealed))
    seal(session, row, "about", json.dumps({**_about(session, row), "sha256": hashlib.sha256(content).hexdigest()}))
    row.standing, row.media_type, row.size, row.kept_at = Standing.KEPT, kind.media_type, len(content), now
    _next(session, row, FORGET, reference, now)
    if row.kind == VOICEMAIL:
        _next(session, row, READ, reference, now)
    return True


def refuse(session: Session, attachment_id: str, standing: Standing, reason: str, reference: str | None, now: datetime) -> bool:
    """It will not be kept. False when somebody else was faster. What we do not keep, nobody else keeps for us either."""
    row = _coming(session, attachment_id)
    if row is None:
        return False
    row.standing, row.reason = standing, reason[:32]
    if standing is Standing.BLOCKED:
        _next(session, row, FORGET, reference, now)
    if row.kind == VOICEMAIL:
        _next(session, row, READ, reference, now)
    return True


def forgotten(session: Session, attachment_id: str, now: datetime) -> None:
    """The vendor's copy is gone."""
    row = session.get(Attachment, attachment_id)
    if row is not None and row.forgotten_at is None:
        row.forgotten_at = now


def heard(session: Session, attachment_id: str, how: str) -> None:
    """A voice message was read, or nobody could: `transcribed`, `not_transcribed`."""
    row = session.get(Attachment, attachment_id)
    if row is not None and row.heard is None:
        row.heard = how


def contents(session: Session, attachment_id: str) -> bytes:
    """Its bytes. Raises VaultError when they are not those that were kept."""
    row = session.get_one(Attachment, attachment_id)
    vault = vault_of(session)
    pieces = session.scalars(select(AttachmentPiece).where(AttachmentPiece.attachment_id == row.id).order_by(AttachmentPiece.place))
    content = b"".join(vault.open_bytes(piece.content, aad("attachment_piece", "content", piece.id)) for piece in pieces)
    if hashlib.sha256(content).hexdigest() != _about(session, row).get("sha256"):
        raise VaultError("an attachment is not what was kept: a piece is missing, or was put elsewhere")
    return content


def listed(session: Session, conversation_ids: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    """Attachments by conversation, oldest first, as a lead shows them; without their bytes."""
    shown: dict[str, list[dict[str, Any]]] = {conversation_id: [] for conversation_id in conversation_ids}
    rows = session.scalars(select(Attachment).where(Attachment.conversation_id.in_(conversation_ids)).order_by(Attachment.id))
    for row in rows:
        shown[row.conversation_id].append(
            {
                "id": row.id,
                "kind": row.kind,
                "state": row.standing,
                "reason": row.reason,
                "media_type": row.media_type,
                "size": row.size,
                "message": row.message,
                "heard": row.heard,
                "at": outbox.iso(row.came_at),
                "deleted_at_vendor": outbox.iso(row.forgotten_at) if row.forgotten_at else None,
            }
        )
    return shown


def _coming(session: Session, attachment_id: str) -> Attachment | None:
    waiting = (Attachment.id == attachment_id, Attachment.standing == Standing.COMING)
    return session.scalars(select(Attachment).where(*waiting).with_for_update()).one_or_none()


def _about(session: Session, row: Attachment) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(unseal(session, row, "about") or "{}")
    return about


def _next(session: Session, row: Attachment, kind: str, reference: str | None, now: datetime) -> None:
    transport = outbox.EARS if kind == READ else outbox.MEDIA
    outbox.put(
        session, kind=kind, transport=transport, to=None, payload={"attachment": row.id}, dedupe_key=f"{kind}:{row.origin}", due_at=now,
        reference=reference, conversation_id=row.conversation_id,
    )  # fmt: skip
