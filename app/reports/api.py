"""Reports for programs: the list, one report with figures, findings and history, and its review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.enterprises.models import EnterpriseVersion
from app.infra import context, scope
from app.infra.api import DomainApi, describes, scoped
from app.infra.api.reading import find_record, refuse_unknown
from app.infra.api.shapes import JsonSchema, Record, read_body
from app.infra.api.values import rows_schema
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.pages import protected
from app.infra.transactions import unit_of_work
from app.kernel.texts import Message
from app.reports import steps
from app.reports.api_shapes import ACCEPT_BODY, MORE_OF_A_REPORT, RETURN_BODY, more_of
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.opening import open_report, ref_of
from app.reports.return_reasons import told
from app.reports.workflow import STORED_STATES

REVIEWED = (404, 409, 422)


class ReportApi(DomainApi):
    """Reports in the account's scope; the admin at whom one waits can review it."""

    resource_name = "reports"
    title = lazy_gettext("Reports (for programs)")

    @expose("/<key>", methods=["GET"])
    @protected("get")
    @describes(Message("One report with figures, findings and history"))
    def get(self, key: str) -> Response:
        """One report, whole."""
        refuse_unknown(None)
        return jsonify(result=self._whole(key))

    @expose("/<key>/accept", methods=["POST"])
    @protected("review")
    @describes(Message("Accept a report that waits at this account"), body=ACCEPT_BODY, refusals=REVIEWED)
    def accept(self, key: str) -> Response:
        """接收: one level up, or approved at the top."""
        body = read_body(ACCEPT_BODY)

        def accepted(report: Report) -> None:
            steps.accept(self.actor, report, body["version"], body["comment"], context.now())

        return self._reviewed(key, accepted)

    @expose("/<key>/return", methods=["POST"])
    @protected("review")
    @describes(Message("Return a report with a reason"), body=RETURN_BODY, refusals=REVIEWED)
    def give_back(self, key: str) -> Response:
        """退回: back to the enterprise with a reason."""
        body = read_body(RETURN_BODY)

        def returned(report: Report) -> None:
            reason = told(report, body["comment"])
            steps.give_back(self.actor, report, body["version"], reason, context.now())

        return self._reviewed(key, returned)

    def answer(self, name: str) -> JsonSchema:
        """A page of the list, or one report whole."""
        if name == "get_list":
            return super().answer(name)
        row, more = rows_schema(self.listing().columns), Record(MORE_OF_A_REPORT).schema()
        whole = {
            **more,
            "properties": {**row["properties"], **more["properties"]},
            "required": [*row["required"], *more["required"]],
        }
        return {"type": "object", "properties": {"result": whole}, "required": ["result"]}

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
                Column("month", Message("Report month"), Report.period, "month", sortable=True),
                Column("enterprise_id", Message("Enterprise number"), Report.enterprise_id),
                Column("enterprise", Message("Enterprise"), lookup=Lookup(version, EnterpriseVersion)),
                Column("state", Message("State"), Report.state, "state", words=STORED_STATES),
                Column("late", Message("Late"), Report.late, "bool"),
                Column("due_on", Message("Due on"), Report.due_on, "date"),
                Column("submitted_at", Message("Submitted"), Report.submitted_at, "instant", sortable=True),
                Column("approved_at", Message("Approved"), Report.approved_at, "instant"),
                Column("screening", Message("System screening"), Report.screening),
            ),
            filters=(
                Filter("month", Message("Report month"), "month", Report.period),
                Filter("state", Message("State"), "multi", Report.state, words=STORED_STATES),
                Filter("enterprise_id", Message("Enterprise number"), "number_range", Report.enterprise_id),
            ),
            default_sort="-month",
        )

    def _whole(self, key: str) -> dict[str, Any]:
        row = find_record(self.listing(), key, self.actor)
        report = self._find(key)
        opened = open_report(self.actor, ref_of(report), context.now())
        return {**row, **more_of(report, opened, context.now())}

    def _reviewed(self, key: str, review: Callable[[Report], None]) -> Response:
        with unit_of_work():
            review(self._find(key, lock=True))
        return jsonify(result=self._whole(key))

    def _find(self, key: str, *, lock: bool = False) -> Report:
        found: Report = scope.find(Report, key, self.actor, context.today(), lock=lock)
        return found
