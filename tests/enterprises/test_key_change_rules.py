"""What the automatic review decides, and the table of a change of key fields: pure."""

from __future__ import annotations

import pytest

from app.enterprises.key_change_rules import (
    NAME_AND_CODE,
    OTHER_SECTION,
    Decision,
    KeyFacts,
    changed_fields,
    decide,
)
from app.enterprises.key_change_workflow import (
    APPROVED,
    PENDING,
    RETURNED,
    STATE_LABELS,
    STATE_MARKS,
    WORKFLOW,
    KeyChangeFacts,
)
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.texts import Message

OLD = KeyFacts("甲纺织有限公司", "91330109MA00000011", 17, "C")
TAKEN = Problem(Message("taken"), "name")


def new(**changes: object) -> KeyFacts:
    values = {"name": OLD.name, "uscc": OLD.uscc, "industry_id": OLD.industry_id, "section": OLD.section}
    return KeyFacts(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "decision"),
    [
        (new(name="乙纺织有限公司"), Decision.ACCEPT),
        (new(uscc="91330109MA00000020"), Decision.ACCEPT),
        (new(industry_id=18), Decision.ACCEPT),
        (new(name="乙纺织有限公司", industry_id=18), Decision.ACCEPT),
        (new(uscc="91330109MA00000020", industry_id=18), Decision.ACCEPT),
        (new(name="乙贸易有限公司", uscc="91330109MA00000020"), Decision.REFER),
        (new(industry_id=51, section="F"), Decision.REFER),
        (new(name="乙贸易有限公司", industry_id=51, section="F"), Decision.REFER),
        (new(name="乙", uscc="91330109MA00000020", industry_id=51, section="F"), Decision.REFER),
    ],
)
def test_what_passes_and_what_goes_to_an_administrator(after: KeyFacts, decision: Decision) -> None:
    assert decide(OLD, after, ()).decision is decision


def test_the_reasons_of_a_referral_are_all_named() -> None:
    both = new(name="乙", uscc="91330109MA00000020", industry_id=51, section="F")

    assert decide(OLD, both, ()).reasons == (NAME_AND_CODE, OTHER_SECTION)


def test_a_definite_violation_returns_what_would_pass_and_what_would_be_referred() -> None:
    for after in (new(name="乙"), new(name="乙", uscc="91330109MA00000020")):
        verdict = decide(OLD, after, (TAKEN,))
        assert (verdict.decision, verdict.reasons) == (Decision.RETURN, (TAKEN.message,))


def test_what_is_wrong_with_a_field_that_stays_is_no_reason() -> None:
    assert decide(OLD, new(industry_id=18), (TAKEN,)).decision is Decision.ACCEPT


def test_one_reason_is_told_once() -> None:
    same = Problem(TAKEN.message, "uscc")

    verdict = decide(OLD, new(name="乙", uscc="91330109MA00000020"), (TAKEN, same))

    assert verdict.reasons == (TAKEN.message,)


def test_which_fields_differ() -> None:
    assert changed_fields(OLD, new()) == frozenset()
    assert changed_fields(OLD, new(name="乙", industry_id=18)) == {"name", "industry"}


OWNER = Actor(Kind.ENTERPRISE, "owner", account_id=1, enterprise_id=7)
REVIEWER = Actor(Kind.BUREAU, "reviewer", account_id=3, admin_id=31)
ABOVE = Actor(Kind.BUREAU, "above", account_id=4, admin_id=32)
COLLEAGUE = Actor(Kind.BUREAU, "colleague", account_id=5, admin_id=33)
PEOPLE = {
    "system": SYSTEM,
    "owner": OWNER,
    "reviewer": REVIEWER,
    "above": ABOVE,
    "colleague": COLLEAGUE,
    "platform": Actor(Kind.PLATFORM, "platform", account_id=6),
    "auditor": Actor(Kind.AUDITOR, "auditor", account_id=7),
    "public": Actor(Kind.ANONYMOUS, ""),
}
ALLOWED = {
    # (verb, who, manual): the state afterwards; nothing leads out of the other two states
    ("pass", "system", False): APPROVED,
    ("refuse", "system", False): RETURNED,
    ("refer", "system", False): PENDING,
    ("approve", "reviewer", True): APPROVED,
    ("approve", "above", True): APPROVED,
    ("return", "reviewer", True): RETURNED,
    ("return", "above", True): RETURNED,
}


@pytest.mark.parametrize("state", STATE_LABELS)
@pytest.mark.parametrize("verb", WORKFLOW.verbs)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("manual", [False, True])
def test_a_step_leads_where_the_table_says_and_nowhere_else(
    state: str, verb: str, who: str, manual: bool
) -> None:
    change = KeyChangeFacts(frozenset({31, 32}) if manual else frozenset(), is_manual=manual)

    try:
        found = WORKFLOW.decide(change, state, verb, PEOPLE[who], "because").target
    except (Conflict, Forbidden, Invalid):
        found = None

    assert found == (ALLOWED.get((verb, who, manual)) if state == PENDING else None)


def test_a_return_needs_a_reason() -> None:
    with pytest.raises(Invalid) as refused:
        WORKFLOW.decide(KeyChangeFacts(frozenset({31}), is_manual=True), PENDING, "return", REVIEWER, " ")

    assert refused.value.problems[0].field == "comment"


def test_every_state_of_a_change_has_a_badge() -> None:
    assert set(STATE_MARKS) == set(STATE_LABELS)
