"""What a reviewer should look at twice: names that resemble others, and one organisation with two codes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select

from app.enterprises.credit_codes import organisation_code
from app.enterprises.models import Enterprise
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_workflow import PENDING
from app.infra.database import db
from app.infra.i18n import listed
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.errors import Words
from app.kernel.names import name_key
from app.kernel.texts import Message

LEGAL_FORMS = re.compile("(股份合作公司|股份有限公司|有限责任公司|有限公司|集团|股份|公司|厂|合作社)+$")
BRACKETED = re.compile(r"\([^()]*\)")
PLACE_ENDINGS = re.compile("[省市县区州盟]$")
SHORTEST_CORE = 3
"""Fewer characters than this stand in too many names to say anything."""
MOST_NAMED = 3


def name_core(name: str, places: list[str]) -> str:
    """What is particular in a name: without the place in front, what stands in brackets and the legal form.

    :param places: names of the regions that the enterprise lies in, such as 浙江省 and 杭州市.
    """
    core = BRACKETED.sub("", name_key(name))
    for place in places:
        for spelled in (place, PLACE_ENDINGS.sub("", place)):
            core = core.removeprefix(name_key(spelled))
    return LEGAL_FORMS.sub("", core)


def hints(registration: EnterpriseRegistration, actor: Actor, today: dt.date) -> list[Words]:
    """Every hint on a registration; it names only records that the actor sees."""
    return [*same_organisation(registration.uscc, actor, today), *_alike(registration, actor, today)]


def same_organisation(uscc: str, actor: Actor, today: dt.date) -> list[Words]:
    """Whether another credit code holds the same organisation code, its 9th to 17th characters."""
    code = organisation_code(uscc)
    if not code:
        return []
    same = (func.substr(Enterprise.uscc, 9, 9) == code, Enterprise.uscc != uscc)
    if db.session.scalar(select(Enterprise.id).where(*same).limit(1)) is None:
        return []
    named = _names(*same, actor=actor, today=today)
    if not named:
        return [
            Message(
                "An enterprise outside your regions has the same organisation code {code}.",
                code=code,
            )
        ]
    return [Message("The same organisation code {code} belongs to: {names}.", code=code, names=named)]


def _alike(registration: EnterpriseRegistration, actor: Actor, today: dt.date) -> Iterator[Words]:
    places: list[str] = []
    region = registration.region
    while region is not None:
        places.insert(0, region.name)
        region = region.parent
    core = name_core(registration.name, places)
    if len(core) < SHORTEST_CORE:
        return
    alike = Enterprise.name_key.contains(core, autoescape=True)
    others = Enterprise.id != (registration.enterprise_id or 0)
    named = _names(alike, others, actor=actor, today=today)
    if named:
        yield Message("Names like this are registered: {names}.", names=named)
    table = EnterpriseRegistration
    waiting = db.session.scalars(
        select(table.name)
        .where(table.name_key.contains(core, autoescape=True), table.state == PENDING)
        .where(table.id != registration.id, scope_of(table)(actor, today))
        .order_by(table.id)
        .limit(MOST_NAMED)
    ).all()
    if waiting:
        yield Message("Names like this wait for review too: {names}.", names=listed(waiting))


def _names(*conditions: ColumnElement[bool], actor: Actor, today: dt.date) -> str:
    query = select(Enterprise.name).where(*conditions, scope_of(Enterprise)(actor, today))
    return listed(db.session.scalars(query.order_by(Enterprise.id).limit(MOST_NAMED)))
