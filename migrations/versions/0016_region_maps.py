"""Maps of the territory that charts are drawn on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "region_map",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("approval_number", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("in_use", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("unmatched", sa.Text(), server_default="", nullable=False),
        sa.Column("shapes_id", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_region_map_title")),
        sa.CheckConstraint("approval_number <> ''", name=op.f("ck_region_map_approval_number")),
        sa.CheckConstraint("codes <> ''", name=op.f("ck_region_map_codes")),
        sa.ForeignKeyConstraint(["shapes_id"], ["stored_file.id"], name=op.f("fk_region_map_shapes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_map")),
        sa.UniqueConstraint("shapes_id", name=op.f("uq_region_map_shapes_id")),
    )


def downgrade() -> None:
    # the bytes go with the next sweep: their rows stay, with their time run out
    op.execute(
        "UPDATE stored_file SET expires_at = created_at WHERE id IN (SELECT shapes_id FROM region_map)"
    )
    op.drop_table("region_map")
