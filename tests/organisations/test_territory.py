"""The dated closure of the territory: abolished places are never out of reach."""

from __future__ import annotations

import datetime as dt

import pytest

from app.organisations.territory import CircularTerritory, Place, closure_of

COUNTRY, PROVINCE, CITY, OTHER_CITY, OLD, NEW, SECOND, FAR = 1, 2, 3, 4, 5, 6, 7, 8
CHANGE = dt.date(2021, 4, 9)


def ancestors(places: list[Place], place: int, day: dt.date) -> dict[int, int]:
    """Ancestor → distance of a place on a day."""
    return {
        row.ancestor_id: row.depth
        for row in closure_of(places)
        if row.descendant_id == place
        and (row.start is None or row.start <= day)
        and (row.end is None or day < row.end)
    }


def territory(*more: Place) -> list[Place]:
    """A country with a province and two cities, and what a test adds."""
    return [
        *(Place(COUNTRY, None), Place(PROVINCE, COUNTRY)),
        *(Place(CITY, PROVINCE), Place(OTHER_CITY, PROVINCE)),
        *more,
    ]


def test_a_place_lies_within_its_parents_and_itself() -> None:
    places = territory(Place(NEW, CITY))

    assert ancestors(places, NEW, CHANGE) == {NEW: 0, CITY: 1, PROVINCE: 2, COUNTRY: 3}


def test_an_abolished_county_belongs_to_its_parents_before_and_to_its_successor_from_the_day_on() -> None:
    places = territory(Place(NEW, OTHER_CITY), Place(OLD, CITY, CHANGE, (NEW,)))

    assert ancestors(places, OLD, CHANGE - dt.timedelta(days=1)) == {OLD: 0, CITY: 1, PROVINCE: 2, COUNTRY: 3}
    assert ancestors(places, OLD, CHANGE) == {OLD: 0, NEW: 1, OTHER_CITY: 2, PROVINCE: 3, COUNTRY: 4}


def test_several_successors_share_what_they_have_in_common_and_nothing_else() -> None:
    within_city = territory(Place(NEW, CITY), Place(SECOND, CITY), Place(OLD, CITY, CHANGE, (NEW, SECOND)))
    across_cities = territory(
        Place(NEW, CITY), Place(SECOND, OTHER_CITY), Place(OLD, CITY, CHANGE, (NEW, SECOND))
    )

    assert ancestors(within_city, OLD, CHANGE) == {OLD: 0, CITY: 1, PROVINCE: 2, COUNTRY: 3}
    assert ancestors(across_cities, OLD, CHANGE) == {OLD: 0, PROVINCE: 1, COUNTRY: 2}


def test_a_successor_may_be_succeeded_itself() -> None:
    later = dt.date(2024, 1, 1)
    places = territory(
        Place(FAR, OTHER_CITY), Place(NEW, CITY, later, (FAR,)), Place(OLD, CITY, CHANGE, (NEW,))
    )

    assert set(ancestors(places, OLD, CHANGE)) == {OLD, NEW, CITY, PROVINCE, COUNTRY}
    assert set(ancestors(places, OLD, later)) == {OLD, NEW, FAR, OTHER_CITY, PROVINCE, COUNTRY}


def test_an_abolished_place_without_successor_stays_with_its_parents() -> None:
    places = territory(Place(OLD, CITY, CHANGE))

    assert ancestors(places, OLD, dt.date(2030, 1, 1)) == {OLD: 0, CITY: 1, PROVINCE: 2, COUNTRY: 3}


def test_an_unchanged_containment_is_one_row_over_the_abolition() -> None:
    places = territory(Place(NEW, CITY), Place(SECOND, CITY), Place(OLD, CITY, CHANGE, (NEW, SECOND)))

    rows = [row for row in closure_of(places) if (row.descendant_id, row.ancestor_id) == (OLD, CITY)]

    assert [(row.start, row.end) for row in rows] == [(None, None)]


def test_a_circle_is_refused() -> None:
    with pytest.raises(CircularTerritory):
        closure_of([Place(1, 2), Place(2, 1)])
    with pytest.raises(CircularTerritory):
        closure_of(territory(Place(OLD, CITY, CHANGE, (NEW,)), Place(NEW, CITY, CHANGE, (OLD,))))
