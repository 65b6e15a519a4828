"""Reports with invented histories, written straight into the tables as the services would have left them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.periods import Month
from app.reports.form_loading import version_for
from app.reports.known_forms import find_form
from app.reports.models import Report, ReportStep
from app.reports.opening import calendar_of
from app.reports.workflow import APPROVED, EDITING, IN_REVIEW, NOT_FILLED, RETURNED
from tests.factories.reports import FORM

NEXT = {
    NOT_FILLED: (("save", EDITING),),
    EDITING: (("submit", IN_REVIEW),),
    IN_REVIEW: (("withdraw", EDITING), ("accept", IN_REVIEW), ("approve", APPROVED), ("return", RETURNED)),
    RETURNED: (("submit", IN_REVIEW),),
    APPROVED: (("reopen", RETURNED),),
}
"""State → the steps that a report can take from it."""


@dataclass(frozen=True)
class Step:
    """A step of a report: when, which, and where to."""

    at: dt.datetime
    verb: str
    target: str


def invented(chance: random.Random, begins: dt.datetime, days: int) -> list[Step]:
    """Up to eight steps within some days of an instant, each allowed after the one before."""
    moments = sorted(begins + dt.timedelta(minutes=chance.randrange(days * 1440)) for _ in range(8))
    state, steps = NOT_FILLED, []
    for at in moments[: chance.randrange(9)]:
        verb, state = chance.choice(NEXT[state])
        steps.append(Step(at, verb, state))
    return steps


def keep(enterprise: Enterprise, month: Month, steps: Sequence[Step]) -> None:
    """A report that took these steps; without any there is none."""
    with unit_of_work():
        put(enterprise, month, steps)


def put(enterprise: Enterprise, month: Month, steps: Sequence[Step]) -> None:
    """The same within the unit of work of the caller."""
    if not steps:
        return
    form, state = find_form(FORM), steps[-1].target
    sent = [step.at for step in steps if step.verb == "submit"]
    held = state in (IN_REVIEW, APPROVED)
    report = Report(
        form_id=form.id,
        form_version_id=version_for(FORM, month).id,
        period=month.key,
        enterprise_id=enterprise.id,
        region_id=enterprise.region_id,
        enterprise_version_id=enterprise.current_version_id,
        state=state,
        direct_reviewer_id=enterprise.direct_reviewer_id,
        holder_id=enterprise.direct_reviewer_id if held else None,
        due_on=calendar_of(form).due_on(month),
        late=bool(sent) and calendar_of(form).is_late(month, sent[0]),
        submitted_at=sent[-1] if sent else None,
        first_submitted_at=sent[0] if sent else None,
        approved_at=steps[-1].at if state == APPROVED else None,
        created_at=steps[0].at,
        updated_at=steps[-1].at,
    )
    db.session.add(report)
    db.session.flush()
    source = NOT_FILLED
    for step in steps:
        db.session.add(
            ReportStep(
                report_id=report.id,
                at=step.at,
                actor_name="-",
                verb=step.verb,
                source=source,
                target=step.target,
            )
        )
        source = step.target


def enterprises() -> list[Enterprise]:
    """Those of the demonstration, in the order in which they came."""
    return list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))
