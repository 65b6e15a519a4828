"""What is known of earlier reminders: columns beside respondents, and the list of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, exists, func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.spec import Key
from app.infra.outbox import OutboxMessage
from app.infra.scope import register, scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.notifications.models import InboxMessage
from app.questionnaires.models import Questionnaire
from app.questionnaires.reminder_models import RespondentReminder, message_key
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.scope import visible_respondents
from app.reports.reminder_list import OUTCOME_MARKS, OUTCOME_NAMES, REMINDED
from app.reports.reminder_rules import CHANNEL_LABELS

REMEMBERED = "respondent_reminders"


def visible_reminders(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Reminders to the respondents in scope."""
    return RespondentReminder.respondent_id.in_(
        select(Respondent.id).where(visible_respondents(actor, today))
    )


register(RespondentReminder, visible_reminders)


def reminders_list() -> ListSpec:
    """催答记录: every reminder to the respondents in scope, the latest first."""
    row = RespondentReminder
    return ListSpec(
        name="respondent_reminders",
        title=Message("Reminders of questionnaires"),
        base=_base,
        key=(row.id,),
        columns=(
            Column("at", Message("Reminded at"), row.at, "instant", sortable=True, always=True),
            Column("enterprise", Message("Enterprise name"), Enterprise.name, sortable=True),
            Column("title", Message("Title of the questionnaire"), Questionnaire.title),
            Column("begins_on", Message("Round begins"), QuestionnaireRound.begins_on, "date"),
            Column("channel", Message("Channel"), row.channel, "choice", words=CHANNEL_LABELS),
            Column("by", Message("Reminded by"), row.actor_name),
            Column("bureau", Message("Bureau"), row.bureau_name, css="place"),
            Column(
                "outcome", Message("Delivery"), kind="state", each=_outcomes, words=OUTCOME_NAMES,
                marks=OUTCOME_MARKS,
            ),
        ),
        filters=(
            Filter("title", Message("Title of the questionnaire"), expression=Questionnaire.title),
            Filter("channel", Message("Channel"), "choice", row.channel, words=CHANNEL_LABELS),
            Filter("enterprise", Message("Enterprise name"), expression=Enterprise.name),
            Filter("day", Message("Day"), "date_range", row.at),
        ),
        default_sort="-at",
        unit=Message("{count} reminders"),
        empty=Message("Nobody was reminded yet."),
        empty_next=(Message("Respondents"), "/respondents/"),
    )  # fmt: skip


def reminder_columns() -> tuple[Column, ...]:
    """When and by whom a respondent was last reminded, and on how many days; one statement for a page."""

    def part(place: int) -> Any:
        return lambda keys, _actor: {key: found[place] for key, found in _reminded(keys).items()}

    return (
        Column("reminded_at", Message("Last reminded"), kind="instant", each=part(0)),
        Column("reminded_by", Message("Reminded by"), each=part(1), default=False),
        Column("reminders", Message("Reminders"), kind="number", each=part(2)),
    )


def reminded_filter() -> Filter:
    """Those who were reminded, or those who were not yet."""
    mine = exists().where(RespondentReminder.respondent_id == Respondent.id)

    def clause(value: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
        return mine if value == "yes" else ~mine

    return Filter("reminded", Message("Whether reminded"), "choice", words=REMINDED, clause=clause)


def _base(actor: Actor, today: dt.date) -> Any:
    return (
        select(RespondentReminder.id)
        .join(Respondent, Respondent.id == RespondentReminder.respondent_id)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
        .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
        .where(scope_of(RespondentReminder)(actor, today))
    )


def _reminded(keys: Sequence[Key]) -> dict[Key, tuple[dt.datetime, str, int]]:
    """Instant, person and number of days of the rows of a page; read once for the three columns."""
    asked = tuple(keys)
    memory = g.get(REMEMBERED)
    if memory is None or memory[0] != asked:
        memory = asked, _read([key[0] for key in keys])
        setattr(g, REMEMBERED, memory)
    found: dict[Key, tuple[dt.datetime, str, int]] = memory[1]
    return found


def _read(respondent_ids: Sequence[int]) -> dict[Key, tuple[dt.datetime, str, int]]:
    row = RespondentReminder
    last = (
        select(func.max(row.id).label("id"), func.count(row.day.distinct()).label("times"))
        .where(row.respondent_id.in_(respondent_ids))
        .group_by(row.respondent_id)
        .subquery()
    )
    query = select(row.respondent_id, row.at, row.actor_name, last.c.times).join(last, last.c.id == row.id)
    return {(key,): (at, by, times) for key, at, by, times in db.session.execute(query)}


def _outcomes(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    """How each message of a page fared: sent or not, read or not."""
    wanted = {message_key(key[0]): key for key in keys}
    outbox = select(OutboxMessage.key, OutboxMessage.state).where(OutboxMessage.key.in_(wanted))
    inbox = select(InboxMessage.key, InboxMessage.read_at).where(InboxMessage.key.in_(wanted))
    found = {wanted[key]: state for key, state in db.session.execute(outbox)}
    for key, read_at in db.session.execute(inbox):
        found[wanted[key]] = "read" if read_at else "unread"
    return found
