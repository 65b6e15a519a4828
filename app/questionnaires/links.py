"""The ways from a questionnaire to what can be done with it: each only where it applies and may be opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select

from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists.spec import Key
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.models import Questionnaire
from app.questionnaires.scope import managed_questionnaires
from app.questionnaires.workflow import DRAFT, ENABLED, STOPPED

ALL = frozenset({DRAFT, ENABLED, STOPPED})
ASKED = frozenset({ENABLED, STOPPED})


@dataclass(frozen=True, slots=True)
class Way:
    """A page for questionnaires in some of the states; ``own`` is only for who manages them."""

    words: Message
    endpoint: str
    permission: str
    states: frozenset[str] = ALL
    own: bool = True
    argument: str = "pk"


WAYS: tuple[Way, ...] = (
    Way(Message("Edit"), "QuestionnaireView.edit", "can_edit", frozenset({DRAFT})),
    Way(Message("Preview the questionnaire"), "QuestionnaireBuilderView.preview", "can_show", own=False),
    Way(Message("Copy"), "QuestionnaireView.copy", "can_add", own=False),
    Way(Message("Enable"), "QuestionnaireView.enable", "can_enable", frozenset({DRAFT})),
    Way(Message("Hand out"), "QuestionnaireView.hand_out", "can_hand_out"),
    Way(Message("Stop"), "QuestionnaireView.stop", "can_stop", frozenset({ENABLED})),
    Way(Message("Revise"), "QuestionnaireView.revise", "can_add", ASKED),
    Way(Message("View"), "ResponseView.table", "can_show", ASKED, own=False, argument="questionnaire"),
    Way(Message("Analyse"), "ResultView.analysis", "can_show", ASKED, own=False, argument="questionnaire"),
    Way(Message("Export"), "QuestionnaireExchangeView.show", "can_export", own=False),
)
"""The buttons of 问卷调查管理, in its order."""


def ways(state: str, key: int, *, managed: bool, found: Sequence[Way] = WAYS) -> Iterator[tuple[str, str]]:
    """(words, address) of what can be done with a questionnaire."""
    for way in found:
        view = way.endpoint.split(".", 1)[0]
        applies = state in way.states and (managed or not way.own)
        if applies and (way.permission, view) in current_permissions():
            where = address(way.endpoint, **{way.argument: key})
            if where:
                yield say(way.words), where


def ways_of(today: dt.date) -> Any:
    """What a list of questionnaires shows beside each row; one statement for a page."""

    def links(keys: Sequence[Key], actor: Actor) -> Mapping[Key, list[tuple[str, str]]]:
        ids = [key[0] for key in keys]
        mine = managed_questionnaires(actor, today).label("mine")
        query = select(Questionnaire.id, Questionnaire.state, mine).where(Questionnaire.id.in_(ids))
        return {
            (key,): list(ways(state, key, managed=bool(managed)))
            for key, state, managed in db.session.execute(query)
        }

    return links


def address(endpoint: str, **values: Any) -> str:
    """Where a page is; empty where this installation does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
