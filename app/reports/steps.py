"""The steps of a report: one place that decides and writes state, history and the figures' copy of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.infra.database import db
from app.infra.registries import table
from app.infra.transactions import emit
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, DomainError, Invalid, Problem
from app.kernel.texts import Message
from app.kernel.workflow import Step
from app.organisations.models import Admin
from app.organisations.reviewers import superior_of, top_of
from app.reports import figures, findings
from app.reports.checking import Outcome, check
from app.reports.events import ReportStepped
from app.reports.form_loading import definition
from app.reports.models import Report, ReportStep
from app.reports.opening import OpenReport, Ref, closed_reason, open_report
from app.reports.workflow import (
    APPROVED,
    IN_REVIEW,
    RETURNED,
    STATE_LABELS,
    SUBMITTABLE,
    WORKFLOW,
    ReportFacts,
)

LONGEST_COMMENT = 500
FREEZES = frozenset({"freeze", "unfreeze", "refuse_change"})
"""Verbs between which a report goes on being filled: what it was returned for is still to be mended."""
ACCEPTING = frozenset({"accept", "approve", "leapfrog", "leapfrog_approve"})
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
        top_id=None if holder is None else top_of(holder).id,
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
    may_submit = report.state in SUBMITTABLE and WORKFLOW.offered(facts_of(report), report.state, actor)
    if problems and may_submit:
        raise Invalid(problems, NOT_CHECKED)
    # what an earlier report silenced at the last save may be found now: reviewers see what holds today
    outcome = check(opened.version, opened.case())
    findings.store(report, outcome, findings.explanations_of(report))
    values = submitted_values(opened, report, outcome, filler, now)
    step(actor, report, "submit", "", now, holder=opened.enterprise.direct_reviewer, values=values)
    return report


def submitted_values(
    opened: OpenReport, report: Report, outcome: Outcome, filler: str, now: dt.datetime
) -> dict[str, object]:
    """What else of a report changes when it is submitted."""
    reviewer = opened.enterprise.direct_reviewer
    first = report.first_submitted_at is None
    return {
        "filler_name": filler.strip()[:60],
        "direct_reviewer_id": reviewer.id if reviewer else None,
        "submitted_at": now,
        "first_submitted_at": now if first else report.first_submitted_at,
        "late": opened.is_late(now) if first else report.late,
        **findings.counts_of(outcome),
    }


def submission_problems(
    opened: OpenReport, filler: str, now: dt.datetime, outcome: Outcome | None = None
) -> list[Problem]:
    """Everything that stands against submitting, from here and from domains that registered a condition.

    :param outcome: of a check that was just made; else the rules are asked here.
    """
    outcome = outcome or check(opened.version, opened.case())
    problems = [Problem(finding.message, finding.field) for finding in outcome.hard]
    problems.extend(_unexplained(opened, outcome))
    if not filler.strip():
        problems.append(Problem(Message("Enter who filled in this report."), "filler"))
    if opened.enterprise.direct_reviewer is None or opened.enterprise.direct_reviewer.state != "active":
        problems.append(Problem(NO_REVIEWER))
    if (closed := opened.closed(now)) is not None:
        problems.append(Problem(closed))
    for condition in table("SUBMISSION_CONDITIONS"):
        problems.extend(condition(opened))
    return problems


def _unexplained(opened: OpenReport, outcome: Outcome) -> list[Problem]:
    return [
        Problem(Message("Explain why this is right, in at least {count} characters: {finding}",
                        count=findings.SHORTEST_EXPLANATION, finding=one.finding.message), one.finding.field)
        for one in findings.standing(opened, outcome)
        if not one.is_enough
    ]  # fmt: skip


def withdraw(actor: Actor, report: Report, lock: int, now: dt.datetime) -> None:
    """Take a report back while nobody has accepted it.

    :raises Conflict: its month is closed: it could not be submitted again.
    """
    check_lock(report, lock)
    if (closed := closed_reason(report, now)) is not None:
        raise Conflict(
            Message("It could not be submitted again, so it stays with the reviewer. {reason}", reason=closed)
        )
    step(actor, report, "withdraw", "", now, holder=None)


def accept(actor: Actor, report: Report, lock: int, comment: str, now: dt.datetime) -> None:
    """Pass a report on, one level up; at the top of the chain it is approved.

    :raises Conflict: somebody was faster; says who and what.
    """
    check_lock(report, lock)
    holder = report.holder
    superior = superior_of(holder) if holder else None
    step(actor, report, "accept" if superior else "approve", comment, now, holder=superior or holder)


def leapfrog(actor: Actor, report: Report, lock: int, comment: str, now: dt.datetime) -> None:
    """越级接收: take a report from whatever desk it waits at to the top one; the top itself approves it.

    :raises Conflict: somebody was faster; says who and what.
    :raises Forbidden: the actor lacks the right, or the report waits at the top already.
    """
    check_lock(report, lock)
    top = top_of(report.holder) if report.holder else None
    ends = top is not None and top.id == actor.admin_id
    step(actor, report, "leapfrog_approve" if ends else "leapfrog", comment, now, holder=top)


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
    deciders: frozenset[int] = frozenset(),
) -> None:
    """Take one step of the workflow on a locked report: state, history, the figures' copy of it.

    :param holder: at whom the report waits afterwards.
    :param values: what else of the report changes with the step.
    :param deciders: the admins who may decide about the change of key fields that froze it.
    :raises Invalid: the comment is missing, or longer than can be kept.
    """
    take_together(actor, [Taken(report, verb, holder, values or {}, deciders)], now, comment)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that is to be taken: of which report, at whom it waits afterwards, what else changes.

    ``deciders`` are the admins who may decide about the change of key fields that froze it.
    """

    report: Report
    verb: str
    holder: Admin | None
    values: Mapping[str, object]
    deciders: frozenset[int] = frozenset()


def take_together(actor: Actor, taken: Sequence[Taken], now: dt.datetime, comment: str = "") -> None:
    """Take steps of several locked reports of one version, with few statements for all of them.

    :raises Invalid, Conflict, Forbidden: as ``step``; then none of them may be committed.
    """
    if len(comment.strip()) > LONGEST_COMMENT:
        raise Invalid([Problem(Message("At most {count} characters.", count=LONGEST_COMMENT), "comment")])
    made = [(one, *_set(actor, one, now, comment)) for one in taken]
    db.session.flush()  # a new report has its number from here on
    db.session.add_all(_line(actor, one.report, decided, before, now) for one, decided, before in made)
    db.session.flush()
    for one in taken:
        db.session.expire(one.report, ["holder", "direct_reviewer", "steps"])
    _sync([one.report for one in taken])
    for one, decided, _before in made:
        report = one.report
        place = (report.id, report.period, report.enterprise_id)
        emit(ReportStepped(decided.emits, *place, report.holder_id, now, decided.comment))


def _set(actor: Actor, taken: Taken, now: dt.datetime, comment: str) -> tuple[Step, int | None]:
    """Ask the table and set what the step changes; the step, and at whom the report waited before."""
    report, verb = taken.report, taken.verb
    try:
        facts = replace(facts_of(report), decider_ids=taken.deciders)
        decided = WORKFLOW.decide(facts, report.state, verb, actor, comment)
    except Conflict as refusal:
        raise _told(refusal, report) from refusal
    before = report.holder_id
    report.state = decided.target
    report.holder_id = taken.holder.id if taken.holder else None
    report.updated_at = now
    report.approved_at = now if decided.target == APPROVED else None
    report.accepted_levels = report.accepted_levels + 1 if verb in ACCEPTING else 0
    if decided.target == RETURNED:
        report.return_reason = decided.comment
    elif verb not in FREEZES:
        report.return_reason = ""
    for name, value in taken.values.items():
        setattr(report, name, value)
    return decided, before


def _sync(reports: Sequence[Report]) -> None:
    """The figures' copy of the states; one statement for each table and state."""
    keys: dict[tuple[int, str], list[figures.Key]] = {}
    for report in reports:
        of = keys.setdefault((report.form_version_id, report.state), [])
        of.append(figures.Key(report.period, report.enterprise_id))
    for (version_id, state), wanted in keys.items():
        figures.sync(definition(version_id), wanted, state=state)


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
