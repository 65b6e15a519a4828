"""What belongs to this product, one table each: pages, menu, scopes, events, jobs, steps of the wizard.

A new domain is added here and nowhere else: the rest of the program reads these tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import app.enterprises.scope
import app.organisations.scope
import app.reports.scope  # noqa: F401 - scopes register themselves
from app import demo
from app.enterprises.api import EnterpriseApi
from app.enterprises.charts import EnterpriseChartView
from app.enterprises.events import ReviewerChanged
from app.enterprises.handover import keep_enterprises_in_sight, take_over_enterprises
from app.enterprises.models import Enterprise
from app.enterprises.seed import load_dictionaries
from app.enterprises.views import (
    ControlTypeView,
    EnterpriseVersionView,
    EnterpriseView,
    IndustryView,
    RegistrationTypeView,
)
from app.infra.audit_views import AuditView
from app.infra.home import HomeView
from app.infra.jobs import JobQueued, deliver, init_jobs
from app.infra.jobs.views import JobView
from app.infra.preferences import PreferencesView
from app.infra.roles import Patterns
from app.infra.shell import Area, Item
from app.infra.triggers import AUDIT_GUARDS
from app.infra.workflow_views import WorkflowView
from app.kernel.actor import SYSTEM, Kind
from app.kernel.texts import LocalText, Message
from app.organisations import accounts, authentication
from app.organisations.account_service import create_platform_admin, keep_preference
from app.organisations.account_views import AccountView, OwnAccountView
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.role_views import RoleView
from app.organisations.seed import load_regions
from app.organisations.shipped_roles import SHIPPED_ROLES as ORGANISATION_ROLES
from app.organisations.views import AdminView, BureauView, RegionView
from app.reports import vetoes
from app.reports.api import ReportApi
from app.reports.filing_views import FilingView
from app.reports.form_part_views import FormSectionView, SectionColumnView, VersionIndicatorView
from app.reports.form_rule_views import ReportRuleView
from app.reports.form_views import FormVersionView, ReportFormView
from app.reports.guards import FORM_GUARDS
from app.reports.handover import follow_reviewer, keep_reports_in_sight, take_over_reports
from app.reports.home import report_panels
from app.reports.lists import reports_list
from app.reports.report_views import ReportPageView
from app.reports.review_list import review_list
from app.reports.review_views import ReviewView
from app.reports.roles import SHIPPED_ROLES as REPORT_ROLES
from app.reports.seed import load_shipped_forms
from app.reports.todos import report_todos
from app.reports.wizard_pages import confirm_steps, enterprise_steps, section_steps
from app.reports.workflow import WORKFLOW as REPORT_WORKFLOW

PLATFORM_NAME = LocalText("外贸企业运行监测与服务平台", "Trade & Enterprise Monitoring Platform")

GUARDS = (*AUDIT_GUARDS, *FORM_GUARDS)
"""Rows that the database itself keeps from changing."""

VIEWS: tuple[type, ...] = (
    AuditView,
    HomeView,
    JobView,
    PreferencesView,
    WorkflowView,
    # organisations
    AccountView,
    AdminView,
    BureauView,
    OwnAccountView,
    RegionView,
    RoleView,
    # enterprises
    ControlTypeView,
    EnterpriseApi,
    EnterpriseChartView,
    EnterpriseVersionView,
    EnterpriseView,
    IndustryView,
    RegistrationTypeView,
    # reports
    FilingView,
    FormSectionView,
    FormVersionView,
    ReportApi,
    ReportFormView,
    ReportPageView,
    ReportRuleView,
    ReviewView,
    SectionColumnView,
    VersionIndicatorView,
)

ENTERPRISE = frozenset({Kind.ENTERPRISE})
STAFF = frozenset({Kind.BUREAU})
FORM_PARTS = frozenset({"FormSectionView", "VersionIndicatorView", "SectionColumnView", "ReportRuleView"})

MENU: tuple[Area, ...] = (
    Area(
        "home", Message("Workbench"), "layout-dashboard", (Item(Message("Workbench"), "HomeView.index", ""),)
    ),
    Area(
        "reports",
        Message("Reports"),
        "file-check",
        (
            Item(Message("Fill in this month"), "FilingView.current", "can_fill", "reports.fill"),
            Item(Message("My reports"), "ReportPageView.list", kinds=ENTERPRISE),
            Item(Message("Review of submitted reports"), "ReviewView.desk", "can_review", "reports.review"),
            Item(Message("Enterprise reports"), "ReportPageView.list", kinds=STAFF),
        ),
    ),
    Area(
        "enterprises",
        Message("Enterprise administration"),
        "building",
        (
            Item(Message("Monitored enterprises"), "EnterpriseView.list", kinds=frozenset(Kind) - ENTERPRISE),
            Item(Message("Enterprise information"), "EnterpriseView.list", kinds=ENTERPRISE),
            Item(Message("Enterprise versions"), "EnterpriseVersionView.list"),
            Item(Message("Charts of enterprises"), "EnterpriseChartView.chart", "can_chart"),
        ),
    ),
    Area(
        "organisations",
        Message("Organisations"),
        "sitemap",
        (
            Item(Message("Bureaus"), "BureauView.list"),
            Item(Message("Subordinate admins"), "AdminView.list"),
            Item(Message("Regions"), "RegionView.list"),
            Item(Message("Accounts"), "AccountView.list"),
            Item(Message("Roles"), "RoleView.list"),
        ),
    ),
    Area(
        "system",
        Message("System administration"),
        "settings",
        (
            Item(Message("Report forms"), "ReportFormView.list"),
            Item(Message("Form versions"), "FormVersionView.list", also=FORM_PARTS),
            Item(Message("Industries"), "IndustryView.list"),
            Item(Message("Registration types"), "RegistrationTypeView.list"),
            Item(Message("Control types"), "ControlTypeView.list"),
            Item(Message("Processes"), "WorkflowView.list"),
            Item(Message("Audit trail"), "AuditView.list"),
            Item(Message("My jobs"), "JobView.list"),
        ),
    ),
)

HOOKS: dict[type, tuple[Any, ...]] = {
    AdminRegionsChanged: (keep_enterprises_in_sight, keep_reports_in_sight),
    AdminTransferred: (take_over_enterprises, take_over_reports),
    ReviewerChanged: (follow_reviewer,),
}
"""event -> what runs in its transaction."""

LISTS: dict[str, Any] = {
    "reports": lambda actor, _args: reports_list(actor),
    "review": lambda actor, _args: review_list(actor),
}
"""name -> the list of a page of our own, for exports and batches that become jobs."""

EVENTS: dict[type, tuple[Any, ...]] = {JobQueued: (deliver,)}
"""event -> what runs after its commit."""

DELETION_VETOES: dict[type, tuple[Any, ...]] = {Enterprise: (vetoes.enterprise_reported,)}
"""model -> who may object to deleting a row of it."""

WIZARD_STEPS = (enterprise_steps, section_steps, confirm_steps)
"""Steps of the monthly report; later domains stand before the confirmation."""

SUBMISSION_CONDITIONS: tuple[Any, ...] = ()
"""What else must hold before a report is submitted, from domains that reports do not know."""

WORKFLOWS = {"report": REPORT_WORKFLOW}
"""Every process, for the page that draws them."""

ROLE_LABELS: Mapping[tuple[Kind, str | None], Message] = {
    (Kind.PLATFORM, None): Message("Platform administrator"),
    (Kind.AUDITOR, None): Message("Auditor"),
    (Kind.BUREAU, "ministry"): Message("Ministry administrator"),
    (Kind.BUREAU, "province"): Message("Province administrator"),
    (Kind.BUREAU, "prefecture"): Message("Prefecture administrator"),
    (Kind.BUREAU, "county"): Message("County administrator"),
    (Kind.ENTERPRISE, None): Message("Enterprise account"),
    (Kind.POINT, None): Message("Warning point"),
    (Kind.CENTRE, None): Message("Warning centre"),
    (Kind.PROVIDER, None): Message("Service provider"),
}

DEMO_ACCOUNTS = (
    ("province", Message("Province administrator")),
    ("prefecture", Message("Prefecture administrator")),
    ("county", Message("County administrator")),
    ("enterprise", Message("Enterprise account")),
    ("provider", Message("Service provider")),
    ("point", Message("Warning point")),
    ("auditor", Message("Auditor")),
    ("admin", Message("Platform administrator")),
)


def shipped_roles() -> dict[str, Patterns]:
    """Role → permission patterns, of all domains together."""
    roles: dict[str, Patterns] = {}
    for source in (ORGANISATION_ROLES, REPORT_ROLES):
        for name, patterns in source.items():
            roles[name] = (*roles.get(name, ()), *patterns)
    return roles


def load_forms(now: dt.datetime) -> None:
    """The shipped report forms, by the program itself."""
    load_shipped_forms(SYSTEM, now)


def tables() -> dict[str, Any]:
    """Every table, as the application keeps them."""
    return {
        "PLATFORM_NAME": PLATFORM_NAME,
        "VIEWS": VIEWS,
        "MENU": MENU,
        "GUARDS": GUARDS,
        "HOOKS": HOOKS,
        "EVENTS": EVENTS,
        "PRINCIPAL_LOADER": accounts.load_credentials,
        "ACTOR_LOADER": accounts.actor_of_account,
        "AUTHENTICATE": authentication.authenticate,
        "SIGN_IN_FAILED": authentication.count_failure,
        "KEEP_PREFERENCE": keep_preference,
        "CREATE_PLATFORM_ADMIN": create_platform_admin,
        "WAITING": (report_todos,),
        "HOME_PANELS": (report_panels,),
        "ROLE_LABELS": ROLE_LABELS,
        "DEMO_ACCOUNTS": DEMO_ACCOUNTS,
        "LOAD_DEMO": demo.load,
        "PUBLISHED_ACCOUNTS": demo.published_accounts,
        "SHIPPED_ROLES": shipped_roles(),
        "DICTIONARIES": (load_regions, load_dictionaries, load_forms),
        "DELETION_VETOES": DELETION_VETOES,
        "WIZARD_STEPS": WIZARD_STEPS,
        "SUBMISSION_CONDITIONS": SUBMISSION_CONDITIONS,
        "WORKFLOWS": WORKFLOWS,
        "LISTS": LISTS,
        "PREPARATIONS": (init_jobs,),
    }
