"""Every state, verb and role of a registration against a table written by hand from spec 10."""

from __future__ import annotations

import pytest

from app.enterprises.registration_workflow import (
    APPROVED,
    DRAFT,
    PENDING,
    RETURNED,
    STATE_LABELS,
    STATE_MARKS,
    WORKFLOW,
    RegistrationFacts,
)
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid

PEOPLE = {
    "applicant": Actor(Kind.ENTERPRISE, "applicant", account_id=1),
    "other applicant": Actor(Kind.ENTERPRISE, "other", account_id=2, enterprise_id=1),
    "reviewer": Actor(Kind.BUREAU, "reviewer", account_id=3, admin_id=31),
    "superior": Actor(Kind.BUREAU, "superior", account_id=4, admin_id=32),
    "other admin": Actor(Kind.BUREAU, "sibling", account_id=5, admin_id=33),
    "same account number": Actor(Kind.BUREAU, "odd", account_id=1, admin_id=34),
    "not yet an admin": Actor(Kind.BUREAU, "new", account_id=6),
    "platform": Actor(Kind.PLATFORM, "platform", account_id=7),
    "auditor": Actor(Kind.AUDITOR, "auditor", account_id=8),
    "provider": Actor(Kind.PROVIDER, "provider", account_id=9),
    "point": Actor(Kind.POINT, "point", account_id=10),
    "centre": Actor(Kind.CENTRE, "centre", account_id=11),
    "public": Actor(Kind.ANONYMOUS, ""),
    "program": SYSTEM,
}
FACTS = RegistrationFacts(account_id=1, reviewer_ids=frozenset({31, 32}))

ALLOWED = {
    (DRAFT, "save", "applicant"): DRAFT,
    (DRAFT, "submit", "applicant"): PENDING,
    (RETURNED, "save", "applicant"): RETURNED,
    (RETURNED, "submit", "applicant"): PENDING,
    (PENDING, "withdraw", "applicant"): DRAFT,
    (PENDING, "approve", "reviewer"): APPROVED,
    (PENDING, "approve", "superior"): APPROVED,
    (PENDING, "return", "reviewer"): RETURNED,
    (PENDING, "return", "superior"): RETURNED,
}


def outcome(state: str, verb: str, person: Actor) -> str | None:
    try:
        return WORKFLOW.decide(FACTS, state, verb, person, "because").target
    except (Conflict, Forbidden, Invalid):
        return None


@pytest.mark.parametrize("state", STATE_LABELS)
@pytest.mark.parametrize("verb", WORKFLOW.verbs)
@pytest.mark.parametrize("who", PEOPLE)
def test_a_step_leads_where_the_table_says_and_nowhere_else(state: str, verb: str, who: str) -> None:
    assert outcome(state, verb, PEOPLE[who]) == ALLOWED.get((state, verb, who))


@pytest.mark.parametrize("state", STATE_LABELS)
@pytest.mark.parametrize("who", PEOPLE)
def test_the_buttons_are_the_steps_that_can_be_taken(state: str, who: str) -> None:
    offered = {edge.verb for edge in WORKFLOW.offered(FACTS, state, PEOPLE[who])}

    assert offered == {verb for found, verb, person in ALLOWED if (found, person) == (state, who)}


def test_a_return_needs_a_reason_and_a_pass_none() -> None:
    with pytest.raises(Invalid) as refused:
        WORKFLOW.decide(FACTS, PENDING, "return", PEOPLE["reviewer"], " ")

    assert [problem.field for problem in refused.value.problems] == ["comment"]
    assert WORKFLOW.decide(FACTS, PENDING, "approve", PEOPLE["reviewer"]).emits == "registration_approved"


def test_every_state_has_a_mark() -> None:
    assert set(STATE_MARKS) == set(STATE_LABELS)
