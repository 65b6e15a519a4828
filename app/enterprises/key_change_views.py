"""企业信息变更审核, the desk of an admin, and 企业信息变更查询 of who sees enterprises. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.enterprises import key_changes
from app.enterprises.desk_views import EnterpriseDeskView
from app.enterprises.key_change_list import desk_list, query_list, reviewer_name, waiting_ids
from app.enterprises.key_change_models import KeyChange, KeyChangeStep
from app.enterprises.key_change_rules import reasons_to_refer
from app.enterprises.key_change_settings import return_reasons
from app.enterprises.key_change_workflow import (
    LONGEST_REASON,
    MANUAL,
    PENDING,
    STATE_LABELS,
    STATE_MARKS,
    WORKFLOW,
)
from app.enterprises.registration_hints import same_organisation
from app.enterprises.registration_page import moment, size_shown
from app.infra import context, scope
from app.infra.display import display
from app.infra.i18n import say
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.views import PageView, protected
from app.kernel.errors import NotFound
from app.kernel.periods import Month


class KeyChangeReviewView(EnterpriseDeskView):
    """Changes of key fields that the automatic review referred to the admins of the regions."""

    route_base = "/key-changes"
    template = "enterprises/key_change_queue.html"
    desk_key = "change"

    @expose("/", methods=["GET", "POST"])
    @protected("review")
    def desk(self) -> Any:
        """The queue; ``?change=`` opens one beside it, by default the first that waits."""
        return self._answer()

    @expose("/<change_id>/approve", methods=["POST"])
    @protected("review")
    def approve(self, change_id: str) -> Any:
        """通过: the new values hold, the report can be filled again; the next case opens at once."""
        return self._decide(
            change_id,
            lambda version: key_changes.approve(self.actor, change_id, version, context.now()),
            lambda change: gettext("Passed: %(name)s", name=change.old_name),
        )

    @expose("/<change_id>/return", methods=["POST"])
    @protected("review")
    def give_back(self, change_id: str) -> Any:
        """退回: the old values stand, with a reason; the next case opens at once."""
        reason = request.form.get("comment", "")
        return self._decide(
            change_id,
            lambda version: key_changes.give_back(self.actor, change_id, version, reason, context.now()),
            lambda change: gettext("Returned: %(name)s", name=change.old_name),
        )

    def queue(self) -> ListSpec:
        """Cases that the automatic review referred."""
        return desk_list(self.actor)

    def waiting(self, opened: int | None = None) -> list[int]:
        """Cases at the actor."""
        return waiting_ids(self.actor, context.today(), opened)

    def detail(self, opened: str) -> dict[str, Any]:
        """Old and new values side by side, and what a reviewer should know."""
        change: KeyChange = scope.find(KeyChange, opened, self.actor, context.today())
        if change.route != MANUAL:
            raise NotFound
        facts = key_changes.facts_of(change)
        offered = {edge.verb for edge in WORKFLOW.offered(facts, change.state, self.actor)}
        return {
            "id": change.id,
            "name": change.old_name,
            "version": change.version,
            "month": str(Month.from_key(change.period)),
            "state": {"label": say(STATE_LABELS[change.state]), "style": STATE_MARKS[change.state]},
            "asked": moment(change.asked_at),
            "waits_for": reviewer_name(change),
            "why": [say(reason) for reason in reasons_to_refer(change.old, change.new)],
            "hints": self._hints(change),
            **_compared(change),
            "steps": [_step_line(step) for step in reversed(change.steps)],
            "reason": say(change.reason) if change.reason else "",
            "reasons": return_reasons(context.now()),
            "longest": LONGEST_REASON,
            "may_approve": "approve" in offered,
            "may_return": "return" in offered,
            **self._place(change.id),
            "enterprise_url": url_for("EnterpriseView.show", pk=change.enterprise_id),
        }

    def _hints(self, change: KeyChange) -> list[str]:
        """What is already wrong with it, and what else a reviewer should know, while it waits."""
        if change.state != PENDING:
            return []
        today = context.today()
        found = [problem.message for problem in key_changes.violations(change, today)]
        if change.new_uscc != change.old_uscc:
            found += same_organisation(change.new_uscc, self.actor, today)
        return [say(words) for words in found]


def _compared(change: KeyChange) -> dict[str, Any]:
    """All three fields side by side, what differs marked, and what follows from the new industry."""
    told = {line.field: line for line in key_changes.told_changes(change.old, change.new)}
    rows = (
        ("name", gettext("Enterprise name"), change.old_name, change.new_name),
        ("uscc", gettext("Unified social credit code"), change.old_uscc, change.new_uscc),
        ("industry", gettext("Industry"), change.old_industry.label, change.new_industry.label),
    )
    enterprise = change.enterprise
    figures = (enterprise.revenue, enterprise.employees, enterprise.assets)
    return {
        "rows": [
            {"label": label, "old": say(old), "new": say(new), "changed": field in told}
            for field, label, old, new in rows
        ],
        "follows": [
            {
                "label": gettext("Industrial"),
                "old": display(change.old_industry.is_industrial),
                "new": display(change.new_industry.is_industrial),
                "changed": change.old_industry.is_industrial != change.new_industry.is_industrial,
            },
            _sizes(
                size_shown(change.old_industry_id, *figures)["size"],
                size_shown(change.new_industry_id, *figures)["size"],
            ),
        ],
    }


def _sizes(old: str, new: str) -> dict[str, Any]:
    return {"label": gettext("Size"), "old": old, "new": new, "changed": old != new}


def _step_line(step: KeyChangeStep) -> dict[str, Any]:
    unit = f" · {step.bureau_name}" if step.bureau_name else ""
    return {
        "when": moment(step.at),
        "who": f"{say(key_changes.actor_words(step.actor_name, step.account_id))}{unit}",
        "words": say(key_changes.verb_label(step.verb)),
        "comment": say(step.comment) if step.comment else "",
    }


class KeyChangeQueryView(PageView):
    """Every change of 企业名称, 统一社会信用代码 and 所属行业, to look at and to export."""

    route_base = "/key-change-query"
    default_view = "list"
    title = lazy_gettext("Query of changed enterprise information")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list, with its export."""
        spec = query_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())
