"""People who are rung for a caller, and the ladder an urgent alert climbs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("call_sid", sa.String(64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=True),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(8), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_transfer_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transfer"),
        sa.UniqueConstraint("call_sid", "step", "place", name="uq_transfer_call_sid_step_place"),
    )
    op.create_index("ix_transfer_conversation_id", "transfer", ["conversation_id"])
    op.add_column("alert", sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alert", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_alert_next_at", "alert", ["next_at"])
