"""What a report's steps leave behind, in every place that tells of them: they must agree with one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select, update

from app.enterprises.models import Enterprise
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.notifications.models import InboxMessage
from app.reports import figures
from app.reports.form_loading import definition
from app.reports.models import Report, ReportStep
from app.reports.workflow import APPROVED, IN_REVIEW, RETURNED

TOLD = frozenset({APPROVED, RETURNED})
"""States of which the enterprise gets a message."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a report stands, and how many lines of history, audit and messages tell of it.

    ``copies`` are the states that the tables of figures keep of it.
    """

    state: str
    holder_id: int | None
    version: int
    steps: int
    audited: int
    messages: int
    copies: frozenset[str]


def traces_of(report_ids: Collection[int]) -> dict[int, Trace]:
    """The traces of some reports as everybody sees them now, in a few statements."""
    db.session.rollback()
    query = select(
        Report.id,
        Report.state,
        Report.holder_id,
        Report.version,
        Report.form_version_id,
        Report.period,
        Report.enterprise_id,
    )
    rows = db.session.execute(query.where(Report.id.in_(report_ids))).all()
    steps, audited, messages = _steps(report_ids), _audited(report_ids), _messages(report_ids)
    copies = _copies({row.id: (row.form_version_id, row.period, row.enterprise_id) for row in rows})
    db.session.rollback()
    return {
        row.id: Trace(
            row.state,
            row.holder_id,
            row.version,
            steps[row.id],
            audited[row.id],
            messages[row.id],
            frozenset(copies.get(row.id, ())),
        )
        for row in rows
    }


def whole_step(before: Trace, after: Trace) -> str:
    """What is wrong with one step between two traces; empty where it was made whole and once."""
    counted = {
        "versions": (after.version - before.version, 1),
        "lines of history": (after.steps - before.steps, 1),
        "lines of the audit trail": (after.audited - before.audited, 1),
        "messages": (after.messages - before.messages, int(after.state in TOLD)),
    }
    wrong = [f"{found} {what} for {wished}" for what, (found, wished) in counted.items() if found != wished]
    if after.copies != {after.state}:
        wrong.append(f"figures say {sorted(after.copies)} of a report in state {after.state}")
    return ", ".join(wrong)


def put_on_desk(report_ids: Collection[int], admin_id: int) -> None:
    """Let reports wait at a desk as if they had just arrived, without a line of history."""
    with unit_of_work():
        values: dict[str, Any] = {
            "state": IN_REVIEW,
            "holder_id": admin_id,
            "accepted_levels": 0,
            "approved_at": None,
            "submitted_at": func.coalesce(Report.submitted_at, Report.created_at),
            "version": Report.version + 1,
        }
        db.session.execute(
            update(Report)
            .where(Report.id.in_(report_ids))
            .values(values)
            .execution_options(synchronize_session=False)
        )
        keys: dict[int, list[figures.Key]] = {}
        query = select(Report.form_version_id, Report.period, Report.enterprise_id)
        for version, *key in db.session.execute(query.where(Report.id.in_(report_ids))):
            keys.setdefault(version, []).append(figures.Key(*key))
        for version, some in keys.items():
            figures.sync(definition(version), some, state=IN_REVIEW)


def _steps(report_ids: Collection[int]) -> Counter[int]:
    query = select(ReportStep.report_id, func.count()).where(ReportStep.report_id.in_(report_ids))
    return _counted(query.group_by(ReportStep.report_id))


def _audited(report_ids: Collection[int]) -> Counter[int]:
    query = select(AuditEntry.entity_key, func.count()).where(
        AuditEntry.entity == "report",
        AuditEntry.action == "change",
        AuditEntry.outcome == "done",
        AuditEntry.entity_key.in_([str(number) for number in report_ids]),
    )
    return _counted(query.group_by(AuditEntry.entity_key))


def _messages(report_ids: Collection[int]) -> Counter[int]:
    """Messages to the enterprises themselves."""
    address = literal("/reports/") + cast(Report.id, String)
    query = (
        select(Report.id, func.count())
        .join(Enterprise, Enterprise.id == Report.enterprise_id)
        .join(InboxMessage, InboxMessage.account_id == Enterprise.account_id)
        .where(Report.id.in_(report_ids), InboxMessage.url == address)
    )
    return _counted(query.group_by(Report.id))


def _counted(query: Select[Any, int]) -> Counter[int]:
    return Counter({int(key): count for key, count in db.session.execute(query)})


def _copies(reports: dict[int, tuple[int, int, int]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for number in {version for version, *_key in reports.values()}:
        version = definition(number)
        periods = {period for some, period, _enterprise in reports.values() if some == number}
        for section in version.sections:
            table = figures.section_table(version, section.code)
            query = select(table.c.report_id, table.c.state).where(
                table.c.period.in_(periods), table.c.report_id.in_(reports)
            )
            _add(found, db.session.execute(query))
    return found


def _add(found: dict[int, set[str]], rows: Iterable[Any]) -> None:
    for report_id, state in rows:
        found.setdefault(report_id, set()).add(state)
