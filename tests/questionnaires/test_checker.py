"""What the checker finds, of which question, and how to mend it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from app.questionnaires.checker import MAKE_REQUIRED, examine, has_errors
from app.questionnaires.definition import (
    END,
    Check,
    CheckKind,
    Definition,
    Jump,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.findings import Severity
from tests.questionnaires.samples import check, defined, jump, matrix, multiple, orders, question, single
from tests.questionnaires.strategies import definitions

LINE, TEXT, NUMBER, RATING = QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.RATING


def told(definition: Definition) -> list[tuple[str, str, str]]:
    """Severity, question and sentence of each finding."""
    return [(one.severity.value, one.question, str(one.message)) for one in examine(definition)]


def only(definition: Definition) -> tuple[str, str, str]:
    found = told(definition)
    assert len(found) == 1, found
    return found[0]


def test_the_questionnaire_of_the_design_has_one_warning_with_its_mend() -> None:
    (finding,) = examine(orders())

    assert (finding.severity, finding.question, finding.mend) == (Severity.WARNING, "q4", MAKE_REQUIRED)
    assert str(finding.message) == "Q4 is optional: it may be left blank."
    assert not has_errors((finding,))


def test_a_questionnaire_without_questions_cannot_be_enabled() -> None:
    assert only(Definition()) == ("error", "", "There is no question yet.")
    assert only(defined(question("s", QuestionKind.SECTION))) == ("error", "", "There is no question yet.")


@pytest.mark.parametrize(
    ("jumps", "sentence"),
    [
        ((jump("gone", "a"),), "branch 1 leads to a question that is not there"),
        ((jump("q1", "a"),), "branch 1 leads back"),
        ((jump("q2", "a"),), "branch 1 leads back"),
        ((jump("q4", "z"),), "branch 1 names the option “z”, which is not there"),
        ((jump("q4", ""),), "branch 1 names no option"),
        ((jump("q4", "a b", Match.ALL),), "branch 1 is never taken"),
        ((jump("q4", "a"), jump(END, "a")), "branch 2 is never taken"),
        ((Jump(Match.NONE, (), "q3"), jump(END, "a")), "branch 2 is never taken"),
        ((jump("q4", "a b", Match.NONE),), "branch 1 is never taken"),
    ],
)
def test_a_branch_that_leads_nowhere_is_an_error(jumps: tuple[Jump, ...], sentence: str) -> None:
    severity, code, message = only(
        defined(single("q1"), single("q2", jumps=jumps), single("q3"), single("q4"))
    )

    assert (severity, code) == ("error", "q2")
    assert message == f"Q2: {sentence}."


def test_a_question_that_every_path_passes_by_is_named() -> None:
    definition = defined(single("q1", jumps=(jump("q3", "a b"),)), single("q2"), single("q3"))

    assert only(definition) == ("error", "q2", "Q2 is never reached: every path passes it by.")


@pytest.mark.parametrize(
    ("show_if", "severity", "sentence"),
    [
        ('q1 == "a" and q1 == "b"', "error", "is never asked: its condition can never hold."),
        ('q1 == "z"', "error", "is never asked: its condition can never hold."),
        ('"a" in q2 and "none" in q2', "error", "is never asked: its condition can never hold."),
        ("count(q2) > 3", "error", "is never asked: its condition can never hold."),
        ("q3 > 5 and q3 < 3", "error", "is never asked: its condition can never hold."),
        ("q3 > 100", "error", "is never asked: its condition can never hold."),
        ("q4 > 5", "error", "is never asked: its condition can never hold."),
        ('q1 in ["a", "b"]', "warning", ": its condition always holds."),
        ("present(q3)", "warning", ": its condition always holds."),
        ("q3 >= 0", "warning", ": its condition always holds."),
        ('q1 == "a" and q5 == "x" and q1 == "b"', "error", "is never asked: its condition can never hold."),
    ],
)
def test_a_condition_that_never_or_always_holds_is_found(show_if: str, severity: str, sentence: str) -> None:
    excluding = Option("none", Wording.of("均无"), exclusive=True)
    some = multiple("q2")
    definition = defined(
        single("q1"),
        replace(some, options=(*some.options, excluding)),
        question("q3", NUMBER, checks=(check(CheckKind.RANGE, 0, 100),)),
        question("q4", RATING, scale=5),
        question("q5", LINE),
        single("q6", show_if=show_if),
    )

    assert only(definition) == (severity, "q6", f"Q6{' ' if severity == 'error' else ''}{sentence}")


@pytest.mark.parametrize(
    "show_if", ['q1 == "a"', "q3 > 50", 'q5 == "x"', "length(q5) > 3", "not present(q2)"]
)
def test_a_condition_that_may_hold_or_not_is_no_finding(show_if: str) -> None:
    definition = defined(
        single("q1"),
        multiple("q2", show_if='q1 == "a"'),
        question("q3", NUMBER),
        question("q5", LINE),
        single("q6", show_if=show_if),
    )

    assert told(definition) == []


def hidden(code: str, show_if: str) -> Option:
    return Option(code, Wording.of(f"选项{code}"), show_if=show_if)


def test_an_option_that_is_never_shown_is_named() -> None:
    second = replace(
        single("q2"), options=(hidden("a", ""), hidden("b", 'q1 == "z"'), hidden("c", 'q1 == "a"'))
    )

    assert only(defined(single("q1"), second)) == (
        "error",
        "q2",
        "Q2: the option “选项b” is never shown: its condition can never hold.",
    )


def test_a_question_without_any_option_shown_is_an_error() -> None:
    second = replace(single("q2"), options=(hidden("a", 'q1 == "a"'), hidden("c", 'q1 == "a"')))

    assert only(defined(single("q1"), second)) == (
        "error",
        "q2",
        "Q2 can be asked with none of its options shown.",
    )


def test_checks_that_hidden_options_leave_no_answer_to_are_an_error() -> None:
    second = multiple("q2", "", checks=(check(CheckKind.CHOICES, 2),))
    second = replace(second, options=(hidden("a", ""), hidden("b", 'q1 == "a"')))

    assert only(defined(single("q1"), second, single("q3"))) == (
        "error",
        "q2",
        "Q2: some who are asked can give no answer that its checks let through.",
    )


def test_contradictory_checks_do_not_blame_the_questions_that_follow() -> None:
    definition = defined(multiple("q1", checks=(check(CheckKind.CHOICES, 4),)), single("q2"))

    severity, code, message = only(definition)

    assert (severity, code) == ("error", "q1")
    assert message.startswith("Q1: the number of choices can never be met")


def test_an_option_without_a_branch_that_follows_another_is_a_warning() -> None:
    first = single("q1", "a b c", jumps=(jump("q2", "a"), jump("q3", "b")))

    assert only(defined(first, single("q2"), single("q3"))) == (
        "warning",
        "q1",
        "Q1: the option “选项c” has no branch and goes on to Q2, where another option leads.",
    )


@pytest.mark.parametrize(
    ("show_if", "sentence"),
    [
        (
            "q1 ==",
            "In the “show if” of Q2, line 1, character 6: The expression ends too early: finish it and",
        ),
        ("q3 > 1", "In the “show if” of Q2: “q3” is answered only later."),
        ('q2 == "a"', "In the “show if” of Q2: “q2” is answered only later."),
        ("gone > 1", "In the “show if” of Q2: there is no “gone”."),
        ("q1 > 1", "In the “show if” of Q2, line 1, character 1: “>” needs a number here, not a text."),
        ('"a" in q1', "In the “show if” of Q2, line 1, character 8: “in” needs a list here, not a text."),
        ("length(q1)", "In the “show if” of Q2: the expression gives a value, not true or false."),
    ],
)
def test_an_expression_that_is_none_is_told_with_its_place(show_if: str, sentence: str) -> None:
    found = told(defined(single("q1"), single("q2", show_if=show_if), question("q3", NUMBER)))

    assert found[0][:2] == ("error", "q2")
    assert found[0][2].startswith(sentence)
    assert not any("can never hold" in message for _, _, message in found)


def checked(kind: QuestionKind, *checks: Check, **more: Any) -> Definition:
    return defined(question("q1", kind, checks=checks, **more))


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (checked(NUMBER, check(CheckKind.RANGE, 5, 3)), "the range has a least above its most"),
        (
            checked(NUMBER, check(CheckKind.RANGE, 5), check(CheckKind.RANGE, None, 3)),
            "the range has a least above its most",
        ),
        (
            checked(NUMBER, check(CheckKind.RANGE, "0.2", "0.8"), check(CheckKind.INTEGER)),
            "no whole number lies within the range",
        ),
        (checked(NUMBER, check(CheckKind.RANGE)), "the range has no limit"),
        (
            checked(RATING, check(CheckKind.RANGE, 6)),
            "the range can never be met: only 1 to 5 are possible",
        ),
        (
            checked(LINE, check(CheckKind.LENGTH, 201)),
            "the length can never be met: only 1 to 200 are possible",
        ),
        (checked(LINE, check(CheckKind.RANGE, 1)), "the range cannot be checked in a question of this kind"),
        (checked(LINE, check(CheckKind.PATTERN)), "no pattern is chosen"),
        (
            checked(LINE, *(check(CheckKind.PATTERN, pattern=pattern) for pattern in ("mobile", "date"))),
            "no text has two patterns at once",
        ),
        (
            checked(LINE, check(CheckKind.PATTERN, pattern="mobile"), check(CheckKind.LENGTH, None, 10)),
            "no text of this pattern has the length that is asked for",
        ),
        (
            defined(multiple("q1", checks=(check(CheckKind.CHOICES, 4),))),
            "the number of choices can never be met: only 1 to 3 are possible",
        ),
        (
            defined(multiple("q1", checks=(check(CheckKind.CHOICES, None, 0),))),
            "the number of choices can never be met: only 1 to 3 are possible",
        ),
        (
            defined(
                matrix(
                    "q1",
                    QuestionKind.MATRIX_SINGLE,
                    "r1 r2 r3",
                    checks=(check(CheckKind.DISTINCT), check(CheckKind.ROWS)),
                )
            ),
            "there are more rows than columns, so not every row can have another one",
        ),
        (checked(RATING, scale=1), "a rating has 2 to 10 steps"),
    ],
)  # fmt: skip
def test_checks_that_no_answer_meets_are_errors(definition: Definition, sentence: str) -> None:
    assert only(definition) == ("error", "q1", f"Q1: {sentence}.")


@pytest.mark.parametrize(
    ("faulty", "sentence"),
    [
        (single("1q"), "Q1: “1q” cannot be a code."),
        (single("in"), "Q1: “in” cannot be a code."),
        (single("q1", ""), "Q1 has no options."),
        (single("q1", "a a"), "Q1: the code “a” occurs more than once."),
        (single("q1", "a b.c"), "Q1: “b.c” cannot be a code."),
        (replace(single("q1"), text=Wording()), "Q1 has no text."),
        (replace(single("q1"), options=(Option("a", Wording()),)), "Q1: option 1 has no text."),
        (question("q1", LINE, "a b"), "Q1: a question of this kind has no options."),
        (matrix("q1", QuestionKind.MATRIX_FILL, columns=""), "Q1 lacks rows or columns."),
        (matrix("q1", QuestionKind.MATRIX_FILL, rows="r r"), "Q1: the code “r” occurs more than once."),
        (question("q1", LINE, jumps=(jump(END, "a"),)), "Q1: branch 1 is tied to options."),
    ],
)
def test_faulty_parts_are_errors(faulty: Question, sentence: str) -> None:
    assert ("error", faulty.code, sentence) in told(defined(faulty, single("q9")))


def test_a_question_without_options_is_told_once() -> None:
    assert only(defined(single("q1", ""), single("q2"))) == ("error", "q1", "Q1 has no options.")


def test_a_code_that_two_questions_have_is_an_error() -> None:
    assert ("error", "q1", "Q2: the code “q1” stands for several questions.") in told(
        defined(single("q1"), single("q1"))
    )


def test_a_text_without_a_translation_is_a_warning() -> None:
    definition = replace(defined(single("q1")), languages=("zh", "en"))

    assert only(definition) == ("warning", "q1", "Q1: a text is missing in English.")


def test_beyond_the_limit_the_checker_says_that_it_is_undecided() -> None:
    codes = [f"o{at}" for at in range(17)]
    named = " and ".join(f'"{code}" in q1' for code in codes)

    severity, code, message = only(defined(multiple("q1", " ".join(codes)), single("q2", show_if=named)))

    assert (severity, code) == ("undecided", "q1")
    assert "more than 65536 combinations" in message


@settings(max_examples=40, deadline=None)
@given(definitions(faulty=True))
def test_every_finding_names_a_question_and_a_remedy(definition: Definition) -> None:
    codes = {one.code for one in definition}

    for finding in examine(definition):
        assert finding.question in codes or not definition.questions
        assert str(finding.message) and str(finding.remedy)
