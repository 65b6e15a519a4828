"""Answering a declared list: its conditions as parameters, a page of it as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import inspect

from app.infra import context, scope
from app.infra.api.shapes import CANNOT_READ, JsonSchema
from app.infra.api.values import MONTH, for_programs, plain, records, rows_schema
from app.infra.i18n import say
from app.infra.lists import Asked, Column, Filter, ListSpec, ask
from app.infra.lists import query as queries
from app.infra.lists.asked import sort_keys
from app.infra.lists.filters import LONGEST_TEXT, MOST_VALUES, SEVERAL, choices_of
from app.infra.lists.grammar import LONGEST as LONGEST_WHERE
from app.infra.lists.spec import COUNT_CAP
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, NotFound, Problem
from app.kernel.texts import Message

MOST = 100
USUAL = 50
OWN_WORDS = frozenset({"after", "limit", "sort", "where"})
"""Words of the address that are no condition: the cursor, how many, in which order."""
MOST_CHOICES = 200
"""Choices of a condition that the document names; more of them are looked up on the page."""


def answer_page(spec: ListSpec, actor: Actor) -> Response:
    """A page of records: ``result``, ``count`` (null beyond ten thousand) and ``next``, the cursor.

    ``totals`` is what stands under all rows, on the first page of a list that has such a line.

    :raises DomainError: 400 for a parameter that there is not, or a value that cannot be read.
    """
    refuse_unknown(spec)
    asked = _ask(spec, _size(), actor)
    page = queries.fetch(spec, asked, actor, context.today())
    return jsonify(
        result=records(asked.columns, page.values, len(page.keys)),
        count=page.total if page.total <= COUNT_CAP else None,
        next=page.after or None,
        totals=_totals(asked.columns, page.totals),
    )


def find_record(spec: ListSpec, key: str, actor: Actor) -> Mapping[str, Any]:
    """The record with a key.

    :raises NotFound: there is none, or not for this account.
    """
    column = spec.key[0]
    value = scope.parse_key(key, column.type.python_type)
    rows = spec.base(actor, context.today()).order_by(None).where(column == value)
    columns = for_programs(spec.columns)
    statement, layout = queries.statement(spec, columns, rows, sort_keys(spec, ""))
    found = queries.execute(statement)
    if not found:
        raise NotFound
    return records(columns, queries.column_values(columns, layout, found, actor), 1)[0]


def refuse_unknown(spec: ListSpec | None) -> None:
    """Refuse what a list does not have, so that a misspelt or an empty condition never means "all".

    :raises DomainError: 400, with everything that is not known, is there twice, or says nothing.
    """
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
    openable = {part for condition in conditions if _is_openable(condition) for part in condition.parts}
    problems += [
        Problem(Message("Give the parameter {name} a value, or leave it out.", name=name), name)
        for name in sorted(known - openable)
        if any(not text.strip() for text in request.args.getlist(name))
    ]
    if request.content_length or request.get_data(cache=False):
        problems.append(Problem(Message("This address takes no body.")))
    if problems:
        raise DomainError(CANNOT_READ, problems)


def parameters_of(spec: ListSpec, actor: Actor, today: dt.date) -> Iterator[JsonSchema]:
    """The parameters of a list, as the document has them."""
    for condition in spec.filters:
        for part in condition.parts:
            yield _parameter(part, say(condition.label), _condition_schema(condition, actor, today))
    sortable = [column.key for column in spec.columns if column.sortable]
    ways = [f"{sign}{key}" for key in sortable for sign in ("", "-")]
    yield _parameter(
        "sort", say(Message("The order; a minus for the greatest first")), {"type": "string", "enum": ways}
    )
    yield _parameter(
        "limit",
        say(Message("Records of a page")),
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    )
    yield _parameter(
        "where",
        say(Message("Advanced conditions, as they stand in the address of the list's page")),
        {"type": "string", "minLength": 1, "maxLength": LONGEST_WHERE},
    )
    yield _parameter(
        "after", say(Message("What “next” of the page before said")), {"type": "string", "minLength": 1}
    )


def page_schema(spec: ListSpec) -> JsonSchema:
    """A page of a list, as the document has it."""
    fixed = not spec.columns_fixed
    totals: JsonSchema = {"type": ["object", "null"]}
    return {
        "type": "object",
        "properties": {
            "result": {"type": "array", "items": rows_schema(spec.columns, fixed=fixed)},
            "count": {
                "type": ["integer", "null"],
                "description": say(Message("All records that were asked for; null beyond ten thousand")),
            },
            "next": {
                "type": ["string", "null"],
                "description": say(Message("The cursor of the page that follows; null on the last one")),
            },
            "totals": {
                **totals,
                "description": say(Message("Under all records, on the first page of a list with totals")),
            },
        },
        "required": ["result", "count", "next", "totals"],
        "additionalProperties": False,
    }


def record_schema(spec: ListSpec) -> JsonSchema:
    """One record of a list, as the document has it."""
    return {
        "type": "object",
        "properties": {"result": rows_schema(spec.columns)},
        "required": ["result"],
        "additionalProperties": False,
    }


def scoped(model: Any) -> Any:
    """A list's base: the keys of a model's rows in scope."""
    key = inspect(model).primary_key[0]
    return lambda actor, today: scope.visible(model, actor, today).with_only_columns(key)


def _ask(spec: ListSpec, limit: int, actor: Actor) -> Asked:
    asked = ask(spec, request.args, actor, context.today())
    problems = [*asked.problems, *(Problem(words) for words in asked.notices)]
    if problems:
        raise DomainError(CANNOT_READ, problems)
    return replace(asked, size=limit, columns=for_programs(spec.columns))


def _size() -> int:
    text = request.args.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MOST:
        problem = Problem(Message("Give a limit from 1 to {most}.", most=MOST), "limit")
        raise DomainError(CANNOT_READ, [problem])
    return int(text)


def _totals(columns: tuple[Column, ...], totals: Any) -> Mapping[str, Any] | None:
    if not totals:
        return None
    pairs = zip(columns, totals, strict=True)
    return {column.key: plain(column, total) for column, total in pairs if column.total is not None}


def _parameter(name: str, words: str, schema: JsonSchema) -> JsonSchema:
    found = {"name": name, "in": "query", "required": False, "description": words, "schema": schema}
    return {**found, "style": "form", "explode": True} if schema.get("type") == "array" else found


def _is_openable(condition: Filter) -> bool:
    """Whether leaving it empty says something: that what is usually in force is not to be."""
    return bool(condition.default) and not condition.required


def _condition_schema(condition: Filter, actor: Actor, today: dt.date) -> JsonSchema:
    found = _value_schema(condition, actor, today)
    if not condition.default:
        return found
    usual = condition.usual if condition.kind == "multi" else condition.default
    if _is_openable(condition):
        return {"anyOf": [found, {"enum": [""]}], "default": usual}
    return {**found, "default": usual}


def _value_schema(condition: Filter, actor: Actor, today: dt.date) -> JsonSchema:
    if condition.kind in {"choice", "multi"}:
        offered = [str(value) for value in choices_of(condition, actor, today)]
        one: JsonSchema = {"type": "string"}
        if 0 < len(offered) <= MOST_CHOICES:
            one["enum"] = offered
        return {"type": "array", "items": one, "maxItems": MOST_VALUES} if condition.kind == "multi" else one
    if condition.kind == "bool":
        return {"type": "string", "enum": ["0", "1"]}
    if condition.kind in {"month", "month_range"}:
        return {"type": "string", "pattern": MONTH}
    if condition.kind == "date_range":
        return {"type": "string", "format": "date"}
    text: JsonSchema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    return {"type": "array", "items": text, "maxItems": MOST_VALUES} if condition.kind == "remote" else text
