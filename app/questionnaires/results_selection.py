"""Which responses a page of results looks at: those of one questionnaire in sight, under its conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.enterprises.models import EnterpriseVersion, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.database import db
from app.infra.i18n import language
from app.infra.lists import Filter, ListSpec, Remote, ask, query
from app.infra.lists.asked import Args, Asked
from app.infra.lists.filters import every_row
from app.infra.lists.spec import Column
from app.infra.scope import among, find, scope_of
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.questionnaires import frozen
from app.questionnaires.definition import Definition, Question
from app.questionnaires.models import Questionnaire
from app.questionnaires.results_rounds import LEAST, Rounds, rounds_of
from app.questionnaires.round_models import Response
from app.questionnaires.workflow import DRAFT
from app.reports.summary_filters import DIVISION, TRADE, trades

CONDITIONS = ("questionnaire", "round", "region", "industry", "size")
"""What an address keeps on the way from one page of results to another."""
KEPT_BACK = Message(
    "What an anonymous questionnaire was answered is shown once a round is over and {least} enterprises"
    " have answered it.",
    least=LEAST,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Who asks about which questionnaire, and its rounds that can be read."""

    actor: Actor
    today: dt.date
    questionnaire: Questionnaire
    definition: Definition
    rounds: Rounds
    language: str

    @property
    def is_named(self) -> bool:
        """Whether responses say whose they are."""
        return not self.questionnaire.anonymous

    def text(self, question: Question) -> str:
        """What a question asks, as the reader reads it."""
        return question.text.in_language(self.language)

    def place(self, question: Question) -> int:
        """The number by which lines of answers know a question."""
        return self.definition.place(question.code) + 1


def read_selection(actor: Actor, args: Args) -> Selection:
    """The questionnaire that an address names.

    :raises NotFound: there is none, it is not in sight, or it was never enabled.
    """
    return selection_of(actor, args.get("questionnaire", ""))


def selection_of(actor: Actor, key: object) -> Selection:
    """The same for a key.

    :raises NotFound: as ``read_selection``.
    """
    today = context.today()
    found: Questionnaire = find(Questionnaire, key, actor, today)
    if found.state == DRAFT:
        raise NotFound
    rounds = rounds_of(actor, found, today)
    return Selection(actor, today, found, frozen.definition(found), rounds, language())


def asked_question(selection: Selection, args: Args) -> Question:
    """The question that an address names by its code.

    :raises NotFound: the questionnaire has no such question.
    """
    question = selection.definition.find(args.get("question", ""))
    if question is None or not question.is_answered:
        raise NotFound
    return question


def responses(selection: Selection, actor: Actor, today: dt.date) -> Select[Any]:
    """The responses in sight of the rounds that can be read."""
    rounds = [one.id for one in selection.rounds.shown]
    return select(Response.id).where(Response.round_id.in_(rounds), scope_of(Response)(actor, today))


def conditions(selection: Selection) -> tuple[Filter, ...]:
    """Questionnaire, round, and for named responses place, trade and size, as of the opening of the round."""
    newest = [str(one.id) for one in selection.rounds.shown[:1]]
    which = (
        Filter(
            "questionnaire", Message("Questionnaire"), "remote", Questionnaire.id, clause=every_row,
            required=True, default=str(selection.questionnaire.id), remote=Remote(_questionnaires),
            stays=True, combinable=False,
        ),
        Filter(
            "round", Message("Round"), "multi", Response.round_id, words=selection.rounds.words,
            default=",".join(newest), combinable=False,
        ),
    )  # fmt: skip
    if not selection.is_named:
        return which
    return (
        *which,
        replace(region_filter(lambda subtree: among(Response.region_id, subtree)), combinable=False),
        Filter(
            "industry", Message("Industry"), "remote", Industry.code, remote=Remote(trades, TRADE),
            clause=lambda value, _actor, _today: _of_version(_trade(str(value))), combinable=False,
        ),
        Filter(
            "size", Message("Size"), "multi", Response.id, words=SIZE_NAMES,
            clause=lambda value, _actor, _today: _of_version(EnterpriseVersion.size.in_(value)),
            combinable=False,
        ),
    )  # fmt: skip


def unapplied(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """Conditions that were read already and cut no row of worked-out figures a second time."""
    return tuple(replace(one, clause=every_row) for one in filters)


@dataclass(frozen=True, slots=True)
class Subset:
    """The responses that meet the conditions; ``rounds`` where they are all that these rounds have."""

    rows: Select[Any]
    count: int
    rounds: Sequence[int]
    is_whole: bool

    def holds(self, line: Any) -> ColumnElement[bool]:
        """The condition that a line of ``Answer`` belongs to them.

        Where all responses of the rounds are looked at, lines know themselves: no response is looked up.
        """
        within: ColumnElement[bool] = line.round_id.in_(self.rounds)
        return within if self.is_whole else line.response_id.in_(self.rows)


def subset(selection: Selection, args: Args) -> tuple[Subset, Asked]:
    """The responses that an address asks about, and the question as it was understood."""
    spec = _response_spec(selection)
    asked = ask(spec, args, selection.actor, selection.today)
    wanted = asked.values.get("round") or [one.id for one in selection.rounds.shown]
    if asked.problems:
        return Subset(responses(selection, selection.actor, selection.today), 0, (), is_whole=False), asked
    rows = query.scoped(spec, asked, selection.actor, selection.today)
    count = _count(rows)
    everything = _count(select(Response.id).where(Response.round_id.in_(wanted)))
    return Subset(rows, count, wanted, is_whole=count == everything), asked


def _response_spec(selection: Selection) -> ListSpec:
    return ListSpec(
        name="questionnaire_subset",
        title=Message("Responses"),
        base=lambda actor, today: responses(selection, actor, today),
        key=(Response.id,),
        columns=(Column("id", Message("Response"), Response.id, "number"),),
        filters=conditions(selection),
    )


def _count(rows: Select[Any]) -> int:
    found = rows.with_only_columns(func.count(), maintain_column_froms=True)
    return db.session.execute(found).scalar_one()


def _of_version(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Responses of enterprises that were of a kind when they became respondents."""
    versions = select(EnterpriseVersion.id).join(Industry, Industry.id == EnterpriseVersion.industry_id)
    return Response.enterprise_version_id.in_(versions.where(condition))


def _trade(code: str) -> ColumnElement[bool]:
    if len(code) == 1:
        return Industry.section == code
    if len(code) == DIVISION:
        return Industry.division == code
    return Industry.code.startswith(code, autoescape=True)


def _questionnaires(actor: Actor, today: dt.date) -> Any:
    seen = select(Questionnaire.id, Questionnaire.title).where(Questionnaire.state != DRAFT)
    return seen.where(scope_of(Questionnaire)(actor, today)).order_by(Questionnaire.id.desc())
