"""Where a record stands in the queue of a desk, and what comes after it."""

from __future__ import annotations

import pytest

from app.infra.queues import next_of, place_in

WAITING = [7, 3, 5]


@pytest.mark.parametrize(
    ("opened", "position", "before", "after"),
    [(7, 1, "", "/3"), (3, 2, "/7", "/5"), (5, 3, "/3", ""), (9, None, "", "")],
)
def test_the_opened_record_has_its_neighbours(
    opened: int, position: int | None, before: str, after: str
) -> None:
    """The ends have one, and what does not wait has none."""
    found = place_in(WAITING, opened, lambda key: f"/{key}")
    assert found == {"position": position, "of": 3, "previous_url": before, "next_url": after}


@pytest.mark.parametrize(
    ("waiting", "done", "expected"),
    [(WAITING, 7, 3), (WAITING, 3, 5), (WAITING, 5, 7), (WAITING, 9, 7), ([7], 7, None), ([], 7, None)],
)
def test_a_decision_leads_to_the_next_record(waiting: list[int], done: int, expected: int | None) -> None:
    """To the one behind it; from the end to the first; from elsewhere to the first."""
    assert next_of(waiting, done) == expected
