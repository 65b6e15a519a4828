"""Hypothesis strategies: questionnaires of any shape with branches, conditions and checks, and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.kernel.expressions import Kind
from app.questionnaires.checks import FITTING
from app.questionnaires.conditions import names_before
from app.questionnaires.definition import (
    END,
    MATRICES,
    OPTIONED,
    Check,
    CheckKind,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Pattern,
    Question,
    QuestionKind,
    Wording,
)

ALL_KINDS = tuple(QuestionKind)
CHOICE_KINDS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
COUNTABLE_KINDS = (*CHOICE_KINDS, QuestionKind.SINGLE, QuestionKind.RATING, QuestionKind.NUMBER)
"""Kinds of which the checker knows every value that matters, where numbers are compared with numbers."""

TYPED = (
    *("", " ", "x" * 200, "0", "1", "2", "2.5", "-3", "1,000", "１２", "(5)", "1e5"),
    *("0.1234567", "999999999999.5", "1000000000000"),
    *("2026-01-31", "2026年2月3日", "20260230", "１９９９／１２／３１", "1899-12-31"),
    *("13800000000", "+86 138-0000-0000", "name@example.com", "name@example", "x" * 201, "外" * 4001),
    *("a\r\nb\u000bc", "\u201csmart\u201d\u00a0quotes", "\U0001f469\u200d\U0001f467", "\u200b"),
    *("nul\x00", "\ud800", "\uf0b7 item", "A\u00adB"),
)
typed = st.sampled_from(TYPED) | st.text(max_size=6) | st.integers(-3, 9).map(str)
junk = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | typed,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abr1"), inner, max_size=2),
    max_leaves=4,
)


def condition(names: Mapping[str, Kind], *, depth: int = 2) -> st.SearchStrategy[str]:
    """An expression over names of their kinds that a checker can follow; "" where there are no names."""
    if not names:
        return st.just("")
    atoms = st.sampled_from(sorted(names)).flatmap(lambda name: _atom(name, names[name]))
    if depth == 0:
        return atoms
    inner = condition(names, depth=depth - 1)
    joined = st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner)
    return atoms | joined | inner.map("not ({})".format)


def _atom(name: str, kind: Kind) -> st.SearchStrategy[str]:
    code = st.sampled_from("abc")
    there = st.sampled_from([f"present({name})", f"blank({name})"])
    if kind is Kind.LIST:
        return code.map(lambda one: f'"{one}" in {name}') | st.integers(0, 3).map(
            lambda least: f"count({name}) >= {least}"
        )
    if kind is Kind.NUMBER:
        signs = st.sampled_from(["<", "<=", "==", "!=", ">=", ">"])
        return there | st.builds(lambda sign, bound: f"{name} {sign} {bound}", signs, st.integers(0, 4))
    return there | st.builds(lambda sign, one: f'{name} {sign} "{one}"', st.sampled_from(["==", "!="]), code)


@st.composite
def definitions(
    draw: Any,
    *,
    kinds: Sequence[QuestionKind] = ALL_KINDS,
    most: int = 6,
    faulty: bool = False,
    checked: bool = True,
) -> Definition:
    """A questionnaire of up to ``most`` questions; ``faulty`` ones have jumps and conditions that are none.

    ``checked`` draws every check that fits; without it only numbers of choices are limited.
    """
    questions: list[Question] = []
    count = draw(st.integers(1, most))
    for place in range(count):
        questions.append(draw(_questions(questions, place, count, kinds, faulty=faulty, checked=checked)))
    return Definition(tuple(questions))


@st.composite
def _questions(
    draw: Any,
    before: Sequence[Question],
    place: int,
    count: int,
    kinds: Sequence[QuestionKind],
    *,
    faulty: bool,
    checked: bool,
) -> Question:
    kind = draw(st.sampled_from(kinds))
    names = names_before(before)
    shown = st.just("") | st.just("") | condition(names)
    shown = shown | st.sampled_from(["q1 ==", "gone > 1"]) if faulty else shown
    options = draw(_options(shown)) if kind in OPTIONED else ()
    columns = [Line(code, Wording.of(code), code == "n1") for code in ("c1", "c2", "n1")]
    rows = [Line(code, Wording.of(code)) for code in ("r1", "r2")]
    bare = Question(
        f"q{place}",
        kind,
        Wording.of(f"题目{place}"),
        required=draw(st.booleans()),
        options=options,
        rows=tuple(rows) if kind in MATRICES else (),
        columns=tuple(columns) if kind in MATRICES else (),
        scale=3,
        show_if=draw(shown),
    )
    drawn = draw(st.lists(_checks(bare, names_before((*before, bare)), checked=checked), max_size=2))
    return Question(
        **{name: getattr(bare, name) for name in bare.__slots__ if name not in ("jumps", "checks")},
        jumps=tuple(draw(st.lists(_jumps(place, count, faulty=faulty), max_size=2))),
        checks=tuple(check for check in drawn if check is not None),
    )


@st.composite
def _options(draw: Any, shown: st.SearchStrategy[str]) -> tuple[Option, ...]:
    return tuple(
        Option(
            code,
            Wording.of(code),
            other=draw(st.integers(0, 4)) == 0,
            exclusive=draw(st.integers(0, 4)) == 0,
            show_if=draw(st.just("") | shown),
        )
        for code in "abc"[: draw(st.integers(1, 3))]
    )


def _jumps(place: int, count: int, *, faulty: bool) -> st.SearchStrategy[Jump]:
    ahead = [f"q{at}" for at in range(place + 1, count)]
    targets = [*ahead, END, "q0", "gone"] if faulty else [*ahead, END]
    matches = st.sampled_from([Match.ANY, Match.ANY, Match.ALL, Match.NONE])
    options = st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(tuple)
    return st.builds(Jump, matches, options, st.sampled_from(targets))


def _checks(
    question: Question, names: Mapping[str, Kind], *, checked: bool
) -> st.SearchStrategy[Check | None]:
    fitting = [kind for kind in CheckKind if question.kind in FITTING[kind]]
    if not checked:
        fitting = [kind for kind in fitting if kind is CheckKind.CHOICES]
    if not fitting:
        return st.none()
    bounds = st.none() | st.integers(0, 3).map(Decimal)
    return st.builds(
        Check,
        st.sampled_from(fitting),
        bounds,
        bounds,
        st.sampled_from([str(pattern) for pattern in Pattern]),
        condition(names),
        st.just(Wording()) | st.just(Wording({"zh": "请核对", "en": "Check this"})),
    )


def answers_to(definition: Definition) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to a questionnaire, most in the shape of their kind, some blank, forged or broken."""
    return st.fixed_dictionaries({question.code: _answers(question) for question in definition})


def _answers(question: Question) -> st.SearchStrategy[Any]:
    codes = st.lists(st.sampled_from("abcd"), max_size=4)
    words = st.dictionaries(st.sampled_from("abc"), typed, max_size=2)
    shaped: dict[QuestionKind, st.SearchStrategy[Any]] = {
        QuestionKind.SINGLE: st.builds(
            lambda code, other: {"chosen": [code], "other": other}, st.sampled_from("abcd"), words
        ),
        QuestionKind.MULTIPLE: st.builds(
            lambda chosen, other: {"chosen": chosen, "other": other}, codes, words
        ),
        QuestionKind.RANKING: st.builds(
            lambda chosen, other: {"chosen": chosen, "other": other},
            st.permutations(["a", "b", "c"]) | codes,
            words,
        ),
        QuestionKind.MATRIX_SINGLE: _rows(st.sampled_from(["c1", "c2", "n1", "c9"])),
        QuestionKind.MATRIX_MULTIPLE: _rows(st.lists(st.sampled_from(["c1", "c2", "n1", "c9"]), max_size=3)),
        QuestionKind.MATRIX_FILL: _rows(st.dictionaries(st.sampled_from(["c1", "c2", "n1", "c9"]), typed)),
    }
    usual = shaped.get(question.kind, typed)
    return st.one_of(usual, usual, usual, st.none(), junk)


def _rows(row: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(["r1", "r2", "r9"]), row, max_size=3)
