"""The sheet choices: the lists of options that questions of an XLSForm share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.texts import Message
from app.questionnaires.definition import Wording
from app.questionnaires.xlsform_kept import is_kept_column
from app.questionnaires.xlsform_languages import Languages
from app.questionnaires.xlsform_rows import Form, FormRow, Loss

_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
RESERVED = frozenset({"and", "or", "not", "in", "true", "false"})
_OWN = frozenset({"list_name", "name", "label"})
NOT_CARRIED = Message("This column of choices is not carried over, and no filter uses it.")


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a list, with the row that it stands in."""

    code: str
    text: Wording
    row: FormRow

    @property
    def name(self) -> str:
        """What the form calls it."""
        return self.row.text("name")

    def column(self, name: str) -> str:
        """What it says in a column that conditions of choices compare with."""
        return self.row.text(name)


Choices = Mapping[str, Sequence[Choice]]


def rows_by_list(form: Form) -> Mapping[str, Sequence[FormRow]]:
    """The rows of each list."""
    found: dict[str, list[FormRow]] = {}
    for row in form.choices:
        found.setdefault(row.text("list_name"), []).append(row)
    return found


def choices_of(form: Form, languages: Languages) -> Choices:
    """The lists by name; what is wrong with a row is told among the losses, and the row left out."""
    lists: dict[str, dict[str, Choice]] = {}
    for row in form.choices:
        name, code = row.text("list_name"), row.text("name")
        if not name or not code:
            column = "name" if name else "list_name"
            form.losses.append(
                row.lost(Message("This choice has no name, or no list; it is left out."), column)
            )
        elif code in lists.setdefault(name, {}):
            words = Message("The list has a choice of this name already; this one is left out.")
            form.losses.append(row.lost(words, "name"))
        else:
            text = languages.wording(row, "label") or Wording.of(code, languages.first)
            lists[name][code] = Choice(_code(code, len(lists[name]) + 1, form, row), text, row)
    return {name: list(found.values()) for name, found in lists.items()}


def _code(name: str, number: int, form: Form, row: FormRow) -> str:
    """The code of an option: its name in the form, as long as that can be one."""
    if _CODE.fullmatch(name) and name not in RESERVED:
        return name
    code = f"option-{number}"
    form.losses.append(row.lost(Message("This choice is called “{code}” here.", code=code), "name"))
    return code


def unread_columns(form: Form) -> list[Loss]:
    """Columns beside choices that are not carried over: neither their texts nor part of any filter."""
    filters = " ".join(row.text("choice_filter") for row in form.survey)
    serving = frozenset(re.findall(r"[^\W\d][\w\-]*", filters))
    columns = dict.fromkeys(column for row in form.choices for column in row.values)
    return [
        Loss(NOT_CARRIED, "choices", 1, column)
        for column in columns
        if column.partition("::")[0] not in _OWN and column not in serving and not is_kept_column(column)
    ]
