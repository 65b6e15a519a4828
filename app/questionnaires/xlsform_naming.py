"""What the parts of a questionnaire are called in an XLSForm, where each name stands once in the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.kernel.expressions import Kind
from app.questionnaires.conditions import names_of
from app.questionnaires.definition import Definition, Question

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CHOICE = re.compile(r"[^\s'\"]+")
LONGEST_NAME = 60
LONGEST_CODE = 40
"""Characters of a code, as the checker allows."""


@dataclass(frozen=True, slots=True)
class Referred:
    """A field of the form that answers a name of expressions: ``options`` gives the choice of each option."""

    field: str
    kind: Kind
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormNames:
    """The fields that conditions may name; ``current`` is the name of the answer that is being judged."""

    known: Mapping[str, Referred]
    current: str = ""

    def judging(self, name: str) -> FormNames:
        """The same, for the check of an answer."""
        return replace(self, current=name)


@dataclass(frozen=True, slots=True)
class QuestionNames:
    """What a question is called: its field or group, its rows and cells, its choices, its other words."""

    field: str
    rows: tuple[str, ...]
    cells: Mapping[tuple[int, int], str]
    choices: Mapping[int, str]
    others: Mapping[int, str]

    def option_choices(self, codes: Sequence[str]) -> Mapping[str, str]:
        """The choice that stands for each option or column; of equal codes the first."""
        found: dict[str, str] = {}
        for place, code in enumerate(codes):
            found.setdefault(code, self.choices[place])
        return found


class Namer:
    """Gives names that no other part of the form has."""

    def __init__(self) -> None:
        self.taken = {"meta", "instanceid"}

    def name(self, wanted: str) -> str:
        """The wanted name, or one near to it."""
        base = usable(wanted)
        found, number = base, 2
        while found.lower() in self.taken:
            found, number = f"{base}_{number}", number + 1
        self.taken.add(found.lower())
        return found

    def names(self, question: Question) -> QuestionNames:
        """The names of a question and its parts."""
        field = self.name(question.code)
        rows = tuple(self.name(f"{field}_{line.code}") for line in question.rows)
        cells = {
            (row, column): self.name(f"{rows[row]}_{line.code}")
            for row in range(len(rows))
            for column, line in enumerate(question.columns)
        }
        parts = question.options or question.columns
        others = {
            place: self.name(f"{field}_other_{option.code}")
            for place, option in enumerate(question.options)
            if option.other
        }
        return QuestionNames(field, rows, cells, _choices([part.code for part in parts]), others)


def usable(wanted: str, longest: int = LONGEST_NAME) -> str:
    """A name that XLSForm and expressions take and that is not too long."""
    if _NAME.fullmatch(wanted) and len(wanted) <= longest:
        return wanted
    cleaned = re.sub(r"[^A-Za-z0-9_]+", "_", wanted)[: longest - 4].strip("_")
    return cleaned if _NAME.fullmatch(cleaned) else f"q_{cleaned}".rstrip("_")


def _choices(codes: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    taken: set[str] = set()
    for place, code in enumerate(codes):
        name = code if _CHOICE.fullmatch(code) and code not in taken else f"o{place + 1}"
        while name in taken:
            name = f"{name}_{place + 1}"
        taken.add(name)
        found[place] = name
    return found


def form_names(definition: Definition, named: Sequence[QuestionNames]) -> FormNames:
    """The fields that conditions may name; of questions with equal codes the first."""
    known: dict[str, Referred] = {}
    for question, names in zip(definition.questions, named, strict=True):
        parts = question.options or question.columns
        options = names.option_choices([part.code for part in parts])
        for name, field in _fields(question, names):
            kind = names_of(question).get(name, Kind.ANY)
            known.setdefault(name, Referred(field, kind, options))
    return FormNames(known)


def _fields(question: Question, names: QuestionNames) -> Iterable[tuple[str, str]]:
    expression_names = list(names_of(question))
    if not question.rows:
        return [(name, names.field) for name in expression_names]
    if len(expression_names) == len(names.rows):
        return list(zip(expression_names, names.rows, strict=True))
    cells = {
        f"{question.code}.{row.code}.{column.code}": names.cells[at, beside]
        for at, row in enumerate(question.rows)
        for beside, column in enumerate(question.columns)
    }
    return [(name, cells[name]) for name in expression_names if name in cells]
