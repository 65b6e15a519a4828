"""Everything that can happen in a questionnaire: which questions can be asked, which conditions can hold.

A walk is at a question with a memory: what the answers so far tell to conditions that are still to come.
Walks with one memory at one question go on alike, so each such state is looked at once; what no later
condition asks for is forgotten, and states fall together. With questions in the order of their places one
pass is enough, since no walk goes back.

Exact as long as at most ``MOST_COMBINATIONS`` combinations meet at a question; where there are more, that
question's answers are taken to be open, which finds too much possible and never too little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from app.questionnaires.conditions import owner_of
from app.questionnaires.definition import Definition, Question
from app.questionnaires.domains import MOST_COMBINATIONS, OTHER, Possible, answers_possible, size_of
from app.questionnaires.outcomes import OPEN, Known, outcomes_of
from app.questionnaires.paths import first_places, jump_taken
from app.questionnaires.usage import Usage, usage_in, usage_of

Memory = tuple[tuple[str, Known], ...]
"""What is known of earlier questions, by code, in the order of their places; what is missing is not in it."""
State = tuple[int, Memory]
"""The place of the question that is asked next, or behind the last one, and the memory there."""
MOST_STATES = 2**18
"""States that are looked at in all, so that checking takes seconds at most."""
Move = tuple[int, Known]
"""The place that an answer leads to, before conditions there are asked, and what is known of the answer."""

_HOLDS = frozenset({True})


@dataclass(slots=True)
class Seen:
    """What was seen at one question: whether its condition was asked, and came to what; the same of its
    options; which of its jumps were taken; whether it was asked ``bare``, with no option shown, and whether
    anybody was ``stuck``, with no answer that its checks let through.
    """

    shown: set[bool] = field(default_factory=set)
    options: Mapping[str, set[bool]] = field(default_factory=lambda: defaultdict(set))
    jumps: set[int] = field(default_factory=set)
    bare: bool = False
    stuck: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether any walk asks it."""
        return True in self.shown


class Explorer:
    """The moves of all walks through a definition."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.questions = definition.questions
        self.places = first_places(definition)
        self.usage = usage_of(definition)
        self.seen = [Seen() for _ in self.questions]
        self.work = 0
        """States looked at so far."""
        self.open_places: set[int] = set()
        """Places with too many combinations."""
        self._outcomes: dict[tuple[str, Memory], frozenset[bool]] = {}
        self._known_moves: dict[tuple[int, tuple[str, ...], bool], frozenset[Move]] = {}
        self._uses: dict[str, Mapping[str, Usage]] = {}
        self._all_offered = {
            place: [tuple(option.code for option in question.options)]
            for place, question in enumerate(self.questions)
            if not any(option.show_if.strip() for option in question.options)
        }
        """The options of the questions that show all of theirs, without asking."""
        self._ages = self._ages_of_places()

    def start(self) -> set[State]:
        """The states in which walks ask their first question."""
        return set(self._arrivals(0, 0, ()))

    def _ages_of_places(self) -> list[int]:
        """A number for each place that grows where something is asked for no longer, so may be forgotten."""
        lasts = {last for usage in self.usage.values() for last in (usage.last, *usage.texts.values())}
        return list(accumulate((int(place - 1 in lasts) for place in range(len(self.questions))), initial=0))[
            1:
        ]

    def after(self, state: State) -> set[State]:
        """The states in which walks ask their next question, after the one of ``state``."""
        place, memory = state
        code = self.questions[place].code
        is_used = code in self.usage and self.usage[code].last > place
        found: set[State] = set()
        for offered in self._offers(place, memory):
            for target, known in self._moves(place, offered):
                kept = (*memory, (code, known)) if is_used and known is not None else memory
                found.update(self._arrivals(place, target, kept))
        return found

    def _moves(self, place: int, offered: tuple[str, ...]) -> frozenset[Move]:
        key = (place, offered, place in self.open_places)
        if key not in self._known_moves:
            self._known_moves[key] = frozenset(
                (target, possible.known)
                for possible in self._answers(place, offered)
                for target in self._targets(place, possible)
            )
        return self._known_moves[key]

    def most_combinations(self, place: int, memories: Iterable[Memory]) -> int:
        """How many answers that differ can be given in the state that has most of them."""
        if place in self._all_offered:
            return self._combinations(place, self._all_offered[place][0])
        offers = {offered for memory in memories for offered in self._offers(place, memory)}
        return max((self._combinations(place, offered) for offered in offers), default=0)

    def _combinations(self, place: int, offered: tuple[str, ...]) -> int:
        question = self.questions[place]
        size = size_of(question, offered, self.usage.get(question.code))
        return size if size > MOST_COMBINATIONS else len(self._moves(place, offered))

    def forget(self, place: int, memory: Memory) -> Memory:
        """The memory as far as conditions from a place on ask for it."""
        return tuple(
            (code, _needed(known, self.usage[code], place))
            for code, known in memory
            if self.usage[code].last >= place
        )

    def blurred(self, place: int) -> Memory:
        """A memory that knows nothing for certain."""
        open_codes = {code for code, usage in self.usage.items() if self.places[code] < place <= usage.last}
        return tuple(
            (question.code, OPEN) for question in self.questions[:place] if question.code in open_codes
        )

    def _arrivals(self, origin: int, place: int, memory: Memory) -> Iterator[State]:
        while place < len(self.questions):
            if self._ages[origin] != self._ages[place]:
                memory, origin = self.forget(place, memory), place
            found = self._outcome(self.questions[place].show_if, memory)
            self.seen[place].shown |= found
            if True in found:
                yield place, memory
            if False not in found:
                return
            place += 1
        yield place, ()

    def _outcome(self, show_if: str, memory: Memory) -> frozenset[bool]:
        if not show_if.strip():
            return _HOLDS
        uses = self._uses_in(show_if)
        told = tuple((code, _needed(known, uses[code], 0)) for code, known in memory if code in uses)
        key = (show_if, told)
        if key not in self._outcomes:
            known = dict(told)
            self._outcomes[key] = outcomes_of(
                show_if, lambda name: known.get(owner_of(name, self.definition))
            )
        return self._outcomes[key]

    def _uses_in(self, show_if: str) -> Mapping[str, Usage]:
        if show_if not in self._uses:
            self._uses[show_if] = usage_in(self.definition, show_if)
        return self._uses[show_if]

    def _offers(self, place: int, memory: Memory) -> list[tuple[str, ...]]:
        """The options shown: all that may be, and where some are not certain those that are."""
        if place in self._all_offered:
            return self._all_offered[place]
        question = self.questions[place]
        found = [(option.code, self._outcome(option.show_if, memory)) for option in question.options]
        for code, outcomes in found:
            self.seen[place].options[code].update(outcomes)
        most = tuple(code for code, outcomes in found if True in outcomes)
        fewest = tuple(code for code, outcomes in found if False not in outcomes)
        if question.options and not most:
            self.seen[place].bare = True
        return [most] if most == fewest else [most, fewest]

    def _answers(self, place: int, offered: tuple[str, ...]) -> Iterator[Possible]:
        question = self.questions[place]
        usage = self.usage.get(question.code)
        if place in self.open_places:
            yield Possible((), OPEN if usage else None)
            return
        found = list(answers_possible(question, offered, usage))
        self.seen[place].stuck |= not found
        yield from found or [Possible()]  # the checks are to blame, not the questions that follow

    def _targets(self, place: int, possible: Possible) -> Iterator[int]:
        question = self.questions[place]
        if place in self.open_places:
            yield from self._any_target(question, place)
            return
        jump = jump_taken(question.jumps, place, possible.chosen, self.places)
        if jump is not None:
            self.seen[place].jumps.add(question.jumps.index(jump))
        yield place + 1 if jump is None else self.places[jump.target]

    def _any_target(self, question: Question, place: int) -> Iterator[int]:
        yield place + 1
        for number, jump in enumerate(question.jumps):
            if self.places.get(jump.target, -1) > place:
                self.seen[place].jumps.add(number)
                yield self.places[jump.target]


def _needed(known: Known, usage: Usage, place: int) -> Known:
    """What is known of an answer, without the options that no condition from a place on names."""
    if usage.wholly:
        return known
    if isinstance(known, str):
        return known if usage.texts.get(known, -1) >= place else OTHER
    if isinstance(known, tuple):
        return tuple(code for code in known if usage.texts.get(code, -1) >= place) or (OTHER,)
    return known


@dataclass(frozen=True, slots=True)
class Explored:
    """What was found of all walks: what was seen at each place, which codes can be asked, where there were
    too many combinations, and how many questions (without section texts) the shortest and longest walk ask.
    """

    explorer: Explorer
    seen: tuple[Seen, ...]
    reached: frozenset[str]
    undecided: tuple[str, ...]
    shortest: int
    longest: int


Lengths = tuple[int, int]


def explore(definition: Definition) -> Explored:
    """Look at every walk through a definition."""
    explorer = Explorer(definition)
    waiting: list[dict[Memory, Lengths]] = [{} for _ in range(len(explorer.questions) + 1)]
    for place, memory in explorer.start():
        waiting[place][memory] = (0, 0)
    for place, question in enumerate(explorer.questions):
        states = _bounded(explorer, place, waiting[place])
        for memory, (shortest, longest) in states.items():
            asked = int(question.is_answered)
            for target, kept in explorer.after((place, memory)):
                _extend(waiting[target], kept, (shortest + asked, longest + asked))
        waiting[place] = {}
    ends = waiting[-1].get((), (0, 0))
    reached = (q.code for q, seen in zip(explorer.questions, explorer.seen, strict=True) if seen.is_asked)
    undecided = tuple(explorer.questions[place].code for place in sorted(explorer.open_places))
    return Explored(explorer, tuple(explorer.seen), frozenset(reached), undecided, *ends)


def _extend(states: dict[Memory, Lengths], memory: Memory, lengths: Lengths) -> None:
    known = states.get(memory, lengths)
    states[memory] = (min(known[0], lengths[0]), max(known[1], lengths[1]))


def _bounded(explorer: Explorer, place: int, states: dict[Memory, Lengths]) -> dict[Memory, Lengths]:
    """The states at a place; blurred into one, and the place noted, where they are too many to go on from."""
    explorer.work += len(states)
    is_bounded = explorer.work <= MOST_STATES
    if is_bounded and len(states) * explorer.most_combinations(place, states) <= MOST_COMBINATIONS:
        return states
    explorer.open_places.add(place)
    if is_bounded and len(states) <= MOST_COMBINATIONS:
        return states
    memory = explorer.blurred(place)
    lengths = states.values()
    return {memory: (min(one for one, _ in lengths), max(other for _, other in lengths))}
