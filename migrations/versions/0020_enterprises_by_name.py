"""Enterprises in the order of their names, as nearly every list of them begins."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_enterprise_name_id"), "enterprise", ["name", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_enterprise_name_id"), table_name="enterprise")
