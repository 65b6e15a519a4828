"""Questionnaires from files and into files: upload, preview, download. HTTP only."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Response, flash, redirect
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.infra import context
from app.infra.content import MEGABYTE, FileRule
from app.infra.database import db
from app.infra.exports import XLSX
from app.infra.files import disposition
from app.infra.files.field import FileField
from app.infra.forms import PlatformForm
from app.infra.i18n import language, say
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.errors import DomainError
from app.questionnaires import exchange
from app.questionnaires.builder_page import step_url
from app.questionnaires.kind_words import KINDS
from app.questionnaires.models import Questionnaire
from app.questionnaires.xlsform_rows import Loss

FILES = FileRule(("xlsx", "json"), max_bytes=10 * MEGABYTE)
SCHEMA = Path(__file__).with_name("data") / "questionnaire.schema.json"
MOST_LOSSES = 300
"""Losses that a page lists."""
FIRST_QUESTIONS = 100
"""Questions that a preview lists."""


class UploadForm(PlatformForm):
    """A questionnaire in a file."""

    file = FileField(
        lazy_gettext("File"),
        rule=FILES,
        must=True,
        description=lazy_gettext("An XLSForm (.xlsx) or a questionnaire in JSON, at most 10 MB."),
    )


class QuestionnaireExchangeView(PageView):
    """Import and export of questionnaires."""

    route_base = "/questionnaire-exchange"
    default_view = "start"
    title = lazy_gettext("Exchange of questionnaires")

    @expose("/", methods=["GET"])
    @protected("import")
    def start(self) -> Any:
        """Where a file is chosen."""
        return self.page("questionnaires/import.html", form=UploadForm(formdata=None))

    @expose("/", methods=["POST"])
    @protected("import")
    def preview(self) -> Any:
        """What a file would become, and what of it would not be carried over. Nothing is made yet."""
        form = UploadForm()
        found = self._read(form)
        if found is None:
            return self._refused(form)
        kinds = Counter(question.kind for question in found.definition)
        return self.page(
            "questionnaires/import_preview.html",
            form=form,
            found=found,
            name=form.file.shown[0].name,
            token=form.file.shown[0].token,
            kinds=[(say(words), kinds[kind]) for kind, words in KINDS.items() if kinds[kind]],
            questions=_told(found),
            more=max(0, len(found.definition.questions) - FIRST_QUESTIONS),
            **_listed(found.losses),
        )

    @expose("/create", methods=["POST"])
    @protected("import")
    def create(self) -> Any:
        """Make a new draft of the file that was looked at, and open it."""
        form = UploadForm()
        found = self._read(form)
        if found is None:
            return self._refused(form)
        try:
            with unit_of_work():
                made = exchange.create_draft(self.actor, found, context.now())
        except DomainError as refusal:
            db.session.rollback()
            form.form_errors = [*form.form_errors, *form.take(refusal)]
            return self._refused(form)
        flash(
            gettext("Imported as a new draft. Choose its time and its audience before it is enabled."),
            "success",
        )
        return redirect(step_url(made, "questions"))

    @expose("/<pk>", methods=["GET"])
    @protected("export")
    def show(self, pk: str) -> str:
        """The files that a questionnaire can be had as, and what other programs will not do."""
        found = self._find(pk)
        notes = _listed(exchange.notes_on(found))
        return self.page("questionnaires/export.html", questionnaire=found, **notes)

    @expose("/<pk>/xlsform", methods=["GET"])
    @protected("export")
    def xlsform(self, pk: str) -> Response:
        """The questionnaire as an XLSForm workbook."""
        found = self._find(pk)
        content, _notes = exchange.xlsform_of(found)
        return _download(content, f"{found.title}.xlsx", XLSX.media_type)

    @expose("/<pk>/json", methods=["GET"])
    @protected("export")
    def json(self, pk: str) -> Response:
        """The questionnaire as the product's own document."""
        found = self._find(pk)
        return _download(exchange.json_of(found), f"{found.title}.json", "application/json")

    @expose("/schema.json", methods=["GET"])
    def schema(self) -> Response:
        """The published JSON Schema of that document."""
        return Response(SCHEMA.read_bytes(), content_type="application/schema+json")

    def _find(self, pk: str) -> Questionnaire:
        return exchange.find_visible(self.actor, pk, context.now())

    def _read(self, form: UploadForm) -> exchange.Exchanged | None:
        """What the file of a form holds; None where it was refused, which the form tells."""
        if not form.validate_on_submit():
            return None
        try:
            content, name = exchange.uploaded(self.actor, form.file.data, context.now())
            return exchange.read_file(content, name)
        except DomainError as refusal:
            form.form_errors = [*form.form_errors, *form.take(refusal)]
            return None

    def _refused(self, form: UploadForm) -> tuple[str, int]:
        """The form for another file, with what is wrong with this one."""
        fresh = UploadForm(formdata=None)
        fresh.file.errors = list(form.file.errors)
        fresh.form_errors = list(form.form_errors)
        return self.page("questionnaires/import.html", form=fresh), 422


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = Response(io.BytesIO(content).getvalue(), content_type=media_type)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _told(found: exchange.Exchanged) -> list[dict[str, str]]:
    labels = found.definition.labels
    return [
        {
            "label": labels.get(question.code, ""),
            "text": question.text.in_language(language()),
            "kind": say(KINDS[question.kind]),
        }
        for question in found.definition.questions[:FIRST_QUESTIONS]
    ]


def _listed(losses: Sequence[Loss]) -> dict[str, Any]:
    return {
        "losses": losses[:MOST_LOSSES],
        "losses_more": max(0, len(losses) - MOST_LOSSES),
        "losses_count": len(losses),
    }
