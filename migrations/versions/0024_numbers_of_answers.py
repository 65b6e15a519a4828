"""Numbers of answers in order: what results measure is read from an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

NUMBERED = sa.text("number IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_questionnaire_answer_numbers",
        "questionnaire_answer",
        ["round_id", "question_no", "row_no", "option_no", "number"],
        postgresql_where=NUMBERED,
        sqlite_where=NUMBERED,
    )


def downgrade() -> None:
    op.drop_index("ix_questionnaire_answer_numbers", "questionnaire_answer")
