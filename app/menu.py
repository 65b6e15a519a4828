"""The menu: areas of work and their pages, each shown to who may open it."""

from __future__ import annotations

from app.infra.shell import Area, Item
from app.kernel.actor import Kind
from app.kernel.texts import Message
from app.reports.workflow import BATCH_IMPORT

ENTERPRISE = frozenset({Kind.ENTERPRISE})
STAFF = frozenset({Kind.BUREAU})
READERS = frozenset({Kind.BUREAU, Kind.ENTERPRISE, Kind.POINT, Kind.CENTRE, Kind.PROVIDER})
FORM_PARTS = frozenset({"FormSectionView", "VersionIndicatorView", "SectionColumnView", "ReportRuleView"})
DICTIONARIES = frozenset(
    {
        *("IndustryView", "RegistrationTypeView", "ControlTypeView"),
        *("TradeSectorView", "WarningCategoryView", "CountryView", "HsChapterView"),
    }
)
"""Reached from 字典管理; 地区 has an entry of its own among the organisations."""

MENU: tuple[Area, ...] = (
    Area(
        "home", Message("Workbench"), "layout-dashboard", (Item(Message("Workbench"), "HomeView.index", ""),)
    ),
    Area(
        "messages",
        Message("Messages and notices"),
        "bell",
        (
            Item(Message("To do"), "TodoView.list"),
            Item(Message("Message centre"), "InboxView.list"),
            Item(Message("Notice board"), "NoticeBoardView.list", "can_list", "notices.due", kinds=READERS),
            Item(Message("Publish notices"), "NoticeView.list"),
            Item(Message("Readers of notices"), "NoticeReaderView.list"),
            Item(Message("Charts of notices"), "NoticeChartView.chart", "can_chart"),
        ),
    ),
    Area(
        "reports",
        Message("Reports"),
        "file-check",
        (
            Item(
                Message("Fill in this month"),
                "FilingView.current",
                "can_fill",
                "reports.fill",
                registered=True,
            ),
            Item(Message("Import of a report"), "OwnImportView.current", "can_import", registered=True),
            Item(Message("My reports"), "ReportPageView.list", kinds=ENTERPRISE, registered=True),
            Item(Message("Review of submitted reports"), "ReviewView.desk", "can_review", "reports.review"),
            Item(Message("Enterprises that have not reported"), "NonreporterView.list", kinds=STAFF),
            Item(Message("Enterprise reports"), "ReportPageView.list", kinds=STAFF),
            Item(Message("Timed unfreezes"), "UnfreezeView.list"),
            Item(Message("Usual reasons for returning"), "ReturnReasonView.list"),
            Item(
                Message("Enterprise analysis"),
                "EnterpriseAnalysisView.own",
                "can_show",
                kinds=ENTERPRISE,
                registered=True,
            ),
            Item(Message("Charts of reports"), "ReportChartView.chart", "can_chart"),
            Item(
                Message("Batch import of reports"),
                "BatchImportView.current",
                "can_import",
                kinds=STAFF,
                right=BATCH_IMPORT,
            ),
        ),
    ),
    Area(
        "questionnaires",
        Message("Questionnaires and surveys"),
        "forms",
        (
            Item(
                Message("Manage questionnaires"),
                "QuestionnaireView.list",
                also=frozenset({"QuestionnaireBuilderView"}),
            ),
            Item(Message("Respondents"), "RespondentView.list", kinds=STAFF, also=frozenset({"AnswerView"})),
            Item(Message("Responses to questionnaires"), "ResponseView.list", kinds=STAFF),
            Item(Message("Statistics of questionnaires"), "ResultView.list", kinds=STAFF),
            Item(Message("Charts of questionnaires"), "QuestionnaireChartView.chart", "can_chart"),
            Item(Message("Charts of responses"), "ResponseChartView.chart", "can_chart", kinds=STAFF),
            Item(
                Message("My questionnaires"),
                "AnswerView.list",
                "can_list",
                "questionnaires.answer",
                kinds=ENTERPRISE,
                registered=True,
            ),
            Item(Message("Import questionnaires"), "QuestionnaireExchangeView.start", "can_import"),
        ),
    ),
    Area(
        "queries",
        Message("Queries and statistics"),
        "chart-bar",
        (
            Item(Message("Details of monthly indicators"), "DetailQueryView.list"),
            Item(Message("Monthly summary of indicators"), "SummaryView.list"),
            Item(Message("Production, sales and stock of products"), "ProductQueryView.list"),
            Item(Message("Reports of a year"), "YearQueryView.list"),
            Item(Message("Enterprises that reported in a year"), "YearCountView.list"),
            Item(Message("Ranking of reporting"), "RankingView.list"),
            Item(Message("Analysis of monthly reporting"), "AnalysisView.list"),
            Item(Message("Outliers for follow-up"), "OutlierView.list"),
        ),
    ),
    Area(
        "enterprises",
        Message("Enterprise administration"),
        "building",
        (
            Item(
                Message("Enterprise registration"),
                "RegistrationView.information",
                "can_register",
                registered=False,
            ),
            Item(
                Message("Review of registrations"),
                "RegistrationReviewView.desk",
                "can_review",
                "enterprises.registrations",
            ),
            Item(
                Message("Review of changed enterprise information"),
                "KeyChangeReviewView.desk",
                "can_review",
                "enterprises.key_changes",
            ),
            Item(Message("Monitored enterprises"), "EnterpriseView.list", kinds=frozenset(Kind) - ENTERPRISE),
            Item(
                Message("Enterprise information"),
                "EnterpriseView.own",
                "can_show",
                kinds=ENTERPRISE,
                registered=True,
            ),
            Item(
                Message("Query of basic data"),
                "EnterpriseQueryView.list",
                also=frozenset({"EnterpriseAnalysisView"}),
            ),
            Item(Message("Query of changed enterprise information"), "KeyChangeQueryView.list", kinds=STAFF),
            Item(
                Message("Changes of key information"),
                "KeyChangeQueryView.list",
                kinds=ENTERPRISE,
                registered=True,
            ),
            Item(Message("Enterprise versions"), "EnterpriseVersionView.list"),
            Item(Message("Charts of enterprises"), "EnterpriseChartView.chart", "can_chart"),
            Item(
                Message("Charts of changed enterprise information"), "KeyChangeChartView.chart", "can_chart"
            ),
        ),
    ),
    Area(
        "warnings",
        Message("Early warnings"),
        "speakerphone",
        (
            Item(Message("Query of warning points"), "WarningPointView.list"),
            Item(Message("Staff of warning points"), "PointStaffView.list"),
            Item(Message("Charts of warning points"), "WarningPointChartView.chart", "can_chart"),
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
            Item(Message("Charts of bureaus"), "BureauChartView.chart", "can_chart"),
            Item(Message("Accounts"), "AccountView.list"),
            Item(Message("Roles"), "RoleView.list"),
        ),
    ),
    Area(
        "reference",
        Message("Reference data"),
        "book",
        (
            Item(Message("Report forms"), "ReportFormView.list"),
            Item(Message("Dates of single months"), "ReportPeriodView.list"),
            Item(Message("Form versions"), "FormVersionView.list", also=FORM_PARTS),
            Item(Message("Dictionaries"), "DictionaryView.list", also=DICTIONARIES),
            Item(Message("Size standards"), "SizeStandardView.list"),
            Item(Message("Industry groups of the operations bureau"), "IndustryGroupView.list"),
            Item(Message("Maps of the territory"), "RegionMapView.list"),
            Item(Message("Working-day calendar"), "CalendarView.list"),
            Item(Message("Processes"), "WorkflowView.list"),
        ),
    ),
    Area(
        "system",
        Message("System administration"),
        "settings",
        (
            Item(Message("Settings"), "SettingView.list"),
            Item(Message("System state"), "SystemView.list"),
            Item(Message("Outbox"), "OutboxView.list"),
            Item(Message("Audit trail"), "AuditView.list"),
        ),
    ),
    Area(
        "tasks",
        Message("Imports and jobs"),
        "table-import",
        (
            Item(Message("My imports"), "ImportView.list"),
            Item(Message("My jobs"), "JobView.list"),
            Item(Message("My views"), "SavedViewView.list"),
        ),
    ),
)
