"""What every page of ours shares: who may open it, who asks, and no history in the cookie."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, render_template, url_for
from flask_appbuilder import BaseView

from app.infra import context
from app.infra.security import current_permissions, current_principal
from app.infra.web import require_sign_in
from app.kernel.actor import Actor

View = Callable[..., Any]


def protected(permission: str) -> Callable[[View], View]:
    """Let through who holds ``can_<permission>`` on this view; everybody else is told so.

    An unknown visitor goes to the sign-in page (a script gets 401), a known one without the
    permission gets 403: roles say which screens, scopes say which rows.
    """

    def wrap(function: View) -> View:
        @functools.wraps(function)
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            if current_principal() is None:
                return require_sign_in()
            if not self.can(self.method_permission_name.get(function.__name__, permission)):
                abort(403)
            return function(self, *args, **kwargs)

        guarded._permission_name = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


class Permitted:
    """What pages and interfaces share: who asks, and what the roles of that account let it do here."""

    class_permission_name: str
    method_permission_name: Mapping[str, str]

    def can(self, permission: str) -> bool:
        """Whether the principal holds a permission on this view; a view may ask for more than that."""
        name = self.method_permission_name.get(permission, permission)
        return (f"can_{name}", self.class_permission_name) in current_permissions()

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return context.current_actor()


class QuietView(Permitted, BaseView):
    """What all our views share: no history in the cookie, which FAB let overflow at 4 KB."""

    def update_redirect(self) -> None:
        """Keep nothing: pages say themselves where they lead."""

    def get_redirect(self) -> str:
        """The default page of this view."""
        return url_for(f"{self.endpoint}.{self.default_view}")


class PageView(QuietView):
    """A view with pages of its own; each of its routes carries ``protected`` or is in the public table."""

    def page(self, template: str, **values: Any) -> str:
        """Render a template of the look."""
        return render_template(template, **values)
