"""Enterprises for scripts of a browser."""

from __future__ import annotations

from flask_babel import lazy_gettext

from app.enterprises.lists import STATE_WORDS
from app.enterprises.models import ControlType, Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.api import DomainApi, scoped
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.kernel.texts import Message
from app.organisations.models import Region


class EnterpriseApi(DomainApi):
    """Enterprises in the account's scope, as they are today."""

    resource_name = "enterprises"
    title = lazy_gettext("Enterprises (for programs)")

    def listing(self) -> ListSpec:
        """Name, codes and classification; nothing about persons."""
        return ListSpec(
            name="api.enterprises",
            title=Message("Enterprises"),
            base=scoped(Enterprise),
            key=(Enterprise.id,),
            columns=(
                Column("id", Message("Number"), Enterprise.id),
                Column("name", Message("Enterprise name"), Enterprise.name, sortable=True),
                Column("uscc", Message("Credit code"), Enterprise.uscc, sortable=True),
                Column("region", Message("Region"), lookup=Lookup(Enterprise.region_id, Region, "code")),
                Column(
                    "industry", Message("Industry"), lookup=Lookup(Enterprise.industry_id, Industry, "code")
                ),
                Column(
                    "control_type",
                    Message("Control type"),
                    lookup=Lookup(Enterprise.control_type_id, ControlType, "code"),
                ),
                Column("size", Message("Size"), Enterprise.size),
                Column("state", Message("State"), Enterprise.state),
                Column("updated_at", Message("Changed"), Enterprise.updated_at, "instant", sortable=True),
            ),
            filters=(
                Filter(
                    "keyword", Message("Enterprise name"), expression=Enterprise.name_key, by_name_key=True
                ),
                Filter("uscc", Message("Credit code"), expression=Enterprise.uscc, match="exact"),
                Filter("size", Message("Size"), "choice", Enterprise.size, words=SIZE_NAMES),
                Filter("state", Message("State"), "choice", Enterprise.state, words=STATE_WORDS),
            ),
            default_sort="name",
        )
