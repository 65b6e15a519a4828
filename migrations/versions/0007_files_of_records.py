"""Files of records, and who sent a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stored_file") as batch:
        batch.add_column(sa.Column("uploaded_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_stored_file_uploaded_by_id"), "account", ["uploaded_by_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(
        "ix_stored_file_uploaded_by_id_expires_at", "stored_file", ["uploaded_by_id", "expires_at"]
    )

    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("entity <> ''", name=op.f("ck_attachment_entity")),
        sa.CheckConstraint("position > 0", name=op.f("ck_attachment_position")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_attachment_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("file_id", name=op.f("uq_attachment_file_id")),
    )
    op.create_index(
        "ix_attachment_entity_owner_id_field_position",
        "attachment",
        ["entity", "owner_id", "field", "position"],
    )


def downgrade() -> None:
    op.drop_index("ix_attachment_entity_owner_id_field_position", table_name="attachment")

    op.drop_table("attachment")
    op.drop_index("ix_stored_file_uploaded_by_id_expires_at", table_name="stored_file")
    with op.batch_alter_table("stored_file") as batch:
        batch.drop_constraint(op.f("fk_stored_file_uploaded_by_id"), type_="foreignkey")
        batch.drop_column("uploaded_by_id")
