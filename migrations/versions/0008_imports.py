"""Batches of imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "import_batch",
        sa.Column("id", key, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("spec", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("file_id", key, nullable=False),
        sa.Column("language", sa.String(length=5), server_default="zh", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("mode", sa.String(length=5), server_default="", nullable=False),
        sa.Column("encoding", sa.String(length=10), server_default="", nullable=False),
        sa.Column("counted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("check_job_id", key, nullable=True),
        sa.Column("apply_job_id", key, nullable=True),
        sa.Column("confirmations", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_import_batch_finished")
        ),
        sa.CheckConstraint("mode IN ('', 'all', 'valid')", name=op.f("ck_import_batch_mode")),
        sa.CheckConstraint("state = 'done' OR written = 0", name=op.f("ck_import_batch_written_when_done")),
        sa.CheckConstraint(
            "state IN ('checking', 'ready', 'refused', 'applying', 'done', 'cancelled')",
            name=op.f("ck_import_batch_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('applying', 'done') OR mode <> ''", name=op.f("ck_import_batch_confirmed")
        ),
        sa.CheckConstraint(
            "valid >= 0 AND valid <= counted AND written <= valid", name=op.f("ck_import_batch_counts")
        ),
        sa.ForeignKeyConstraint(["apply_job_id"], ["job.id"], name=op.f("fk_import_batch_apply_job_id")),
        sa.ForeignKeyConstraint(["check_job_id"], ["job.id"], name=op.f("fk_import_batch_check_job_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_import_batch_file_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_import_batch_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint(
            "owner_id", "idempotency_key", name=op.f("uq_import_batch_owner_id_idempotency_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_batch_public_id")),
    )
    op.create_index(op.f("ix_import_batch_apply_job_id"), "import_batch", ["apply_job_id"])
    op.create_index(op.f("ix_import_batch_check_job_id"), "import_batch", ["check_job_id"])
    op.create_index(op.f("ix_import_batch_file_id"), "import_batch", ["file_id"])
    op.create_index("ix_import_batch_owner_id_created_at", "import_batch", ["owner_id", "created_at"])


def downgrade() -> None:
    op.drop_table("import_batch")
