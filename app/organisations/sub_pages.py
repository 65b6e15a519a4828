"""Pages of a record that do one thing with it: a new password, another reviewer, a transfer of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect
from flask_babel import gettext

from app.infra.forms import PlatformForm
from app.infra.views import DomainView
from app.organisations.fields import submitted


class SubPagesView(DomainView):
    """Generated CRUD with such pages."""

    def sub_page(
        self,
        pk: str,
        title: str,
        form: PlatformForm,
        work: Callable[[], object],
        done: str = "",
        template: str = "organisations/form.html",
        **more: Any,
    ) -> Any:
        """Show the form, or do the work and go back to the record; a refusal keeps what was typed.

        :param done: what is said afterwards, by default that it was saved.
        :param more: what another template needs besides.
        """
        if submitted(form, work):
            flash(done or gettext("Saved."), "success")
            return redirect(self._after(pk))
        page = self.render_template(template, title=title, form=form, back_url=self._after(pk), **more)
        return page, 422 if form.errors else 200
