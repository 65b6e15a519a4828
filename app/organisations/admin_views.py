"""Pages of bureau admins 下级管理员维护: list, hierarchy, form, what waits, and the transfer of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from wtforms.validators import InputRequired

from app.infra import context
from app.infra.forms import REQUIRED, PlatformForm, RemoteSelectField
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.views import protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations import service
from app.organisations.account_service import has_no_password
from app.organisations.admin_service import (
    admin_problems,
    invite_admin,
    pending_work,
    work_to_pass_on,
)
from app.organisations.admin_tree import admin_tree
from app.organisations.fields import RemoteMultipleField, text_field
from app.organisations.lists import STATE_MARKS, admin_list
from app.organisations.models import Admin, Region
from app.organisations.sub_pages import SubPagesView
from app.organisations.terms import LEVEL_NAMES, RIGHTS, STATE_NAMES

OWN_RECORD = Message("This is your own record: only an administrator above you changes it.")


class AdminView(SubPagesView):
    """Bureau admins: superior, manageable regions and permissions."""

    model = Admin
    route_base = "/admins"
    import_name = "admins"
    deletable = False
    show_template = "organisations/admin.html"
    list_title = lazy_gettext("Subordinate admins")
    show_title = lazy_gettext("Bureau admin")
    add_title = lazy_gettext("New bureau admin")
    edit_title = lazy_gettext("Change bureau admin")
    label_columns = {
        "account": lazy_gettext("Account"),
        "account_name": lazy_gettext("Login name of an existing account"),
        "username": lazy_gettext("Login name"),
        "display_name": lazy_gettext("Person's name"),
        "email": lazy_gettext("E-mail"),
        "phone": lazy_gettext("Phone"),
        "bureau": lazy_gettext("Bureau"),
        "level": lazy_gettext("Level"),
        "superior": lazy_gettext("Superior admin"),
        "regions": lazy_gettext("Manageable regions"),
        "bulk_accept": lazy_gettext("Bulk accept"),
        "leapfrog_accept": lazy_gettext("Leapfrog accept"),
        "batch_import": lazy_gettext("Batch import"),
        "unfreeze_reports": lazy_gettext("Timed unfreeze"),
        "state": lazy_gettext("State"),
    }
    list_columns = ["level", "bureau", "superior", "state"]
    search_columns = ["level", "state"]
    base_order = ("id", "asc")
    edit_columns = ["bureau", "superior", "regions", *RIGHTS]
    add_columns = [
        *("username", "display_name", "email", "phone", "account_name"),
        *edit_columns,
    ]
    add_fieldsets = [
        (
            lazy_gettext("New account"),
            {"fields": ["username", "display_name", "email", "phone"]},
        ),
        (lazy_gettext("Or an existing account"), {"fields": ["account_name"]}),
        (lazy_gettext("Place and permissions"), {"fields": edit_columns}),
    ]
    show_columns = ["account", "bureau", "level", "superior", "regions", *RIGHTS, "state"]
    choices_columns = {"level": list(LEVEL_NAMES.items()), "state": list(STATE_NAMES.items())}
    hints = {
        "superior": lazy_gettext("The superior admin who reviews after this one. Empty only at the top."),
        "leapfrog_accept": lazy_gettext("Only for an admin of a province."),
        "unfreeze_reports": lazy_gettext("May open a closed month again, within the regions of this admin."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "account_name": text_field(lazy_gettext("Login name of an existing account"), 64),
        "username": text_field(lazy_gettext("Login name"), 64, starred=True),
        "display_name": text_field(lazy_gettext("Person's name"), 100, starred=True),
        "email": text_field(
            lazy_gettext("E-mail"),
            120,
            starred=True,
            description=lazy_gettext("A link by which the owner chooses a password is sent there."),
        ),
        "phone": text_field(lazy_gettext("Phone"), 30),
        "regions": RemoteMultipleField(
            lazy_gettext("Manageable regions"),
            model=Region,
            url="/admins/choices/regions",
            validators=[InputRequired(REQUIRED)],
            description=lazy_gettext("They lie within the regions of the superior."),
        ),
    }

    def initial(self) -> dict[str, Any]:
        """A bureau admin's new admin usually stands right below."""
        return {"superior": self.actor.admin_id} if self.actor.kind is Kind.BUREAU else {}

    def _form_page(
        self,
        template: str,
        title: Any,
        widget: str,
        form: PlatformForm,
        problems: Sequence[str],
        **values: Any,
    ) -> Any:
        """Only the platform may begin a chain: everybody else has to name a superior."""
        form._fields["superior"].flags.required = self.actor.kind is Kind.BUREAU
        return super()._form_page(template, title, widget, form, problems, **values)

    def listing(self) -> ListSpec:
        """Admins by region, level, name and state."""
        return admin_list(self.listing_name, self._row_link())

    def list_links(self) -> list[tuple[str, str]]:
        """The same admins as they stand below each other."""
        return [(gettext("Hierarchy"), self._url("tree"))]

    def closed_because(self, row: Any) -> Message | None:
        """Nobody changes the own rights."""
        return OWN_RECORD if row.id == self.actor.admin_id else None

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Make an admin of a new account, or of one that exists."""
        now = context.now()
        admin = service.create_admin(actor, _draft(values), now)
        if has_no_password(admin.account):
            invite_admin(actor, admin.id, now)
        return admin

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change superior, regions and rights."""
        return service.edit_admin(actor, row.id, _draft(values), version, context.now())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return admin_problems(actor, _draft(values), row, context.now())

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The way to hand all work over."""
        if not self.can("transfer") or self.closed_because(row):
            return []
        return [(gettext("Transfer work"), self._url("transfer", pk=row.id))]

    def show_actions(self, row: Any) -> list[Any]:
        """Disable or enable; asked once more, and refused with what still waits."""
        if not self.can(self.batch_permission) or self.closed_because(row):
            return []
        action, words = (
            ("disable", gettext("Disable")) if row.state == "active" else ("enable", gettext("Enable"))
        )
        offered = [(action, words)]
        if row.state == "active" and has_no_password(row.account):
            offered.insert(0, ("invite", gettext("Send activation link")))
        return [(said, self._url("list"), {"action": name, "key": row.id}) for name, said in offered]

    @expose("/show/<pk>", methods=["GET"])
    @protected("show")
    def show(self, pk: str) -> Any:
        """One admin, with the work that waits there."""
        row = self._find(pk)
        transfers = self.can("transfer") and not self.closed_because(row)
        return self._show_page(
            pk,
            row,
            pending=[say(problem.message) for problem in pending_work(row)],
            transfer_url=self._url("transfer", pk=pk) if transfers else "",
        )

    @expose("/tree/", methods=["GET"])
    @protected("list")
    def tree(self) -> Any:
        """Who stands below whom, with level, regions and state."""
        return self.render_template(
            "organisations/admin_tree.html",
            title=gettext("Hierarchy of admins"),
            nodes=admin_tree(self.actor, context.today()),
            levels={level: say(words) for level, words in LEVEL_NAMES.items()},
            states={state: say(words) for state, words in STATE_NAMES.items()},
            marks=STATE_MARKS,
            list_url=self._url("list"),
            add_url=self._url("add") if self.can("add") else "",
        )

    @expose("/transfer/<pk>", methods=["GET", "POST"])
    @protected("transfer")
    def transfer(self, pk: str) -> Any:
        """Give all subordinates and enterprises of an admin to another one, who is told what passes on."""
        row = self._find(pk)
        self._refuse_closed(row)
        form = TransferForm()

        def hand_over() -> object:
            return service.transfer_work(self.actor, row.id, form.to_admin.key or 0, context.now())

        return self.sub_page(
            pk,
            gettext("Transfer work of %(name)s", name=row.account.display_name),
            form,
            hand_over,
            done=gettext("The work was transferred."),
            template="organisations/transfer.html",
            moves=[say(line) for line in work_to_pass_on(row)],
        )


class TransferForm(PlatformForm):
    """To whom work passes."""

    to_admin = RemoteSelectField(
        lazy_gettext("Admin who takes over"),
        model=Admin,
        url="/admins/choices/superior",
        validators=[InputRequired(REQUIRED)],
        description=lazy_gettext(
            "An active admin at a higher level than the subordinates, who manages all of the regions."
        ),
    )


def _draft(values: Mapping[str, Any]) -> service.AdminDraft:
    """The draft that a form's values stand for."""
    named = (values.get("account_name") or "").strip()
    entered = any(values.get(name) for name in ("username", "display_name", "email", "phone"))
    return service.AdminDraft(
        bureau_id=values["bureau"],
        region_ids=values["regions"] or (),
        superior_id=values["superior"],
        rights=frozenset(right for right in RIGHTS if values[right]),
        account_name=named,
        account=_account(values) if entered and not named else None,
    )


def _account(values: Mapping[str, Any]) -> service.AccountDraft:
    return service.AccountDraft(
        username=values["username"] or "",
        email=values["email"] or "",
        kind=Kind.BUREAU,
        display_name=values["display_name"] or "",
        phone=values["phone"] or "",
    )
