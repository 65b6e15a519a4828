"""Who can be reminded, how often, and in which words: pure."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.reports.reminder_rules import (
    CHANNELS,
    CLOSED,
    EMAIL,
    INBOX,
    NO_ACCOUNT,
    NO_EMAIL,
    NO_MOBILE,
    SMS,
    Target,
    obstacle,
    reminder_text,
)

TODAY = dt.date(2026, 11, 6)
MONTH = Month(2026, 10)
DEADLINE = dt.date(2026, 11, 15)
REACHABLE = Target(1, "澜江纺织", account_id=7, mobile="13800000000", email="a@example.com")


@pytest.mark.parametrize(("channel", "reason"), [(INBOX, NO_ACCOUNT), (SMS, NO_MOBILE), (EMAIL, NO_EMAIL)])
def test_each_channel_needs_its_own_address(channel: str, reason: Message) -> None:
    assert obstacle(Target(1, "澜江纺织"), channel, TODAY, 1) is reason
    assert obstacle(REACHABLE, channel, TODAY, 1) is None


@pytest.mark.parametrize(
    ("last", "pause", "free"), [(6, 1, False), (5, 1, True), (5, 3, False), (3, 3, True)]
)
def test_a_channel_rests_for_as_many_days_as_the_setting_says(last: int, pause: int, *, free: bool) -> None:
    told = Target(1, "澜江纺织", account_id=7, mobile="13800000000", last={INBOX: dt.date(2026, 11, last)})

    assert (obstacle(told, INBOX, TODAY, pause) is None) is free
    assert obstacle(told, SMS, TODAY, pause) is None


def test_the_platforms_own_words_are_a_message_and_so_in_the_receivers_language() -> None:
    words = reminder_text(" ", "澜江纺织", MONTH, DEADLINE)

    assert isinstance(words, Message)
    assert [part in str(words) for part in ("澜江纺织", "2026-10", "2026-11-15")] == [True] * 3


def test_a_text_of_ones_own_gets_its_variables_and_no_others() -> None:
    words = reminder_text(
        "{企业名称}请于{deadline}前报送{month}月报 {phone} {", "甲{month}乙", MONTH, DEADLINE
    )

    assert words == LocalText("甲{month}乙请于2026-11-15前报送2026-10月报 {phone} {")


@given(st.text(), st.text())
def test_no_text_can_fail_to_be_made(template: str, name: str) -> None:
    assert str(reminder_text(template, name, MONTH, DEADLINE))


def test_the_channels_are_in_the_order_in_which_they_are_offered() -> None:
    assert CHANNELS == (INBOX, SMS, EMAIL)


def test_nobody_is_asked_for_a_month_that_is_closed_for_him() -> None:
    target = Target(1, "企业", account_id=1, closed=True)

    assert obstacle(target, INBOX, TODAY, 1) == CLOSED
