"""Shipped roles are data: ``init`` restores them; roles that an administrator made are left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import insert, select

from app.infra.database import db
from app.infra.security import SecurityStamp, move_stamp

Patterns = Sequence[tuple[str, str]]
"""Pairs of anchored patterns: (permission, view)."""


def permissions_in_code(appbuilder: AppBuilder) -> set[tuple[str, str]]:
    """(permission, view) pairs that the registered views check."""
    return {
        (permission, view.class_permission_name)
        for view in appbuilder.baseviews
        for permission in view.base_permissions or ()
    }


def restore_roles(appbuilder: AppBuilder, shipped: Mapping[str, Patterns]) -> None:
    """Make permissions and shipped roles exactly what the code says; safe to run twice.

    A permission that no view checks any more is taken from every role. This is only ever
    called by ``flask platform init`` on a wholly loaded application.
    """
    db.session.flush()
    if db.session.get(SecurityStamp, 1) is None:
        db.session.add(SecurityStamp(id=1, value=1))
        db.session.flush()
    wanted = permissions_in_code(appbuilder)
    pairs = _write_permissions(wanted)
    _drop_unknown(wanted)
    for name, patterns in shipped.items():
        _write_role(name, [pairs[key] for key in sorted(wanted) if matches(key, patterns)])
    _write_role(current_app.config["AUTH_ROLE_PUBLIC"], [])
    move_stamp(db.session())


def matches(key: tuple[str, str], patterns: Patterns) -> bool:
    """Whether a (permission, view) pair is granted by any pair of patterns, each matched as a whole."""
    permission, view = key
    return any(re.fullmatch(left, permission) and re.fullmatch(right, view) for left, right in patterns)


def _write_permissions(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], PermissionView]:
    permissions = _names(Permission, {permission for permission, _view in wanted})
    views = _names(ViewMenu, {view for _permission, view in wanted})
    have = {
        (pair.permission.name, pair.view_menu.name): pair
        for pair in db.session.scalars(select(PermissionView))
    }
    fresh = [
        {"permission_id": permissions[permission], "view_menu_id": views[view]}
        for permission, view in sorted(wanted - have.keys())
    ]
    if fresh:
        db.session.execute(insert(PermissionView), fresh)
        have = {
            (pair.permission.name, pair.view_menu.name): pair
            for pair in db.session.scalars(select(PermissionView))
        }
    return have


def _names(model: type[Permission | ViewMenu], wanted: set[str]) -> dict[str, int]:
    have = dict(db.session.execute(select(model.name, model.id)).all())
    fresh = [{"name": name} for name in sorted(wanted - have.keys())]
    if fresh:
        db.session.execute(insert(model), fresh)
        have = dict(db.session.execute(select(model.name, model.id)).all())
    return have


def _drop_unknown(wanted: set[tuple[str, str]]) -> None:
    for pair in db.session.scalars(select(PermissionView)).all():
        if (pair.permission.name, pair.view_menu.name) not in wanted:
            for role in db.session.scalars(select(Role).where(Role.permissions.contains(pair))):
                role.permissions.remove(pair)
            db.session.flush()
            db.session.delete(pair)


def _write_role(name: str, permissions: list[PermissionView]) -> None:
    role = db.session.scalars(select(Role).where(Role.name == name)).one_or_none()
    if role is None:
        role = Role(name=name)
        db.session.add(role)
    if {pair.id for pair in role.permissions} != {pair.id for pair in permissions}:
        role.permissions = permissions
    db.session.flush()
