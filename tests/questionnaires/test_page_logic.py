"""The page walks and judges as the server does: any questionnaire, any answers, well shaped or not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enterprises.credit_codes import complete_credit_code
from app.questionnaires.answers import judge
from app.questionnaires.definition import CheckKind, Definition, Pattern, QuestionKind
from app.questionnaires.faults import FAULTS
from app.questionnaires.page_logic import compiled_for_page
from app.questionnaires.paths import walk
from tests.kernel.page_evaluator import SCRIPT, node
from tests.questionnaires.samples import check, defined, orders, question
from tests.questionnaires.strategies import TYPED, answers_to, definitions

RUNNER = Path(__file__).with_name("run_logic.js")
Case = tuple[Definition, dict[str, Any]]


def in_page(cases: list[Case]) -> list[Any]:
    """What the page makes of answers."""
    prepared = [
        {"compiled": compiled_for_page(definition, "en"), "answers": answers} for definition, answers in cases
    ]
    ran = subprocess.run(
        [node(), str(RUNNER), str(SCRIPT.parent)],
        input=json.dumps(prepared),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[Any] = json.loads(ran.stdout)
    return found


def on_server(definition: Definition, answers: dict[str, Any]) -> Any:
    """What the server makes of them, as the page says it in English."""
    judged = judge(definition, answers)
    path = walk(definition, answers)
    told = {
        "asked": judged.asked,
        "offered": path.offered,
        "kept": judged.kept,
        "problems": [
            {"field": problem.field, "message": _english(problem.message)} for problem in judged.problems
        ],
    }
    return json.loads(json.dumps(told))


def _english(words: Any) -> str:
    return words.in_language("en") if hasattr(words, "in_language") else str(words)


def both(cases: list[Case]) -> tuple[list[Any], list[Any]]:
    return in_page(cases), [on_server(definition, answers) for definition, answers in cases]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        definitions(faulty=True).flatmap(lambda d: st.tuples(st.just(d), answers_to(d))),
        min_size=1,
        max_size=12,
    )
)
def test_server_and_page_agree_on_any_questionnaire_and_any_answers(cases: list[Case]) -> None:
    page, server = both(cases)

    assert page == server


def test_server_and_page_agree_on_the_questionnaire_of_the_design() -> None:
    answers = {"q1": {"chosen": ["down"]}, "q4": {"us": "up"}, "q5": {"chosen": ["no"]}, "q7": "约 200 万"}

    page, server = both([(orders(), answers)])

    assert page == server
    assert page[0]["asked"] == ["q1", "q3", "q4", "q5", "q7"]


@pytest.mark.parametrize(
    "kind", [QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE]
)
def test_server_and_page_read_every_way_to_write_the_same(kind: QuestionKind) -> None:
    page, server = both([(defined(question("q1", kind)), {"q1": text}) for text in TYPED])

    assert page == server


VALID = complete_credit_code("91", "330000", "MA000001")
CODES = (
    VALID,
    VALID.lower(),
    " ".join(VALID),
    f"{VALID[:8]}-{VALID[8:]}",
    VALID[:-1] + "@",
    VALID[::-1],
    "91",
)


@pytest.mark.parametrize("pattern", list(Pattern))
def test_server_and_page_know_the_same_patterns(pattern: Pattern) -> None:
    asked = defined(
        question("q1", QuestionKind.LINE, checks=(check(CheckKind.PATTERN, pattern=pattern.value),))
    )

    page, server = both([(asked, {"q1": text}) for text in (*TYPED, *CODES)])

    assert page == server
    assert {bool(one["problems"]) for one in page} == {True, False}


def test_the_page_has_every_sentence() -> None:
    compiled = compiled_for_page(orders(), "en")

    assert compiled["faults"] == {key: message.msgid for key, message in FAULTS.items()}
