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
        Chart("shares", Message("Shares"), "share", LABEL, (("reported", "missing"),)),
        *(_over_regions(RATES) if by_region else ()),
    )


def analysis_charts(*, by_region: bool, few: bool) -> tuple[Chart, ...]:
    """月度报送情况分析: this month beside the last, rates and growth by size; of few kinds their shares."""
    both = ("reported", "last_reported")
    rates = (("reported_rate",), ("on_time_rate",), ("portion",), ("growth",))
    return (
        Chart("bars", Message("Bars"), "bar", LABEL, (both, *REPORTED[:2])),
        Chart("ranking", Message("Ranking"), "ranking", LABEL, rates, {"growth"}),
        *(
            (Chart("shares", Message("Shares"), "share", LABEL, (both, ("due",)), across=True),)
            if few
            else ()
        ),
        *(_over_regions(rates[:3]) if by_region else ()),
    )


def year_charts(months: Sequence[int]) -> tuple[Chart, ...]:
    """年度报送企业数统计: the reported and approved of each place, month by month, the newest first; and a
    line for each place over the months."""
    pairs = tuple((f"m{month}_reported", f"m{month}_approved") for month in reversed(months))
    singles = tuple((one,) for pair in pairs for one in pair)
    over = tuple(tuple(f"m{month}_{name}" for month in months) for name in ("reported", "approved"))
    return (
        Chart("bars", Message("Bars"), "bar", LABEL, pairs),
        Chart("lines", Message("Lines"), "line", LABEL, over, across=True),
        *_over_regions(singles),
    )


def _over_regions(measures: Sequence[tuple[str, ...]]) -> Iterator[Chart]:
    yield Chart("tiles", Message("Tile grid"), "tiles", LABEL, measures, tiles=known_places)
    yield Chart("map", Message("Map"), "map", LABEL, measures, tiles=known_places, maps=map_for)
