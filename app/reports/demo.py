"""Fourteen months of demonstration reports in every state, filed and reviewed through the services."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from app.enterprises.demo import NAMED
from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock, local_date, start_of_day
from app.kernel.periods import Month
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import filling, steps
from app.reports.demo_figures import Scale, cells_of, slips_of
from app.reports.form_loading import version_for
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import Ref, calendar_of, open_report
from app.reports.return_reasons import add_reason

FORM = "sme_monthly"
REASONS = (
    "利润总额由盈转亏，请核实后重新上报。",
    "用电量与产值变化方向不一致，请核对。",
    "营业成本填写口径有误，请按累计数填写。",
)

USUAL_REASONS = ("请核对{月份}的累计数。", "单位应为千元，请核实。", "请说明{指标}变化较大的原因。")
"""What the bureaus of the named admins often write."""

EXPLANATIONS = (
    "本月补记了上月漏抄的电表读数。",
    "部分产线停产检修，口径与上月不同。",
    "已与台账核对，数据无误。",
)

PAST = (("approved", 88), ("resubmitted", 5), ("late", 3), ("returned", 1), ("editing", 1), ("nothing", 2))
CURRENT = (
    ("approved", 22),
    ("at_province", 14),
    ("at_prefecture", 18),
    ("at_county", 24),
    ("returned", 6),
    ("editing", 8),
    ("nothing", 8),
)
"""Fates of a report and how many of a hundred have them, for months gone by and for the current one."""

SHOWN = {
    0: "nothing",
    5: "returned",
    10: "at_county",
    20: "at_county",
    30: "at_county",
    40: "at_prefecture",
    50: "editing",
}
"""Fates this month of the named accounts and of the county whose admin has one: each has something to try."""

LEVELS = {"at_county": 0, "at_prefecture": 1, "at_province": 2, "approved": 3, "late": 3, "resubmitted": 3}
"""How many levels accept the report before the story ends."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise of the story."""

    id: int
    account_id: int
    uscc: str
    revenue: Decimal | None
    employees: int | None
    contact_name: str


@dataclass(order=True)
class Scene:
    """Something that happens at an instant."""

    at: dt.datetime
    order: int
    act: Callable[[dt.datetime], None] = field(compare=False)


def report_history(
    clock: MovableClock,
    today: dt.datetime,
    months: int,
    *,
    renew: Callable[[dt.datetime], int],
    join: Callable[[dt.datetime, int], int],
) -> None:
    """Tell the last ``months`` months up to today.

    :param renew: the yearly update of the enterprises.
    :param join: enters the enterprises that join at an instant, so many months before the last one.
    """
    calendar = calendar_of(find_form(FORM))
    current = calendar.current(today)
    story = _Story(clock)
    for back in range(months - 1, -1, -1):
        month = current.plus(-back)
        opens = start_of_day(calendar.opens_on(month)) + dt.timedelta(hours=9)
        if month.month == 12:
            clock.set(opens)
            with unit_of_work():
                renew(opens)
        joins = opens - dt.timedelta(hours=18)
        clock.set(joins)
        with unit_of_work():
            join(joins, back)
        story.tell(month, opens, start_of_day(calendar.due_on(month)), today if back == 0 else None)


def usual_reasons(admins: Iterable[Actor], now: dt.datetime) -> None:
    """The usual reasons of the admins' bureaus."""
    for admin in admins:
        with context.acting_as(admin):
            for text in USUAL_REASONS:
                add_reason(admin, text, None, now)


class _Story:
    """Who acts, and how a month goes."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock
        self.actors: dict[int, Actor] = {}
        self.scales: dict[int, Scale] = {}

    @property
    def enterprises(self) -> list[Subject]:
        """Who is monitored by now."""
        query = select(
            Enterprise.id,
            Enterprise.account_id,
            Enterprise.uscc,
            Enterprise.revenue,
            Enterprise.employees,
            Enterprise.contact_name,
        ).order_by(Enterprise.id)
        return [Subject(*row) for row in db.session.execute(query)]

    def tell(self, month: Month, opens: dt.datetime, due: dt.datetime, today: dt.datetime | None) -> None:
        """Everything that happens to the reports of a month, in the order of time."""
        ends = today - dt.timedelta(hours=1) if today else due + dt.timedelta(days=8)
        if ends <= opens:
            return  # the month opened a moment ago: nobody has come to fill it in yet
        scenes: list[Scene] = []
        for number, row in enumerate(self.enterprises):
            chance = random.Random(f"fate {row.uscc} {month}")  # noqa: S311 - demonstration data
            fate = _fate(number, chance, current=today is not None)
            scenes += self._scenes(row, month, fate, chance, opens, due, ends)
        for scene in scenes:
            scene.at = in_office_hours(scene.at)
        scenes.sort()
        for first in range(0, len(scenes), 40):
            with unit_of_work():
                for scene in scenes[first : first + 40]:
                    self.clock.set(scene.at)
                    scene.act(scene.at)

    def _scenes(
        self,
        row: Subject,
        month: Month,
        fate: str,
        chance: random.Random,
        opens: dt.datetime,
        due: dt.datetime,
        ends: dt.datetime,
    ) -> list[Scene]:
        if fate == "nothing":
            return []
        fills = opens + (min(due, ends) - opens) * (0.02 + 0.55 * chance.random())
        if fate == "late":
            fills = min(due + dt.timedelta(days=1, hours=9 + chance.random() * 8), ends)
        told = [Scene(fills, 0, self._filling(row, month, incomplete=fate == "editing"))]
        if fate == "editing":
            return told
        accepting = LEVELS.get(fate, 0)
        acts = [self._submitting(row, month)]
        if fate in {"resubmitted", "returned"}:
            acts.append(self._returning(row, month, chance.choice(REASONS)))
        if fate == "resubmitted":
            acts.append(self._submitting(row, month))
        acts += [self._accepting(row, month)] * accepting
        gap = (ends - fills) / (len(acts) + 1)
        told += [
            Scene(fills + gap * number + dt.timedelta(minutes=7), number, act)
            for number, act in enumerate(acts, 1)
        ]
        return told

    def _filling(self, row: Subject, month: Month, *, incomplete: bool) -> Callable[[dt.datetime], None]:
        def act(now: dt.datetime) -> None:
            version = version_for(FORM, month)
            scale = self._scale(row)
            texts = {
                f"{indicator.code}.{cell}": str(value)
                for section in version.grids
                for indicator in section.indicators
                for cell, value in cells_of(scale, indicator, month).items()
                if month.month in indicator.months
            }
            if incomplete:
                texts = {
                    name: text
                    for name, text in texts.items()
                    if not name.startswith(("receivables", "employees"))
                }
            actor = self._enterprise(row)
            with context.acting_as(actor):
                ref = self._ref(row, month)
                kept = self._applicable(actor, ref, texts, now)
                kept.update(slips_of(row.uscc, month, kept))
                saved = filling.save_cells(actor, ref, kept, 0, now)
                saved = self._explaining(actor, ref, saved, now)
                products = _products(row, scale, month)
                filling.save_rows(actor, ref, "products", products, saved.opened.lock, now)

        return act

    @staticmethod
    def _explaining(actor: Actor, ref: Ref, saved: filling.Saved, now: dt.datetime) -> filling.Saved:
        """Say of what the rules found why it is right all the same."""
        soft = saved.outcome.soft
        if not soft:
            return saved
        told = {found.key: EXPLANATIONS[len(found.key) % len(EXPLANATIONS)] for found in soft}
        return filling.save_cells(actor, ref, {}, saved.opened.lock, now, told)

    @staticmethod
    def _applicable(actor: Actor, ref: Ref, texts: dict[str, str], now: dt.datetime) -> dict[str, str]:
        opened = open_report(actor, ref, now)
        codes = {
            indicator.code
            for section in opened.version.grids
            for indicator in section.applicable(
                ref.month.month, industrial=opened.filing.industry.is_industrial
            )
        }
        return {name: text for name, text in texts.items() if name.partition(".")[0] in codes}

    def _submitting(self, row: Subject, month: Month) -> Callable[[dt.datetime], None]:
        def act(now: dt.datetime) -> None:
            actor = self._enterprise(row)
            with context.acting_as(actor):
                report = self._report(row, month)
                steps.submit(actor, self._ref(row, month), report.version, row.contact_name, now)

        return act

    def _accepting(self, row: Subject, month: Month) -> Callable[[dt.datetime], None]:
        def act(now: dt.datetime) -> None:
            report = self._report(row, month)
            actor = self._holder(report)
            with context.acting_as(actor):
                steps.accept(actor, report, report.version, "", now)

        return act

    def _returning(self, row: Subject, month: Month, reason: str) -> Callable[[dt.datetime], None]:
        def act(now: dt.datetime) -> None:
            report = self._report(row, month)
            actor = self._holder(report)
            with context.acting_as(actor):
                steps.give_back(actor, report, report.version, reason, now)

        return act

    @staticmethod
    def _report(row: Subject, month: Month) -> Report:
        query = select(Report).where(Report.enterprise_id == row.id, Report.period == month.key)
        return db.session.scalars(query).one()

    @staticmethod
    def _ref(row: Subject, month: Month) -> Ref:
        return Ref(FORM, month, row.id)

    def _scale(self, row: Subject) -> Scale:
        """The size at the first report: later updates of the register do not change what was sold before."""
        if row.id not in self.scales:
            monthly = (row.revenue or Decimal(24_000)) / 12
            self.scales[row.id] = Scale(row.uscc, max(monthly, Decimal(80)), row.employees or 20)
        return self.scales[row.id]

    def _enterprise(self, row: Subject) -> Actor:
        return self._actor(row.account_id)

    def _holder(self, report: Report) -> Actor:
        account_id = db.session.scalars(select(Admin.account_id).where(Admin.id == report.holder_id)).one()
        return self._actor(account_id)

    def _actor(self, account_id: int) -> Actor:
        if account_id not in self.actors:
            found = actor_of_account(account_id)
            if found is None:
                raise LookupError(f"account {account_id} is not active")
            self.actors[account_id] = found
        return self.actors[account_id]


def in_office_hours(instant: dt.datetime) -> dt.datetime:
    """The instant moved into the same day's hours from nine to six; what came first stays first."""
    day = start_of_day(local_date(instant))
    return day + dt.timedelta(hours=9) + (instant - day) * (9 / 24)


def _fate(number: int, chance: random.Random, *, current: bool) -> str:
    """How a report of the story ends; the named accounts always have work to do and a past to look at."""
    if number in NAMED and not current:
        return "approved"
    if current and number in SHOWN:
        return SHOWN[number]
    fates = CURRENT if current else PAST
    return chance.choices([fate for fate, _weight in fates], [weight for _fate, weight in fates])[0]


def _products(row: Subject, scale: Scale, month: Month) -> list[dict[str, str]]:
    """One or two products with production, sales and stock; every fourth enterprise names none."""
    chance = random.Random(f"products {row.uscc} {month}")  # noqa: S311 - demonstration data
    if int(row.id) % 4 == 0:
        return []
    made = max(10, round(float(scale.monthly_revenue) * (0.8 + 0.4 * chance.random())))
    sold = round(made * (0.9 + 0.1 * chance.random()))
    first = {"code": "", "product_name": "主要产品甲", "unit": "件", "production": made, "sales": sold,
             "closing_stock": made - sold + 40}  # fmt: skip
    second = {
        **first,
        "product_name": "主要产品乙",
        "unit": "吨",
        "production": made // 3,
        "sales": sold // 3,
    }
    rows = [first, second] if int(row.id) % 2 else [first]
    return [{name: str(value) for name, value in line.items()} for line in rows]
