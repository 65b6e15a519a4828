"""Sign-in, sessions that end when they must, and permissions without a query per check.

A signed-in request costs one statement: the wiring's principal loader answers with the actor,
the roles and a tag of everything that must end a session when it changes (password, roles,
state, epoch). Permissions of a set of roles are kept in the process until the security stamp moves,
as is what ``app.infra.remembering`` keeps.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from flask import Flask, Request, current_app, flash, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext
from flask_login import LoginManager, current_user
from sqlalchemy import BigInteger, event, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from app.infra import context
from app.infra.database import db, is_assembled
from app.kernel.actor import ANONYMOUS, Actor, Source

TAG = "tag"
API = "/api/"
STAMPED: set[type] = {Role}
"""Models of which each change moves the stamp; others are added by ``app.infra.remembering.follow``."""


class SecurityStamp(db.Model):
    """One row whose number moves whenever roles, settings or what is remembered change, in any process."""

    __tablename__ = "security_stamp"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the principal loader reads in its one statement; ``due`` is when something next falls due."""

    actor: Actor
    secret: str
    role_ids: frozenset[int]
    stamp: int
    counts: Mapping[str, int] = field(default_factory=dict)
    due: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in user as Flask-Login and FAB see it; not an ORM object, so nothing loads lazily."""

    id: int
    actor: Actor
    permissions: frozenset[tuple[str, str]]
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)
    stamp: int = 0
    due: dt.datetime | None = field(default=None, compare=False)
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The key that Flask-Login keeps in the session."""
        return str(self.id)


def session_tag(credentials: Credentials) -> str:
    """A digest that differs as soon as password, roles, state or epoch do."""
    roles = ",".join(str(role) for role in sorted(credentials.role_ids))
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"{credentials.secret}|{roles}".encode(), hashlib.sha256).hexdigest()[:32]


def credentials_of(user_id: int) -> Credentials | None:
    """The credentials of an active account, by the loader that the wiring names."""
    found: Credentials | None = current_app.extensions["wiring"]["PRINCIPAL_LOADER"](user_id)
    return found


def permissions_of(role_ids: frozenset[int], stamp: int) -> frozenset[tuple[str, str]]:
    """(permission, view) pairs of a set of roles; read once for each stamp."""
    cache: dict[tuple[int, frozenset[int]], frozenset[tuple[str, str]]] = current_app.extensions[
        "permissions"
    ]
    key = (stamp, role_ids)
    if key not in cache:
        if len(cache) > 256:
            cache.clear()
        cache[key] = _read_permissions(role_ids)
    return cache[key]


def _read_permissions(role_ids: Iterable[int]) -> frozenset[tuple[str, str]]:
    query = select(Role).where(Role.id.in_(sorted(role_ids))).options(selectinload(Role.permissions))
    return frozenset(
        (pair.permission.name, pair.view_menu.name)
        for role in db.session.scalars(query)
        for pair in role.permissions
    )


class PlatformSecurityManager(SecurityManager):
    """FAB's security on our accounts: no stock view, no stock API, no query for a permission."""

    def register_views(self) -> None:
        """Only sign-in and sign-out; accounts and roles are views of ``organisations``."""
        from app.infra.sign_in import SignInView  # noqa: PLC0415 - the view needs this module

        self.auth_view = SignInView()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def load_user(self, pk: str) -> Principal | None:
        """The principal of a session, or nobody when the session's tag no longer holds.

        A program that shows a token is who the token says, whatever cookie comes with it.
        """
        if not str(pk).isdigit() or bears_token():
            return None
        credentials = credentials_of(int(pk))
        if credentials is not None and _still_holds(credentials):
            return principal_of(int(pk), credentials)
        if has_request_context():
            g.session_ended = True
        return None

    def create_login_manager(self, app: Flask) -> LoginManager:
        """Sessions for pages; personal tokens for the interfaces of programs."""
        manager: LoginManager = super().create_login_manager(app)
        manager.request_loader(_load_bearer)
        return manager

    def load_user_jwt(self, _jwt_header: object, _jwt_data: object) -> None:
        """Signed tokens are not accepted: a personal token is looked up, so that it can be ended."""
        return

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the current principal has a permission; from memory."""
        return (permission_name, view_name) in current_permissions()

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public by permission; public pages say so in code and in the route table."""
        return False


def _still_holds(credentials: Credentials) -> bool:
    return not has_request_context() or hmac.compare_digest(session.get(TAG, ""), session_tag(credentials))


def tell_of_ended_session() -> None:
    """Tell whoever had a session that it was ended, once: the browser then keeps nothing of it.

    One sentence for every cause, the account's state included: it tells a stranger at the browser nothing.
    """
    if not g.get("session_ended", False):
        return
    g.session_ended = False
    for name in ("_user_id", "_id", "_fresh", TAG):
        session.pop(name, None)
    flash(
        gettext(
            "Your session was ended: the password, the roles or the state of the account changed, "
            "or it was ended elsewhere. Sign in again."
        ),
        "warning",
    )


def bears_token() -> bool:
    """Whether this request for an interface shows a token: no browser adds one by itself."""
    return has_request_context() and request.path.startswith(API) and bool(_token_of(request))


def _token_of(asked: Request) -> str:
    scheme, _space, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _load_bearer(request: Request) -> Principal | None:
    """The principal of ``Authorization: Bearer …``, on the interfaces for programs and nowhere else."""
    if not bears_token():
        return None
    found = current_app.extensions["wiring"]["TOKEN_LOADER"](_token_of(request), context.now())
    return principal_of(*found) if found else None


def principal_of(user_id: int, credentials: Credentials) -> Principal:
    """A principal from credentials that were just read."""
    held = permissions_of(credentials.role_ids, credentials.stamp)
    return Principal(user_id, credentials.actor, held, credentials.counts, credentials.stamp, credentials.due)


def counted(name: str) -> int:
    """What waits for the principal, as counted when the request began."""
    principal = current_principal()
    return 0 if principal is None else principal.counts.get(name, 0)


def current_principal() -> Principal | None:
    """The signed-in principal of this request."""
    found = current_user._get_current_object() if current_user else None
    return found if isinstance(found, Principal) else None


def current_permissions() -> frozenset[tuple[str, str]]:
    """(permission, view) pairs of this request's principal; empty for the public."""
    principal = current_principal()
    return principal.permissions if principal else frozenset()


def set_request_actor() -> None:
    """Put the actor of the session on ``g`` before anything else runs; static files need nobody."""
    if is_static():
        g.actor = ANONYMOUS
        return
    principal = current_principal()
    g.actor = _with_request(principal.actor if principal else ANONYMOUS)


def is_static() -> bool:
    """Whether a file of the look is asked for: no session, no statement, the same for everybody."""
    return request.endpoint == "static"


def _with_request(actor: Actor) -> Actor:
    language = session.get("language") or actor.language
    source = Source.API if request.path.startswith(API) else actor.source
    return replace(
        actor, language=language, source=source, address=request.remote_addr or "", request_id=g.request_id
    )


def move_stamp(db_session: Session) -> None:
    """Make every process read permissions and what it remembers anew, as of the commit."""
    db_session.execute(update(SecurityStamp).values(value=SecurityStamp.value + 1))


def follow_stamped(session_class: type[Session]) -> None:
    """Move the stamp with every change of a role or of what is remembered; safe to call twice."""
    if not event.contains(session_class, "before_flush", _before_flush):
        event.listen(session_class, "before_flush", _before_flush)


def _before_flush(db_session: Session, _context: object, _instances: object) -> None:
    if not is_assembled():
        return
    changed = (*db_session.new, *db_session.dirty, *db_session.deleted)
    if any(type(row) in STAMPED for row in changed):
        move_stamp(db_session)
