"""What the line knows beyond the clinic's folder: imported documents, answers of coordinators, and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "knowledge_draft",
        sa.Column("clinic", sa.String(128), nullable=False),
        sa.Column("source", sa.String(512), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_draft"),
    )
    op.create_index("ix_knowledge_draft_source", "knowledge_draft", ["clinic", "source"])
    op.create_table(
        "knowledge_item",
        sa.Column("clinic", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(512), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_item"),
        sa.UniqueConstraint("clinic", "kind", "key", name="uq_knowledge_item_clinic_kind_key"),
    )
    op.create_table(
        "knowledge_revision",
        sa.Column("clinic", sa.String(128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("draft_id", sa.String(36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["knowledge_draft.id"], name="fk_knowledge_revision_draft_id"),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_revision"),
        sa.UniqueConstraint("clinic", "number", name="uq_knowledge_revision_clinic_number"),
    )
    op.create_table(
        "knowledge_change",
        sa.Column("revision_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["knowledge_revision.id"], name="fk_knowledge_change_revision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_change"),
    )
    op.create_index("ix_knowledge_change_revision_id", "knowledge_change", ["revision_id"])
