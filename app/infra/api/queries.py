"""The standard queries of the pages, for programs: the same lists, opened by the same permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, abort, jsonify, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app.infra import context
from app.infra.api.operations import Described, describes
from app.infra.api.reading import answer_page, page_schema, parameters_of, refuse_unknown
from app.infra.api.shapes import Field, JsonSchema, ListOf, Record, Text
from app.infra.api.views import ApiView
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.registry import list_named
from app.infra.pages import protected
from app.infra.registries import table
from app.infra.security import current_permissions
from app.kernel.errors import NotFound
from app.kernel.texts import Message

QUERY = Record(
    (
        Field("name", Message("Name in the address"), Text()),
        Field("title", Message("What it is called"), Text()),
        Field("address", Message("Address"), Text()),
    )
)
QUERIES_ANSWER = Record((Field("result", Message("The queries of this account"), ListOf(QUERY)),))


def offered() -> list[str]:
    """The names of the queries whose pages the asking account may open."""
    held = current_permissions()
    return [name for name, page in table("QUERIES").items() if ("can_list", page) in held]


class QueryApi(ApiView):
    """Any declared list that ``QUERIES`` of the wiring names."""

    resource_name = "queries"
    title = lazy_gettext("Queries (for programs)")

    @expose("/", methods=["GET"])
    @protected("get")
    @describes(Message("The queries that this account may ask"), QUERIES_ANSWER)
    def get_queries(self) -> Response:
        """Which queries there are for the asking account."""
        refuse_unknown(None)
        return jsonify(result=[self._named(name) for name in offered()])

    @expose("/<name>/", methods=["GET"])
    @protected("get")
    @describes(Message("A page of records"))
    def get_query(self, name: str) -> Response:
        """A page of a query, with the conditions of its page.

        :raises NotFound: there is no such query. Where its page is closed to the account: 403.
        """
        if name not in table("QUERIES"):
            raise NotFound
        if name not in offered():
            abort(403)
        return answer_page(self._listing(name, request.args), self.actor)

    def operations(self) -> Iterator[Described]:
        """Each query stands in the document at an address of its own."""
        for found in super().operations():
            if found.name != "queries.get_query":
                yield found
                continue
            for name in offered():
                yield self._of_query(found, name)

    def answer(self, name: str) -> JsonSchema:
        """That of a query is told with the query."""
        return {}

    def _of_query(self, found: Described, name: str) -> Described:
        spec = self._listing(name, MultiDict())
        return Described(
            path=found.path.replace("<name>", name),
            method=found.method,
            name=f"queries.{name}",
            group=found.group,
            operation=found.operation,
            answer=page_schema(spec),
            summary=say(spec.title),
            parameters=tuple(parameters_of(spec, self.actor, context.today())),
        )

    def _named(self, name: str) -> dict[str, Any]:
        spec = self._listing(name, MultiDict())
        address = url_for("QueryApi.get_query", name=name)
        return {"name": name, "title": say(spec.title), "address": address}

    def _listing(self, name: str, args: Args) -> ListSpec:
        spec = list_named(name, self.actor, args)
        if spec is None:
            raise TypeError(f"query {name}: no list of that name is registered")
        return spec
