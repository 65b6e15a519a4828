"""Reports for scripts of a browser."""

from __future__ import annotations

from flask_babel import lazy_gettext

from app.enterprises.models import EnterpriseVersion
from app.infra.api import DomainApi, scoped
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.kernel.texts import Message
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.workflow import STORED_STATES


class ReportApi(DomainApi):
    """Reports in the account's scope, without their figures."""

    resource_name = "reports"
    title = lazy_gettext("Reports (for programs)")

    def listing(self) -> ListSpec:
        """Month, enterprise and where the report stands."""
        version = Report.enterprise_version_id
        return ListSpec(
            name="api.reports",
            title=Message("Enterprise reports"),
            base=scoped(Report),
            key=(Report.id,),
            columns=(
                Column("id", Message("Number"), Report.id),
                Column("form", Message("Form"), lookup=Lookup(Report.form_id, ReportForm, "code")),
                Column("month", Message("Month"), Report.period, "month", sortable=True),
                Column("enterprise_id", Message("Enterprise number"), Report.enterprise_id),
                Column("enterprise", Message("Enterprise"), lookup=Lookup(version, EnterpriseVersion)),
                Column("state", Message("State"), Report.state),
                Column("late", Message("Late"), Report.late, "bool"),
                Column("due_on", Message("Due on"), Report.due_on, "date"),
                Column("submitted_at", Message("Submitted"), Report.submitted_at, "instant", sortable=True),
                Column("approved_at", Message("Approved"), Report.approved_at, "instant"),
                Column("screening", Message("System screening"), Report.screening),
            ),
            filters=(
                Filter("month", Message("Month"), "month", Report.period),
                Filter("state", Message("State"), "multi", Report.state, words=STORED_STATES),
                Filter("enterprise_id", Message("Enterprise number"), "number_range", Report.enterprise_id),
            ),
            default_sort="-month",
        )
