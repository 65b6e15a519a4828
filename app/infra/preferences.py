"""Language and text size: kept in the session, and with the account by the wiring's handler."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, request, session
from flask_appbuilder import expose

from app.infra.registries import table
from app.infra.security import current_principal
from app.infra.shell import TEXT_SIZES
from app.infra.transactions import unit_of_work
from app.infra.urls import local_target
from app.infra.views import PageView
from app.kernel.texts import LANGUAGES


class PreferencesView(PageView):
    """How pages look for this visitor; open to everybody."""

    route_base = "/preferences"
    default_view = "language"

    @expose("/language/<code>", methods=["GET"])
    def language(self, code: str) -> Response:
        """Switch the language and go back. A plain link: nothing but this visitor's pages changes."""
        if code not in LANGUAGES:
            abort(404)
        self._keep("language", code)
        return redirect(local_target(request.args.get("next")))  # type: ignore[return-value]

    @expose("/text-size", methods=["POST"])
    def text_size(self) -> Response:
        """Switch the text size and go back."""
        size = request.form.get("size", "")
        if size not in TEXT_SIZES:
            abort(400)
        self._keep("text_size", size)
        return redirect(local_target(request.form.get("next")))  # type: ignore[return-value]

    @staticmethod
    def _keep(name: str, value: str) -> None:
        session[name] = value
        principal = current_principal()
        if principal is not None:
            with unit_of_work():
                keep: Any = table("KEEP_PREFERENCE")
                keep(principal.actor, name, value)
