"""Questionnaires: what is asked, of whom, in which rounds, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.infra import triggers
from app.questionnaires.guards import QUESTIONNAIRE_GUARDS

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("introduction", sa.Text(), server_default="", nullable=False),
        sa.Column("thanks", sa.Text(), server_default="", nullable=False),
        sa.Column("frequency", sa.String(length=10), server_default="once", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("placement", sa.String(length=10), server_default="required", nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("edit_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(enabled_at IS NULL) = (state = 'draft')", name=op.f("ck_questionnaire_enabled")),
        sa.CheckConstraint(
            "(stopped_at IS NOT NULL) = (state = 'stopped')", name=op.f("ck_questionnaire_stopped")
        ),
        sa.CheckConstraint(
            "frequency IN ('once', 'monthly', 'quarterly', 'yearly')", name=op.f("ck_questionnaire_frequency")
        ),
        sa.CheckConstraint(
            "placement IN ('required', 'optional', 'apart')", name=op.f("ck_questionnaire_placement")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)",
            name=op.f("ck_questionnaire_enabled_period"),
        ),
        sa.CheckConstraint("state IN ('draft', 'enabled', 'stopped')", name=op.f("ck_questionnaire_state")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_questionnaire_title")),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_questionnaire_period")),
        sa.CheckConstraint(
            "revision >= 1 AND (revision = 1) = (series_id IS NULL)", name=op.f("ck_questionnaire_revision")
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["bureau_admin.id"], name=op.f("fk_questionnaire_admin_id")),
        sa.ForeignKeyConstraint(["series_id"], ["questionnaire.id"], name=op.f("fk_questionnaire_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("series_id", "revision", name=op.f("uq_questionnaire_series_id_revision")),
    )
    op.create_index(op.f("ix_questionnaire_admin_id_state"), "questionnaire", ["admin_id", "state"])
    op.create_index(op.f("ix_questionnaire_state_starts_on"), "questionnaire", ["state", "starts_on"])

    op.create_table(
        "questionnaire_audience",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('size', 'control_type', 'sector')", name=op.f("ck_questionnaire_audience_kind")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_audience_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "kind", "code", name=op.f("pk_questionnaire_audience")),
    )
    op.create_table(
        "questionnaire_edit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("definition <> ''", name=op.f("ck_questionnaire_edit_definition")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_questionnaire_edit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_edit_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_edit")),
        sa.UniqueConstraint(
            "questionnaire_id", "number", name=op.f("uq_questionnaire_edit_questionnaire_id_number")
        ),
    )
    op.create_table(
        "questionnaire_enterprise",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_questionnaire_enterprise_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_enterprise_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "questionnaire_id", "enterprise_id", name=op.f("pk_questionnaire_enterprise")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_enterprise_enterprise_id"), "questionnaire_enterprise", ["enterprise_id"]
    )

    op.create_table(
        "questionnaire_handout",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["bureau_admin.id"], name=op.f("fk_questionnaire_handout_admin_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_handout_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "admin_id", name=op.f("pk_questionnaire_handout")),
    )
    op.create_index(op.f("ix_questionnaire_handout_admin_id"), "questionnaire_handout", ["admin_id"])

    op.create_table(
        "questionnaire_industry",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("industry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["industry_id"], ["industry.id"], name=op.f("fk_questionnaire_industry_industry_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_industry_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "industry_id", name=op.f("pk_questionnaire_industry")),
    )
    op.create_index(op.f("ix_questionnaire_industry_industry_id"), "questionnaire_industry", ["industry_id"])

    op.create_table(
        "questionnaire_region",
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_region_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_questionnaire_region_region_id")),
        sa.PrimaryKeyConstraint("questionnaire_id", "region_id", name=op.f("pk_questionnaire_region")),
    )
    op.create_index(op.f("ix_questionnaire_region_region_id"), "questionnaire_region", ["region_id"])

    op.create_table(
        "questionnaire_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("begins_on <= ends_on", name=op.f("ck_questionnaire_round_period")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_questionnaire_round_questionnaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_round")),
        sa.UniqueConstraint(
            "questionnaire_id", "begins_on", name=op.f("uq_questionnaire_round_questionnaire_id_begins_on")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_round_ends_on_begins_on"), "questionnaire_round", ["ends_on", "begins_on"]
    )

    op.create_table(
        "questionnaire_step",
        sa.Column("id", KEY, nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.String(length=500), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_questionnaire_step_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_step_questionnaire_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_step")),
    )
    op.create_index(
        op.f("ix_questionnaire_step_questionnaire_id"), "questionnaire_step", ["questionnaire_id"]
    )

    op.create_table(
        "questionnaire_respondent",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(answered_on IS NOT NULL) = (state IN ('answered', 'reopened'))",
            name=op.f("ck_questionnaire_respondent_answered"),
        ),
        sa.CheckConstraint(
            "state <> 'open' OR draft IS NULL", name=op.f("ck_questionnaire_respondent_draft")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'begun', 'answered', 'reopened')",
            name=op.f("ck_questionnaire_respondent_state"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "region_id"],
            ["enterprise.id", "enterprise.region_id"],
            name=op.f("fk_questionnaire_respondent_enterprise_id_region_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_version_id"],
            ["enterprise_version.id"],
            name=op.f("fk_questionnaire_respondent_enterprise_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["questionnaire_round.id"], name=op.f("fk_questionnaire_respondent_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_respondent")),
        sa.UniqueConstraint(
            "round_id", "enterprise_id", name=op.f("uq_questionnaire_respondent_round_id_enterprise_id")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_respondent_enterprise_id_state"),
        "questionnaire_respondent",
        ["enterprise_id", "state"],
    )
    op.create_index(
        op.f("ix_questionnaire_respondent_round_id_region_id_state"),
        "questionnaire_respondent",
        ["round_id", "region_id", "state"],
    )

    op.create_table(
        "questionnaire_response",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_version_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(enterprise_id IS NULL) = (region_id IS NULL) AND (enterprise_id IS NULL) = (enterprise_version_id IS NULL) AND (enterprise_id IS NULL) = (submitted_at IS NULL)",
            name=op.f("ck_questionnaire_response_anonymous"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "region_id"],
            ["enterprise.id", "enterprise.region_id"],
            name=op.f("fk_questionnaire_response_enterprise_id_region_id"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_version_id"],
            ["enterprise_version.id"],
            name=op.f("fk_questionnaire_response_enterprise_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["questionnaire_round.id"], name=op.f("fk_questionnaire_response_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_response")),
        sa.UniqueConstraint(
            "round_id", "enterprise_id", name=op.f("uq_questionnaire_response_round_id_enterprise_id")
        ),
    )
    op.create_index(
        op.f("ix_questionnaire_response_round_id_region_id"),
        "questionnaire_response",
        ["round_id", "region_id"],
    )

    op.create_table(
        "questionnaire_answer",
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("question_no", sa.SmallInteger(), nullable=False),
        sa.Column("row_no", sa.SmallInteger(), nullable=False),
        sa.Column("option_no", sa.SmallInteger(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "option_no >= -1 AND row_no >= 0 AND question_no >= 1",
            name=op.f("ck_questionnaire_answer_places"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["questionnaire_response.id"],
            name=op.f("fk_questionnaire_answer_response_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["questionnaire_round.id"], name=op.f("fk_questionnaire_answer_round_id")
        ),
        sa.PrimaryKeyConstraint(
            "response_id", "question_no", "row_no", "option_no", name=op.f("pk_questionnaire_answer")
        ),
        sqlite_with_rowid=False,  # a number of SQLite's own would tell in which order responses came
    )
    op.create_index(
        "ix_questionnaire_answer_places",
        "questionnaire_answer",
        ["round_id", "question_no", "row_no", "option_no", "response_id"],
    )

    op.create_table(
        "questionnaire_respondent_step",
        sa.Column("id", KEY, nullable=False),
        sa.Column("respondent_id", KEY, nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.String(length=500), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_questionnaire_respondent_step_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["questionnaire_respondent.id"],
            name=op.f("fk_questionnaire_respondent_step_respondent_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_respondent_step")),
    )
    op.create_index(
        op.f("ix_questionnaire_respondent_step_respondent_id_id"),
        "questionnaire_respondent_step",
        ["respondent_id", "id"],
    )
    triggers.ensure(op.get_bind(), QUESTIONNAIRE_GUARDS)


def downgrade() -> None:
    triggers.drop(op.get_bind(), QUESTIONNAIRE_GUARDS)
    op.drop_table("questionnaire_respondent_step")
    op.drop_table("questionnaire_answer")
    op.drop_table("questionnaire_response")
    op.drop_table("questionnaire_respondent")
    op.drop_table("questionnaire_step")
    op.drop_table("questionnaire_round")
    op.drop_table("questionnaire_region")
    op.drop_table("questionnaire_industry")
    op.drop_table("questionnaire_handout")
    op.drop_table("questionnaire_enterprise")
    op.drop_table("questionnaire_edit")
    op.drop_table("questionnaire_audience")
    op.drop_table("questionnaire")
