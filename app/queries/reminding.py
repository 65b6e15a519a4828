"""一键催报 from a line of the ranking: the way to remind its enterprises that have not reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app.infra.i18n import say
from app.infra.lists import Column
from app.infra.lists.spec import Key
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.queries.standing_groups import Grouping
from app.queries.standing_question import Question

Links = Sequence[tuple[str, str]]


def remind_column(question: Question, grouping: Grouping, unfiled: Any) -> Column:
    """How many of each group have not reported until now, as a way to remind them.

    Who is reminded is who has not reported when it is sent: the cut-off only says who is ranked.

    :param unfiled: their number, among the numbers of a group.
    """

    def links(keys: Sequence[Key], counts: Sequence[int], _actor: Actor) -> Sequence[Links]:
        allowed = ("can_remind", "NonreporterView") in current_permissions()
        return [
            _link(question, grouping, key[0], count) if allowed and count else ()
            for key, count in zip(keys, counts, strict=True)
        ]

    return Column("remind", Message("Remind"), unfiled, "links", made=links)


def _link(question: Question, grouping: Grouping, key: Any, count: int) -> Links:
    condition = _condition(question, grouping, key)
    words = say(Message("Remind {count}", count=count))
    return [(words, _page(question, condition))] if condition else ()


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
