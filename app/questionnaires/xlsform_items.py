"""What a row or a group of an XLSForm becomes: a question, with what is still to be turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.texts import Message
from app.questionnaires.builder_forms import MOST_PER_ROW
from app.questionnaires.conditions import names_of
from app.questionnaires.definition import MATRICES, Question, QuestionKind
from app.questionnaires.xlsform_kept import Kept, is_kept_column
from app.questionnaires.xlsform_known import Named
from app.questionnaires.xlsform_languages import TRANSLATED
from app.questionnaires.xlsform_lists import Choice
from app.questionnaires.xlsform_naming import LONGEST_CODE, usable
from app.questionnaires.xlsform_rows import FormRow, Loss
from app.questionnaires.xlsform_tree import Entry

Condition = tuple[FormRow, str]
"""A condition as it stands in a row."""


@dataclass(slots=True)
class Item:
    """A question on its way.

    ``conditions`` are those of its groups and its own, ``constraints`` those of its row, or of the rows of
    a matrix where they are all alike. ``fields`` are the names of the form that stand for its answers;
    ``whole`` says that only whole numbers are answers. A ``kept`` question is complete.
    """

    row: FormRow
    question: Question
    conditions: Sequence[Condition] = ()
    constraints: Sequence[Condition] = ()
    fields: Mapping[str, Named] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    whole: bool = False
    kept: bool = False


class Codes:
    """Gives codes of questions: what the form calls them, as long as expressions can name it so."""

    RESERVED = frozenset({"and", "or", "not", "in", "true", "false"})

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def code(self, name: str) -> str:
        """A code that no other question has."""
        wanted = usable(name, LONGEST_CODE - 4)
        wanted = f"q_{wanted}" if wanted in self.RESERVED else wanted
        found, number = wanted, 2
        while found in self.taken:
            found, number = f"{wanted}_{number}", number + 1
        self.taken.add(found)
        return found


RENAMED = Message(
    "This question is called “{code}” here: the name stands twice, or cannot be used as a code."
)


def fields_of(question: Question, names: Sequence[str], choices: Sequence[Choice] = ()) -> dict[str, Named]:
    """The fields of a form that stand for a question's answers, in the order of its names."""
    options = {choice.name: choice.code for choice in choices}
    known = names_of(question).items()
    is_day = question.kind is QuestionKind.DATE
    return {
        name: Named(code, kind, is_day, options)
        for name, (code, kind) in zip(names, known, strict=False)
        if name
    }


def kept_item(entry: Entry, kept: Kept, question: Question) -> Item:
    """The item of a question that was kept whole; its fields stand in its rows in the order of its names."""
    rows = [row for row in entry.rows if "group" not in row.text("type")]
    if question.kind not in MATRICES:
        rows = rows[:1]
    return Item(
        entry.row, question, fields=fields_of(question, [row.text("name") for row in rows]), kept=True
    )


_READ = frozenset(
    {
        *("type", "name", "required", "relevant", "constraint", "choice_filter", "appearance", "parameters"),
        *("disabled", *TRANSLATED),
    }
)
_UNREAD: Mapping[str, Message] = {
    "default": Message("Answers that stand there from the beginning are not carried over."),
    "calculation": Message("Calculations are not carried over."),
    "read_only": Message("Questions that cannot be answered are not carried over as such."),
    "required_message": Message("The platform has its own words for a question left blank."),
    "guidance_hint": Message("Hints for interviewers are not carried over."),
    "repeat_count": Message("How often a group repeats is not carried over."),
    "trigger": Message("What starts a calculation is not carried over."),
}
_MEDIA = frozenset({"media", "image", "audio", "video", "big_image", "autoplay"})
_MEDIA_WORDS = Message("Pictures and sounds are not carried over.")
_OTHER_COLUMN = Message("This column is not one that is carried over.")


def unread_cells(row: FormRow) -> list[Loss]:
    """The cells of a row that are not carried over, whatever is in them; columns of no form apart."""
    found = []
    for column in row.values:
        base = column.partition("::")[0]
        words = _MEDIA_WORDS if base in _MEDIA else _UNREAD.get(base)
        if words is not None:
            found.append(row.lost(words, column))
    if row.text("parameters") and row.text("type").strip().lower() != "range":
        found.append(row.lost(Message("Parameters of this type are not carried over."), "parameters"))
    if not row.text("constraint"):
        words = Message("This message belongs to no constraint.")
        messages = (column for column in row.values if column.partition("::")[0] == "constraint_message")
        found += [row.lost(words, column) for column in messages]
    return found


def unread_columns(rows: Sequence[FormRow]) -> list[Loss]:
    """The columns that are no part of XLSForm or of no use here, each once."""
    columns = dict.fromkeys(column for row in rows for column in row.values)
    return [
        Loss(_OTHER_COLUMN, "survey", 1, column)
        for column in columns
        if (base := column.partition("::")[0]) not in _READ
        and base not in _UNREAD
        and base not in _MEDIA
        and not is_kept_column(column)
    ]


_YES = frozenset({"yes", "true", "true()", "1", "y", "是"})
_NO = frozenset({"", "no", "false", "false()", "0", "n", "否"})


def is_required(row: FormRow, losses: list[Loss]) -> bool:
    """Whether an answer is required; a condition for it is not carried over."""
    text = row.text("required").lower()
    if text not in _YES | _NO:
        words = Message("Whether it must be answered depends on a condition: here it may be left blank.")
        losses.append(row.lost(words, "required"))
    return text in _YES


def per_row(words: Sequence[str]) -> int:
    """How many options stand beside each other: ``columns-3`` is three."""
    for word in words:
        start, _dash, number = word.partition("-")
        if start == "columns" and number.isascii() and number.isdigit() and 1 <= int(number) <= MOST_PER_ROW:
            return int(number)
    return 1


def told_appearance(row: FormRow, words: Sequence[str], known: Sequence[str], losses: list[Loss]) -> None:
    """Tell of the words of an appearance that have no counterpart."""
    left = [
        word
        for word in words
        if word not in known and not (word.startswith("columns-") and per_row([word]) > 1)
    ]
    if left:
        losses.append(row.lost(Message("This appearance is not carried over."), "appearance", " ".join(left)))
