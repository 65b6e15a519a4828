"""The questionnaires whose results can be opened, with how many were asked and have answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select

from app.infra import context
from app.infra.database import db
from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.spec import Key
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.models import FREQUENCIES, Questionnaire
from app.questionnaires.results_spread import percent
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.workflow import DRAFT, STATE_MARKS, STATES

ANALYSES, TABLES = "questionnaire_analyses", "questionnaire_tables"
TITLES = {
    ANALYSES: Message("Statistics of questionnaires"),
    TABLES: Message("Responses to questionnaires"),
}
LINKS = {
    ANALYSES: "/questionnaire-results/analysis?questionnaire={}",
    TABLES: "/questionnaire-results/responses/?questionnaire={}",
}
Reader = Callable[[int, int], int | Decimal | None]


def index_list(name: str) -> ListSpec:
    """Enabled and stopped questionnaires in sight; each opens its analysis or its raw table."""
    states = {state: words for state, words in STATES.items() if state != DRAFT}
    return ListSpec(
        name=name,
        title=TITLES[name],
        base=_base,
        key=(Questionnaire.id,),
        columns=(
            Column(
                "title", Message("Title"), Questionnaire.title, sortable=True, always=True, nullable=False
            ),
            Column("revision", Message("Revision"), Questionnaire.revision, "number", default=False),
            Column("frequency", Message("Frequency"), Questionnaire.frequency, "choice", words=FREQUENCIES),
            Column("starts", Message("First day"), Questionnaire.starts_on, "date", sortable=True),
            Column("ends", Message("Last day"), Questionnaire.ends_on, "date", sortable=True),
            Column("anonymous", Message("Anonymous"), Questionnaire.anonymous, "bool"),
            Column("state", Message("State"), Questionnaire.state, "state", words=states, marks=STATE_MARKS),
            _counted("asked", Message("Asked"), lambda asked, _answered: asked),
            _counted("answered", Message("Answered"), lambda _asked, answered: answered),
            _counted("rate", Message("Response rate (%)"), _rate, 2),
        ),
        filters=(
            Filter("title", Message("Title"), "text", Questionnaire.title),
            Filter("frequency", Message("Frequency"), "choice", Questionnaire.frequency, words=FREQUENCIES),
            Filter("state", Message("State"), "choice", Questionnaire.state, words=states),
            Filter("starts", Message("First day"), "date_range", Questionnaire.starts_on),
        ),
        default_sort="-starts",
        row_link=LINKS[name],
        unit=Message("{count} questionnaires"),
        empty=Message("No questionnaire has been enabled yet."),
    )  # fmt: skip


def _rate(asked: int, answered: int) -> Decimal | None:
    return percent(answered, asked)


def _base(actor: Actor, today: Any) -> Select[Any]:
    seen = scope_of(Questionnaire)(actor, today)
    return select(Questionnaire.id).where(seen, Questionnaire.state != DRAFT)


def _counted(key: str, label: Message, read: Reader, decimals: int = 0) -> Column:
    """A number of the respondents in sight, of all rounds; what was reopened is not answered yet."""

    def values(keys: Sequence[Key], actor: Actor) -> Mapping[Key, Any]:
        found = _respondents([key[0] for key in keys], actor)
        return {key: read(*found.get(key[0], (0, 0))) for key in keys}

    return Column(key, label, kind="number", each=values, decimals=decimals)


def _respondents(questionnaire_ids: Sequence[int], actor: Actor) -> dict[int, tuple[int, int]]:
    answered = func.sum(case((Respondent.state == ANSWERED, 1), else_=0))
    query = (
        select(QuestionnaireRound.questionnaire_id, func.count(), answered)
        .join(Respondent, Respondent.round_id == QuestionnaireRound.id)
        .where(
            QuestionnaireRound.questionnaire_id.in_(questionnaire_ids),
            scope_of(Respondent)(actor, context.today()),
        )
        .group_by(QuestionnaireRound.questionnaire_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
