"""Changes of key fields, and the reports that they freeze."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STORED = ("editing", "in_review", "returned", "approved")
WITH_FROZEN = ("editing", "frozen", "unfrozen", "in_review", "returned", "approved")
OPEN = sa.text("state = 'pending'")
DUE = sa.text("state = 'pending' AND route = 'automatic'")
FROZEN = sa.text("state = 'frozen'")


def upgrade() -> None:
    _create_changes()
    _create_steps()
    _allow(WITH_FROZEN, "state NOT IN ('editing', 'frozen', 'unfrozen') OR accepted_levels = 0")
    op.create_index(
        "uq_report_frozen",
        "report",
        ["enterprise_id"],
        unique=True,
        sqlite_where=FROZEN,
        postgresql_where=FROZEN,
    )


def downgrade() -> None:
    op.drop_index("uq_report_frozen", table_name="report")
    # an earlier version knows neither state: such a report goes back to the enterprise
    op.execute("UPDATE report SET state = 'editing' WHERE state IN ('frozen', 'unfrozen')")
    for table in _figures_tables():
        op.execute(f"UPDATE {table} SET state = 'editing' WHERE state IN ('frozen', 'unfrozen')")  # noqa: S608
    _allow(STORED, "state <> 'editing' OR accepted_levels = 0")
    op.drop_table("key_change_step")
    op.drop_table("key_change")


def _allow(states: tuple[str, ...], accepted: str) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("report") as batch:
        for name, condition in (("state", f"state IN ({listed})"), ("accepted", accepted)):
            batch.drop_constraint(op.f(f"ck_report_{name}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_report_{name}"), condition)


def _figures_tables() -> list[str]:
    """The tables that forms make: each keeps a copy of the state of its reports."""
    inspector = sa.inspect(op.get_bind())
    return [name for name in inspector.get_table_names() if name.startswith("figures_")]


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _create_changes() -> None:
    op.create_table(
        "key_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("old_name", sa.String(length=120), nullable=False),
        sa.Column("old_uscc", sa.String(length=18), nullable=False),
        sa.Column("old_industry_id", sa.Integer(), nullable=False),
        sa.Column("new_name", sa.String(length=120), nullable=False),
        sa.Column("new_name_key", sa.String(length=120), nullable=False),
        sa.Column("new_uscc", sa.String(length=18), nullable=False),
        sa.Column("new_industry_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="pending", nullable=False),
        sa.Column("route", sa.String(length=10), server_default="automatic", nullable=False),
        _instant("due_at"),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        _instant("asked_at"),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        _instant("decided_at", nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('pending', 'approved', 'returned')", name=op.f("ck_key_change_state")),
        sa.CheckConstraint("route IN ('automatic', 'manual', 'direct')", name=op.f("ck_key_change_route")),
        sa.CheckConstraint(
            "(reviewer_id IS NOT NULL) = (state = 'pending' AND route = 'manual')",
            name=op.f("ck_key_change_reviewer"),
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'pending')", name=op.f("ck_key_change_decided")),
        sa.CheckConstraint("(reason IS NOT NULL) = (state = 'returned')", name=op.f("ck_key_change_reason")),
        sa.CheckConstraint("period BETWEEN 190001 AND 999912", name=op.f("ck_key_change_period")),
        sa.CheckConstraint(
            "old_name <> new_name OR old_uscc <> new_uscc OR old_industry_id <> new_industry_id",
            name=op.f("ck_key_change_changed"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk_key_change_enterprise_id"),
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_key_change_{column}"))
            for column, table in (
                ("old_industry_id", "industry"),
                ("new_industry_id", "industry"),
                ("reviewer_id", "bureau_admin"),
                ("asked_by_id", "account"),
                ("decided_by_id", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_change")),
    )
    op.create_index(
        "uq_key_change_open",
        "key_change",
        ["enterprise_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_key_change_due", "key_change", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    for columns in (("enterprise_id", "asked_at"), ("reviewer_id", "asked_at"), ("asked_at",)):
        op.create_index(op.f(f"ix_key_change_{'_'.join(columns)}"), "key_change", list(columns))


def _create_steps() -> None:
    op.create_table(
        "key_change_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        _instant("at"),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("bureau_name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["key_change.id"], name=op.f("fk_key_change_step_change_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_key_change_step_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_change_step")),
    )
    op.create_index(op.f("ix_key_change_step_change_id_id"), "key_change_step", ["change_id", "id"])
