"""Questionnaires of the demonstration, made and answered through the services: always the same."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock, local_date, start_of_day
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.accounts import actor_of_account
from app.questionnaires import answering, demo_definitions, drafts, handing_out, lifecycle, rounds
from app.questionnaires.definition import Definition
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.themes import Theme

ANSWERED_OF_TEN = 7
"""Of ten respondents of a month gone by so many answered; of the current one half of them."""
NAMED = 60
"""Enterprises that answer: the first of the demonstration, which also report."""
SEED = 20260704

GRIEVANCES = ("部分产品遭遇反倾销调查，影响订单约一成。", "目的国新增认证要求，交货期延长。")
WISHES = ("希望延长窗口服务时间。", "希望多组织政策宣讲。", "")


def build_questionnaires(
    province: Actor, prefecture: Actor, county: Actor, clock: MovableClock, today: dt.datetime
) -> None:
    """A monthly one with answers, an anonymous one, a draft with branches, and one that was stopped."""
    month = Month.containing(today)
    chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
    begun = start_of_day(month.previous().first_day) + dt.timedelta(hours=9)
    clock.set(begun)
    monthly = _enabled(province, _monthly(month), demo_definitions.MONTHLY, begun)
    _answered(monthly, ANSWERED_OF_TEN, chance, begun + dt.timedelta(days=3))
    stopped = _enabled(prefecture, _fair(month), demo_definitions.STOPPED, begun)
    with context.acting_as(prefecture):
        lifecycle.stop_questionnaire(prefecture, stopped.id, "展会计划调整，另行调查。", begun)
    clock.set(today)
    rounds.settle_rounds(today)
    _answered(monthly, ANSWERED_OF_TEN // 2, chance, today)
    anonymous = _enabled(prefecture, _climate(month, today), demo_definitions.ANONYMOUS, today)
    _answered(anonymous, ANSWERED_OF_TEN, chance, today)
    draft = _drawn_up(province, _insurance(month), demo_definitions.DRAFT, today)
    with context.acting_as(province):
        receivers = [admin.admin_id for admin in (prefecture, county) if admin.admin_id is not None]
        handing_out.hand_out(province, draft.id, receivers[:1], today)
        handing_out.hand_out(province, monthly.id, receivers, today)


def _monthly(month: Month) -> Theme:
    return Theme(
        "外贸企业订单与经营预期月度问卷",
        introduction="请根据本月实际情况填答，约需 3 分钟。",
        thanks="感谢填答。",
        frequency="monthly",
        starts_on=month.previous().first_day,
        ends_on=month.plus(11).last_day,
        placement="optional",
    )


def _climate(month: Month, today: dt.datetime) -> Theme:
    return Theme(
        "外贸服务环境匿名评价",
        introduction="本问卷匿名，填答内容与企业无法对应。",
        starts_on=local_date(today),
        ends_on=month.next().last_day,
        placement="apart",
        anonymous=True,
    )


def _insurance(month: Month) -> Theme:
    return Theme(
        "出口信用保险使用情况季度调查",
        frequency="quarterly",
        starts_on=month.next().first_day,
        ends_on=month.plus(12).last_day,
        sizes=("medium", "small", "micro"),
        sector="manufacturing",
    )


def _fair(month: Month) -> Theme:
    return Theme(
        "境外展会参展意向调查",
        starts_on=month.previous().first_day,
        ends_on=month.last_day,
        placement="apart",
    )


def _drawn_up(admin: Actor, theme: Theme, definition: Definition, now: dt.datetime) -> Questionnaire:
    with context.acting_as(admin):
        made = lifecycle.create_questionnaire(admin, theme, now)
        return drafts.save(admin, made.id, made.version, definition, Message("Questions written"), now)


def _enabled(admin: Actor, theme: Theme, definition: Definition, now: dt.datetime) -> Questionnaire:
    made = _drawn_up(admin, theme, definition, now)
    with context.acting_as(admin):
        return lifecycle.enable_questionnaire(admin, made.id, made.version, now)


def _answered(questionnaire: Questionnaire, of_ten: int, chance: random.Random, now: dt.datetime) -> None:
    """So many of ten of the named enterprises answer the round that is open."""
    query = (
        select(Respondent.id, Enterprise.account_id)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
        .where(
            QuestionnaireRound.questionnaire_id == questionnaire.id,
            QuestionnaireRound.begins_on <= local_date(now),
            QuestionnaireRound.ends_on >= local_date(now),
            Enterprise.account_id.is_not(None),
        )
        .order_by(Respondent.enterprise_id)
        .limit(NAMED)
    )
    for key, account_id in db.session.execute(query).all():
        if account_id is None or chance.randrange(10) >= of_ten:
            continue
        actor = actor_of_account(account_id)
        if actor is None:
            continue
        with context.acting_as(actor):
            answering.submit(actor, key, _answers(questionnaire, chance), now)


def _answers(questionnaire: Questionnaire, chance: random.Random) -> Mapping[str, Any]:
    """What an enterprise answers; what its path skips is left out by the judgement."""
    if questionnaire.anonymous:
        return {
            "q1": str(chance.choice((3, 4, 4, 5))),
            "q2": str(chance.choice((2, 3, 4, 5))),
            "q3": {"chosen": [chance.choice(("o1", "o2", "o3", "o4"))], "other": {}},
            "q4": chance.choice(WISHES),
        }
    return {
        "q1": {"chosen": [chance.choices(("o1", "o2", "o3", "o4"), (35, 30, 28, 7))[0]], "other": {}},
        "q2": {"chosen": sorted(chance.sample(("o1", "o2", "o3", "o4"), 2)), "other": {}},
        "q3": {"chosen": sorted(chance.sample(("o1", "o2", "o3", "o4"), 2)), "other": {}},
        "q4": {f"r{row}": f"c{chance.randint(1, 3)}" for row in range(1, 5)},
        "q5": {"chosen": [chance.choices(("o1", "o2"), (2, 8))[0]], "other": {}},
        "q6": chance.choice(GRIEVANCES),
        "q7": str(chance.randrange(20, 900)),
    }
