"""Pictures and voice messages, sealed in the record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("origin", sa.String(190), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("heard", sa.String(16), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_attachment_conversation_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("origin", name="uq_attachment_origin"),
    )
    op.create_index("ix_attachment_conversation_id", "attachment", ["conversation_id"])
    op.create_table(
        "attachment_piece",
        sa.Column("attachment_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name="fk_attachment_piece_attachment_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment_piece"),
        sa.UniqueConstraint("attachment_id", "place", name="uq_attachment_piece_attachment_id_place"),
    )
