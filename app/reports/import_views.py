"""Pages of the imports of reports: month, template, file; the preview is the import frame's. HTTP only."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.infra import context
from app.infra.forms import REQUIRED
from app.infra.i18n import say
from app.infra.imports.spec import find_import
from app.infra.imports.views import UploadForm, keep_upload, template_response
from app.infra.page_fields import text_field
from app.infra.views import PageView, protected
from app.kernel.errors import Invalid
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import import_batch, import_own
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import reported_month, version_for
from app.reports.import_columns import FILLER_LENGTH
from app.reports.import_entries import not_open
from app.reports.import_months import open_months, own_months
from app.reports.import_unfiled import unfiled
from app.reports.known_forms import find_form
from app.reports.opening import OpenReport, calendar_of, open_report
from app.reports.wizard import badge

TEMPLATE_NAME = Message("{what} {month}")


class OwnForm(UploadForm):
    """上报导入: who filled in, and the file."""

    filler = text_field(lazy_gettext("Filled in by"), FILLER_LENGTH, required=True)


class BatchForm(UploadForm):
    """数据批量上报导入: who filled in, what becomes of the reports, and the file."""

    filler = text_field(
        lazy_gettext("Filled in by"),
        FILLER_LENGTH,
        required=True,
        description=lazy_gettext("For rows that name nobody."),
    )
    submit = RadioField(
        lazy_gettext("What becomes of the reports"),
        choices=[
            SelectChoice("0", lazy_gettext("Save as drafts: the enterprises look at them and submit")),
            SelectChoice("1", lazy_gettext("Save, and submit those on which nothing is left to settle")),
        ],
        default="0",
        validators=[InputRequired(REQUIRED)],
    )


class _ReportImportView(PageView):
    """What both pages share: the month stands in the address, another one is chosen at the top."""

    default_view = "current"

    def _months(self, form: str) -> list[Month]:
        """The months to choose from, the newest first."""
        return open_months(form, context.now())

    def _current(self, endpoint: str) -> Any:
        """To the month that was chosen, or the newest one that can be filled."""
        form, months = request.args.get("form", DEFAULT_FORM), None
        chosen = request.args.get("month", "")
        if not chosen:
            months = self._months(form)
            chosen = str(months[0] if months else calendar_of(find_form(form)).current(context.now()))
        return redirect(url_for(endpoint, form=form, month=str(reported_month(form, chosen))))

    def _take(self, name: str, sent: UploadForm, options: Mapping[str, str]) -> str | None:
        """The address of the import that the file became, or None where it was refused."""
        if not sent.validate_on_submit():
            return None
        try:
            return url_for("ImportView.show", public_id=keep_upload(self.actor, name, sent, options))
        except Invalid as refusal:
            sent.form_errors = [*sent.form_errors, *sent.take(refusal)]
            return None

    def _shown(self, sent: UploadForm, form: str, month: Month, **values: Any) -> Any:
        sent.once.data = secrets.token_hex(16)
        months = self._months(form)
        page = self.page(
            "reports/import.html",
            form=sent,
            form_code=form,
            form_name=find_form(form).name,
            month=month,
            months=months if month in months else [month, *months],
            **values,
        )
        return page, 422 if sent.errors or sent.form_errors else 200


class OwnImportView(_ReportImportView):
    """上报导入: the enterprise's own report of a month."""

    route_base = "/report-import"

    @expose("/", methods=["GET"])
    @protected("import")
    def current(self) -> Any:
        """To the newest month that can be filled."""
        find_import(import_own.NAME, self.actor)
        return self._current("OwnImportView.upload")

    @expose("/<form>/<month>", methods=["GET", "POST"])
    @protected("import")
    def upload(self, form: str, month: str) -> Any:
        """The template of the month to download, and the form that takes it back."""
        opened = self._opened(form, month)
        contact = (opened.report.filler_name if opened.report else "") or opened.filing.version.contact_name
        sent = OwnForm(data={"filler": contact})
        refused = not_open(opened, context.now())
        options = {"form": form, "month": month, "filler": sent.filler.data or ""}
        if refused is None and (address := self._take(import_own.NAME, sent, options)):
            return redirect(address)
        return self._shown(
            sent,
            form,
            opened.ref.month,
            what=import_own.TITLE,
            state=badge(opened.state),
            refused=refused,
            endpoint="OwnImportView",
            back_url=url_for("FilingView.start", form=form, month=month),
        )

    @expose("/<form>/<month>/template", methods=["GET"])
    @protected("import")
    def template(self, form: str, month: str) -> Response:
        """The form of the month with the figures in place, in the user's language."""
        from app.reports.import_template_own import write_own_template  # noqa: PLC0415 - openpyxl is large

        opened = self._opened(form, month)
        body = io.BytesIO()
        write_own_template(body, opened)
        return template_response(body, say(_file_name(import_own.TITLE, opened.ref.month)))

    def _months(self, form: str) -> list[Month]:
        return own_months(form, self.actor.enterprise_id or 0, context.now())

    def _opened(self, form: str, month: str) -> OpenReport:
        find_import(import_own.NAME, self.actor)
        ref = import_own.own_ref(self.actor, {"form": form, "month": str(reported_month(form, month))})
        return open_report(self.actor, ref, context.now())


class BatchImportView(_ReportImportView):
    """数据批量上报导入: the reports of many enterprises, by an admin who was given the right."""

    route_base = "/batch-import"

    @expose("/", methods=["GET"])
    @protected("import")
    def current(self) -> Any:
        """To the newest month that can be filled."""
        find_import(import_batch.NAME, self.actor)
        return self._current("BatchImportView.upload")

    @expose("/<form>/<month>", methods=["GET", "POST"])
    @protected("import")
    def upload(self, form: str, month: str) -> Any:
        """The template of the month to download, and the form that takes it back."""
        found = self._allowed(form, month)
        sent = BatchForm(data={"filler": self.actor.name, "submit": "0"})
        refused = calendar_of(find_form(form)).not_opened(found, context.now())
        options = {
            "form": form,
            "month": month,
            "filler": sent.filler.data or "",
            "submit": sent.submit.data or "0",
        }
        if refused is None and (address := self._take(import_batch.NAME, sent, options)):
            return redirect(address)
        return self._shown(
            sent,
            form,
            found,
            what=import_batch.TITLE,
            state=None,
            refused=refused,
            endpoint="BatchImportView",
            back_url=url_for("ReportPageView.list"),
        )

    @expose("/<form>/<month>/template", methods=["GET"])
    @protected("import")
    def template(self, form: str, month: str) -> Response:
        """The headings of the month; with ``?listed=1`` also a row for each enterprise that has not filed."""
        from app.reports.import_template_batch import write_batch_template  # noqa: PLC0415 - openpyxl is large

        found = self._allowed(form, month)
        wanted = request.args.get("listed") == "1"
        listed = unfiled(self.actor, find_form(form), found, context.now()) if wanted else ()
        body = io.BytesIO()
        write_batch_template(body, version_for(form, found), found, listed)
        return template_response(body, say(_file_name(import_batch.TITLE, found)))

    def _allowed(self, form: str, month: str) -> Month:
        find_import(import_batch.NAME, self.actor)
        return reported_month(form, month)


def _file_name(what: Message, month: Month) -> Message:
    return Message(TEMPLATE_NAME.msgid, what=what, month=month)
