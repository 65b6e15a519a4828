"""The functions of the language: how many arguments of which kind they take, and what they give."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.expressions.tree import Kind


@dataclass(frozen=True, slots=True)
class Signature:
    """``least`` to ``most`` arguments (None: any number) of ``takes``.

    ``spreads`` lets a list stand for its items.
    """

    least: int
    most: int | None
    takes: Kind
    gives: Kind
    spreads: bool = False


SIGNATURES = {
    "abs": Signature(1, 1, Kind.NUMBER, Kind.NUMBER),
    "round": Signature(1, 2, Kind.NUMBER, Kind.NUMBER),  # half up, to whole numbers or to that many decimals
    "min": Signature(1, None, Kind.NUMBER, Kind.NUMBER, spreads=True),
    "max": Signature(1, None, Kind.NUMBER, Kind.NUMBER, spreads=True),
    "sum": Signature(1, None, Kind.NUMBER, Kind.NUMBER, spreads=True),
    "near": Signature(3, 3, Kind.NUMBER, Kind.TRUTH),  # |a - b| <= tolerance
    "coalesce": Signature(1, None, Kind.ANY, Kind.ANY),  # the first that is not missing
    "present": Signature(1, 1, Kind.ANY, Kind.TRUTH),
    "blank": Signature(1, 1, Kind.ANY, Kind.TRUTH),
    "day": Signature(1, 1, Kind.TEXT, Kind.NUMBER),  # days from 1970-01-01 to an ISO day, such as 2026-01-31
    "count": Signature(1, 1, Kind.LIST, Kind.NUMBER),  # the items of a list that are not missing
    "length": Signature(1, 1, Kind.TEXT, Kind.NUMBER),  # characters
}
