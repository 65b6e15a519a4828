"""The steps of a report: one place that decides and writes state, history and the figures' copy of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from app.infra.database import db
from app.infra.registries import table
from app.infra.transactions import emit
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, DomainError, Invalid, Problem
from app.kernel.texts import Message
from app.kernel.workflow import Step
from app.organisations.models import Admin
from app.organisations.reviewers import superior_of
from app.reports import figures
from app.reports.checking import Outcome, check
from app.reports.events import ReportStepped
from app.reports.form_loading import definition
from app.reports.models import Report, ReportStep
from app.reports.opening import OpenReport, Ref, open_report
from app.reports.workflow import (
    APPROVED,
    IN_REVIEW,
    RETURNED,
    STATE_LABELS,
    WORKFLOW,
    ReportFacts,
)

LONGEST_COMMENT = 500
SHORTEST_EXPLANATION = 5
ACCEPTING = frozenset({"accept", "approve"})
NO_REVIEWER = Message("No administrator is responsible for your region yet. Ask the hotline.")
NOT_CHECKED = Message("The report cannot be submitted yet.")

Condition = Callable[[OpenReport], list[Problem]]
"""A submission condition of a later domain, such as "all questionnaires are answered"."""


def facts_of(report: Report) -> ReportFacts:
    """What the workflow table needs to know of a report."""
    holder = report.holder
    return ReportFacts(
        enterprise_id=report.enterprise_id,
        reviewer_id=report.holder_id,
        reviewer_is_top=holder is not None and superior_of(holder) is None,
        reviewer_name=str(holder) if holder else "",
        accepted_levels=report.accepted_levels,
    )


def submit(actor: Actor, ref: Ref, lock: int, filler: str, now: dt.datetime) -> Report:
    """Send a report to the direct reviewer.

    :param lock: the version that the page showed.
    :param filler: 填报人, the person who filled it.
    :raises Invalid: hard findings, missing filler, conditions of other domains: all together.
    :raises Conflict: it was changed or sent meanwhile.
    """
    opened = open_report(actor, ref, now, lock=True)
    report = _stored(opened)
    if report.state == IN_REVIEW and report.version == lock + 1:
        return report  # the second click of a double click: the first one has sent it
    check_lock(report, lock)
    problems = submission_problems(opened, filler, now)
    if problems and WORKFLOW.offered(facts_of(report), report.state, actor):
        raise Invalid(problems, NOT_CHECKED)
    reviewer = opened.enterprise.direct_reviewer
    first = report.first_submitted_at is None
    values = {
        "filler_name": filler.strip()[:60],
        "direct_reviewer_id": reviewer.id if reviewer else None,
        "submitted_at": now,
        "first_submitted_at": now if first else report.first_submitted_at,
        "late": opened.calendar.is_late(opened.ref.month, now) if first else report.late,
    }
    step(actor, report, "submit", "", now, holder=reviewer, values=values)
    return report


def submission_problems(opened: OpenReport, filler: str, now: dt.datetime) -> list[Problem]:
    """Everything that stands against submitting, from here and from domains that registered a condition."""
    outcome = check(opened.version, opened.case())
    problems = [Problem(finding.message, finding.field) for finding in outcome.hard]
    problems.extend(_unexplained(opened, outcome))
    if not filler.strip():
        problems.append(Problem(Message("Enter who filled in this report."), "filler"))
    if opened.enterprise.direct_reviewer is None or opened.enterprise.direct_reviewer.state != "active":
        problems.append(Problem(NO_REVIEWER))
    if opened.state != RETURNED and (closed := opened.calendar.closed_for(opened.ref.month, now)):
        problems.append(Problem(closed))
    for condition in table("SUBMISSION_CONDITIONS"):
        problems.extend(condition(opened))
    return problems


def _unexplained(opened: OpenReport, outcome: Outcome) -> list[Problem]:
    report = opened.report
    told = (
        {found.key for found in report.findings if len(found.explanation) >= SHORTEST_EXPLANATION}
        if report
        else set()
    )
    return [
        Problem(Message("Explain why this is right, in at least {count} characters: {finding}",
                        count=SHORTEST_EXPLANATION, finding=finding.message), finding.field)
        for finding in outcome.soft
        if finding.key not in told
    ]  # fmt: skip


def withdraw(actor: Actor, report: Report, lock: int, now: dt.datetime) -> None:
    """Take a report back while nobody has accepted it."""
    check_lock(report, lock)
    step(actor, report, "withdraw", "", now, holder=None)


def accept(actor: Actor, report: Report, lock: int, comment: str, now: dt.datetime) -> None:
    """Pass a report on, one level up; at the top of the chain it is approved.

    :raises Conflict: somebody was faster; says who and what.
    """
    check_lock(report, lock)
    holder = report.holder
    superior = superior_of(holder) if holder else None
    step(actor, report, "accept" if superior else "approve", comment, now, holder=superior or holder)


def give_back(actor: Actor, report: Report, lock: int, reason: str, now: dt.datetime) -> None:
    """Return a report to the enterprise with a reason, from any level or after approval.

    :raises Invalid: no reason, or a longer one than can be kept.
    """
    verb = "reopen" if report.state == APPROVED else "return"
    check_lock(report, lock)
    step(actor, report, verb, reason, now, holder=None)


def step(
    actor: Actor,
    report: Report,
    verb: str,
    comment: str,
    now: dt.datetime,
    *,
    holder: Admin | None,
    values: Mapping[str, object] | None = None,
) -> None:
    """Take one step of the workflow on a locked report: state, history, the figures' copy of it.

    :param holder: at whom the report waits afterwards.
    :param values: what else of the report changes with the step.
    :raises Invalid: the comment is missing, or longer than can be kept.
    """
    if len(comment.strip()) > LONGEST_COMMENT:
        raise Invalid([Problem(Message("At most {count} characters.", count=LONGEST_COMMENT), "comment")])
    try:
        decided = WORKFLOW.decide(facts_of(report), report.state, verb, actor, comment)
    except Conflict as refusal:
        raise _told(refusal, report) from refusal
    before, after = report.holder_id, holder.id if holder else None
    report.state = decided.target
    report.holder_id = after
    report.updated_at = now
    report.approved_at = now if decided.target == APPROVED else None
    report.accepted_levels = report.accepted_levels + 1 if verb in ACCEPTING else 0
    report.return_reason = decided.comment if decided.target == RETURNED else ""
    for name, value in (values or {}).items():
        setattr(report, name, value)
    db.session.flush()  # a new report has its number from here on
    db.session.add(_line(actor, report, decided, before, now))
    db.session.flush()
    db.session.expire(report, ["holder", "direct_reviewer", "steps"])
    figures.sync(
        definition(report.form_version_id),
        [figures.Key(report.period, report.enterprise_id)],
        state=report.state,
    )
    emit(ReportStepped(decided.emits, report.id, report.period, report.enterprise_id, after, decided.comment))


def _line(
    actor: Actor, report: Report, decided: Step, holder_before: int | None, now: dt.datetime
) -> ReportStep:
    return ReportStep(
        report_id=report.id,
        at=now,
        account_id=actor.account_id,
        actor_name=actor.name[:100],
        bureau_name=actor.bureau_name[:80],
        verb=decided.verb,
        source=decided.source,
        target=decided.target,
        comment=decided.comment,
        holder_before_id=holder_before,
        holder_after_id=report.holder_id,
    )


def check_lock(report: Report, lock: int) -> None:
    """Refuse who looks at an older version; says who changed it and when.

    :raises Conflict: the report moved on.
    """
    if report.version != lock:
        raise _told(Conflict(Message("This report was changed meanwhile.")), report)


def _told(refusal: DomainError, report: Report) -> Conflict:
    last = report.steps[-1] if report.steps else None
    if last is None:
        return Conflict(refusal.message)
    return Conflict(
        Message(
            "The report is now “{state}”: {name} did “{step}” at {when}. "
            "Nothing of yours was changed; reload to go on.",
            state=STATE_LABELS[report.state],
            name=last.actor_name,
            step=next(
                (edge.label for edge in WORKFLOW.transitions if edge.verb == last.verb), Message(last.verb)
            ),
            when=last.at,
        )
    )


def _stored(opened: OpenReport) -> Report:
    if opened.report is None:
        raise Invalid([Problem(Message("Nothing was filled in for {month} yet.", month=opened.ref.month))])
    return opened.report
