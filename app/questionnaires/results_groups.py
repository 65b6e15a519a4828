"""By what the answers to a question are crossed: round, place, trade, size, or another question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, String, select
from sqlalchemy.types import TypeEngine

from app.enterprises.charts import PLACES, level_below
from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.database import db
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires.results_selection import Selection
from app.questionnaires.results_subjects import Subject
from app.questionnaires.round_models import Response

ROUND, REGION, INDUSTRY, SIZE = "round", "region", "industry", "size"
NAMES: Mapping[str, Message] = {
    ROUND: Message("Round"),
    REGION: Message("Region"),
    INDUSTRY: Message("Industry"),
    SIZE: Message("Size"),
}
DIVISION_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Group:
    """A way to tell responses apart: how rows are joined for it, its key and the words of its keys.

    ``splits`` says that each response stands in one group only, so that groups can be added up.
    """

    words: Message | str
    joined: Callable[[Select[Any]], Select[Any]]
    key: Any
    names: Mapping[Any, Any]
    splits: bool = True
    kind: TypeEngine[Any] = Integer()  # noqa: RUF009 - a type of SQLAlchemy is a constant


def group_named(selection: Selection, name: str, found: Mapping[str, Subject]) -> Group:
    """The group of that name: one of ``NAMES``, else the code of a subject.

    :raises KeyError: there is none.
    """
    if name == ROUND:
        return Group(NAMES[name], lambda rows: rows, Response.round_id, selection.rounds.words)
    if name in NAMES and selection.is_named:
        return {REGION: _by_region, INDUSTRY: _by_industry, SIZE: _by_size}[name](selection)
    return _by_subject(found[name])


def group_names(selection: Selection, found: Mapping[str, Subject]) -> dict[str, Message | str]:
    """What can be chosen: facts of who answered where they are known, then the questions."""
    facts = NAMES if selection.is_named else {ROUND: NAMES[ROUND]}
    return {**facts, **{code: one.words for code, one in found.items() if not one.is_number}}


def _with_enterprise(rows: Select[Any]) -> Select[Any]:
    return rows.join(Enterprise, Enterprise.id == Response.enterprise_id)


def _with_version(rows: Select[Any]) -> Select[Any]:
    return rows.join(EnterpriseVersion, EnterpriseVersion.id == Response.enterprise_version_id)


def _with_industry(rows: Select[Any]) -> Select[Any]:
    return _with_version(rows).join(Industry, Industry.id == EnterpriseVersion.industry_id)


def _by_region(selection: Selection) -> Group:
    """Places one level below the admin's own, as of today."""
    place = PLACES[level_below(selection.actor.level)]
    rounds = [one.id for one in selection.rounds.shown]
    there = select(place).join(Response, Response.enterprise_id == Enterprise.id)
    named = select(Region.id, Region.name).where(Region.id.in_(there.where(Response.round_id.in_(rounds))))
    names = {row[0]: row[1] for row in db.session.execute(named)}
    return Group(NAMES[REGION], _with_enterprise, place, names)


def _by_industry(_selection: Selection) -> Group:
    """Divisions of the trade that each enterprise was in when the round opened."""
    named = select(Industry.code, Industry.name).where(Industry.level == DIVISION_LEVEL)
    names = {row[0]: row[1] for row in db.session.execute(named)}
    return Group(NAMES[INDUSTRY], _with_industry, Industry.division, names, kind=String())


def _by_size(_selection: Selection) -> Group:
    return Group(NAMES[SIZE], _with_version, EnterpriseVersion.size, SIZE_NAMES, kind=String())


def _by_subject(subject: Subject) -> Group:
    """By what was answered to another question; of several options a response counts for each."""
    lines = subject.lines()

    def joined(rows: Select[Any]) -> Select[Any]:
        same = lines.response_id == Response.id
        return rows.join(lines, same).where(*subject.own(lines))

    splits = not subject.is_several
    return Group(subject.words, joined, subject.option(lines), subject.options, splits)
