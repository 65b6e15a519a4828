"""Warning points with their staff, and the dictionaries of early warnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "country",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("alpha3", sa.String(length=3), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("members", sa.String(length=200), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('country', 'bloc')", name=op.f("ck_country_kind")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_country_validity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country")),
        sa.UniqueConstraint("code", name=op.f("uq_country_code")),
    )
    op.create_table(
        "hs_chapter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_hs_chapter_validity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hs_chapter")),
        sa.UniqueConstraint("code", name=op.f("uq_hs_chapter_code")),
    )
    op.create_table(
        "trade_sector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("chapters", sa.String(length=200), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_trade_sector_validity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_sector")),
        sa.UniqueConstraint("code", name=op.f("uq_trade_sector_code")),
    )
    op.create_table(
        "warning_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("field", sa.JSON(), nullable=False),
        sa.Column("is_remedy", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until",
            name=op.f("ck_warning_category_validity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_category")),
        sa.UniqueConstraint("code", name=op.f("uq_warning_category_code")),
    )
    op.create_table(
        "warning_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("sector_id", sa.Integer(), nullable=True),
        sa.Column("introduction", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.String(length=120), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "level IN ('national', 'province', 'prefecture')", name=op.f("ck_warning_point_level")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_warning_point_name")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_warning_point_state")),
        sa.CheckConstraint("batch BETWEEN 1 AND 99", name=op.f("ck_warning_point_batch")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_warning_point_account_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_warning_point_region_id")),
        sa.ForeignKeyConstraint(["sector_id"], ["trade_sector.id"], name=op.f("fk_warning_point_sector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_point")),
        sa.UniqueConstraint("account_id", name=op.f("uq_warning_point_account_id")),
        sa.UniqueConstraint("name_key", name=op.f("uq_warning_point_name_key")),
    )
    op.create_index(op.f("ix_warning_point_region_id_state"), "warning_point", ["region_id", "state"])
    op.create_index(op.f("ix_warning_point_sector_id"), "warning_point", ["sector_id"])

    op.create_table(
        "warning_point_staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=40), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("mobile", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.String(length=100), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("duty IN ('head', 'staff')", name=op.f("ck_warning_point_staff_duty")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_warning_point_staff_name")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["warning_point.id"], name=op.f("fk_warning_point_staff_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_point_staff")),
        sa.UniqueConstraint(
            "point_id", "duty", "name", name=op.f("uq_warning_point_staff_point_id_duty_name")
        ),
    )


def downgrade() -> None:
    op.drop_table("warning_point_staff")
    op.drop_table("warning_point")
    op.drop_table("warning_category")
    op.drop_table("trade_sector")
    op.drop_table("hs_chapter")
    op.drop_table("country")
