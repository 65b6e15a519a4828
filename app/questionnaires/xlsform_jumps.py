"""When a question is asked, as one condition: "show if" and every jump that could lead past it.

XLSForm has no jumps. A question is reached unless one before it, that was asked, jumps past it; so the jumps
of all before stand in its condition. Only a jump that is taken without anything being chosen needs to know
whether its question was asked at all; then that question's own condition stands there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.texts import Message
from app.questionnaires.definition import (
    MATRICES,
    UNANSWERED,
    Definition,
    Jump,
    Match,
    Question,
    QuestionKind,
)
from app.questionnaires.paths import first_places
from app.questionnaires.xlsform_naming import FormNames, QuestionNames
from app.questionnaires.xlsform_to_xpath import true_where
from app.questionnaires.xlsform_xpath import (
    EMPTY,
    X_FALSE,
    X_TRUE,
    NotCarried,
    XCall,
    XCompare,
    XNode,
    XReference,
    XText,
    joined,
    negated,
    xpath_text,
)

LONGEST = 8000
"""Characters of a condition as it is written; a longer one helps nobody."""

TOO_LONG = Message(
    "So many jumps lead past this question that the condition would be too long; others always ask it."
)


@dataclass(frozen=True, slots=True)
class Relevance:
    """When a question is asked; ``lost`` is why the condition is not the whole truth."""

    condition: XNode
    lost: tuple[Message, ...] = ()


def relevances(
    definition: Definition, named: Sequence[QuestionNames], names: FormNames
) -> tuple[Relevance, ...]:
    """When each question is asked."""
    found: list[Relevance] = []
    places = first_places(definition)
    jumping = [place for place, question in enumerate(definition) if _ahead(question.jumps, place, places)]
    for place, question in enumerate(definition):
        shown, lost = _shown(question, names)
        passing: list[XNode] = []
        for source in jumping:
            if source < place:
                jumper = _Jumper(definition.questions[source], named[source], found[source])
                jumps = [(one, places[one.target]) for one in _ahead(jumper.question.jumps, source, places)]
                passing.append(negated(jumper.passes(jumps, place)))
                if jumper.uses_condition(jumps):
                    lost += tuple(words for words in found[source].lost if words not in lost)
        found.append(_limited(shown, passing, lost))
    return tuple(found)


def _limited(shown: XNode, passing: Sequence[XNode], lost: tuple[Message, ...]) -> Relevance:
    try:
        length = 0
        for part in (shown, *passing):
            length += len(xpath_text(part))
            if length > LONGEST:
                return Relevance(shown, (*lost, TOO_LONG))
    except NotCarried as refusal:
        return Relevance(X_TRUE, (*lost, refusal.message))
    return Relevance(joined("and", [shown, *passing]), lost)


def _shown(question: Question, names: FormNames) -> tuple[XNode, tuple[Message, ...]]:
    if not question.show_if.strip():
        return X_TRUE, ()
    try:
        return true_where(question.show_if, names), ()
    except NotCarried as refusal:
        return X_TRUE, (refusal.message,)


def _ahead(jumps: Sequence[Jump], place: int, places: Mapping[str, int]) -> list[Jump]:
    return [jump for jump in jumps if places.get(jump.target, -1) > place]


@dataclass(frozen=True, slots=True)
class _Jumper:
    """A question that jumps."""

    question: Question
    names: QuestionNames
    own: Relevance

    def passes(self, jumps: Sequence[tuple[Jump, int]], place: int) -> XNode:
        """That the first of its jumps that holds leads past a place."""
        past: list[XNode] = []
        short: list[Jump] = []
        for jump, target in jumps:
            if target > place:
                before = [negated(self.holds(one)) for one in short if not self._excludes(one, jump)]
                past.append(joined("and", [self.holds(jump), *before]))
            else:
                short.append(jump)
        return joined("or", past)

    def _excludes(self, one: Jump, other: Jump) -> bool:
        """Whether two jumps can never hold at once: one answer cannot be two options."""
        is_single = self.question.kind is QuestionKind.SINGLE
        both_any = one.match is other.match is Match.ANY
        return is_single and both_any and not set(one.options) & set(other.options)

    def uses_condition(self, jumps: Sequence[tuple[Jump, int]]) -> bool:
        """Whether its own condition stands in what it passes."""
        return not self._tells and any(jump.match is Match.NONE for jump, _target in jumps)

    def holds(self, jump: Jump) -> XNode:
        """That the question was asked and a jump's condition holds."""
        known = self.names.option_choices([option.code for option in self.question.options])
        chosen = [self._chosen(known[code]) for code in jump.options if code in known]
        match jump.match:
            case Match.ANY:
                return joined("or", chosen)
            case Match.ALL if not jump.options or len(chosen) < len(set(jump.options)):
                return X_FALSE
            case Match.ALL:
                return joined("and", chosen)
            case Match.NONE:
                return joined("and", [self._asked, *([negated(joined("or", chosen))] if chosen else [])])

    def _chosen(self, choice: str) -> XNode:
        field = XReference(self.names.field)
        if self.question.kind is QuestionKind.SINGLE:
            return XCompare("=", field, XText(choice))
        return XCall("selected", (field, XText(choice)))

    @property
    def _tells(self) -> bool:
        """Whether its answer tells that it was asked: it must be answered, and always can be."""
        question = self.question
        if question.kind in MATRICES | UNANSWERED or not question.required:
            return False
        return not any(option.show_if for option in question.options)

    @property
    def _asked(self) -> XNode:
        if self.own.condition == X_TRUE or not self._tells:
            return self.own.condition
        return XCompare("!=", XReference(self.names.field), EMPTY)
