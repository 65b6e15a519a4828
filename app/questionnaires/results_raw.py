"""问卷查询导出: the responses of a questionnaire, a column for what each says to each question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, and_, cast, select

from app.enterprises.models import EnterpriseVersion, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires.answer_workflow import ANSWERED, REOPENED, RESPONDENT_MARKS, RESPONDENT_STATES
from app.questionnaires.results_columns import FORMS, LABELS, answer_columns
from app.questionnaires.results_selection import Selection, conditions, read_selection, responses
from app.questionnaires.round_models import Respondent, Response

RAW = "questionnaire_responses"
ONE = "/questionnaire-results/responses/{}"
NOBODY = Message("Nobody has answered in these rounds.")
STATES = {state: RESPONDENT_STATES[state] for state in (ANSWERED, REOPENED)}


def raw_list(actor: Actor, args: Args) -> ListSpec:
    """The raw table of the questionnaire that the address names.

    :raises NotFound: there is none in sight.
    """
    selection = read_selection(actor, args)
    form = args.get("values", "")
    return ListSpec(
        name=RAW,
        title=Message("Responses to the questionnaire"),
        base=lambda actor, today: responses(selection, actor, today),
        key=(Response.id,),
        columns=(
            *_facts(selection),
            *answer_columns(selection, form if form in FORMS else LABELS),
        ),
        filters=(
            *conditions(selection),
            *_state(selection),
            Filter(
                "values", Message("Answers"), "choice", clause=every_row, words=FORMS, required=True,
                default=LABELS, combinable=False,
            ),
        ),
        default_sort="-submitted" if selection.is_named else "",
        row_link=ONE,
        export_name=selection.questionnaire.title,
        unit=Message("{count} responses"),
        empty=NOBODY,
        exports_all=True,
    )  # fmt: skip


def _facts(selection: Selection) -> Iterator[Column]:
    """Whose a response is; of an anonymous one only its number, drawn by lot, and its round."""
    if not selection.is_named:
        yield Column("number", Message("Response number"), cast(Response.id, String), always=True)
        yield _round(selection)
        return
    version = Response.enterprise_version_id
    yield Column("enterprise", Message("Enterprise name"), lookup=Lookup(version, EnterpriseVersion),
                 always=True, sortable=True)  # fmt: skip
    yield Column("uscc", Message("Unified social credit code"), default=False,
                 lookup=Lookup(version, EnterpriseVersion, "uscc"))  # fmt: skip
    yield _round(selection)
    yield Column(
        "region", Message("Region"), lookup=Lookup(Response.region_id, Region, "full_name"), css="place"
    )
    yield Column("industry", Message("Industry"), _of_opening(Industry.name), "local", default=False)
    yield Column("size", Message("Size"), _of_opening(EnterpriseVersion.size), "choice", words=SIZE_NAMES,
                 default=False)  # fmt: skip
    yield Column("submitted", Message("Submitted"), Response.submitted_at, "instant", sortable=True)
    yield Column("state", Message("State"), _respondent_state(), "state", words=STATES,
                 marks=RESPONDENT_MARKS, default=False)  # fmt: skip


def _round(selection: Selection) -> Column:
    return Column(
        "round", Message("Round"), Response.round_id, "choice", words=selection.rounds.words, css="keep"
    )


def _of_opening(fact: Any) -> Any:
    """A fact of the enterprise as of the opening of the round."""
    found = select(fact).select_from(EnterpriseVersion)
    if fact is Industry.name:
        found = found.join(Industry, EnterpriseVersion.industry_id == Industry.id)
    found = found.where(EnterpriseVersion.id == Response.enterprise_version_id)
    return found.correlate(Response).scalar_subquery()


def _respondent_state() -> Any:
    same = and_(Respondent.round_id == Response.round_id, Respondent.enterprise_id == Response.enterprise_id)
    return select(Respondent.state).where(same).correlate(Response).scalar_subquery()


def _state(selection: Selection) -> tuple[Filter, ...]:
    """What was reopened may be changed yet."""
    if not selection.is_named:
        return ()
    return (
        Filter(
            "state", Message("State"), "choice", _respondent_state(), words=STATES, combinable=False,
            more_conditions=True,
        ),
    )  # fmt: skip
