"""Sixty invented enterprises of several trades and sizes in two prefectures, made through the services."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises import service
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import FACTS, ControlType, Enterprise, Industry, RegistrationType
from app.infra import context
from app.infra.database import db
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.clock import local_date
from app.organisations.account_service import NO_PASSWORD, AccountDraft, create_account
from app.organisations.accounts import actor_of_account
from app.organisations.demo import invented_name
from app.organisations.models import Region
from app.organisations.reviewers import reviewer_for

COUNT = 60
NAMED = {0: "enterprise", 5: "enterprise2"}
"""Ordinal → login name of the enterprises that get the demonstration password, one in each prefecture."""

COUNTIES = (
    *("330109", "330110", "330114", "330113", "330111"),
    *("330212", "330282", "330206", "330281", "330211"),
)
FIRST_SYLLABLES = "云澜禾霁岚沐朔衡璟栎"
LAST_SYLLABLES = "溯畅沅珩弈楷骐铄湛"
UNKNOWN_FIGURES = 57
"""The ordinal of the enterprise that left a figure out, so that its size is unknown."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade with its word in names, its products, and the thresholds of scale used for figures."""

    industry: str
    word: str
    products: str


TRADES = (
    Trade("1711", "纺织", "棉纱、混纺纱"),
    Trade("1829", "服饰", "针织服装、毛衫"),
    Trade("2110", "家居", "实木家具、板式家具"),
    Trade("2669", "新材料", "专用助剂、精细化学品"),
    Trade("2710", "药业", "原料药、医药中间体"),
    Trade("2921", "塑业", "包装薄膜、功能薄膜"),
    Trade("3311", "金属", "钢结构构件、货架"),
    Trade("3444", "液压", "液压泵、液压阀"),
    Trade("3670", "汽配", "制动部件、底盘零件"),
    Trade("3831", "线缆", "电力电缆、网线"),
    Trade("3872", "照明", "发光二极管灯具、户外灯"),
    Trade("3922", "通信", "光模块、无线终端"),
    Trade("5132", "服装贸易", "服装进出口"),
    Trade("5175", "机电进出口", "机电产品进出口"),
    Trade("6513", "软件", "跨境贸易软件"),
    Trade("5821", "货运代理", "国际货运代理"),
    Trade("5320", "铁路物流", "铁路货物运输"),
)

SCALES = (
    (Decimal(1286500), 2350, Decimal(1635000)),
    (Decimal(186400), 420, Decimal(203500)),
    (Decimal(42600), 96, Decimal(38900)),
    (Decimal(2480), 12, Decimal(1960)),
)
"""Revenue, employees and assets about which a large, medium, small and micro enterprise is drawn."""

SCALE_PATTERN = (1, 2, 2, 0, 2, 1, 3, 2, 1, 2)
CONTROL_PATTERN = ("3", "3", "5", "3", "1", "3", "4", "3", "2", "3")
REGISTRATION_OF = {"1": "111", "2": "132", "3": "112", "4": "210", "5": "310", "9": "119"}


def build_enterprises(password_hash: str, now: dt.datetime) -> bool:
    """Make the enterprises, each by the admin of its county; False where they are there already.

    Runs within the caller's unit of work, after ``build_organisations``.
    """
    if db.session.scalar(select(Enterprise.id).limit(1)):
        return False
    for number, draft in enumerate(invented_drafts(local_date(now))):
        enter(number, draft, password_hash, now)
    return True


def enter(number: int, draft: EnterpriseDraft, password_hash: str, now: dt.datetime) -> None:
    """Make one enterprise with its account, by the admin of its county."""
    author = _author(draft.region_id, now)
    with context.acting_as(author):
        account = _account(number, draft, password_hash, author, now)
        service.create_enterprise(author, draft, now, account_id=account)


def renew_figures(now: dt.datetime) -> int:
    """The yearly update: every enterprise enters the figures of the year that ended; how many did.

    Their versions before keep the older figures, so that a report shows what held when it was filed.
    """
    year = local_date(now).year - 1
    renewed = 0
    for enterprise in db.session.scalars(select(Enterprise).order_by(Enterprise.id)).all():
        actor = actor_of_account(enterprise.account_id or 0)
        if actor is None or enterprise.figures_year is None or enterprise.figures_year >= year:
            continue
        chance = random.Random(f"figures {enterprise.uscc} {year}")  # noqa: S311 - demonstration data
        draft = replace(_draft_of(enterprise), figures_year=year, **_grown(enterprise, chance))
        with context.acting_as(actor):
            service.edit_enterprise(actor, enterprise.id, draft, enterprise.version, now)
        renewed += 1
    return renewed


def invented_drafts(today: dt.date) -> Iterator[EnterpriseDraft]:
    """Sixty drafts, always the same for one day."""
    names = names_of(COUNTIES, [trade.industry for trade in TRADES])
    for number in range(COUNT):
        county = COUNTIES[number % len(COUNTIES)]
        trade = TRADES[(number * 7) % len(TRADES)]
        city = "杭州" if county.startswith("3301") else "宁波"
        yield drafted(number, county, city, trade, _figures(number), names, today)


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of the records that drafts refer to, by their codes; and counties by their full names."""

    regions: Mapping[str, int]
    addresses: Mapping[str, str]
    industries: Mapping[str, int]
    controls: Mapping[str, int]
    types: Mapping[str, int]


def names_of(counties: Collection[str], industries: Collection[str]) -> Names:
    """The names that drafts of these counties and trades need, in few statements."""
    places = db.session.execute(
        select(Region.code, Region.id, Region.full_name).where(Region.code.in_(counties))
    ).all()
    types = select(RegistrationType.code, RegistrationType.id).where(RegistrationType.scheme == "2023")
    return Names(
        regions={code: key for code, key, _name in places},
        addresses={code: name for code, _key, name in places},
        industries=_keys(Industry, industries),
        controls=_keys(ControlType, CONTROL_PATTERN),
        types=dict(db.session.execute(types).all()),
    )


def drafted(
    number: int,
    county: str,
    city: str,
    trade: Trade,
    figures: Mapping[str, Any],
    names: Names,
    today: dt.date,
) -> EnterpriseDraft:
    """The draft of an ordinal: everything that is not given is invented, always alike."""
    control = _turn(CONTROL_PATTERN, number)
    chance = random.Random(f"enterprise {number}")  # noqa: S311 - demonstration data
    return EnterpriseDraft(
        name=_name(number, city, trade),
        uscc=complete_credit_code("91", county, f"{number * 37 + 1001:08d}"),
        legal_representative=invented_name(f"legal {number}"),
        region_id=names.regions[county],
        industry_id=names.industries[trade.industry],
        registration_type_id=names.types[REGISTRATION_OF[control]],
        control_type_id=names.controls[control],
        address=f"{names.addresses[county]}示范路{chance.randrange(1, 900)}号",
        postcode="315000" if county.startswith("3302") else "310000",
        opened_on=dt.date(chance.randrange(1994, 2019), chance.randrange(1, 13), 15),
        main_products=trade.products,
        contact_name=invented_name(f"contact {number}"),
        phone=f"0500-3000{number:04d}",
        mobile=f"100{number:08d}",
        email=f"office{number + 1:02d}@enterprise.example",
        website=f"https://e{number + 1:02d}.enterprise.example",
        is_listed=number % 20 == 3,
        stock_code=f"D{number:05d}" if number % 20 == 3 else "",
        figures_year=today.year - 1,
        **figures,
    )


def _turn(pattern: Sequence[Any], number: int) -> Any:
    """The entry for an ordinal, shifted with each round through the counties: they shall not be alike."""
    return pattern[(number * 3 + number // len(COUNTIES)) % len(pattern)]


def _figures(number: int) -> dict[str, Any]:
    chance = random.Random(f"figures {number}")  # noqa: S311 - demonstration data
    revenue, employees, assets = SCALES[_turn(SCALE_PATTERN, number)]
    share = Decimal(chance.randrange(70, 150)) / 100
    return {
        "revenue": (revenue * share).quantize(Decimal("0.01")),
        "employees": None if number == UNKNOWN_FIGURES else int(employees * share),
        "assets": (assets * share).quantize(Decimal("0.01")),
    }


def _grown(enterprise: Enterprise, chance: random.Random) -> dict[str, Any]:
    """Figures a year later."""
    share = Decimal(chance.randrange(94, 118)) / 100
    money = {
        field: None if value is None else (value * share).quantize(Decimal("0.01"))
        for field, value in (("revenue", enterprise.revenue), ("assets", enterprise.assets))
    }
    employees = None if enterprise.employees is None else int(enterprise.employees * share)
    return {**money, "employees": employees}


def _draft_of(enterprise: Enterprise) -> EnterpriseDraft:
    entered = {field: getattr(enterprise, field) for field in FACTS if field in EnterpriseDraft.__slots__}
    return EnterpriseDraft(**entered)


def _name(number: int, city: str, trade: Trade) -> str:
    turn = number // len(FIRST_SYLLABLES)
    first = _turn(FIRST_SYLLABLES, number) if number < COUNT else FIRST_SYLLABLES[number // 9 % 10]
    last = LAST_SYLLABLES[(turn + number if number < COUNT else number) % len(LAST_SYLLABLES)]
    form = "股份有限公司" if number % 20 == 3 else "有限公司"
    return f"{city}{first}{last}示范{trade.word}{form}"


def _keys(model: type[Region | Industry | ControlType], codes: Collection[str]) -> dict[str, int]:
    rows = db.session.execute(select(model.code, model.id).where(model.code.in_(codes)))
    return dict(rows.all())


def _author(region_id: int, now: dt.datetime) -> Actor:
    """The admin of the county, as the one who entered the enterprise."""
    reviewer = reviewer_for(region_id, local_date(now))
    actor = actor_of_account(reviewer.account_id) if reviewer else None
    return actor or SYSTEM


def _account(number: int, draft: EnterpriseDraft, password_hash: str, author: Actor, now: dt.datetime) -> int:
    username = NAMED.get(number, f"e{number + 1:03d}")
    entered = AccountDraft(
        username=username,
        email=f"{username}@enterprise.example",
        kind=Kind.ENTERPRISE,
        display_name=draft.name,
        phone=draft.mobile,
        password_hash=password_hash if number in NAMED else NO_PASSWORD,
    )
    return create_account(author, entered, now).id
