"""The family of interfaces for programs: explicit columns, scopes as on pages, and who may ask what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from flask import Response, jsonify
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi

from app.infra import context
from app.infra.api.operations import Described, Operation, describes
from app.infra.api.reading import (
    answer_page,
    find_record,
    page_schema,
    parameters_of,
    record_schema,
    refuse_unknown,
)
from app.infra.api.shapes import JsonSchema
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.pages import Permitted, protected
from app.kernel.texts import Message


class ApiView(Permitted, BaseApi):
    """Addresses for programs. A personal token says who asks, or the session of the browser.

    Each exposed function carries ``describes``; what it does not say itself, ``parameters`` and
    ``answer`` say.
    """

    title: Any = ""
    csrf_exempt = False
    allow_browser_login = True
    arguments: ClassVar[Mapping[str, JsonSchema]] = {"key": {"type": "integer", "minimum": 1}}
    """What stands in the paths, by name."""

    def operations(self) -> Iterator[Described]:
        """What the asking account may do here."""
        for name in sorted(dir(type(self))):
            function = getattr(type(self), name)
            if not hasattr(function, "_urls") or not self.can(function._permission_name):
                continue
            for url, methods in function._urls:
                for method in methods:
                    yield self._described(name, url, method, function._operation)

    def parameters(self, name: str) -> Sequence[JsonSchema]:
        """Parameters of the query of a function."""
        return ()

    def answer(self, name: str) -> JsonSchema:
        """What a function answers that does not declare it."""
        raise TypeError(f"{type(self).__name__}.{name}: its answer must be declared")

    def _described(self, name: str, url: str, method: str, operation: Operation) -> Described:
        answer = operation.answer.schema() if operation.answer else self.answer(name)
        return Described(
            path=f"{self.route_base}{url}",
            method=method.lower(),
            name=f"{self.resource_name}.{name}",
            group=say(self.title),
            operation=operation,
            answer=answer,
            summary=say(operation.summary),
            parameters=self.parameters(name),
            arguments=self.arguments,
        )


class DomainApi(ApiView):
    """``GET …/`` and ``GET …/<key>`` over a declared list.

    Parameters are those of the list, one value each unless it takes several; whatever else is sent
    is refused with 400.
    """

    def listing(self) -> ListSpec:
        """The list whose columns, conditions and scope this interface has."""
        raise TypeError(f"{type(self).__name__}: its list must be declared")

    @expose("/", methods=["GET"])
    @protected("get")
    @describes(Message("A page of records"))
    def get_list(self) -> Response:
        """A page of records."""
        return answer_page(self.listing(), self.actor)

    @expose("/<key>", methods=["GET"])
    @protected("get")
    @describes(Message("One record"))
    def get(self, key: str) -> Response:
        """One record."""
        refuse_unknown(None)
        return jsonify(result=find_record(self.listing(), key, self.actor))

    def parameters(self, name: str) -> Sequence[JsonSchema]:
        """Those of the list."""
        if name != "get_list":
            return ()
        return tuple(parameters_of(self.listing(), self.actor, context.today()))

    def answer(self, name: str) -> JsonSchema:
        """A page of the list, or a record of it."""
        return page_schema(self.listing()) if name == "get_list" else record_schema(self.listing())
