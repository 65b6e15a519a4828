"""The changelist: the platform's twelve columns and its filters, everything else as Django ships it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tools.bench.django_baseline.reports.models import Report


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Reports."""

    list_display = (
        "enterprise_name",
        "uscc",
        "region",
        "industry",
        "size",
        "soft_count",
        "filler_name",
        "submitted_at",
        "reviewer",
        "screening",
        "state",
        "late",
    )
    list_filter = ("state", "period", "enterprise__industry__section", "enterprise__size", "screening")
    search_fields = ("enterprise__name",)
    list_select_related = (
        "enterprise_version",
        "enterprise__region",
        "enterprise__industry",
        "holder__account",
    )
    list_per_page = 50

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Month and prefecture are asked for in the address."""
        return True

    @admin.display(ordering="enterprise_version__name")
    def enterprise_name(self, report: Report) -> Any:
        """Name as filed."""
        return report.enterprise_version.name

    @admin.display
    def uscc(self, report: Report) -> Any:
        """Credit code as filed."""
        return report.enterprise_version.uscc

    @admin.display
    def region(self, report: Report) -> Any:
        """Region of today."""
        return report.enterprise.region

    @admin.display
    def industry(self, report: Report) -> Any:
        """Trade of today."""
        return report.enterprise.industry

    @admin.display
    def size(self, report: Report) -> Any:
        """Size of today, in words."""
        return report.enterprise.get_size_display()

    @admin.display
    def reviewer(self, report: Report) -> Any:
        """At whom it waits."""
        return report.holder
