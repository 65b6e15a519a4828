"""Where regions lie towards each other, as squares of one size: the provinces, and prefectures of some."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path

PLACES = Path(__file__).parent / "data" / "region_tiles.csv"


@lru_cache(maxsize=1)
def _places() -> Mapping[str, tuple[int, int]]:
    with PLACES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def known_places(codes: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Column and row from the north-west of those regions whose place is known."""
    return {code: place for code, place in _places().items() if code in codes}
