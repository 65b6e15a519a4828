"""What the shipped roles may do with reports: permission patterns on this domain's views."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

FORM_VIEWS = (
    "^(ReportFormView|FormVersionView|FormSectionView|VersionIndicatorView|SectionColumnView|ReportRuleView"
    "|ReportPeriodView)$"
)
"""``form_editing`` says who may edit among those who may open these: the top of the chain, the platform."""

INTERFACE_HELP = ("^can_list$", "^InterfaceHelpView$")
API = "^(EnterpriseApi|ReportApi|QueryApi|DocumentApi)$"

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "PlatformAdmin": (("^can_.*$", FORM_VIEWS),),
    "BureauAdmin": (
        INTERFACE_HELP,
        ("^can_.*$", FORM_VIEWS),
        ("^can_get$", API),
        ("^can_(list|show|export)$", "^ReportPageView$"),
        ("^can_(list|remind)$", "^NonreporterView$"),
        ("^can_(review|bulk|leapfrog)$", "^ReviewView$"),
        ("^can_review$", "^ReportApi$"),
        ("^can_.*$", "^(ReturnReasonView|UnfreezeView)$"),
        ("^can_list$", "^(SummaryView|OutlierView)$"),
        ("^can_show$", "^EnterpriseAnalysisView$"),
        ("^can_list$", "^SummaryView$"),
        ("^can_chart$", "^ReportChartView$"),
        ("^can_import$", "^(BatchImportView|BatchFilingApi)$"),
    ),
    "Enterprise": (
        INTERFACE_HELP,
        ("^can_get$", API),
        ("^can_fill$", "^(FilingView|FilingApi)$"),
        ("^can_import$", "^OwnImportView$"),
        ("^can_(list|add)$", "^ImportView$"),
        ("^can_(list|show|export|withdraw)$", "^ReportPageView$"),
        ("^can_show$", "^EnterpriseAnalysisView$"),
    ),
}
