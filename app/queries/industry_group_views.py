"""运行局分类: the page on which the platform keeps the groups of industries. HTTP only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from wtforms.validators import InputRequired

from app.enterprises.models import Industry
from app.infra.forms import REQUIRED
from app.infra.page_fields import RemoteMultipleField
from app.infra.views import DomainView
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.queries.industry_groups import add_group, change_group, group_problems
from app.queries.models import IndustryGroup


class IndustryGroupView(DomainView):
    """Groups of industries; bureaus read them, the platform keeps them."""

    model = IndustryGroup
    route_base = "/industry-groups"
    list_title = lazy_gettext("Industry groups of the operations bureau")
    show_title = lazy_gettext("Group of the operations bureau")
    add_title = lazy_gettext("New industry group")
    edit_title = lazy_gettext("Change industry group")
    label_columns = {
        "name": lazy_gettext("Group name"),
        "industries": lazy_gettext("Industries of the group"),
    }
    list_columns = ["name"]
    search_columns = ["name"]
    base_order = ("id", "asc")
    add_columns = ["name", "industries"]
    show_columns = ["name", "industries"]
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "industries": RemoteMultipleField(
            lazy_gettext("Industries of the group"),
            model=Industry,
            url="/industry-groups/choices/industries",
            validators=[InputRequired(REQUIRED)],
            description=lazy_gettext(
                "Each with everything below it, unless another group names that itself. "
                "What no group names is counted apart."
            ),
        ),
    }

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a group."""
        return add_group(values)

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a group."""
        return change_group(row, values, version)

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What else is wrong with a group of which an entry cannot be read."""
        return group_problems(values, row.id if row else None)
