"""Charts of the summary of a month: bars, ranking and shares of its groups, regions as tiles or on a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.infra.lists import Chart
from app.kernel.texts import Message
from app.organisations.maps import map_for
from app.organisations.region_tiles import known_places
from app.reports.definitions import IndicatorDefinition
from app.reports.figures_layout import column as figure_column
from app.reports.summary_columns import grows, growth_key

COUNT = "enterprises"
LABEL = "group"
YEARS = ("ytd", "ly_ytd")
"""This year beside last year."""


def summary_charts(
    indicators: Sequence[IndicatorDefinition], *, by_region: bool, few: bool
) -> tuple[Chart, ...]:
    """What can be drawn of these indicators; places where groups are regions, shares where they are few."""
    growths = {growth_key(found) for found in indicators if grows(found)}
    singles = ((COUNT,), *_singles(indicators))
    first = singles[1:2] + singles[:1] + singles[2:]
    pairs = tuple(_both_years(indicators))
    beside = (*pairs, *(single for single in singles if single[0] not in {pair[0] for pair in pairs}))
    over_regions = (
        Chart("tiles", Message("Tile grid"), "tiles", LABEL, first, growths, tiles=known_places),
        Chart("map", Message("Map"), "map", LABEL, first, growths, tiles=known_places, maps=map_for),
    )  # fmt: skip
    return (
        Chart("bars", Message("Bars"), "bar", LABEL, beside, growths),
        Chart("ranking", Message("Ranking"), "ranking", LABEL, first, growths),
        *(
            (Chart("shares", Message("Shares"), "share", LABEL, (*pairs, (COUNT,)), across=True),)
            if few
            else ()
        ),
        *(over_regions if by_region else ()),
    )


def _both_years(indicators: Sequence[IndicatorDefinition]) -> Iterator[tuple[str, ...]]:
    for found in indicators:
        cells = [cell for cell in YEARS if cell in found.cells]
        if len(cells) == len(YEARS):
            yield tuple(figure_column(found.code, cell) for cell in cells)


def _singles(indicators: Sequence[IndicatorDefinition]) -> Iterator[tuple[str, ...]]:
    for found in indicators:
        if YEARS[0] in found.cells:
            yield (figure_column(found.code, YEARS[0]),)
        if grows(found):
            yield (growth_key(found),)
