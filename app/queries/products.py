"""产品产销存月报查询: the products of a month with what was made, sold and left."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table

from app.enterprises.models import Enterprise
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.asked import Args
from app.infra.scope import among
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.organisations.models import Region
from app.queries.conditions import REPORT, keyword_filter, reported_form, state_filter
from app.reports.definitions import ColumnDefinition
from app.reports.figure_rows import figures_in_sight
from app.reports.form_loading import has_version_for, table_of_form, version_for
from app.reports.summary_question import month_of
from app.reports.workflow import STATE_MARKS, STORED_STATES

PRODUCTS = "products"
PLACES = 2
"""Decimals of a quantity on a page; a file has all of them."""


def products_list(_actor: Actor, args: Args) -> ListSpec:
    """A line for each product that an enterprise reported, with the columns that the month's form has."""
    form, _calendar, current = reported_form()
    month = month_of(args.get("period", "")) or current
    version = version_for(form.code, month if has_version_for(form.code, month) else current)
    table = table_of_form(form, PRODUCTS)
    return ListSpec(
        name="products",
        title=Message("Production, sales and stock of products"),
        base=lambda actor, today: figures_in_sight(table, actor, today),
        key=(table.c.period, table.c.enterprise_id, table.c.row_no),
        columns=(*_whose(table), *_product_columns(table, version.section(PRODUCTS).columns)),
        filters=(
            Filter(
                "period", Message("Report month"), "month", table.c.period, required=True,
                default=str(current),
            ),
            state_filter(table),
            keyword_filter(table.c.enterprise_id),
            region_filter(lambda subtree: among(table.c.region_id, subtree)),
            Filter("product", Message("Product name"), "text", table.c.product_name, more_conditions=True),
        ),
        unit=Message("{count} products"),
        empty=Message("No enterprise has reported a product that matches."),
        bounded_by="period",
    )  # fmt: skip


def _whose(table: Table) -> tuple[Column, ...]:
    return (
        Column(
            "enterprise", Message("Enterprise name"), lookup=Lookup(table.c.enterprise_id, Enterprise),
            always=True, sortable=True, link=REPORT, link_from=table.c.report_id,
        ),
        Column("period", Message("Report month"), table.c.period, "month", default=False),
        Column(
            "region", Message("Region"), lookup=Lookup(table.c.region_id, Region, "full_name"), css="place"
        ),
        Column("state", Message("State"), table.c.state, "state", words=STORED_STATES, marks=STATE_MARKS),
    )  # fmt: skip


def _product_columns(table: Table, asked: tuple[ColumnDefinition, ...]) -> Iterator[Column]:
    for found in asked:
        stored = table.c[found.code]
        if found.is_number:
            yield Column(
                found.code, found.name, stored, "number", sortable=True, decimals=PLACES, link=REPORT,
                link_from=table.c.report_id,
            )  # fmt: skip
        else:
            yield Column(found.code, found.name, stored, sortable=True)
