"""One engine for every process: a frozen table of states and verbs that answers what may happen next.

The buttons of a page, the check of a step, the history and the drawing all come from the same table
(spec 00, rule 2). Nothing here writes: the service locks the row, asks ``decide`` and stores the step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, Invalid, Overtaken, Problem, Words
from app.kernel.texts import Message

D = TypeVar("D")

COMMENT_FIELD = "comment"


class WorkflowError(ValueError):
    """The table itself is wrong; raised while the program starts, never for a user."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"workflow {name}: {'; '.join(faults)}")
        self.faults = tuple(faults)


# No slots on the generic classes: on Python 3.11 ``Workflow[Report](...)`` fails for a frozen one with slots.
@dataclass(frozen=True)
class Transition(Generic[D]):
    """An edge: from any of ``sources`` the ``verb`` leads to ``target``, for those of whom ``who`` says yes.

    A guard gives None, or the reason why the step cannot be taken now and what to do about it.
    ``emits`` names the event that follows the step, empty for none.
    """

    verb: str
    sources: frozenset[str]
    target: str
    who: Callable[[Actor, D], bool]
    label: Message
    guards: tuple[Callable[[D], Words | None], ...] = ()
    comment_required: bool = False
    emits: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What ``decide`` allowed: the history row and the event are made from it."""

    verb: str
    source: str
    target: str
    comment: str
    emits: str
    label: Message


@dataclass(frozen=True)
class Workflow(Generic[D]):
    """A process. ``states`` gives each state its label; ``final`` ones have no way out.

    A verb leads from one state to one target: where the same button leads to two places
    (accept, at the top of a chain and below it), these are two verbs whose ``who`` exclude each other.

    :raises WorkflowError: an edge is declared twice, a state cannot be reached, a final state has
        a way out, or a state is named that the table does not declare.
    """

    name: str
    states: Mapping[str, Message]
    initial: str
    transitions: tuple[Transition[D], ...]
    final: frozenset[str] = frozenset()
    _edges: Mapping[tuple[str, str], Transition[D]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = [*self._undeclared(), *self._duplicates(), *self._unreachable(), *self._exits_of_final()]
        if faults:
            raise WorkflowError(self.name, faults)
        edges = {(source, edge.verb): edge for edge in self.transitions for source in edge.sources}
        object.__setattr__(self, "states", MappingProxyType(dict(self.states)))
        object.__setattr__(self, "_edges", MappingProxyType(edges))

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb once, in the order of the table."""
        return tuple(dict.fromkeys(edge.verb for edge in self.transitions))

    def offered(self, doc: D, state: str, actor: Actor) -> tuple[Transition[D], ...]:
        """The steps that ``actor`` may take on ``doc`` now, in the order of the table.

        Guards are not asked: a button that explains what is still missing serves better than none.
        """
        return tuple(edge for edge in self.transitions if state in edge.sources and edge.who(actor, doc))

    def decide(self, doc: D, state: str, verb: str, actor: Actor, comment: str = "") -> Step:
        """The step that ``verb`` takes, or every reason against it.

        :raises Overtaken: the verb does not lead out of this state, usually because somebody was faster.
        :raises Forbidden: the step exists but is not this actor's to take.
        :raises Invalid: guards refuse, or the comment is missing (field ``comment``); all reasons together.
        :raises ValueError: the table does not know the state.
        """
        if state not in self.states:
            raise ValueError(f"workflow {self.name} has no state {state!r}")
        edge = self._edges.get((state, verb))
        if edge is None:
            raise Overtaken(_not_from_here(self.states[state]))
        if not edge.who(actor, doc):
            raise Forbidden(_not_yours(edge.label))
        comment = comment.strip()
        problems = [*_refusals(edge, doc), *_comment_problems(edge, comment)]
        if problems:
            raise Invalid(problems)
        return Step(edge.verb, state, edge.target, comment, edge.emits, edge.label)

    def diagram(self) -> list[dict[str, Any]]:
        """A row for each arrow, to be drawn or listed by the panel; states carry their labels."""
        return [
            {
                "source": source,
                "source_label": self.states[source],
                "target": edge.target,
                "target_label": self.states[edge.target],
                "verb": edge.verb,
                "label": edge.label,
                "comment_required": edge.comment_required,
                "emits": edge.emits,
                "final": edge.target in self.final,
            }
            for edge in self.transitions
            for source in self.states
            if source in edge.sources
        ]

    def _undeclared(self) -> Iterator[str]:
        used = {self.initial, *self.final}
        for edge in self.transitions:
            used |= {edge.target, *edge.sources}
            if not edge.sources:
                yield f"{edge.verb} leads from nowhere"
        for state in sorted(used - set(self.states)):
            yield f"{state} is not among the states"

    def _duplicates(self) -> Iterator[str]:
        counts = Counter((source, edge.verb) for edge in self.transitions for source in edge.sources)
        for (source, verb), count in sorted(counts.items()):
            if count > 1:
                yield f"{verb} leads from {source} more than once"

    def _unreachable(self) -> Iterator[str]:
        reached, frontier = {self.initial}, {self.initial}
        while frontier:
            frontier = {edge.target for edge in self.transitions if edge.sources & frontier} - reached
            reached |= frontier
        for state in self.states:
            if state not in reached:
                yield f"{state} cannot be reached"

    def _exits_of_final(self) -> Iterator[str]:
        for edge in self.transitions:
            for state in sorted(edge.sources & self.final):
                yield f"{edge.verb} leads out of the final state {state}"


def _refusals(edge: Transition[D], doc: D) -> Iterator[Problem]:
    for guard in edge.guards:
        reason = guard(doc)
        if reason is not None:
            yield Problem(reason)


def _comment_problems(edge: Transition[D], comment: str) -> Iterator[Problem]:
    if edge.comment_required and not comment:
        yield Problem(Message("Write a comment that says why."), COMMENT_FIELD)


def _not_from_here(state: Message) -> Message:
    return Message(
        "This step is not possible: the record is now “{state}”. Reload the page to see what you can do.",
        state=state,
    )


def _not_yours(label: Message) -> Message:
    return Message("“{step}” is not yours to do now. Reload the page to see whose turn it is.", step=label)
