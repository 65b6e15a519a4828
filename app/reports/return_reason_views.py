"""常用退回原因: the page on which the admins of a bureau keep the reasons that they often give. HTTP only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext

from app.infra import context
from app.infra.views import DomainView
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.reports.return_reasons import VariableNames, add_reason, change_reason, next_position, problems_of
from app.reports.review_models import ReturnReason


class ReturnReasonView(DomainView):
    """The usual reasons of the bureau of whoever is signed in."""

    model = ReturnReason
    route_base = "/return-reasons"
    list_title = lazy_gettext("Usual reasons for returning")
    show_title = lazy_gettext("Usual reason for returning")
    add_title = lazy_gettext("New reason for returning")
    edit_title = lazy_gettext("Change reason for returning")
    label_columns = {
        "text": lazy_gettext("Reason for returning"),
        "position": lazy_gettext("Order"),
        "updated_at": lazy_gettext("Last edited"),
    }
    list_columns = ["text", "position", "updated_at"]
    search_columns = ["text"]
    base_order = ("position", "asc")
    add_columns = ["text", "position"]
    show_columns = ["text", "position", "updated_at"]
    hints = {
        "text": lazy_gettext(
            "%(names)s stand for the month, the enterprise and its indicators with findings; each report "
            "gets its own.",
            names=VariableNames(),
        ),
        "position": lazy_gettext("1 to 9 are chosen on the desk by the number key."),
    }

    def initial(self) -> dict[str, Any]:
        """A new reason stands at the end of the list."""
        return {"position": next_position(self.actor)}

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a reason to the bureau's list."""
        return add_reason(actor, values["text"] or "", values["position"], context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a reason."""
        return change_reason(actor, row, values["text"] or "", values["position"], version, context.now())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What else is wrong where the order cannot be read."""
        return problems_of(values["text"]) if values["text"] else ()
