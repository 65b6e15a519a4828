"""Each kind of page for each role, on a desk and on a phone, in both languages: axe, width, policy, hosts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from app.enterprises.models import EnterpriseVersion
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.jobs import enqueue
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports import form_service
from app.reports.form_models import FormVersion, ReportRule, VersionIndicator
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories import registrations
from tests.factories.reports import approved, filled, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
Record = Mapping[str, Any]

COUNTY_PAGES = (
    "/",
    "/reports/",
    "/reports/{report}",
    "/review/",
    "/review/?report={report}",
    "/review/?state=approved&asked=1",
    "/return-reasons/list/",
    "/return-reasons/add",
    "/nonreporters/",
    "/nonreporters/remind?asked=1&period=2026-10",
    "/questionnaires/list/",
    "/questionnaires/add",
    "/respondents/",
    "/respondents/rates",
    "/queries/details/?asked=1&period_from=2026-09&period_to=2026-10",
    "/queries/products/",
    "/queries/year/",
    "/queries/year-counts/",
    "/registrations/",
    "/registrations/?registration={registration}",
    "/enterprises/list/",
    "/enterprises/show/{enterprise}",
    "/enterprises/add",
    "/enterprises/edit/{enterprise}",
    "/enterprise-query/",
    "/enterprise-charts/chart/0",
    "/enterprise-versions/show/{enterprise_version}",
    "/enterprise-charts/chart/2",
    "/account/",
    "/jobs/",
    "/help/bureau/review",
    "/help/enterprise/print",
    "/help/indicators",
)
PROVINCE_PAGES = (
    "/",
    "/bureaus/list/",
    "/bureaus/show/{bureau}",
    "/bureaus/add",
    "/admins/list/",
    "/admins/tree/",
    "/admins/transfer/{admin}",
    "/admins/show/{admin}",
    "/admins/add",
    "/regions/list/?psize=50",
    "/regions/add",
    "/industries/list/",
    "/form-versions/list/",
    "/form-versions/show/{draft}",
    "/form-indicators/edit/{indicator}",
    "/form-rules/edit/{rule}",
    "/form-rules/add",
    "/workflows/",
    "/workflows/report",
    "/queries/ranking/",
    "/queries/ranking/enterprises?asked=1&counted=missing",
    "/queries/analysis/?by=spread",
    "/industry-groups/list/",
)
ENTERPRISE_PAGES = (
    "/",
    "/filing/sme_monthly/2026-10/enterprise",
    "/filing/sme_monthly/2026-10/main",
    "/filing/sme_monthly/2026-10/products",
    "/filing/sme_monthly/2026-10/confirm",
    "/reports/",
    "/reports/{approved}",
    "/enterprises/own/",
    "/jobs/{job}",
    "/reports/999999",
)
PAGES = {
    "county": COUNTY_PAGES,
    "province": PROVINCE_PAGES,
    "enterprise": ENTERPRISE_PAGES,
    "admin": (
        *("/", "/accounts/list/", "/accounts/show/{account}", "/accounts/add", "/control-types/list/"),
        *("/settings/", "/settings/service.hotline", "/settings/service.hotline/change", "/dictionaries/"),
        *("/calendar/2026", "/calendar/2027", "/calendar/day/2026-10-10", "/calendar/2027/announcement"),
        *("/system/", "/site-map/", "/control-types/edit/1", "/help/platform/calendar", "/help/?q=CSV"),
        *("/size-standards/list/", "/size-standards/add", "/size-standards/show/1"),
    ),
    "security": ("/roles/list/", "/roles/show/1", "/roles/add", "/accounts/grant/{account}"),
    "auditor": ("/", "/audit/list/", "/audit/show/{line}"),
    "provider": ("/", "/account/", "/help/"),
    "newcomer": ("/", "/register/information"),
    "waiting": ("/", "/register/information"),
    "": ("/login/", "/help/", "/help/start/register", "/site-map/", "/register/"),
}
PLACES = [pytest.param(DESKTOP, "zh", id="desk-Chinese"), pytest.param(PHONE, "en", id="phone-English")]


@pytest.fixture
def records(actor: ActorOf, now: dt.datetime) -> Record:
    """One record for each kind of page."""
    own, county, admin = actor("enterprise"), actor("county"), actor("admin")
    done = approved(own, now, Month(2026, 9))
    filled(own, now, Month(2026, 8))
    report = submitted(own, now)
    registrations.applicant(now, "newcomer")
    waiting = registrations.applicant(now, "waiting")
    registrations.returned(waiting, county, now)
    registration = registrations.submitted(waiting, now)
    with context.acting_as(admin), unit_of_work():
        draft = form_service.create_draft(admin, report.form_id, now)
    with unit_of_work():
        job = enqueue("export", own, {"list": "reports", "form": [], "language": "zh"})

    def first(model: Any, *conditions: Any) -> int:
        return int(db.session.scalars(select(func.min(model.id)).where(*conditions)).one())

    found = {
        "report": report.id,
        "registration": registration.id,
        "approved": done.id,
        "enterprise": own.enterprise_id,
        "enterprise_version": first(EnterpriseVersion, EnterpriseVersion.enterprise_id == own.enterprise_id),
        "bureau": county.bureau_id,
        "admin": county.admin_id,
        "account": county.account_id,
        "draft": first(FormVersion, FormVersion.id == draft.id),
        "indicator": first(VersionIndicator, VersionIndicator.version_id == draft.id),
        "rule": first(ReportRule, ReportRule.version_id == draft.id),
        "line": first(AuditEntry),
        "job": job.public_id,
    }
    db.session.rollback()
    return found


@pytest.mark.parametrize(("size", "language"), PLACES)
@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "public")
def test_pages_can_be_used_by_everybody(
    records: Record, visit: Visit, role: str, size: dict[str, int], language: str
) -> None:
    """``visit`` itself fails on a violation of the policy, an error of a script, or a foreign host."""
    visitor = visit(role, size)
    visitor.go(f"/preferences/language/{language}")
    findings = []
    for pattern in PAGES[role]:
        path = pattern.format(**records)
        answer = visitor.page.goto(visitor.address + path)
        assert answer is not None and answer.status == (404 if "999999" in path else 200), path
        findings += [f"{path} {found}" for found in visitor.axe()]
        if visitor.overflows():
            findings.append(f"{path} is wider than the window")

    assert findings == []


def test_the_checks_see_what_is_wrong(visit: Visit) -> None:
    visitor = visit("", PHONE)
    page = visitor.go("/login/")
    assert visitor.axe() == [] and not visitor.overflows()

    page.evaluate(
        """() => {
            const wide = document.createElement('div');
            wide.style.width = '900px';
            wide.append(document.createElement('img'), document.createElement('select'));
            document.querySelector('main').append(wide);
        }"""
    )

    assert {found.split(":")[0] for found in visitor.axe()} == {"image-alt", "select-name"}
    assert visitor.overflows()
