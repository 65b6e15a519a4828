"""企业基本信息, the first step of a report: its form, and what is asked before a key field changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField
from wtforms.validators import Optional

from app.enterprises import key_changes
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.key_change_rules import KEY_FIELDS, KeyFacts, reasons_to_refer
from app.enterprises.key_change_settings import FREEZE_SECONDS
from app.enterprises.models import Enterprise, RegistrationType
from app.enterprises.registration_forms import GROUPS, InformationForm
from app.enterprises.registration_page import size_shown
from app.infra import context
from app.infra.database import db
from app.infra.forms import parse_version
from app.infra.i18n import say
from app.infra.settings import value
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, Overtaken
from app.reports.freezing import Kept, completed, own_enterprise, save_enterprise
from app.reports.opening import Ref

REFERENCES = ("region", "industry", "registration_type", "control_type")


class EnterpriseStepForm(InformationForm):
    """The entries of a registration, of an enterprise that is registered.

    ``confirmed`` carries the key facts that the user was asked about: others are asked about anew.
    """

    confirmed = HiddenField(validators=[Optional()])

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_what_stands(enterprise.registration_type)

    def _offer_what_stands(self, standing: RegistrationType) -> None:
        """A legal form of the older scheme may stay; only those of the newer one can be chosen anew."""
        field = self.registration_type
        offered = list(field._pairs())
        if str(standing.id) not in {key for key, _words in offered}:
            field.offered = [(str(standing.id), standing.label), *offered]


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is asked before key fields change: old and new values, and what will happen."""

    changes: Sequence[key_changes.ToldChange]
    token: str
    seconds: int
    reasons: Sequence[str]


def stored_form(enterprise: Enterprise) -> EnterpriseStepForm:
    """The form as the enterprise stands today."""
    form = EnterpriseStepForm(formdata=None, obj=enterprise, enterprise=enterprise)
    for name in REFERENCES:
        key = getattr(enterprise, f"{name}_id")
        form[name].data = key if name in {"region", "industry"} else str(key)
    form.version.data = str(enterprise.version)
    return form


def token_of(facts: KeyFacts) -> str:
    """What a confirmation is about; a form that then says something else is not confirmed by it."""
    return f"{facts.name}|{facts.uscc}|{facts.industry_id}"


def question_of(actor: Actor, entered: EnterpriseDraft) -> Question:
    """The question before the key fields of a checked draft change."""
    old = key_changes.key_facts(own_enterprise(actor))
    new = key_changes.entered_facts(entered)
    reasons = [say(reason) for reason in reasons_to_refer(old, new)]
    changes = key_changes.told_changes(old, new)
    return Question(changes, token_of(new), int(value(FREEZE_SECONDS, context.now())), reasons)


def form_context(
    actor: Actor,
    form: EnterpriseStepForm | None = None,
    problems: Sequence[str] = (),
    question: Question | None = None,
) -> dict[str, Any]:
    """What ``reports/enterprise_step.html`` shows while the information can be changed."""
    enterprise = own_enterprise(actor)
    form = form or stored_form(enterprise)
    change = key_changes.open_change(enterprise.id)
    employees = form.employees.data
    return {
        "form": form,
        "form_problems": problems,
        "groups": GROUPS,
        "key_fields": KEY_FIELDS,
        "question": question,
        "size": size_shown(
            form.industry.data,
            form.revenue.data,
            None if employees is None else int(employees),
            form.assets.data,
        ),
        "figures_year": enterprise.figures_year,
        "wanted_year": context.today().year - 1,
        "waiting": say(key_changes.WAITING_ALREADY) if change is not None else "",
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sent form came to: kept, or the page once more with what is wrong or what is asked."""

    kept: Kept | None = None
    page: Mapping[str, Any] | None = None
    status: int = 200


def answer(actor: Actor, ref: Ref, now: dt.datetime) -> Answer:
    """Save what the first step of a report sent; what was typed stays on the page until it is saved."""
    form = EnterpriseStepForm(enterprise=own_enterprise(actor))
    if not form.validate():
        return Answer(page=form_context(actor, form), status=422)
    entered = completed(own_enterprise(actor), form.draft(), now)
    confirmed = form.confirmed.data == token_of(key_changes.entered_facts(entered))
    version = parse_version(form.version.data)
    try:
        with unit_of_work():
            kept = save_enterprise(actor, ref, entered, version, now, confirmed=confirmed)
    except DomainError as refusal:
        db.session.rollback()
        problems = form.take(refusal)
        if isinstance(refusal, Overtaken):  # told of the other window: the next try replaces what it saved
            form.version.data = str(own_enterprise(actor).version)
        return Answer(page=form_context(actor, form, problems), status=refusal.status)
    if not kept.to_confirm:
        return Answer(kept)
    question = question_of(actor, entered)
    return Answer(page=form_context(actor, form, question=question))
