"""Pages of enterprises, their versions and the dictionaries that describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from app.enterprises import dictionaries, service
from app.enterprises.credit_codes import STATUS_NAMES
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.forms import ENTERED, ENTRY_GROUPS, draft_from
from app.enterprises.lists import STATE_WORDS, enterprise_list, version_list
from app.enterprises.models import (
    SCHEMES,
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.enterprises.registration_hints import same_organisation
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.security import current_permissions
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.organisations.account_service import (
    AccountDraft,
    account_problems,
    create_account,
    has_no_password,
)
from app.organisations.activation import invite
from app.organisations.fields import text_field

FACT_LABELS = {
    "name": lazy_gettext("Enterprise name"),
    "uscc": lazy_gettext("Credit code"),
    "uscc_exception": lazy_gettext("Reason to accept an invalid credit code"),
    "code_status": lazy_gettext("Kind of credit code"),
    "legal_representative": lazy_gettext("Legal representative"),
    "region": lazy_gettext("Located in"),
    "industry": lazy_gettext("Industry"),
    "registration_type": lazy_gettext("Registration type"),
    "control_type": lazy_gettext("Control"),
    "figures_year": lazy_gettext("Year of the figures"),
    "revenue": lazy_gettext("Revenue of that year (1,000 yuan)"),
    "employees": lazy_gettext("Employees at the year's end"),
    "assets": lazy_gettext("Total assets at the year's end (1,000 yuan)"),
    "size": lazy_gettext("Size"),
    "size_working": lazy_gettext("How the size was found"),
    "is_listed": lazy_gettext("Listed"),
    "stock_code": lazy_gettext("Stock code"),
    "address": lazy_gettext("Address"),
    "postcode": lazy_gettext("Postcode"),
    "opened_on": lazy_gettext("Opened on"),
    "main_products": lazy_gettext("Main business or products"),
    "website": lazy_gettext("Website"),
    "contact_name": lazy_gettext("Contact"),
    "phone": lazy_gettext("Telephone"),
    "mobile": lazy_gettext("Mobile"),
    "fax": lazy_gettext("Fax"),
    "email": lazy_gettext("E-mail"),
}


Groups = Sequence[tuple[Any, dict[str, list[str]]]]

FACT_GROUPS: Groups = [(label, {"fields": [*fields]}) for label, fields in ENTRY_GROUPS]
ACCOUNT_FIELDS = {"display_name": "name", "phone": "mobile"}
"""Where the form of an enterprise asks for what its account is made of."""

ADMINISTRATION = ("username", "state", "direct_reviewer", "code_status", "revision", "created_at")


def with_size(groups: Groups) -> Groups:
    """The groups with the size and its working behind the figures."""
    return [
        (
            label,
            {"fields": [*part["fields"], *(("size", "size_working") if "revenue" in part["fields"] else ())]},
        )
        for label, part in groups
    ]


def as_lines(sentences: Sequence[Any]) -> Markup:
    """Each sentence on a line of its own."""
    return Markup("<br>").join(escape(say(sentence)) for sentence in sentences)


class EnterpriseView(DomainView):
    """监测企业信息管理: the enterprises that are monitored."""

    model = Enterprise
    route_base = "/enterprises"
    import_name = "enterprises"
    list_title = lazy_gettext("Monitored enterprises")
    show_title = lazy_gettext("Enterprise information")
    add_title = lazy_gettext("New enterprise")
    edit_title = lazy_gettext("Change enterprise")
    label_columns = {
        **FACT_LABELS,
        "state": lazy_gettext("State"),
        "direct_reviewer": lazy_gettext("Direct reviewer"),
        "revision": lazy_gettext("Version"),
        "created_at": lazy_gettext("Registered"),
        "username": lazy_gettext("User ID"),
    }
    list_columns = ["name", "size", "contact_name", "state"]
    search_columns = ["name", "state", "size"]
    base_order = ("name", "asc")
    add_columns = [*ENTERED, "username"]
    edit_columns = [*ENTERED]
    add_fieldsets = [
        *FACT_GROUPS,
        (lazy_gettext("Account of the enterprise"), {"fields": ["username"]}),
    ]
    edit_fieldsets = [*FACT_GROUPS]
    show_fieldsets = [
        (lazy_gettext("Administration"), {"fields": [*ADMINISTRATION]}),
        *with_size(FACT_GROUPS),
    ]
    formatters_columns = {"size_working": as_lines}
    choices_columns = {
        "size": list(SIZE_NAMES.items()),
        "state": list(STATE_WORDS.items()),
        "code_status": list(STATUS_NAMES.items()),
    }
    required_columns = ("figures_year", "revenue", "employees", "assets")
    hints = {
        "uscc_exception": lazy_gettext(
            "Only for an old or test code: the enterprise is flagged, and with a test code not counted."
        ),
        "phone": lazy_gettext("With area code, joined by a hyphen. At least one of phone and mobile."),
        "website": lazy_gettext("Starts with http:// or https://."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "username": text_field(
            lazy_gettext("User ID"),
            64,
            required=True,
            description=lazy_gettext("A link to choose a password is sent to the e-mail address above."),
        ),
    }

    def listing(self) -> ListSpec:
        """By default the enterprises that the admin or a subordinate reviews."""
        return enterprise_list(self.listing_name, self._row_link())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add an enterprise with its account, whose owner gets a link to choose a password."""
        problems = self.examine(actor, None, values)
        if problems:
            raise Invalid(problems)
        draft, now = draft_from(values), context.now()
        account = create_account(actor, _account(draft, values), now)
        made = service.create_enterprise(actor, draft, now, account_id=account.id)
        invite(account, now)
        for hint in same_organisation(made.uscc, actor, local_date(now)):
            flash(say(hint), "warning")
        return made

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the services would refuse besides.

        The account of a new one is called and reached as the enterprise, which says what is wrong with both.
        """
        draft = draft_from(values)
        found = service.enterprise_problems(actor, draft, row, context.now())
        if row is None:
            said = {problem.field for problem in found}
            words = [
                replace(one, field=ACCOUNT_FIELDS.get(one.field, one.field))
                for one in account_problems(_account(draft, values))
            ]
            found += [problem for problem in words if problem.field not in said]
        return found

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change what is known; the state before stays as a version."""
        return service.edit_enterprise(actor, row.id, draft_from(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a disabled enterprise that never reported."""
        service.delete_enterprise(actor, row.id, context.now())

    def may_be_deleted(self, row: Any) -> bool:
        """One that is active has to be disabled first."""
        return bool(row.state == "disabled")

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The versions of the enterprise, who answers for its account, and what later domains add."""
        links = []
        if ("can_list", EnterpriseVersionView.__name__) in current_permissions():
            links.append((gettext("Versions"), f"/enterprise-versions/list/?enterprise={row.id}"))
        if row.account_id and ("can_show", "IdentityView") in current_permissions():
            links.append((gettext("Identity verification"), f"/identities/{row.account_id}"))
        return links

    def show_actions(self, row: Any) -> list[Any]:
        """What the list does to many, for this one: state and reviewer."""
        if self.actor.kind is not Kind.BUREAU or not self.can(self.batch_permission):
            return []
        active = row.state == "active"
        state = ("disable", gettext("Disable")) if active else ("enable", gettext("Enable"))
        offered = [state, ("reviewer", gettext("Change reviewer"))]
        if active and row.account is not None and has_no_password(row.account):
            offered.insert(0, ("invite", gettext("Send activation link")))
        return [(words, self._url("list"), {"action": name, "key": row.id}) for name, words in offered]

    @expose("/list/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list; an enterprise has one record, which is a page and no list."""
        if self.actor.kind is Kind.ENTERPRISE and request.method == "GET" and "choices" not in request.args:
            return redirect(self._url("own"))
        return super().list()

    @expose("/own/", methods=["GET"])
    @protected("show")
    def own(self) -> Any:
        """The own record of an enterprise; nobody else has one."""
        return self.show(str(self.actor.enterprise_id or ""))

    def list_address(self) -> str:
        """An enterprise has no list to go back to."""
        return "" if self.actor.kind is Kind.ENTERPRISE else super().list_address()


def _account(draft: EnterpriseDraft, values: Mapping[str, Any]) -> AccountDraft:
    return AccountDraft(
        username=values["username"] or "",
        email=draft.email,
        kind=Kind.ENTERPRISE,
        display_name=draft.name,
        phone=draft.mobile,
    )


class EnterpriseVersionView(DomainView):
    """What was known of enterprises, change by change."""

    model = EnterpriseVersion
    route_base = "/enterprise-versions"
    editable = False
    list_title = lazy_gettext("Enterprise versions")
    show_title = lazy_gettext("Enterprise version")
    label_columns = {
        **FACT_LABELS,
        "number": lazy_gettext("Version"),
        "created_at": lazy_gettext("Recorded"),
        "created_by": lazy_gettext("Recorded by"),
    }
    list_columns = ["name", "number", "created_at"]
    search_columns = ["name"]
    base_order = ("created_at", "desc")
    show_fieldsets = [
        (lazy_gettext("Administration"), {"fields": ["number", "created_at", "created_by", "code_status"]}),
        *with_size(FACT_GROUPS),
    ]
    formatters_columns = {"size_working": as_lines}
    choices_columns = {"size": list(SIZE_NAMES.items()), "code_status": list(STATUS_NAMES.items())}

    def listing(self) -> ListSpec:
        """Versions, the latest first."""
        return version_list(self.listing_name, self._row_link())


VALIDITY = {"valid_from": lazy_gettext("Valid from"), "valid_until": lazy_gettext("Valid until")}
VALIDITY_HINTS = {
    "valid_until": lazy_gettext(
        "The first day on which it can no longer be chosen. Where it was used, it stays readable."
    ),
}


class DictionaryEntryView(DomainView):
    """A dictionary whose entries end instead of being deleted once they were used."""

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return dictionaries.validity_problems(values)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add an entry."""
        dictionaries.refuse_wrong_validity(values)
        return super().create(actor, values)

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change an entry."""
        dictionaries.refuse_wrong_validity(values)
        return super().change(actor, row, values, version)


class IndustryView(DictionaryEntryView):
    """GB/T 4754-2017. Codes are the standard's, so trades are neither added nor deleted here."""

    model = Industry
    route_base = "/industries"
    deletable = False
    exclude_route_methods = {"download", "action", "action_post", "add"}
    list_title = lazy_gettext("Industries")
    show_title = lazy_gettext("Industry")
    edit_title = lazy_gettext("Change industry")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "level": lazy_gettext("Level"),
        "parent": lazy_gettext("Belongs to"),
        "section": lazy_gettext("Section"),
        "is_industrial": lazy_gettext("Industrial"),
        "sector": lazy_gettext("Sector of the economy"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "level", "section", "is_industrial", "sector", "valid_until"]
    search_columns = ["name", "code", "level", "section", "is_industrial", "valid_until"]
    base_order = ("code", "asc")
    edit_columns = ["name", *VALIDITY]
    show_columns = ["code", "name", "level", "parent", "section", "is_industrial", "sector", *VALIDITY]
    hints = VALIDITY_HINTS


class RegistrationTypeView(DictionaryEntryView):
    """登记注册类型 of both schemes."""

    model = RegistrationType
    route_base = "/registration-types"
    list_title = lazy_gettext("Registration types")
    show_title = lazy_gettext("Registration type")
    add_title = lazy_gettext("New registration type")
    edit_title = lazy_gettext("Change registration type")
    label_columns = {
        "scheme": lazy_gettext("Scheme"),
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "parent_code": lazy_gettext("Belongs to"),
        "selectable": lazy_gettext("Can be chosen"),
        "position": lazy_gettext("Position"),
        **VALIDITY,
    }
    list_columns = ["code", "scheme", "name", "parent_code", "selectable", "position", "valid_until"]
    search_columns = ["name", "scheme", "code", "selectable", "valid_until"]
    base_order = ("code", "asc")
    add_columns = ["scheme", "code", "name", "parent_code", "selectable", "position", *VALIDITY]
    hints = VALIDITY_HINTS
    choices_columns = {"scheme": [(scheme, scheme) for scheme in SCHEMES]}


class ControlTypeView(DictionaryEntryView):
    """控股情况."""

    model = ControlType
    route_base = "/control-types"
    list_title = lazy_gettext("Control types")
    show_title = lazy_gettext("Control type")
    add_title = lazy_gettext("New control type")
    edit_title = lazy_gettext("Change control type")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "position": lazy_gettext("Position"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "position", "valid_until"]
    search_columns = ["name", "code", "valid_until"]
    base_order = ("code", "asc")
    add_columns = ["code", "name", "position", *VALIDITY]
    show_columns = ["code", "name", "position", *VALIDITY]
    hints = VALIDITY_HINTS
