"""Lines of a response: answers become lines and lines answers, whatever the questionnaire."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.questionnaires.answer_lines import AnswerLine, answers_of, lines_of
from app.questionnaires.answers import judge
from app.questionnaires.definition import Definition, QuestionKind
from app.questionnaires.round_models import BLANK_HEAD, PLAIN_HEAD
from tests.questionnaires.samples import matrix, multiple, question, single
from tests.questionnaires.strategies import answers_to, definitions

KIND = QuestionKind
answered = definitions().flatmap(lambda found: st.tuples(st.just(found), answers_to(found)))
EVERY = Definition(
    (
        single("q1", "a b"),
        multiple("q2", "a b c"),
        question("q3", KIND.RANKING, "a b c"),
        question("q4", KIND.NUMBER),
        matrix("q5", KIND.MATRIX_SINGLE),
        matrix("q6", KIND.MATRIX_FILL, columns="n1 c2"),
        question("s1", KIND.SECTION),
        question("q7", KIND.TEXT),
    )
)


@given(answered)
def test_answers_come_back_from_their_lines(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    judged = judge(definition, answers)
    asked, kept = answers_of(definition, lines_of(definition, judged.asked, judged.kept))
    assert kept == judged.kept
    assert list(asked) == [code for code in judged.asked if _takes_answers(definition, code)]


@given(answered)
def test_each_question_asked_has_exactly_one_head(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    judged = judge(definition, answers)
    lines = list(lines_of(definition, judged.asked, judged.kept))
    heads = [line.question_no for line in lines if line.row_no == 0]
    assert heads == sorted(set(heads))
    assert len(heads) == sum(_takes_answers(definition, code) for code in judged.asked)
    keys = [(line.question_no, line.row_no, line.option_no) for line in lines]
    assert len(set(keys)) == len(keys)


def _takes_answers(definition: Definition, code: str) -> bool:
    found = definition.find(code)
    return found is not None and found.is_answered


def test_each_kind_has_the_lines_that_the_table_says() -> None:
    kept = {
        "q1": {"chosen": ["b"], "other": {"b": "自填"}},
        "q2": {"chosen": ["a", "c"], "other": {}},
        "q3": {"chosen": ["c", "a", "b"], "other": {}},
        "q4": "-12.5",
        "q5": {"r2": "c1"},
        "q6": {"r1": {"n1": "7", "c2": "说明"}},
    }
    asked = [found.code for found in EVERY]
    assert list(lines_of(EVERY, asked, kept)) == [
        AnswerLine(1, 0, 2, text="自填"),
        AnswerLine(2, 0, PLAIN_HEAD),
        AnswerLine(2, 1, 1),
        AnswerLine(2, 1, 3),
        AnswerLine(3, 0, PLAIN_HEAD),
        AnswerLine(3, 1, 3, Decimal(1)),
        AnswerLine(3, 1, 1, Decimal(2)),
        AnswerLine(3, 1, 2, Decimal(3)),
        AnswerLine(4, 0, PLAIN_HEAD, Decimal("-12.5")),
        AnswerLine(5, 0, PLAIN_HEAD),
        AnswerLine(5, 2, 1),
        AnswerLine(6, 0, PLAIN_HEAD),
        AnswerLine(6, 1, 1, Decimal(7)),
        AnswerLine(6, 1, 2, text="说明"),
        AnswerLine(8, 0, BLANK_HEAD),
    ]
