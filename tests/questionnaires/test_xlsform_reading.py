"""Forms as other programs write them: what is carried over, and what is told not to be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.questionnaires.definition import CheckKind, QuestionKind
from app.questionnaires.documents import parse, text_of
from app.questionnaires.xlsform_reading import definition_from
from app.questionnaires.xlsform_rows import Form, FormRow
from app.questionnaires.xlsform_workbook import read_workbook
from tests.questionnaires.xlsforms import YES_NO, surveyed, told, workbook

KINDS = [
    ("select_one yn", QuestionKind.SINGLE),
    ("select one yn", QuestionKind.SINGLE),
    ("select_one from yn", QuestionKind.SINGLE),
    ("select_multiple yn", QuestionKind.MULTIPLE),
    ("rank yn", QuestionKind.RANKING),
    ("integer", QuestionKind.NUMBER),
    ("int", QuestionKind.NUMBER),
    ("decimal", QuestionKind.NUMBER),
    ("text", QuestionKind.LINE),
    ("string", QuestionKind.LINE),
    ("date", QuestionKind.DATE),
    ("note", QuestionKind.SECTION),
    (" Text ", QuestionKind.LINE),
]


@pytest.mark.parametrize(("kind", "found"), KINDS)
def test_each_type_becomes_its_kind_without_loss(kind: str, found: QuestionKind) -> None:
    read = surveyed((kind, "q1", "题"))

    assert [question.kind for question in read.definition] == [found]
    assert read.losses == ()


@pytest.mark.parametrize("kind", ["time", "dateTime", "barcode"])
def test_near_types_are_asked_as_a_line_and_told(kind: str) -> None:
    read = surveyed((kind, "q1", "题"))

    assert read.definition.questions[0].kind is QuestionKind.LINE
    assert told(read) == [("survey", 2, "type")]


@pytest.mark.parametrize("kind", ["geopoint", "image", "calculate", "deviceid", "no_such_type", "select_one"])
def test_types_that_cannot_be_asked_are_left_out_and_told(kind: str) -> None:
    read = surveyed((kind, "q1", "题"), ("text", "q2", "题"))

    assert [question.code for question in read.definition] == ["q2"]
    assert told(read) == [("survey", 2, "type")]


def test_a_form_with_groups_conditions_and_constraints_is_carried_whole() -> None:
    read = surveyed(
        ("begin_group", "company", "企业情况", "", "", "", ""),
        ("select_one yn", "exports", "是否出口", "yes", "", "", ""),
        ("begin group", "abroad", "", "", "${exports} = 'yes'", "", ""),
        ("integer", "staff", "员工数", "true", "", ". > 0 and . < 100001", "人数有误"),
        ("decimal", "share", "出口占比", "", "${staff} > 10", ". >= 0 and . <= 100", ""),
        ("end group", "", "", "", "", "", ""),
        ("end_group", "", "", "", "", "", ""),
        ("text", "remark", "备注", "no", "", "string-length(.) <= 50", ""),
        headings="type name label required relevant constraint constraint_message",
    )

    company, exports, staff, share, remark = read.definition.questions
    assert (company.kind, company.text.in_language("zh")) == (QuestionKind.SECTION, "企业情况")
    assert (exports.required, staff.required, remark.required) == (True, True, False)
    assert staff.show_if == 'exports == "yes"'
    assert share.show_if == 'exports == "yes" and staff > 10'
    assert [check.kind for check in staff.checks] == [CheckKind.INTEGER, CheckKind.RANGE]
    assert (staff.checks[1].least, staff.checks[1].most) == (1, 100000)
    assert staff.checks[1].message.texts == {"zh": "人数有误"}
    assert (remark.checks[0].kind, remark.checks[0].most) == (CheckKind.LENGTH, 50)
    assert read.losses == ()


def test_both_languages_are_carried_and_a_third_is_told() -> None:
    read = surveyed(
        ("text", "q1", "题", "Question", "Question en français", "提示"),
        headings="type name label::中文(zh) label::English label::Français hint::中文(zh)",
    )

    question = read.definition.questions[0]
    assert read.definition.languages == ("zh", "en")
    assert dict(question.text.texts) == {"zh": "题", "en": "Question"}
    assert dict(question.hint.texts) == {"zh": "提示"}
    assert told(read) == [("survey", 1, "label::Français")]


def test_the_default_language_of_a_form_says_what_plain_columns_are_in() -> None:
    content = workbook(
        survey=[("type", "name", "label"), ("text", "q1", "Question")],
        settings=[("default_language",), ("English (en)",)],
    )

    assert dict(read_workbook(content)[1].definition.questions[0].text.texts) == {"en": "Question"}


CITIES = (
    ("list_name", "name", "label", "province"),
    ("p", "zj", "甲省", ""),
    ("p", "js", "乙省", ""),
    ("c", "hz", "甲市", "zj"),
    ("c", "nj", "乙市", "js"),
)


def test_a_cascade_becomes_options_shown_on_conditions() -> None:
    read = surveyed(
        ("select_one p", "province", "省", ""),
        ("select_one c", "city", "市", "province = ${province}"),
        headings="type name label choice_filter",
        choices=CITIES,
    )

    assert [option.show_if for option in read.definition.questions[1].options] == [
        'province == "zj"',
        'province == "js"',
    ]
    assert read.losses == ()


def test_tables_and_groups_of_equal_cells_become_matrices() -> None:
    read = surveyed(
        ("begin_group", "m", "市场", "table-list", ""),
        ("select_one yn", "m_us", "美国", "", "yes"),
        ("select_one yn", "m_eu", "欧盟", "", "yes"),
        ("end_group", "", "", "", ""),
        ("begin_group", "f", "金额", "", ""),
        ("begin_group", "f_us", "美国", "", ""),
        ("integer", "f_us_2025", "2025 年", "", ""),
        ("end_group", "", "", "", ""),
        ("begin_group", "f_eu", "欧盟", "", ""),
        ("integer", "f_eu_2025", "2025 年", "", ""),
        ("end_group", "", "", "", ""),
        ("end_group", "", "", "", ""),
        ("text", "why", "原因", "", ""),
        headings="type name label appearance required",
    )

    choices, cells, why = read.definition.questions
    assert choices.kind is QuestionKind.MATRIX_SINGLE
    assert [line.code for line in choices.rows] == ["us", "eu"]
    assert choices.required and [check.kind for check in choices.checks] == [CheckKind.ROWS]
    assert cells.kind is QuestionKind.MATRIX_FILL
    assert [line.text.in_language("zh") for line in cells.columns] == ["2025 年"]
    assert [check.kind for check in cells.checks] == [CheckKind.INTEGER]
    assert why.kind is QuestionKind.LINE
    assert read.losses == ()


@pytest.mark.parametrize(
    ("parameters", "kind", "scale", "losses"),
    [
        ("start=1 end=5 step=1", QuestionKind.RATING, 5, 0),
        ("start=1;end=10;step=1", QuestionKind.RATING, 10, 0),
        ("start=0 end=100 step=5", QuestionKind.NUMBER, 5, 1),
        ("start=0 end=1 step=0.1", QuestionKind.NUMBER, 5, 1),
        ("start=9 end=1", QuestionKind.NUMBER, 5, 1),
        ("start=a end=NaN", QuestionKind.NUMBER, 5, 1),
    ],
)
def test_a_range_is_a_rating_or_a_number(
    parameters: str, kind: QuestionKind, scale: int, losses: int
) -> None:
    read = surveyed(("range", "q1", "题", parameters), headings="type name label parameters")

    question = read.definition.questions[0]
    assert (question.kind, question.scale, len(read.losses)) == (kind, scale, losses)


def test_or_other_adds_an_option_that_asks_for_words() -> None:
    read = surveyed(("select_one yn or_other", "q1", "题"))

    assert [(option.code, option.other) for option in read.definition.questions[0].options] == [
        ("yes", False),
        ("no", False),
        ("other", True),
    ]


def test_pages_become_page_breaks() -> None:
    read = surveyed(
        ("begin_group", "p1", "", "field-list"),
        ("text", "a", "甲", ""),
        ("text", "b", "乙", ""),
        ("end_group", "", "", ""),
        ("begin_group", "p2", "", "field-list"),
        ("text", "c", "丙", ""),
        ("end_group", "", "", ""),
        headings="type name label appearance",
    )

    assert [question.page_break for question in read.definition] == [False, False, True]


LOST: list[tuple[str, Any]] = [
    ("default", "5"),
    ("calculation", "1 + 1"),
    ("read_only", "yes"),
    ("required_message", "必填"),
    ("media::image", "a.png"),
    ("appearance", "minimal"),
    ("required", "${q0} = 'yes'"),
    ("relevant", "${q2} = 'yes'"),
    ("relevant", "${q1} = 'yes'"),
    ("relevant", "${nowhere} = 'yes'"),
    ("relevant", "today() > '2026-01-01'"),
    ("constraint", "regex(., '^a+$')"),
    ("choice_filter", "region = ${q0}"),
    ("trigger", "${q0}"),
    ("parameters", "randomize=true"),
    ("constraint_message", "有误"),
]


@pytest.mark.parametrize(("column", "text"), LOST)
def test_what_cannot_be_carried_is_told_with_its_row_and_column(column: str, text: str) -> None:
    read = surveyed(
        ("select_one yn", "q0", "题", ""),
        ("text", "q1", "题", text),
        ("select_one yn", "q2", "题", ""),
        headings=f"type name label {column}",
    )

    assert told(read) == [("survey", 3, column)]
    assert [question.code for question in read.definition] == ["q0", "q1", "q2"]


def test_questions_that_wait_for_each_other_are_told_and_asked_all_the_same() -> None:
    read = surveyed(
        ("select_one yn", "a", "甲", "${b} = 'yes'"),
        ("select_one yn", "b", "乙", "${a} = 'yes'"),
        headings="type name label relevant",
    )

    assert [question.show_if for question in read.definition] == ["", 'a == "yes"']
    assert told(read) == [("survey", 2, "relevant")]


def test_names_that_stand_twice_are_told_and_given_codes_of_their_own() -> None:
    read = surveyed(
        ("text", "q", "甲", ""),
        ("text", "q", "乙", ""),
        ("text", "年龄", "丙", ""),
        ("text", "in", "丁", "${q} = 'x'"),
        headings="type name label relevant",
    )

    codes = [question.code for question in read.definition]
    assert len(set(codes)) == 4 and codes[:2] == ["q", "q_2"]
    assert told(read) == [
        ("survey", 3, "name"),
        ("survey", 4, "name"),
        ("survey", 5, "name"),
        ("survey", 5, "relevant"),
    ]


def test_faults_of_choices_are_told_with_their_rows() -> None:
    choices = (*YES_NO, ("yn", "yes", "又是"), ("yn", "", "无名"), ("", "x", "无表"))
    read = surveyed(("select_one yn", "q1", "题"), ("select_one gone", "q2", "题"), choices=choices)

    assert told(read) == [
        ("survey", 3, "type"),
        ("choices", 4, "name"),
        ("choices", 5, "name"),
        ("choices", 6, "list_name"),
    ]


def test_choices_whose_names_are_no_codes_get_codes_and_conditions_follow_them() -> None:
    choices = (
        ("list_name", "name", "label"),
        ("g", "是", "是"),
        ("g", "not sure", "不清楚"),
        ("g", "no", "否"),
    )
    read = surveyed(
        ("select_one g", "q1", "题", "", ""),
        ("text", "q1_other", "请说明", "${q1} = '是'", ""),
        (
            "select_multiple g",
            "q2",
            "题",
            "${q1} = 'not sure'",
            "not(selected(., '是') and count-selected(.) > 1)",
        ),
        ("text", "q3", "题", "selected(${q2}, '是')", ""),
        headings="type name label relevant constraint",
        choices=choices,
    )

    first, second, third = read.definition.questions
    assert [(option.code, option.other) for option in first.options] == [
        ("option-1", True),
        ("option-2", False),
        ("no", False),
    ]
    assert second.show_if == 'q1 == "option-2"'
    assert [option.exclusive for option in second.options] == [True, False, False]
    assert third.show_if == '"option-1" in q2'
    assert told(read) == [("choices", 2, "name"), ("choices", 3, "name")]


def test_columns_of_choices_that_nothing_uses_are_told_once() -> None:
    choices = (("list_name", "name", "label", "image", "note"), *((*row, "a.png", "x") for row in YES_NO[1:]))
    read = surveyed(("select_one yn", "q1", "题"), choices=choices)

    assert told(read) == [("choices", 1, "image"), ("choices", 1, "note")]


def test_repeats_other_sheets_and_formulas_without_a_value_are_told() -> None:
    content = workbook(
        survey=[
            ("type", "name", "label"),
            ("begin_repeat", "r", ""),
            ("text", "q1", "题"),
            ("end_repeat", "", ""),
            ("text", "q2", '=CONCAT("a","b")'),
        ],
        choices=YES_NO,
        entities=[("list_name",), ("x",)],
    )

    _form, read = read_workbook(content)

    assert [question.code for question in read.definition] == ["q1", "q2"]
    assert told(read) == [
        ("survey", 2, "type"),
        ("survey", 5, "label"),
        ("survey", 5, "label"),
        ("entities", 0, ""),
    ]


MANY = [("text", f"q{number}", "题") for number in range(10_000)]
HEADINGS = ("type", "name", "label")

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "no workbook": (b"type,name\ntext,q1\n", "workbook"),
    "no survey": (workbook(questions=[HEADINGS, ("text", "q", "t")]), "survey"),
    "only headings": (workbook(survey=[HEADINGS]), "no question"),
    "nothing": (workbook(survey=[]), "survey"),
    "unknown types only": (workbook(survey=[HEADINGS, ("magic", "q", "t")]), "no question"),
    "group not ended": (workbook(survey=[HEADINGS, ("begin_group", "g", "t"), ("text", "q", "t")]), "Row 2"),
    "group not begun": (workbook(survey=[HEADINGS, ("text", "q", "t"), ("end_group", "", "")]), "Row 3"),
    "too many rows": (workbook(survey=[HEADINGS, *MANY]), "3000"),
    "too many questions": (workbook(survey=[HEADINGS, *MANY[:301]]), "301"),
    "too deep": (
        workbook(survey=[HEADINGS, *[("begin_group", f"g{n}", "t") for n in range(40)]]),
        "nested",
    ),
    "headings of another table": (workbook(survey=[("名称", "数量"), ("a", 1)]), "no question"),
    "damaged": (b"PK\x03\x04 no archive", "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words(name: str) -> None:
    content, words = BAD[name]

    with pytest.raises(Invalid) as refusal:
        read_workbook(content)

    assert words in " ".join(str(problem.message) for problem in refusal.value.problems)


TYPES = (
    *(
        "select_one yn",
        "select_multiple yn",
        "rank yn",
        "integer",
        "decimal",
        "text",
        "date",
        "note",
        "range",
    ),
    *("begin_group", "end_group", "begin_repeat", "end_repeat", "select_one", "image", "", "kept"),
)
CELLS = (
    *(
        "",
        "q1",
        "${q1} = 'yes'",
        "selected(., 'yes')",
        ". > 3",
        "table-list",
        "field-list",
        "label",
        "list-nolabel",
    ),
    *(
        "start=1 end=5",
        "yes",
        "columns-3",
        "multiline",
        "not(",
        "'",
        "${",
        "}",
        "case = ${q1}",
        "\U0001f600",
        "9" * 50,
    ),
)
COLUMNS = (
    *("name", "label", "label::English (en)", "hint", "required", "relevant", "constraint", "appearance"),
    *("constraint_message", "choice_filter", "parameters", "platform", "default", "disabled", "media::image"),
)
row_values = st.dictionaries(
    st.sampled_from(COLUMNS), st.sampled_from(CELLS) | st.text(max_size=8), max_size=6
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(TYPES), row_values), max_size=10))
def test_whatever_a_sheet_holds_it_is_read_or_refused_in_words(
    rows: list[tuple[str, dict[str, str]]],
) -> None:
    survey = tuple(
        FormRow("survey", number, {"type": kind, **values}) for number, (kind, values) in enumerate(rows, 2)
    )
    lists = tuple(
        FormRow("choices", number, {"list_name": "yn", "name": name, "label": name, "case": name})
        for number, name in enumerate(("yes", "no"), 2)
    )
    try:
        read = definition_from(Form(survey, lists))
    except Invalid:
        return
    assert parse(text_of(read.definition)) == read.definition
    codes = [question.code for question in read.definition]
    assert len(set(codes)) == len(codes)
