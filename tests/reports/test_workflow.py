"""Every state, verb and role of a report against a table written by hand from spec 20, 'States'."""

from __future__ import annotations

import pytest

from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.reports.workflow import (
    APPROVED,
    EDITING,
    FILLABLE,
    FROZEN,
    IN_REVIEW,
    NOT_FILLED,
    RETURNED,
    STATE_LABELS,
    STATE_MARKS,
    SUBMITTABLE,
    UNFROZEN,
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
LEAPER = Actor(
    Kind.BUREAU, "leaper", account_id=7, admin_id=33, level="province", rights=frozenset({"leapfrog_accept"})
)
IMPORTER = Actor(
    Kind.BUREAU, "importer", account_id=9, admin_id=35, level="county", rights=frozenset({"batch_import"})
)
OTHERS = (STRANGER, COLLEAGUE, PLATFORM, AUDITOR, PUBLIC)

DECIDER = Actor(Kind.BUREAU, "decider", account_id=8, admin_id=34)

BELOW_TOP = ReportFacts(
    enterprise_id=7,
    reviewer_id=31,
    reviewer_is_top=False,
    reviewer_name="holder",
    top_id=99,
    decider_ids=frozenset({34}),
)
AT_TOP = ReportFacts(
    enterprise_id=7,
    reviewer_id=31,
    reviewer_is_top=True,
    reviewer_name="holder",
    top_id=31,
    decider_ids=frozenset({34}),
)

ALLOWED = {
    # (state, verb, who, at the top): the state afterwards
    (NOT_FILLED, "save", "owner", False): EDITING,
    (NOT_FILLED, "save", "owner", True): EDITING,
    (EDITING, "submit", "owner", False): IN_REVIEW,
    (EDITING, "submit", "owner", True): IN_REVIEW,
    (UNFROZEN, "submit", "owner", False): IN_REVIEW,
    (UNFROZEN, "submit", "owner", True): IN_REVIEW,
    **{
        (state, "freeze", "owner", top): FROZEN
        for state in (NOT_FILLED, EDITING, UNFROZEN, RETURNED)
        for top in (False, True)
    },
    **{
        (FROZEN, verb, who, top): target
        for verb, target in (("unfreeze", UNFROZEN), ("refuse_change", EDITING))
        for who in ("system", "decider")
        for top in (False, True)
    },
    (RETURNED, "submit", "owner", False): IN_REVIEW,
    (RETURNED, "submit", "owner", True): IN_REVIEW,
    (IN_REVIEW, "withdraw", "owner", False): EDITING,
    (IN_REVIEW, "withdraw", "owner", True): EDITING,
    (IN_REVIEW, "accept", "holder", False): IN_REVIEW,
    (IN_REVIEW, "approve", "holder", True): APPROVED,
    (IN_REVIEW, "leapfrog", "leaper", False): IN_REVIEW,
    (IN_REVIEW, "return", "holder", False): RETURNED,
    (IN_REVIEW, "return", "holder", True): RETURNED,
    (APPROVED, "reopen", "holder", True): RETURNED,
    (NOT_FILLED, "batch_save", "importer", False): EDITING,
    (NOT_FILLED, "batch_save", "importer", True): EDITING,
    (EDITING, "batch_submit", "importer", False): IN_REVIEW,
    (EDITING, "batch_submit", "importer", True): IN_REVIEW,
    (UNFROZEN, "batch_submit", "importer", False): IN_REVIEW,
    (UNFROZEN, "batch_submit", "importer", True): IN_REVIEW,
    (RETURNED, "batch_submit", "importer", False): IN_REVIEW,
    (RETURNED, "batch_submit", "importer", True): IN_REVIEW,
}

PEOPLE = {
    "owner": OWNER,
    "holder": HOLDER,
    "leaper": LEAPER,
    "decider": DECIDER,
    "system": SYSTEM,
    "importer": IMPORTER,
    **{person.name or "public": person for person in OTHERS},
}


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


def test_who_is_the_top_approves_by_leapfrog_and_passes_nothing_on() -> None:
    below = ReportFacts(enterprise_id=7, reviewer_id=31, top_id=33)

    assert outcome(IN_REVIEW, "leapfrog_approve", LEAPER, below) == APPROVED
    assert outcome(IN_REVIEW, "leapfrog", LEAPER, below) is None


def test_nobody_leaps_over_the_own_desk() -> None:
    here = ReportFacts(enterprise_id=7, reviewer_id=33, top_id=99)

    assert outcome(IN_REVIEW, "leapfrog", LEAPER, here) is None
    assert outcome(IN_REVIEW, "accept", LEAPER, here) == IN_REVIEW


def test_a_frozen_report_is_neither_filled_nor_sent_nor_taken_back() -> None:
    offered = {edge.verb for edge in WORKFLOW.offered(BELOW_TOP, FROZEN, OWNER)}

    assert offered == set()
    assert FROZEN not in FILLABLE | SUBMITTABLE
    assert UNFROZEN in FILLABLE & SUBMITTABLE


def test_every_state_has_a_badge() -> None:
    assert set(STATE_MARKS) == set(STATE_LABELS)
