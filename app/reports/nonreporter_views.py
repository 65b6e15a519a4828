"""未报送企业查询, 催报 and its records. HTTP only."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import render_list, run_action
from app.infra.lists.asked import Args
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.errors import Invalid
from app.reports import reminders
from app.reports.nonreporters import REMIND, nonreporters_list
from app.reports.reminder_list import reminders_list
from app.reports.reminder_rules import CHANNEL_LABELS, INBOX

NAMED = 10
"""Enterprises named on the page before a reminder; the outcome names all of them."""

NOT_LISTED = frozenset({"csrf_token", "action", "key", "all", "confirmed", "once", "channel"})
"""Words of a form that are not conditions of the list."""


class NonreporterView(PageView):
    """Enterprises that have not reported, and how they are reminded."""

    route_base = "/nonreporters"
    default_view = "list"

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list of a month."""
        if request.method == "POST":
            return run_action(nonreporters_list(self.actor, request.form), self.actor, context.now())
        links = [(gettext("Reminders sent"), url_for("NonreporterView.reminders"))]
        spec = nonreporters_list(self.actor, request.args)
        return render_list(spec, self.actor, context.today(), links=links)

    @expose("/reminders", methods=["GET", "POST"])
    @protected("list")
    def reminders(self) -> Any:
        """催报记录: who was reminded when, by whom and how it arrived."""
        spec = reminders_list()
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())

    @expose("/remind", methods=["GET", "POST"])
    @protected("remind")
    def remind(self) -> Any:
        """催报: how many can be reached by which channel, then the job. A GET means all filtered ones."""
        form: Args = request.form
        if request.method == "GET":
            form = MultiDict([*request.args.items(multi=True), ("action", REMIND), ("all", "1")])
        try:
            if form.get("confirmed") == "1":
                return self._begin(form)
            return self._ask(form)
        except Invalid as refusal:
            if any(problem.field == "channel" for problem in refusal.problems):
                return self._ask(form, refusal), refusal.status
            for problem in refusal.problems:
                flash(say(problem.message), "warning")
            return redirect(_back(form), 303)

    def _begin(self, form: Args) -> Any:
        with unit_of_work():
            channels = form.getlist("channel")
            started = reminders.begin(self.actor, form, channels, form.get("once") or None, context.now())
            public_id = started.public_id
        return redirect(url_for("JobView.show", public_id=public_id))

    def _ask(self, form: Args, refusal: Invalid | None = None) -> str:
        now = context.now()
        who = reminders.meant(self.actor, form, now)
        first = who.enterprise_ids[:NAMED]
        query = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(first))
        names = {row.id: row.name for row in db.session.execute(query)}
        ticked = form.getlist("channel") if form.get("confirmed") else [INBOX]
        return self.page(
            "reports/remind.html",
            action=url_for(f"{self.endpoint}.remind"),
            number=len(who.enterprise_ids),
            who=who,
            names=[names[number] for number in first if number in names],
            channels=[
                (name, say(CHANNEL_LABELS[name]), reached, name in ticked)
                for name, reached in reminders.reach(who, now).items()
            ],
            text=say(reminders.sample(who.subject, names[first[0]], now)) if first else "",
            problems=[say(problem.message) for problem in refusal.problems] if refusal else [],
            kept=[
                (n, v)
                for n, v in form.items(multi=True)
                if n not in ("csrf_token", "once", "channel", "confirmed")
            ],
            once=form.get("once") or secrets.token_hex(16),
            back=_back(form),
        )


def _back(form: Args) -> str:
    """The list with the same conditions."""
    kept: dict[str, Any] = {name: form.getlist(name) for name in form if name not in NOT_LISTED}
    return url_for("NonreporterView.list", **kept)
