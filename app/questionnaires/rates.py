"""答卷率 by region: how many of those asked answered, right below the regions that are asked about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Select, String, case, cast, func, literal_column, select

from app.infra import context
from app.infra.lists import Column, ListSpec
from app.infra.lists.asked import Args
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires.answer_workflow import ANSWERED, BEGUN, OPEN, REOPENED
from app.questionnaires.lists import place_filter, respondents_in_sight, round_filters
from app.questionnaires.round_models import Respondent
from app.reports.summary_groups import outermost, places_below
from app.reports.summary_sql import share

MOST_GROUPS = 500
HERE = "/respondents/rates"
BEHIND = "/respondents/"
COUNTS = {
    "asked": (OPEN, BEGUN, ANSWERED, REOPENED),
    "answered": (ANSWERED,),
    "reopened": (REOPENED,),
    "begun": (BEGUN,),
    "waiting": (OPEN,),
}
"""What is counted, by the states of the respondents; each number opens them."""
LABELS = {
    "asked": Message("Asked"),
    "answered": Message("Answered"),
    "reopened": Message("Reopened"),
    "begun": Message("Begun"),
    "waiting": Message("Not answered"),
}
LONGEST_KEY = 10
KEPT = ("questionnaire", "round", "open")


def rates_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each place right below, and their total; an answer that was reopened counts no longer."""
    today = context.today()
    roots = outermost(_asked_regions(args) or actor.region_ids, today)
    return ListSpec(
        name="response_rates",
        title=Message("Response rates by region"),
        base=respondents_in_sight,
        groups=lambda rows: _grouped(rows, roots, today),
        key=(_place("place_id"),),
        columns=(
            Column("code", Message("Code"), _place("code", String()), sortable=True, default=False),
            Column("region", Message("Region"), _place("name", String()), always=True, sortable=True,
                   link=_address(HERE, args, region="{}"), link_from=_place("place_id")),
            *(_count(name, args) for name in COUNTS),
            Column("rate", Message("Response rate (%)"), share(_sum("answered"), _sum("asked")), "number",
                   decimals=2, sortable=True, total=share(_all("answered"), _all("asked"))),
        ),
        filters=(*round_filters(), place_filter()),
        default_sort="code",
        size=MOST_GROUPS,
        sizes=(MOST_GROUPS,),
        unit=Message("{count} regions"),
        empty=Message("Nobody was asked yet. Respondents are written down when a round opens."),
        total=Message("Total"),
    )  # fmt: skip


def _grouped(rows: Select[Any], roots: list[int], today: dt.date) -> Select[Any]:
    """The respondents added up by their region first, and their places looked up afterwards."""
    parts = [
        func.count(case((Respondent.state.in_(states), 1))).label(name) for name, states in COUNTS.items()
    ]
    added = rows.with_only_columns(
        Respondent.region_id.label("region_id"), *parts, maintain_column_froms=True
    )
    sums = added.group_by(Respondent.region_id).subquery("added")
    places = places_below(roots, today)
    found = (
        select(
            places.c.place_id,
            places.c.code,
            func.min(Region.full_name).label("name"),
            *(cast(func.sum(sums.c[name]), BigInteger).label(name) for name in COUNTS),
        )
        .select_from(sums)
        .join(places, places.c.region_id == sums.c.region_id)
        .join(Region, Region.id == places.c.place_id)
        .group_by(places.c.place_id, places.c.code)
        .subquery("sums")
    )
    return select(found.c.place_id).group_by(*found.c)


def _count(name: str, args: Args) -> Column:
    states = {} if name == "asked" else {"state": "&state=".join(COUNTS[name])}
    behind = _address(BEHIND, args, region="{}", **states)
    return Column(
        name, LABELS[name], _sum(name), "number", sortable=True, total=_all(name), link=behind,
        link_from=_place("place_id"),
    )  # fmt: skip


def _address(path: str, args: Args, **changes: str) -> str:
    """A page with the conditions of this one; a change may be ``{}``, to be filled in."""
    kept = [(name, value) for name in KEPT for value in args.getlist(name) if value.isalnum()]
    words = [f"{name}={value}" for name, value in (*kept, *changes.items())]
    return "&".join((f"{path}?asked=1", *words))


def _asked_regions(args: Args) -> list[int]:
    return [
        int(value)
        for value in args.getlist("region")
        if value.isascii() and value.isdigit() and len(value) < 10
    ]


def _place(name: str, kind: Any = None) -> Any:
    return literal_column(f"sums.{name}", kind or BigInteger())


def _sum(name: str) -> Any:
    return literal_column(f"sums.{name}", BigInteger())


def _all(name: str) -> Any:
    return func.sum(_sum(name)).over()
