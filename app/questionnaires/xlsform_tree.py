"""The sheet survey as a tree: questions, and groups around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires.xlsform_kept import Kept, Lists, kept_at
from app.questionnaires.xlsform_rows import FIELD, FormRow, Loss

DEEPEST = 12
"""Groups within groups: more than any form has."""

_BOUND = re.compile(r"(begin|end)[ _](group|repeat)", re.IGNORECASE)
GROUP, REPEAT = "group", "repeat"
_OFF = frozenset({"yes", "true", "true()", "1"})


@dataclass(slots=True)
class Entry:
    """A row of the sheet survey with what it means for the tree: a group has ``inner`` entries.

    ``kept`` is the question that an export put beside its rows, all of which are in ``rows``.
    """

    row: FormRow
    kind: str = ""
    inner: list[Entry] = field(default_factory=list)
    rows: Sequence[FormRow] = ()
    kept: Kept | None = None

    @property
    def is_group(self) -> bool:
        """Whether it stands around others."""
        return self.kind in (GROUP, REPEAT)

    @property
    def appearance(self) -> tuple[str, ...]:
        """The words of its appearance."""
        return tuple(self.row.text("appearance").split())


def tree_of(survey: Sequence[FormRow], lists: Lists, losses: list[Loss]) -> list[Entry]:
    """The entries of the sheet.

    :raises Invalid: a group is not closed, or was never opened, or they are nested too deeply.
    """
    top: list[Entry] = []
    open_groups: list[Entry] = []
    rows = [row for row in survey if not _is_off(row, losses)]
    place = 0
    while place < len(rows):
        row = rows[place]
        level = open_groups[-1].inner if open_groups else top
        kept = kept_at(rows, place, lists)
        if isinstance(kept, Kept):
            level.append(Entry(row, rows=rows[place : place + kept.rows], kept=kept))
            place += kept.rows
            continue
        if kept:
            losses.append(row.lost(CHANGED, "platform", ""))
        bound = _BOUND.fullmatch(row.text("type").strip())
        if bound is None:
            level.append(Entry(row))
        elif bound[1].lower() == "begin":
            group = Entry(row, bound[2].lower())
            level.append(group)
            open_groups.append(group)
            _refuse_deep(open_groups)
        else:
            _close(open_groups, row)
        place += 1
    if open_groups:
        words = Message(
            "Row {row} of “survey” begins a group that is never ended.", row=open_groups[-1].row.number
        )
        raise Invalid([Problem(words, FIELD)])
    return top


CHANGED = Message(
    "This was changed after its export and is read like any other row: what only this platform knows of it, "
    "such as jumps, is not carried over."
)


def _is_off(row: FormRow, losses: list[Loss]) -> bool:
    is_off = row.text("disabled").lower() in _OFF
    if is_off:
        losses.append(row.lost(Message("This row is switched off in the form."), "disabled"))
    return is_off


def _close(open_groups: list[Entry], row: FormRow) -> None:
    if not open_groups:
        words = Message("Row {row} of “survey” ends a group that was never begun.", row=row.number)
        raise Invalid([Problem(words, FIELD)])
    open_groups.pop()


def _refuse_deep(open_groups: Sequence[Entry]) -> None:
    if len(open_groups) > DEEPEST:
        words = Message("Groups are nested more than {count} deep; that cannot be read.", count=DEEPEST)
        raise Invalid([Problem(words, FIELD)])
