"""Declared lists: 问卷调查管理, the respondents of rounds, and how many of each region answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, select

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, Remote
from app.infra.lists.spec import Key
from app.infra.scope import among, scope_of
from app.infra.security import current_permissions
from app.kernel.actor import Actor, Kind
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.lists import region_filter, scoped
from app.organisations.models import AdminName, Region
from app.questionnaires import lifecycle
from app.questionnaires.answer_workflow import ANSWERED, REOPENED, RESPONDENT_MARKS, RESPONDENT_STATES
from app.questionnaires.links import ways_of
from app.questionnaires.models import FREQUENCIES, PLACEMENTS, Questionnaire
from app.questionnaires.reminder_list import reminded_filter, reminder_columns
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.workflow import STATE_MARKS, STATES

STATE = Message("State of the questionnaire")
FREQUENCY = Message("Frequency of the questionnaire")
REMIND = "remind"
ROUND_DAY = 10
"""Characters of the day in the name of a round."""


def questionnaire_list(name: str, row_link: str) -> ListSpec:
    """问卷调查管理: what an admin drew up, what its subordinates did, and what was handed out to it."""
    row = Questionnaire
    return ListSpec(
        name=name,
        title=Message("Administration of questionnaires"),
        base=scoped(row),
        key=(row.id,),
        columns=(
            Column("title", Message("Title of the questionnaire"), row.title, sortable=True, always=True),
            Column("state", STATE, row.state, "state", words=STATES, marks=STATE_MARKS),
            Column("frequency", FREQUENCY, row.frequency, "choice", words=FREQUENCIES),
            Column("starts_on", Message("First day"), row.starts_on, "date", sortable=True),
            Column("ends_on", Message("Last day"), row.ends_on, "date", sortable=True),
            Column("revision", Message("Revision"), row.revision, "number"),
            Column("anonymous", Message("Anonymous"), row.anonymous, "bool", default=False),
            Column("placement", Message("Where it is answered"), row.placement, "choice", words=PLACEMENTS,
                   default=False),
            Column("owner", Message("Drawn up by"), lookup=Lookup(row.admin_id, AdminName)),
            Column("answered", Message("Answered in the latest round"), each=_answered),
            Column("updated_at", Message("Changed"), row.updated_at, "instant", sortable=True, default=False),
            Column("actions", Message("Actions"), kind="links", each=ways_of(context.today()), always=True),
        ),
        filters=(
            Filter("state", STATE, "choice", row.state, words=STATES, tabs=True),
            Filter("frequency", FREQUENCY, "multi", row.frequency, words=FREQUENCIES),
            Filter("title", Message("Title of the questionnaire"), expression=row.title),
            Filter("starts", Message("First day"), "date_range", row.starts_on),
            Filter("ends", Message("Last day"), "date_range", row.ends_on),
            Filter("mine", Message("Only mine"), "bool", clause=_mine),
            Filter("anonymous", Message("Anonymous"), "bool", row.anonymous, more_conditions=True),
        ),
        actions=(
            Action(
                "delete", Message("Delete"), _delete, done=Message("Deleted"), danger=True,
                confirm=Message("Delete the ticked drafts? This cannot be undone."),
            ),
        ),
        default_sort="-updated_at",
        row_link=row_link,
        unit=Message("{count} questionnaires"),
        empty=Message("No questionnaire was drawn up yet."),
        empty_next=(Message("New questionnaire"), "/questionnaires/add"),
    )  # fmt: skip


def respondents_list(actor: Actor) -> ListSpec:
    """答卷对象: who must answer which round, and how far each is."""
    row, asked = Respondent, Questionnaire
    return ListSpec(
        name="respondents",
        title=Message("Respondents"),
        base=_respondents,
        key=(row.id,),
        columns=(
            Column("enterprise", Message("Enterprise name"), Enterprise.name, sortable=True, always=True,
                   link="/enterprises/show/{}", link_from=row.enterprise_id),
            Column("region", Message("Region"), lookup=Lookup(row.region_id, Region, "full_name"),
                   css="place"),
            Column("title", Message("Title of the questionnaire"), asked.title, link="/answers/{}/response"),
            Column("begins_on", Message("Round begins"), QuestionnaireRound.begins_on, "date", sortable=True),
            Column("ends_on", Message("Round ends"), QuestionnaireRound.ends_on, "date", sortable=True),
            Column("state", Message("State of the answer"), row.state, "state", words=RESPONDENT_STATES,
                   marks=RESPONDENT_MARKS),
            Column("answered_on", Message("Answered on"), row.answered_on, "date", sortable=True),
            *reminder_columns(),
            Column("contact", Message("Contact"), Enterprise.contact_name, css="keep", default=False),
            Column("phone", Message("Phone"), _phone(), css="keep", default=False),
            Column("uscc", Message("Credit code"), Enterprise.uscc, default=False),
            Column("actions", Message("Actions"), kind="links", each=_answers_of),
        ),
        filters=(*round_filters(), _state_filter(), *_whom_filters(), reminded_filter()),
        actions=(_reminding(),),
        default_sort="-begins_on",
        unit=Message("{count} respondents"),
        empty=Message("Nobody was asked yet. Respondents are written down when a round opens."),
        empty_next=(Message("Questionnaires"), "/questionnaires/list/"),
    )  # fmt: skip


def round_filters() -> tuple[Filter, ...]:
    """Of which questionnaire and of which of its rounds; those open today."""
    return (
        Filter(
            "questionnaire", Message("Questionnaire"), "remote", Questionnaire.id,
            remote=Remote(_questionnaires, (Questionnaire.title,)),
        ),
        Filter(
            "round", Message("Round"), "remote", QuestionnaireRound.id,
            remote=Remote(_rounds, (Questionnaire.title,)),
        ),
        Filter("open", Message("Open now"), "bool", clause=_open_now),
    )  # fmt: skip


def place_filter() -> Filter:
    """A region with all below it."""
    return region_filter(lambda subtree: among(Respondent.region_id, subtree))


def respondents_in_sight(actor: Actor, today: dt.date) -> Any:
    """Respondents with their round, their questionnaire and their enterprise."""
    return (
        select(Respondent.id)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
        .where(scope_of(Respondent)(actor, today))
    )


def _respondents(actor: Actor, today: dt.date) -> Any:
    return respondents_in_sight(actor, today).join(Enterprise, Enterprise.id == Respondent.enterprise_id)


def _state_filter() -> Filter:
    return Filter(
        "state", Message("State of the answer"), "multi", Respondent.state, words=RESPONDENT_STATES,
        clause=lambda states, _actor, _today: Respondent.state.in_(states) if states else false(),
    )  # fmt: skip


def _whom_filters() -> tuple[Filter, ...]:
    return (
        place_filter(),
        Filter("keyword", Message("Enterprise name"), expression=Enterprise.name_key, clause=_named),
        Filter(
            "answered", Message("Answered on"), "date_range", Respondent.answered_on, more_conditions=True
        ),
    )


def _named(text: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return Enterprise.name_key.contains(name_key(str(text)), autoescape=True)


def _open_now(wanted: bool, _actor: Actor, today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as filters call it
    now = and_(
        QuestionnaireRound.closed_at.is_(None),
        QuestionnaireRound.begins_on <= today,
        QuestionnaireRound.ends_on >= today,
    )
    return now if wanted else ~now


def _mine(wanted: bool, actor: Actor, _today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as filters call it
    own = Questionnaire.admin_id == actor.admin_id
    return own if wanted else ~own


def _questionnaires(actor: Actor, today: dt.date) -> Any:
    found = select(Questionnaire.id, Questionnaire.title).where(scope_of(Questionnaire)(actor, today))
    return found.order_by(Questionnaire.id.desc())


def _rounds(actor: Actor, today: dt.date) -> Any:
    """Rounds by the title of their questionnaire and their first day, the latest first."""
    day = func.substr(cast(QuestionnaireRound.begins_on, String), 1, ROUND_DAY)
    named = select(QuestionnaireRound.id, Questionnaire.title + " · " + day)
    named = named.join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
    visible = named.where(scope_of(QuestionnaireRound)(actor, today))
    return visible.order_by(QuestionnaireRound.begins_on.desc(), QuestionnaireRound.id.desc())


def _phone() -> Any:
    return case((Enterprise.mobile != "", Enterprise.mobile), else_=Enterprise.phone)


def _answered(keys: Sequence[Key], actor: Actor) -> Mapping[Key, str]:
    """How many of those asked in the latest round answered, of the actor's regions."""
    ids = [key[0] for key in keys]
    latest = (
        select(func.max(QuestionnaireRound.id))
        .where(QuestionnaireRound.questionnaire_id.in_(ids))
        .group_by(QuestionnaireRound.questionnaire_id)
    )
    done = func.count(case((Respondent.state == ANSWERED, 1)))
    query = (
        select(QuestionnaireRound.questionnaire_id, done, func.count())
        .join(Respondent, Respondent.round_id == QuestionnaireRound.id)
        .where(QuestionnaireRound.id.in_(latest), scope_of(Respondent)(actor, context.today()))
        .group_by(QuestionnaireRound.questionnaire_id)
    )
    return {(key,): f"{answered:,} / {asked:,}" for key, answered, asked in db.session.execute(query)}


def _answers_of(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, list[tuple[str, str]]]:
    """The way to what was answered; of an anonymous questionnaire there is none."""
    if ("can_show", "AnswerView") not in current_permissions():
        return {}
    query = (
        select(Respondent.id)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
        .where(Respondent.id.in_([key[0] for key in keys]), Respondent.state.in_((ANSWERED, REOPENED)))
        .where(Questionnaire.anonymous.is_(False))
    )
    words = say(Message("See the answers"))
    return {
        (key,): [(words, url_for("AnswerView.show", respondent_id=key))] for key in db.session.scalars(query)
    }


def _delete(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
    lifecycle.delete_questionnaire(actor, key[0], now)


def _reminding() -> Action:
    """催答: which channels are to be used is asked on a page of its own."""
    return Action(
        REMIND,
        Message("Remind"),
        page="RespondentView.remind",
        allowed=lambda actor: actor.kind is Kind.BUREAU,
        primary=True,
    )
