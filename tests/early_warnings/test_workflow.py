"""The process of an original: every state and verb, for everybody, against a table written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.early_warnings.workflow import STATE_LABELS, WORKFLOW, PostFacts
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Forbidden, Invalid, Overtaken

POST = PostFacts(frozenset({1}), frozenset({20}), frozenset({30}))
ACTORS = {
    "point": Actor(kind=Kind.POINT, account_id=1, name="p"),
    "other point": Actor(kind=Kind.POINT, account_id=2, name="q"),
    "prefecture": Actor(kind=Kind.BUREAU, account_id=3, admin_id=20, level="prefecture", name="r"),
    "other prefecture": Actor(kind=Kind.BUREAU, account_id=4, admin_id=21, level="prefecture", name="s"),
    "province": Actor(kind=Kind.BUREAU, account_id=5, admin_id=30, level="province", name="t"),
    "enterprise": Actor(kind=Kind.ENTERPRISE, account_id=6, enterprise_id=1, name="u"),
}
ALLOWED = {
    ("draft", "submit", "point"): "pending",
    ("returned", "submit", "point"): "pending",
    ("pending", "approve", "prefecture"): "approved",
    ("pending", "return", "prefecture"): "returned",
    ("pending", "reject", "prefecture"): "rejected",
    ("approved", "adopt", "province"): "approved",
    ("approved", "endorse", "province"): "approved",
}


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("verb", WORKFLOW.verbs)
@pytest.mark.parametrize("state", STATE_LABELS)
def test_a_step_is_taken_by_those_of_the_table_and_nobody_else(state: str, verb: str, who: str) -> None:
    post = replace(POST, magazine=verb == "adopt", internal=verb == "endorse")
    expected = ALLOWED.get((state, verb, who))
    if expected is None:
        with pytest.raises((Overtaken, Forbidden)):
            WORKFLOW.decide(post, state, verb, ACTORS[who], "because")
    else:
        assert WORKFLOW.decide(post, state, verb, ACTORS[who], "because").target == expected


@pytest.mark.parametrize("verb", ["return", "reject"])
def test_what_does_not_pass_needs_an_opinion(verb: str) -> None:
    with pytest.raises(Invalid):
        WORKFLOW.decide(POST, "pending", verb, ACTORS["prefecture"], "  ")


@pytest.mark.parametrize(("verb", "flag"), [("adopt", "magazine"), ("endorse", "internal")])
def test_the_province_records_only_what_went_that_way(verb: str, flag: str) -> None:
    with pytest.raises(Forbidden):
        WORKFLOW.decide(POST, "approved", verb, ACTORS["province"])

    assert WORKFLOW.decide(replace(POST, **{flag: True}), "approved", verb, ACTORS["province"]).verb == verb
