"""Groups of industries that an operations bureau looks at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "industry_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry_group")),
    )
    op.create_table(
        "industry_group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("industry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["industry_group.id"],
            name=op.f("fk_industry_group_member_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["industry_id"], ["industry.id"], name=op.f("fk_industry_group_member_industry_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "industry_id", name=op.f("pk_industry_group_member")),
        sa.UniqueConstraint("industry_id", name=op.f("uq_industry_group_member_industry_id")),
    )


def downgrade() -> None:
    op.drop_table("industry_group_member")
    op.drop_table("industry_group")
