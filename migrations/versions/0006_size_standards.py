"""Dated size standards, columns of lists kept with the account, and roles that exclude each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.infra import triggers
from app.organisations.guards import ROLE_GUARDS

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "size_standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_size_standard_reason")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_size_standard_created_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_size_standard")),
        sa.UniqueConstraint("code", name=op.f("uq_size_standard_code")),
        sa.UniqueConstraint("in_force_from", name=op.f("uq_size_standard_in_force_from")),
    )

    op.create_table(
        "size_threshold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("size_group", sa.String(length=5), nullable=False),
        sa.Column("metric", sa.String(length=10), nullable=False),
        sa.Column("large", sa.BigInteger(), nullable=False),
        sa.Column("medium", sa.BigInteger(), nullable=False),
        sa.Column("small", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "metric IN ('revenue', 'employees', 'assets')", name=op.f("ck_size_threshold_metric")
        ),
        sa.CheckConstraint(
            "0 < small AND small < medium AND medium < large", name=op.f("ck_size_threshold_bands")
        ),
        sa.ForeignKeyConstraint(
            ["standard_id"],
            ["size_standard.id"],
            name=op.f("fk_size_threshold_standard_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_size_threshold")),
        sa.UniqueConstraint(
            "standard_id",
            "size_group",
            "metric",
            name=op.f("uq_size_threshold_standard_id_size_group_metric"),
        ),
    )

    op.create_table(
        "list_preference",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_list_preference_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "list_name", name=op.f("pk_list_preference")),
    )
    triggers.ensure(op.get_bind(), ROLE_GUARDS)


def downgrade() -> None:
    triggers.drop(op.get_bind(), ROLE_GUARDS)
    op.drop_table("list_preference")
    op.drop_table("size_threshold")
    op.drop_table("size_standard")
