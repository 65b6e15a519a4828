"""The OpenAPI 3.1 document of the interfaces, made from their declarations for whoever asks.

It tells what the asking account may do, in its language: what the roles keep closed is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra.api.operations import Described, describes
from app.infra.api.reading import refuse_unknown
from app.infra.api.shapes import Field, JsonSchema, ListOf, Record, Shape, Text
from app.infra.api.views import ApiView
from app.infra.i18n import say
from app.infra.pages import protected
from app.kernel.texts import Message

OPENAPI = "3.1.0"
VERSION = "1"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

REFUSAL = Record(
    (
        Field("message", Message("What was refused, in words"), Text()),
        Field(
            "problems",
            Message("Each thing to mend, and the field that it belongs to"),
            ListOf(
                Record(
                    (
                        Field("field", Message("Field; empty where it is none in particular"), Text()),
                        Field("message", Message("What is wrong, in words"), Text()),
                    )
                )
            ),
        ),
        Field("current", Message("The report as it is stored now"), Shape(), required=False),
    )
)
"""How every refusal looks; ``current`` comes with the 409 of a draft that was saved meanwhile."""

STATUSES = {
    400: Message("The request cannot be read"),
    401: Message("No token or session that holds"),
    403: Message("The role, the window of the month or the workflow does not let this account do it"),
    404: Message("No such record, or not for this account"),
    409: Message("The record is no longer as the program saw it"),
    422: Message("The values do not fit; nothing was written"),
    429: Message("Too many requests; wait as Retry-After says"),
}
ALWAYS = frozenset({400, 401, 403, 429})


class DocumentApi(ApiView):
    """``/api/v1/openapi.json``."""

    resource_name = "document"
    route_base = "/api/v1"
    title = lazy_gettext("Description of the interfaces (for programs)")

    @expose("/openapi.json", methods=["GET"])
    @protected("get")
    @describes(Message("This document"), Shape())
    def get_document(self) -> Response:
        """The document, for the asking account."""
        refuse_unknown(None)
        return jsonify(document())


def document() -> JsonSchema:
    """The whole document in the language of this request."""
    paths: dict[str, dict[str, Any]] = {}
    for found in described():
        path = ARGUMENT.sub(r"{\1}", found.path)
        paths.setdefault(path, {})[found.method] = operation_schema(found)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": current_app.config["APP_NAME"],
            "version": VERSION,
            "description": say(
                Message(
                    "Make a personal token in your account and send it as “Authorization: Bearer …”. "
                    "Numbers with decimals are texts, instants are UTC, months are written as 2026-10."
                )
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {"Refusal": REFUSAL.schema()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": current_app.config["SESSION_COOKIE_NAME"],
                },
            },
        },
    }


def described() -> Iterator[Described]:
    """Every operation that the asking account may do."""
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, ApiView):
            yield from view.operations()


def operation_schema(found: Described) -> JsonSchema:
    """An operation as the document has it."""
    arguments = ARGUMENT.findall(found.path)
    refusals = ALWAYS | found.operation.refusals | ({404} if arguments else set())
    schema: JsonSchema = {
        "operationId": found.name,
        "summary": found.summary,
        "tags": [found.group],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": found.arguments[name]}
                for name in arguments
            ),
            *found.parameters,
        ],
        "responses": {
            "200": {"description": say(Message("Done")), "content": _json(found.answer)},
            **{str(status): _refusal(status) for status in sorted(refusals)},
        },
    }
    if found.operation.body is not None:
        schema["requestBody"] = {"required": True, "content": _json(found.operation.body.schema())}
    return schema


def _json(schema: JsonSchema) -> JsonSchema:
    return {"application/json": {"schema": schema}}


def _refusal(status: int) -> JsonSchema:
    found: JsonSchema = {
        "description": say(STATUSES[status]),
        "content": _json({"$ref": "#/components/schemas/Refusal"}),
    }
    if status == 429:
        found["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return found
