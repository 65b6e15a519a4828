"""Shapes of JSON: one declaration reads what a program sends, and describes it and the answer.

A body has the fields that are declared and no other: nothing is bound by name to what a record has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request

from app.infra.i18n import say
from app.kernel.errors import DomainError, Problem
from app.kernel.texts import Message

CANNOT_READ = Message("The request cannot be read.")
NOT_JSON = Message("Send one JSON object, with the content type application/json.")
LACKING = Message("This field is missing.")
LARGEST_WHOLE = 2**31 - 1
LONGEST_FIGURE = 40
JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value of JSON may be; this one is anything that an answer holds."""

    def schema(self) -> JsonSchema:
        """As JSON Schema, in the words of whoever asks."""
        return {}

    def read(self, value: Any, at: str, problems: list[Problem]) -> Any:
        """What a program sent, checked. What is wrong is added to ``problems``, at its place ``at``."""
        raise TypeError(f"{type(self).__name__} is for answers only")


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A text; ``form`` is a format of JSON Schema such as ``date``. An empty one is as good as none."""

    most: int = 0
    form: str = ""
    nullable: bool = False

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        found: JsonSchema = {"type": ["string", "null"] if self.nullable else "string"}
        if self.most:
            found["maxLength"] = self.most
        return {**found, "format": self.form} if self.form else found

    def read(self, value: Any, at: str, problems: list[Problem]) -> str:
        """The text."""
        if not isinstance(value, str) or "\0" in value:
            problems.append(Problem(Message("Enter a text."), at))
            return ""
        if self.most and len(value) > self.most:
            problems.append(Problem(Message("At most {count} characters.", count=self.most), at))
        return value


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number, not negative."""

    nullable: bool = False

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        return {"type": ["integer", "null"] if self.nullable else "integer", "minimum": 0}

    def read(self, value: Any, at: str, problems: list[Problem]) -> int:
        """The number."""
        if type(value) is not int or not 0 <= value <= LARGEST_WHOLE:
            problems.append(Problem(Message("Enter a whole number."), at))
            return 0
        return value


@dataclass(frozen=True, slots=True)
class Truth(Shape):
    """True or false."""

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        return {"type": "boolean"}

    def read(self, value: Any, at: str, problems: list[Problem]) -> bool:
        """Whether it is true."""
        if not isinstance(value, bool):
            problems.append(Problem(Message("Send true or false."), at))
        return value is True


@dataclass(frozen=True, slots=True)
class Figure(Shape):
    """A figure or a text of a row, as it would be typed: text, number, or null for an empty cell.

    Whether it is a number that fits is asked where a page's would be: of the form's definition.
    """

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        return {"type": ["string", "number", "null"]}

    def read(self, value: Any, at: str, problems: list[Problem]) -> str:
        """The text that would have been typed; empty for none."""
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            problems.append(Problem(Message("Send a number or a text."), at))
            return ""
        if isinstance(value, Decimal) and abs(value.adjusted()) < LONGEST_FIGURE:
            return format(value, "f")
        return str(value)


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """An object whose names are data, such as the codes of cells."""

    of: Shape

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        return {"type": "object", "additionalProperties": self.of.schema()}

    def read(self, value: Any, at: str, problems: list[Problem]) -> dict[str, Any]:
        """Its values by name."""
        if not isinstance(value, dict):
            problems.append(Problem(Message("Send an object here."), at))
            return {}
        return {name: self.of.read(found, f"{at}.{name[:60]}", problems) for name, found in value.items()}


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list; ``most`` limits what is taken."""

    of: Shape
    most: int = 0

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        found: JsonSchema = {"type": "array", "items": self.of.schema()}
        return {**found, "maxItems": self.most} if self.most else found

    def read(self, value: Any, at: str, problems: list[Problem]) -> list[Any]:
        """Its values in order."""
        if not isinstance(value, list):
            problems.append(Problem(Message("Send a list here."), at))
            return []
        if self.most and len(value) > self.most:
            problems.append(Problem(Message("At most {count} rows.", count=self.most), at))
            return []
        return [self.of.read(found, f"{at}.{place}", problems) for place, found in enumerate(value, start=1)]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: what it is called, what it means, what stands there if it is left out."""

    name: str
    words: Message
    of: Shape
    required: bool = True
    default: Any = None


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """An object with declared fields; in a body no other is taken."""

    fields: Sequence[Field]

    def schema(self) -> JsonSchema:
        """As JSON Schema."""
        return {
            "type": "object",
            "properties": {
                field.name: {**field.of.schema(), "description": say(field.words)} for field in self.fields
            },
            "required": [field.name for field in self.fields if field.required],
            "additionalProperties": False,
        }

    def read(self, value: Any, at: str, problems: list[Problem]) -> dict[str, Any]:
        """Its values by name; a field that is left out has its default."""
        if not isinstance(value, dict):
            problems.append(Problem(Message("Send an object here."), at))
            return {}
        place = f"{at}." if at else ""
        known = {field.name: field for field in self.fields}
        problems += [
            Problem(Message("There is no field {name}.", name=name[:60]), f"{place}{name[:60]}")
            for name in sorted(value.keys() - known.keys())
        ]
        found = {}
        for name, field in known.items():
            if name in value:
                found[name] = field.of.read(value[name], f"{place}{name}", problems)
            elif field.required:
                problems.append(Problem(LACKING, f"{place}{name}"))
            else:
                found[name] = field.default
        return found


def read_body(shape: Record) -> Mapping[str, Any]:
    """The body of this request, checked.

    :raises DomainError: 400, with everything that cannot be read.
    """
    if request.mimetype != "application/json" or request.args:
        raise DomainError(CANNOT_READ, [Problem(NOT_JSON)])
    problems: list[Problem] = []
    found = shape.read(_parsed(), "", problems)
    if problems:
        raise DomainError(CANNOT_READ, problems)
    return found


def _parsed() -> Any:
    """The JSON of the body, with exact numbers."""
    try:
        return json.loads(request.get_data(cache=False), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError):
        raise DomainError(CANNOT_READ, [Problem(NOT_JSON)]) from None


def _refuse(constant: str) -> None:
    """Infinity and NaN, which Python reads and JSON does not have."""
    raise ValueError(constant)
