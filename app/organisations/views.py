"""Pages of regions, bureaus and their admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, Optional

from app.infra import context
from app.infra.forms import REQUIRED, PlatformForm, RemoteSelectField
from app.infra.lists import ListSpec
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid
from app.organisations import service
from app.organisations.account_service import NO_PASSWORD
from app.organisations.fields import RemoteMultipleField, text_field
from app.organisations.lists import admin_list, bureau_list
from app.organisations.models import Account, Admin, Bureau, Region
from app.organisations.passwords import password_problems
from app.organisations.sub_pages import SubPagesView
from app.organisations.terms import (
    CONTACT_DUTIES,
    LEVEL_NAMES,
    REGION_KIND_NAMES,
    REGION_LEVEL_NAMES,
    RIGHTS,
    STATE_NAMES,
)


class RegionView(DomainView):
    """The territory with its dates and successors."""

    model = Region
    route_base = "/regions"
    list_title = lazy_gettext("Regions")
    show_title = lazy_gettext("Region")
    add_title = lazy_gettext("New region")
    edit_title = lazy_gettext("Change region")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "full_name": lazy_gettext("Full name"),
        "level": lazy_gettext("Level"),
        "parent": lazy_gettext("Lies within"),
        "kind": lazy_gettext("Kind"),
        "valid_from": lazy_gettext("Exists from"),
        "valid_to": lazy_gettext("Abolished on"),
        "successors": lazy_gettext("Successors"),
        "strong_exporter": lazy_gettext("Strong exporting county"),
        "note": lazy_gettext("Note"),
    }
    list_columns = ["code", "full_name", "level", "kind", "strong_exporter", "valid_from", "valid_to"]
    search_columns = ["full_name", "code", "level", "kind", "strong_exporter"]
    base_order = ("code", "asc")
    add_columns = [
        *("code", "name", "level", "parent", "kind", "valid_from", "valid_to"),
        *("successors", "strong_exporter", "note"),
    ]
    show_columns = [*add_columns[:2], "full_name", *add_columns[2:]]
    choices_columns = {
        "level": list(REGION_LEVEL_NAMES.items()),
        "kind": list(REGION_KIND_NAMES.items()),
    }
    hints = {
        "valid_to": lazy_gettext("The first day on which the region no longer exists."),
        "parent": lazy_gettext("The region at the next higher level."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "successors": RemoteMultipleField(
            lazy_gettext("Successors"), model=Region, url="/regions/choices/successors"
        ),
    }

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a region."""
        return service.create_region(actor, _region_draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a region."""
        return service.edit_region(actor, row.id, _region_draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a development zone that was added by mistake."""
        service.delete_region(actor, row.id, context.now())


def _region_draft(values: Mapping[str, Any]) -> service.RegionDraft:
    return service.RegionDraft(
        code=values["code"],
        name=values["name"],
        level=values["level"],
        parent_id=values["parent"],
        kind=values["kind"] or "admin",
        valid_from=values["valid_from"],
        valid_to=values["valid_to"],
        successor_ids=values["successors"],
        strong_exporter=values["strong_exporter"],
        note=values["note"] or "",
    )


class BureauView(DomainView):
    """Bureaus with their contacts."""

    model = Bureau
    route_base = "/bureaus"
    list_title = lazy_gettext("Bureaus")
    show_title = lazy_gettext("Bureau")
    add_title = lazy_gettext("New bureau")
    edit_title = lazy_gettext("Change bureau")
    label_columns = {
        "name": lazy_gettext("Name"),
        "level": lazy_gettext("Level"),
        "region": lazy_gettext("Region"),
        "superior": lazy_gettext("Superior bureau"),
        "state": lazy_gettext("State"),
        "leader_name": lazy_gettext("Responsible leader"),
        "leader_phone": lazy_gettext("Leader's phone"),
        "handler_name": lazy_gettext("Handler"),
        "handler_title": lazy_gettext("Handler's title"),
        "handler_phone": lazy_gettext("Handler's phone"),
    }
    list_columns = ["name", "level", "region", "superior", "state"]
    search_columns = ["name", "level", "state"]
    base_order = ("name", "asc")
    add_columns = [
        *("name", "level", "region", "superior", "leader_name", "leader_phone"),
        *("handler_name", "handler_title", "handler_phone"),
    ]
    show_columns = [*add_columns, "state"]
    choices_columns = {"level": list(LEVEL_NAMES.items()), "state": list(STATE_NAMES.items())}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "leader_name": text_field(lazy_gettext("Responsible leader"), 40),
        "leader_phone": text_field(lazy_gettext("Leader's phone"), 30),
        "handler_name": text_field(lazy_gettext("Handler"), 40),
        "handler_title": text_field(lazy_gettext("Handler's title"), 40),
        "handler_phone": text_field(lazy_gettext("Handler's phone"), 30),
    }

    def listing(self) -> ListSpec:
        """Bureaus by region, level, name and state."""
        return bureau_list(self.listing_name, self._row_link())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a bureau."""
        return service.create_bureau(actor, _bureau_draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a bureau."""
        return service.edit_bureau(actor, row.id, _bureau_draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a bureau that was never used."""
        service.delete_bureau(actor, row.id, context.now())


def _bureau_draft(values: Mapping[str, Any]) -> service.BureauDraft:
    return service.BureauDraft(
        name=values["name"],
        level=values["level"],
        region_id=values["region"],
        superior_id=values["superior"],
        contacts=[
            service.ContactDraft(
                duty,
                values[f"{duty}_name"] or "",
                values[f"{duty}_phone"] or "",
                values.get(f"{duty}_title") or "",
            )
            for duty in CONTACT_DUTIES
            if values[f"{duty}_name"] or values[f"{duty}_phone"]
        ],
    )


class AdminView(SubPagesView):
    """Bureau admins 下级管理员维护: superior, manageable regions and permissions."""

    model = Admin
    route_base = "/admins"
    deletable = False
    list_title = lazy_gettext("Bureau admins")
    show_title = lazy_gettext("Bureau admin")
    add_title = lazy_gettext("New bureau admin")
    edit_title = lazy_gettext("Change bureau admin")
    label_columns = {
        "account": lazy_gettext("Account"),
        "username": lazy_gettext("Login name"),
        "display_name": lazy_gettext("Person's name"),
        "email": lazy_gettext("E-mail"),
        "phone": lazy_gettext("Phone"),
        "password": lazy_gettext("Initial password"),
        "bureau": lazy_gettext("Bureau"),
        "level": lazy_gettext("Level"),
        "superior": lazy_gettext("Superior admin"),
        "regions": lazy_gettext("Manageable regions"),
        "bulk_accept": lazy_gettext("Bulk accept"),
        "leapfrog_accept": lazy_gettext("Leapfrog accept"),
        "batch_import": lazy_gettext("Batch import"),
        "state": lazy_gettext("State"),
    }
    list_columns = ["level", "bureau", "superior", "state"]
    search_columns = ["level", "state"]
    base_order = ("id", "asc")
    edit_columns = ["bureau", "superior", "regions", *RIGHTS]
    add_columns = [*("username", "display_name", "email", "phone", "password", "account"), *edit_columns]
    show_columns = ["account", "bureau", "level", "superior", "regions", *RIGHTS, "state"]
    choices_columns = {"level": list(LEVEL_NAMES.items()), "state": list(STATE_NAMES.items())}
    hints = {
        "superior": lazy_gettext("The superior admin who reviews after this one. Empty only at the top."),
        "leapfrog_accept": lazy_gettext("Only for an admin of a province."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "account": RemoteSelectField(
            lazy_gettext("Existing account"),
            model=Account,
            url="/admins/choices/account",
            description=lazy_gettext("Instead of a new account: one of a bureau that has no admin yet."),
        ),
        "username": text_field(lazy_gettext("Login name"), 64),
        "display_name": text_field(lazy_gettext("Person's name"), 100),
        "email": text_field(lazy_gettext("E-mail"), 120),
        "phone": text_field(lazy_gettext("Phone"), 30),
        "password": PasswordField(lazy_gettext("Initial password"), validators=[Optional(), Length(max=128)]),
        "regions": RemoteMultipleField(
            lazy_gettext("Manageable regions"),
            model=Region,
            url="/admins/choices/regions",
            description=lazy_gettext("They lie within the regions of the superior."),
        ),
    }

    def listing(self) -> ListSpec:
        """Admins by region, level, name and state."""
        return admin_list(self.listing_name, self._row_link())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Make an admin of an account, a new one where none was chosen."""
        account = None if values["account"] else _new_account(values)
        draft = _admin_draft(values, account_id=values["account"], account=account)
        return service.create_admin(actor, draft, context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change superior, regions and rights."""
        return service.edit_admin(actor, row.id, _admin_draft(values), version, context.now())

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The way to hand all work over."""
        return [(gettext("Transfer work"), self._url("transfer", pk=row.id))] if self.can("transfer") else []

    @expose("/transfer/<pk>", methods=["GET", "POST"])
    @protected("transfer")
    def transfer(self, pk: str) -> Any:
        """Give all subordinates and enterprises of an admin to another one."""
        row = self._find(pk)
        form = TransferForm()

        def hand_over() -> object:
            return service.transfer_work(self.actor, row.id, form.to_admin.key or 0, context.now())

        title = gettext("Transfer work of %(name)s", name=row.account.display_name)
        return self.sub_page(pk, title, form, hand_over, done=gettext("The work was transferred."))


class TransferForm(PlatformForm):
    """To whom work passes."""

    to_admin = RemoteSelectField(
        lazy_gettext("Admin who takes over"),
        model=Admin,
        url="/admins/choices/superior",
        validators=[InputRequired(REQUIRED)],
    )


def _new_account(values: Mapping[str, Any]) -> service.AccountDraft:
    """A new account of a bureau.

    :raises Invalid: the initial password is too weak.
    """
    username, password = values["username"] or "", values["password"] or ""
    problems = password_problems(password, username) if password else []
    if problems:
        raise Invalid(problems)
    return service.AccountDraft(
        username=username,
        email=values["email"] or "",
        kind=Kind.BUREAU,
        display_name=values["display_name"] or "",
        phone=values["phone"] or "",
        password_hash=service.hash_password(password) if password else NO_PASSWORD,
    )


def _admin_draft(
    values: Mapping[str, Any],
    *,
    account_id: Any = None,
    account: service.AccountDraft | None = None,
) -> service.AdminDraft:
    return service.AdminDraft(
        bureau_id=values["bureau"],
        region_ids=values["regions"],
        superior_id=values["superior"],
        rights=frozenset(right for right in RIGHTS if values[right]),
        account_id=int(account_id) if account_id else None,
        account=account,
    )
