"""一键催报 from a line of the ranking: the way to remind its enterprises that have not reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Column
from app.infra.lists.spec import Key
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.queries.standing_groups import Grouping
from app.queries.standing_question import Question
from app.reports.due import unfiled

Links = Sequence[tuple[str, str]]


def remind_column(question: Question, grouping: Grouping) -> Column:
    """How many of each group have not reported until now, as a way to remind them.

    Who is reminded is who has not reported when it is sent: the cut-off only says who is ranked.
    """

    def links(keys: Sequence[Key], actor: Actor) -> Mapping[Key, Links]:
        if ("can_remind", "NonreporterView") not in current_permissions():
            return {}
        waiting = _waiting(question, grouping, [key[0] for key in keys])
        return {
            (key,): [(say(Message("Remind {count}", count=count)), _page(question, condition))]
            for key, count in waiting.items()
            if (condition := _condition(question, grouping, key))
        }

    return Column("remind", Message("Remind"), kind="links", each=links)


def _waiting(question: Question, grouping: Grouping, keys: Sequence[Any]) -> dict[Any, int]:
    """Group → enterprises that owe the month and have not reported now; groups without any are left out."""
    owing = unfiled(question.actor, question.today, question.form, question.this.month)
    rows = owing.with_only_columns(
        Enterprise.id, Enterprise.region_id, Enterprise.direct_reviewer_id, maintain_column_froms=True
    ).subquery("waiting")
    roster = grouping.roster
    query = select(roster.c.key, func.count()).join(rows, roster.c.member == grouping.of(rows))
    return {key: count for key, count in db.session.execute(query.group_by(roster.c.key)) if key in keys}


def _condition(question: Question, grouping: Grouping, key: Any) -> dict[str, Any]:
    """The condition of the list of non-reporters that means a group; empty where none means just it."""
    if grouping.claimed is None:
        return {"region": grouping.places[key]} if key in grouping.places else {}
    if key == question.actor.admin_id:
        return {"reviewer": key}
    return {"team": key} if key else {}


def _page(question: Question, condition: Mapping[str, Any]) -> str:
    asked = {"asked": "1", "period": str(question.this.month), **condition}
    return f"{url_for('NonreporterView.remind')}?{urlencode(asked)}"
