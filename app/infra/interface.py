"""FAB's data interface behind the register of scopes: it reads what the actor sees and writes nothing."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.sqla.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.infra import context, scope
from app.kernel.errors import DomainError


class ScopeFilter(BaseFilter):
    """FAB's own queries see what the register allows, as a second wall behind ``find``."""

    name = "In scope"

    def apply(self, query: Any, value: Any) -> Any:
        """Narrow FAB's query."""
        return query.where(scope.scope_of(self.model)(context.current_actor(), context.today()))


class DomainInterface(SQLAInterface):
    """FAB's data interface that can neither read out of scope nor write by itself."""

    def get(self, id: Any, filters: Any = None, select_columns: Any = None) -> Any:  # noqa: A002 - FAB's name
        """The row, if the actor sees it; None otherwise."""
        try:
            return scope.find(self.obj, id, context.current_actor(), context.today())
        except DomainError:
            return None

    def add(self, item: Any, raise_exception: bool = False) -> bool:  # noqa: FBT001, FBT002 - FAB's signature
        """Refuse: writes go through a service."""
        raise TypeError("a DomainView writes through its service")

    edit = add
    delete = add

    def delete_all(self, items: Any) -> bool:
        """Refuse: writes go through a service."""
        raise TypeError("a DomainView writes through its service")
