"""What belongs to this product, one table each: pages, menu, scopes, events, jobs, steps of the wizard.

A new domain is added here and nowhere else: the rest of the program reads these tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import app.enterprises.scope
import app.infra.calendar.models
import app.infra.outbox.models
import app.infra.settings.models
import app.organisations.access_models
import app.organisations.scope
import app.questionnaires.reminder_models
import app.questionnaires.scope
import app.reports.scope  # noqa: F401 - scopes and tables register themselves
from app.enterprises import key_change_handover, key_changes
from app.enterprises.api import EnterpriseApi
from app.enterprises.charts import EnterpriseChartView
from app.enterprises.dictionaries import control_type_used, registration_type_used
from app.enterprises.events import KeyChangeStepped, KeyFieldsEdited, RegistrationStepped, ReviewerChanged
from app.enterprises.handover import keep_enterprises_in_sight, take_over_enterprises
from app.enterprises.key_change_charts import KeyChangeChartView
from app.enterprises.key_change_home import KEY_CHANGES_TO_REVIEW
from app.enterprises.key_change_list import desk_list
from app.enterprises.key_change_list import query_list as key_change_query
from app.enterprises.key_change_messages import tell_of_change
from app.enterprises.key_change_views import KeyChangeQueryView, KeyChangeReviewView
from app.enterprises.key_change_workflow import WORKFLOW as KEY_CHANGE_WORKFLOW
from app.enterprises.lists import query_list
from app.enterprises.models import ControlType, Enterprise, Industry, RegistrationType
from app.enterprises.query_views import EnterpriseQueryView
from app.enterprises.registration_entry_views import RegistrationEntryView
from app.enterprises.registration_handover import keep_registrations_in_sight, take_over_registrations
from app.enterprises.registration_home import (
    REGISTRATIONS_TO_REVIEW,
    registration_panels,
    registration_todos,
)
from app.enterprises.registration_list import registration_list
from app.enterprises.registration_messages import tell as tell_of_registration
from app.enterprises.registration_review_views import RegistrationReviewView
from app.enterprises.registration_views import RegistrationView
from app.enterprises.registration_workflow import WORKFLOW as REGISTRATION_WORKFLOW
from app.enterprises.registrations import release_abandoned
from app.enterprises.scope import places_of_enterprises
from app.enterprises.seed import load_dictionaries
from app.enterprises.sheets import ENTERPRISES
from app.enterprises.size_views import SizeStandardView
from app.enterprises.views import (
    ControlTypeView,
    EnterpriseVersionView,
    EnterpriseView,
    IndustryView,
    RegistrationTypeView,
)
from app.help.interface_views import InterfaceHelpView
from app.help.views import HelpView, help_for_page
from app.infra import oidc
from app.infra.api.document import DocumentApi
from app.infra.api.queries import QueryApi
from app.infra.audit_views import AuditView
from app.infra.calendar.seed import load_calendar
from app.infra.calendar.views import CalendarView
from app.infra.captcha import CaptchaView
from app.infra.dictionary_views import DictionaryView
from app.infra.files.attachments import init_attachments
from app.infra.files.views import FileView
from app.infra.home import HomeView
from app.infra.imports.views import ImportView
from app.infra.jobs import JobQueued, deliver, init_jobs
from app.infra.jobs.views import JobView
from app.infra.lists.kept import Keeper
from app.infra.oidc import OidcView
from app.infra.outbox import MessagesPosted, hand_over, init_outbox
from app.infra.outbox.views import LocalOutboxView, OutboxView, outbox_todos
from app.infra.preferences import PreferencesView
from app.infra.roles import Patterns
from app.infra.settings.views import SettingView
from app.infra.sign_in import EntryRules
from app.infra.site_map import SiteMapView
from app.infra.system_views import HealthView, SystemView
from app.infra.triggers import AUDIT_GUARDS
from app.infra.workflow_views import WorkflowView
from app.kernel.actor import SYSTEM, Kind
from app.kernel.texts import LocalText, Message
from app.menu import MENU
from app.notifications.lists import board_list, inbox_list, readers_list
from app.notifications.models import Notice
from app.notifications.notice_views import NoticeChartView, NoticeReaderView, NoticeView
from app.notifications.reach import Reach
from app.notifications.views import InboxView, NoticeBoardView, TodoView, notice_panels, notice_todos
from app.notifications.workflow import WORKFLOW as NOTICE_WORKFLOW
from app.organisations import accounts, authentication, identities, steps, tokens
from app.organisations.account_service import create_platform_admin, keep_preference
from app.organisations.account_views import AccountView
from app.organisations.admin_views import AdminView
from app.organisations.bureau_charts import BureauChartView
from app.organisations.entry_views import ActivationView, EntryView
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.guards import ROLE_GUARDS
from app.organisations.identity_views import IdentityView
from app.organisations.list_columns import choose_columns
from app.organisations.map_views import RegionMapView
from app.organisations.models import LoginName, Region
from app.organisations.own_account_views import OwnAccountView
from app.organisations.places import is_top, places_of_admins, regions_above, regions_within
from app.organisations.recovery_views import RecoveryView
from app.organisations.role_views import RoleView
from app.organisations.saved_view_pages import SavedViewView
from app.organisations.saved_views import load_kept, replace_question, save_view
from app.organisations.seed import load_regions
from app.organisations.sheets import ADMINS, BUREAUS
from app.organisations.shipped_roles import SHIPPED_ROLES as ORGANISATION_ROLES
from app.organisations.views import BureauView, RegionView
from app.queries.analysis_views import AnalysisView
from app.queries.details import details_list
from app.queries.enterprise_links import analysis_from_report, analysis_of, analysis_of_row
from app.queries.enterprise_list import figures_list
from app.queries.enterprise_views import EnterpriseAnalysisView
from app.queries.filing_analysis import analysis_behind_list, analysis_list
from app.queries.industry_group_views import IndustryGroupView
from app.queries.outlier_list import outlier_list
from app.queries.outlier_views import OutlierView
from app.queries.products import products_list
from app.queries.ranking import ranking_behind_list, ranking_list
from app.queries.ranking_views import RankingView
from app.queries.roles import SHIPPED_ROLES as QUERY_ROLES
from app.queries.views import DetailQueryView, ProductQueryView, YearCountView, YearQueryView
from app.queries.year import year_list
from app.queries.year_counts import year_counts_list, year_reports_list
from app.questionnaires.answer_home import answer_panels, answer_todos
from app.questionnaires.answer_list import answers_list
from app.questionnaires.answer_views import AnswerView
from app.questionnaires.answer_workflow import ANSWER_WORKFLOW
from app.questionnaires.builder_views import QuestionnaireBuilderView
from app.questionnaires.guards import QUESTIONNAIRE_GUARDS
from app.questionnaires.handover import (
    enterprise_asked,
    industry_asked,
    keep_questionnaires_in_sight,
    region_asked,
    take_over_questionnaires,
)
from app.questionnaires.lists import respondents_list
from app.questionnaires.rates import rates_list
from app.questionnaires.reminder_list import reminders_list as respondent_reminders_list
from app.questionnaires.report_step import questionnaire_steps, questionnaires_answered
from app.questionnaires.respondent_views import RespondentView
from app.questionnaires.results_charts import ResponseChartView
from app.questionnaires.results_cross import cross_list
from app.questionnaires.results_index import ANALYSES, TABLES, index_list
from app.questionnaires.results_one import question_list
from app.questionnaires.results_raw import raw_list
from app.questionnaires.results_summary import summary_list as questionnaire_summary
from app.questionnaires.results_texts import texts_list
from app.questionnaires.results_views import ResponseView, ResultView
from app.questionnaires.roles import SHIPPED_ROLES as QUESTIONNAIRE_ROLES
from app.questionnaires.rounds import settle_rounds
from app.questionnaires.views import QuestionnaireChartView, QuestionnaireView
from app.questionnaires.workflow import WORKFLOW as QUESTIONNAIRE_WORKFLOW
from app.reports import vetoes
from app.reports.api import ReportApi
from app.reports.charts import ReportChartView
from app.reports.events import ReportStepped
from app.reports.filing_api import FilingApi
from app.reports.filing_views import FilingView
from app.reports.form_part_views import FormSectionView, SectionColumnView, VersionIndicatorView
from app.reports.form_rule_views import ReportRuleView
from app.reports.form_views import FormVersionView, ReportFormView
from app.reports.freezing import follow_change
from app.reports.guards import FORM_GUARDS, UNFREEZE_GUARDS
from app.reports.handover import follow_reviewer, keep_reports_in_sight, take_over_reports
from app.reports.history import history_list
from app.reports.home import report_panels
from app.reports.import_batch import BATCH as REPORT_BATCH
from app.reports.import_own import OWN as OWN_REPORT
from app.reports.import_views import BatchImportView, OwnImportView
from app.reports.lists import reports_list, reports_of
from app.reports.messages import tell_enterprise
from app.reports.models import Report
from app.reports.nonreporter_views import NonreporterView
from app.reports.nonreporters import nonreporters_list
from app.reports.period_views import ReportPeriodView
from app.reports.reminder_list import reminders_list, reminders_of
from app.reports.report_views import ReportPageView
from app.reports.return_reason_views import ReturnReasonView
from app.reports.review_list import review_list
from app.reports.review_models import SNAPSHOT_GUARDS
from app.reports.review_views import ReviewView
from app.reports.roles import SHIPPED_ROLES as REPORT_ROLES
from app.reports.seed import load_shipped_forms
from app.reports.snapshots import keep_as_returned
from app.reports.summary import behind_list, summary_list
from app.reports.summary_views import SummaryView
from app.reports.todos import REPORTS_TO_REVIEW, report_todos
from app.reports.trend_column import enterprise_trend
from app.reports.unfreeze_views import UnfreezeView
from app.reports.wizard_pages import confirm_steps, enterprise_steps, section_steps
from app.reports.workflow import WORKFLOW as REPORT_WORKFLOW

PLATFORM_NAME = LocalText("外贸企业运行监测与服务平台", "Trade & Enterprise Monitoring Platform")

GUARDS = (
    *AUDIT_GUARDS,
    *ROLE_GUARDS,
    *FORM_GUARDS,
    *UNFREEZE_GUARDS,
    *SNAPSHOT_GUARDS,
    *QUESTIONNAIRE_GUARDS,
)
"""Rows that the database itself keeps from changing."""

VIEWS: tuple[type, ...] = (
    AuditView,
    CaptchaView,
    DocumentApi,
    FileView,
    CalendarView,
    DictionaryView,
    HealthView,
    HelpView,
    HomeView,
    ImportView,
    InterfaceHelpView,
    JobView,
    OidcView,
    LocalOutboxView,
    OutboxView,
    PreferencesView,
    QueryApi,
    SettingView,
    SiteMapView,
    SystemView,
    WorkflowView,
    # notifications
    InboxView,
    NoticeBoardView,
    NoticeChartView,
    NoticeReaderView,
    NoticeView,
    TodoView,
    # organisations
    AccountView,
    ActivationView,
    AdminView,
    BureauChartView,
    BureauView,
    EntryView,
    IdentityView,
    OwnAccountView,
    RecoveryView,
    RegionMapView,
    RegionView,
    RoleView,
    SavedViewView,
    # enterprises
    ControlTypeView,
    EnterpriseApi,
    EnterpriseChartView,
    EnterpriseQueryView,
    EnterpriseVersionView,
    EnterpriseView,
    IndustryView,
    KeyChangeChartView,
    KeyChangeQueryView,
    KeyChangeReviewView,
    RegistrationEntryView,
    RegistrationReviewView,
    RegistrationTypeView,
    RegistrationView,
    SizeStandardView,
    # reports
    BatchImportView,
    FilingApi,
    FilingView,
    FormSectionView,
    FormVersionView,
    NonreporterView,
    OwnImportView,
    ReportApi,
    ReportChartView,
    ReportFormView,
    ReportPageView,
    ReportPeriodView,
    ReportRuleView,
    ReturnReasonView,
    ReviewView,
    SectionColumnView,
    SummaryView,
    UnfreezeView,
    VersionIndicatorView,
    # results of questionnaires
    ResponseChartView,
    ResponseView,
    ResultView,
    # questionnaires
    QuestionnaireBuilderView,
    QuestionnaireChartView,
    QuestionnaireView,
    RespondentView,
    AnswerView,
    # queries
    DetailQueryView,
    ProductQueryView,
    YearCountView,
    YearQueryView,
    AnalysisView,
    IndustryGroupView,
    RankingView,
    EnterpriseAnalysisView,
    OutlierView,
)

ENTRY = EntryRules(
    authenticate=authentication.authenticate,
    failed=authentication.count_failure,
    captcha_due=authentication.captcha_due,
    next_step=steps.next_step,
    entered=(steps.note_entry,),
    links=(
        (Message("Bind mobile"), "EntryView.phone"),
        (Message("Forgotten password"), "RecoveryView.password"),
        (Message("Find account"), "RecoveryView.name"),
        (Message("Change mobile"), "OwnAccountView.phone"),
        (Message("Register now"), "RegistrationEntryView.agreement"),
    ),
)
"""How accounts are entered; a link is shown once a view serves its endpoint."""

DICTIONARY_PAGES = ("RegionView", "IndustryView", "RegistrationTypeView", "ControlTypeView")
"""The views of 字典管理, in its order."""

HOOKS: dict[type, tuple[Any, ...]] = {
    AdminRegionsChanged: (
        keep_enterprises_in_sight,
        keep_registrations_in_sight,
        key_change_handover.keep_changes_in_sight,
        keep_reports_in_sight,
        keep_questionnaires_in_sight,
    ),
    AdminTransferred: (
        take_over_enterprises,
        take_over_registrations,
        key_change_handover.take_over_changes,
        take_over_reports,
        take_over_questionnaires,
    ),
    RegistrationStepped: (tell_of_registration,),
    ReviewerChanged: (key_change_handover.follow_reviewer, follow_reviewer),
    KeyFieldsEdited: (key_changes.note_edit,),
    KeyChangeStepped: (follow_change, tell_of_change),
    ReportStepped: (keep_as_returned, tell_enterprise),
}
"""event -> what runs in its transaction."""

LISTS: dict[str, Any] = {
    "answers": lambda actor, _args: answers_list(actor),
    "board": lambda actor, _args: board_list(actor),
    "inbox": lambda actor, _args: inbox_list(actor),
    "notice_readers": lambda actor, _args: readers_list(actor),
    "enterprise_figures": figures_list,
    "enterprise_query": lambda _actor, _args: query_list(),
    "key_change_query": lambda actor, _args: key_change_query(actor),
    "key_changes": lambda actor, _args: desk_list(actor),
    "registrations": lambda actor, _args: registration_list(actor),
    "history": lambda actor, _args: history_list(actor),
    "nonreporters": nonreporters_list,
    "outliers": outlier_list,
    "reminders": lambda _actor, _args: reminders_list(),
    "respondents": lambda actor, _args: respondents_list(actor),
    "respondent_reminders": lambda _actor, _args: respondent_reminders_list(),
    "response_rates": rates_list,
    "reports": lambda actor, _args: reports_list(actor),
    "review": lambda actor, _args: review_list(actor),
    "analysis": analysis_list,
    "analysis_enterprises": analysis_behind_list,
    "ranking": ranking_list,
    "ranking_enterprises": ranking_behind_list,
    "summary": summary_list,
    "summary_reports": behind_list,
    "details": details_list,
    "products": products_list,
    "year": year_list,
    "year_counts": year_counts_list,
    "year_reports": year_reports_list,
    ANALYSES: lambda _actor, _args: index_list(ANALYSES),
    TABLES: lambda _actor, _args: index_list(TABLES),
    "questionnaire_cross": cross_list,
    "questionnaire_question": question_list,
    "questionnaire_responses": raw_list,
    "questionnaire_summary": questionnaire_summary,
    "questionnaire_texts": texts_list,
}
"""name -> the list of a page of our own, for exports and batches that become jobs."""

QUERIES: Mapping[str, str] = {
    "enterprise_query": "EnterpriseQueryView",
    "key_change_query": "KeyChangeQueryView",
    "nonreporters": "NonreporterView",
    "summary": "SummaryView",
    "summary_reports": "SummaryView",
    "details": "DetailQueryView",
    "products": "ProductQueryView",
    "year": "YearQueryView",
    "year_counts": "YearCountView",
    "year_reports": "YearCountView",
    "ranking": "RankingView",
    "ranking_enterprises": "RankingView",
    "analysis": "AnalysisView",
    "analysis_enterprises": "AnalysisView",
    "outliers": "OutlierView",
    "respondents": "RespondentView",
    "response_rates": "RespondentView",
}
"""name of a list -> the page whose permission opens it to programs too, at ``/api/v1/queries/<name>/``."""

IMPORTS = (ENTERPRISES, BUREAUS, ADMINS, OWN_REPORT, REPORT_BATCH)
"""What can be imported from workbooks; a view names its import as ``import_name``."""

EVENTS: dict[type, tuple[Any, ...]] = {JobQueued: (deliver,), MessagesPosted: (hand_over,)}
"""event -> what runs after its commit."""

DELETION_VETOES: dict[type, tuple[Any, ...]] = {
    ControlType: (control_type_used,),
    Enterprise: (vetoes.enterprise_reported, vetoes.enterprise_unfrozen, enterprise_asked),
    Industry: (industry_asked,),
    Region: (vetoes.region_unfrozen, region_asked),
    RegistrationType: (registration_type_used,),
}
"""model -> who may object to deleting a row of it."""

RECORD_LINKS: dict[type, tuple[Any, ...]] = {
    Enterprise: (analysis_of, reports_of, reminders_of),
    Report: (analysis_from_report,),
}
"""model -> what gives (words, address) of pages of later domains that belong to a record of it."""

ROW_LINKS: dict[type, tuple[Any, ...]] = {Enterprise: (analysis_of_row,)}
"""model -> what gives (words, address) of pages of later domains for a row of a list, from its key alone."""
LATER_COLUMNS: dict[str, tuple[Any, ...]] = {"enterprise_query": (enterprise_trend,)}
"""name of a list -> what makes the columns that later domains add to it."""

FILE_OWNERS: dict[str, type] = {"notice": Notice}
"""name -> model whose records have files; its scope and its readers decide who may read them."""

WIZARD_STEPS = (enterprise_steps, section_steps, questionnaire_steps, confirm_steps)
"""Steps of the monthly report; later domains stand before the confirmation."""

SUBMISSION_CONDITIONS: tuple[Any, ...] = (questionnaires_answered,)
"""What else must hold before a report is submitted, from domains that reports do not know."""

WORKFLOWS = {
    "registration": REGISTRATION_WORKFLOW,
    "key_change": KEY_CHANGE_WORKFLOW,
    "report": REPORT_WORKFLOW,
    "questionnaire": QUESTIONNAIRE_WORKFLOW,
    "respondent": ANSWER_WORKFLOW,
    "notice": NOTICE_WORKFLOW,
}
"""Every process, for the page that draws them."""

SETTLERS = (key_changes.settle_due, settle_rounds)
"""What falls due by itself; settled before anybody reads, also where no worker runs."""

REACH = Reach(
    within=regions_within,
    above=regions_above,
    places={Kind.BUREAU: places_of_admins, Kind.ENTERPRISE: places_of_enterprises},
    is_top=is_top,
)
"""Where accounts are; a kind of accounts whose domain knows its places is added here."""

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
    for source in (ORGANISATION_ROLES, REPORT_ROLES, QUERY_ROLES, QUESTIONNAIRE_ROLES):
        for name, patterns in source.items():
            roles[name] = (*roles.get(name, ()), *patterns)
    return roles


def load_forms(now: dt.datetime) -> None:
    """The shipped report forms, by the program itself."""
    load_shipped_forms(SYSTEM, now)


def load_demo() -> bool:
    """Load the demonstration; no web process needs its modules."""
    from app import demo  # noqa: PLC0415

    return demo.load()


def published_accounts() -> list[str]:
    """Accounts of the demonstration that still have the published password."""
    from app import demo  # noqa: PLC0415

    return demo.published_accounts()


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
        "TOKEN_LOADER": tokens.load_bearer,
        "ENTRY": ENTRY,
        "SIGN_IN_PROVIDERS": oidc.providers,
        "OUTSIDE_ACCOUNT": identities.account_of_identity,
        "BIND_IDENTITY": identities.bind_identity,
        "KEEP_PREFERENCE": keep_preference,
        "LOGIN_NAME": LoginName,
        "LIST_KEEPER": Keeper(load_kept, choose_columns, save_view, replace_question, "SavedViewView.list"),
        "CREATE_PLATFORM_ADMIN": create_platform_admin,
        "WAITING": (registration_todos, notice_todos, report_todos, answer_todos, outbox_todos),
        "REACH": REACH,
        "HOME_PANELS": (registration_panels, report_panels, answer_panels, notice_panels),
        "QUEUES": (REGISTRATIONS_TO_REVIEW, KEY_CHANGES_TO_REVIEW, REPORTS_TO_REVIEW),
        "ROLE_LABELS": ROLE_LABELS,
        "DEMO_ACCOUNTS": DEMO_ACCOUNTS,
        "LOAD_DEMO": load_demo,
        "PUBLISHED_ACCOUNTS": published_accounts,
        "SHIPPED_ROLES": shipped_roles(),
        "DICTIONARIES": (load_calendar, load_regions, load_dictionaries, load_forms),
        "DICTIONARY_PAGES": DICTIONARY_PAGES,
        "HELP_FOR_PAGE": help_for_page,
        "DELETION_VETOES": DELETION_VETOES,
        "FILE_OWNERS": FILE_OWNERS,
        "RECORD_LINKS": RECORD_LINKS,
        "ROW_LINKS": ROW_LINKS,
        "LATER_COLUMNS": LATER_COLUMNS,
        "WIZARD_STEPS": WIZARD_STEPS,
        "SUBMISSION_CONDITIONS": SUBMISSION_CONDITIONS,
        "WORKFLOWS": WORKFLOWS,
        "LISTS": LISTS,
        "QUERIES": QUERIES,
        "SETTLERS": SETTLERS,
        "PREPARATIONS": (init_jobs, init_attachments, init_outbox),
        "IMPORTS": IMPORTS,
        "TIDYING": (release_abandoned,),
    }
