"""企业注册: agreement, account, information with its draft, and what became of it. HTTP only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.enterprises import registrations
from app.enterprises.registration_forms import GROUPS, InformationForm
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_page import (
    badge,
    fact_groups,
    moment,
    size_of,
    size_shown,
    timeline,
)
from app.enterprises.registration_trees import TREES
from app.enterprises.registration_workflow import EDITABLE, WORKFLOW
from app.infra import context
from app.infra.cascade_fields import as_options
from app.infra.database import db
from app.infra.forms import parse_version
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.web import wants_json
from app.kernel.errors import Conflict, DomainError, NotFound
from app.organisations.reviewers import reviewer_for

SAVED, SUBMITTED, AUTOSAVED = "save", "submit", "autosave"


class RegistrationView(PageView):
    """The registration of the signed-in enterprise account."""

    route_base = "/register"
    default_view = "information"

    @expose("/information", methods=["GET", "POST"])
    @protected("register")
    def information(self) -> Any:
        """企业信息注册: 暂存 keeps what is there, 提交审核 checks everything."""
        if self.actor.enterprise_id is not None and request.method == "GET":
            return self._registered()
        registration = registrations.own_registration(self.actor, context.now())
        if request.method == "POST":
            return self._keep(registration)
        if registration.state not in EDITABLE:
            return self._read(registration)
        return self._form_page(registration, _form_of(registration))

    @expose("/withdraw", methods=["POST"])
    @protected("register")
    def withdraw(self) -> Any:
        """撤回: take it back while nobody has decided."""
        with unit_of_work():
            registrations.withdraw(self.actor, parse_version(request.form.get("version")), context.now())
        flash(gettext("Withdrawn. Change what you want, then submit again."), "success")
        return redirect(url_for("RegistrationView.information"))

    @expose("/below/<kind>", methods=["GET"])
    @protected("register")
    def below(self, kind: str) -> Any:
        """The next level of a place or trade, for the lists of the form."""
        key = request.args.get("of", "")
        if kind not in TREES or not (key.isascii() and key.isdigit() and len(key) < 10):
            abort(404)
        return jsonify(results=as_options(TREES[kind].children(int(key))))

    @expose("/size", methods=["GET"])
    @protected("register")
    def size(self) -> Any:
        """The size by what was typed so far, with its working; a figure that cannot be read is missing."""
        form = InformationForm(request.args, meta={"csrf": False})
        form.validate()
        figures = {
            name: None if form[name].errors else form[name].data
            for name in ("revenue", "employees", "assets")
        }
        employees = figures["employees"]
        return jsonify(
            size_shown(
                form.industry.data,
                figures["revenue"],
                None if employees is None else int(employees),
                figures["assets"],
            )
        )

    def _registered(self) -> Any:
        """What was registered, or for one that its administrator entered what is known of it."""
        try:
            return self._read(registrations.own_registration(self.actor, context.now()))
        except NotFound:
            return redirect(url_for("EnterpriseView.show", pk=self.actor.enterprise_id))

    def _keep(self, registration: EnterpriseRegistration) -> Any:
        form, verb = InformationForm(), request.form.get("go", SAVED)
        problems: Sequence[str] = ()
        if form.validate():
            try:
                with unit_of_work():
                    kept = self._carry_out(verb, form)
            except DomainError as refusal:
                db.session.rollback()
                if verb == AUTOSAVED and wants_json():
                    raise
                problems = form.take(refusal)
                if isinstance(
                    refusal, Conflict
                ):  # told of the other window: the next try replaces what it kept
                    form.version.data = str(registration.version)
            else:
                return self._kept(verb, kept)
        if verb == AUTOSAVED and wants_json():
            return jsonify(message=gettext("Not saved yet: some entries need correction.")), 422
        return self._form_page(registration, form, problems), 422

    def _carry_out(self, verb: str, form: InformationForm) -> EnterpriseRegistration:
        work = registrations.submit if verb == SUBMITTED else registrations.save
        return work(self.actor, form.draft(), parse_version(form.version.data), context.now())

    @staticmethod
    def _kept(verb: str, registration: EnterpriseRegistration) -> Any:
        if verb == AUTOSAVED and wants_json():
            words = gettext("Saved by itself at %(time)s", time=moment(registration.updated_at)[-5:])
            return jsonify(version=registration.version, message=words)
        if verb == SUBMITTED:
            flash(gettext("Submitted. You will be told of the result."), "success")
        else:
            flash(gettext("Draft saved. Go on now, or sign in again later."), "success")
        return redirect(url_for("RegistrationView.information"))

    def _form_page(
        self, registration: EnterpriseRegistration, form: InformationForm, problems: Sequence[str] = ()
    ) -> str:
        employees = form.employees.data
        return self.page(
            "enterprises/registration_form.html",
            form=form,
            problems=problems,
            groups=GROUPS,
            size=size_shown(
                form.industry.data,
                form.revenue.data,
                None if employees is None else int(employees),
                form.assets.data,
            ),
            registration=registration,
            state=badge(registration.state),
            saved=moment(registration.updated_at),
            figures_year=context.today().year - 1,
            steps=timeline(registration.steps),
        )

    def _read(self, registration: EnterpriseRegistration) -> str:
        facts = registrations.facts_of(registration)
        offered = {edge.verb for edge in WORKFLOW.offered(facts, registration.state, self.actor)}
        reviewer = registration.reviewer or (
            reviewer_for(registration.region_id, context.today()) if registration.region_id else None
        )
        return self.page(
            "enterprises/registration_read.html",
            registration=registration,
            state=badge(registration.state),
            groups=fact_groups(registration),
            size=size_of(registration),
            steps=timeline(registration.steps),
            submitted=moment(registration.submitted_at),
            reviewer=reviewer,
            may_withdraw="withdraw" in offered,
        )


def _form_of(registration: EnterpriseRegistration) -> InformationForm:
    form = InformationForm(obj=registration)
    for name in ("region", "industry"):
        form[name].data = getattr(registration, f"{name}_id")
    for name in ("registration_type", "control_type"):
        chosen = getattr(registration, f"{name}_id")
        form[name].data = str(chosen) if chosen else None
    return form
