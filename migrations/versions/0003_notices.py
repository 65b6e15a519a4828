"""Notices with their readers, and the key of an inbox message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("on_top", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("must_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unplaced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("edition", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("publisher", sa.String(length=100), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'draft') = (edition = 0)", name=op.f("ck_notice_edition")),
        sa.CheckConstraint("(state = 'draft') = (published_at IS NULL)", name=op.f("ck_notice_published")),
        sa.CheckConstraint("kind IN ('bureau', 'platform')", name=op.f("ck_notice_kind")),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_notice_state")),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name=op.f("fk_notice_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_author_id"), "notice", ["author_id"])
    op.create_index(op.f("ix_notice_state_published_at"), "notice", ["state", "published_at"])

    op.create_table(
        "notice_audience",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_audience_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "kind", name=op.f("pk_notice_audience")),
    )
    op.create_table(
        "notice_reader",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "acknowledged_at IS NULL OR read_at IS NOT NULL", name=op.f("ck_notice_reader_acknowledged")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_reader_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_reader_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_reader")),
        sa.UniqueConstraint(
            "notice_id", "edition", "account_id", name=op.f("uq_notice_reader_notice_id_edition_account_id")
        ),
    )
    op.create_index(op.f("ix_notice_reader_account_id"), "notice_reader", ["account_id"])

    op.create_table(
        "notice_region",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_region_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_notice_region_region_id")),
        sa.PrimaryKeyConstraint("notice_id", "region_id", name=op.f("pk_notice_region")),
    )
    op.create_index(op.f("ix_notice_region_region_id"), "notice_region", ["region_id"])

    op.create_table(
        "notice_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.String(length=500), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_notice_step_account_id")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_step_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_step")),
    )
    op.create_index(op.f("ix_notice_step_notice_id"), "notice_step", ["notice_id"])

    with op.batch_alter_table("inbox_message") as batch_op:
        batch_op.add_column(sa.Column("key", sa.String(length=60), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_inbox_message_key_account_id"), ["key", "account_id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("inbox_message") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_inbox_message_key_account_id"), type_="unique")
        batch_op.drop_column("key")

    op.drop_index(op.f("ix_notice_step_notice_id"), table_name="notice_step")

    op.drop_table("notice_step")
    op.drop_index(op.f("ix_notice_region_region_id"), table_name="notice_region")

    op.drop_table("notice_region")
    op.drop_index(op.f("ix_notice_reader_account_id"), table_name="notice_reader")

    op.drop_table("notice_reader")
    op.drop_table("notice_audience")
    op.drop_index(op.f("ix_notice_state_published_at"), table_name="notice")
    op.drop_index(op.f("ix_notice_author_id"), table_name="notice")

    op.drop_table("notice")
