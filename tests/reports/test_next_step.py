"""What an enterprise does next, by the state of its report: pure."""

from __future__ import annotations

import pytest

from app.kernel.texts import Message
from app.reports.home_trend import Point, place_of, trend_values
from app.reports.next_step import Standing, next_step
from app.reports.workflow import APPROVED, EDITING, IN_REVIEW, NOT_FILLED, RETURNED, STATE_LABELS


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing(NOT_FILLED), "Nothing is filled in yet"),
        (Standing(EDITING, hard=2, unexplained=1), "2 mandatory findings are to be mended"),
        (Standing(EDITING, unexplained=3), "3 findings are to be explained"),
        (Standing(EDITING), "complete it and submit it"),
        (
            Standing(IN_REVIEW, holder="云泽市商务局 周科长", since="11-06 12:00"),
            "云泽市商务局 周科长 since 11-06 12:00",
        ),
        (Standing(RETURNED, reason="营业成本{口径}有误"), "returned: 营业成本{口径}有误"),
        (Standing(APPROVED), "nothing left to do"),
        (Standing(EDITING, hard=2, closed=Message("It is over.")), "It is over."),
    ],
)
def test_the_next_step_is_said_in_words(standing: Standing, said: str) -> None:
    assert said in str(next_step(standing))


@pytest.mark.parametrize("state", STATE_LABELS)
def test_every_state_of_the_process_has_words(state: str) -> None:
    assert str(next_step(Standing(state, holder="云泽市商务局", since="11-06")))


def test_a_rate_stands_within_the_drawing() -> None:
    assert place_of(0) > place_of(50) > place_of(100)
    assert place_of(130) == place_of(100) and place_of(-1) == place_of(0)


def test_a_month_without_a_rate_is_left_out_and_the_last_is_named() -> None:
    drawn = trend_values([Point(f"2026-{n:02}", None if n == 1 else n * 10.0) for n in range(1, 10)])

    assert [dot["label"] for dot in drawn["dots"]] == [f"2026-{n:02}" for n in range(2, 10)]
    assert [label for _x, label in drawn["months"]] == ["2026-09", "2026-05", "2026-01"]
    assert drawn["line"].count(",") == 8
