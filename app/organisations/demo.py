"""The demonstration province: a bureau with one admin at each level and place, and the named accounts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.kernel.actor import SYSTEM, Kind
from app.kernel.clock import local_date
from app.organisations import service
from app.organisations.account_service import NO_PASSWORD
from app.organisations.models import Admin, Bureau, Region
from app.organisations.terms import RIGHTS

PROVINCE = "330000"
NAMED_ADMINS = {
    "330000": "province",
    "330100": "prefecture",
    "330109": "county",
    "330200": "prefecture2",
    "330212": "county2",
}
"""Region code → login name of the admins who get the demonstration password.

The second pair belongs to the sibling prefecture, so that separation can be tried.
"""

STRONG_EXPORTERS = (
    *("330109", "330110", "330111", "330113", "330114", "330206", "330211", "330212", "330281", "330282"),
    *("330303", "330381", "330382", "330402", "330481", "330482", "330483", "330502", "330521", "330602"),
    *("330603", "330604", "330681", "330702", "330782", "330783", "330802", "331002", "331081", "331082"),
)
"""Thirty counties that carry the export tag in the demonstration; an invented choice."""

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "一禾知言云舒景和若安清远思齐文澜以宁子衿望舒书远怀瑾闻溪听竹"

_TITLES = {"province": "处长", "prefecture": "科长", "county": "科员"}


@dataclass(frozen=True, slots=True)
class Person:
    """An account with the demonstration password that belongs to no bureau."""

    username: str
    kind: Kind
    name: str
    roles: tuple[str, ...] = ()


PERSONS = (
    Person("admin", Kind.PLATFORM, "平台管理员", ("PlatformAdmin",)),
    Person("security", Kind.PLATFORM, "安全管理员", ("SecurityAdmin",)),
    Person("auditor", Kind.AUDITOR, "审计员"),
    Person("point", Kind.POINT, "示范纺织预警点"),
    Person("centre", Kind.CENTRE, "示范预警中心"),
    Person("provider", Kind.PROVIDER, "示范外贸服务商"),
)


def build_organisations(password_hash: str, now: dt.datetime) -> bool:
    """Make bureaus, admins and named accounts through the services; False where they are there already.

    Runs within the caller's unit of work. Accounts without a name of their own get no password.
    """
    if db.session.scalar(select(User.id).where(User.username == "province")):
        return False
    with context.acting_as(SYSTEM):
        regions = _regions(local_date(now))
        made = _Made(password_hash, now)
        for region in regions:
            made.add(region)
        for person in PERSONS:
            made.add_person(person)
        for region in regions:
            if region.code in STRONG_EXPORTERS:
                service.tag_region(region, strong_exporter=True, note=region.note)
    return True


def invented_name(seed: object) -> str:
    """A person's name made up from a seed; always the same for one seed."""
    chance = random.Random(f"person {seed}")  # noqa: S311 - demonstration data, not a secret
    start = chance.randrange(0, len(GIVEN) - 1)
    return chance.choice(SURNAMES) + GIVEN[start : start + 2]


def _regions(today: dt.date) -> Sequence[Region]:
    """The province, its prefectures and their counties as of a day, top down."""
    within = (
        select(Region)
        .where(Region.kind == "admin", Region.level.in_(("province", "prefecture", "county")))
        .order_by(Region.code)
    )
    known: dict[int, Region] = {}
    for level in ("province", "prefecture", "county"):
        for region in db.session.scalars(within.where(Region.level == level)):
            top = region.code == PROVINCE if level == "province" else region.parent_id in known
            if top and region.exists_on(today):
                known[region.id] = region
    return list(known.values())


class _Made:
    """What was made so far, to hang the next level below it."""

    def __init__(self, password_hash: str, now: dt.datetime) -> None:
        self.password_hash = password_hash
        self.now = now
        self.bureaus: dict[int, Bureau] = {}
        self.admins: dict[int, Admin] = {}

    def add(self, region: Region) -> None:
        """The bureau of a region and its admin."""
        number = len(self.bureaus) + 1
        above = region.parent_id or 0
        superior = self.bureaus.get(above)
        bureau = service.create_bureau(
            SYSTEM,
            service.BureauDraft(
                name=f"{region.full_name.removeprefix('浙江省') or '浙江省'}商务主管部门",
                level=region.level,
                region_id=region.id,
                superior_id=superior.id if superior else None,
                contacts=_contacts(region, number),
            ),
            self.now,
        )
        self.bureaus[region.id] = bureau
        self.admins[region.id] = self._admin(region, bureau, number)

    def _admin(self, region: Region, bureau: Bureau, number: int) -> Admin:
        username = NAMED_ADMINS.get(region.code, f"b{region.code}")
        named = region.code in NAMED_ADMINS
        superior = self.admins.get(region.parent_id or 0)
        account = service.AccountDraft(
            username=username,
            email=f"{username}@bureau.example",
            kind=Kind.BUREAU,
            display_name=invented_name(f"admin {region.code}"),
            phone=f"0500-{number:08d}",
            password_hash=self.password_hash if named else NO_PASSWORD,
        )
        draft = service.AdminDraft(
            bureau_id=bureau.id,
            region_ids=[region.id],
            superior_id=superior.id if superior else None,
            rights=_rights(region),
            account=account,
        )
        return service.create_admin(SYSTEM, draft, self.now)

    def add_person(self, person: Person) -> None:
        """An account that belongs to no bureau."""
        draft = service.AccountDraft(
            username=person.username,
            email=f"{person.username}@platform.example",
            kind=person.kind,
            display_name=person.name,
            password_hash=self.password_hash,
            roles=person.roles,
        )
        service.create_account(SYSTEM, draft, self.now)


def _rights(region: Region) -> frozenset[str]:
    if region.level == "province":
        return frozenset(RIGHTS)
    if region.level == "prefecture":
        return frozenset({"bulk_accept", "batch_import", "unfreeze_reports"})
    return frozenset({"bulk_accept"}) if region.code in NAMED_ADMINS else frozenset()


def _contacts(region: Region, number: int) -> Sequence[service.ContactDraft]:
    leader = service.ContactDraft(
        "leader", invented_name(f"leader {region.code}"), f"0500-1000{number:04d}", "分管领导"
    )
    handler = service.ContactDraft(
        "handler",
        invented_name(f"handler {region.code}"),
        f"0500-2000{number:04d}",
        _TITLES[region.level],
    )
    return (leader, handler)
