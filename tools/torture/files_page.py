"""The product with one more page: a form that takes files for an enterprise, of every kind that there is."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

import config as configuration
from app import wiring
from app.enterprises.models import Enterprise
from app.infra import context, scope
from app.infra.assembly import assemble
from app.infra.content import DOCUMENTS, IMAGES, FileRule
from app.infra.files.attachments import files_of, keep_files
from app.infra.files.field import FileField
from app.infra.forms import REQUIRED, PlatformForm
from app.infra.pages import PageView
from app.infra.security import current_principal
from app.infra.transactions import unit_of_work
from app.infra.web import require_sign_in
from app.kernel.errors import DomainError

RULE = FileRule((*IMAGES, *DOCUMENTS, "zip", "csv", "txt"), most=20)
ADDRESS = "/torture/files/"


class FilesForm(PlatformForm):
    """A name that must be given, and files."""

    name = StringField(lazy_gettext("Name"), validators=[InputRequired(REQUIRED)])
    files = FileField(lazy_gettext("File"), rule=RULE)


class FilesPage(PageView):
    """Takes files for the enterprise that is signed in."""

    route_base = ADDRESS.rstrip("/")

    @expose("/", methods=["GET", "POST"])
    def form(self) -> Any:
        """The form; after it was taken, once more with what is kept."""
        if current_principal() is None:
            return require_sign_in()
        owner = scope.find(Enterprise, self.actor.enterprise_id, self.actor, context.today())
        form = FilesForm()
        if not form.is_submitted():
            form = FilesForm(name="", files=files_of(owner, "files"))
        elif form.validate():
            try:
                with unit_of_work():
                    owner = scope.find(Enterprise, owner.id, self.actor, context.today(), lock=True)
                    keep_files(self.actor, owner, "files", form.files.data, context.now(), RULE.most)
            except DomainError as refusal:
                form.take(refusal)
            else:
                flash("Saved.", "success")
                return redirect(ADDRESS)
        page = self.page("organisations/form.html", title=lazy_gettext("File"), form=form, back_url="/")
        return page, 422 if form.errors else 200


def make_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The product with the page."""
    app = Flask("app")
    app.config.update(configuration.load(overrides))
    tables = wiring.tables()
    owners = {**tables["FILE_OWNERS"], "enterprise": Enterprise}
    assemble(app, {**tables, "VIEWS": (*tables["VIEWS"], FilesPage), "FILE_OWNERS": owners})
    return app
