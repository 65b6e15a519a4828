"""答卷对象 and 答卷率, 催答 and its records. HTTP only."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from app.infra import context
from app.infra.i18n import say
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.lists.asked import Args
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.errors import Invalid
from app.questionnaires import reminders
from app.questionnaires.lists import REMIND, respondents_list
from app.questionnaires.rates import rates_list
from app.questionnaires.reminder_list import reminders_list
from app.reports.reminder_rules import CHANNEL_LABELS, INBOX

NAMED = 10
"""Respondents named on the page before a reminder; the outcome names all of them."""

NOT_LISTED = frozenset({"csrf_token", "action", "key", "all", "confirmed", "once", "channel"})
"""Words of a form that are not conditions of the list."""


class RespondentView(PageView):
    """Who must answer which round, how many did, and how the others are reminded."""

    route_base = "/respondents"
    default_view = "list"
    title = lazy_gettext("Respondents")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list."""
        links = [
            (gettext("Response rates by region"), url_for("RespondentView.rates")),
            (gettext("Reminders sent"), url_for("RespondentView.reminders")),
        ]
        return self._answer(respondents_list(self.actor), links)

    @expose("/rates", methods=["GET", "POST"])
    @protected("list")
    def rates(self) -> Any:
        """How many of each region answered."""
        return self._answer(rates_list(self.actor, request.values))

    @expose("/reminders", methods=["GET", "POST"])
    @protected("list")
    def reminders(self) -> Any:
        """催答记录: who was reminded when, by whom and how it arrived."""
        return self._answer(reminders_list())

    @expose("/remind", methods=["GET", "POST"])
    @protected("remind")
    def remind(self) -> Any:
        """催答: how many can be reached by which channel, then the job. A GET means all filtered ones."""
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

    def _answer(self, spec: ListSpec, links: Any = ()) -> Any:
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today(), links=links)

    def _begin(self, form: Args) -> Any:
        with unit_of_work():
            channels = form.getlist("channel")
            started = reminders.begin(self.actor, form, channels, form.get("once") or None, context.now())
            public_id = started.public_id
        return redirect(url_for("JobView.show", public_id=public_id))

    def _ask(self, form: Args, refusal: Invalid | None = None) -> str:
        now = context.now()
        who = reminders.meant(self.actor, form, now)
        first = [*reminders.read_asked(who.keys[:NAMED], now)]
        shown = next((one for one in first if not one.target.closed), first[0] if first else None)
        ticked = form.getlist("channel") if form.get("confirmed") else [INBOX]
        return self.page(
            "questionnaires/remind.html",
            action=url_for(f"{self.endpoint}.remind"),
            number=len(who.keys),
            who=who,
            names=[one.target.name for one in first],
            channels=[
                (name, say(CHANNEL_LABELS[name]), reached, name in ticked)
                for name, reached in reminders.reach(who.keys, now).items()
            ],
            text=say(shown.words) if shown else "",
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
    return url_for("RespondentView.list", **kept)
