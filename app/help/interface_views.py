"""What programs can ask: the OpenAPI document as a page, for whoever writes one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra.api.document import ARGUMENT, STATUSES, described, operation_schema
from app.infra.api.operations import Described
from app.infra.api.shapes import JsonSchema
from app.infra.i18n import say
from app.infra.pages import PageView, protected


class InterfaceHelpView(PageView):
    """The interfaces that the reader's role opens, in words."""

    route_base = "/interfaces"
    default_view = "list"
    title = lazy_gettext("What programs can ask")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """Every operation with its parameters, body and refusals."""
        found = sorted(described(), key=lambda one: (one.group, one.path, one.method))
        groups = [
            (group, [operation_words(one) for one in several])
            for group, several in groupby(found, key=lambda one: one.group)
        ]
        return self.page("help/interfaces.html", groups=groups, statuses=status_words())


def operation_words(found: Described) -> dict[str, Any]:
    """An operation as the page shows it."""
    schema = operation_schema(found)
    body = found.operation.body
    return {
        "id": found.name.replace(".", "-"),
        "method": found.method.upper(),
        "path": ARGUMENT.sub(r"{\1}", found.path),
        "summary": found.summary,
        "parameters": [
            (one["name"], one["description"], values_of(one["schema"]), usual_of(one["schema"]))
            for one in schema["parameters"]
            if one["in"] == "query"
        ],
        "fields": [] if body is None else list(_fields(body.schema())),
        "refusals": [status for status in schema["responses"] if status != "200"],
    }


def values_of(schema: JsonSchema) -> str:
    """The values that a parameter takes, where they can be named."""
    options = schema.get("anyOf", [schema])[0]
    if "maximum" in options:
        return f"{options['minimum']}–{options['maximum']}"
    offered = options.get("items", options).get("enum", ())
    return ", ".join(str(value) for value in offered)


def usual_of(schema: JsonSchema) -> str:
    """What is in force where a parameter is left out."""
    usual = schema.get("default", "")
    return ", ".join(usual) if isinstance(usual, list) else str(usual)


def status_words() -> list[tuple[int, str]]:
    """What each refusal means."""
    return [(status, say(words)) for status, words in STATUSES.items()]


def _fields(schema: JsonSchema) -> Iterator[tuple[str, str, bool]]:
    for name, field in schema["properties"].items():
        yield name, field["description"], name in schema["required"]
