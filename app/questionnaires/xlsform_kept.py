"""What only this platform knows of a question, in columns of their own beside its rows.

An exported row says in XLSForm's words what other programs understand of a question. Where that is not all
of it, such as jumps, the whole question stands in the column ``platform`` of its first row, with a digest of
the rows and choices that it belongs to. Who imports takes it as long as the digest is right; rows that were
changed since are read like any other. So nobody's change is overlooked, and nothing is lost without one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.questionnaires.definition import Definition, Question
from app.questionnaires.documents import DocumentError, definition_of, document_of
from app.questionnaires.xlsform_rows import FormRow

KEPT = "platform"
LONGEST_CELL = 16_000
"""Characters of a cell: spreadsheets hold 32,767, and count those of emoji twice."""

LISTED = re.compile(r"(?:select_one|select_multiple|rank)\s+(\S+)")
_NOT_IN_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LOST = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|\\s")
"""What XML cannot hold, and blanks, which do not stay at the ends of a cell."""
Lists = Mapping[str, Sequence[FormRow]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A question as it was exported, and how many rows from its first one are its own."""

    question: Question
    rows: int


def is_kept_column(column: str) -> bool:
    """Whether a column holds what only this platform knows."""
    return re.fullmatch(rf"{KEPT}(_[0-9]+)?", column) is not None


def kept_cells(question: Question, rows: Sequence[FormRow], lists: Lists) -> dict[str, str]:
    """The cells that keep a question beside its first row: as many columns as it needs."""
    document = document_of(Definition((question,), ("zh",)))["questions"][0]
    written = {"rows": len(rows), "digest": digest(rows, lists), "question": document}
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    text = (_NOT_IN_XML if len(text) <= LONGEST_CELL else _LOST).sub(_escaped, text)
    parts = [text[at : at + LONGEST_CELL] for at in range(0, len(text), LONGEST_CELL)]
    return {KEPT if number == 1 else f"{KEPT}_{number}": part for number, part in enumerate(parts, 1)}


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def kept_at(rows: Sequence[FormRow], place: int, lists: Lists) -> Kept | bool:
    """The question kept beside a row; False where there is none, True where its rows were changed since."""
    text = _joined(rows[place].values)
    if not text:
        return False
    try:
        written = json.loads(text)
        count, known, document = written["rows"], written["digest"], written["question"]
        own = rows[place : place + count]
        document = {"format": 1, "languages": ["zh"], "questions": [document]}
        (question,) = definition_of(document).questions
    except (ValueError, KeyError, TypeError, RecursionError, DocumentError):
        return True
    if isinstance(count, bool) or count < 1 or len(own) != count or known != digest(own, lists):
        return True
    return Kept(question, count)


def digest(rows: Sequence[FormRow], lists: Lists) -> str:
    """A short word for all that rows and their choices say to other programs."""
    said = [_said(row) for row in rows]
    named = (LISTED.match(row.text("type")) for row in rows)
    chosen = {found[1]: [_said(one) for one in lists.get(found[1], ())] for found in named if found}
    text = json.dumps([said, chosen], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(row: FormRow) -> dict[str, str]:
    return {column: text for column, text in row.values.items() if not is_kept_column(column)}


def _joined(values: Mapping[str, str]) -> str:
    parts = [values.get(KEPT, "")]
    while (name := f"{KEPT}_{len(parts) + 1}") in values:
        parts.append(values[name])
    return "".join(parts)
