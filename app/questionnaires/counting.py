"""How many paths lead through a questionnaire, how long they are, and which they are.

A path is a sequence of asked questions, section texts included. Two sets of answers that are asked the same
are on one path, however they differ. So walks are followed in bundles: all that were asked the same so far
stand at one question, with every memory that any of them can have; bundles go on to the next questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.questionnaires.definition import Definition, Question, QuestionKind
from app.questionnaires.exploring import Explored, Memory, State, explore

MOST_LISTED = 1000
MOST_WORK = 2**17
"""States that are followed while counting; a questionnaire that needs more is not counted."""

Bundle = tuple[int, frozenset[Memory]]
"""Walks that were asked the same: the place they have come to, and their memories."""

_SECONDS: Mapping[QuestionKind, int] = {
    QuestionKind.SINGLE: 10,
    QuestionKind.MULTIPLE: 20,
    QuestionKind.LINE: 20,
    QuestionKind.TEXT: 60,
    QuestionKind.NUMBER: 15,
    QuestionKind.DATE: 10,
    QuestionKind.RATING: 10,
    QuestionKind.RANKING: 30,
    QuestionKind.SECTION: 5,
}
_SECONDS_OF_ROW: Mapping[QuestionKind, int] = {
    QuestionKind.MATRIX_SINGLE: 8,
    QuestionKind.MATRIX_MULTIPLE: 12,
    QuestionKind.MATRIX_FILL: 20,
}


@dataclass(frozen=True, slots=True)
class PathCounts:
    """How many paths there are, None where that cannot be told; questions of the shortest and longest."""

    count: int | None
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Path:
    """One path: the codes asked, how many of them are answered, and the minutes that takes."""

    asked: tuple[str, ...]
    length: int
    minutes: int


class TooManyPaths(Exception):
    """There are more states than are followed."""


class Bundles:
    """How bundles of walks go on; each state is worked out once."""

    def __init__(self, explored: Explored) -> None:
        self.explorer = explored.explorer
        self.end = len(self.explorer.questions)
        self._after: dict[State, frozenset[State]] = {}
        self._work = 0

    def first(self) -> list[Bundle]:
        """The bundles before any question."""
        return _bundled(self.explorer.start())

    def after(self, bundle: Bundle) -> list[Bundle]:
        """The bundles that one falls into when its question is answered, by the places they come to.

        :raises TooManyPaths: more states were followed than are allowed.
        """
        place, memories = bundle
        self._work += len(memories)
        if self._work > MOST_WORK:
            raise TooManyPaths
        return _bundled(state for memory in memories for state in self._moves((place, memory)))

    def _moves(self, state: State) -> frozenset[State]:
        if state not in self._after:
            self._after[state] = frozenset(self.explorer.after(state))
        return self._after[state]


def _bundled(states: Iterator[State] | set[State]) -> list[Bundle]:
    found: dict[int, set[Memory]] = {}
    for place, memory in states:
        found.setdefault(place, set()).add(memory)
    return [(place, frozenset(memories)) for place, memories in sorted(found.items())]


def count_paths(definition: Definition) -> PathCounts:
    """The number of paths, without walking each: bundles that have come to be the same count together."""
    explored = explore(definition)
    return PathCounts(_count(explored), explored.shortest, explored.longest)


def _count(explored: Explored) -> int | None:
    if explored.undecided:
        return None
    bundles = Bundles(explored)
    ways: list[dict[Bundle, int]] = [{} for _ in range(bundles.end + 1)]
    for bundle in bundles.first():
        ways[bundle[0]][bundle] = 1
    try:
        for place in range(bundles.end):
            for bundle, count in ways[place].items():
                for following in bundles.after(bundle):
                    known = ways[following[0]]
                    known[following] = known.get(following, 0) + count
    except TooManyPaths:
        return None
    return sum(ways[bundles.end].values())


def list_paths(definition: Definition, most: int = MOST_LISTED) -> tuple[Path, ...] | None:
    """Every path, sorted by what is asked; None where they are more than ``most``, or cannot be counted."""
    explored = explore(definition)
    count = _count(explored)
    if count is None or count > most:
        return None
    codes = [question.code for question in definition]
    found = sorted(
        tuple(codes[place] for place in places)
        for places in _walked(Bundles(explored), most_places=len(codes))
    )
    return tuple(path_of(definition, asked) for asked in found)


def _walked(bundles: Bundles, *, most_places: int) -> Iterator[tuple[int, ...]]:
    waiting: list[tuple[tuple[int, ...], Bundle]] = [((), bundle) for bundle in bundles.first()]
    while waiting:
        places, bundle = waiting.pop()
        if bundle[0] == most_places:
            yield places
            continue
        waiting += [((*places, bundle[0]), following) for following in bundles.after(bundle)]


def path_of(definition: Definition, asked: Sequence[str]) -> Path:
    """A path by its codes, with its length and minutes."""
    answered = [question for question in definition if question.code in asked and question.is_answered]
    return Path(tuple(asked), len(answered), minutes_of(definition, asked))


def minutes_of(definition: Definition, asked: Sequence[str]) -> int:
    """About how many minutes these questions take, rounded up; one at least where any is asked."""
    seconds = sum(_seconds(question) for question in definition if question.code in asked)
    return -(-seconds // 60)


def _seconds(question: Question) -> int:
    if question.kind in _SECONDS_OF_ROW:
        return _SECONDS_OF_ROW[question.kind] * len(question.rows)
    return _SECONDS[question.kind]
