"""A questionnaire of forty questions with fifty thousand responses: bulk rows, shaped as services write them.

Five thousand enterprises answered it in each of ten months. What each answered follows from its number, so
that every world of the bench is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, text

from app.enterprises.demo import build_enterprises
from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.cli import OPERATOR, initialise, quietly
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock, start_of_day
from app.kernel.periods import Month
from app.organisations.account_service import hash_password
from app.organisations.demo import build_organisations
from app.organisations.models import Account, Admin
from app.questionnaires.definition import Definition, Line, Option, Question, QuestionKind, Wording
from app.questionnaires.documents import text_of
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from app.questionnaires.round_models import NUMBER_SCALE, Answer, QuestionnaireRound, Respondent, Response
from tools.bench.settings import BIRTH, LAST_MONTH, NOON, PASSWORD, PROVINCE_ADMIN
from tools.bench.world import CHUNK, add_enterprises, analyse

ENTERPRISES = 5_000
ROUNDS = 10
RESPONSES = ENTERPRISES * ROUNDS
FIRST_ID = 1_000_000_007
STEP = 7_368_787
"""Numbers of responses are drawn by lot; here they jump about the same range."""
RANGE = 2**40
KINDS = (
    *[QuestionKind.SINGLE] * 18,
    *[QuestionKind.MULTIPLE] * 6,
    *[QuestionKind.NUMBER] * 4,
    *[QuestionKind.RATING] * 3,
    QuestionKind.RANKING,
    QuestionKind.MATRIX_SINGLE,
    QuestionKind.MATRIX_FILL,
    QuestionKind.DATE,
    *[QuestionKind.LINE] * 3,
    *[QuestionKind.TEXT] * 2,
)
UNIT = 10**NUMBER_SCALE
NULL, ALWAYS = "NULL", "1 = 1"


def definition() -> Definition:
    """Forty questions: eighteen single and six multiple choices, numbers, ratings, matrices, texts."""
    return Definition(tuple(_question(no, kind) for no, kind in enumerate(KINDS, 1)))


def _question(no: int, kind: QuestionKind) -> Question:
    options = tuple(Option(f"o{at}", Wording.of(f"选项{at}")) for at in range(1, 6))
    matrix = kind in {QuestionKind.MATRIX_SINGLE, QuestionKind.MATRIX_FILL}
    numeric = kind is QuestionKind.MATRIX_FILL
    rows = 3 if numeric else 4
    return Question(
        f"q{no}", kind, Wording.of(f"第{no}题：贵企业本月的经营情况如何"), required=False,
        options=() if matrix else options,
        rows=tuple(Line(f"r{at}", Wording.of(f"项目{at}")) for at in range(1, rows + 1) if matrix),
        columns=tuple(Line(f"c{at}", Wording.of(f"列{at}"), numeric) for at in range(1, rows) if matrix),
    )  # fmt: skip


def build(app: Flask) -> int:
    """Fill an empty database; gives the number of the questionnaire."""
    app.extensions["clock"] = MovableClock(BIRTH)
    with app.app_context():
        initialise()
        with context.acting_as(OPERATOR), quietly(), unit_of_work():
            password = hash_password(PASSWORD)
            build_organisations(password, BIRTH)
            build_enterprises(password, BIRTH)
        with unit_of_work():
            add_enterprises(ENTERPRISES)
        with quietly(), unit_of_work():
            key = _questionnaire()
            for round_id in _rounds(key):
                _responses(round_id)
            _answers()
        analyse()
        db.session.remove()
        db.engine.dispose()
    app.extensions["clock"] = MovableClock(NOON)
    return key


def _questionnaire() -> int:
    admin = db.session.scalars(
        select(Admin)
        .join(Account, Account.id == Admin.account_id)
        .join(User, User.id == Account.user_id)
        .where(User.username == PROVINCE_ADMIN)
    ).one()
    row = Questionnaire(
        admin_id=admin.id, title="外贸企业经营情况调查", frequency="monthly", placement="apart",
        starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 12, 31), created_at=BIRTH, updated_at=BIRTH,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    content = text_of(definition())
    db.session.add(
        QuestionnaireEdit(questionnaire_id=row.id, number=1, label=[], definition=content, at=BIRTH)
    )
    db.session.flush()
    row.state, row.enabled_at = "enabled", BIRTH
    db.session.flush()
    return row.id


def _rounds(key: int) -> Iterator[int]:
    for back in range(ROUNDS - 1, -1, -1):
        month: Month = LAST_MONTH.plus(-back)
        row = QuestionnaireRound(
            questionnaire_id=key, begins_on=month.first_day, ends_on=month.last_day,
            opened_at=start_of_day(month.first_day),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        yield row.id


def _responses(round_id: int) -> None:
    """Every enterprise was asked in the round and has answered."""
    facts = select(Enterprise.id, Enterprise.region_id, Enterprise.current_version_id).order_by(Enterprise.id)
    found = db.session.execute(facts).all()
    sent = dt.datetime(2026, 1, 2, tzinfo=dt.UTC) + dt.timedelta(days=30 * (round_id % 10))
    respondents, responses = [], []
    for number, (enterprise_id, region_id, version_id) in enumerate(found):
        whose = {
            "round_id": round_id, "enterprise_id": enterprise_id, "region_id": region_id,
            "enterprise_version_id": version_id,
        }  # fmt: skip
        drawn = FIRST_ID + (round_id * ENTERPRISES + number) * STEP % RANGE
        moment = sent + dt.timedelta(seconds=61 * number)
        respondents.append({**whose, "state": "answered", "answered_on": moment.date(), "version": 1})
        responses.append({**whose, "id": drawn, "submitted_on": moment.date(), "submitted_at": moment})
    for table, rows in ((Respondent.__table__, respondents), (Response.__table__, responses)):
        for start in range(0, len(rows), CHUNK):
            db.session.execute(table.insert(), rows[start : start + CHUNK])


def _answers() -> None:
    """The lines of all responses, stored response by response as they come in."""
    numbered = "SELECT id, round_id, row_number() OVER (ORDER BY id) AS n FROM questionnaire_response"
    db.session.execute(text(f"CREATE TEMPORARY TABLE bench_sender AS {numbered}"))
    db.session.execute(
        text(
            "CREATE TEMPORARY TABLE bench_answer (response_id BIGINT, question_no INT, row_no INT,"
            " option_no INT, round_id INT, number BIGINT, text TEXT)"
        )
    )
    for no, kind in enumerate(KINDS, 1):
        for line in _lines(no, kind):
            db.session.execute(text(f"INSERT INTO bench_answer {line}"))
    names = ", ".join(column.name for column in Answer.__table__.columns)
    ordered = "ORDER BY response_id, question_no, row_no, option_no"
    db.session.execute(
        text(f"INSERT INTO questionnaire_answer ({names}) SELECT {names} FROM bench_answer {ordered}")  # noqa: S608 - own words
    )
    for table in ("bench_answer", "bench_sender"):
        db.session.execute(text(f"DROP TABLE {table}"))


def _lines(no: int, kind: QuestionKind) -> Iterator[str]:
    """Statements that give the lines of a question; every twentieth respondent left it blank."""
    blank = f"{_chance(no, 20)} = 0"
    yield _select(no, 0, -1, where=blank)
    answered = f"NOT ({blank})"
    for row, option, number, words, where in _parts(no, kind):
        yield _select(no, row, option, number, words, f"{answered} AND {where}")


def _select(no: int, row: Any, option: Any, number: str = NULL, words: str = NULL, where: str = "") -> str:
    values = f"s.id, {no}, {row}, {option}, s.round_id, {number}, {words}"
    return f"SELECT {values} FROM bench_sender AS s WHERE {where}"  # noqa: S608 - own words


def _chance(no: int, of: int) -> str:
    """A number below ``of`` that looks drawn, from the number of a response and that of a question."""
    return f"(s.n * 7919 + {no} * 104729 + s.n / 13 * {no}) % {of}"


def _whole(number: str) -> str:
    return f"({number}) * CAST({UNIT} AS BIGINT)"


def _parts(no: int, kind: QuestionKind) -> Iterator[tuple[Any, Any, str, str, str]]:
    """Row, option, number, text and condition of each line of an answer."""
    texts = {
        QuestionKind.DATE: "'2026-10-17'",
        QuestionKind.LINE: f"'订单有所减少，运费上涨 ' || CAST({_chance(no, 9000)} AS TEXT)",
        QuestionKind.TEXT: f"'运费上涨，希望稳定汇率 ' || CAST({_chance(no, 9000)} AS TEXT)",
    }
    numbers = {
        QuestionKind.NUMBER: f"({_chance(no, 9_000_000)}) * CAST({UNIT // 100} AS BIGINT)",
        QuestionKind.RATING: _whole(f"1 + {_chance(no, 5)}"),
    }
    head = f"1 + {_chance(no, 5)}" if kind is QuestionKind.SINGLE else 0
    yield 0, head, numbers.get(kind, NULL), texts.get(kind, NULL), ALWAYS
    if kind in {QuestionKind.MULTIPLE, QuestionKind.RANKING}:
        yield from _options(no, kind)
    elif kind is QuestionKind.MATRIX_SINGLE:
        yield from ((row, f"1 + {_chance(no + row, 3)}", NULL, NULL, ALWAYS) for row in range(1, 5))
    elif kind is QuestionKind.MATRIX_FILL:
        for row in range(1, 4):
            for column in range(1, 3):
                yield row, column, _whole(_chance(no + row * column, 500_000)), NULL, ALWAYS


def _options(no: int, kind: QuestionKind) -> Iterator[tuple[Any, Any, str, str, str]]:
    for option in range(1, 6):
        if kind is QuestionKind.RANKING:
            yield 1, option, _whole(f"1 + (s.n + {option}) % 5"), NULL, ALWAYS
        else:
            yield 1, option, NULL, NULL, f"({_chance(no + option, 100)} < 40 OR {option} = 3)"
