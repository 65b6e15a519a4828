"""What of questionnaires passes on with an admin, and why records of other domains must stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, delete, exists, func, select, update

from app.enterprises.models import Enterprise, Industry
from app.infra import audit
from app.infra.database import db
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PASSES_ON, PENDING_WORK
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin, Region
from app.organisations.reviewers import managed_regions
from app.questionnaires.models import (
    Questionnaire,
    QuestionnaireEnterprise,
    QuestionnaireHandout,
    QuestionnaireIndustry,
    QuestionnaireRegion,
)
from app.questionnaires.round_models import Respondent
from app.questionnaires.workflow import ENABLED


def take_over_questionnaires(event: AdminTransferred) -> None:
    """Give the questionnaires of one admin to the other, and what was handed out to the one.

    :raises Invalid: the other admin does not manage a region that one of them asks.
    """
    outside = db.session.scalars(_outside(event.from_admin_id, event.to_admin_id, local_date(event.at))).all()
    if outside:
        raise Invalid(Problem(_lost(title), "to_admin") for title in outside)
    mine = Questionnaire.admin_id == event.from_admin_id
    moved: list[int] = list(db.session.scalars(select(Questionnaire.id).where(mine).with_for_update()))
    owner = {"admin_id": event.to_admin_id, "version": Questionnaire.version + 1}
    changed = update(Questionnaire).where(Questionnaire.id.in_(moved)).values(owner)
    db.session.execute(changed.execution_options(synchronize_session="fetch"))
    _take_over_handouts(event)
    for key in moved:
        audit.record(
            event.actor,
            "hand_over",
            "questionnaire",
            key,
            before={"admin_id": event.from_admin_id},
            after={"admin_id": event.to_admin_id},
        )


def keep_questionnaires_in_sight(event: AdminRegionsChanged) -> None:
    """An admin manages every region that the admin's enabled questionnaires ask.

    :raises Invalid: some lie outside the regions that the admin has now.
    """
    outside = _outside(event.admin_id, event.admin_id, local_date(event.at))
    lost = db.session.scalars(outside.where(Questionnaire.state == ENABLED)).all()
    if lost:
        words = Message(
            "{count} enabled questionnaires of this admin ask outside these regions: stop them or transfer "
            "the work first.",
            count=len(lost),
        )
        raise Invalid([Problem(words, "regions")])


def questionnaires_to_pass_on(admin: Admin) -> Message | None:
    """The questionnaires that an admin owns: all of them pass on."""
    query = select(func.count()).where(Questionnaire.admin_id == admin.id)
    count = db.session.scalar(query) or 0
    return Message("{count} questionnaires", count=count) if count else None


def running_questionnaires(admin: Admin) -> Problem | None:
    """The enabled questionnaires of an admin, as a reason not to disable the admin."""
    query = select(func.count()).where(Questionnaire.admin_id == admin.id, Questionnaire.state == ENABLED)
    count = db.session.scalar(query) or 0
    return Problem(Message("{count} enabled questionnaires", count=count)) if count else None


def enterprise_asked(enterprise: Enterprise) -> Problem | None:
    """An enterprise that was ever asked, or is named, stays: rates count it."""
    asked = select(exists().where(Respondent.enterprise_id == enterprise.id))
    named = select(exists().where(QuestionnaireEnterprise.enterprise_id == enterprise.id))
    if db.session.scalar(asked) or db.session.scalar(named):
        return Problem(Message("It was asked to answer questionnaires, so it can only stay disabled."))
    return None


def region_asked(region: Region) -> Problem | None:
    """A region that a questionnaire is for stays."""
    if db.session.scalar(select(exists().where(QuestionnaireRegion.region_id == region.id))):
        return Problem(Message("A questionnaire is for this region, so it stays."))
    return None


def industry_asked(industry: Industry) -> Problem | None:
    """An industry that a questionnaire is for stays."""
    if db.session.scalar(select(exists().where(QuestionnaireIndustry.industry_id == industry.id))):
        return Problem(Message("A questionnaire is for this industry, so it stays."))
    return None


def _outside(owner_id: int, admin_id: int, today: dt.date) -> Select[Any]:
    """Titles of an owner's questionnaires that ask regions out of an admin's."""
    asked = select(QuestionnaireRegion.questionnaire_id).where(
        QuestionnaireRegion.region_id.not_in(managed_regions(admin_id, today))
    )
    query = select(Questionnaire.title).where(Questionnaire.admin_id == owner_id, Questionnaire.id.in_(asked))
    return query.order_by(Questionnaire.id)


def _lost(title: str) -> Message:
    return Message(
        "Questionnaire “{title}” asks regions that are not among those of the new admin.", title=title
    )


def _take_over_handouts(event: AdminTransferred) -> None:
    """One row for each questionnaire, whoever of the two it was handed out to; none of one's own."""
    row = QuestionnaireHandout
    known = select(row.questionnaire_id).where(row.admin_id == event.to_admin_id)
    own = select(Questionnaire.id).where(Questionnaire.admin_id == event.to_admin_id)
    given = row.admin_id == event.from_admin_id
    moved = update(row).where(given, row.questionnaire_id.not_in(known), row.questionnaire_id.not_in(own))
    moved = moved.values(admin_id=event.to_admin_id)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))
    db.session.execute(delete(row).where(given).execution_options(synchronize_session="fetch"))


PASSES_ON.append(questionnaires_to_pass_on)
PENDING_WORK.append(running_questionnaires)
