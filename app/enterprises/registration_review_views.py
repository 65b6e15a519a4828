"""企业注册审核: the desk of an admin, the queue at the left and the registration beside it. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.enterprises import registrations
from app.enterprises.desk_views import EnterpriseDeskView
from app.enterprises.registration_hints import hints
from app.enterprises.registration_list import registration_list, waiting_ids
from app.enterprises.registration_page import badge, fact_groups, moment, size_of, timeline
from app.enterprises.registration_settings import return_reasons
from app.enterprises.registration_workflow import LONGEST_REASON, PENDING, WORKFLOW
from app.infra import context
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.views import protected


class RegistrationReviewView(EnterpriseDeskView):
    """Registrations of the regions that the signed-in admin manages."""

    route_base = "/registrations"
    template = "enterprises/registration_queue.html"
    desk_key = "registration"

    @expose("/", methods=["GET", "POST"])
    @protected("review")
    def desk(self) -> Any:
        """The queue; ``?registration=`` opens one beside it, by default the first that waits."""
        return self._answer()

    @expose("/<registration_id>/approve", methods=["POST"])
    @protected("review")
    def approve(self, registration_id: str) -> Any:
        """通过: the enterprise is let in and told by SMS; the next registration opens at once."""
        return self._decide(
            registration_id,
            lambda version: registrations.approve(self.actor, registration_id, version, context.now()),
            lambda registration: gettext("Passed: %(name)s", name=registration.name),
        )

    @expose("/<registration_id>/return", methods=["POST"])
    @protected("review")
    def give_back(self, registration_id: str) -> Any:
        """退回: back with a reason, by mail and message; the next registration opens at once."""
        reason = request.form.get("comment", "")
        return self._decide(
            registration_id,
            lambda version: registrations.give_back(
                self.actor, registration_id, version, reason, context.now()
            ),
            lambda registration: gettext("Returned: %(name)s", name=registration.name),
        )

    def queue(self) -> ListSpec:
        """Registrations that were submitted."""
        return registration_list(self.actor)

    def waiting(self, opened: int | None = None) -> list[int]:
        """Registrations at the actor."""
        return waiting_ids(self.actor, context.today(), opened)

    def detail(self, opened: str) -> dict[str, Any]:
        """What was submitted, what was mended since a return, and what a reviewer should know."""
        registration = registrations.find(self.actor, opened, context.now())
        facts = registrations.facts_of(registration)
        offered = {edge.verb for edge in WORKFLOW.offered(facts, registration.state, self.actor)}
        pending = registration.state == PENDING
        return {
            "id": registration.id,
            "name": registration.name,
            "username": registration.account.username,
            "version": registration.version,
            "state": badge(registration.state),
            "submitted": moment(registration.submitted_at),
            "waits_for": str(registration.reviewer) if registration.reviewer else "",
            "groups": fact_groups(registration),
            "size": size_of(registration),
            "hints": [say(hint) for hint in hints(registration, self.actor, context.today())]
            if pending
            else [],
            "steps": timeline(registration.steps),
            "reason": registration.return_reason,
            "returns": sum(step.verb == "return" for step in registration.steps),
            "reasons": return_reasons(context.now()),
            "longest": LONGEST_REASON,
            "may_approve": "approve" in offered,
            "may_return": "return" in offered,
            **self._place(registration.id),
            "enterprise_url": url_for("EnterpriseView.show", pk=registration.enterprise_id)
            if registration.enterprise_id
            else "",
        }
