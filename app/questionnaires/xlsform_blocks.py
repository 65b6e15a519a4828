"""The rows that one question becomes in an XLSForm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.texts import Message
from app.questionnaires.definition import (
    MATRICES,
    OPTIONED,
    Check,
    CheckKind,
    Line,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.xlsform_checks import CURRENT, alone, constraint_of
from app.questionnaires.xlsform_jumps import Relevance
from app.questionnaires.xlsform_matrices import TABLE
from app.questionnaires.xlsform_naming import FormNames, QuestionNames
from app.questionnaires.xlsform_survey import PLEASE_STATE
from app.questionnaires.xlsform_to_xpath import true_where
from app.questionnaires.xlsform_xpath import (
    X_TRUE,
    NotCarried,
    XCall,
    XColumn,
    XCompare,
    XNode,
    XReference,
    XText,
    joined,
    negated,
    xpath_text,
)

Values = dict[str, "str | Wording"]

SHOWN = "shown_where"
ALWAYS = "always"
_TYPES: Mapping[QuestionKind, str] = {
    QuestionKind.SINGLE: "select_one {list}",
    QuestionKind.MULTIPLE: "select_multiple {list}",
    QuestionKind.RANKING: "rank {list}",
    QuestionKind.LINE: "text",
    QuestionKind.TEXT: "text",
    QuestionKind.NUMBER: "decimal",
    QuestionKind.DATE: "date",
    QuestionKind.RATING: "range",
    QuestionKind.SECTION: "note",
    QuestionKind.MATRIX_SINGLE: "select_one {list}",
    QuestionKind.MATRIX_MULTIPLE: "select_multiple {list}",
}

UNIT = Message("Units are shown by this platform only.")
SHAPE_ONLY = Message("Other programs look at the shape of this text only, not at its check characters.")
ANY_ROW = Message("Other programs do not insist that some row of the matrix is answered.")
NO_CHECK = Message("Other programs do not make this check.")
INCOMPLETE = Message("The question is not complete yet: other programs show it as a text.")


@dataclass(slots=True)
class Block:
    """Rows of survey and choices, and by column what other programs will not do."""

    rows: list[Values] = field(default_factory=list)
    choices: list[Values] = field(default_factory=list)
    notes: list[tuple[str, Message]] = field(default_factory=list)


class Blocks:
    """Makes the rows of each question."""

    def __init__(self, names: FormNames) -> None:
        self.names = names

    def block(self, question: Question, own: QuestionNames, relevance: Relevance) -> Block:
        """The rows of a question that is asked under a condition."""
        block = Block()
        block.notes += [("relevant", words) for words in relevance.lost]
        asked = "" if relevance.condition == X_TRUE else xpath_text(relevance.condition)
        head: Values = {
            "type": _type(question, own),
            "name": own.field,
            "label": question.text,
            "hint": question.hint,
            "relevant": asked,
        }
        if question.unit:
            block.notes.append(("label", UNIT))
        if _is_incomplete(question):
            block.notes.append(("type", INCOMPLETE))
            block.rows.append({**head, "type": "note"})
        elif question.kind in MATRICES:
            self._matrix(block, question, own, head)
        else:
            self._plain(block, question, own, head)
        return block

    def _plain(self, block: Block, question: Question, own: QuestionNames, head: Values) -> None:
        if question.kind in OPTIONED:
            head["choice_filter"] = self._options(block, question, own)
        exclusive = [own.choices[place] for place, one in enumerate(question.options) if one.exclusive]
        alone_of = [alone(choice) for choice in exclusive] if question.kind is QuestionKind.MULTIPLE else []
        constraint, message = self._constraint(block, question, question.checks, alone_of, exclusive)
        block.rows.append(
            {
                **head,
                "required": "yes" if question.required and question.is_answered else "",
                "constraint": constraint,
                "constraint_message": message,
                "appearance": _appearance(question),
                "parameters": _parameters(question),
            }
        )
        for place, name in own.others.items():
            block.rows.append(_other(question, own, place, name))

    def _options(self, block: Block, question: Question, own: QuestionNames) -> str:
        """Write the options; gives the filter that shows them, where any depends on answers."""
        cases: list[XNode] = [_case(ALWAYS)]
        has_conditions = any(option.show_if for option in question.options)
        for place, option in enumerate(question.options):
            case = ALWAYS
            condition = self._shown(block, option)
            if condition is not None:
                case = f"case_{place + 1}"
                cases.append(joined("and", [_case(case), condition]))
            values = _choice(own, place, option)
            block.choices.append({**values, SHOWN: case} if has_conditions else values)
        return xpath_text(joined("or", cases)) if has_conditions else ""

    def _shown(self, block: Block, option: Option) -> XNode | None:
        if not option.show_if.strip():
            return None
        try:
            condition = true_where(option.show_if, self.names)
            xpath_text(condition)
        except NotCarried as refusal:
            block.notes.append(("choice_filter", refusal.message))
            return None
        return condition

    def _constraint(
        self,
        block: Block,
        question: Question,
        checks: Sequence[Check],
        more: Sequence[XNode] = (),
        exclusive: Sequence[str] = (),
    ) -> tuple[str, Wording]:
        """Several checks as one condition with one message."""
        parts: list[XNode] = []
        messages: list[Wording] = []
        for check in checks:
            try:
                part = constraint_of(check, self.names.judging(question.code), exclusive)
                xpath_text(part or X_TRUE)
            except NotCarried:
                block.notes.append(("constraint", NO_CHECK))
                continue
            if check.kind is CheckKind.PATTERN:
                block.notes.append(("constraint", SHAPE_ONLY))
            if part is not None and part != X_TRUE:
                parts.append(part)
                messages.append(check.message)
        condition = joined("and", [*parts, *more])
        return "" if condition == X_TRUE else xpath_text(condition), _together(messages)

    def _matrix(self, block: Block, question: Question, own: QuestionNames, head: Values) -> None:
        has_rows = any(check.kind is CheckKind.ROWS for check in question.checks)
        required = "yes" if question.required and has_rows else ""
        if question.required != has_rows:
            block.notes.append(("required", ANY_ROW))
        is_fill = question.kind is QuestionKind.MATRIX_FILL
        appearance = "" if is_fill else TABLE
        block.rows.append({**head, "type": "begin_group", "appearance": appearance})
        for place, line in enumerate(question.rows):
            if is_fill:
                self._cells(block, question, own, place, required)
            else:
                row: Values = {"type": _type(question, own), "name": own.rows[place], "label": line.text}
                block.rows.append(
                    {**row, "required": required, **self._row_check(block, question, own, place)}
                )
        block.rows.append({"type": "end_group"})
        if not is_fill:
            block.choices += [_choice(own, place, line) for place, line in enumerate(question.columns)]

    def _row_check(self, block: Block, question: Question, own: QuestionNames, place: int) -> Values:
        checks = [check for check in question.checks if check.kind is CheckKind.CHOICES]
        others: list[XNode] = []
        for check in question.checks:
            if check.kind is CheckKind.DISTINCT and question.kind is QuestionKind.MATRIX_SINGLE:
                taken: list[XNode] = [XCompare("=", CURRENT, XReference(name)) for name in own.rows[:place]]
                others += [negated(joined("or", taken))] if taken else []
            elif check.kind not in (CheckKind.CHOICES, CheckKind.ROWS) and place == 0:
                block.notes.append(("constraint", NO_CHECK))
        constraint, message = self._constraint(block, question, checks, others)
        return {"constraint": constraint, "constraint_message": message}

    def _cells(self, block: Block, question: Question, own: QuestionNames, place: int, required: str) -> None:
        line = question.rows[place]
        block.rows.append({"type": "begin_group", "name": own.rows[place], "label": line.text})
        for beside, column in enumerate(question.columns):
            wanted = CheckKind.RANGE if column.numeric else CheckKind.LENGTH
            checks = [check for check in question.checks if check.kind is wanted]
            constraint, message = self._constraint(block, question, checks)
            block.rows.append(
                {
                    "type": _cell_type(question, column),
                    "name": own.cells[place, beside],
                    "label": column.text,
                    "required": required,
                    "constraint": constraint,
                    "constraint_message": message,
                }
            )
        block.rows.append({"type": "end_group"})
        if place == 0 and any(check.kind in _NOT_OF_CELLS for check in question.checks):
            block.notes.append(("constraint", NO_CHECK))


_NOT_OF_CELLS = frozenset({CheckKind.EXPRESSION, CheckKind.PATTERN, CheckKind.DISTINCT})


def _type(question: Question, own: QuestionNames) -> str:
    if question.kind is QuestionKind.NUMBER and _is_whole(question):
        return "integer"
    return _TYPES.get(question.kind, "").format(list=own.field)


def _cell_type(question: Question, column: Line) -> str:
    if not column.numeric:
        return "text"
    return "integer" if _is_whole(question) else "decimal"


def _is_whole(question: Question) -> bool:
    return any(check.kind is CheckKind.INTEGER for check in question.checks)


def _is_incomplete(question: Question) -> bool:
    if question.kind in MATRICES:
        return not question.rows or not question.columns
    return question.kind in OPTIONED and not question.options


def _appearance(question: Question) -> str:
    words = {QuestionKind.TEXT: ["multiline"], QuestionKind.RATING: ["rating"]}.get(question.kind, [])
    if question.per_row != 1 and question.kind in OPTIONED:
        words = [*words, f"columns-{question.per_row}"]
    return " ".join(words)


def _parameters(question: Question) -> str:
    return f"start=1 end={question.scale} step=1" if question.kind is QuestionKind.RATING else ""


def _case(case: str) -> XNode:
    return XCompare("=", XColumn(SHOWN), XText(case))


def _choice(own: QuestionNames, place: int, part: Option | Line) -> Values:
    return {"list_name": own.field, "name": own.choices[place], "label": part.text}


def _other(question: Question, own: QuestionNames, place: int, name: str) -> Values:
    field_, choice = XReference(own.field), XText(own.choices[place])
    is_single = question.kind is QuestionKind.SINGLE
    chosen = XCompare("=", field_, choice) if is_single else XCall("selected", (field_, choice))
    return {
        "type": "text",
        "name": name,
        "label": PLEASE_STATE,
        "required": "yes",
        "relevant": xpath_text(chosen),
    }


def _together(messages: Sequence[Wording]) -> Wording:
    """The messages of several checks as one."""
    known = list(dict.fromkeys(message for message in messages if message))
    if len(known) < 2:
        return known[0] if known else Wording()
    languages = dict.fromkeys(language for message in known for language in message.texts)
    return Wording({language: " ".join(one.in_language(language) for one in known) for language in languages})
