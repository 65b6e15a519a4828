"""企业基本信息查询: what is known of the enterprises, with the columns that one chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.enterprises.lists import query_list
from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.lists import Column, ListSpec, render_list, run_action
from app.infra.lists.spec import Key
from app.infra.registries import row_links
from app.infra.views import PageView, protected
from app.kernel.actor import Actor
from app.kernel.texts import Message


class EnterpriseQueryView(PageView):
    """The basic data of every enterprise in sight, to look at and to export."""

    route_base = "/enterprise-query"
    default_view = "list"
    title = lazy_gettext("Query of basic data")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list, with its choice of columns and its export."""
        spec = query_list()
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(with_links(spec), self.actor, context.today())


def with_links(spec: ListSpec) -> ListSpec:
    """The list as its page shows it: with the pages that later domains have for a row; no file holds them."""
    sources = row_links(Enterprise)

    def links(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
        return {key: [link for source in sources for link in source(key[0])] for key in keys}

    if not sources:
        return spec
    return replace(
        spec,
        columns=(*spec.columns, Column("links", Message("Action"), kind="links", each=links, always=True)),
    )
