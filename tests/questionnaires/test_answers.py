"""What is kept of answers, and what is refused with words beside the input."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enterprises.credit_codes import complete_credit_code
from app.kernel.expressions import Given
from app.questionnaires.answers import judge
from app.questionnaires.checks import FITTING
from app.questionnaires.cleaning import clean_line, clean_text
from app.questionnaires.conditions import names_of
from app.questionnaires.definition import (
    END,
    Check,
    CheckKind,
    Definition,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.paths import steps_of
from tests.questionnaires.samples import check, defined, jump, matrix, multiple, orders, question, single
from tests.questionnaires.strategies import answers_to, definitions

LINE, TEXT, NUMBER, DATE = QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE
FILL, RATING, RANKING = QuestionKind.MATRIX_FILL, QuestionKind.RATING, QuestionKind.RANKING


def kept(asked: Question, answer: Any) -> Any:
    return judge(defined(asked), {asked.code: answer}).kept.get(asked.code)


def faults(asked: Question, answer: Any) -> list[tuple[str, str]]:
    """Input and first words of each problem."""
    problems = judge(defined(asked), {asked.code: answer}).problems
    return [(problem.field, str(problem.message)) for problem in problems]


def shaped(pattern: str) -> Question:
    return question("q1", LINE, checks=(check(CheckKind.PATTERN, pattern=pattern),))


def chosen(*codes: str, **words: str) -> dict[str, Any]:
    return {"chosen": list(codes), "other": words}


def test_answers_that_the_path_skips_are_not_kept_and_not_judged() -> None:
    forged = {"q1": chosen("none"), "q2": chosen("new"), "q6": "x" * 9000, "q7": "kept?", "q99": "nothing"}

    judged = judge(orders(), forged)

    assert judged.asked == ("q1",)
    assert judged.kept == {"q1": chosen("none")}
    assert judged.problems == ()


def test_every_asked_question_that_must_be_answered_is_named_at_its_input() -> None:
    judged = judge(orders(), {"q1": chosen("down")})

    assert [problem.field for problem in judged.problems] == ["q3", "q5", "q6", "q7"]
    assert {str(problem.message) for problem in judged.problems} == {"Answer this question."}


def test_a_required_question_of_which_no_option_is_shown_asks_for_nothing() -> None:
    hidden = replace(single("q2"), options=(Option("a", Wording.of("甲"), show_if='q1 == "b"'),))

    assert judge(defined(single("q1"), hidden), {"q1": chosen("a")}).problems == ()
    assert len(judge(defined(single("q1"), hidden), {"q1": chosen("b")}).problems) == 1


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (LINE, "  约\u00a0200\u3000万\r\n美元\u200b ", "约 200 万 美元"),
        (
            LINE,
            "\u201c引号\u201d\u2014\U0001f469\u200d\U0001f467",
            "\u201c引号\u201d\u2014\U0001f469\u200d\U0001f467",
        ),
        (LINE, "nul\x00\ud800\ufeff", "nul"),
        (TEXT, "第一段 \r\n第二段\x0b行\u2028行\t尾\n\n", "第一段\n第二段\n行\n行 尾"),
        (TEXT, "\uf0b7 项目", "• 项目"),
        (NUMBER, " １，２３４．５０ ", "1234.5"),
        (NUMBER, "(5)", "-5"),
        (NUMBER, "-0.0", "0"),
        (NUMBER, "100", "100"),
        (NUMBER, "0.123456000", "0.123456"),
        (NUMBER, "999999999999.999999", "999999999999.999999"),
        (DATE, "2026年2月3日", "2026-02-03"),
        (DATE, "２０２６／２／３", "2026-02-03"),
        (DATE, "20260203", "2026-02-03"),
        (RATING, "5", "5"),
        (RATING, "５", "5"),
    ],
)
def test_an_answer_is_kept_as_it_is_meant(kind: QuestionKind, typed: str, value: str) -> None:
    assert kept(question("q1", kind), typed) == value
    assert faults(question("q1", kind), typed) == []


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        (LINE, "x" * 201, "This text has 201 characters: shorten it to 200"),
        (TEXT, "外" * 10_000, "This text has 10000 characters: shorten it to 4000"),
        (NUMBER, "about 5", "This is not a number"),
        (NUMBER, "1" * 41, "This is not a number"),
        (NUMBER, "1000000000000", "This number is too large"),
        (NUMBER, "0.1234567", "Write at most 6 decimals."),
        (DATE, "2026-02-30", "This is not a date"),
        (DATE, "1899-12-31", "This is not a date"),
        (DATE, "31.01.2026", "This is not a date"),
        (RATING, "6", "Choose a step from 1 to 5."),
        (RATING, "2.5", "Choose a step from 1 to 5."),
        (RATING, "x", "Choose a step from 1 to 5."),
    ],
)
def test_what_cannot_be_read_is_refused_once_with_words(kind: QuestionKind, typed: str, words: str) -> None:
    ((field, message),) = faults(question("q1", kind), typed)

    assert field == "q1"
    assert message.startswith(words)
    assert kept(question("q1", kind), typed) is None


def test_a_text_of_the_longest_length_is_kept() -> None:
    assert kept(question("q1", TEXT), "\U0001f600" * 4000) == "\U0001f600" * 4000


@pytest.mark.parametrize(
    "answer", [None, 5, True, [], {}, {"chosen": "a"}, {"chosen": [["a"]]}, {"chosen": ["z"]}, "a"]
)
def test_a_choice_that_has_no_shape_counts_as_blank(answer: Any) -> None:
    assert kept(single("q1"), answer) is None
    assert faults(single("q1"), answer) == [("q1", "Answer this question.")]


def test_a_single_choice_has_one_option() -> None:
    assert faults(single("q1"), chosen("a", "b")) == [("q1", "Choose one option only.")]
    assert kept(single("q1"), chosen("b", "b")) == chosen("b")


def test_a_multiple_choice_is_kept_in_the_order_of_its_options() -> None:
    assert kept(multiple("q1"), chosen("c", "a", "z", "c")) == chosen("a", "c")


def test_a_ranking_is_kept_in_the_order_of_its_ranks_and_has_every_option() -> None:
    asked = question("q1", RANKING, "a b c")
    partial = replace(asked, checks=(check(CheckKind.CHOICES, 2, 2),))

    assert kept(asked, chosen("c", "a", "b")) == chosen("c", "a", "b")
    assert faults(asked, chosen("c", "a")) == [("q1", "Give every option a rank.")]
    assert faults(partial, chosen("c", "a")) == []
    assert faults(partial, chosen("c")) == [("q1", "Choose 2 to 2 options.")]


def test_an_other_option_wants_words_and_keeps_them_only_where_it_is_chosen() -> None:
    asked = single("q1")
    asked = replace(asked, options=(*asked.options, Option("o", Wording.of("其他"), other=True)))

    assert kept(asked, chosen("o", o=" 运费\n上涨 ")) == chosen("o", o="运费 上涨")
    assert kept(asked, chosen("a", o="x", a="y")) == chosen("a")
    assert faults(asked, chosen("o", o=" ")) == [("q1.other.o", "State in words what you mean.")]
    ((field, message),) = faults(asked, chosen("o", o="x" * 201))
    assert field == "q1.other.o" and "201 characters" in message


def test_an_exclusive_option_stands_alone_whatever_number_is_asked_for() -> None:
    asked = multiple("q1", checks=(check(CheckKind.CHOICES, 2),))
    asked = replace(asked, options=(*asked.options, Option("none", Wording.of("均无"), exclusive=True)))

    assert faults(asked, chosen("none")) == []
    assert faults(asked, chosen("a")) == [("q1", "Choose at least 2 options.")]
    assert [field for field, _ in faults(asked, chosen("a", "none"))] == ["q1"]


def test_matrices_keep_rows_and_columns_that_are_there() -> None:
    rows = {"r1": "c1", "r2": "c9", "r9": "c1"}

    assert kept(matrix("q1", QuestionKind.MATRIX_SINGLE), rows) == {"r1": "c1"}
    assert kept(matrix("q1", QuestionKind.MATRIX_MULTIPLE), {"r1": ["c2", "c1", "c9"], "r2": []}) == {
        "r1": ["c1", "c2"]
    }
    cells = {"r1": {"c1": " x ", "n1": "1,000", "z": "y"}, "r2": {"c1": " "}}
    assert kept(matrix("q1", FILL, columns="c1 n1"), cells) == {"r1": {"c1": "x", "n1": "1000"}}
    assert faults(matrix("q1", FILL, columns="c1 n1"), {"r2": {"n1": "x"}})[0][0] == "q1.r2.n1"


AT_LEAST_TWO, AT_MOST_TWO = check(CheckKind.CHOICES, 2), check(CheckKind.CHOICES, None, 2)
VALID = complete_credit_code("91", "330000", "MA000001")


@pytest.mark.parametrize(
    ("asked", "good", "bad", "fields"),
    [
        (question("q1", NUMBER, checks=(check(CheckKind.RANGE, 0, 100),)), "100", "100.1", ["q1"]),
        (question("q1", NUMBER, checks=(check(CheckKind.RANGE, 0),)), "0", "-1", ["q1"]),
        (question("q1", NUMBER, checks=(check(CheckKind.INTEGER),)), "5.0", "5.5", ["q1"]),
        (question("q1", LINE, checks=(check(CheckKind.LENGTH, 2, 3),)), "外贸", "外", ["q1"]),
        (shaped("mobile"), "13800000000", "1380", ["q1"]),
        (shaped("email"), "a@b.cn", "a@b", ["q1"]),
        (shaped("credit_code"), VALID, VALID[:-1], ["q1"]),
        (shaped("date"), "2026-1-2", "2026-13-1", ["q1"]),
        (multiple("q1", checks=(AT_MOST_TWO,)), chosen("a", "b"), chosen("a", "b", "c"), ["q1"]),
        (
            matrix("q1", QuestionKind.MATRIX_SINGLE, checks=(check(CheckKind.ROWS),)),
            {"r1": "c1", "r2": "c1"},
            {"r1": "c1"},
            ["q1.r2"],
        ),
        (
            matrix("q1", QuestionKind.MATRIX_SINGLE, checks=(check(CheckKind.DISTINCT),)),
            {"r1": "c1", "r2": "c2"},
            {"r1": "c1", "r2": "c1"},
            ["q1.r2"],
        ),
        (
            matrix("q1", QuestionKind.MATRIX_MULTIPLE, checks=(AT_LEAST_TWO, check(CheckKind.DISTINCT))),
            {"r1": ["c1", "c2"]},
            {"r1": ["c1"], "r2": ["c1", "c2"]},
            ["q1.r1", "q1.r2"],
        ),
        (
            matrix("q1", FILL, columns="n1 n2", checks=(check(CheckKind.RANGE, 0), check(CheckKind.INTEGER))),
            {"r1": {"n1": "1"}},
            {"r1": {"n1": "-1", "n2": "2"}, "r2": {"n2": "0.5"}},
            ["q1.r1.n1", "q1.r2.n2"],
        ),
        (
            question("q1", NUMBER, checks=(check(CheckKind.EXPRESSION, expression="q1 * 2 < 10"),)),
            "4",
            "5",
            ["q1"],
        ),
    ],
)  # fmt: skip
def test_a_check_refuses_at_the_inputs_that_it_is_about(
    asked: Question, good: Any, bad: Any, fields: list[str]
) -> None:
    assert faults(asked, good) == []
    assert [field for field, _ in faults(asked, bad)] == fields


@pytest.mark.parametrize(
    ("pattern", "typed", "value"),
    [
        ("mobile", "+86 138-0000-0000", "13800000000"),
        ("mobile", "１３８ ００００ ００００", "13800000000"),
        ("credit_code", f" {VALID.lower()[:9]} {VALID.lower()[9:]} ", VALID),
        ("date", "2026.1.2", "2026-01-02"),
    ],
)
def test_a_text_of_a_known_shape_is_kept_in_its_one_form(pattern: str, typed: str, value: str) -> None:
    assert kept(shaped(pattern), typed) == value


def test_a_check_says_its_own_message_in_the_language_of_the_reader() -> None:
    own = Check(CheckKind.INTEGER, message=Wording({"zh": "请填整数", "en": "Whole numbers only"}))
    (problem,) = judge(defined(question("q1", NUMBER, checks=(own,))), {"q1": "0.5"}).problems

    assert not isinstance(problem.message, str)
    assert (problem.message.in_language("zh"), problem.message.in_language("en")) == (  # type: ignore[union-attr]
        "请填整数",
        "Whole numbers only",
    )


def test_a_check_by_expression_sees_earlier_answers_and_refuses_only_what_is_false() -> None:
    later = question("q2", NUMBER, checks=(check(CheckKind.EXPRESSION, expression="q2 >= q1"),))
    definition = defined(question("q1", NUMBER, required=False), later)

    assert judge(definition, {"q1": "5", "q2": "5"}).problems == ()
    assert judge(definition, {"q2": "1"}).problems == ()
    assert [problem.field for problem in judge(definition, {"q1": "5", "q2": "4"}).problems] == ["q2"]


@pytest.mark.parametrize("kind", list(CheckKind))
def test_a_check_that_does_not_fit_its_question_is_not_asked(kind: CheckKind) -> None:
    for other in {LINE, TEXT, NUMBER, RATING} - FITTING[kind]:
        assert faults(question("q1", other, checks=(check(kind, 99, 1),)), "3") == []


def test_expressions_know_answers_by_the_names_that_are_listed() -> None:
    definition = defined(
        single("q1"),
        multiple("q2"),
        question("q3", NUMBER),
        question("q4", DATE),
        matrix("q5", QuestionKind.MATRIX_SINGLE),
        matrix("q6", QuestionKind.MATRIX_MULTIPLE),
        matrix("q7", FILL, columns="c1 n1"),
        question("q8", RANKING, "a b"),
    )
    answers = {
        "q1": chosen("b"),
        "q2": chosen("a", "c"),
        "q3": "1,5",
        "q4": "2026-1-2",
        "q5": {"r2": "c1"},
        "q6": {"r1": ["c1"]},
        "q7": {"r1": {"c1": "x", "n1": "2"}},
        "q8": chosen("b", "a"),
    }
    last = list(steps_of(definition, {**answers, "q3": "15"}))[-1]

    expected: dict[str, Given] = {
        "q1": "b",
        "q2": ["a", "c"],
        "q3": Decimal(15),
        "q4": "2026-01-02",
        "q5.r2": "c1",
        "q6.r1": ["c1"],
        "q7.r1.c1": "x",
        "q7.r1.n1": Decimal(2),
        "q8": ["b", "a"],
    }
    assert last.names == expected
    assert expected.keys() <= {name for one in definition for name in names_of(one)}


@settings(max_examples=40, deadline=None)
@given(definitions(faulty=True).flatmap(lambda d: st.tuples(st.just(d), answers_to(d))))
def test_what_is_kept_is_judged_the_same_again(case: tuple[Definition, dict[str, Any]]) -> None:
    definition, answers = case
    first = judge(definition, answers)

    again = judge(definition, first.kept)

    assert set(first.kept) <= set(first.asked)
    assert again.asked == first.asked
    assert again.kept == first.kept


@given(st.text(st.characters()))
def test_cleaning_leaves_nothing_more_to_clean_and_nothing_that_cannot_be_stored(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned
    assert clean_line(clean_line(text)) == clean_line(text)
    assert "\n" not in clean_line(text)
    assert "\x00" not in cleaned.encode("utf-8").decode()


def test_an_answer_after_the_end_is_not_asked() -> None:
    assert (
        judge(defined(single("q1", jumps=(jump(END, "a"),)), single("q2")), {"q1": chosen("a")}).problems
        == ()
    )
