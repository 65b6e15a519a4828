"""An enterprise's own months for programs: read, fill in, have checked, submit. HTTP only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import audit, context
from app.infra.api import ApiView, describes
from app.infra.api.reading import refuse_unknown
from app.infra.api.shapes import Field, JsonSchema, Record, read_body
from app.infra.api.values import MONTH
from app.infra.pages import protected
from app.infra.transactions import unit_of_work
from app.infra.web import refusal_json
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.reports import program_filing
from app.reports.api_shapes import (
    CHECK_BODY,
    CHECKED,
    DRAFT,
    DRAFT_BODY,
    SUBMIT_BODY,
    draft_of,
    finding_records,
)
from app.reports.filling import DraftConflict
from app.reports.form_loading import reported_month
from app.reports.opening import Ref
from app.reports.program_filing import Given

THE_DRAFT = Record((Field("result", Message("The report of the month"), DRAFT),))
THE_CHECK = Record((Field("result", Message("What the rules say"), CHECKED),))

ARGUMENTS: Mapping[str, JsonSchema] = {
    "form": {"type": "string", "pattern": "^[a-z0-9_]+$", "examples": ["sme_monthly"]},
    "month": {"type": "string", "pattern": MONTH, "examples": ["2026-10"]},
}
"""What stands in the paths of interfaces about a month."""


class FilingApi(ApiView):
    """The reports of the enterprise whose account asks, by form and month."""

    resource_name = "filings"
    title = lazy_gettext("Filling in reports (for programs)")
    arguments = ARGUMENTS

    @expose("/<form>/<month>", methods=["GET"])
    @protected("fill")
    @describes(Message("The report of a month as it stands, and what the form asks for"), THE_DRAFT)
    def get_draft(self, form: str, month: str) -> Response:
        """The report of a month, filed or not."""
        refuse_unknown(None)
        return self._draft(self._ref(form, month))

    @expose("/<form>/<month>", methods=["PUT"])
    @protected("fill")
    @describes(
        Message("Save figures, rows and explanations of a month"),
        THE_DRAFT,
        DRAFT_BODY,
        refusals=(409, 422),
    )
    def put_draft(self, form: str, month: str) -> Any:
        """Save what is sent: all of it or nothing."""
        ref, body = self._ref(form, month), read_body(DRAFT_BODY)
        try:
            with unit_of_work():
                program_filing.keep(self.actor, ref, _given(body), body["version"], context.now())
        except DraftConflict as refusal:
            told = {"reason": str(refusal), "path": request.path}
            audit.record_refusal(self.actor, request.endpoint or "", after=told)
            opened = program_filing.open_for_program(self.actor, ref, context.now())
            return jsonify({**refusal_json(refusal), "current": draft_of(opened)}), refusal.status
        return self._draft(ref)

    @expose("/<form>/<month>/check", methods=["POST"])
    @protected("fill")
    @describes(
        Message("What the rules would say with these figures; nothing is saved"),
        THE_CHECK,
        CHECK_BODY,
        refusals=(422,),
    )
    def check(self, form: str, month: str) -> Response:
        """Ask the rules without saving."""
        ref, body = self._ref(form, month), read_body(CHECK_BODY)
        tried = program_filing.try_out(self.actor, ref, _given(body), context.now())
        found = {
            "findings": finding_records(tried.explained),
            "hard": len(tried.outcome.hard),
            "soft": len(tried.outcome.soft),
            "unexplained": sum(not one.is_enough for one in tried.explained),
        }
        return jsonify(result=found)

    @expose("/<form>/<month>/submit", methods=["POST"])
    @protected("fill")
    @describes(
        Message("Submit the report of a month, explaining what is found"),
        THE_DRAFT,
        SUBMIT_BODY,
        refusals=(409, 422),
    )
    def submit(self, form: str, month: str) -> Response:
        """上报."""
        ref, body = self._ref(form, month), read_body(SUBMIT_BODY)
        told = body["explanations"] or {}
        with unit_of_work():
            program_filing.submit(self.actor, ref, body["version"], body["filler"], told, context.now())
        return self._draft(ref)

    def _ref(self, form: str, month: str) -> Ref:
        if self.actor.enterprise_id is None:
            raise NotFound
        return Ref(form, reported_month(form, month), self.actor.enterprise_id)

    def _draft(self, ref: Ref) -> Response:
        return jsonify(result=draft_of(program_filing.open_for_program(self.actor, ref, context.now())))


def _given(body: Mapping[str, Any]) -> Given:
    return Given(body["figures"] or {}, body["rows"] or {}, body["explanations"] or {})
