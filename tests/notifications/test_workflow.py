"""Every state, step and kind of account of a notice against a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.notifications.workflow import DRAFT, PUBLISHED, WITHDRAWN, WORKFLOW


@dataclass
class Facts:
    kind: str = "bureau"
    kinds: list[str] = field(default_factory=lambda: ["enterprise"])
    everywhere: bool = False
    regions: list[object] = field(default_factory=lambda: [object()])


BUREAU = Actor(kind=Kind.BUREAU, name="科长", account_id=1, admin_id=1)
PLATFORM = Actor(kind=Kind.PLATFORM, name="平台", account_id=2)
OTHERS = [
    Actor(kind=kind, name="某", account_id=3) for kind in Kind if kind not in {Kind.BUREAU, Kind.PLATFORM}
]


@pytest.mark.parametrize(
    ("state", "verb", "target"),
    [
        (DRAFT, "publish", PUBLISHED),
        (WITHDRAWN, "publish", PUBLISHED),
        (PUBLISHED, "withdraw", WITHDRAWN),
        (PUBLISHED, "publish", None),
        (DRAFT, "withdraw", None),
        (WITHDRAWN, "withdraw", None),
    ],
)
def test_the_steps_lead_where_the_table_says(state: str, verb: str, target: str | None) -> None:
    if target is None:
        with pytest.raises(Conflict):
            WORKFLOW.decide(Facts(), state, verb, BUREAU, "原因")
    else:
        assert WORKFLOW.decide(Facts(), state, verb, BUREAU, "原因").target == target


@pytest.mark.parametrize("kind", ["bureau", "platform"])
def test_each_speaks_for_itself(kind: str) -> None:
    may, may_not = (BUREAU, PLATFORM) if kind == "bureau" else (PLATFORM, BUREAU)

    assert [edge.verb for edge in WORKFLOW.offered(Facts(kind=kind), DRAFT, may)] == ["publish"]
    for actor in (may_not, *OTHERS):
        assert WORKFLOW.offered(Facts(kind=kind), DRAFT, actor) == ()
        with pytest.raises(Forbidden):
            WORKFLOW.decide(Facts(kind=kind), DRAFT, "publish", actor)


@pytest.mark.parametrize(
    "facts",
    [Facts(kinds=[]), Facts(regions=[]), Facts(kinds=[], regions=[])],
    ids=["nobody", "nowhere", "both"],
)
def test_a_notice_for_nobody_is_not_published(facts: Facts) -> None:
    with pytest.raises(Invalid):
        WORKFLOW.decide(facts, DRAFT, "publish", BUREAU)


def test_a_withdrawal_says_why() -> None:
    with pytest.raises(Invalid):
        WORKFLOW.decide(Facts(), PUBLISHED, "withdraw", BUREAU, "  ")
