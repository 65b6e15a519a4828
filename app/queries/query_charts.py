"""Charts of the queries over places and kinds: bars, rankings, tiles and maps of their groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.infra.lists import Chart
from app.kernel.texts import Message
from app.organisations.maps import map_for
from app.organisations.region_tiles import known_places

LABEL = "group"
RATES = (("reported_rate",), ("on_time_rate",), ("approved_rate",))
REPORTED = (("due", "reported"), ("on_time",), ("approved",), ("missing",))
"""What is due beside what was reported, then the other counts by themselves."""


def ranking_charts(*, by_region: bool) -> tuple[Chart, ...]:
    """报送龙虎榜: rates by size, counts as bars, places where the groups are regions."""
    return (
        Chart("ranking", Message("Ranking"), "ranking", LABEL, RATES),
        Chart("bars", Message("Bars"), "bar", LABEL, REPORTED),
        *(_over_regions(RATES) if by_region else ()),
    )


def analysis_charts(*, by_region: bool) -> tuple[Chart, ...]:
    """月度报送情况分析: this month beside the last, rates and growth by size."""
    rates = (("reported_rate",), ("on_time_rate",), ("portion",), ("growth",))
    return (
        Chart("bars", Message("Bars"), "bar", LABEL, (("reported", "last_reported"), *REPORTED[:2])),
        Chart("ranking", Message("Ranking"), "ranking", LABEL, rates, {"growth"}),
        *(_over_regions(rates[:3]) if by_region else ()),
    )


def year_charts(months: Sequence[int]) -> tuple[Chart, ...]:
    """年度报送企业数统计: the reported and approved of each place, month by month, the newest first."""
    pairs = tuple((f"m{month}_reported", f"m{month}_approved") for month in reversed(months))
    singles = tuple((one,) for pair in pairs for one in pair)
    return (Chart("bars", Message("Bars"), "bar", LABEL, pairs), *_over_regions(singles))


def _over_regions(measures: Sequence[tuple[str, ...]]) -> Iterator[Chart]:
    yield Chart("tiles", Message("Tile grid"), "tiles", LABEL, measures, tiles=known_places)
    yield Chart("map", Message("Map"), "map", LABEL, measures, tiles=known_places, maps=map_for)
