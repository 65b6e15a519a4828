"""The workflow engine: a table is checked when it is made, offers what may be done and decides steps."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.texts import Message
from app.kernel.workflow import Step, Transition, Workflow, WorkflowError


@dataclass(frozen=True)
class Letter:
    owner: str
    text: str = "hello"
    stamp: bool = True


def is_owner(actor: Actor, letter: Letter) -> bool:
    return actor.name == letter.owner


def is_staff(actor: Actor, _letter: Letter) -> bool:
    return actor.kind is Kind.BUREAU


def needs_text(letter: Letter) -> Message | None:
    return None if letter.text else Message("Write the letter first.")


def needs_stamp(letter: Letter) -> Message | None:
    return None if letter.stamp else Message("Add a stamp.")


STATES = {"draft": Message("Draft"), "sent": Message("Sent"), "read": Message("Read")}
SEND = Transition(
    "send",
    frozenset({"draft"}),
    "sent",
    is_owner,
    Message("Send"),
    (needs_text, needs_stamp),
    emits="letter_sent",
)
RETURN = Transition(
    "return", frozenset({"sent"}), "draft", is_staff, Message("Return"), comment_required=True
)
READ = Transition("read", frozenset({"sent"}), "read", is_staff, Message("Mark as read"))
POST = Workflow[Letter]("post", STATES, "draft", (SEND, RETURN, READ), frozenset({"read"}))

OWNER = Actor(Kind.ENTERPRISE, "writer")
STAFF = Actor(Kind.BUREAU, "clerk")
LETTER = Letter("writer")


def table(**changes: Any) -> Workflow[Letter]:
    parts: dict[str, Any] = {"states": STATES, "initial": "draft", "transitions": (SEND, RETURN, READ)}
    return Workflow("post", **(parts | changes))


ALLOWED = {
    ("draft", "send", "writer"): "sent",
    ("sent", "return", "clerk"): "draft",
    ("sent", "read", "clerk"): "read",
}


@pytest.mark.parametrize("actor", [OWNER, STAFF], ids=lambda actor: actor.name)
@pytest.mark.parametrize("verb", ["send", "return", "read", "burn"])
@pytest.mark.parametrize("state", ["draft", "sent", "read"])
def test_every_state_verb_and_actor_answers_as_the_table_says(state: str, verb: str, actor: Actor) -> None:
    expected = ALLOWED.get((state, verb, actor.name))

    if expected:
        assert POST.decide(LETTER, state, verb, actor, "why").target == expected
    else:
        with pytest.raises((Conflict, Forbidden)):
            POST.decide(LETTER, state, verb, actor, "why")
    offered = [edge.verb for edge in POST.offered(LETTER, state, actor)]
    assert (verb in offered) == bool(expected)


def test_a_step_tells_what_the_history_and_the_event_need() -> None:
    step = POST.decide(LETTER, "draft", "send", OWNER, "  at last \n")

    assert step == Step("send", "draft", "sent", "at last", "letter_sent", Message("Send"))


def test_a_verb_that_does_not_lead_from_here_is_a_conflict_that_names_the_state() -> None:
    with pytest.raises(Conflict, match="Sent"):
        POST.decide(LETTER, "sent", "send", OWNER)


def test_somebody_else_is_forbidden_before_any_reason_is_told() -> None:
    with pytest.raises(Forbidden, match="Send") as refused:
        POST.decide(Letter("writer", text="", stamp=False), "draft", "send", STAFF)

    assert refused.value.problems == ()


def test_all_guards_refuse_together() -> None:
    with pytest.raises(Invalid) as refused:
        POST.decide(Letter("writer", text="", stamp=False), "draft", "send", OWNER)

    assert [str(problem.message) for problem in refused.value.problems] == [
        "Write the letter first.",
        "Add a stamp.",
    ]


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_missing_comment_is_a_problem_of_its_field(comment: str) -> None:
    with pytest.raises(Invalid) as refused:
        POST.decide(LETTER, "sent", "return", STAFF, comment)

    assert [problem.field for problem in refused.value.problems] == ["comment"]


def test_guards_do_not_hide_a_button() -> None:
    offered = POST.offered(Letter("writer", text=""), "draft", OWNER)

    assert offered == (SEND,)


def test_a_state_the_table_does_not_know_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="lost"):
        POST.decide(LETTER, "lost", "send", OWNER)


def test_the_table_lists_its_states_and_verbs_in_order() -> None:
    assert list(POST.states) == ["draft", "sent", "read"]
    assert POST.verbs == ("send", "return", "read")


def test_the_diagram_has_a_row_for_each_arrow() -> None:
    rows = POST.diagram()

    assert [(row["source"], row["verb"], row["target"], row["final"]) for row in rows] == [
        ("draft", "send", "sent", False),
        ("sent", "return", "draft", False),
        ("sent", "read", "read", True),
    ]
    assert rows[0]["label"] == Message("Send")
    assert rows[0]["target_label"] == Message("Sent")


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        POST.initial = "sent"  # type: ignore[misc]
    with pytest.raises(TypeError):
        POST.states["lost"] = Message("Lost")  # type: ignore[index]


def edge(verb: str, source: str, target: str) -> Transition[Letter]:
    return Transition(verb, frozenset({source}), target, is_owner, Message("Step"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"transitions": (SEND, RETURN, READ, edge("send", "draft", "read"))},
            "send leads from draft more than once",
        ),
        ({"states": STATES | {"lost": Message("Lost")}}, "lost cannot be reached"),
        (
            {
                "states": STATES | {"lost": Message("Lost"), "found": Message("Found")},
                "transitions": (
                    SEND,
                    RETURN,
                    READ,
                    edge("find", "lost", "found"),
                    edge("lose", "found", "lost"),
                ),
            },
            "lost cannot be reached",
        ),
        ({"final": frozenset({"sent"})}, "return leads out of the final state sent"),
        (
            {"transitions": (SEND, RETURN, READ, edge("burn", "sent", "ashes"))},
            "ashes is not among the states",
        ),
        ({"initial": "born"}, "born is not among the states"),
        ({"final": frozenset({"gone"})}, "gone is not among the states"),
        (
            {"transitions": (SEND, READ, Transition("burn", frozenset(), "read", is_owner, Message("Burn")))},
            "burn leads from nowhere",
        ),
    ],
)
def test_a_faulty_table_is_refused_when_it_is_made(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        table(**changes)

    assert fault in refused.value.faults


def test_all_faults_of_a_table_are_named_together() -> None:
    with pytest.raises(WorkflowError) as refused:
        table(states=STATES | {"lost": Message("Lost")}, final=frozenset({"sent"}))

    assert len(refused.value.faults) == 3
