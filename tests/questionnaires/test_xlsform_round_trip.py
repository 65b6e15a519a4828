"""What is exported as XLSForm comes back as it was, and other programs ask what this one does."""

from __future__ import annotations

import dataclasses
import io
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from app.questionnaires.definition import (
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.documents import parse, text_of
from app.questionnaires.paths import walk
from app.questionnaires.xlsform_kept import is_kept_column
from app.questionnaires.xlsform_reading import definition_from
from app.questionnaires.xlsform_rows import Form
from app.questionnaires.xlsform_workbook import read_workbook, workbook_of
from app.questionnaires.xlsform_writing import form_of
from tests.questionnaires.samples import defined, matrix, multiple, orders, question, single
from tests.questionnaires.strategies import answers_to, definitions

SETTINGS = {"form_title": "订单问卷", "form_id": "orders", "version": "1"}


def kept(definition: Definition) -> Definition:
    """A definition as it is stored."""
    return parse(text_of(definition))


def of_others(form: Form) -> Form:
    """A form as a program gives it back that drops the columns of this platform."""
    rows = tuple(
        dataclasses.replace(
            row, values={name: text for name, text in row.values.items() if not is_kept_column(name)}
        )
        for row in form.survey
    )
    return Form(rows, form.choices, form.settings)


@settings(max_examples=100)
@given(definitions(faulty=True))
def test_a_form_reads_as_the_questionnaire_that_was_written(definition: Definition) -> None:
    written = form_of(kept(definition), SETTINGS)

    read = definition_from(written.form)

    assert read.definition == kept(definition)
    assert read.losses == ()


def blank_allowed(definition: Definition) -> Definition:
    questions = tuple(dataclasses.replace(question, required=False) for question in definition)
    return kept(dataclasses.replace(definition, questions=questions))


@settings(max_examples=60)
@given(st.data())
def test_others_ask_the_same_questions_whatever_is_answered(data: Any) -> None:
    definition = blank_allowed(data.draw(definitions(checked=False)))
    written = form_of(definition, SETTINGS)
    read = definition_from(of_others(written.form)).definition

    assert not any(note.column in ("relevant", "choice_filter") for note in written.notes)
    for _time in range(3):
        answers = data.draw(answers_to(definition))
        assert walk(read, answers) == walk(definition, answers)


def test_jumps_are_conditions_that_people_can_read() -> None:
    written = form_of(orders(), SETTINGS)

    relevant = {row.text("name"): row.text("relevant") for row in written.form.survey}
    assert relevant["q3"] == "not(${q1} = 'same' or ${q1} = 'none') and not(${q2} != '')"
    assert relevant["q7"] == "not(${q1} = 'none')"
    assert written.notes == ()


def test_a_plain_questionnaire_needs_no_columns_of_its_own() -> None:
    definition = defined(
        single("q1", "a b", required=False),
        multiple("q2", show_if='q1 == "a"'),
        question("q3", QuestionKind.NUMBER, required=False),
        matrix("q4", QuestionKind.MATRIX_SINGLE, required=False),
        matrix("q5", QuestionKind.MATRIX_FILL, columns="c1 n1", required=False),
        question("q6", QuestionKind.RATING),
        question("q7", QuestionKind.RANKING, "a b c"),
        question("q8", QuestionKind.TEXT, page_break=True),
        question("q9", QuestionKind.SECTION, required=False),
        question("q10", QuestionKind.DATE),
    )

    written = form_of(definition, SETTINGS)

    assert not any(is_kept_column(column) for column in written.form.columns)
    assert definition_from(written.form).definition == definition


def test_other_and_exclusive_options_are_carried_by_what_every_program_knows() -> None:
    options = (
        Option("a", Wording.of("甲")),
        Option("b", Wording.of("其他"), other=True),
        Option("c", Wording.of("都没有"), exclusive=True),
    )
    definition = defined(Question("q1", QuestionKind.MULTIPLE, Wording.of("题"), options=options))

    written = form_of(definition, SETTINGS)

    first, words = written.form.survey
    assert first.text("constraint") == "not(selected(., 'c') and count-selected(.) > 1)"
    assert words.text("relevant") == "selected(${q1}, 'b')"
    assert definition_from(of_others(written.form)).definition == definition


def test_options_shown_on_a_condition_become_a_choice_filter() -> None:
    options = (Option("a", Wording.of("甲"), show_if='q1 == "b"'), Option("b", Wording.of("乙")))
    definition = defined(single("q1"), Question("q2", QuestionKind.SINGLE, Wording.of("题"), options=options))

    written = form_of(definition, SETTINGS)

    assert written.form.survey[1].text("choice_filter") == (
        "shown_where = 'always' or shown_where = 'case_1' and ${q1} = 'b'"
    )
    assert definition_from(of_others(written.form)).definition == definition


NASTY = (
    *("=1+1", "_x0041_ b", "a\x0bb", "  lead", "trail \n", "'q", "\U0001f600 emoji", "tab\there", "@x"),
    *("x" * 40_000, "１２", "\u3000全角\u3000", "a\r\nb", "1.50", "TRUE", "2024-01-01", "<b>&amp;"),
    *("\ud800x", "\u0085x\u2028y", "${q1}", "， ".join("字" * 9 for _ in range(2000))),
)


def nasty() -> Definition:
    """Questions in both languages, with texts that spreadsheets like to change."""
    questions = tuple(
        Question(
            f"z{number}",
            QuestionKind.SINGLE if number % 2 else QuestionKind.MATRIX_SINGLE,
            Wording({"zh": text, "en": f"{text} in English"}),
            hint=Wording({"en": text}),
            options=(Option("a", Wording({"zh": text})), Option("b", Wording.of("乙"), other=True))
            if number % 2
            else (),
            rows=() if number % 2 else (Line("r1", Wording({"zh": text})),),
            columns=() if number % 2 else (Line("c 1", Wording({"zh": text})),),
            page_break=number % 3 == 0,
            per_row=3,
        )
        for number, text in enumerate(NASTY)
    )
    return Definition((*orders().questions, *questions), ("zh", "en"), numbered=False)


def test_texts_that_spreadsheets_change_come_back_as_they_were() -> None:
    content, _written = workbook_of(nasty(), SETTINGS)

    _form, read = read_workbook(content)

    assert read.definition == nasty()
    assert read.losses == ()


def checked_by_pyxform(content: bytes) -> tuple[str, list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = convert(io.BytesIO(content), file_type=".xlsx")
    return found.xform, found.warnings


def test_pyxform_takes_the_workbook_without_a_warning() -> None:
    content, _written = workbook_of(orders(), SETTINGS)

    xform, told = checked_by_pyxform(content)

    assert told == []
    assert "订单问卷" in xform


def test_pyxform_takes_texts_of_any_kind() -> None:
    content, _written = workbook_of(nasty(), SETTINGS)

    checked_by_pyxform(content)


@settings(max_examples=25)
@given(definitions(faulty=True))
def test_pyxform_takes_whatever_is_exported(definition: Definition) -> None:
    content, _written = workbook_of(kept(definition), SETTINGS)

    checked_by_pyxform(content)


def changed(form: Form, name: str, column: str, text: str) -> Form:
    """A form after somebody changed a cell."""
    rows = tuple(
        dataclasses.replace(row, values={**row.values, column: text}) if row.text("name") == name else row
        for row in form.survey
    )
    return Form(rows, form.choices, form.settings)


def test_what_people_change_after_the_export_is_taken_and_told() -> None:
    form = form_of(orders(), SETTINGS).form

    read = definition_from(changed(form, "q2", "label", "原因是什么"))

    found = read.definition.find("q2")
    assert found is not None
    assert found.text.texts == {"zh": "原因是什么"}
    assert (
        found.show_if
        == '(blank(q1) or q1 != "same") and (blank(q1) or q1 != "down") and (blank(q1) or q1 != "none")'
    )
    assert [(loss.row, loss.column) for loss in read.losses] == [(3, "platform")]
    assert read.definition.find("q1") == orders().find("q1")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"rows":"x","digest":1,"question":{}}', '{"rows":-1}']
)
def test_a_broken_column_of_this_platform_is_told_and_not_believed(text: str) -> None:
    form = form_of(orders(), SETTINGS).form

    read = definition_from(changed(form, "q1", "platform", text))

    assert read.definition.questions[0].jumps == ()
    assert [loss.row for loss in read.losses] == ([2] if text else [])


def test_a_condition_that_would_grow_without_end_is_told_and_kept() -> None:
    past = Jump(Match.NONE, ("a",), "last")
    options = multiple("q").options
    growing = [
        Question(
            f"q{at}", QuestionKind.MULTIPLE, Wording.of("题"), required=False, options=options, jumps=(past,)
        )
        for at in range(1, 20)
    ]
    definition = defined(*growing, single("last"))

    written = form_of(definition, SETTINGS)

    assert {note.column for note in written.notes} == {"relevant"}
    assert definition_from(written.form).definition == definition
