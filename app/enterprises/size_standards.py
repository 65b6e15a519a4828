"""Size standards of the database: read for measuring, published and withdrawn by an administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import g
from sqlalchemy import select

from app.enterprises.size_models import GROUPS, SizeStandard, SizeThreshold, threshold_name
from app.enterprises.size_tables import (
    BANDS,
    SizeGroup,
    Standard,
    Thresholds,
    group_names,
    metrics_of,
    shipped_standards,
)
from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import LocalText, Message

IN_FORCE = Message(
    "This standard holds or has held already: enterprises were measured by it, so it stays as it is. "
    "Publish a new one instead."
)
MOST = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class StandardDraft:
    """A standard as entered. ``limits`` are the thresholds by their field, money in 千元."""

    code: str
    document: LocalText
    in_force_from: dt.date | None
    reason: str
    limits: Mapping[str, Decimal | None]


def standards() -> Sequence[Standard]:
    """Every standard that the database keeps, the shipped ones before it keeps any; read once a request."""
    if "size_standards" not in g:
        g.size_standards = tuple(_loaded()) or shipped_standards()
    found: Sequence[Standard] = g.size_standards
    return found


def _loaded() -> list[Standard]:
    names = group_names()
    columns = (
        SizeThreshold.size_group,
        SizeThreshold.metric,
        *(getattr(SizeThreshold, one) for one in BANDS),
    )
    rows = db.session.execute(
        select(SizeStandard.code, SizeStandard.document, SizeStandard.in_force_from, *columns)
        .join(SizeThreshold, SizeThreshold.standard_id == SizeStandard.id)
        .order_by(SizeStandard.in_force_from, SizeThreshold.id)
    )
    found: dict[tuple[str, LocalText, dt.date], dict[str, list[Thresholds]]] = {}
    for code, document, day, group, *limits in rows:
        found.setdefault((code, document, day), {}).setdefault(group, []).append(Thresholds(*limits))
    return [
        Standard(
            *head, {group: SizeGroup(group, names[group], tuple(limits)) for group, limits in groups.items()}
        )
        for head, groups in found.items()
    ]


def publish_standard(actor: Actor, draft: StandardDraft, now: dt.datetime) -> SizeStandard:
    """Have other thresholds from a day on, tomorrow at the earliest.

    Sizes stay as they were measured until the enterprise enters its figures again.

    :raises Forbidden: only the platform's administration keeps the standards.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_keep(actor)
    row = SizeStandard(created_at=now, created_by_id=actor.account_id)
    _fill(row, draft, now)
    db.session.add(row)
    return _settle(row)


def change_standard(
    actor: Actor, standard_id: int, draft: StandardDraft, version: int | None, now: dt.datetime
) -> SizeStandard:
    """Mend a standard that does not hold yet.

    :raises Conflict: it holds already, or somebody changed it since ``version``.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_keep(actor)
    row = _find(actor, standard_id, now)
    claim_version(row, version)
    _fill(row, draft, now)
    return _settle(row)


def withdraw_standard(actor: Actor, standard_id: int, now: dt.datetime) -> None:
    """Take a standard back that does not hold yet.

    :raises Conflict: it holds already.
    """
    _may_keep(actor)
    db.session.delete(_find(actor, standard_id, now))
    db.session.flush()
    g.pop("size_standards", None)


def is_in_force(row: SizeStandard, today: dt.date) -> bool:
    """Whether a standard holds or has held, so that enterprises may have been measured by it."""
    return row.in_force_from <= today


def _settle(row: SizeStandard) -> SizeStandard:
    db.session.flush()
    g.pop("size_standards", None)
    return row


def _may_keep(actor: Actor) -> None:
    if actor.kind not in (Kind.PLATFORM, Kind.SYSTEM):
        raise Forbidden(Message("Only the platform's administration keeps the size standards."))


def _find(actor: Actor, standard_id: int, now: dt.datetime) -> SizeStandard:
    row: SizeStandard = scope.find(SizeStandard, standard_id, actor, local_date(now), lock=True)
    if is_in_force(row, local_date(now)):
        raise Conflict(IN_FORCE)
    return row


def _fill(row: SizeStandard, draft: StandardDraft, now: dt.datetime) -> None:
    problems = [*standard_problems(draft, local_date(now)), *_clashes(row, draft)]
    if problems or draft.in_force_from is None:
        raise Invalid(problems)
    row.code, row.document = normalise_name(draft.code), draft.document
    row.in_force_from, row.reason = draft.in_force_from, normalise_name(draft.reason)
    kept = {(one.size_group, one.metric): one for one in row.thresholds}
    for group in GROUPS:
        for metric in metrics_of(group):
            limits = kept.get((group, metric)) or SizeThreshold(size_group=group, metric=metric)
            for band in BANDS:
                setattr(limits, band, draft.limits[threshold_name(group, metric, band)])
            if (group, metric) not in kept:
                row.thresholds.append(limits)


def standard_problems(draft: StandardDraft, today: dt.date) -> list[Problem]:
    """Everything wrong with a standard that needs no look at the others: pure."""
    problems = []
    if not 1 <= len(normalise_name(draft.code)) <= 20:
        problems.append(Problem(Message("Enter a name of at most {limit} characters.", limit=20), "code"))
    if not draft.document.zh:
        problems.append(Problem(Message("This entry is required."), "document"))
    if not 1 <= len(normalise_name(draft.reason)) <= 200:
        problems.append(Problem(Message("Give a reason of at most {limit} characters.", limit=200), "reason"))
    if draft.in_force_from is None:
        problems.append(Problem(Message("This entry is required."), "in_force_from"))
    elif draft.in_force_from <= today:
        words = Message("A standard can hold from tomorrow on: what was measured before stays as it is.")
        problems.append(Problem(words, "in_force_from"))
    for group in GROUPS:
        for metric in metrics_of(group):
            problems += _limit_problems(draft.limits, group, metric)
    return problems


def _limit_problems(limits: Mapping[str, Decimal | None], group: str, metric: str) -> list[Problem]:
    names = [threshold_name(group, metric, band) for band in BANDS]
    values = [limits.get(name) for name in names]
    problems = [
        Problem(Message("This entry is required."), name)
        for name, value in zip(names, values, strict=True)
        if value is None
    ]
    if problems:
        return problems
    for name, value in zip(names, values, strict=True):
        assert value is not None  # noqa: S101 - said above
        if not 0 < value <= MOST:
            problems.append(Problem(Message("A threshold is greater than zero."), name))
        elif metric == "employees" and value != value.to_integral_value():
            problems.append(Problem(Message("Employees are counted in whole persons."), name))
    large, medium, small = (value or Decimal(0) for value in values)
    if not problems and not large > medium > small:
        words = Message("The threshold of a larger band must be greater than that of the next smaller one.")
        problems.append(Problem(words, names[1] if large > small else names[0]))
    return problems


def _clashes(row: SizeStandard, draft: StandardDraft) -> list[Problem]:
    problems = []
    with db.session.no_autoflush:
        others = select(SizeStandard.id).where(SizeStandard.id != (row.id or 0)).limit(1)
        if db.session.scalar(others.where(SizeStandard.code == normalise_name(draft.code))):
            problems.append(Problem(Message("There is a standard of this name already."), "code"))
        if db.session.scalar(others.where(SizeStandard.in_force_from == draft.in_force_from)):
            problems.append(Problem(Message("Another standard begins on this day."), "in_force_from"))
    return problems
