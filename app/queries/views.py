"""The pages of the standard queries. HTTP only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.lists.asked import Args
from app.infra.views import PageView, protected
from app.kernel.actor import Actor
from app.queries.details import details_list
from app.queries.products import products_list
from app.queries.year import year_list
from app.queries.year_counts import year_counts_list, year_reports_list

Query = Callable[[Actor, Args], ListSpec]


class QueryView(PageView):
    """A page that is a query and nothing else."""

    default_view = "list"

    def answer(self, query: Query) -> Any:
        """The list, or the file or job that its form asks for."""
        spec = query(self.actor, request.values)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())


class DetailQueryView(QueryView):
    """经济指标月报明细查询."""

    route_base = "/queries/details"
    title = lazy_gettext("Details of monthly indicators")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """Reports with the chosen indicators."""
        return self.answer(details_list)


class ProductQueryView(QueryView):
    """产品产销存月报查询."""

    route_base = "/queries/products"
    title = lazy_gettext("Production, sales and stock of products")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The products of a month."""
        return self.answer(products_list)


class YearQueryView(QueryView):
    """年度报送明细查询."""

    route_base = "/queries/year"
    title = lazy_gettext("Reports of a year")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """Enterprises and the states of their months."""
        return self.answer(year_list)


class YearCountView(QueryView):
    """年度报送企业数统计."""

    route_base = "/queries/year-counts"
    title = lazy_gettext("Enterprises that reported in a year")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """Numbers by place and month."""
        return self.answer(year_counts_list)

    @expose("/reports", methods=["GET", "POST"])
    @protected("list")
    def behind(self) -> Any:
        """The reports that a number counts."""
        return self.answer(year_reports_list)
