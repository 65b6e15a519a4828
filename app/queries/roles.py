"""What the shipped roles may do with queries: permission patterns on this domain's views."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "PlatformAdmin": (("^can_(list|show|add|edit|delete|choices)$", "^IndustryGroupView$"),),
    "BureauAdmin": (
        ("^can_list$", "^(DetailQueryView|ProductQueryView|YearQueryView|YearCountView)$"),
        ("^can_list$", "^(AnalysisView|RankingView)$"),
        ("^can_(list|show)$", "^IndustryGroupView$"),
    ),
}
