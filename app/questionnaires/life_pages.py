"""What the pages of a questionnaire's life show: rounds, series, hand-outs, steps, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import case, func, select
from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.models import ControlType
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.database import db
from app.infra.display import MISSING
from app.infra.forms import REQUIRED, PlatformForm, refuse_control_characters
from app.infra.i18n import listed, say
from app.infra.page_fields import text_field
from app.infra.scope import scope_of
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.models import Account, Admin, Bureau
from app.questionnaires import lifecycle
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.audience import Audience, number_addressed, number_of, regions_of_owner
from app.questionnaires.findings import Finding
from app.questionnaires.handing_out import receivers
from app.questionnaires.links import ways
from app.questionnaires.models import FREQUENCIES, PLACEMENTS, SECTORS, TITLE_LENGTH, Questionnaire
from app.questionnaires.readiness import Readiness
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.round_periods import span_name
from app.questionnaires.stops import LONGEST_COMMENT
from app.questionnaires.theme_fields import theme_from
from app.questionnaires.themes import theme_problems
from app.questionnaires.workflow import STATES, WORKFLOW

NAMED = 20
"""Named enterprises that a record shows."""


class StopForm(PlatformForm):
    """Why a questionnaire ends early."""

    comment = TextAreaField(
        lazy_gettext("Reason"),
        validators=[InputRequired(REQUIRED), Length(max=LONGEST_COMMENT), refuse_control_characters],
        description=lazy_gettext("Kept in the history of the questionnaire."),
    )


class CopyForm(PlatformForm):
    """What a copy is called."""

    title = text_field(lazy_gettext("Title of the questionnaire"), TITLE_LENGTH, required=True)


class HandOutForm(PlatformForm):
    """To whom a questionnaire is handed out, and from whom it is taken back."""

    admins = SelectMultipleField(lazy_gettext("Subordinate admins"), validators=[Optional()])
    taken = SelectMultipleField(lazy_gettext("Handed out to"), validators=[Optional()])


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round on the page of its questionnaire, with what its numbers open."""

    name: str
    days: str
    is_open: bool
    asked: int
    answered: int
    respondents_url: str
    rates_url: str

    @property
    def rate(self) -> str:
        """The share that answered."""
        return f"{self.answered / self.asked:.1%}" if self.asked else MISSING


def buttons(actor: Actor, row: Questionnaire) -> list[tuple[str, str]]:
    """What can be done with a questionnaire, but for the change that the page offers by itself."""
    managed = lifecycle.manages(actor, row, context.today())
    own = url_for("QuestionnaireView.edit", pk=row.id)
    return [way for way in ways(row.state, row.id, managed=managed) if way[1] != own]


def life_of(actor: Actor, row: Questionnaire) -> dict[str, Any]:
    """Rounds, series, hand-outs and steps, of what the actor sees."""
    return {
        "rounds": _rounds(actor, row),
        "series": _series(actor, row),
        "handouts": [_admin_name(one.admin) for one in row.handouts],
        "steps": [
            {
                "when": say(step.at),
                "who": step.actor_name if step.account_id else gettext("The platform"),
                "words": say(WORKFLOW.states[step.target]),
                "comment": step.comment,
            }
            for step in row.steps
        ],
    }


def confirmation(row: Questionnaire, judged: Readiness) -> dict[str, Any]:
    """What is confirmed with the enabling (design, §7): questions, enterprises, days; and the question."""
    facts = [
        (gettext("Questions"), f"{judged.summary.questions:,}"),
        (gettext("Enterprises asked"), f"{judged.summary.asked:,}"),
        (gettext("First and last day"), _days(row)),
        (gettext("Frequency of the questionnaire"), say(FREQUENCIES[row.frequency])),
        (gettext("Rounds"), f"{judged.summary.rounds:,}"),
        (gettext("Where it is answered"), say(PLACEMENTS[row.placement])),
        (gettext("Anonymous"), gettext("Yes") if row.anonymous else gettext("No")),
        *_path_facts(judged),
    ]
    question = gettext(
        "Enable it: %(questions)s questions for %(asked)s enterprises, %(days)s? It can never be changed "
        "afterwards.",
        questions=judged.summary.questions,
        asked=judged.summary.asked,
        days=_days(row),
    )
    findings = [_finding(row, one) for one in judged.findings]
    return {"facts": facts, "question": question, "predecessor": _predecessor(row), "findings": findings}


def _path_facts(judged: Readiness) -> list[tuple[str, str]]:
    """How many ways there are through the questions, and how long the shortest and the longest is."""
    paths = judged.summary.paths
    if paths is None:
        return []
    count = gettext("Too many to count") if paths.count is None else f"{paths.count:,}"
    lengths = gettext("%(shortest)s to %(longest)s questions", shortest=paths.shortest, longest=paths.longest)
    return [(gettext("Paths"), count), (gettext("Length of a path"), lengths)]


def _finding(row: Questionnaire, found: Finding) -> dict[str, str]:
    """A finding in words, with the page of its question."""
    where = url_for("QuestionnaireBuilderView.step", pk=row.id, step="logic", at=found.question)
    return {
        "severity": found.severity.value,
        "words": say(found.message),
        "remedy": say(found.remedy),
        "url": where if found.question else "",
    }


def problems_of(actor: Actor, row: Questionnaire | None, values: Mapping[str, Any]) -> Sequence[Problem]:
    """Everything wrong with an entered theme."""
    theme, unknown = theme_from(values, actor, context.today())
    return [*theme_problems(actor, row, theme, context.today()), *unknown]


def told_number(actor: Actor, row: Questionnaire) -> Message:
    """How many enterprises a draft is for."""
    return _told(number_addressed(row, context.today()))


def entered_number(actor: Actor, values: Mapping[str, Any], of: str) -> Message:
    """How many enterprises an entered audience means.

    :param of: the key of the draft; empty for a new one, whose owner is the actor.
    """
    today = context.today()
    theme, _unknown = theme_from(values, actor, today)
    owner = lifecycle.find_managed(actor, of, context.now()).admin_id if of else actor.admin_id
    audience = Audience(
        roots=theme.region_ids or (regions_of_owner(owner) if owner else ()),
        industry_ids=theme.industry_ids,
        sector=theme.sector,
        sizes=theme.sizes,
        control_types=theme.control_types,
        enterprise_ids=theme.enterprise_ids,
    )
    return _told(number_of(audience, today))


def hand_out_form(actor: Actor, row: Questionnaire) -> HandOutForm:
    """The form with the admins that can be chosen."""
    form = HandOutForm()
    given = {one.admin_id for one in row.handouts}
    admins = _admin_choices(receivers(actor, row, context.today()))
    form.admins.choices = [(str(key), words) for key, words in admins if key not in given]
    form.taken.choices = [(str(key), words) for key, words in _admin_choices(Admin.id.in_(given))]
    return form


def _told(number: int) -> Message:
    return Message("The audience has about {count} enterprises", count=f"{number:,}")


def _days(row: Questionnaire) -> str:
    first, last = (day.isoformat() if day else MISSING for day in (row.starts_on, row.ends_on))
    return gettext("%(first)s to %(last)s", first=first, last=last)


def _rounds(actor: Actor, row: Questionnaire) -> list[RoundLine]:
    """Every round with how many were asked and answered in the actor's regions; one statement."""
    today = context.today()
    seen = select(Respondent.id).where(scope_of(Respondent)(actor, today))
    counted = (func.count(Respondent.id), func.count(case((Respondent.state == ANSWERED, Respondent.id))))
    query = (
        select(QuestionnaireRound, *counted)
        .outerjoin(Respondent, (Respondent.round_id == QuestionnaireRound.id) & Respondent.id.in_(seen))
        .where(QuestionnaireRound.questionnaire_id == row.id)
        .group_by(QuestionnaireRound.id)
        .order_by(QuestionnaireRound.begins_on.desc())
    )
    listed_to = ("can_list", "RespondentView") in current_permissions()
    return [
        RoundLine(
            name=say(span_name(row.frequency, one.begins_on, one.ends_on)),
            days=gettext("%(first)s to %(last)s", first=one.begins_on, last=one.ends_on),
            is_open=one.is_open(today),
            asked=asked,
            answered=answered,
            respondents_url=url_for("RespondentView.list", round=one.id) if listed_to else "",
            rates_url=url_for("RespondentView.rates", round=one.id) if listed_to else "",
        )
        for one, asked, answered in db.session.execute(query)
    ]


def _series(actor: Actor, row: Questionnaire) -> list[dict[str, Any]]:
    """The other questionnaires of the series that the actor sees."""
    root = lifecycle.series_of(row)
    query = select(Questionnaire).where(
        (Questionnaire.id == root) | (Questionnaire.series_id == root),
        Questionnaire.id != row.id,
        scope_of(Questionnaire)(actor, context.today()),
    )
    return [
        {
            "words": say(Message("Revision {number}", number=one.revision)),
            "title": one.title,
            "state": say(STATES[one.state]),
            "url": url_for("QuestionnaireView.show", pk=one.id),
        }
        for one in db.session.scalars(query.order_by(Questionnaire.revision))
    ]


def _predecessor(row: Questionnaire) -> str:
    """The title of what a revision takes the place of; empty for the first of a series."""
    if row.series_id is None:
        return ""
    root = row.series_id
    query = select(Questionnaire.title).where(
        (Questionnaire.id == root) | (Questionnaire.series_id == root), Questionnaire.revision < row.revision
    )
    return db.session.scalars(query.order_by(Questionnaire.revision.desc()).limit(1)).first() or ""


def _admin_choices(which: Any) -> list[tuple[int, str]]:
    query = (
        select(Admin.id, Account.display_name, Bureau.name)
        .join(Account, Account.id == Admin.account_id)
        .join(Bureau, Bureau.id == Admin.bureau_id)
        .where(which)
    )
    return [
        (key, f"{bureau} · {name}")
        for key, name, bureau in db.session.execute(query.order_by(Bureau.name, Admin.id))
    ]


def _admin_name(admin: Admin) -> str:
    return f"{admin.bureau.name} · {admin.account.display_name}"


def _control_type_names(codes: Sequence[str]) -> str:
    found = db.session.scalars(select(ControlType.name).where(ControlType.code.in_(codes))) if codes else ()
    return listed(say(name) for name in found) or gettext("All")


def _named(codes: str) -> str:
    lines = codes.split("\n") if codes else []
    more = "…" if len(lines) > NAMED else ""
    return f"{listed(lines[:NAMED])}{more}" or MISSING


FORMATTERS: dict[str, Any] = {
    "regions": lambda found: listed(str(one) for one in found) or gettext("Everywhere"),
    "industries": lambda found: listed(say(one.label) for one in found) or gettext("All"),
    "sector": lambda code: say(SECTORS[code]) if code else gettext("All"),
    "sizes": lambda codes: listed(say(SIZE_NAMES[code]) for code in codes) or gettext("All"),
    "control_types": _control_type_names,
    "named": _named,
    "admin": _admin_name,
}
"""How the record shows what is no plain value."""
