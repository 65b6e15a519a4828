"""Many enterprises at once: the rules and the writing of one, over records loaded in few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased, joinedload

from app.enterprises.drafts import EnterpriseDraft, draft_problems
from app.enterprises.events import EnterpriseCreated
from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, Industry, RegistrationType
from app.enterprises.record_rules import choice_problems, place_problems, registered_already
from app.enterprises.service import may_administer, version_of, write_facts
from app.infra.database import db
from app.infra.scope import scope_of
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Problem
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.closure import levels_of
from app.organisations.models import Account, Admin, Region
from app.organisations.reviewers import reviewer_for

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The records that the entries of many enterprises are compared with.

    ``names`` and ``codes`` of the file that are registered already lead to the direct reviewer to ask.
    """

    regions: Mapping[int, Region]
    divided: frozenset[int]
    industries: Mapping[int, Industry]
    registration_types: Mapping[int, RegistrationType]
    control_types: Mapping[int, ControlType]
    names: Mapping[str, Admin | None]
    codes: Mapping[str, Admin | None]


def surroundings(drafts: Sequence[EnterpriseDraft], actor: Actor, today: dt.date) -> Surroundings:
    """Load what normalised drafts are compared with; regions outside the actor's territory are not there."""
    regions = db.session.scalars(select(Region).where(scope_of(Region)(actor, today)))
    below = aliased(Region)
    divided = select(Region.id).where(exists().where(below.parent_id == Region.id))
    return Surroundings(
        regions={region.id: region for region in regions},
        divided=frozenset(db.session.scalars(divided)),
        industries=_by_id(Industry),
        registration_types=_by_id(RegistrationType),
        control_types=_by_id(ControlType),
        names=_registered(Enterprise.name_key, [name_key(draft.name) for draft in drafts]),
        codes=_registered(Enterprise.uscc, [draft.uscc for draft in drafts]),
    )


def _by_id(model: Any) -> dict[int, Any]:
    return {row.id: row for row in db.session.scalars(select(model))}


def _registered(column: Any, values: Sequence[str]) -> dict[str, Admin | None]:
    wanted = sorted({value for value in values if value})
    found: dict[str, Admin | None] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = db.session.execute(
            select(column, Admin)
            .select_from(Enterprise)
            .outerjoin(Admin, Admin.id == Enterprise.direct_reviewer_id)
            .where(column.in_(wanted[start : start + CHUNK]))
            .options(joinedload(Admin.account), joinedload(Admin.bureau))
        )
        found.update((value, admin) for value, admin in rows)
    return found


def enterprises_problems(
    drafts: Sequence[EnterpriseDraft], actor: Actor, today: dt.date
) -> Iterator[list[Problem]]:
    """What is wrong with each of several normalised new enterprises, duplicates among them included."""
    around = surroundings(drafts, actor, today)
    seen: dict[tuple[str, str], int] = {}
    for place, draft in enumerate(drafts):
        region = around.regions.get(draft.region_id)
        yield [
            *draft_problems(draft, today, may_except=actor.kind is not Kind.ENTERPRISE),
            *place_problems(region, today, is_divided=draft.region_id in around.divided),
            *choice_problems(
                around.industries.get(draft.industry_id),
                around.registration_types.get(draft.registration_type_id),
                around.control_types.get(draft.control_type_id),
            ),
            *_duplicates(draft, around, seen, place),
        ]


def _duplicates(
    draft: EnterpriseDraft, around: Surroundings, seen: dict[tuple[str, str], int], place: int
) -> Iterator[Problem]:
    repeated = {
        "name": Message("Another row of this file has the same name."),
        "uscc": Message("Another row of this file has the same credit code."),
    }
    for part, value, registered in (
        ("name", name_key(draft.name), around.names),
        ("uscc", draft.uscc, around.codes),
    ):
        if value in registered:
            yield Problem(registered_already(registered[value]), part)
        elif value and seen.setdefault((part, value), place) != place:
            yield Problem(repeated[part], part)


@dataclass(slots=True)
class _Places:
    """What follows from a region, asked once for each."""

    today: dt.date
    levels: dict[int, Mapping[str, int]] = field(default_factory=dict)
    reviewers: dict[int, int | None] = field(default_factory=dict)

    def of(self, region_id: int) -> tuple[Mapping[str, int], int | None]:
        """The levels above a region and the admin who reviews there."""
        if region_id not in self.levels:
            self.levels[region_id] = levels_of(region_id, self.today)
            reviewer = reviewer_for(region_id, self.today)
            self.reviewers[region_id] = reviewer.id if reviewer else None
        return self.levels[region_id], self.reviewers[region_id]


def create_enterprises(
    actor: Actor,
    drafts: Sequence[EnterpriseDraft],
    accounts: Sequence[Account | None],
    now: dt.datetime,
    report: Callable[[int], None],
) -> None:
    """Write normalised, checked enterprises with their accounts and first versions, inside a unit of work.

    Leaves what creating them one by one leaves: versions, reviewers, audit lines, an event for each.

    :raises Forbidden: only bureaus (and the program) add enterprises.
    """
    may_administer(actor)
    places = _Places(local_date(now))
    codes = dict(db.session.execute(select(Industry.id, Industry.code)).all())
    for start in range(0, len(drafts), CHUNK):
        pairs = zip(drafts[start : start + CHUNK], accounts[start : start + CHUNK], strict=True)
        _create_chunk(actor, [*pairs], places, codes, now)
        report(min(start + CHUNK, len(drafts)))


def _create_chunk(
    actor: Actor,
    pairs: Sequence[tuple[EnterpriseDraft, Account | None]],
    places: _Places,
    codes: Mapping[int, str],
    now: dt.datetime,
) -> None:
    made = []
    for draft, account in pairs:
        enterprise = Enterprise(created_at=now, updated_at=now, revision=1, account=account)
        levels, enterprise.direct_reviewer_id = places.of(draft.region_id)
        write_facts(enterprise, draft, levels, codes[draft.industry_id], local_date(now))
        made.append(enterprise)
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all([version_of(enterprise, 1, actor, now) for enterprise in made])
    db.session.flush()
    first = select(EnterpriseVersion.id).where(
        EnterpriseVersion.enterprise_id == Enterprise.id, EnterpriseVersion.number == 1
    )
    keys = [enterprise.id for enterprise in made]
    statement = update(Enterprise).where(Enterprise.id.in_(keys))
    db.session.execute(
        statement.values(current_version_id=first.scalar_subquery()).execution_options(
            synchronize_session=False
        )
    )
    for enterprise in made:
        db.session.expire(enterprise, ["current_version_id"])
        emit(EnterpriseCreated(actor, enterprise.id, now))
