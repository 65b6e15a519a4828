"""Pages of enterprises, their versions and the dictionaries that describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape
from wtforms.validators import InputRequired

from app.enterprises import service
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
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.forms import REQUIRED, PlatformForm, RemoteSelectField
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.security import current_permissions
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid
from app.organisations.account_service import (
    NO_PASSWORD,
    AccountDraft,
    create_account,
    hash_password,
)
from app.organisations.account_views import password_field
from app.organisations.fields import text_field
from app.organisations.models import Admin
from app.organisations.passwords import password_problems
from app.organisations.sub_pages import SubPagesView

FACT_LABELS = {
    "name": lazy_gettext("Enterprise name"),
    "uscc": lazy_gettext("Credit code"),
    "uscc_exception": lazy_gettext("Reason to accept an invalid credit code"),
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
ADMINISTRATION = ("username", "state", "direct_reviewer", "revision", "created_at")


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


class EnterpriseView(SubPagesView):
    """监测企业信息管理: the enterprises that are monitored."""

    model = Enterprise
    route_base = "/enterprises"
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
        "password": lazy_gettext("Initial password"),
    }
    list_columns = ["name", "size", "contact_name", "state"]
    search_columns = ["name", "state", "size"]
    base_order = ("name", "asc")
    add_columns = [*ENTERED, "username", "password"]
    edit_columns = [*ENTERED]
    add_fieldsets = [
        *FACT_GROUPS,
        (lazy_gettext("Account of the enterprise"), {"fields": ["username", "password"]}),
    ]
    edit_fieldsets = [*FACT_GROUPS]
    show_fieldsets = [
        (lazy_gettext("Administration"), {"fields": [*ADMINISTRATION]}),
        *with_size(FACT_GROUPS),
    ]
    formatters_columns = {"size_working": as_lines}
    choices_columns = {"size": list(SIZE_NAMES.items()), "state": list(STATE_WORDS.items())}
    required_columns = ("figures_year", "revenue", "employees", "assets")
    hints = {
        "uscc_exception": lazy_gettext("Only for an old or test code; the enterprise is flagged."),
        "phone": lazy_gettext("With area code, joined by a hyphen. At least one of phone and mobile."),
        "website": lazy_gettext("Starts with http:// or https://."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "username": text_field(lazy_gettext("User ID"), 64, required=True),
        "password": password_field(lazy_gettext("Initial password"), required=False),
    }

    def listing(self) -> ListSpec:
        """By default the enterprises that the admin or a subordinate reviews."""
        return enterprise_list(self.listing_name, self._row_link())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add an enterprise with its account."""
        draft = draft_from(values)
        password = values["password"] or ""
        problems = password_problems(password, values["username"]) if password else []
        if problems:
            raise Invalid(problems)
        entered = AccountDraft(
            username=values["username"],
            email=draft.email,
            kind=Kind.ENTERPRISE,
            display_name=draft.name,
            phone=draft.mobile,
            password_hash=hash_password(password) if password else NO_PASSWORD,
        )
        now = context.now()
        account = create_account(actor, entered, now)
        return service.create_enterprise(actor, draft, now, account_id=account.id)

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change what is known; the state before stays as a version."""
        return service.edit_enterprise(actor, row.id, draft_from(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a disabled enterprise that never reported."""
        service.delete_enterprise(actor, row.id, context.now())

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """Versions, and the change of the reviewer."""
        links = []
        if ("can_list", EnterpriseVersionView.__name__) in current_permissions():
            links.append((gettext("Versions"), f"/enterprise-versions/list/?enterprise={row.id}"))
        if self.can("reviewer"):
            links.append((gettext("Change reviewer"), self._url("reviewer", pk=row.id)))
        return links

    @expose("/reviewer/<pk>", methods=["GET", "POST"])
    @protected("reviewer")
    def reviewer(self, pk: str) -> Any:
        """变更审核员: another direct reviewer; all reports of the enterprise move along."""
        row = self._find(pk)
        form = ReviewerForm()

        def hand_over() -> object:
            return service.change_reviewer(self.actor, [row.id], form.reviewer.key or 0, context.now())

        return self.sub_page(pk, gettext("Reviewer of %(name)s", name=row.name), form, hand_over)


class ReviewerForm(PlatformForm):
    """Who reviews from now on."""

    reviewer = RemoteSelectField(
        lazy_gettext("New direct reviewer"),
        model=Admin,
        url="/admins/choices/superior",
        validators=[InputRequired(REQUIRED)],
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
        (lazy_gettext("Administration"), {"fields": ["number", "created_at", "created_by"]}),
        *with_size(FACT_GROUPS),
    ]
    formatters_columns = {"size_working": as_lines}
    choices_columns = {"size": list(SIZE_NAMES.items())}

    def listing(self) -> ListSpec:
        """Versions, the latest first."""
        return version_list(self.listing_name, self._row_link())


class IndustryView(DomainView):
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
    }
    list_columns = ["code", "name", "level", "section", "is_industrial", "sector"]
    search_columns = ["name", "code", "level", "section", "is_industrial"]
    base_order = ("code", "asc")
    edit_columns = ["name"]
    show_columns = ["code", "name", "level", "parent", "section", "is_industrial", "sector"]


class RegistrationTypeView(DomainView):
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
    }
    list_columns = ["code", "scheme", "name", "parent_code", "selectable"]
    search_columns = ["name", "scheme", "code", "selectable"]
    base_order = ("code", "asc")
    add_columns = ["scheme", "code", "name", "parent_code", "selectable"]
    choices_columns = {"scheme": [(scheme, scheme) for scheme in SCHEMES]}


class ControlTypeView(DomainView):
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
    }
    list_columns = ["code", "name", "position"]
    search_columns = ["name", "code"]
    base_order = ("code", "asc")
    add_columns = ["code", "name", "position"]
