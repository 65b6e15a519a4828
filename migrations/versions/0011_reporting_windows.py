"""Reporting windows: closing of forms, dates of single months, timed unfreezes and the right to grant them.

A form that was due before it opened, which nothing refused so far, becomes due on the day it opens.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.infra import triggers
from app.reports.guards import FORM_GUARDS, UNFREEZE_GUARDS

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REBUILT = tuple(guard for guard in FORM_GUARDS if guard.table == "report_form")
"""SQLite rebuilds the table of forms, and its triggers with it."""


def upgrade() -> None:
    op.execute("UPDATE report_form SET due_day = opens_day WHERE due_day < opens_day")
    with op.batch_alter_table("report_form") as batch:
        batch.add_column(sa.Column("closes_after_days", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_report_form_window"), "opens_day <= due_day")
        batch.create_check_constraint(op.f("ck_report_form_closing"), "closes_after_days BETWEEN 0 AND 366")
    with op.batch_alter_table("bureau_admin") as batch:
        batch.add_column(
            sa.Column("unfreeze_reports", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
    _create_report_period()
    _create_report_unfreeze()


def _create_report_period() -> None:
    op.create_table(
        "report_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("opens_on <= due_on", name=op.f("ck_report_period_due")),
        sa.CheckConstraint("closes_on IS NULL OR due_on <= closes_on", name=op.f("ck_report_period_closing")),
        sa.CheckConstraint("period BETWEEN 190001 AND 999912", name=op.f("ck_report_period_period")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_report_period_reason")),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_report_period_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_period")),
        sa.UniqueConstraint("form_id", "period", name=op.f("uq_report_period_form_id_period")),
    )


def _create_report_unfreeze() -> None:
    op.create_table(
        "report_unfreeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_by", sa.String(length=100), nullable=False),
        sa.Column("granted_bureau", sa.String(length=80), server_default="", nullable=False),
        sa.Column("granted_level", sa.String(length=12), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.String(length=100), server_default="", nullable=False),
        sa.Column("end_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(enterprise_id IS NULL) <> (region_id IS NULL)", name=op.f("ck_report_unfreeze_target")
        ),
        sa.CheckConstraint("period BETWEEN 190001 AND 999912", name=op.f("ck_report_unfreeze_period")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_report_unfreeze_reason")),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name=op.f("ck_report_unfreeze_ended")),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_report_unfreeze_form_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_report_unfreeze_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_report_unfreeze_region_id")),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["account.id"], name=op.f("fk_report_unfreeze_granted_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_report_unfreeze_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_unfreeze")),
    )
    for columns in (("form_id", "period"), ("enterprise_id",), ("region_id",)):
        name = op.f("ix_report_unfreeze_" + "_".join(columns))
        op.create_index(name, "report_unfreeze", list(columns))
    triggers.ensure(op.get_bind(), (*REBUILT, *UNFREEZE_GUARDS))


def downgrade() -> None:
    triggers.drop(op.get_bind(), UNFREEZE_GUARDS)
    op.drop_table("report_unfreeze")
    op.drop_table("report_period")
    with op.batch_alter_table("bureau_admin") as batch:
        batch.drop_column("unfreeze_reports")
    with op.batch_alter_table("report_form") as batch:
        batch.drop_constraint(op.f("ck_report_form_closing"), type_="check")
        batch.drop_constraint(op.f("ck_report_form_window"), type_="check")
        batch.drop_column("closes_after_days")
    triggers.ensure(op.get_bind(), REBUILT)
