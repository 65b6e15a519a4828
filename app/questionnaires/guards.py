"""What the database itself refuses: an enabled questionnaire never changes, and nobody's answer is named
where none may be.
"""

from __future__ import annotations

from app.infra.triggers import Guard

_REFUSAL = "an enabled questionnaire never changes"

_COLUMNS = (
    *("title", "introduction", "thanks", "frequency", "starts_on", "ends_on", "placement", "anonymous"),
    *("edit_number", "revision"),
)
PARTS = (
    *("questionnaire_audience", "questionnaire_region", "questionnaire_industry"),
    *("questionnaire_enterprise", "questionnaire_edit"),
)
"""Tables whose rows belong to a questionnaire and are part of what it asks, or of whom."""


def _enabled(row: str) -> str:
    found = f"q.id = {row}.questionnaire_id"
    return f"EXISTS (SELECT 1 FROM questionnaire AS q WHERE {found} AND q.state <> 'draft')"  # noqa: S608 - OLD or NEW


def _part_guards(table: str) -> tuple[Guard, ...]:
    return (
        Guard(table, "INSERT", _REFUSAL, _enabled("NEW")),
        Guard(table, "UPDATE", _REFUSAL, f"{_enabled('OLD')} OR {_enabled('NEW')}"),
        Guard(table, "DELETE", _REFUSAL, _enabled("OLD")),
    )


_ANONYMOUS = (
    "EXISTS (SELECT 1 FROM questionnaire_round AS r JOIN questionnaire AS q ON q.id = r.questionnaire_id "
    "WHERE r.id = NEW.round_id AND q.anonymous)"
)

QUESTIONNAIRE_GUARDS: tuple[Guard, ...] = (
    Guard(
        "questionnaire",
        "UPDATE",
        _REFUSAL,
        "OLD.state <> 'draft' AND (NEW.state = 'draft' "
        "OR (OLD.state = 'stopped' AND NEW.state <> 'stopped') OR "
        + " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _COLUMNS)
        + " OR coalesce(OLD.series_id, 0) <> coalesce(NEW.series_id, 0))",
    ),
    Guard("questionnaire", "DELETE", _REFUSAL, "OLD.state <> 'draft'"),
    *(guard for table in PARTS for guard in _part_guards(table)),
    Guard(
        "questionnaire_response",
        "INSERT",
        "an anonymous response names nobody",
        f"NEW.enterprise_id IS NOT NULL AND {_ANONYMOUS}",
    ),
    Guard(
        "questionnaire_response",
        "UPDATE",
        "an anonymous response names nobody",
        f"NEW.enterprise_id IS NOT NULL AND {_ANONYMOUS}",
    ),
    Guard(
        "questionnaire_respondent",
        "UPDATE",
        "drafts of an anonymous questionnaire stay in the browser",
        f"NEW.draft IS NOT NULL AND {_ANONYMOUS}",
    ),
)
