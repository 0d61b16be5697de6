"""Admissions of calls to the media socket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "stream",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("call_sid", sa.String(64), nullable=False),
        sa.Column("account_sid", sa.String(64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("preface", sa.String(128), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_step", sa.Integer(), nullable=True),
        sa.Column("wish", sa.String(16), nullable=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stream"),
        sa.UniqueConstraint("token_hash", name="uq_stream_token_hash"),
    )
    op.create_index("ix_stream_call_sid", "stream", ["call_sid"])
    op.create_index("ix_stream_expires_at", "stream", ["expires_at"])
