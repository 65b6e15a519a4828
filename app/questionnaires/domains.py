"""The answers that a question can get, as far as its jumps and later conditions tell them apart.

Answers that its own checks refuse are not among them: who gives one gets no further. Checks by
expression are left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import chain, combinations, pairwise

from app.kernel.expressions import Given
from app.questionnaires.checks import check_problems
from app.questionnaires.definition import CheckKind, Question, QuestionKind
from app.questionnaires.outcomes import OPEN, Known
from app.questionnaires.usage import Usage
from app.questionnaires.values import read

OTHER = "\x00"
"""Stands for any option that no condition names."""
MOST_COMBINATIONS = 2**16
"""Combinations of options that are looked at; beyond that the checker says "undecided"."""

MOST_STEPS = 100
"""Steps of a rating that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Possible:
    """One answer: the options ``chosen``, and what later conditions know of it (None: nothing)."""

    chosen: tuple[str, ...] = ()
    known: Known = None


def size_of(question: Question, offered: Sequence[str], usage: Usage | None) -> int:
    """How many answers ``answers_possible`` would look at."""
    if question.kind is QuestionKind.MULTIPLE or question.kind is QuestionKind.RANKING:
        return int(2 ** len(_told_apart(question, offered, usage)))
    return len(offered) or 1


def answers_possible(question: Question, offered: Sequence[str], usage: Usage | None) -> Iterator[Possible]:
    """Every answer that an asked question can get, blank among them where it may be left blank."""
    if not question.required or not question.is_answered or (question.options and not offered):
        yield Possible()
    match question.kind:
        case QuestionKind.SINGLE:
            yield from (Possible((code,), _known_option(code, usage)) for code in offered)
        case QuestionKind.MULTIPLE | QuestionKind.RANKING:
            for chosen in _choices(question, offered, usage):
                yield Possible(chosen, _known_options(chosen, usage))
        case QuestionKind.SECTION:
            return
        case QuestionKind.NUMBER | QuestionKind.RATING if usage and _is_countable(question, usage):
            yield from (Possible((), number) for number in _numbers(question, usage))
        case _:
            yield Possible((), OPEN if usage else None)


def _is_countable(question: Question, usage: Usage) -> bool:
    return question.scale <= MOST_STEPS if question.kind is QuestionKind.RATING else not usage.wholly


def _known_option(code: str, usage: Usage | None) -> Known:
    if usage is None:
        return None
    return code if usage.wholly or code in usage.texts else OTHER


def _known_options(chosen: Sequence[str], usage: Usage | None) -> Known:
    if usage is None:
        return None
    known: tuple[Given, ...] = tuple(code for code in chosen if usage.wholly or code in usage.texts)
    return known or (OTHER,)  # type: ignore[return-value]


def _told_apart(question: Question, offered: Sequence[str], usage: Usage | None) -> list[str]:
    """The options on which something hangs."""
    if usage and usage.wholly:
        return list(offered)
    named = set(usage.texts) if usage else set()
    named.update(option for jump in question.jumps for option in jump.options)
    return [code for code in offered if code in named]


def _choices(question: Question, offered: Sequence[str], usage: Usage | None) -> Iterator[tuple[str, ...]]:
    """Sets of options, filled up with such as make no difference where more have to be chosen."""
    is_ranking = question.kind is QuestionKind.RANKING
    if is_ranking and not _limits(question):
        yield from [tuple(offered)] if offered else []
        return
    exclusive = {option.code for option in question.options if option.exclusive and not is_ranking}
    alone = [code for code in offered if code in exclusive]
    apart = _told_apart(question, offered, usage)
    free = [code for code in apart if code not in alone]
    filling = [code for code in offered if code not in alone and code not in apart]
    for chosen in _subsets(free):
        fewest = 0 if chosen else 1
        for filled in range(fewest, len(filling) + 1):
            if _is_number_allowed(question, len(chosen) + filled):
                yield (*chosen, *filling[:filled])
                break
    yield from ((code,) for code in alone)


def _subsets(codes: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(codes, count) for count in range(len(codes) + 1))


def _limits(question: Question) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(check.least, check.most) for check in question.checks if check.kind is CheckKind.CHOICES]


def _is_number_allowed(question: Question, count: int) -> bool:
    return all(
        (least is None or count >= least) and (most is None or count <= most)
        for least, most in _limits(question)
    )


def _numbers(question: Question, usage: Usage) -> list[Decimal]:
    """A number from each stretch that comparisons can tell apart, of those that checks let through."""
    if question.kind is QuestionKind.RATING:
        candidates: Iterable[Decimal] = map(Decimal, range(1, question.scale + 1))
    else:
        candidates = _candidates(question, sorted(usage.numbers))
    return [number for number in candidates if _is_accepted(question, number)]


def _candidates(question: Question, marks: Sequence[Decimal]) -> list[Decimal]:
    bounds = [
        bound
        for check in question.checks
        if check.kind is CheckKind.RANGE
        for bound in (check.least, check.most)
        if bound is not None
    ]
    found = {*marks, *bounds, *((one + other) / 2 for one, other in pairwise(marks))}
    for mark in (*marks, *bounds, Decimal(0)):
        floor, ceiling = (mark.to_integral_value(way) for way in (ROUND_FLOOR, ROUND_CEILING))
        found |= {floor, ceiling, floor - 1, floor + 1, ceiling - 1}
    return sorted(found)


def _is_accepted(question: Question, number: Decimal) -> bool:
    reading = read(question, format(number, "f"), ())
    if reading.value is None:
        return False
    plain = tuple(check for check in question.checks if check.kind is not CheckKind.EXPRESSION)
    return not any(check_problems(replace(question, checks=plain), reading.value, {}))
