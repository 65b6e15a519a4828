"""What the shipped roles may do with early warnings: permission patterns on this domain's views."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

DICTIONARY_VIEWS = "^(TradeSectorView|WarningCategoryView|CountryView|HsChapterView)$"
POINT_VIEWS = "^(WarningPointView|PointStaffView)$"

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "PlatformAdmin": (("^can_(list|show|add|edit|delete|choices)$", DICTIONARY_VIEWS),),
    "BureauAdmin": (
        ("^can_(list|show|choices)$", DICTIONARY_VIEWS),
        ("^can_.*$", POINT_VIEWS),
        ("^can_chart$", "^WarningPointChartView$"),
    ),
    "Point": (("^can_(list|show)$", POINT_VIEWS),),
    "Centre": (("^can_(list|show)$", POINT_VIEWS),),
}
