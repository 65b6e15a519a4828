"""Registrations of enterprises, the kind of their credit codes, and keys of names without look-alikes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.enterprises.credit_codes import code_status
from app.kernel.names import name_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FLAGGED = ("enterprise", "enterprise_version")
NAMED = (("enterprise", 120), ("bureau", 80))
WAITING = sa.text("state = 'pending'")


def upgrade() -> None:
    for name in FLAGGED:
        with op.batch_alter_table(name) as table:
            table.add_column(
                sa.Column("code_status", sa.String(length=5), server_default="valid", nullable=False)
            )
        _flag(name)
        with op.batch_alter_table(name) as table:
            table.create_check_constraint(
                op.f(f"ck_{name}_code_status"), "code_status IN ('valid', 'old', 'test')"
            )
            table.create_check_constraint(
                op.f(f"ck_{name}_code_exception"), "code_status = 'valid' OR uscc_exception <> ''"
            )
    for name, longest in NAMED:
        _renew_keys(name, longest)

    op.create_table(
        "enterprise_registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("name_key", sa.String(length=120), server_default="", nullable=False),
        sa.Column("uscc", sa.String(length=18), server_default="", nullable=False),
        sa.Column("legal_representative", sa.String(length=60), server_default="", nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("industry_id", sa.Integer(), nullable=True),
        sa.Column("registration_type_id", sa.Integer(), nullable=True),
        sa.Column("control_type_id", sa.Integer(), nullable=True),
        sa.Column("figures_year", sa.Integer(), nullable=True),
        sa.Column("revenue", sa.BigInteger(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("assets", sa.BigInteger(), nullable=True),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("stock_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
        sa.Column("postcode", sa.String(length=6), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("main_products", sa.Text(), server_default="", nullable=False),
        sa.Column("website", sa.String(length=200), server_default="", nullable=False),
        sa.Column("contact_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("fax", sa.String(length=30), server_default="", nullable=False),
        sa.Column("mobile", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=150), server_default="", nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(enterprise_id IS NOT NULL) = (state = 'approved')",
            name=op.f("ck_enterprise_registration_enterprise"),
        ),
        sa.CheckConstraint(
            "(reviewer_id IS NOT NULL) = (state = 'pending')",
            name=op.f("ck_enterprise_registration_reviewer"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_enterprise_registration_submitted")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'pending', 'returned', 'approved')",
            name=op.f("ck_enterprise_registration_state"),
        ),
        sa.CheckConstraint(
            "revenue >= 0 AND employees >= 0 AND assets >= 0", name=op.f("ck_enterprise_registration_figures")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_enterprise_registration_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["control_type_id"], ["control_type.id"], name=op.f("fk_enterprise_registration_control_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk_enterprise_registration_enterprise_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["industry_id"], ["industry.id"], name=op.f("fk_enterprise_registration_industry_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_enterprise_registration_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_type_id"],
            ["registration_type.id"],
            name=op.f("fk_enterprise_registration_registration_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["bureau_admin.id"], name=op.f("fk_enterprise_registration_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_registration")),
        sa.UniqueConstraint("account_id", name=op.f("uq_enterprise_registration_account_id")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_enterprise_registration_enterprise_id")),
    )
    op.create_index(
        op.f("ix_enterprise_registration_region_id_state"), "enterprise_registration", ["region_id", "state"]
    )
    op.create_index(
        op.f("ix_enterprise_registration_reviewer_id_submitted_at"),
        "enterprise_registration",
        ["reviewer_id", "submitted_at"],
    )
    op.create_index(
        op.f("ix_enterprise_registration_state_updated_at"),
        "enterprise_registration",
        ["state", "updated_at"],
    )
    for column, short in (("name_key", "name"), ("uscc", "uscc")):
        op.create_index(
            f"uq_enterprise_registration_waiting_{short}",
            "enterprise_registration",
            [column],
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )

    op.create_table(
        "registration_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("bureau_name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.String(length=150), server_default="", nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_registration_step_account_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["enterprise_registration.id"],
            name=op.f("fk_registration_step_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_step")),
    )
    op.create_index(
        op.f("ix_registration_step_registration_id_id"), "registration_step", ["registration_id", "id"]
    )


def downgrade() -> None:
    """Keys of names stay as they are: an older version makes its own when a name is next changed."""
    op.drop_index(op.f("ix_registration_step_registration_id_id"), table_name="registration_step")
    op.drop_table("registration_step")
    for short in ("uscc", "name"):
        op.drop_index(f"uq_enterprise_registration_waiting_{short}", table_name="enterprise_registration")
    op.drop_index(op.f("ix_enterprise_registration_state_updated_at"), table_name="enterprise_registration")
    op.drop_index(
        op.f("ix_enterprise_registration_reviewer_id_submitted_at"), table_name="enterprise_registration"
    )
    op.drop_index(op.f("ix_enterprise_registration_region_id_state"), table_name="enterprise_registration")
    op.drop_table("enterprise_registration")
    for name in reversed(FLAGGED):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"ck_{name}_code_exception"), type_="check")
            table.drop_constraint(op.f(f"ck_{name}_code_status"), type_="check")
            table.drop_column("code_status")


def _flag(name: str) -> None:
    """Say of every code that came in with a reason whether it is an old one or one for tests."""
    table = sa.table(
        name,
        sa.column("id", sa.Integer),
        sa.column("uscc", sa.String),
        sa.column("uscc_exception", sa.String),
        sa.column("code_status", sa.String),
    )
    connection = op.get_bind()
    excepted = sa.select(table.c.id, table.c.uscc).where(table.c.uscc_exception != "")
    for key, code in connection.execute(excepted).all():
        connection.execute(sa.update(table).where(table.c.id == key).values(code_status=code_status(code)))


def _renew_keys(name: str, longest: int) -> None:
    """Compare names without look-alikes from now on.

    Of two names that have become one the older keeps the key; the other's holds a sign that no name
    has, so that whoever changes it next is told of the first.
    """
    table = sa.table(
        name, sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("name_key", sa.String)
    )
    connection = op.get_bind()
    taken: set[str] = set()
    moved: list[tuple[int, str]] = []
    for key, shown, held in connection.execute(sa.select(table).order_by(table.c.id)).all():
        wanted = name_key(shown)[:longest]
        if wanted in taken:
            mark = f" {key}"
            wanted = wanted[: longest - len(mark)] + mark
        taken.add(wanted)
        if wanted != held:
            moved.append((key, wanted))
    for pattern in (" {id}", "{key}"):  # out of the way first: a new key may be another row's old one
        for key, wanted in moved:
            value = pattern.format(id=key, key=wanted)
            connection.execute(sa.update(table).where(table.c.id == key).values(name_key=value))
