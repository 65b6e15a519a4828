"""Pages of imports: the list of one's own, the upload, one import from its preview to its outcome."""

from __future__ import annotations

import datetime as dt
import io
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, case, select
from wtforms import HiddenField
from wtforms.validators import InputRequired

from app.infra import context
from app.infra.exports import XLSX
from app.infra.files import StoredFile, disposition
from app.infra.forms import REQUIRED, PlatformForm
from app.infra.i18n import language, say
from app.infra.imports import service
from app.infra.imports.models import ImportBatch
from app.infra.imports.preview import MOST_PROBLEMS, notices_of, problems_of, tables_of
from app.infra.imports.rules import BatchState, Standing
from app.infra.imports.spec import ImportSpec, all_imports, find_import
from app.infra.jobs import Job, JobState
from app.infra.jobs.outcome import Outcome
from app.infra.jobs.queue import engine
from app.infra.jobs.service import machine_now
from app.infra.jobs.views import MARKS as JOB_MARKS
from app.infra.jobs.views import lines_to_show, result_is_kept, status_of
from app.infra.lists import Column, Filter, ListSpec, Lookup, render_list
from app.infra.page_fields import UploadField
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound
from app.kernel.texts import Message

STATES = {
    Standing.CHECKING: Message("Being checked"),
    Standing.READY: Message("Waiting for confirmation"),
    Standing.REFUSED: Message("Not readable"),
    Standing.EXPIRED: Message("Preview out of date"),
    Standing.APPLYING: Message("Being imported"),
    Standing.DONE: Message("Imported"),
    Standing.CANCELLED: Message("Cancelled"),
}
MARKS = {
    Standing.CHECKING: "wait",
    Standing.READY: "edit",
    Standing.REFUSED: "late",
    Standing.EXPIRED: "none",
    Standing.APPLYING: "wait",
    Standing.DONE: "pass",
    Standing.CANCELLED: "none",
}
WORKING = (Standing.CHECKING, Standing.APPLYING)


class UploadForm(PlatformForm):
    """A filled-in template. ``once`` makes a double click one upload."""

    file = UploadField(
        lazy_gettext("File"),
        description=lazy_gettext("A workbook (.xlsx) or CSV in UTF-8 or GB18030, at most 10 MB."),
        validators=[InputRequired(REQUIRED)],
        render_kw={"accept": ".xlsx,.csv"},
    )
    once = HiddenField()


class ImportView(PageView):
    """A user's imports; each sees the own ones only."""

    route_base = "/imports"
    default_view = "list"

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> Response:
        """The imports of the user, newest first, and what can be imported."""
        offered = [spec for spec in all_imports().values() if spec.allowed(self.actor)]
        return render_list(import_list(), self.actor, context.today(), "imports/list.html", offered=offered)

    @expose("/new/<name>", methods=["GET", "POST"])
    @protected("add")
    def new(self, name: str) -> Any:
        """The template to download, and the form that takes it back."""
        spec = find_import(name, self.actor)
        if spec.page:
            return redirect(url_for(spec.page))
        form = UploadForm()
        if form.validate_on_submit():
            try:
                return redirect(url_for("ImportView.show", public_id=self._upload(spec, form)))
            except Invalid as refusal:
                form.form_errors = [*form.form_errors, *form.take(refusal)]
        form.once.data = secrets.token_hex(16)
        page = self.page("imports/upload.html", spec=spec, form=form, list_url=spec.list_url)
        return page, 422 if form.errors or form.form_errors else 200

    def _upload(self, spec: ImportSpec, form: UploadForm) -> str:
        return keep_upload(self.actor, spec.name, form, {})

    @expose("/template/<name>", methods=["GET"])
    @protected("add")
    def template(self, name: str) -> Response:
        """The empty template, in the user's language."""
        from app.infra.imports.template import write_template  # noqa: PLC0415 - openpyxl is large

        spec = find_import(name, self.actor)
        if spec.page:
            raise NotFound
        body = io.BytesIO()
        write_template(body, spec, self.actor, context.today())
        return template_response(body, say(Message("{what} template", what=spec.title)))

    @expose("/<public_id>", methods=["GET"])
    @protected("list")
    def show(self, public_id: str) -> Any:
        """One import: its progress, its preview with the confirmation, or its outcome.

        One that opens its result leads there once everything is written.
        """
        batch = service.find(self.actor, public_id)
        spec = service.spec_of(batch, self.actor, context.now())
        standing = service.standing_now(batch, context.now())
        if spec.opens_result and standing is Standing.DONE and not batch.failed:
            flash(gettext("Imported. Please look at it once more."), "success")
            return redirect(spec.list_url)
        return self.page("imports/show.html", **_shown(batch, spec, standing))

    @expose("/<public_id>/confirm", methods=["POST"])
    @protected("add")
    def confirm(self, public_id: str) -> Any:
        """Write all rows, or the valid ones."""
        try:
            with unit_of_work():
                service.confirm(self.actor, public_id, request.form.get("mode", ""), context.now())
        except Invalid as refusal:
            for problem in refusal.problems:
                flash(say(problem.message), "danger")
        return redirect(url_for("ImportView.show", public_id=public_id))

    @expose("/<public_id>/cancel", methods=["POST"])
    @protected("add")
    def cancel(self, public_id: str) -> Any:
        """Give an import up."""
        service.cancel(self.actor, public_id, context.now())
        flash(gettext("The import is cancelled; nothing of it is written."), "success")
        return redirect(url_for("ImportView.show", public_id=public_id))


def keep_upload(actor: Actor, name: str, form: UploadForm, options: Mapping[str, str]) -> str:
    """Keep the file of a form as a new import and have it checked; gives the name of the import.

    :raises Invalid: a file that must not be read, or what was chosen cannot be.
    """
    sent = form.file.data
    content, called, once = sent.stream.read(), sent.filename or "", form.once.data or ""
    with unit_of_work():
        batch = service.upload(actor, name, content, called, once, language(), context.now(), options)
        return batch.public_id


def template_response(body: io.BytesIO, name: str) -> Response:
    """A template as a download."""
    response = Response(body.getvalue(), content_type=XLSX.media_type)
    response.headers["Content-Disposition"] = disposition(f"{name}.xlsx")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _shown(batch: ImportBatch, spec: ImportSpec, standing: Standing) -> dict[str, Any]:
    """What the page of an import needs."""
    job = service.current_job(batch)
    problems = problems_of(spec, batch.preview)
    failed_job = job if batch.state == BatchState.DONE else batch.check_job
    outcome = Outcome.from_json(job.outcome) if job is not None and standing is Standing.DONE else Outcome()
    lost = job is not None and job.state == JobState.FAILED
    return {
        "batch": batch,
        "spec": spec,
        "standing": standing.value,
        "state": STATES[standing],
        "mark": MARKS[standing],
        "job": job,
        "status": status_of(job, engine().progress.read(job.public_id))
        if job and standing in WORKING
        else None,
        "job_mark": JOB_MARKS[JobState(job.state)] if job else "",
        "error": words_from_json(job.error) if job is not None and lost else None,
        "problems": problems,
        "problems_more": max(0, batch.problem_count - MOST_PROBLEMS),
        "notices": notices_of(batch.preview),
        "remarks": problems_of(spec, batch.preview, "remarks"),
        "remarks_more": max(0, batch.preview.get("remark_count", 0) - MOST_PROBLEMS),
        "tables": tables_of(spec, batch.preview),
        "failed_job": failed_job if failed_job and result_is_kept(failed_job, machine_now()) else None,
        "outcome": outcome,
        "lines": lines_to_show(outcome),
    }


def import_list() -> ListSpec:
    """The declared list of imports."""
    titles = {name: spec.title for name, spec in all_imports().items()}
    stopped = Job.state.in_([JobState.FAILED, JobState.CANCELLED])
    state = case(
        ((ImportBatch.state == BatchState.CHECKING) & stopped, Standing.REFUSED.value),
        ((ImportBatch.state == BatchState.APPLYING) & stopped, Standing.READY.value),
        else_=ImportBatch.state,
    )
    row = ImportBatch
    return ListSpec(
        name="imports",
        title=Message("My imports"),
        base=_own,
        key=(row.public_id,),
        columns=(
            Column("spec", Message("Import"), row.spec, "choice", words=titles, always=True),
            Column("file", Message("File"), lookup=Lookup(row.file_id, StoredFile)),
            Column("state", Message("State"), state, "state", words=STATES, marks=MARKS),
            Column("counted", Message("Rows"), row.counted, "number"),
            Column("valid", Message("Without errors"), row.valid, "number"),
            Column("written", Message("Imported rows"), row.written, "number"),
            Column("created_at", Message("Uploaded at"), row.created_at, "instant", sortable=True),
        ),
        filters=(Filter("spec", Message("Import"), "choice", row.spec, words=titles),),
        default_sort="-created_at",
        row_link="/imports/{}",
        exportable=False,
        unit=Message("{count} imports"),
        empty=Message("You have imported nothing yet."),
    )


def _own(actor: Actor, today: dt.date) -> Select[Any]:
    current = case(
        (ImportBatch.state.in_([BatchState.APPLYING, BatchState.DONE]), ImportBatch.apply_job_id),
        else_=ImportBatch.check_job_id,
    )
    return select(ImportBatch).join(Job, Job.id == current).where(service.visible_imports(actor, today))
