"""年度报送明细查询: the months of a year of each enterprise, and who has all of an interval approved."""

from __future__ import annotations

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.scope import counted
from app.infra.lists import Column, ListSpec, Lookup
from app.infra.lists.asked import Args
from app.infra.scope import among, scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.organisations.models import Region
from app.queries.conditions import keyword_filter
from app.queries.year_months import interval_filter, read_year, year_filter


def year_list(_actor: Actor, args: Args) -> ListSpec:
    """A line for each enterprise with the state of every month; each state opens its report."""
    asked = read_year(args)
    row = Enterprise
    return ListSpec(
        name="year",
        title=Message("Reports of a year"),
        base=lambda actor, today: select(row.id).where(
            scope_of(row)(actor, today), counted(), asked.concerned()
        ),
        key=(row.id,),
        columns=(
            Column("name", Message("Enterprise name"), row.name, sortable=True, always=True),
            Column(
                "region", Message("Region"), lookup=Lookup(row.region_id, Region, "full_name"), css="place"
            ),
            *asked.columns(),
        ),
        filters=(
            year_filter(asked),
            region_filter(lambda subtree: among(row.region_id, subtree)),
            interval_filter(asked),
            keyword_filter(row.id),
        ),
        default_sort="name",
        row_link="/enterprises/show/{}",
        unit=Message("{count} enterprises"),
        empty=Message("No enterprise matches."),
        columns_fixed=True,
    )  # fmt: skip
