"""Trying a rule on the reports of a month before it is published: nothing is written, and time is limited."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.enterprises.models import EnterpriseVersion, Industry
from app.infra.database import db, is_postgresql
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.expressions import Given, parse
from app.kernel.periods import Month
from app.reports import figures, prefill
from app.reports.checking import (
    Case,
    EarlierReport,
    Finding,
    Outcome,
    Target,
    check,
    split_name,
    targets,
    value_of,
)
from app.reports.definitions import Row, RuleDefinition, VersionDefinition
from app.reports.figures import Key
from app.reports.form_loading import definition
from app.reports.form_rules import EARLIER
from app.reports.models import Report
from app.reports.opening import counts_as_approved
from app.reports.settings import approved_level

BATCH = 500
SHOWN = 20
SECONDS = 10
"""How long a trial may take, and any statement of it."""
TOOK_TOO_LONG = "57014"
"""What PostgreSQL calls a statement that it cancelled."""


@dataclass(frozen=True, slots=True)
class Example:
    """A report in which the rule does not hold: the first place, and the values that it compared there."""

    report_id: int
    enterprise: str
    indicator: str
    cell: str
    row_no: int
    places: int
    values: tuple[tuple[str, Given], ...]


@dataclass
class Trial:
    """What a rule would do to the reports of a month that the editor sees.

    ``found`` and ``silent`` count reports, ``complete`` is False where the time ran out before the last one.
    """

    month: Month
    checked: int = 0
    found: int = 0
    silent: int = 0
    complete: bool = True
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Subject:
    report_id: int
    enterprise_id: int
    enterprise: str
    opened_on: dt.date | None
    industrial: bool
    version_id: int


def try_rule(
    actor: Actor,
    version: VersionDefinition,
    rule: RuleDefinition,
    month: Month,
    now: dt.datetime,
    in_time: Callable[[], bool],
) -> Trial:
    """Ask a rule of a draft of every report of a month in the actor's scope.

    Figures are read as the reports' own versions have them: an indicator that is new in the draft is missing.

    :param in_time: asked between batches; the trial stops where it says no.
    """
    trial = Trial(month)
    if month.month not in rule.months:
        return trial
    asked = replace(version, rules=(rule,))
    try:
        with _reading_only():
            level = approved_level(now)
            for batch in _batches(_subjects(actor, version.form_id, month, local_date(now))):
                if not in_time():
                    trial.complete = False
                    break
                for subject, case in _cases(batch, rule, month, version, level):
                    _count(trial, subject, asked, case)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != TOOK_TOO_LONG:
            raise
        trial.complete = False
    return trial


@contextlib.contextmanager
def _reading_only() -> Iterator[None]:
    """The database itself refuses a write, and on PostgreSQL a statement that takes too long."""
    db.session.rollback()
    connection = db.session.connection()
    if is_postgresql():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{SECONDS}s'")
    else:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        yield
    finally:
        if not is_postgresql():
            connection.exec_driver_sql("PRAGMA query_only = OFF")
        db.session.rollback()


def _subjects(actor: Actor, form_id: int, month: Month, today: dt.date) -> list[_Subject]:
    query = (
        select(
            Report.id,
            Report.enterprise_id,
            EnterpriseVersion.name,
            EnterpriseVersion.opened_on,
            Industry.is_industrial,
            Report.form_version_id,
        )
        .join(EnterpriseVersion, EnterpriseVersion.id == Report.enterprise_version_id)
        .join(Industry, Industry.id == EnterpriseVersion.industry_id)
        .where(Report.form_id == form_id, Report.period == month.key, scope_of(Report)(actor, today))
        .order_by(Report.form_version_id, Report.id)
    )
    return [_Subject(*row) for row in db.session.execute(query)]


def _batches(subjects: Sequence[_Subject]) -> Iterator[Sequence[_Subject]]:
    """Reports of one version, so many at a time."""
    first = 0
    while first < len(subjects):
        end = first
        while (
            end < min(first + BATCH, len(subjects)) and subjects[end].version_id == subjects[first].version_id
        ):
            end += 1
        yield subjects[first:end]
        first = end


def _cases(
    batch: Sequence[_Subject], rule: RuleDefinition, month: Month, draft: VersionDefinition, level: str
) -> Iterator[tuple[_Subject, Case]]:
    filed_with = definition(batch[0].version_id)
    names = parse(rule.expression).names
    used = {report for name in names if (report := split_name(name, "")[0]) in EARLIER}
    months = _months(month, used)
    ids = [subject.enterprise_id for subject in batch]
    read = figures.read_many(filed_with, [Key(one.key, known) for one in (month, *months) for known in ids])
    approved = _approved(draft.form_id, months, ids, level)
    rows = _rows(filed_with, rule, month, ids)

    def earlier(one: Month, enterprise_id: int) -> EarlierReport | None:
        key = Key(one.key, enterprise_id)
        return EarlierReport(read.get(key, {}), approved[key]) if key in approved else None

    for subject in batch:
        known = subject.enterprise_id
        before = month.previous()
        yield (
            subject,
            Case(
                month=month,
                industrial=subject.industrial,
                cells=read.get(Key(month.key, known), {}),
                opened_on=subject.opened_on,
                last=prefill.with_last_year(
                    filed_with, earlier(before, known), earlier(before.last_year(), known)
                )
                if month.month != 1
                else None,
                last_year=earlier(month.last_year(), known),
                rows={rule.section: rows.get(Key(month.key, known), [])} if rule.section else {},
            ),
        )


def _months(month: Month, used: Iterable[str]) -> list[Month]:
    """The months of the earlier reports that an expression looks at."""
    found = []
    if "last" in used and month.month != 1:
        found += [month.previous(), month.previous().last_year()]
    if "lastyear" in used:
        found.append(month.last_year())
    return found


def _approved(form_id: int, months: Sequence[Month], ids: Sequence[int], level: str) -> dict[Key, bool]:
    """The earlier reports that there are, and whether each counts as approved."""
    if not months:
        return {}
    query = select(Report.period, Report.enterprise_id, Report.state, Report.accepted_levels).where(
        Report.form_id == form_id,
        Report.period.in_([one.key for one in months]),
        Report.enterprise_id.in_(ids),
    )
    return {
        Key(period, known): counts_as_approved(state, levels, level)
        for period, known, state, levels in db.session.execute(query)
    }


def _rows(
    filed_with: VersionDefinition, rule: RuleDefinition, month: Month, ids: Sequence[int]
) -> Mapping[Key, Sequence[Row]]:
    """The repeating rows that a rule is about; none where the reports' version has no such section."""
    if rule.section not in {section.code for section in filed_with.row_sections}:
        return {}
    return figures.read_rows_many(filed_with, rule.section, [Key(month.key, known) for known in ids])


def _count(trial: Trial, subject: _Subject, asked: VersionDefinition, case: Case) -> None:
    outcome = check(asked, case)
    trial.checked += 1
    trial.found += bool(outcome.findings)
    trial.silent += bool(outcome.silenced) and not outcome.findings
    if outcome.findings and len(trial.examples) < SHOWN:
        trial.examples.append(_example(subject, asked, case, outcome))


def _example(subject: _Subject, asked: VersionDefinition, case: Case, outcome: Outcome) -> Example:
    (rule,) = asked.rules
    first = outcome.findings[0]
    place = next(target for target in targets(asked, rule, case) if _is_at(target, first))
    return Example(
        report_id=subject.report_id,
        enterprise=subject.enterprise,
        indicator=first.indicator,
        cell=first.cell,
        row_no=first.row_no,
        places=len(outcome.findings),
        values=tuple(
            (name, value_of(name, asked, place, case)) for name in sorted(parse(rule.expression).names)
        ),
    )


def _is_at(target: Target, finding: Finding) -> bool:
    return (target.subject.code, target.cell, target.row_no) == (
        finding.indicator,
        finding.cell,
        finding.row_no,
    )
