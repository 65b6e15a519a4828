"""What an admin does with ticked rows of a desk: returning and passing, one way for both desks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from app.infra.lists import Action
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message

Return = Callable[[Actor, Any, None, str, dt.datetime], object]
Pass = Callable[[Actor, Any, None, dt.datetime], object]
"""The services that decide one record: actor, key, whatever version, reason of a return, now."""


def decisions(
    give_back: Return, confirm_return: Message, approve: Pass, confirm_pass: Message
) -> tuple[Action, ...]:
    """退回 and 通过 of ticked rows, whatever version of them is shown."""
    return (
        Action(
            "return",
            Message("Return all ticked"),
            lambda actor, key, comment, now: give_back(actor, key[0], None, comment, now),
            Message("Returned to the enterprise"),
            comment="required",
            danger=True,
            allowed=_of_bureau,
            confirm=confirm_return,
        ),
        Action(
            "approve",
            Message("Pass all ticked"),
            lambda actor, key, _comment, now: approve(actor, key[0], None, now),
            Message("Passed"),
            primary=True,
            allowed=_of_bureau,
            confirm=confirm_pass,
        ),
    )


def _of_bureau(actor: Actor) -> bool:
    return actor.kind is Kind.BUREAU
