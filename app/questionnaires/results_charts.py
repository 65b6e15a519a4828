"""Charts of responses: how many there are by questionnaire, round, region, trade and size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, select, true

from app.enterprises.charts import PLACES, REGION_NAMES, level_below, names_of
from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra import context, scope
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Response
from app.questionnaires.round_periods import span_name

ANONYMOUS = Message("Anonymous")


def _with_round(query: Select[Any]) -> Select[Any]:
    return query.join(QuestionnaireRound, QuestionnaireRound.id == Response.round_id)


def _with_enterprise(query: Select[Any]) -> Select[Any]:
    return query.outerjoin(Enterprise, Enterprise.id == Response.enterprise_id)


def _with_version(query: Select[Any]) -> Select[Any]:
    return query.outerjoin(EnterpriseVersion, EnterpriseVersion.id == Response.enterprise_version_id)


def _with_industry(query: Select[Any]) -> Select[Any]:
    return _with_version(query).outerjoin(Industry, Industry.id == EnterpriseVersion.industry_id)


def _titles(values: Sequence[Any]) -> Mapping[Any, str]:
    rows = db.session.execute(
        select(Questionnaire.id, Questionnaire.title).where(Questionnaire.id.in_(values))
    )
    return {row[0]: row[1] for row in rows}


def _rounds(values: Sequence[Any]) -> Mapping[Any, Any]:
    held = QuestionnaireRound
    rows = db.session.execute(
        select(held.id, Questionnaire.frequency, held.begins_on, held.ends_on)
        .join(Questionnaire, Questionnaire.id == held.questionnaire_id)
        .where(held.id.in_(values))
    )
    return {row[0]: span_name(row[1], row[2], row[3]) for row in rows}


def _places(values: Sequence[Any]) -> Mapping[Any, Any]:
    return {**REGION_NAMES(values), None: ANONYMOUS}


def _trades(values: Sequence[Any]) -> Mapping[Any, Any]:
    return {**names_of(Industry, Industry.code, Industry.name)(values), None: ANONYMOUS}


class ResponseChartView(DomainChartView):
    """How many responses came in, cut in several ways; of one questionnaire where the address names it."""

    model = Response
    route_base = "/questionnaire-results/charts"
    chart_title = lazy_gettext("Charts of responses")
    unit: ClassVar[Message] = Message("Responses")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By questionnaire"), QuestionnaireRound.questionnaire_id, _titles, join=_with_round),
        Grouping(Message("By round"), Response.round_id, _rounds, by_value=False),
        Grouping(Message("By region"), Enterprise.county_id, _places, join=_with_enterprise),
        Grouping(Message("By industry"), Industry.division, _trades, join=_with_industry),
        Grouping(
            Message("By size"), EnterpriseVersion.size, lambda _values: {**SIZE_NAMES, None: ANONYMOUS},
            join=_with_version,
        ),
    )  # fmt: skip

    def narrowed(self, actor: Actor, today: dt.date) -> ColumnElement[bool]:
        """Responses to the questionnaire that the address names, else to all in sight."""
        chosen = self._chosen()
        if chosen is None:
            return true()
        rounds = select(QuestionnaireRound.id).where(QuestionnaireRound.questionnaire_id == chosen.id)
        return Response.round_id.in_(rounds)

    def kept(self) -> Mapping[str, str]:
        """The questionnaire stays when another cut is chosen."""
        chosen = self._chosen()
        return {} if chosen is None else {"questionnaire": str(chosen.id)}

    def note(self) -> tuple[str, str] | None:
        """Which questionnaire is counted, and the way to all of them."""
        chosen = self._chosen()
        return None if chosen is None else (chosen.title, url_for("ResponseChartView.chart"))

    def column_of(self, grouping: Grouping) -> Any:
        """Regions are told apart one level below the admin's own."""
        if grouping.column is Enterprise.county_id:
            return PLACES[level_below(self.actor.level)]
        return super().column_of(grouping)

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """A questionnaire opens its own rounds."""
        if grouping is not self.groupings[0]:
            return {}
        rounds = url_for("ResponseChartView.chart", group_by=1)
        return {value: f"{rounds}?questionnaire={value}" for value in values}

    def _chosen(self) -> Questionnaire | None:
        """The questionnaire that the address names.

        :raises NotFound: it is not in sight.
        """
        key = request.args.get("questionnaire", "")
        if not key:
            return None
        found: Questionnaire = scope.find(Questionnaire, key, self.actor, context.today())
        return found
