"""Reminders of reports, and an index that answers how many reports of a month and place are in which state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("bureau_name", sa.String(length=80), server_default="", nullable=False),
        sa.CheckConstraint("channel IN ('inbox', 'sms', 'email')", name=op.f("ck_report_reminder_channel")),
        sa.CheckConstraint("period BETWEEN 190001 AND 999912", name=op.f("ck_report_reminder_period")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_reminder_account_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk_report_reminder_enterprise_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_report_reminder_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reminder")),
        sa.UniqueConstraint(
            "form_id",
            "period",
            "enterprise_id",
            "channel",
            "day",
            name=op.f("uq_report_reminder_form_id_period_enterprise_id_channel_day"),
        ),
    )
    op.create_index(
        op.f("ix_report_reminder_enterprise_id_at"), "report_reminder", ["enterprise_id", "at"], unique=False
    )
    op.drop_index(op.f("ix_report_period_region_id"), table_name="report")
    op.create_index(
        op.f("ix_report_period_region_id_state_form_id_enterprise_id"),
        "report",
        ["period", "region_id", "state", "form_id", "enterprise_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_report_period_region_id_state_form_id_enterprise_id"), table_name="report")
    op.create_index(op.f("ix_report_period_region_id"), "report", ["period", "region_id"], unique=False)
    op.drop_index(op.f("ix_report_reminder_enterprise_id_at"), table_name="report_reminder")
    op.drop_table("report_reminder")
