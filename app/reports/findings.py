"""Findings of a report as they stand now, with what the enterprise explained; and how they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert

from app.infra.database import db
from app.reports.checking import Finding, Outcome, check
from app.reports.models import Report, ReportFinding
from app.reports.opening import OpenReport

SHORTEST_EXPLANATION = 5
"""Characters of an explanation (spec 20)."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding with its explanation, empty where there is none."""

    finding: Finding
    explanation: str

    @property
    def is_enough(self) -> bool:
        """Whether the enterprise may go on."""
        return self.finding.severity != "soft" or len(self.explanation) >= SHORTEST_EXPLANATION


def explanations_of(report: Report | None) -> dict[str, str]:
    """What is explained already, by the key of its finding."""
    found = report.findings if report else ()
    return {finding.key: finding.explanation for finding in found if finding.explanation}


def standing(opened: OpenReport, outcome: Outcome | None = None) -> list[Explained]:
    """What the rules say now. Stored findings may be older: an earlier report was approved since, say.

    A report that is no longer with the enterprise keeps the findings that it was submitted with.
    """
    if opened.report is None:
        return []
    if not opened.is_fillable:
        return [Explained(_stored(found), found.explanation) for found in opened.report.findings]
    told = explanations_of(opened.report)
    outcome = outcome or check(opened.version, opened.case())
    return [Explained(found, told.get(found.key, "")) for found in outcome.findings]


def _stored(line: ReportFinding) -> Finding:
    return Finding(
        rule=line.rule,
        severity=line.severity,
        section=line.section,
        indicator=line.indicator,
        cell=line.cell,
        message=line.message,
        row_no=line.row_no,
    )


def counts_of(outcome: Outcome) -> dict[str, object]:
    """What a report says of its findings: how many, and whether it passes system screening 系统筛查."""
    return {
        "hard_count": len(outcome.hard),
        "soft_count": len(outcome.soft),
        "screening": "failed" if outcome.soft else "passed",
    }


def store(report: Report, outcome: Outcome, explanations: Mapping[str, str]) -> None:
    """Make the stored findings those of a check; what was explained stays explained.

    The counts of ``counts_of`` are the caller's to set, in the statement that changes the report.
    """
    wanted = [Explained(found, explanations.get(found.key, "")) for found in outcome.findings]
    if wanted == [Explained(_stored(line), line.explanation) for line in report.findings]:
        return
    db.session.execute(delete(ReportFinding).where(ReportFinding.report_id == report.id))
    lines = [_line(report, one) for one in wanted]
    if lines:
        db.session.execute(insert(ReportFinding), lines)
    db.session.expire(report, ["findings"])


def store_many(found: Sequence[tuple[Report, Outcome]]) -> None:
    """The same for many reports with few statements; what was explained stays explained.

    The findings of each report are loaded, or it has none yet.
    """
    changed: list[tuple[Report, list[Explained]]] = []
    for report, outcome in found:
        told = explanations_of(report)
        wanted = [Explained(one, told.get(one.key, "")) for one in outcome.findings]
        if wanted != [Explained(_stored(line), line.explanation) for line in report.findings]:
            changed.append((report, wanted))
    emptied = [report.id for report, _wanted in changed if report.findings]
    if emptied:
        db.session.execute(delete(ReportFinding).where(ReportFinding.report_id.in_(emptied)))
    lines = [_line(report, one) for report, wanted in changed for one in wanted]
    if lines:
        db.session.execute(insert(ReportFinding), lines)
    for report, _wanted in changed:
        db.session.expire(report, ["findings"])


def _line(report: Report, one: Explained) -> dict[str, object]:
    finding = one.finding
    return {
        "report_id": report.id,
        "rule": finding.rule,
        "severity": finding.severity,
        "section": finding.section,
        "row_no": finding.row_no,
        "indicator": finding.indicator,
        "cell": finding.cell,
        "message": finding.message,
        "explanation": one.explanation,
    }
