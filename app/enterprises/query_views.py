"""企业基本信息查询: what is known of the enterprises, with the columns that one chooses."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.enterprises.lists import query_list
from app.infra import context
from app.infra.lists import render_list, run_action
from app.infra.views import PageView, protected


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
        return render_list(spec, self.actor, context.today())
