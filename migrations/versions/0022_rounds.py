"""When the next round of a questionnaire is due, and reminders to its respondents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("questionnaire", sa.Column("next_round_at", sa.DateTime(timezone=True), nullable=True))
    due = sa.text("next_round_at IS NOT NULL")
    op.create_index(
        "ix_questionnaire_next_round_at",
        "questionnaire",
        ["next_round_at"],
        postgresql_where=due,
        sqlite_where=due,
    )
    op.create_table(
        "questionnaire_reminder",
        sa.Column("id", KEY, nullable=False),
        sa.Column("respondent_id", KEY, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("bureau_name", sa.String(length=80), server_default="", nullable=False),
        sa.CheckConstraint(
            "channel IN ('inbox', 'sms', 'email')", name=op.f("ck_questionnaire_reminder_channel")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_questionnaire_reminder_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["questionnaire_respondent.id"],
            name=op.f("fk_questionnaire_reminder_respondent_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_reminder")),
        sa.UniqueConstraint(
            "respondent_id",
            "channel",
            "day",
            name=op.f("uq_questionnaire_reminder_respondent_id_channel_day"),
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_reminder_respondent_id_at"), "questionnaire_reminder", ["respondent_id", "at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_questionnaire_reminder_respondent_id_at"), table_name="questionnaire_reminder")
    op.drop_table("questionnaire_reminder")
    op.drop_index("ix_questionnaire_next_round_at", table_name="questionnaire")
    op.drop_column("questionnaire", "next_round_at")
