"""Questionnaires as files: the product's own JSON, its schema, and drafts made of what was uploaded."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.questionnaires import drafts, exchange
from app.questionnaires.definition import CheckKind, Definition, Match, QuestionKind
from app.questionnaires.documents import document_of
from app.questionnaires.exchange_views import SCHEMA
from app.questionnaires.models import FREQUENCIES, PLACEMENTS
from app.questionnaires.themes import Theme
from tests.questionnaires.drafted import stored
from tests.questionnaires.lives import drawn_up
from tests.questionnaires.samples import orders
from tests.questionnaires.strategies import definitions
from tests.questionnaires.xlsforms import YES_NO, workbook

ActorOf = Callable[[str], Actor]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "questionnaire.json"
SCHEMA_DOCUMENT: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA_DOCUMENT)
SMALL: dict[str, Any] = {
    "kind": "questionnaire",
    "format": 1,
    "title": "问卷",
    "definition": {"format": 1, "languages": ["zh"], "questions": [{"code": "q1", "kind": "line"}]},
}


def enveloped(definition: Definition) -> dict[str, Any]:
    return {**SMALL, "definition": document_of(definition)}


def read(document: object) -> exchange.Exchanged:
    return exchange.read_file(json.dumps(document).encode(), "file.json")


def refusals(content: bytes, name: str = "file.json") -> str:
    with pytest.raises(Invalid) as refusal:
        exchange.read_file(content, name)
    return " ".join(str(problem.message) for problem in refusal.value.problems)


def test_the_schema_is_a_schema_and_the_example_follows_it() -> None:
    Draft202012Validator.check_schema(SCHEMA_DOCUMENT)

    assert VALIDATOR.is_valid(json.loads(EXAMPLE.read_text("utf-8")))
    found = exchange.read_file(EXAMPLE.read_bytes(), EXAMPLE.name)
    assert (found.theme.frequency, len(found.questions)) == ("monthly", 3)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("$defs", "question", "properties", "kind", "enum"), [kind.value for kind in QuestionKind]),
        (("$defs", "check", "properties", "kind", "enum"), [kind.value for kind in CheckKind]),
        (("$defs", "jump", "properties", "match", "enum"), [match.value for match in Match]),
        (("properties", "frequency", "enum"), list(FREQUENCIES)),
        (("properties", "placement", "enum"), list(PLACEMENTS)),
    ],
)
def test_the_schema_names_the_same_kinds_as_the_program(path: tuple[str, ...], values: list[str]) -> None:
    found: Any = SCHEMA_DOCUMENT
    for name in path:
        found = found[name]

    assert sorted(found) == sorted(values)


@settings(max_examples=60)
@given(definitions(faulty=True))
def test_every_questionnaire_follows_the_schema_and_comes_back_from_its_document(
    definition: Definition,
) -> None:
    document = enveloped(definition)

    assert list(VALIDATOR.iter_errors(document)) == []
    assert document_of(read(document).definition) == document["definition"]


QUESTION: dict[str, Any] = {"code": "q1", "kind": "single", "options": [{"code": "a"}]}
MATRIX: dict[str, Any] = {"code": "q1", "kind": "matrix_fill", "columns": [{"code": "2025"}]}


def asking(*questions: object, **more: object) -> dict[str, Any]:
    return {**SMALL, "definition": {"format": 1, "languages": ["zh"], "questions": list(questions), **more}}


WRONG: dict[str, dict[str, Any]] = {
    "another kind": {**SMALL, "kind": "report"},
    "a later format": {**SMALL, "format": 2},
    "no title": {name: value for name, value in SMALL.items() if name != "title"},
    "unknown key": {**SMALL, "audience": []},
    "unknown frequency": {**SMALL, "frequency": "daily"},
    "definition missing": {name: value for name, value in SMALL.items() if name != "definition"},
    "unknown kind of question": asking({"code": "q1", "kind": "photo"}),
    "code that cannot be named": asking({"code": "q-1", "kind": "line"}),
    "reserved code": asking({"code": "and", "kind": "line"}),
    "column that cannot be named": asking(MATRIX),
    "number without quotes": asking({**QUESTION, "checks": [{"kind": "choices", "least": 1}]}),
    "number with an exponent": asking({**QUESTION, "checks": [{"kind": "choices", "least": "1e999999999"}]}),
    "language of no page": asking(QUESTION, languages=["fr"]),
    "language twice": asking(QUESTION, languages=["zh", "zh"]),
    "text that is no text": asking({**QUESTION, "text": {"zh": 1}}),
    "text without end": asking({**QUESTION, "text": {"zh": "x" * 4001}}),
    "expression without end": asking({**QUESTION, "show_if": "x" * 2001}),
    "scale of hundreds": asking({**QUESTION, "scale": 100}),
    "many beside each other": asking({**QUESTION, "per_row": 99}),
    "many questions": asking(*({"code": f"q{number}", "kind": "line"} for number in range(301))),
    "many options": asking({**QUESTION, "options": [{"code": f"o{number}"} for number in range(301)]}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_schema_refuses_is_refused_by_the_program_too(name: str) -> None:
    assert not VALIDATOR.is_valid(WRONG[name])
    assert refusals(json.dumps(WRONG[name]).encode())


def test_codes_that_stand_twice_are_refused_with_their_places() -> None:
    twice = asking(QUESTION, {**QUESTION, "options": [{"code": "a"}, {"code": "a"}]})

    words = refusals(json.dumps(twice).encode())

    assert "questions.2.code" in words and "questions.2.options.2.code" in words


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01",
        b"[]",
        b"null",
        b'{"kind": ',
        b'{"kind": "questionnaire", "format": 1',
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": ' + b"9" * 5000 + b"}",
        b"{}",
        "{“kind”: “questionnaire”}".encode(),
        b"{" + b" " * (5 * 1024**2) + b"}",
    ],
)
def test_a_file_that_is_no_questionnaire_is_refused_in_words(content: bytes) -> None:
    assert refusals(content)


def test_the_file_lends_its_name_where_a_form_has_no_title() -> None:
    content = workbook(survey=[("type", "name", "label"), ("text", "q1", "题")])

    assert exchange.read_file(content, "外贸调查.xlsx").theme.title == "外贸调查"


def test_a_title_too_long_is_cut_and_settings_unknown_are_told() -> None:
    content = workbook(
        survey=[("type", "name", "label"), ("text", "q1", "题")],
        settings=[("form_title", "instance_name"), ("长" * 200, "x")],
    )

    found = exchange.read_file(content, "a.xlsx")

    assert len(found.theme.title) == 120
    assert {(loss.sheet, loss.column) for loss in found.losses} == {
        ("settings", "form_title"),
        ("settings", "instance_name"),
    }


def test_a_draft_is_made_and_exported_as_it_was(actor: ActorOf, now: dt.datetime) -> None:
    prefecture = actor("prefecture")
    theme = Theme("订单问卷", introduction="第一行\n第二行", thanks="谢谢", placement="apart", anonymous=True)
    made = drawn_up(prefecture, now, theme, orders())

    for content, name in (
        (exchange.json_of(made), "a.json"),
        (exchange.xlsform_of(made)[0], "a.xlsx"),
    ):
        found = exchange.read_file(content, name)
        with context.acting_as(prefecture), unit_of_work():
            key = exchange.create_draft(prefecture, found, now).id
        again = stored(key)
        assert found.losses == ()
        assert (again.title, again.introduction, again.thanks) == ("订单问卷", "第一行\n第二行", "谢谢")
        assert (again.placement, again.anonymous, again.is_draft) == ("apart", True, True)
        assert again.admin_id == prefecture.admin_id
        assert drafts.definition_of(again) == orders()


def test_only_bureaus_make_drafts_and_nobody_exports_what_is_out_of_sight(
    actor: ActorOf, now: dt.datetime
) -> None:
    made = drawn_up(actor("prefecture"), now)
    found = exchange.read_file(EXAMPLE.read_bytes(), "a.json")

    with pytest.raises(Forbidden), unit_of_work():
        exchange.create_draft(actor("enterprise"), found, now)
    with pytest.raises(NotFound):
        exchange.find_visible(actor("prefecture2"), made.id, now)


def test_a_form_of_yes_and_no_is_read_whole() -> None:
    content = workbook(
        survey=[("type", "name", "label"), ("select_one yn", "q1", "题")],
        choices=YES_NO,
        settings=[("form_title", "platform_frequency", "platform_placement"), ("问卷", "yearly", "nowhere")],
    )

    found = exchange.read_file(content, "a.xlsx")

    assert (found.theme.frequency, found.theme.placement) == ("yearly", "required")
