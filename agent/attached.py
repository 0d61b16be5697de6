"""Tables of what came with a conversation beside words: pictures, documents, voice messages.

Their bytes lie sealed in the database and not in files: every process on every machine reads them, a backup holds them, changed keys
reach them, and whoever deletes a conversation has deleted them. They are cut into pieces so that no row is large.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent.columns import Moment, Sealed
from agent.models import Record


class Attachment(Record):
    """One picture, document or voice message."""

    __tablename__ = "attachment"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(190), unique=True)
    """The vendor's id of what it came with, and which of several it was."""
    kind: Mapped[str] = mapped_column(String(16))
    """`picture` (documents too), `voicemail`."""
    standing: Mapped[str] = mapped_column(String(16))
    """`agent.attachments.Standing`."""
    reason: Mapped[str | None] = mapped_column(String(32))
    """Why it was not kept: `kind`, `size`, `many`, `place`, `gone`, or an error's code."""
    message: Mapped[int]
    """Number of the caller's message it came with."""
    media_type: Mapped[str | None] = mapped_column(String(64))
    """What its first bytes say it is."""
    size: Mapped[int | None]
    """Bytes."""
    about: Mapped[bytes] = mapped_column(Sealed)
    """JSON: `url` at the vendor, `call` of a voice message, `sha256` of the bytes."""
    heard: Mapped[str | None] = mapped_column(String(16))
    """Of a voice message: `transcribed`, or `not_transcribed` where nobody could; None until somebody tried."""
    came_at: Mapped[datetime] = mapped_column(Moment)
    kept_at: Mapped[datetime | None] = mapped_column(Moment)
    forgotten_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the vendor deleted its copy."""


class AttachmentPiece(Record):
    """A stretch of an attachment's bytes."""

    __tablename__ = "attachment_piece"
    __table_args__ = (UniqueConstraint("attachment_id", "place"),)

    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"))
    place: Mapped[int]
    """From 1."""
    content: Mapped[bytes] = mapped_column(Sealed)
