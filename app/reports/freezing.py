"""Enterprise information as the first step of a report: saved with it, and frozen where who it is changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace

from sqlalchemy import select

from app.enterprises import key_changes, service
from app.enterprises.checks import choice_problems, region_problems
from app.enterprises.drafts import EnterpriseDraft, draft_problems
from app.enterprises.events import KeyChangeStepped
from app.enterprises.key_change_models import KeyChange
from app.enterprises.key_change_rules import KeyFacts, changed_fields
from app.enterprises.models import Enterprise
from app.enterprises.registrations import FIGURES
from app.infra.database import db
from app.kernel.actor import SYSTEM, Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Invalid, NotFound, Overtaken, Problem
from app.kernel.texts import Message
from app.reports import figures, filling, findings
from app.reports.checking import check
from app.reports.form_loading import definition
from app.reports.models import Report
from app.reports.opening import OpenReport, Ref, dimensions_of, filing_of, open_report, ref_of
from app.reports.steps import LONGEST_COMMENT, step
from app.reports.workflow import FROZEN

CHANGED_ELSEWHERE = Message(
    "The enterprise information was changed elsewhere meanwhile. What you entered stands here, not yet "
    "saved. Save again to keep yours, or reload to see the other."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a save of the enterprise information came to.

    ``to_confirm`` names the key fields that differ: nothing was saved then, the user is asked first.
    """

    opened: OpenReport
    to_confirm: frozenset[str] = frozenset()
    frozen: bool = False
    changed: bool = False


def save_enterprise(
    actor: Actor,
    ref: Ref,
    entered: EnterpriseDraft,
    version: int | None,
    now: dt.datetime,
    *,
    confirmed: bool,
) -> Kept:
    """Save the enterprise information of a report that is being filled.

    Facts that do not say who the enterprise is are saved at once, as a new version with which the report is
    filed from now on. A changed key field is asked about first; confirmed, it is recorded as a request, and
    the report is frozen in the same transaction.

    :param version: of the enterprise, as the page showed it.
    :raises Invalid: everything that is wrong with the entries; nothing was saved.
    :raises Conflict: the report cannot be filled now, another change is under way, or somebody else
        changed the enterprise since ``version``.
    """
    enterprise = own_enterprise(actor, lock=True)
    opened = filling.open_own(actor, ref, now)
    if version is not None and enterprise.version != version:
        raise Overtaken(CHANGED_ELSEWHERE)
    draft = completed(enterprise, entered, now)
    old, new = key_changes.key_facts(enterprise), key_changes.entered_facts(draft)
    changed = changed_fields(old, new)
    _refuse_wrong(actor, enterprise, draft, now)
    if changed and key_changes.open_change(enterprise.id) is not None:
        raise Conflict(key_changes.WAITING_ALREADY)
    if changed and not confirmed:
        return Kept(opened, to_confirm=changed)
    before = enterprise.current_version_id
    exception = enterprise.uscc_exception  # stays with the old code
    facts = replace(
        draft, name=old.name, uscc=old.uscc, uscc_exception=exception, industry_id=old.industry_id
    )
    if facts != key_changes.draft_of(enterprise):
        service.edit_enterprise(actor, enterprise.id, facts, None, now)
    saved = enterprise.current_version_id != before
    if saved or _is_behind(opened, enterprise):
        _file_with(actor, opened, enterprise, now)
    if changed:
        _freeze(actor, opened, enterprise, new, now)
    return Kept(opened, frozen=bool(changed), changed=saved)


def own_enterprise(actor: Actor, *, lock: bool = False) -> Enterprise:
    """The enterprise of the acting account.

    :raises NotFound: it has none.
    """
    query = select(Enterprise).where(Enterprise.id == (actor.enterprise_id or 0))
    if lock:
        query = query.with_for_update(of=Enterprise).execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def completed(enterprise: Enterprise, entered: EnterpriseDraft, now: dt.datetime) -> EnterpriseDraft:
    """The entries as they are kept: figures that are entered anew are those of the end of last year.

    A credit code that an administrator let in with a reason keeps it as long as the code stays.
    """
    same = all(getattr(entered, name) == getattr(enterprise, name) for name in FIGURES)
    year = enterprise.figures_year if same else local_date(now).year - 1
    return replace(entered, figures_year=year, uscc_exception=enterprise.uscc_exception).normalised()


def _refuse_wrong(actor: Actor, enterprise: Enterprise, draft: EnterpriseDraft, now: dt.datetime) -> None:
    """The checks of a registration, but for duplicates: those the review of a key field finds (spec 20)."""
    today = local_date(now)
    problems = draft_problems(draft, today, may_except=draft.uscc == enterprise.uscc)
    required = Message("This entry is required.")
    problems += [Problem(required, field) for field in FIGURES if getattr(draft, field) is None]
    if draft.region_id != enterprise.region_id:
        problems += region_problems(draft.region_id, actor, today)
    problems += choice_problems(draft)
    if problems:
        raise Invalid(problems)


def _is_behind(opened: OpenReport, enterprise: Enterprise) -> bool:
    report = opened.report
    return report is not None and report.enterprise_version_id != enterprise.current_version_id


def _file_with(actor: Actor, opened: OpenReport, enterprise: Enterprise, now: dt.datetime) -> None:
    """File a report with the enterprise as it is today; the first save makes its row."""
    opened.filing = filing_of(enterprise.current_version_id)
    report = filling.ensure_row(actor, opened, now)
    refile(report, now)


def refile(report: Report, now: dt.datetime) -> None:
    """File a report with its enterprise's current version: its dimensions and findings follow.

    Figures of indicators that no longer apply stay where they are; see ``opening.applying``.
    """
    db.session.expire(report, ["region_id"])  # the database carries a move over by itself
    current = select(Enterprise.current_version_id).where(Enterprise.id == report.enterprise_id)
    report.enterprise_version_id = db.session.scalars(current).one()
    report.updated_at = now
    db.session.flush()
    db.session.expire(report, ["enterprise_version"])
    filing = filing_of(report.enterprise_version_id)
    key = figures.Key(report.period, report.enterprise_id)
    figures.sync(definition(report.form_version_id), [key], **asdict(dimensions_of(report, filing)))
    opened = open_report(SYSTEM, ref_of(report), now)
    outcome = check(opened.version, opened.case())
    findings.store(report, outcome, findings.explanations_of(report))
    for name, value in findings.counts_of(outcome).items():
        setattr(report, name, value)
    db.session.flush()


def _freeze(
    actor: Actor, opened: OpenReport, enterprise: Enterprise, new: KeyFacts, now: dt.datetime
) -> None:
    change = key_changes.ask(actor, enterprise, new, opened.ref.month.key, now)
    comment = told_briefly(change)
    if opened.report is None:
        filling.begin(actor, opened, "freeze", comment, now)
    else:
        step(actor, opened.report, "freeze", comment, now, holder=None)


def told_briefly(change: KeyChange) -> str:
    """Old and new values, as a line of history keeps them: texts of the data, the same in every language."""
    lines = key_changes.told_changes(change.old, change.new)
    return "；".join(f"{line.old} → {line.new}" for line in lines)[:LONGEST_COMMENT]


VERBS = {"key_change_approved": "unfreeze", "key_change_returned": "refuse_change"}
"""What the end of a change does to the report that it froze."""


def follow_change(event: KeyChangeStepped) -> None:
    """Unfreeze the report of a change that was decided, in the transaction of the decision."""
    verb = VERBS.get(event.name)
    if verb is None:
        return
    query = select(Report).where(Report.enterprise_id == event.enterprise_id, Report.state == FROZEN)
    frozen = db.session.scalars(
        query.with_for_update(of=Report).execution_options(populate_existing=True)
    ).one_or_none()
    if frozen is None:
        return
    comment = event.reason.zh[:LONGEST_COMMENT] if event.reason else ""
    step(event.actor, frozen, verb, comment, event.at, holder=None, deciders=event.reviewer_ids)
    if verb == "unfreeze":
        refile(frozen, event.at)
