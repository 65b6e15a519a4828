"""What accounts handed in for 实名认证, for the administrators who cover them."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.files import download
from app.infra.views import PageView, protected
from app.organisations import own_account
from app.organisations.scope import covered_account
from app.organisations.terms import DOCUMENT_NAMES


class IdentityView(PageView):
    """``/identities/<account>``: the scans of an account, and each as a download."""

    route_base = "/identities"
    default_view = "show"
    title = lazy_gettext("Identity verification")

    @expose("/<pk>", methods=["GET"])
    @protected("show")
    def show(self, pk: str) -> Any:
        """What an account handed in, and when."""
        account = covered_account(pk, self.actor, context.today())
        documents = own_account.documents_of(account.id)
        return self.page(
            "organisations/identity.html", account=account, documents=documents, names=DOCUMENT_NAMES
        )

    @expose("/<pk>/<kind>", methods=["GET"])
    @protected("show")
    def document(self, pk: str, kind: str) -> Any:
        """One scan."""
        account = covered_account(pk, self.actor, context.today())
        return download(own_account.document(account.id, kind).file, context.now())
