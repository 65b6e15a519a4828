"""What the shipped roles may do with reports: permission patterns on this domain's views."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "BureauAdmin": (
        ("^can_(list|show|export)$", "^ReportPageView$"),
        ("^can_review$", "^ReviewView$"),
    ),
    "Enterprise": (
        ("^can_fill$", "^FilingView$"),
        ("^can_(list|show|export|withdraw)$", "^ReportPageView$"),
    ),
}
