"""Every state, verb and role of a report against a table written by hand from spec 20, 'States'."""

from __future__ import annotations

import pytest

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.reports.workflow import (
    APPROVED,
    EDITING,
    IN_REVIEW,
    NOT_FILLED,
    RETURNED,
    STATE_LABELS,
    WORKFLOW,
    ReportFacts,
)

OWNER = Actor(Kind.ENTERPRISE, "owner", account_id=1, enterprise_id=7)
STRANGER = Actor(Kind.ENTERPRISE, "stranger", account_id=2, enterprise_id=8)
HOLDER = Actor(Kind.BUREAU, "holder", account_id=3, admin_id=31)
COLLEAGUE = Actor(Kind.BUREAU, "colleague", account_id=4, admin_id=32)
PLATFORM = Actor(Kind.PLATFORM, "platform", account_id=5)
AUDITOR = Actor(Kind.AUDITOR, "auditor", account_id=6)
PUBLIC = Actor(Kind.ANONYMOUS, "")
OTHERS = (STRANGER, COLLEAGUE, PLATFORM, AUDITOR, PUBLIC)

BELOW_TOP = ReportFacts(enterprise_id=7, reviewer_id=31, reviewer_is_top=False, reviewer_name="holder")
AT_TOP = ReportFacts(enterprise_id=7, reviewer_id=31, reviewer_is_top=True, reviewer_name="holder")

ALLOWED = {
    # (state, verb, who, at the top): the state afterwards
    (NOT_FILLED, "save", "owner", False): EDITING,
    (NOT_FILLED, "save", "owner", True): EDITING,
    (EDITING, "submit", "owner", False): IN_REVIEW,
    (EDITING, "submit", "owner", True): IN_REVIEW,
    (RETURNED, "submit", "owner", False): IN_REVIEW,
    (RETURNED, "submit", "owner", True): IN_REVIEW,
    (IN_REVIEW, "withdraw", "owner", False): EDITING,
    (IN_REVIEW, "withdraw", "owner", True): EDITING,
    (IN_REVIEW, "accept", "holder", False): IN_REVIEW,
    (IN_REVIEW, "approve", "holder", True): APPROVED,
    (IN_REVIEW, "return", "holder", False): RETURNED,
    (IN_REVIEW, "return", "holder", True): RETURNED,
    (APPROVED, "reopen", "holder", True): RETURNED,
}

PEOPLE = {"owner": OWNER, "holder": HOLDER, **{person.name or "public": person for person in OTHERS}}


def outcome(state: str, verb: str, person: Actor, report: ReportFacts) -> str | None:
    try:
        return WORKFLOW.decide(report, state, verb, person, "because").target
    except (Conflict, Forbidden, Invalid):
        return None


@pytest.mark.parametrize("state", STATE_LABELS)
@pytest.mark.parametrize("verb", WORKFLOW.verbs)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("top", [False, True])
def test_a_step_leads_where_the_table_says_and_nowhere_else(
    state: str, verb: str, who: str, top: bool
) -> None:
    report = AT_TOP if top else BELOW_TOP

    found = outcome(state, verb, PEOPLE[who], report)

    assert found == ALLOWED.get((state, verb, who, top))


def test_a_report_that_somebody_accepted_cannot_be_withdrawn_and_the_refusal_names_who_can_return_it() -> (
    None
):
    report = ReportFacts(enterprise_id=7, reviewer_id=31, reviewer_name="Li", accepted_levels=1)

    with pytest.raises(Invalid) as refused:
        WORKFLOW.decide(report, IN_REVIEW, "withdraw", OWNER)

    assert "Li" in str(refused.value.problems[0].message)


@pytest.mark.parametrize(("verb", "state"), [("return", IN_REVIEW), ("reopen", APPROVED)])
def test_returning_needs_a_reason(verb: str, state: str) -> None:
    with pytest.raises(Invalid) as refused:
        WORKFLOW.decide(AT_TOP, state, verb, HOLDER, "  ")

    assert refused.value.problems[0].field == "comment"


def test_an_admin_who_accepted_can_no_longer_return() -> None:
    passed_on = ReportFacts(enterprise_id=7, reviewer_id=99)

    with pytest.raises(Forbidden):
        WORKFLOW.decide(passed_on, IN_REVIEW, "return", HOLDER, "too late")
