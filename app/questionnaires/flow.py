"""The flow of a questionnaire as plain data, for the drawing in the builder and the printed logic sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.expressions.wording import Words
from app.kernel.texts import Message
from app.questionnaires.conditions import parsed
from app.questionnaires.definition import Definition, Jump, Match, Question, QuestionKind
from app.questionnaires.exploring import explore
from app.questionnaires.paths import first_places

START = "start"
FINISH = "end"
"""Keys of the two nodes that are no questions; questions have the key ``q:`` and their code."""


class EdgeKind(StrEnum):
    """Why one node follows another."""

    NEXT = "next"  # without a branch
    JUMP = "jump"  # by a branch
    SKIP = "skip"  # because the condition of the question passed over does not hold


@dataclass(frozen=True, slots=True)
class Node:
    """A question, the start or the end. ``condition`` is its "show if" in words; ``reached`` whether any walk
    comes to it.
    """

    key: str
    code: str = ""
    label: str = ""
    text: str = ""
    kind: QuestionKind | None = None
    required: bool = False
    condition: Words = ""
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another. ``label`` says by which options; ``options`` are their codes."""

    source: str
    target: str
    kind: EdgeKind
    label: Words = ""
    match: Match | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Nodes in the order of the questions, between start and end, and edges in the order they are tried."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def flow_of(definition: Definition, language: str) -> Flow:
    """The flow, with texts of the definition in ``language``; other words are messages, to be said."""
    reached = explore(definition).reached
    nodes = [_node(definition, question, language, question.code in reached) for question in definition]
    edges = [Edge(START, _key_at(definition, 0), EdgeKind.NEXT)]
    for place, question in enumerate(definition.questions):
        edges += _edges(definition, question, place, language)
    return Flow((Node(START), *nodes, Node(FINISH)), tuple(edges))


def key_of(code: str) -> str:
    """The key of a question's node."""
    return f"q:{code}"


def _key_at(definition: Definition, place: int) -> str:
    return key_of(definition.questions[place].code) if place < len(definition.questions) else FINISH


def _node(definition: Definition, question: Question, language: str, reached: bool) -> Node:  # noqa: FBT001
    return Node(
        key=key_of(question.code),
        code=question.code,
        label=definition.labels.get(question.code, ""),
        text=question.text.in_language(language),
        kind=question.kind,
        required=question.required and question.is_answered,
        condition=condition_words(definition, question.show_if, language),
        reached=reached,
    )


def _edges(definition: Definition, question: Question, place: int, language: str) -> Iterator[Edge]:
    places = first_places(definition)
    source, following = key_of(question.code), _key_at(definition, place + 1)
    goes_on = True
    for jump in question.jumps:
        if places.get(jump.target, -1) > place and goes_on:
            target = _key_at(definition, places[jump.target])
            yield Edge(
                source, target, EdgeKind.JUMP, _label(question, jump, language), jump.match, jump.options
            )
            goes_on = jump.match is not Match.NONE or bool(jump.options)
    rest = rest_of(question)
    if goes_on and (rest or not _always_chooses(question)):
        yield Edge(source, following, EdgeKind.NEXT, _rest_label(question, rest, language), None, rest)
    if question.show_if.strip():
        yield Edge(source, following, EdgeKind.SKIP, Message("condition does not hold"))


def _always_chooses(question: Question) -> bool:
    """Whether one option is chosen in any case."""
    is_offered = bool(question.options) and not any(option.show_if.strip() for option in question.options)
    return question.kind is QuestionKind.SINGLE and question.required and is_offered


def rest_of(question: Question) -> tuple[str, ...]:
    """The options of a single choice that no branch takes; none for other kinds."""
    if question.kind is not QuestionKind.SINGLE:
        return ()
    taken: set[str] = set()
    for jump in question.jumps:
        codes = {option.code for option in question.options}
        match jump.match:
            case Match.ANY:
                taken |= set(jump.options)
            case Match.NONE:
                taken |= codes - set(jump.options)
            case Match.ALL:
                taken |= set(jump.options) if len(jump.options) == 1 else set()
    return tuple(option.code for option in question.options if option.code not in taken)


def _label(question: Question, jump: Jump, language: str) -> Words:
    if not jump.options:
        return "" if jump.match is Match.NONE else Message("no option")
    listed = _listed(question, jump.options, language)
    if jump.match is Match.NONE:
        return Message("none of {options}", options=listed)
    if jump.match is Match.ALL and len(jump.options) > 1:
        return Message("all of {options}", options=listed)
    return listed


def _rest_label(question: Question, rest: Sequence[str], language: str) -> Words:
    """The options that go on without a branch; "otherwise" where a branch depends on several at once."""
    if not question.jumps:
        return ""
    return _listed(question, rest, language) if rest else Message("otherwise")


def _listed(question: Question, codes: Sequence[str], language: str) -> Words:
    found: Words = ""
    for code in codes:
        option = question.option(code)
        text = option.text.in_language(language) if option else code
        found = Message("{before}, {item}", before=found, item=text) if found else text
    return found


def condition_words(definition: Definition, show_if: str, language: str) -> Words:
    """A condition as a sentence over the labels of questions; the text itself where it is no expression."""
    if not show_if.strip():
        return ""
    expression = parsed(show_if)
    return (
        show_if
        if expression is None
        else expression.to_words(lambda name: name_words(definition, name, language))
    )


def name_words(definition: Definition, name: str, language: str) -> Words:
    """What a name of an expression stands for: Q4, or Q4 “row”, or Q4 “row” “column”."""
    code, *parts = name.split(".")
    question = definition.find(code)
    if question is None:
        return name
    words: Words = definition.labels.get(code, code)
    for part, lines in zip(parts, (question.rows, question.columns), strict=False):
        text = next((line.text.in_language(language) for line in lines if line.code == part), part)
        words = Message("{question} “{line}”", question=words, line=text)
    return words
