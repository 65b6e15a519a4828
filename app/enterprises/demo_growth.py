"""The 240 invented enterprises that join the demonstration later: every group of trades, every size."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises.demo import COUNT, COUNTIES, Trade, drafted, enter, names_of
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.size_tables import shipped_standards, size_group_of
from app.infra.database import db
from app.kernel.clock import local_date
from app.organisations.account_service import NO_PASSWORD
from app.organisations.demo import PROVINCE
from app.organisations.models import Region

JOINERS = 240
WAVES = 4
"""Months over which they join, the last one being the current month."""

TRADES = (
    Trade("1711", "棉纺", "棉纱、坯布"),
    Trade("1352", "食品", "冷冻禽肉、肉制品"),
    Trade("2661", "化学", "试剂、助剂"),
    Trade("3872", "灯具", "照明灯具"),
    Trade("3444", "阀泵", "液压泵、液压阀"),
    Trade("5132", "服装贸易", "服装进出口"),
    Trade("5175", "电气贸易", "电气设备进出口"),
    Trade("6513", "软件", "跨境贸易软件"),
    Trade("5521", "航运", "远洋货物运输"),
    Trade("0212", "苗木", "出口苗木"),
    Trade("4710", "建设", "对外承包工程"),
    Trade("5211", "百货", "进口商品零售"),
    Trade("5910", "装卸", "港口装卸服务"),
    Trade("5960", "仓储", "出口药材仓储"),
    Trade("6010", "邮政", "国际邮件处理"),
    Trade("6110", "饭店", "会展住宿"),
    Trade("6210", "餐饮", "展会餐饮服务"),
    Trade("6311", "通信服务", "国际专线"),
    Trade("7010", "园区开发", "外贸产业园开发"),
    Trade("7020", "物业", "保税区物业管理"),
    Trade("7211", "总部管理", "外贸企业总部管理"),
    Trade("7320", "检测研发", "出口产品检测研发"),
    Trade("7040", "房产租赁", "厂房租赁"),
    Trade("8391", "培训", "外贸技能培训"),
)
"""At least one trade of each group of the size standard, and two that it leaves out."""

BANDS = ("small", "medium", "micro", "large", "small", "micro", "medium")
OTHERWISE: Mapping[str, Decimal] = {
    "revenue": Decimal(36_000),
    "employees": Decimal(80),
    "assets": Decimal(42_000),
}
"""What a figure is drawn about where the trade's group does not measure it."""


def join_enterprises(now: dt.datetime, wave: int) -> int:
    """Enter the enterprises of a wave, each by the admin of its county; how many joined.

    Runs within the caller's unit of work, after ``build_enterprises``.
    """
    first = COUNT + JOINERS * wave // WAVES
    last = COUNT + JOINERS * (wave + 1) // WAVES
    for number, draft in joining_drafts(range(first, last), local_date(now)):
        enter(number, draft, NO_PASSWORD, now)
    return last - first


def joining_drafts(numbers: Sequence[int], today: dt.date) -> Iterator[tuple[int, EnterpriseDraft]]:
    """Ordinals with their drafts, always the same for one day."""
    counties = _counties(today)
    names = names_of([county.code for county in counties], [trade.industry for trade in TRADES])
    cities = _cities(counties)
    for number in numbers:
        county = counties[(number * 37) % len(counties)]
        trade = TRADES[number % len(TRADES)]
        band = BANDS[(number // len(TRADES) + number) % len(BANDS)]
        chance = random.Random(f"joiner {number}")  # noqa: S311 - demonstration data
        figures = figures_for(trade.industry, band, chance)
        yield number, drafted(number, county.code, cities[county.id], trade, figures, names, today)


def figures_for(industry: str, band: str, chance: random.Random) -> dict[str, Any]:
    """Revenue and assets (千元) and employees with which a trade comes out in a band of size."""
    group = shipped_standards()[-1].groups.get(size_group_of(industry))
    limits = {thresholds.metric: thresholds for thresholds in group.thresholds} if group else {}
    drawn: dict[str, Decimal] = {}
    for metric, usual in OTHERWISE.items():
        if metric in limits:
            least, most = _between(limits[metric], band)
            drawn[metric] = least + (most - least) * Decimal(chance.randrange(10, 90)) / 100
        else:
            drawn[metric] = usual * Decimal(chance.randrange(70, 150)) / 100
    return {
        "revenue": drawn["revenue"].quantize(Decimal("0.01")),
        "employees": max(1, int(drawn["employees"])),
        "assets": drawn["assets"].quantize(Decimal("0.01")),
    }


def _between(limits: Any, band: str) -> tuple[Decimal, Decimal]:
    """The least value of a band and the one that it stays below."""
    return {
        "large": (limits.large, limits.large * 3),
        "medium": (limits.medium, limits.large),
        "small": (limits.small, limits.medium),
        "micro": (Decimal(1), limits.small),
    }[band]


def _counties(today: dt.date) -> list[Region]:
    """The counties of the province as of a day; the founders' are left to them."""
    query = select(Region).where(
        Region.level == "county", Region.kind == "admin", Region.code.startswith(PROVINCE[:2])
    )
    found = db.session.scalars(query.order_by(Region.code))
    return [region for region in found if region.exists_on(today) and region.code not in COUNTIES]


def _cities(counties: Sequence[Region]) -> dict[int, str]:
    """County → the short name of its prefecture, as companies carry it."""
    parents = {county.parent_id for county in counties}
    rows = db.session.execute(select(Region.id, Region.name).where(Region.id.in_(parents)))
    short = {key: str(name).removesuffix("市") for key, name in rows}
    return {county.id: short[county.parent_id or 0] for county in counties}
