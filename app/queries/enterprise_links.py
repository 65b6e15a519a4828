"""The ways to the analysis of an enterprise from its record and from its reports."""

from __future__ import annotations

from flask import url_for

from app.enterprises.models import Enterprise
from app.infra.i18n import say
from app.infra.security import current_permissions
from app.kernel.texts import Message
from app.reports.models import Report

WORDS = Message("Enterprise analysis")


def analysis_of(enterprise: Enterprise) -> list[tuple[str, str]]:
    """From the record of an enterprise, for who may read its analysis."""
    return _link(enterprise.id)


def analysis_from_report(report: Report) -> list[tuple[str, str]]:
    """From the page of a report to its enterprise."""
    return _link(report.enterprise_id)


def analysis_of_row(enterprise_id: int) -> list[tuple[str, str]]:
    """From a line of a list of enterprises."""
    return _link(enterprise_id)


def _link(enterprise_id: int) -> list[tuple[str, str]]:
    if ("can_show", "EnterpriseAnalysisView") not in current_permissions():
        return []
    return [(say(WORDS), url_for("EnterpriseAnalysisView.analysis", enterprise_id=enterprise_id))]
