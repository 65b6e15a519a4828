"""Which reports an actor sees: those of the enterprises that the actor sees today."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from app.enterprises.models import Enterprise
from app.enterprises.scope import visible_enterprises
from app.infra.scope import register
from app.kernel.actor import Actor, Kind
from app.organisations.scope import in_territory, region_subtree
from app.reports.form_models import (
    PUBLISHED,
    FormSection,
    FormVersion,
    Indicator,
    ReportForm,
    ReportPeriod,
    ReportRule,
    SectionColumn,
    VersionIndicator,
)
from app.reports.models import Report, ReportFinding, ReportStep
from app.reports.reminder_models import ReportReminder
from app.reports.review_models import ReportSnapshot, ReturnReason
from app.reports.unfreeze_models import ReportUnfreeze


def visible_reports(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Reports of the enterprises in scope today, whatever region they were filed from.

    ``Report.region_id`` is the enterprise's of today, so this says the same as ``visible_enterprises``
    without a join (the list of a month in a prefecture: 8.7 → 3 ms).
    """
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return Report.enterprise_id == actor.enterprise_id
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return in_territory(Report.region_id, actor, today)
    return false()


def visible_steps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Steps of the reports in scope."""
    return ReportStep.report_id.in_(select(Report.id).where(visible_reports(actor, today)))


def visible_findings(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Findings of the reports in scope."""
    return ReportFinding.report_id.in_(select(Report.id).where(visible_reports(actor, today)))


def visible_reminders(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Reminders that went to the enterprises in scope."""
    return ReportReminder.enterprise_id.in_(select(Enterprise.id).where(visible_enterprises(actor, today)))


def visible_snapshots(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """What the reports in scope said when they were returned."""
    return ReportSnapshot.report_id.in_(select(Report.id).where(visible_reports(actor, today)))


def visible_reasons(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The usual reasons of the admin's own bureau."""
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.bureau_id is not None:
        return ReturnReason.bureau_id == actor.bureau_id
    return false()


def owns_forms(actor: Actor) -> bool:
    """Whether the actor edits report forms: the platform admin, and a bureau at the top of the chain."""
    return actor.kind in {Kind.PLATFORM, Kind.SYSTEM} or (
        actor.kind is Kind.BUREAU and actor.level in {"ministry", "province"}
    )


def visible_unfreezes(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Unfreezes of the managed regions and of the enterprises there, not those of larger regions."""
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        within = region_subtree(actor.region_ids, today)
        seen = select(Enterprise.id).where(visible_enterprises(actor, today))
        return or_(ReportUnfreeze.region_id.in_(within), ReportUnfreeze.enterprise_id.in_(seen))
    return false()


def visible_forms(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Forms: everybody who reports or reviews may read them."""
    return true() if _reads_forms(actor) else false()


def visible_versions(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Versions: drafts for those who edit them, published ones for readers."""
    if owns_forms(actor):
        return true()
    return FormVersion.state == PUBLISHED if _reads_forms(actor) else false()


def visible_sections(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Sections of the versions in scope."""
    return FormSection.version_id.in_(_versions(actor, today))


def visible_version_indicators(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Indicators of the versions in scope."""
    return VersionIndicator.version_id.in_(_versions(actor, today))


def visible_columns(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Columns of the versions in scope."""
    return SectionColumn.version_id.in_(_versions(actor, today))


def visible_rules(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Rules of the versions in scope."""
    return ReportRule.version_id.in_(_versions(actor, today))


def _versions(actor: Actor, today: dt.date) -> Select[Any]:
    return select(FormVersion.id).where(visible_versions(actor, today))


def _reads_forms(actor: Actor) -> bool:
    return owns_forms(actor) or actor.kind in {Kind.BUREAU, Kind.ENTERPRISE}


register(Report, visible_reports)
register(ReportStep, visible_steps)
register(ReportFinding, visible_findings)
register(ReportReminder, visible_reminders)
register(ReportSnapshot, visible_snapshots)
register(ReturnReason, visible_reasons)
register(ReportForm, visible_forms)
register(ReportPeriod, visible_forms)
register(ReportUnfreeze, visible_unfreezes)
register(FormVersion, visible_versions)
register(FormSection, visible_sections)
register(Indicator, visible_forms)
register(VersionIndicator, visible_version_indicators)
register(SectionColumn, visible_columns)
register(ReportRule, visible_rules)
