"""The spine: accounts, territory, enterprises, forms, reports, jobs, audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.infra import triggers
from app.infra.triggers import AUDIT_GUARDS
from app.organisations.guards import ROLE_GUARDS
from app.reports.guards import FORM_GUARDS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = (*AUDIT_GUARDS, *ROLE_GUARDS, *FORM_GUARDS)
"""Those of tables that this migration makes; a later table brings its own."""


def upgrade() -> None:
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_group_name")),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_permission_name")),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_register_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_register_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_register_user_username")),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_role")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_role_name")),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_changed_by_fk")),
        sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_created_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_user_username")),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_view_menu")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_view_menu_name")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_key", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_account_id_at", "audit_entry", ["account_id", "at"], unique=False)
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_entity", "audit_entry", ["entity", "entity_key"], unique=False)
    op.create_table(
        "control_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_type")),
        sa.UniqueConstraint("code", name=op.f("uq_control_type_code")),
    )
    op.create_table(
        "industry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("section", sa.String(length=1), nullable=False),
        sa.Column("division", sa.String(length=2), server_default="", nullable=False),
        sa.Column("is_industrial", sa.Boolean(), nullable=False),
        sa.Column("sector", sa.Integer(), nullable=False),
        sa.Column("size_group", sa.String(length=5), nullable=False),
        sa.CheckConstraint("(level = 1) = (parent_id IS NULL)", name=op.f("ck_industry_root")),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_industry_level")),
        sa.CheckConstraint("sector BETWEEN 1 AND 3", name=op.f("ck_industry_sector")),
        sa.ForeignKeyConstraint(["parent_id"], ["industry.id"], name=op.f("fk_industry_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry")),
        sa.UniqueConstraint("code", name=op.f("uq_industry_code")),
    )
    op.create_index(op.f("ix_industry_parent_id_code"), "industry", ["parent_id", "code"], unique=False)
    op.create_index(op.f("ix_industry_section"), "industry", ["section"], unique=False)
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("strong_exporter", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(level = 'country') = (parent_id IS NULL)", name=op.f("ck_region_root")),
        sa.CheckConstraint(
            "kind IN ('admin', 'functional_zone', 'statistical', 'placeholder', 'alias')",
            name=op.f("ck_region_kind"),
        ),
        sa.CheckConstraint(
            "level IN ('country', 'province', 'prefecture', 'county')", name=op.f("ck_region_level")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_region_dates")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
    )
    op.create_index(op.f("ix_region_parent_id_code"), "region", ["parent_id", "code"], unique=False)
    op.create_table(
        "registration_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=4), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("parent_code", sa.String(length=4), server_default="", nullable=False),
        sa.Column("selectable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("scheme IN ('2011', '2023')", name=op.f("ck_registration_type_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_type")),
        sa.UniqueConstraint("scheme", "code", name=op.f("uq_registration_type_scheme_code")),
    )
    op.create_table(
        "report_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("period_kind", sa.String(length=10), nullable=False),
        sa.Column("make_up_months", sa.Integer(), nullable=False),
        sa.Column("opens_day", sa.Integer(), nullable=False),
        sa.Column("due_day", sa.Integer(), nullable=False),
        sa.Column("schema_stamp", sa.String(length=16), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("period_kind IN ('month')", name=op.f("ck_report_form_period_kind")),
        sa.CheckConstraint("make_up_months >= 0", name=op.f("ck_report_form_make_up_months")),
        sa.CheckConstraint(
            "opens_day BETWEEN 1 AND 28 AND due_day BETWEEN 1 AND 28", name=op.f("ck_report_form_days")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_form")),
        sa.UniqueConstraint("code", name=op.f("uq_report_form_code")),
    )
    op.create_table(
        "security_stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_stamp")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_stored_file_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("path", name=op.f("uq_stored_file_path")),
    )
    op.create_index(op.f("ix_stored_file_expires_at"), "stored_file", ["expires_at"], unique=False)
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_ab_api_key_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_api_key")),
        sa.UniqueConstraint("lookup_hash", name=op.f("uq_ab_api_key_lookup_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ab_api_key_uuid")),
    )
    op.create_index("idx_api_key_lookup_hash", "ab_api_key", ["lookup_hash"], unique=True)
    op.create_index("idx_api_key_prefix", "ab_api_key", ["key_prefix"], unique=False)
    op.create_index("idx_api_key_user_id", "ab_api_key", ["user_id"], unique=False)
    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_group_role_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_group_role_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group_role")),
        sa.UniqueConstraint("group_id", "role_id", name=op.f("uq_ab_group_role_group_id_role_id")),
    )
    op.create_index("idx_group_id", "ab_group_role", ["group_id"], unique=False)
    op.create_index("idx_group_role_id", "ab_group_role", ["role_id"], unique=False)
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["ab_permission.id"], name=op.f("fk_ab_permission_view_permission_id")
        ),
        sa.ForeignKeyConstraint(
            ["view_menu_id"], ["ab_view_menu.id"], name=op.f("fk_ab_permission_view_view_menu_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view")),
        sa.UniqueConstraint(
            "permission_id", "view_menu_id", name=op.f("uq_ab_permission_view_permission_id_view_menu_id")
        ),
    )
    op.create_index("idx_permission_id", "ab_permission_view", ["permission_id"], unique=False)
    op.create_index("idx_view_menu_id", "ab_permission_view", ["view_menu_id"], unique=False)
    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_user_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_group_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_group")),
        sa.UniqueConstraint("user_id", "group_id", name=op.f("uq_ab_user_group_user_id_group_id")),
    )
    op.create_index("idx_user_group_id", "ab_user_group", ["group_id"], unique=False)
    op.create_index("idx_user_id", "ab_user_group", ["user_id"], unique=False)
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_user_role_role_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_role_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_ab_user_role_user_id_role_id")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("language", sa.String(length=5), server_default="zh", nullable=False),
        sa.Column("text_size", sa.String(length=10), server_default="normal", nullable=False),
        sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "kind IN ('platform', 'auditor', 'bureau', 'enterprise', 'point', 'centre', 'provider')",
            name=op.f("ck_account_kind"),
        ),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_account_language")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_account_state")),
        sa.CheckConstraint("text_size IN ('normal', 'large', 'larger')", name=op.f("ck_account_text_size")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_account_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("user_id", name=op.f("uq_account_user_id")),
    )
    op.create_index(op.f("ix_account_kind"), "account", ["kind"], unique=False)
    op.create_table(
        "bureau",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "level IN ('ministry', 'province', 'prefecture', 'county')", name=op.f("ck_bureau_level")
        ),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_bureau_state")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_bureau_region_id")),
        sa.ForeignKeyConstraint(["superior_id"], ["bureau.id"], name=op.f("fk_bureau_superior_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau")),
        sa.UniqueConstraint("id", "level", name=op.f("uq_bureau_id_level")),
        sa.UniqueConstraint("name_key", name=op.f("uq_bureau_name_key")),
    )
    op.create_index(op.f("ix_bureau_region_id"), "bureau", ["region_id"], unique=False)
    op.create_index(op.f("ix_bureau_superior_id"), "bureau", ["superior_id"], unique=False)
    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("effective_from", sa.Integer(), nullable=True),
        sa.Column("effective_to", sa.Integer(), nullable=True),
        sa.Column("tolerance", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (effective_from IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_form_version_published"),
        ),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_form_version_state")),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_form_version_effective")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_form_version_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_form_version_form_id_number")),
    )
    op.create_index(
        "uq_form_version_draft",
        "form_version",
        ["form_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "region_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ancestor_id", sa.Integer(), nullable=False),
        sa.Column("descendant_id", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["region.id"], name=op.f("fk_region_closure_ancestor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["region.id"], name=op.f("fk_region_closure_descendant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_closure")),
    )
    op.create_index(
        op.f("ix_region_closure_ancestor_id_descendant_id"),
        "region_closure",
        ["ancestor_id", "descendant_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_region_closure_descendant_id_depth"),
        "region_closure",
        ["descendant_id", "depth"],
        unique=False,
    )
    op.create_table(
        "region_successor",
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("region_id <> successor_id", name=op.f("ck_region_successor_other")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_region_successor_region_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["region.id"], name=op.f("fk_region_successor_successor_id")
        ),
        sa.PrimaryKeyConstraint("region_id", "successor_id", name=op.f("pk_region_successor")),
    )
    op.create_index(
        op.f("ix_region_successor_successor_id"), "region_successor", ["successor_id"], unique=False
    )
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["permission_view_id"],
            ["ab_permission_view.id"],
            name=op.f("fk_ab_permission_view_role_permission_view_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_permission_view_role_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view_role")),
        sa.UniqueConstraint(
            "permission_view_id",
            "role_id",
            name=op.f("uq_ab_permission_view_role_permission_view_id_role_id"),
        ),
    )
    op.create_index("idx_permission_view_id", "ab_permission_view_role", ["permission_view_id"], unique=False)
    op.create_index("idx_role_id", "ab_permission_view_role", ["role_id"], unique=False)
    op.create_table(
        "bureau_admin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("bulk_accept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("leapfrog_accept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("batch_import", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "level = 'province' OR NOT leapfrog_accept", name=op.f("ck_bureau_admin_leapfrog")
        ),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_bureau_admin_state")),
        sa.CheckConstraint("superior_id <> id", name=op.f("ck_bureau_admin_superior")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bureau_admin_account_id")),
        sa.ForeignKeyConstraint(
            ["bureau_id", "level"],
            ["bureau.id", "bureau.level"],
            name=op.f("fk_bureau_admin_bureau_id_level"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["superior_id"], ["bureau_admin.id"], name=op.f("fk_bureau_admin_superior_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_admin")),
        sa.UniqueConstraint("account_id", name=op.f("uq_bureau_admin_account_id")),
    )
    op.create_index(op.f("ix_bureau_admin_bureau_id"), "bureau_admin", ["bureau_id"], unique=False)
    op.create_index(op.f("ix_bureau_admin_superior_id"), "bureau_admin", ["superior_id"], unique=False)
    op.create_table(
        "bureau_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=40), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("duty IN ('leader', 'handler')", name=op.f("ck_bureau_contact_duty")),
        sa.ForeignKeyConstraint(
            ["bureau_id"], ["bureau.id"], name=op.f("fk_bureau_contact_bureau_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_contact")),
    )
    op.create_index(op.f("ix_bureau_contact_bureau_id"), "bureau_contact", ["bureau_id"], unique=False)
    op.create_table(
        "form_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('grid', 'rows')", name=op.f("ck_form_section_kind")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["form_version.id"], name=op.f("fk_form_section_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_section")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_form_section_id_version_id")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_form_section_version_id_code")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=41), nullable=False),
        sa.Column("section_code", sa.String(length=20), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("first_version_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("scale BETWEEN 0 AND 6", name=op.f("ck_indicator_scale")),
        sa.ForeignKeyConstraint(
            ["first_version_id"], ["form_version.id"], name=op.f("fk_indicator_first_version_id")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_indicator_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("form_id", "code", name=op.f("uq_indicator_form_id_code")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('queued', 'running')) = (finished_at IS NULL)", name=op.f("ck_job_finished")
        ),
        sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name=op.f("ck_job_failed_says_why")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('queued', 'running') OR lease_until IS NOT NULL",
            name=op.f("ck_job_open_has_lease"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_job_owner_id")),
        sa.ForeignKeyConstraint(["result_id"], ["stored_file.id"], name=op.f("fk_job_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint(
            "owner_id", "kind", "idempotency_key", name=op.f("uq_job_owner_id_kind_idempotency_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
    )
    op.create_index("ix_job_owner_id_created_at", "job", ["owner_id", "created_at"], unique=False)
    op.create_index(op.f("ix_job_result_id"), "job", ["result_id"], unique=False)
    op.create_index("ix_job_state_lease_until", "job", ["state", "lease_until"], unique=False)
    op.create_index(
        "uq_job_system_kind_idempotency_key",
        "job",
        ["kind", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.create_table(
        "report_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("applies_to", sa.String(length=10), nullable=False),
        sa.Column("section_code", sa.String(length=20), nullable=False),
        sa.Column("months", sa.JSON(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("expression", sa.String(length=1000), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "applies_to IN ('all', 'industrial', 'visible')", name=op.f("ck_report_rule_applies_to")
        ),
        sa.CheckConstraint("severity IN ('hard', 'soft', 'hint')", name=op.f("ck_report_rule_severity")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["form_version.id"], name=op.f("fk_report_rule_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_rule")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_report_rule_version_id_code")),
    )
    op.create_table(
        "admin_region",
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["bureau_admin.id"], name=op.f("fk_admin_region_admin_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_admin_region_region_id")),
        sa.PrimaryKeyConstraint("admin_id", "region_id", name=op.f("pk_admin_region")),
    )
    op.create_index(op.f("ix_admin_region_region_id"), "admin_region", ["region_id"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("direct_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default="active", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("current_version_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uscc_exception", sa.String(length=200), server_default="", nullable=False),
        sa.Column("legal_representative", sa.String(length=60), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.Integer(), nullable=False),
        sa.Column("prefecture_id", sa.Integer(), nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=True),
        sa.Column("industry_id", sa.Integer(), nullable=False),
        sa.Column("registration_type_id", sa.Integer(), nullable=False),
        sa.Column("control_type_id", sa.Integer(), nullable=False),
        sa.Column("figures_year", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("assets", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stock_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=6), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("main_products", sa.Text(), nullable=False),
        sa.Column("website", sa.String(length=200), server_default="", nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("fax", sa.String(length=30), server_default="", nullable=False),
        sa.Column("mobile", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.String(length=120), server_default="", nullable=False),
        sa.CheckConstraint("NOT is_listed OR stock_code <> ''", name=op.f("ck_enterprise_stock_code")),
        sa.CheckConstraint("length(uscc) = 18 OR uscc_exception <> ''", name=op.f("ck_enterprise_uscc")),
        sa.CheckConstraint("phone <> '' OR mobile <> ''", name=op.f("ck_enterprise_reachable")),
        sa.CheckConstraint(
            "size IN ('large', 'medium', 'small', 'micro', 'unknown', 'not_classified')",
            name=op.f("ck_enterprise_size"),
        ),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_enterprise_state")),
        sa.CheckConstraint(
            "revenue >= 0 AND employees >= 0 AND assets >= 0", name=op.f("ck_enterprise_figures")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_enterprise_revision")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_enterprise_account_id")),
        sa.ForeignKeyConstraint(
            ["control_type_id"], ["control_type.id"], name=op.f("fk_enterprise_control_type_id")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["region.id"], name=op.f("fk_enterprise_county_id")),
        sa.ForeignKeyConstraint(
            ["direct_reviewer_id"], ["bureau_admin.id"], name=op.f("fk_enterprise_direct_reviewer_id")
        ),
        sa.ForeignKeyConstraint(["industry_id"], ["industry.id"], name=op.f("fk_enterprise_industry_id")),
        sa.ForeignKeyConstraint(["prefecture_id"], ["region.id"], name=op.f("fk_enterprise_prefecture_id")),
        sa.ForeignKeyConstraint(["province_id"], ["region.id"], name=op.f("fk_enterprise_province_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_enterprise_region_id")),
        sa.ForeignKeyConstraint(
            ["registration_type_id"],
            ["registration_type.id"],
            name=op.f("fk_enterprise_registration_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("account_id", name=op.f("uq_enterprise_account_id")),
        sa.UniqueConstraint("id", "region_id", name=op.f("uq_enterprise_id_region_id")),
        sa.UniqueConstraint("name_key", name=op.f("uq_enterprise_name_key")),
        sa.UniqueConstraint("uscc", name=op.f("uq_enterprise_uscc")),
    )
    op.create_index(op.f("ix_enterprise_county_id_state"), "enterprise", ["county_id", "state"], unique=False)
    op.create_index(
        op.f("ix_enterprise_direct_reviewer_id_state"),
        "enterprise",
        ["direct_reviewer_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enterprise_prefecture_id_state"), "enterprise", ["prefecture_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_enterprise_province_id_state"), "enterprise", ["province_id", "state"], unique=False
    )
    op.create_index(op.f("ix_enterprise_region_id_state"), "enterprise", ["region_id", "state"], unique=False)
    op.create_table(
        "section_column",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=41), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("max_length", sa.Integer(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'number')", name=op.f("ck_section_column_kind")),
        sa.CheckConstraint("max_length BETWEEN 1 AND 500", name=op.f("ck_section_column_max_length")),
        sa.CheckConstraint("scale BETWEEN 0 AND 6", name=op.f("ck_section_column_scale")),
        sa.ForeignKeyConstraint(
            ["section_id", "version_id"],
            ["form_section.id", "form_section.version_id"],
            name=op.f("fk_section_column_section_id_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_column")),
        sa.UniqueConstraint("section_id", "code", name=op.f("uq_section_column_section_id_code")),
    )
    op.create_table(
        "version_indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("unit", sa.JSON(), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("months", sa.JSON(), nullable=False),
        sa.Column("industrial_only", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("required_cells", sa.JSON(), nullable=False),
        sa.Column("growth_kind", sa.String(length=10), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "growth_kind IN ('pct', 'pp', 'none')", name=op.f("ck_version_indicator_growth_kind")
        ),
        sa.CheckConstraint(
            "nature IN ('flow_monthly', 'flow_ytd', 'stock', 'rate')",
            name=op.f("ck_version_indicator_nature"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_version_indicator_indicator_id")
        ),
        sa.ForeignKeyConstraint(
            ["section_id", "version_id"],
            ["form_section.id", "form_section.version_id"],
            name=op.f("fk_version_indicator_section_id_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_indicator")),
        sa.UniqueConstraint(
            "version_id", "indicator_id", name=op.f("uq_version_indicator_version_id_indicator_id")
        ),
    )
    op.create_index("ix_version_indicator_indicator_id", "version_indicator", ["indicator_id"], unique=False)
    op.create_table(
        "enterprise_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("uscc_exception", sa.String(length=200), server_default="", nullable=False),
        sa.Column("legal_representative", sa.String(length=60), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("province_id", sa.Integer(), nullable=False),
        sa.Column("prefecture_id", sa.Integer(), nullable=True),
        sa.Column("county_id", sa.Integer(), nullable=True),
        sa.Column("industry_id", sa.Integer(), nullable=False),
        sa.Column("registration_type_id", sa.Integer(), nullable=False),
        sa.Column("control_type_id", sa.Integer(), nullable=False),
        sa.Column("figures_year", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("assets", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.String(length=16), nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stock_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=6), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("main_products", sa.Text(), nullable=False),
        sa.Column("website", sa.String(length=200), server_default="", nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("fax", sa.String(length=30), server_default="", nullable=False),
        sa.Column("mobile", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.String(length=120), server_default="", nullable=False),
        sa.CheckConstraint(
            "NOT is_listed OR stock_code <> ''", name=op.f("ck_enterprise_version_stock_code")
        ),
        sa.CheckConstraint(
            "length(uscc) = 18 OR uscc_exception <> ''", name=op.f("ck_enterprise_version_uscc")
        ),
        sa.CheckConstraint("phone <> '' OR mobile <> ''", name=op.f("ck_enterprise_version_reachable")),
        sa.CheckConstraint(
            "size IN ('large', 'medium', 'small', 'micro', 'unknown', 'not_classified')",
            name=op.f("ck_enterprise_version_size"),
        ),
        sa.CheckConstraint(
            "revenue >= 0 AND employees >= 0 AND assets >= 0", name=op.f("ck_enterprise_version_figures")
        ),
        sa.ForeignKeyConstraint(
            ["control_type_id"], ["control_type.id"], name=op.f("fk_enterprise_version_control_type_id")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["region.id"], name=op.f("fk_enterprise_version_county_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_enterprise_version_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_version_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["industry_id"], ["industry.id"], name=op.f("fk_enterprise_version_industry_id")
        ),
        sa.ForeignKeyConstraint(
            ["prefecture_id"], ["region.id"], name=op.f("fk_enterprise_version_prefecture_id")
        ),
        sa.ForeignKeyConstraint(
            ["province_id"], ["region.id"], name=op.f("fk_enterprise_version_province_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_enterprise_version_region_id")),
        sa.ForeignKeyConstraint(
            ["registration_type_id"],
            ["registration_type.id"],
            name=op.f("fk_enterprise_version_registration_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_version")),
        sa.UniqueConstraint(
            "enterprise_id", "number", name=op.f("uq_enterprise_version_enterprise_id_number")
        ),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("direct_reviewer_id", sa.Integer(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("accepted_levels", sa.Integer(), server_default="0", nullable=False),
        sa.Column("filler_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("filled_via", sa.String(length=12), server_default="online", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("hard_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("soft_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("screening", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(approved_at IS NOT NULL) = (state = 'approved')", name=op.f("ck_report_approved")
        ),
        sa.CheckConstraint(
            "(holder_id IS NOT NULL) = (state IN ('in_review', 'approved'))", name=op.f("ck_report_holder")
        ),
        sa.CheckConstraint(
            "filled_via IN ('online', 'import', 'batch_import', 'api')", name=op.f("ck_report_filled_via")
        ),
        sa.CheckConstraint("screening IN ('passed', 'failed')", name=op.f("ck_report_screening")),
        sa.CheckConstraint("state <> 'editing' OR accepted_levels = 0", name=op.f("ck_report_accepted")),
        sa.CheckConstraint(
            "state <> 'in_review' OR submitted_at IS NOT NULL", name=op.f("ck_report_submitted")
        ),
        sa.CheckConstraint(
            "state IN ('editing', 'in_review', 'returned', 'approved')", name=op.f("ck_report_state")
        ),
        sa.CheckConstraint("period BETWEEN 190001 AND 999912", name=op.f("ck_report_period")),
        sa.ForeignKeyConstraint(
            ["direct_reviewer_id"], ["bureau_admin.id"], name=op.f("fk_report_direct_reviewer_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "region_id"],
            ["enterprise.id", "enterprise.region_id"],
            name=op.f("fk_report_enterprise_id_region_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_version_id"], ["enterprise_version.id"], name=op.f("fk_report_enterprise_version_id")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["report_form.id"], name=op.f("fk_report_form_id")),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_version.id"], name=op.f("fk_report_form_version_id")
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["bureau_admin.id"], name=op.f("fk_report_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "form_id", "period", "enterprise_id", name=op.f("uq_report_form_id_period_enterprise_id")
        ),
    )
    op.create_index(
        op.f("ix_report_enterprise_id_period"), "report", ["enterprise_id", "period"], unique=False
    )
    op.create_index(
        op.f("ix_report_holder_id_state_period"), "report", ["holder_id", "state", "period"], unique=False
    )
    op.create_index(
        op.f("ix_report_period_enterprise_id"), "report", ["period", "enterprise_id"], unique=False
    )
    op.create_index(op.f("ix_report_period_region_id"), "report", ["period", "region_id"], unique=False)
    op.create_index(op.f("ix_report_period_state"), "report", ["period", "state"], unique=False)
    op.create_table(
        "report_finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("section", sa.String(length=20), server_default="", nullable=False),
        sa.Column("row_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("indicator", sa.String(length=41), nullable=False),
        sa.Column("cell", sa.String(length=10), server_default="", nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint("severity IN ('hard', 'soft', 'hint')", name=op.f("ck_report_finding_severity")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_finding_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_finding")),
        sa.UniqueConstraint(
            "report_id",
            "rule",
            "section",
            "row_no",
            "indicator",
            "cell",
            name=op.f("uq_report_finding_report_id_rule_section_row_no_indicator_cell"),
        ),
    )
    op.create_index(op.f("ix_report_finding_report_id"), "report_finding", ["report_id"], unique=False)
    op.create_table(
        "report_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("bureau_name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=12), nullable=False),
        sa.Column("comment", sa.String(length=500), server_default="", nullable=False),
        sa.Column("holder_before_id", sa.Integer(), nullable=True),
        sa.Column("holder_after_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_report_step_account_id")),
        sa.ForeignKeyConstraint(
            ["holder_after_id"], ["bureau_admin.id"], name=op.f("fk_report_step_holder_after_id")
        ),
        sa.ForeignKeyConstraint(
            ["holder_before_id"], ["bureau_admin.id"], name=op.f("fk_report_step_holder_before_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_step_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
    )
    op.create_index(op.f("ix_report_step_report_id_id"), "report_step", ["report_id", "id"], unique=False)
    triggers.ensure(op.get_bind(), GUARDS)


def downgrade() -> None:
    triggers.drop(op.get_bind(), GUARDS)
    for table in sa.inspect(op.get_bind()).get_table_names():
        if table.startswith("figures_"):
            op.drop_table(table)
    op.drop_index(op.f("ix_report_step_report_id_id"), table_name="report_step")
    op.drop_table("report_step")
    op.drop_index(op.f("ix_report_finding_report_id"), table_name="report_finding")
    op.drop_table("report_finding")
    op.drop_index(op.f("ix_report_period_state"), table_name="report")
    op.drop_index(op.f("ix_report_period_region_id"), table_name="report")
    op.drop_index(op.f("ix_report_period_enterprise_id"), table_name="report")
    op.drop_index(op.f("ix_report_holder_id_state_period"), table_name="report")
    op.drop_index(op.f("ix_report_enterprise_id_period"), table_name="report")
    op.drop_table("report")
    op.drop_table("enterprise_version")
    op.drop_index("ix_version_indicator_indicator_id", table_name="version_indicator")
    op.drop_table("version_indicator")
    op.drop_table("section_column")
    op.drop_index(op.f("ix_enterprise_region_id_state"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_province_id_state"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_prefecture_id_state"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_direct_reviewer_id_state"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_county_id_state"), table_name="enterprise")
    op.drop_table("enterprise")
    op.drop_index(op.f("ix_admin_region_region_id"), table_name="admin_region")
    op.drop_table("admin_region")
    op.drop_table("report_rule")
    op.drop_index(
        "uq_job_system_kind_idempotency_key",
        table_name="job",
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.drop_index("ix_job_state_lease_until", table_name="job")
    op.drop_index(op.f("ix_job_result_id"), table_name="job")
    op.drop_index("ix_job_owner_id_created_at", table_name="job")
    op.drop_table("job")
    op.drop_table("indicator")
    op.drop_table("form_section")
    op.drop_index(op.f("ix_bureau_contact_bureau_id"), table_name="bureau_contact")
    op.drop_table("bureau_contact")
    op.drop_index(op.f("ix_bureau_admin_superior_id"), table_name="bureau_admin")
    op.drop_index(op.f("ix_bureau_admin_bureau_id"), table_name="bureau_admin")
    op.drop_table("bureau_admin")
    op.drop_index("idx_role_id", table_name="ab_permission_view_role")
    op.drop_index("idx_permission_view_id", table_name="ab_permission_view_role")
    op.drop_table("ab_permission_view_role")
    op.drop_index(op.f("ix_region_successor_successor_id"), table_name="region_successor")
    op.drop_table("region_successor")
    op.drop_index(op.f("ix_region_closure_descendant_id_depth"), table_name="region_closure")
    op.drop_index(op.f("ix_region_closure_ancestor_id_descendant_id"), table_name="region_closure")
    op.drop_table("region_closure")
    op.drop_index(
        "uq_form_version_draft",
        table_name="form_version",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_table("form_version")
    op.drop_index(op.f("ix_bureau_superior_id"), table_name="bureau")
    op.drop_index(op.f("ix_bureau_region_id"), table_name="bureau")
    op.drop_table("bureau")
    op.drop_index(op.f("ix_account_kind"), table_name="account")
    op.drop_table("account")
    op.drop_table("ab_user_role")
    op.drop_index("idx_user_id", table_name="ab_user_group")
    op.drop_index("idx_user_group_id", table_name="ab_user_group")
    op.drop_table("ab_user_group")
    op.drop_index("idx_view_menu_id", table_name="ab_permission_view")
    op.drop_index("idx_permission_id", table_name="ab_permission_view")
    op.drop_table("ab_permission_view")
    op.drop_index("idx_group_role_id", table_name="ab_group_role")
    op.drop_index("idx_group_id", table_name="ab_group_role")
    op.drop_table("ab_group_role")
    op.drop_index("idx_api_key_user_id", table_name="ab_api_key")
    op.drop_index("idx_api_key_prefix", table_name="ab_api_key")
    op.drop_index("idx_api_key_lookup_hash", table_name="ab_api_key")
    op.drop_table("ab_api_key")
    op.drop_index(op.f("ix_stored_file_expires_at"), table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_table("security_stamp")
    op.drop_table("report_form")
    op.drop_table("registration_type")
    op.drop_index(op.f("ix_region_parent_id_code"), table_name="region")
    op.drop_table("region")
    op.drop_index(op.f("ix_industry_section"), table_name="industry")
    op.drop_index(op.f("ix_industry_parent_id_code"), table_name="industry")
    op.drop_table("industry")
    op.drop_table("control_type")
    op.drop_index("ix_audit_entry_entity", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_index("ix_audit_entry_account_id_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
