"""Groups of an XLSForm that are matrices: rows of choices that share a list, or rows of equal cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.texts import Message
from app.questionnaires.definition import Check, CheckKind, Line, QuestionKind, Wording
from app.questionnaires.xlsform_items import Condition, is_required
from app.questionnaires.xlsform_languages import Languages
from app.questionnaires.xlsform_lists import Choices
from app.questionnaires.xlsform_naming import usable
from app.questionnaires.xlsform_plain import INTEGER, NO_LIST
from app.questionnaires.xlsform_rows import FormRow, Loss
from app.questionnaires.xlsform_tree import GROUP, Entry

TABLE = "table-list"
ROWS = Check(CheckKind.ROWS)

_SELECT = re.compile(r"(select_one|select_multiple) +(\S+)", re.IGNORECASE)
_CELLS = {"text": False, "string": False, "decimal": True, "integer": True, "int": True}
_WHOLE = frozenset({"integer", "int"})


@dataclass(slots=True)
class Matrix:
    """What a group becomes as a matrix; ``fields`` are its fields of the form, row by row."""

    kind: QuestionKind
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    fields: Sequence[str]
    cells: Sequence[FormRow]
    checks: tuple[Check, ...] = ()
    required: bool = False
    constraints: Sequence[Condition] = ()
    title: Wording = field(default_factory=Wording)
    groups: Sequence[FormRow] = ()
    is_whole: bool = False


Texts = Callable[[FormRow], Wording]


def matrix_of(entry: Entry, choices: Choices, languages: Languages, losses: list[Loss]) -> Matrix | None:
    """The matrix that a group is; None where it is none."""
    if entry.kind != GROUP or not entry.inner:
        return None
    return _choices_matrix(entry, choices, languages, losses) or _cells_matrix(entry, languages, losses)


def _choices_matrix(
    entry: Entry, choices: Choices, languages: Languages, losses: list[Loss]
) -> Matrix | None:
    found = [_SELECT.fullmatch(" ".join(one.row.text("type").split())) for one in entry.inner]
    kinds = {(match[1].lower(), match[2]) if match else None for match in found}
    if len(kinds) != 1 or None in kinds or any(one.kept for one in entry.inner):
        return None
    rows = [one.row for one in entry.inner]
    title = Wording()
    if TABLE not in entry.appearance:
        marks = [one.appearance for one in entry.inner]
        if marks[0] != ("label",) or any(mark != ("list-nolabel",) for mark in marks[1:]) or len(rows) < 2:
            return None
        title, rows = languages.wording(rows[0], "label"), rows[1:]
    ((select, name),) = (kind for kind in kinds if kind is not None)
    if name not in choices:
        losses.append(entry.inner[0].row.lost(Message(NO_LIST.msgid, name=name), "type"))
    columns = tuple(Line(choice.code, choice.text) for choice in choices.get(name, ()))
    is_single = select == "select_one"
    found_matrix = Matrix(
        QuestionKind.MATRIX_SINGLE if is_single else QuestionKind.MATRIX_MULTIPLE,
        _lines(entry, rows, languages),
        columns,
        [row.text("name") for row in rows],
        rows,
        title=title,
    )
    _settle(found_matrix, losses)
    return found_matrix


def _cells_matrix(entry: Entry, languages: Languages, losses: list[Loss]) -> Matrix | None:
    groups = entry.inner
    if len(groups) < 2 or any(one.kind != GROUP or one.kept for one in groups):
        return None
    cells = [[one for one in group.inner if not one.is_group and not one.kept] for group in groups]
    shapes = {tuple(_cell_shape(one, languages) for one in row) for row in cells}
    is_even = all(len(row) == len(group.inner) > 0 for row, group in zip(cells, groups, strict=True))
    if not is_even or len(shapes) != 1 or any(kind not in _CELLS for kind, _text in next(iter(shapes))):
        return None
    if any(group.row.text("relevant") or not languages.wording(group.row, "label") for group in groups):
        return None
    rows = [group.row for group in groups]
    first = [one.row for one in cells[0]]
    columns = tuple(
        Line(_short(row, rows[0].text("name")), languages.wording(row, "label"), numeric=_CELLS[_type(row)])
        for row in first
    )
    inner = [one.row for row in cells for one in row]
    matrix = Matrix(
        QuestionKind.MATRIX_FILL,
        _lines(entry, rows, languages),
        columns,
        [row.text("name") for row in inner],
        inner,
        groups=rows,
    )
    numbers = [row for row in inner if _CELLS[_type(row)]]
    matrix.is_whole = bool(numbers) and all(_type(row) in _WHOLE for row in numbers)
    if not matrix.is_whole:
        words = Message("Whole numbers are not asked for here, since other cells take any number.")
        losses += [row.lost(words, "type") for row in numbers if _type(row) in _WHOLE]
    matrix.checks = (INTEGER,) if matrix.is_whole else ()
    _settle(matrix, losses)
    return matrix


def _type(row: FormRow) -> str:
    return row.text("type").strip().lower()


def _cell_shape(entry: Entry, languages: Languages) -> tuple[str, Wording]:
    return _type(entry.row), languages.wording(entry.row, "label")


def _lines(entry: Entry, rows: Sequence[FormRow], languages: Languages) -> tuple[Line, ...]:
    group = entry.row.text("name")
    taken: set[str] = set()
    found = []
    for row in rows:
        code, number = _short(row, group), 2
        while code in taken:
            code, number = f"{_short(row, group)}_{number}", number + 1
        taken.add(code)
        text = languages.wording(row, "label") or Wording.of(row.text("name"), languages.first)
        found.append(Line(code, text))
    return tuple(found)


def _short(row: FormRow, group: str) -> str:
    """The name of a row or a cell without that of its group before it."""
    name = row.text("name")
    short = name.removeprefix(f"{group}_")
    return short if short == usable(short) else usable(name)


def _settle(matrix: Matrix, losses: list[Loss]) -> None:
    """What its rows or cells say alike counts for the matrix; what only some of them say does not."""
    required = [is_required(row, losses) for row in matrix.cells]
    matrix.required = all(required)
    if matrix.required:
        matrix.checks = (*matrix.checks, ROWS)
        if matrix.kind is QuestionKind.MATRIX_FILL and len(matrix.columns) > 1:
            words = Message("Of each row of the matrix one cell must be filled in, not every one.")
            losses.append(matrix.cells[0].lost(words, "required"))
    elif any(required):
        words = Message("Only some rows of the matrix must be answered: here any may be left blank.")
        losses += [
            row.lost(words, "required") for row, must in zip(matrix.cells, required, strict=True) if must
        ]
    _settle_constraints(matrix, losses)
    for base, words in _ROW_ONLY.items():
        losses += [
            row.lost(words, column)
            for row in (*matrix.groups, *matrix.cells)
            for column in _columns(row, base)
        ]


def _settle_constraints(matrix: Matrix, losses: list[Loss]) -> None:
    groups: dict[bool, list[FormRow]] = {}
    for row in matrix.cells:
        groups.setdefault(_CELLS.get(_type(row), False), []).append(row)
    alike: list[Condition] = []
    for rows in groups.values():
        texts = {row.text("constraint") for row in rows}
        if len(texts) == 1:
            alike += [(rows[0], text) for text in texts if text]
        else:
            words = Message(
                "The rows of the matrix are checked in different ways, which cannot be carried over."
            )
            losses += [row.lost(words, "constraint") for row in rows if row.text("constraint")]
    matrix.constraints = alike


_ROW_ONLY: Mapping[str, Message] = {
    "relevant": Message("A row of a matrix cannot be shown on a condition of its own."),
    "hint": Message("A row of a matrix has no hint of its own."),
    "choice_filter": Message("The choices of a matrix cannot depend on other answers."),
}


def _columns(row: FormRow, base: str) -> list[str]:
    return [column for column in row.values if column.partition("::")[0] == base]
