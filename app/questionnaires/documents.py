"""A definition as a JSON document and back: how it is kept, copied and exchanged.

The document is strict: an unknown key, a wrong kind of value or a missing one is a fault with its place,
so that nothing is dropped in silence. What is empty is left out, so that equal definitions are equal texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.kernel.texts import Message
from app.questionnaires.definition import (
    Check,
    CheckKind,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)

FORMAT = 1
"""Version of the document's shape."""

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?")
"""No exponents: written out, such a number could fill the memory."""

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class DocumentError(ValueError):
    """A document that is no definition; ``place`` says where, such as ``questions.3.options.1.code``."""

    def __init__(self, place: str, fault: Message) -> None:
        super().__init__(f"{place}: {fault}" if place else str(fault))
        self.place = place
        self.fault = fault


def text_of(definition: Definition) -> str:
    """The canonical text: equal definitions give equal texts."""
    return json.dumps(document_of(definition), ensure_ascii=False, separators=(",", ":"))


def parse(text: str) -> Definition:
    """The definition that a text holds.

    :raises DocumentError: it is no JSON, or no definition.
    """
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise DocumentError(
            "", Message("is no JSON: line {line}, column {column}", **_where(fault))
        ) from None
    return definition_of(document)


def document_of(definition: Definition) -> dict[str, Any]:
    """The definition as plain values."""
    return {
        "format": FORMAT,
        "languages": list(definition.languages),
        "numbered": definition.numbered,
        "questions": [_question_document(question) for question in definition.questions],
    }


def definition_of(document: object) -> Definition:
    """The definition that plain values stand for.

    :raises DocumentError: with the place of the first fault.
    """
    part = Part(document, "")
    if part.take("format", int) != FORMAT:
        raise DocumentError("format", Message("must be {value}", value=FORMAT))
    languages = tuple(part.each("languages", lambda value, place: _of_type(value, str, place)))
    if not languages:
        raise DocumentError("languages", Message("needs at least one language"))
    definition = Definition(
        tuple(part.each("questions", _question)), languages, part.take("numbered", bool, default=True)
    )
    part.end()
    return definition


def _question_document(question: Question) -> dict[str, Any]:
    return _filled(
        code=question.code,
        kind=question.kind.value,
        text=dict(question.text.texts),
        hint=dict(question.hint.texts),
        required=question.required or None,
        options=[_option_document(option) for option in question.options],
        rows=[_line_document(line) for line in question.rows],
        columns=[_line_document(line) for line in question.columns],
        scale=question.scale if question.kind is QuestionKind.RATING else None,
        unit=dict(question.unit.texts),
        show_if=question.show_if,
        jumps=[
            _filled(match=jump.match.value, options=list(jump.options), target=jump.target)
            for jump in question.jumps
        ],
        checks=[_check_document(check) for check in question.checks],
        per_row=question.per_row if question.per_row != 1 else None,
        page_break=question.page_break or None,
    )


def _option_document(option: Option) -> dict[str, Any]:
    return _filled(
        code=option.code,
        text=dict(option.text.texts),
        other=option.other or None,
        exclusive=option.exclusive or None,
        show_if=option.show_if,
    )


def _line_document(line: Line) -> dict[str, Any]:
    return _filled(code=line.code, text=dict(line.text.texts), numeric=line.numeric or None)


def _check_document(check: Check) -> dict[str, Any]:
    return _filled(
        kind=check.kind.value,
        least=None if check.least is None else format(check.least, "f"),
        most=None if check.most is None else format(check.most, "f"),
        pattern=check.pattern,
        expression=check.expression,
        message=dict(check.message.texts),
    )


def _filled(**parts: Any) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part not in (None, "", [], {})}


def _where(fault: ValueError) -> dict[str, int]:
    if isinstance(fault, json.JSONDecodeError):
        return {"line": fault.lineno, "column": fault.colno}
    return {"line": 1, "column": 1}


class Part:
    """An object of a document: each key is taken once, and none may be left over.

    :raises DocumentError: it is no object; and so does every method where it finds something else.
    """

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            raise DocumentError(place, Message("must be an object"))
        self.values, self.place, self.taken = value, place, set[str]()

    def at(self, name: str) -> str:
        """The place of a key."""
        return f"{self.place}.{name}" if self.place else name

    def take(self, name: str, kind: type[T], *, default: T | None = None) -> T:
        """The value of a key, which must be there where it has no default."""
        self.taken.add(name)
        if name not in self.values:
            if default is None:
                raise DocumentError(self.at(name), Message("is missing"))
            return default
        return _of_type(self.values[name], kind, self.at(name))

    def each(self, name: str, read: Callable[[Any, str], T]) -> list[T]:
        """The values of a list, each read with its place; none where the key is missing."""
        values = self.take(name, list, default=[])
        return [read(value, f"{self.at(name)}.{number}") for number, value in enumerate(values, 1)]

    def choice(self, name: str, kinds: type[E]) -> E:
        """One of the values of an enumeration."""
        value = self.take(name, str)
        try:
            return kinds(value)
        except ValueError:
            allowed = ", ".join(kind.value for kind in kinds)
            raise DocumentError(self.at(name), Message("must be one of {values}", values=allowed)) from None

    def wording(self, name: str) -> Wording:
        """Texts by language; none where the key is missing."""
        texts = self.take(name, dict, default={})
        for language, text in texts.items():
            _of_type(text, str, f"{self.at(name)}.{language}")
        return Wording(texts)

    def number(self, name: str) -> Decimal | None:
        """A decimal number, written as a text; None where the key is missing."""
        value = self.take(name, str, default="")
        if value and not _NUMBER.fullmatch(value):
            raise DocumentError(self.at(name), Message("must be a decimal number in quotes"))
        return Decimal(value) if value else None

    def end(self) -> None:
        """Refuse keys that nobody took."""
        for name in self.values:
            if name not in self.taken:
                raise DocumentError(self.at(str(name)), Message("is not known here"))


def _of_type(value: object, kind: type[T], place: str) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise DocumentError(place, Message("must be {kind}", kind=_KIND_WORDS.get(kind, kind.__name__)))
    return value


_KIND_WORDS: Mapping[type, Message] = {
    str: Message("a text"),
    int: Message("a whole number"),
    bool: Message("true or false"),
    list: Message("a list"),
    dict: Message("an object"),
}


def _question(value: object, place: str) -> Question:
    part = Part(value, place)
    question = Question(
        code=part.take("code", str),
        kind=part.choice("kind", QuestionKind),
        text=part.wording("text"),
        hint=part.wording("hint"),
        required=part.take("required", bool, default=False),
        options=tuple(part.each("options", _option)),
        rows=tuple(part.each("rows", _line)),
        columns=tuple(part.each("columns", _line)),
        scale=part.take("scale", int, default=5),
        unit=part.wording("unit"),
        show_if=part.take("show_if", str, default=""),
        jumps=tuple(part.each("jumps", _jump)),
        checks=tuple(part.each("checks", _check)),
        per_row=part.take("per_row", int, default=1),
        page_break=part.take("page_break", bool, default=False),
    )
    part.end()
    return question


def _option(value: object, place: str) -> Option:
    part = Part(value, place)
    option = Option(
        part.take("code", str),
        part.wording("text"),
        other=part.take("other", bool, default=False),
        exclusive=part.take("exclusive", bool, default=False),
        show_if=part.take("show_if", str, default=""),
    )
    part.end()
    return option


def _line(value: object, place: str) -> Line:
    part = Part(value, place)
    line = Line(part.take("code", str), part.wording("text"), part.take("numeric", bool, default=False))
    part.end()
    return line


def _jump(value: object, place: str) -> Jump:
    part = Part(value, place)
    options: Sequence[str] = part.each("options", lambda option, at: _of_type(option, str, at))
    jump = Jump(part.choice("match", Match), tuple(options), part.take("target", str, default=""))
    part.end()
    return jump


def _check(value: object, place: str) -> Check:
    part = Part(value, place)
    check = Check(
        part.choice("kind", CheckKind),
        part.number("least"),
        part.number("most"),
        part.take("pattern", str, default=""),
        part.take("expression", str, default=""),
        part.wording("message"),
    )
    part.end()
    return check
