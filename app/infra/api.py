"""The family of interfaces for scripts of a browser: read only, explicit columns, scopes as on pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi
from sqlalchemy import inspect

from app.infra import context, scope
from app.infra.i18n import say
from app.infra.lists import Asked, Column, ListSpec, ask
from app.infra.lists import query as queries
from app.infra.lists.asked import sort_keys
from app.infra.lists.cells import month_text
from app.infra.lists.filters import SEVERAL
from app.infra.lists.spec import COUNT_CAP
from app.infra.views import Permitted, protected
from app.kernel.errors import DomainError, NotFound, Problem
from app.kernel.texts import LocalText, Message

MOST = 100
USUAL = 50
OWN_WORDS = frozenset({"after", "limit", "sort", "where"})
"""Words of the address that are no filter: the cursor, how many, in which order, conditions in groups."""

CANNOT_READ = Message("The request cannot be read.")


class DomainApi(Permitted, BaseApi):
    """``GET …/`` and ``GET …/<key>`` over a declared list. There is nothing that writes.

    The session of the browser says who asks. Parameters are those of the list, one value each;
    whatever else is sent is refused with 400, so that a misspelt condition never means "all".
    """

    title: Any = ""
    csrf_exempt = False
    allow_browser_login = True

    def listing(self) -> ListSpec:
        """The list whose columns, conditions and scope this interface has."""
        raise TypeError(f"{type(self).__name__}: its list must be declared")

    @expose("/", methods=["GET"])
    @protected("get")
    def get_list(self) -> Response:
        """A page of records: ``result``, ``count`` (null beyond ten thousand) and ``next``, the cursor."""
        spec = self.listing()
        self._refuse_unknown(spec)
        limit = self._size()
        asked = self._ask(spec, limit)
        page = queries.fetch(spec, asked, self.actor, context.today())
        return jsonify(
            result=records(asked.columns, page.values, len(page.keys)),
            count=page.total if page.total <= COUNT_CAP else None,
            next=page.after or None,
        )

    @expose("/<key>", methods=["GET"])
    @protected("get")
    def get(self, key: str) -> Response:
        """One record.

        :raises NotFound: there is none, or not for this account.
        """
        spec = self.listing()
        self._refuse_unknown(None)
        column = spec.key[0]
        value = scope.parse_key(key, column.type.python_type)
        rows = spec.base(self.actor, context.today()).order_by(None).where(column == value)
        statement, layout = queries.statement(spec, spec.columns, rows, sort_keys(spec, ""))
        found = queries.execute(statement)
        if not found:
            raise NotFound
        values = queries.column_values(spec.columns, layout, found, self.actor)
        return jsonify(result=records(spec.columns, values, 1)[0])

    def _ask(self, spec: ListSpec, limit: int) -> Asked:
        asked = ask(spec, request.args, self.actor, context.today())
        problems = [*asked.problems, *(Problem(words) for words in asked.notices)]
        if problems:
            raise DomainError(CANNOT_READ, problems)
        return replace(asked, size=limit, columns=tuple(spec.columns))

    @staticmethod
    def _refuse_unknown(spec: ListSpec | None) -> None:
        conditions = spec.filters if spec else ()
        known = {part for condition in conditions for part in condition.parts}
        several = {condition.key for condition in conditions if condition.kind in SEVERAL}
        known |= OWN_WORDS if spec else set()
        problems = [
            Problem(Message("There is no parameter {name}.", name=name[:60]), name[:60])
            for name in request.args
            if name not in known
        ]
        problems += [
            Problem(Message("Give the parameter {name} once.", name=name), name)
            for name in sorted(known - several)
            if len(request.args.getlist(name)) > 1
        ]
        if request.content_length or request.get_data(cache=False):
            problems.append(Problem(Message("This address takes no body.")))
        if problems:
            raise DomainError(CANNOT_READ, problems)

    @staticmethod
    def _size() -> int:
        text = request.args.get("limit", str(USUAL))
        if not text.isascii() or not text.isdigit():
            problem = Problem(Message("Give a limit from 1 to {most}.", most=MOST), "limit")
            raise DomainError(CANNOT_READ, [problem])
        return min(max(int(text[:9]), 1), MOST)


def records(
    columns: Sequence[Column], values: Sequence[Sequence[Any]], count: int
) -> list[Mapping[str, Any]]:
    """Rows as objects, from values by column."""
    return [
        {column.key: plain(column, values[place][row]) for place, column in enumerate(columns)}
        for row in range(count)
    ]


def plain(column: Column, value: Any) -> Any:
    """A value as JSON can carry it exactly: numbers with decimals as text, instants in UTC."""
    if column.kind == "month" and value is not None:
        return month_text(value)
    if isinstance(value, LocalText):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(column, item) for item in value]
    return value


def scoped(model: Any) -> Any:
    """A list's base: the keys of a model's rows in scope."""
    key = inspect(model).primary_key[0]
    return lambda actor, today: scope.visible(model, actor, today).with_only_columns(key)
