"""Reports as they were returned, and the usual reasons of a bureau for returning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.infra import triggers
from app.reports.review_models import SNAPSHOT_GUARDS

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_snapshot",
        sa.Column("id", KEY, nullable=False),
        sa.Column("report_id", KEY, nullable=False),
        sa.Column("step_id", KEY, nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_version_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("content <> ''", name=op.f("ck_report_snapshot_content")),
        sa.ForeignKeyConstraint(
            ["enterprise_version_id"],
            ["enterprise_version.id"],
            name=op.f("fk_report_snapshot_enterprise_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_version.id"], name=op.f("fk_report_snapshot_form_version_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_snapshot_report_id")),
        sa.ForeignKeyConstraint(["step_id"], ["report_step.id"], name=op.f("fk_report_snapshot_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_snapshot")),
        sa.UniqueConstraint("step_id", name=op.f("uq_report_snapshot_step_id")),
    )
    op.create_index(op.f("ix_report_snapshot_report_id_id"), "report_snapshot", ["report_id", "id"])
    op.create_table(
        "return_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=150), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_return_reason_text")),
        sa.CheckConstraint("position BETWEEN 1 AND 999", name=op.f("ck_return_reason_position")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_return_reason_bureau_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_reason")),
        sa.UniqueConstraint("bureau_id", "text", name=op.f("uq_return_reason_bureau_id_text")),
    )
    triggers.ensure(op.get_bind(), SNAPSHOT_GUARDS)


def downgrade() -> None:
    triggers.drop(op.get_bind(), SNAPSHOT_GUARDS)
    op.drop_table("return_reason")
    op.drop_table("report_snapshot")
