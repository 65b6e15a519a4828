"""Questionnaires with rounds, respondents and responses, written past the services: what results read."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.clock import start_of_day
from app.organisations.models import Admin
from app.questionnaires.answer_lines import lines_of
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.definition import (
    CHOICES,
    MATRICES,
    Definition,
    Line,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.documents import text_of
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from app.questionnaires.round_models import Answer, QuestionnaireRound, Respondent, Response

BIRTH = dt.datetime(2026, 9, 1, 1, tzinfo=dt.UTC)
Answers = Mapping[str, Any]
"""Answers of one respondent by code, in the shape in which drafts are kept."""


def words(text: str) -> Wording:
    """A text in Chinese."""
    return Wording.of(text)


def options(*texts: str, other: str = "") -> tuple[Option, ...]:
    """Options a, b, c …; the one called ``other`` asks for words."""
    return tuple(
        Option(chr(ord("a") + at), words(text), other=text == other) for at, text in enumerate(texts)
    )


def lines(prefix: str, *texts: str, numeric: bool = False) -> tuple[Line, ...]:
    """Rows or columns r1, r2 and so on."""
    return tuple(Line(f"{prefix}{at}", words(text), numeric) for at, text in enumerate(texts, 1))


def every_kind() -> Definition:
    """A question of each kind, with section text between them; q2 is asked of some only."""
    kind = QuestionKind
    return Definition(
        (
            Question("q1", kind.SINGLE, words("订单变化"), options=options("增加", "持平", "减少")),
            Question("q2", kind.MULTIPLE, words("主要困难"), required=False,
                     options=options("成本", "汇率", "物流", "其他", other="其他")),
            Question("s1", kind.SECTION, words("以下为经营情况")),
            Question("q3", kind.LINE, words("主要市场"), required=False),
            Question("q4", kind.TEXT, words("意见建议"), required=False),
            Question("q5", kind.NUMBER, words("出口额"), unit=words("万元")),
            Question("q6", kind.DATE, words("最近订单日期")),
            Question("q7", kind.RATING, words("满意度"), scale=5),
            Question("q8", kind.RANKING, words("关注顺序"), options=options("税费", "融资", "通关")),
            Question("q9", kind.MATRIX_SINGLE, words("各市场预期"), rows=lines("r", "欧盟", "东盟"),
                     columns=lines("c", "好", "平", "差")),
            Question("q10", kind.MATRIX_MULTIPLE, words("各渠道用途"), rows=lines("r", "展会", "电商"),
                     columns=lines("c", "获客", "成交")),
            Question("q11", kind.MATRIX_FILL, words("分季度数据"), rows=lines("r", "一季度", "二季度"),
                     columns=(Line("c1", words("金额"), numeric=True), Line("c2", words("说明")))),
        )
    )  # fmt: skip


def random_answers(definition: Definition, dice: random.Random, *, blanks: float = 0.15) -> dict[str, Any]:
    """Answers of somebody: a question is left out (not asked), left blank (None) or answered."""
    found: dict[str, Any] = {}
    for question in definition:
        if not question.is_answered or dice.random() < blanks / 2:
            continue
        found[question.code] = None if dice.random() < blanks else _answer(question, dice)
    return found


def _answer(question: Question, dice: random.Random) -> Any:
    kind = question.kind
    if kind in CHOICES or kind is QuestionKind.RANKING:
        return _chosen(question, dice)
    if kind in MATRICES:
        return _matrix(question, dice)
    if kind is QuestionKind.NUMBER:
        return str(Decimal(dice.randint(-50_000, 900_000)) / 100)
    if kind is QuestionKind.RATING:
        return str(dice.randint(1, question.scale))
    if kind is QuestionKind.DATE:
        return (dt.date(2026, 1, 1) + dt.timedelta(days=dice.randint(0, 300))).isoformat()
    return dice.choice(("欧盟", "东盟 市场", "订单减少，运费上涨", "=1+1", "无"))


def _chosen(question: Question, dice: random.Random) -> dict[str, Any]:
    codes = [option.code for option in question.options]
    if question.kind is QuestionKind.SINGLE:
        chosen = [dice.choice(codes)]
    elif question.kind is QuestionKind.RANKING:
        chosen = dice.sample(codes, len(codes))
    else:
        chosen = sorted(dice.sample(codes, dice.randint(1, len(codes))))
    stated = {
        option.code: "自填内容" for option in question.options if option.other and option.code in chosen
    }
    return {"chosen": chosen, "other": stated}


def _matrix(question: Question, dice: random.Random) -> dict[str, Any]:
    columns = [column.code for column in question.columns]
    found: dict[str, Any] = {}
    for row in question.rows:
        if question.kind is QuestionKind.MATRIX_SINGLE:
            found[row.code] = dice.choice(columns)
        elif question.kind is QuestionKind.MATRIX_MULTIPLE:
            found[row.code] = sorted(dice.sample(columns, dice.randint(1, len(columns))))
        else:
            found[row.code] = {
                column.code: str(dice.randint(0, 5000) / Decimal(4)) if column.numeric else "说明文字"
                for column in question.columns
            }
    return found


def answer_rows(definition: Definition, answers: Answers) -> Iterator[dict[str, Any]]:
    """The lines of a response; None is a question left blank."""
    kept = {code: answer for code, answer in answers.items() if answer is not None}
    for line in lines_of(definition, answers, kept):
        yield asdict(line)


def questionnaire(
    owner: Admin, definition: Definition, *, title: str = "外贸企业经营情况问卷", **facts: Any
) -> Questionnaire:
    """An enabled questionnaire of this year, with its only edit."""
    values = {
        "starts_on": dt.date(2026, 9, 1), "ends_on": dt.date(2026, 12, 31), "frequency": "monthly",
        "placement": "apart", **facts,
    }  # fmt: skip
    state = values.pop("state", "enabled")
    row = Questionnaire(admin_id=owner.id, title=title, created_at=BIRTH, updated_at=BIRTH, **values)
    db.session.add(row)
    db.session.flush()
    db.session.add(
        QuestionnaireEdit(
            questionnaire_id=row.id, number=1, label=[], definition=text_of(definition), at=BIRTH
        )
    )
    db.session.flush()
    if state != "draft":
        row.state, row.enabled_at = "enabled", BIRTH
        db.session.flush()
    return row


def month_round(row: Questionnaire, month: dt.date) -> QuestionnaireRound:
    """The round of a calendar month."""
    following = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    found = QuestionnaireRound(
        questionnaire_id=row.id, begins_on=month, ends_on=following - dt.timedelta(days=1),
        opened_at=start_of_day(month),
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    return found


def asked_in(held: QuestionnaireRound, enterprises: Sequence[Enterprise]) -> None:
    """Makes enterprises respondents of a round."""
    for enterprise in enterprises:
        db.session.add(
            Respondent(
                round_id=held.id, enterprise_id=enterprise.id, region_id=enterprise.region_id,
                enterprise_version_id=enterprise.current_version_id,
            )
        )  # fmt: skip
    db.session.flush()


def respond(
    held: QuestionnaireRound,
    definition: Definition,
    answers: Answers,
    enterprise: Enterprise,
    *,
    number: int,
    anonymous: bool = False,
) -> Response:
    """What an enterprise, a respondent of the round, submitted on its second day."""
    day = held.begins_on + dt.timedelta(days=1)
    row = Response(id=number, round_id=held.id, submitted_on=day)
    if not anonymous:
        row.submitted_at = start_of_day(day) + dt.timedelta(hours=10)
        row.enterprise_id, row.region_id = enterprise.id, enterprise.region_id
        row.enterprise_version_id = enterprise.current_version_id
    db.session.add(row)
    db.session.flush()
    for line in answer_rows(definition, answers):
        db.session.add(Answer(response_id=row.id, round_id=held.id, **line))
    respondent = db.session.scalars(
        select(Respondent).where(Respondent.round_id == held.id, Respondent.enterprise_id == enterprise.id)
    ).one()
    respondent.state, respondent.answered_on = ANSWERED, day
    db.session.flush()
    return row


def admin_of(admin_id: int | None) -> Admin:
    """The admin behind an actor."""
    return db.session.get_one(Admin, admin_id)
