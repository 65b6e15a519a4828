"""The roles that ship with the platform: which pages each may open; scope says which rows."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

READ = "^can_(list|show|chart|choices)$"
WRITE = "^can_(list|show|add|edit|delete|chart|choices)$"
ANY = "^can_.*$"

OWN_PAGES = (ANY, "^(OwnAccountView|JobView|FileView|InboxView|TodoView|NoticeBoardView|SavedViewView)$")
"""What everybody who signs in may open: the own account, jobs, messages and to-dos, the notice board, the
files of records in scope, and the own views of lists."""

NOTICES = (ANY, "^(NoticeView|NoticeReaderView|NoticeChartView)$")
"""Writing notices: in the name of a bureau, or of the platform; scope says whose."""

PROCESSES = ("^can_list$", "^WorkflowView$")
"""How the platform's processes run is for all who administer or audit them."""

DICTIONARY_VIEWS = (
    "^(RegionView|IndustryView|ControlTypeView|RegistrationTypeView|SizeStandardView|DictionaryView)$"
)
SETTINGS = ("^can_(list|change)$", "^SettingView$")
IMPORTS = (ANY, "^ImportView$")
"""Own imports; which of them, an import itself says by the permission 批量导入."""

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "PlatformAdmin": (
        OWN_PAGES,
        (WRITE, DICTIONARY_VIEWS),
        (ANY, "^(BureauView|BureauChartView|AdminView|AccountView|RegionMapView)$"),
        IMPORTS,
        ("^can_show$", "^IdentityView$"),
        (READ, "^RoleView$"),
        (ANY, "^OutboxView$"),
        NOTICES,
        ("^can_(list|change)$", "^CalendarView$"),
        ("^can_list$", "^SystemView$"),
        SETTINGS,
        PROCESSES,
    ),
    "SecurityAdmin": (
        OWN_PAGES,
        (ANY, "^RoleView$"),
        (READ, "^AccountView$"),
        ("^can_grant$", "^AccountView$"),
        SETTINGS,
    ),
    "Auditor": (OWN_PAGES, (READ, "^AuditView$"), PROCESSES),
    "BureauAdmin": (
        OWN_PAGES,
        (READ, DICTIONARY_VIEWS),
        ("^can_(add|edit)$", "^RegionView$"),
        ("^can_shapes$", "^RegionMapView$"),
        (ANY, "^(BureauView|AdminView|EnterpriseView|EnterpriseQueryView)$"),
        ("^can_chart$", "^(BureauChartView|EnterpriseChartView|KeyChangeChartView)$"),
        (READ, "^EnterpriseVersionView$"),
        IMPORTS,
        ("^can_review$", "^(RegistrationReviewView|KeyChangeReviewView)$"),
        ("^can_list$", "^KeyChangeQueryView$"),
        ("^can_show$", "^IdentityView$"),
        NOTICES,
        ("^can_list$", "^CalendarView$"),
        PROCESSES,
    ),
    "Enterprise": (
        OWN_PAGES,
        ("^can_(list|show)$", "^EnterpriseView$"),
        ("^can_register$", "^RegistrationView$"),
        ("^can_list$", "^KeyChangeQueryView$"),
    ),
    "Point": (OWN_PAGES,),
    "Centre": (OWN_PAGES,),
    "Provider": (OWN_PAGES,),
}
"""Role → pairs of patterns on (permission, view), each matched as a whole; ``init`` restores them."""
