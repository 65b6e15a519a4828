"""What is known of earlier reminders: columns beside non-reporters, and the list of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, exists, func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.i18n import listed, say
from app.infra.lists import Column, Filter, ListSpec, Lookup, Remote
from app.infra.outbox import OutboxMessage
from app.infra.outbox.lists import STATE_MARKS, STATE_NAMES
from app.infra.scope import scope_of
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.notifications.lists import READ_MARKS, READ_NAMES
from app.notifications.models import InboxMessage
from app.organisations.lists import scoped
from app.reports.reminder_models import ReportReminder, message_key
from app.reports.reminder_rules import CHANNEL_LABELS, CHANNELS

REMINDED = {"no": Message("Not reminded yet"), "yes": Message("Reminded")}
OUTCOME_NAMES = {**STATE_NAMES, **READ_NAMES}
OUTCOME_MARKS = {**STATE_MARKS, **READ_MARKS}
REMINDED_EARLIER = "report_reminders"


@dataclass(frozen=True, slots=True)
class Reminded:
    """How often an enterprise was reminded of a month, and the last time: when, by whom, how."""

    times: int
    at: dt.datetime
    by: str
    channels: tuple[str, ...]


def reminders_list(name: str = "reminders") -> ListSpec:
    """催报记录: every reminder to the enterprises in scope, the latest first."""
    row = ReportReminder
    return ListSpec(
        name=name,
        title=Message("Reminders sent"),
        base=scoped(row),
        key=(row.id,),
        columns=(
            Column("at", Message("Reminded at"), row.at, "instant", sortable=True, always=True),
            Column("enterprise", Message("Enterprise name"), lookup=Lookup(row.enterprise_id, Enterprise)),
            Column("period", Message("Report month"), row.period, "month"),
            Column("channel", Message("Channel"), row.channel, "choice", words=CHANNEL_LABELS),
            Column("by", Message("Reminded by"), row.actor_name),
            Column("bureau", Message("Bureau"), row.bureau_name, css="place"),
            Column(
                "outcome",
                Message("Delivery"),
                kind="state",
                each=_outcomes,
                words=OUTCOME_NAMES,
                marks=OUTCOME_MARKS,
            ),
        ),
        filters=(
            Filter("period", Message("Report month"), "month", row.period),
            Filter("channel", Message("Channel"), "choice", row.channel, words=CHANNEL_LABELS),
            Filter(
                "enterprise",
                Message("Enterprise name"),
                "remote",
                row.enterprise_id,
                remote=Remote(_enterprises, (Enterprise.name,)),
            ),
            Filter("day", Message("Day"), "date_range", row.at),
        ),
        default_sort="-at",
        unit=Message("{count} reminders"),
        empty=Message("No enterprise was reminded yet."),
        empty_next=(Message("Enterprises that have not reported"), "/nonreporters/"),
    )


def reminder_columns(form_id: int, period: int) -> tuple[Column, ...]:
    """When, by whom and how an enterprise was last reminded of a month, and how often; one statement."""

    def part(name: str) -> Any:
        def values(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, Any]:
            return {key: getattr(found, name) for key, found in _reminded(keys, form_id, period).items()}

        return values

    def channels(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, str]:
        return {
            key: listed(say(CHANNEL_LABELS[channel]) for channel in found.channels)
            for key, found in _reminded(keys, form_id, period).items()
        }

    return (
        Column("reminded_at", Message("Last reminded"), kind="instant", each=part("at")),
        Column("reminded_by", Message("Reminded by"), each=part("by")),
        Column("reminded_how", Message("Reminded through"), each=channels),
        Column("reminders", Message("Reminders"), kind="number", each=part("times")),
    )


def reminded_filter(form_id: int, period: int) -> Filter:
    """Those who were reminded of a month, or those who were not yet."""
    mine = exists().where(
        ReportReminder.enterprise_id == Enterprise.id,
        ReportReminder.form_id == form_id,
        ReportReminder.period == period,
    )

    def clause(value: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
        return mine if value == "yes" else ~mine

    return Filter("reminded", Message("Whether reminded"), "choice", words=REMINDED, clause=clause)


def reminders_of(enterprise: Enterprise) -> list[tuple[str, str]]:
    """The way from the record of an enterprise to the reminders that it got, if there are any."""
    if ("can_list", "NonreporterView") not in current_permissions():
        return []
    query = select(func.count(ReportReminder.at.distinct()))
    times = db.session.scalar(query.where(ReportReminder.enterprise_id == enterprise.id))
    words = Message("Reminders ({count})", count=times)
    return [(say(words), f"/nonreporters/reminders?enterprise={enterprise.id}")] if times else []


def _enterprises(actor: Actor, today: dt.date) -> Any:
    return select(Enterprise.id, Enterprise.name).where(scope_of(Enterprise)(actor, today))


def _reminded(keys: Sequence[Any], form_id: int, period: int) -> dict[Any, Reminded]:
    """What is known of the rows of a page; read once for the four columns."""
    asked = (form_id, period, tuple(keys))
    memory = g.get(REMINDED_EARLIER)
    if memory is None or memory[0] != asked:
        memory = asked, _read_reminded([key[0] for key in keys], form_id, period)
        setattr(g, REMINDED_EARLIER, memory)
    found: dict[Any, Reminded] = memory[1]
    return found


def _read_reminded(enterprise_ids: Sequence[int], form_id: int, period: int) -> dict[Any, Reminded]:
    row = ReportReminder
    query = (
        select(row.enterprise_id, row.at, row.actor_name, row.channel)
        .where(row.enterprise_id.in_(enterprise_ids), row.form_id == form_id, row.period == period)
        .order_by(row.enterprise_id, row.at, row.id)
    )
    grouped: dict[int, list[Any]] = {}
    for found in db.session.execute(query):
        grouped.setdefault(found.enterprise_id, []).append(found)
    return {(number,): _summed(rows) for number, rows in grouped.items()}


def _summed(rows: Sequence[Any]) -> Reminded:
    last = rows[-1]
    used = {row.channel for row in rows if row.at == last.at}
    channels = tuple(channel for channel in CHANNELS if channel in used)
    return Reminded(len({row.at for row in rows}), last.at, last.actor_name, channels)


def _outcomes(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, str]:
    """How each message of a page fared: sent or not, read or not."""
    wanted = {message_key(key[0]): key for key in keys}
    outbox = select(OutboxMessage.key, OutboxMessage.state).where(OutboxMessage.key.in_(wanted))
    inbox = select(InboxMessage.key, InboxMessage.read_at).where(InboxMessage.key.in_(wanted))
    found = {wanted[key]: state for key, state in db.session.execute(outbox)}
    for key, read_at in db.session.execute(inbox):
        found[wanted[key]] = "read" if read_at else "unread"
    return found
