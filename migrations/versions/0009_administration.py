"""Withdrawable settings, the working-day calendar, validity of dictionary entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DICTIONARIES = ("control_type", "industry", "registration_type")


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("year BETWEEN 1949 AND 2199", name=op.f("ck_calendar_year_year")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    with op.batch_alter_table("setting_change") as batch:
        batch.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("withdrawal_reason", sa.String(length=200), server_default="", nullable=False)
        )
        batch.create_foreign_key(
            op.f("fk_setting_change_withdrawn_by_id"), "account", ["withdrawn_by_id"], ["id"]
        )
        batch.create_check_constraint(
            op.f("ck_setting_change_withdrawal"), "withdrawn_at IS NULL OR withdrawal_reason <> ''"
        )
        batch.create_check_constraint(
            op.f("ck_setting_change_in_time"), "withdrawn_at IS NULL OR withdrawn_at < valid_from"
        )
    for table in DICTIONARIES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
            batch.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
            batch.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
            if table == "registration_type":
                batch.add_column(sa.Column("position", sa.Integer(), server_default="0", nullable=False))
            batch.create_check_constraint(
                op.f(f"ck_{table}_validity"),
                "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            )


def downgrade() -> None:
    for table in reversed(DICTIONARIES):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_validity"), type_="check")
            if table == "registration_type":
                batch.drop_column("position")
            batch.drop_column("version")
            batch.drop_column("valid_until")
            batch.drop_column("valid_from")
    with op.batch_alter_table("setting_change") as batch:
        batch.drop_constraint(op.f("ck_setting_change_in_time"), type_="check")
        batch.drop_constraint(op.f("ck_setting_change_withdrawal"), type_="check")
        batch.drop_constraint(op.f("fk_setting_change_withdrawn_by_id"), type_="foreignkey")
        batch.drop_column("withdrawal_reason")
        batch.drop_column("withdrawn_by_id")
        batch.drop_column("withdrawn_at")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
