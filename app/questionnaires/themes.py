"""主题定义: what a questionnaire is called, when it is asked and of whom; written while it is a draft."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.enterprises.models import SIZES, ControlType, Enterprise, Industry
from app.infra import scope
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires.models import (
    FREQUENCIES,
    LONGEST_TEXT,
    PLACEMENTS,
    SECTORS,
    TITLE_LENGTH,
    Questionnaire,
    QuestionnaireAudience,
)

MOST_NAMED = 5_000
"""Enterprises that a questionnaire may name one by one."""
LONGEST_SERIES = 3_660
"""Days between the first and the last day: ten years."""
NAMED_IN_A_REFUSAL = 10


@dataclass(frozen=True, slots=True)
class Theme:
    """The theme as entered. What is left empty in the audience excludes nobody.

    ``sector`` is one of ``SECTORS`` or empty; ``control_types`` are their codes. Where enterprises are
    named, these alone are asked.
    """

    title: str
    introduction: str = ""
    thanks: str = ""
    frequency: str = "once"
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    placement: str = "required"
    anonymous: bool = False
    region_ids: Sequence[int] = ()
    industry_ids: Sequence[int] = ()
    sector: str = ""
    sizes: Sequence[str] = ()
    control_types: Sequence[str] = ()
    enterprise_ids: Sequence[int] = ()


def check_theme(actor: Actor, questionnaire: Questionnaire | None, theme: Theme, now: dt.datetime) -> None:
    """Refuse a theme with all that is wrong with it.

    :raises Invalid: something is.
    """
    problems = theme_problems(actor, questionnaire, theme, local_date(now))
    if problems:
        raise Invalid(problems)


def theme_problems(
    actor: Actor, questionnaire: Questionnaire | None, theme: Theme, today: dt.date
) -> list[Problem]:
    """Everything wrong with a theme; ``questionnaire`` is None for a new one."""
    return [
        *_wording_problems(theme),
        *_period_problems(theme),
        *_choice_problems(theme),
        *_place_problems(actor, questionnaire, theme, today),
        *_named_problems(actor, theme, today),
    ]


def fill_theme(questionnaire: Questionnaire, theme: Theme, now: dt.datetime) -> None:
    """Write a checked theme down."""
    questionnaire.title = theme.title.strip()
    questionnaire.introduction = theme.introduction.strip()
    questionnaire.thanks = theme.thanks.strip()
    questionnaire.frequency, questionnaire.placement = theme.frequency, theme.placement
    questionnaire.starts_on, questionnaire.ends_on = theme.starts_on, theme.ends_on
    questionnaire.anonymous = theme.anonymous
    questionnaire.updated_at = now
    questionnaire.regions = _rows(Region, theme.region_ids)
    questionnaire.industries = _rows(Industry, theme.industry_ids)
    questionnaire.enterprises = _rows(Enterprise, theme.enterprise_ids)
    kept = {(part.kind, part.code): part for part in questionnaire.audience}
    questionnaire.audience = [
        kept.get(key) or QuestionnaireAudience(kind=key[0], code=key[1]) for key in _conditions(theme)
    ]
    db.session.flush()


def theme_of(questionnaire: Questionnaire) -> Theme:
    """The theme as it is written down, for copies and revisions."""
    return Theme(
        title=questionnaire.title,
        introduction=questionnaire.introduction,
        thanks=questionnaire.thanks,
        frequency=questionnaire.frequency,
        starts_on=questionnaire.starts_on,
        ends_on=questionnaire.ends_on,
        placement=questionnaire.placement,
        anonymous=questionnaire.anonymous,
        region_ids=[one.id for one in questionnaire.regions],
        industry_ids=[one.id for one in questionnaire.industries],
        sector=questionnaire.sector,
        sizes=questionnaire.sizes,
        control_types=questionnaire.control_types,
        enterprise_ids=[one.id for one in questionnaire.enterprises],
    )


def named_in(text: str, actor: Actor, today: dt.date) -> tuple[list[int], list[str]]:
    """The enterprises that a pasted list names by credit code or name, and what names none in sight.

    Entries are parted by line ends, commas, semicolons or tabs.
    """
    entries = list(
        dict.fromkeys(part.strip() for part in re.split(r"[\n\r\t,;，；、]+", text) if part.strip())
    )
    keys = {entry: (entry.upper(), name_key(entry)) for entry in entries}
    found: dict[str, int] = {}
    for part in _chunks(entries):
        codes = [keys[entry][0] for entry in part]
        names = [keys[entry][1] for entry in part]
        query = scope.visible(Enterprise, actor, today).with_only_columns(
            Enterprise.id, Enterprise.uscc, Enterprise.name_key
        )
        named = query.where(Enterprise.uscc.in_(codes) | Enterprise.name_key.in_(names))
        for row in db.session.execute(named):
            found[row.uscc] = found[row.name_key] = row.id
    ids = [next((found[key] for key in keys[entry] if key in found), 0) for entry in entries]
    known = list(dict.fromkeys(key for key in ids if key))
    return known, [entry for entry, key in zip(entries, ids, strict=True) if not key]


def unknown_problem(unknown: Sequence[str]) -> Problem:
    """What to say of entries that name no enterprise in sight."""
    shown = ", ".join(entry[:40] for entry in unknown[:NAMED_IN_A_REFUSAL])
    words = Message(
        "{count} entries name no enterprise of your regions: {entries}", count=len(unknown), entries=shown
    )
    return Problem(words, "named")


def _wording_problems(theme: Theme) -> Iterator[Problem]:
    if not theme.title.strip() or len(theme.title) > TITLE_LENGTH:
        yield Problem(Message("A title has 1 to {most} characters.", most=TITLE_LENGTH), "title")
    for name, text in (("introduction", theme.introduction), ("thanks", theme.thanks)):
        if len(text) > LONGEST_TEXT:
            yield Problem(Message("At most {most} characters.", most=f"{LONGEST_TEXT:,}"), name)


def _period_problems(theme: Theme) -> Iterator[Problem]:
    if theme.starts_on is None or theme.ends_on is None:
        return
    if theme.ends_on < theme.starts_on:
        yield Problem(Message("The last day lies before the first."), "ends_on")
    elif (theme.ends_on - theme.starts_on).days > LONGEST_SERIES:
        yield Problem(Message("A questionnaire is asked for at most ten years."), "ends_on")


def _choice_problems(theme: Theme) -> Iterator[Problem]:
    offered = Message("Choose from the entries that the list offers.")
    known = set(db.session.scalars(select(ControlType.code)))
    for name, given, allowed in (
        ("frequency", {theme.frequency}, set(FREQUENCIES)),
        ("placement", {theme.placement}, set(PLACEMENTS)),
        ("sector", {theme.sector} - {""}, set(SECTORS)),
        ("sizes", set(theme.sizes), set(SIZES)),
        ("control_types", set(theme.control_types), known),
    ):
        if given - allowed:
            yield Problem(offered, name)


def _place_problems(
    actor: Actor, questionnaire: Questionnaire | None, theme: Theme, today: dt.date
) -> Iterator[Problem]:
    """Regions within the actor's; one that ended may only stay where it stands already."""
    wanted = set(theme.region_ids)
    seen = scope.visible(Region, actor, today).where(Region.id.in_(wanted)).order_by(Region.code)
    regions = db.session.scalars(seen).all()
    if len(regions) != len(wanted):
        yield Problem(Message("Choose regions that you look after."), "regions")
    kept = {one.id for one in questionnaire.regions} if questionnaire else set()
    for region in regions:
        refusal = None if region.id in kept else region.refusal_on(today)
        if refusal is not None:
            yield Problem(refusal, "regions")


def _named_problems(actor: Actor, theme: Theme, today: dt.date) -> Iterator[Problem]:
    wanted = set(theme.enterprise_ids)
    if len(wanted) > MOST_NAMED:
        words = Message("Name at most {most} enterprises, or describe them by conditions.", most=MOST_NAMED)
        yield Problem(words, "named")
        return
    seen = scope.visible(Enterprise, actor, today).with_only_columns(Enterprise.id)
    found = sum(
        len(db.session.scalars(seen.where(Enterprise.id.in_(part))).all()) for part in _chunks([*wanted])
    )
    if found != len(wanted):
        yield Problem(Message("Choose enterprises of your regions."), "named")


def _conditions(theme: Theme) -> list[tuple[str, str]]:
    sectors = [theme.sector] if theme.sector else []
    parts = (("size", theme.sizes), ("control_type", theme.control_types), ("sector", sectors))
    return [(kind, code) for kind, codes in parts for code in sorted(set(codes))]


def _rows(model: Any, keys: Collection[int]) -> list[Any]:
    return [
        row
        for part in _chunks(sorted(set(keys)))
        for row in db.session.scalars(select(model).where(model.id.in_(part)).order_by(model.id))
    ]


def _chunks(keys: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    return (keys[first : first + size] for first in range(0, len(keys), size))
