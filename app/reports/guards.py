"""What the database itself refuses: a published version, its parts and its indicators never change, nor does
what was granted.

The migration that creates the tables of ``form_models`` calls ``triggers.ensure(bind, FORM_GUARDS)``.
"""

from __future__ import annotations

from app.infra.triggers import Guard

PARTS = ("form_section", "version_indicator", "section_column", "report_rule")
"""Tables whose rows belong to a version by ``version_id``."""

_REFUSAL = "a published version never changes"


def _published(row: str) -> str:
    version = f"v.id = {row}.version_id"
    return f"EXISTS (SELECT 1 FROM form_version AS v WHERE {version} AND v.state = 'published')"  # noqa: S608 - OLD or NEW


def _part_guards(table: str) -> tuple[Guard, ...]:
    return (
        Guard(table, "INSERT", _REFUSAL, _published("NEW")),
        Guard(table, "UPDATE", _REFUSAL, f"{_published('OLD')} OR {_published('NEW')}"),
        Guard(table, "DELETE", _REFUSAL, _published("OLD")),
    )


_GRANTED = ("form_id", "period", "reason", "expires_on", "granted_at", "granted_by")

UNFREEZE_GUARDS: tuple[Guard, ...] = (
    Guard(
        "report_unfreeze",
        "UPDATE",
        "a granted unfreeze can only be ended",
        "OLD.ended_at IS NOT NULL OR "
        + " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _GRANTED)
        + " OR coalesce(OLD.enterprise_id, 0) <> coalesce(NEW.enterprise_id, 0)"
        + " OR coalesce(OLD.region_id, 0) <> coalesce(NEW.region_id, 0)",
    ),
    Guard("report_unfreeze", "DELETE", "a granted unfreeze stays"),
)

FORM_GUARDS: tuple[Guard, ...] = (
    Guard("report_form", "UPDATE", "the code of a form never changes", "OLD.code <> NEW.code"),
    Guard("form_version", "UPDATE", _REFUSAL, "OLD.state = 'published'"),
    Guard("form_version", "DELETE", _REFUSAL, "OLD.state = 'published'"),
    Guard(
        "indicator",
        "UPDATE",
        "the code, section and scale of a published indicator never change",
        "OLD.first_version_id IS NOT NULL AND (OLD.code <> NEW.code OR OLD.scale <> NEW.scale "
        "OR OLD.section_code <> NEW.section_code OR OLD.form_id <> NEW.form_id "
        "OR NEW.first_version_id IS NULL OR NEW.first_version_id <> OLD.first_version_id)",
    ),
    Guard("indicator", "DELETE", "a published indicator stays", "OLD.first_version_id IS NOT NULL"),
    *(guard for table in PARTS for guard in _part_guards(table)),
)
