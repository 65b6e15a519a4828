"""Pages of timed unfreezes 限时解冻: the list, one of them, granting after a preview, ending early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, case, false, func, or_, select
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.display import display
from app.infra.forms import REQUIRED, PlatformForm, refuse_control_characters
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup
from app.infra.lists.cells import month_text
from app.infra.lists.spec import Key
from app.infra.scope import visible
from app.infra.settings import value
from app.infra.transactions import unit_of_work
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.lists import regions_in_scope
from app.organisations.models import Region
from app.organisations.scope import region_subtree
from app.reports import unfreezing
from app.reports.form_fields import MonthTextField
from app.reports.form_lists import form_choices
from app.reports.form_models import ReportForm
from app.reports.settings import UNFREEZE_DAYS
from app.reports.unfreeze_models import ReportUnfreeze
from app.reports.unfreeze_words import ENDED, EXPIRED, LASTING, STANDING_MARKS, STANDINGS, standing_of
from app.reports.unfreezing import LONGEST_REASON, RIGHT, UnfreezeDraft

READING = frozenset({"list", "show", "choices"})
UNFREEZE = ReportUnfreeze


def unfreeze_list(name: str, row_link: str, today: dt.date) -> ListSpec:
    """Unfreezes within the actor's territory, the newest first."""
    standing = _standing(today)
    return ListSpec(
        name=name,
        title=Message("Timed unfreezes"),
        base=lambda actor, day: visible(UNFREEZE, actor, day),
        key=(UNFREEZE.id,),
        columns=(
            Column("whom", Message("Open for"), each=_whom, always=True),
            Column("period", Message("Report month"), UNFREEZE.period, "month", sortable=True, always=True),
            Column(
                "form",
                Message("Form"),
                lookup=Lookup(UNFREEZE.form_id, ReportForm),
                kind="local",
                default=False,
            ),
            Column(
                "region",
                Message("Region"),
                lookup=Lookup(UNFREEZE.region_id, Region, "full_name"),
                css="place",
                default=False,
            ),
            Column(
                "enterprise",
                Message("Enterprise name"),
                lookup=Lookup(UNFREEZE.enterprise_id, Enterprise),
                default=False,
            ),
            Column("state", Message("State"), standing, "state", words=STANDINGS, marks=STANDING_MARKS),
            Column("expires_on", Message("Open until"), UNFREEZE.expires_on, "date", sortable=True),
            Column("reason", Message("Reason"), UNFREEZE.reason),
            Column("granted_by", Message("Granted by"), UNFREEZE.granted_by, css="keep"),
            Column("granted_at", Message("Granted at"), UNFREEZE.granted_at, "instant", sortable=True),
            Column("end_reason", Message("Reason of the early end"), UNFREEZE.end_reason, default=False),
        ),
        filters=_filters(standing),
        default_sort="-granted_at",
        row_link=row_link,
        actions=(_ending(),),
        unit=Message("{count} unfreezes"),
        empty=Message("No unfreeze matches."),
    )


def _whom(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
    """The enterprise or region of each unfreeze: what its row is called by, also before an early end."""
    query = (
        select(UNFREEZE.id, func.coalesce(Enterprise.name, Region.full_name))
        .outerjoin(Enterprise, Enterprise.id == UNFREEZE.enterprise_id)
        .outerjoin(Region, Region.id == UNFREEZE.region_id)
        .where(UNFREEZE.id.in_([key[0] for key in keys]))
    )
    return {(number,): name for number, name in db.session.execute(query)}


def _standing(today: dt.date) -> ColumnElement[str]:
    return case(
        (UNFREEZE.ended_at.is_not(None), ENDED),
        (UNFREEZE.expires_on < today, EXPIRED),
        else_=LASTING,
    )


def _filters(standing: ColumnElement[str]) -> tuple[Filter, ...]:
    return (
        Filter("state", Message("State"), "choice", standing, words=STANDINGS, tabs=True),
        Filter("period", Message("Report month"), "month", UNFREEZE.period),
        Filter(
            "region", Message("Region"), "remote", UNFREEZE.region_id,
            remote=regions_in_scope(), clause=_in_region,
        ),
        Filter("keyword", Message("Enterprise name"), "text", UNFREEZE.enterprise_id, clause=_named_like),
        Filter(
            "form", Message("Form"), "choice", UNFREEZE.form_id, words=form_choices, more_conditions=True
        ),
    )  # fmt: skip


def _in_region(region_id: Any, _actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Unfreezes of a region, of those below, and of enterprises there."""
    below = region_subtree([int(region_id)], today)
    there = select(Enterprise.id).where(Enterprise.region_id.in_(below))
    return or_(UNFREEZE.region_id.in_(below), UNFREEZE.enterprise_id.in_(there))


def _named_like(text: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    key = name_key(str(text))
    if not key:
        return false()
    named = Enterprise.name_key.contains(key, autoescape=True)
    return UNFREEZE.enterprise_id.in_(select(Enterprise.id).where(named))


def _ending() -> Action:
    return Action(
        name="end",
        label=Message("End early"),
        run=lambda actor, key, comment, now: unfreezing.end_early(actor, key[0], comment, now),
        done=Message("Ended early"),
        comment="required",
        allowed=lambda actor: RIGHT in actor.rights,
        danger=True,
    )


class UnfreezeView(DomainView):
    """Timed unfreezes: a month that is open again for an enterprise or a region until a day."""

    model = ReportUnfreeze
    route_base = "/unfreezes"
    add_template = "reports/unfreeze_form.html"
    exclude_route_methods = DomainView.exclude_route_methods | {"edit", "delete"}
    batch_permission = "add"
    list_title = lazy_gettext("Timed unfreezes")
    show_title = lazy_gettext("Timed unfreeze")
    add_title = lazy_gettext("Grant a timed unfreeze")
    label_columns = {
        "form": lazy_gettext("Form"),
        "period": lazy_gettext("Report month"),
        "month": lazy_gettext("Report month"),
        "enterprise": lazy_gettext("Enterprise name"),
        "region": lazy_gettext("Region"),
        "expires_on": lazy_gettext("Open until"),
        "reason": lazy_gettext("Reason"),
        "granted_by": lazy_gettext("Granted by"),
        "granted_bureau": lazy_gettext("Bureau of the granting admin"),
        "granted_level": lazy_gettext("Level of the granting admin"),
        "granted_at": lazy_gettext("Granted at"),
        "ended_by": lazy_gettext("Ended by"),
        "ended_at": lazy_gettext("Ended at"),
        "end_reason": lazy_gettext("Reason of the early end"),
    }
    list_columns = ["period", "region", "enterprise", "expires_on"]
    search_columns = ["period"]
    base_order = ("granted_at", "desc")
    add_columns = ["form", "month", "enterprise", "region", "expires_on", "reason"]
    show_columns = [
        *("form", "period", "enterprise", "region", "expires_on", "reason"),
        *("granted_by", "granted_bureau", "granted_at", "ended_by", "ended_at", "end_reason"),
    ]
    required_columns = ("form",)
    formatters_columns = {"period": lambda key: display(month_text(key))}
    hints = {
        "enterprise": lazy_gettext("For one enterprise; leave empty for a whole region."),
        "region": lazy_gettext("For every enterprise of the region, also those that come to it later."),
        "expires_on": lazy_gettext(
            "The last day on which the month can be filled. Late reports stay marked as late."
        ),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "month": MonthTextField(lazy_gettext("Report month"), must=True),
        "reason": TextAreaField(
            lazy_gettext("Reason"),
            validators=[InputRequired(REQUIRED), Length(max=LONGEST_REASON), refuse_control_characters],
            description=lazy_gettext("The enterprises concerned read it."),
            render_kw={"rows": 3},
        ),
    }

    def can(self, permission: str) -> bool:
        """Granting and ending take the right 限时解冻 beside the permission."""
        return super().can(permission) and (permission in READING or RIGHT in self.actor.rights)

    def listing(self) -> ListSpec:
        """Unfreezes by standing, month, region and enterprise."""
        return unfreeze_list(self.listing_name, self._row_link(), context.today())

    def initial(self) -> dict[str, Any]:
        """The only form there is."""
        offered = [*form_choices(self.actor, context.today())]
        return {"form": offered[0]} if len(offered) == 1 else {}

    def show_actions(self, row: Any) -> list[Any]:
        """Ending it early, while it holds."""
        if not self.can(self.batch_permission) or standing_of(row, context.now()) != LASTING:
            return []
        return [(gettext("End early"), self._url("list"), {"action": "end", "key": row.id})]

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return unfreezing.unfreeze_problems(actor, _draft(values), context.now())

    @expose("/add", methods=["GET", "POST"])
    @protected("add")
    def add(self) -> Any:
        """The form, then the same with whom it concerns, then the grant."""
        form = self.add_form(data=self.initial()) if request.method == "GET" else self.add_form()
        problems: Sequence[str] = ()
        concern = None
        if form.validate_on_submit():
            draft = _draft(self._values(form, self.add_columns))
            try:
                concern = self._asked(draft)
                if concern is None:
                    with unit_of_work():
                        row = unfreezing.grant(self.actor, draft, context.now())
                        key = row.id
                    flash(gettext("Granted. The enterprises that can file now got a message."), "success")
                    return redirect(self._after(key))
            except DomainError as refusal:
                problems = self._refused(form, refusal)
            else:
                return self._grant_page(form, concern, _terms(draft))
        elif form.errors:
            problems = self._examined(form, None, self.add_columns)
        return self._grant_page(form, None, "", problems), 422 if form.errors or problems else 200

    def _asked(self, draft: UnfreezeDraft) -> unfreezing.Concern | None:
        """Whom it concerns, where the page did not tell so for exactly these terms; None where it did.

        :raises Invalid: it would be refused.
        """
        if request.form.get("seen") == _terms(draft):
            return None
        problems = unfreezing.unfreeze_problems(self.actor, draft, context.now())
        if problems:
            raise Invalid(problems)
        return unfreezing.concern_of(draft, context.today())

    def _grant_page(
        self, form: PlatformForm, concern: unfreezing.Concern | None, seen: str, problems: Sequence[str] = ()
    ) -> str:
        page: str = self.render_template(
            self.add_template,
            title=say(self.add_title),
            form=form,
            names=self.add_columns,
            problems=problems,
            concern=concern,
            seen=seen,
            longest=int(value(UNFREEZE_DAYS, context.now())),
            back_url=self._url("list"),
        )
        return page


def _draft(values: Mapping[str, Any]) -> UnfreezeDraft:
    return UnfreezeDraft(
        form_id=values["form"],
        month=values["month"],
        enterprise_id=values["enterprise"],
        region_id=values["region"],
        expires_on=values["expires_on"],
        reason=values["reason"] or "",
    )


def _terms(draft: UnfreezeDraft) -> str:
    """What a preview was of; other terms are previewed anew."""
    parts = (draft.form_id, draft.month, draft.enterprise_id, draft.region_id, draft.expires_on)
    return "/".join("" if part is None else str(part) for part in parts)
