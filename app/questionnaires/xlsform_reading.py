"""A questionnaire out of an XLSForm, with a list of everything that is not carried over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires.definition import MATRICES, Check, Definition, Option, Question
from app.questionnaires.edits import MOST_QUESTIONS
from app.questionnaires.xlsform_checks import ReadChecks, checks_from
from app.questionnaires.xlsform_from_xpath import show_if_of
from app.questionnaires.xlsform_items import Item, unread_columns
from app.questionnaires.xlsform_known import Names
from app.questionnaires.xlsform_languages import Languages, languages_of
from app.questionnaires.xlsform_lists import Choice, choices_of, rows_by_list
from app.questionnaires.xlsform_lists import unread_columns as unread_choice_columns
from app.questionnaires.xlsform_rows import FIELD, Form, FormRow, Loss
from app.questionnaires.xlsform_survey import Survey
from app.questionnaires.xlsform_tree import tree_of
from app.questionnaires.xlsform_xpath import (
    X_FALSE,
    X_TRUE,
    NotCarried,
    XColumn,
    XCompare,
    XNode,
    XText,
    joined,
    one_line,
    parse_xpath,
    replaced,
)

NUMBERED_SETTING = "platform_numbered"


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A questionnaire that was read, the row of "survey" that each question began in, and the losses."""

    definition: Definition
    places: tuple[int, ...]
    losses: tuple[Loss, ...]


def definition_from(form: Form) -> ReadForm:
    """The questionnaire that a form holds.

    :raises Invalid: its groups do not close, it asks nothing that can be carried over, or too much.
    """
    languages = languages_of(form)
    form.losses += [*unread_columns(form.survey), *unread_choice_columns(form)]
    survey = Survey(form, languages, choices_of(form, languages))
    survey.read(tree_of(form.survey, rows_by_list(form), form.losses))
    _refuse_unfit(survey.items)
    questions = _Turning(form, languages, survey.items).questions()
    numbered = form.setting(NUMBERED_SETTING).lower() not in ("no", "false", "0")
    return ReadForm(
        Definition(questions, languages.order, numbered),
        tuple(item.row.number for item in survey.items),
        tuple(sorted(form.losses, key=_place)),
    )


def _refuse_unfit(items: Sequence[Item]) -> None:
    if not items:
        words = Message("The sheet “survey” holds no question that can be asked here.")
        raise Invalid([Problem(words, FIELD)])
    if len(items) > MOST_QUESTIONS:
        words = Message(
            "This form has {count} questions. A questionnaire has at most {most}: divide it.",
            count=len(items),
            most=MOST_QUESTIONS,
        )
        raise Invalid([Problem(words, FIELD)])


_SHEETS = {"settings": 0, "survey": 1, "choices": 2}


def _place(loss: Loss) -> tuple[int, str, int]:
    return _SHEETS.get(loss.sheet, 3), loss.sheet, loss.row


class _Turning:
    """Turns the conditions, question by question: each may speak of those before it."""

    def __init__(self, form: Form, languages: Languages, items: Sequence[Item]) -> None:
        self.losses, self.languages, self.items = form.losses, languages, items
        fields = [name for item in items for name in item.fields]
        self.double = {name for name in fields if fields.count(name) > 1}
        self.names = Names()

    def questions(self) -> tuple[Question, ...]:
        """All questions with their conditions and checks."""
        return tuple(self._question(item) for item in self.items)

    def _question(self, item: Item) -> Question:
        before = self.names
        fields = {name: named for name, named in item.fields.items() if name not in self.double}
        self.names = Names({**before.known, **fields})
        if item.kept:
            return item.question
        question = replace(item.question, show_if=self._show_if(item, before))
        question = replace(question, options=self._options(item, question, before))
        return self._checked(item, question)

    def _show_if(self, item: Item, names: Names) -> str:
        conditions: list[XNode] = []
        for row, text in item.conditions:
            try:
                condition = parse_xpath(one_line(text))
                show_if_of(condition, names)
            except NotCarried as refusal:
                self._lost(row.lost(refusal.message, "relevant"))
            else:
                conditions.append(condition)
        both = joined("and", conditions)
        try:
            return "" if both == X_TRUE else show_if_of(both, names)
        except NotCarried as refusal:
            self._lost(item.row.lost(refusal.message, "relevant"))
            return ""

    def _lost(self, loss: Loss) -> None:
        """Tell of a condition once, though it stands at a group of many questions."""
        if loss not in self.losses:
            self.losses.append(loss)

    def _options(self, item: Item, question: Question, names: Names) -> tuple[Option, ...]:
        text = item.row.text("choice_filter")
        if not text or not item.choices:
            if text:
                self.losses.append(
                    item.row.lost(Message("Only lists of choices can be filtered."), "choice_filter")
                )
            return question.options
        try:
            condition = parse_xpath(one_line(text))
            shown = {choice.code: _filtered(condition, choice, names) for choice in item.choices}
        except NotCarried as refusal:
            self.losses.append(item.row.lost(refusal.message, "choice_filter"))
            return question.options
        never = [code for code, show_if in shown.items() if show_if == "false"]
        if never:
            words = Message("These choices are never shown by the filter.")
            self.losses.append(item.row.lost(words, "choice_filter", ", ".join(never)))
        return tuple(replace(option, show_if=shown.get(option.code, "")) for option in question.options)

    def _checked(self, item: Item, question: Question) -> Question:
        for row, text in item.constraints:
            found = self._checks(item, question, row, text)
            codes = {choice.code for choice in item.choices if choice.name in found.exclusive}
            checks = (*question.checks, *_new(found.checks, question.checks))
            options = tuple(
                replace(option, exclusive=True) if option.code in codes else option
                for option in question.options
            )
            question = replace(question, checks=checks, options=options)
            self.losses += [row.lost(words, "constraint") for words in found.refused]
        return question

    def _checks(self, item: Item, question: Question, row: FormRow, text: str) -> ReadChecks:
        judged = None if question.kind in MATRICES else next(iter(item.fields.values()), None)
        message = self.languages.wording(row, "constraint_message")
        try:
            condition = parse_xpath(one_line(text))
        except NotCarried as refusal:
            return ReadChecks(refused=[refusal.message])
        names = Names(self.names.known, judged)
        return checks_from(condition, question.kind, names, message, whole=item.whole)


def _new(checks: Sequence[Check], known: Sequence[Check]) -> list[Check]:
    """Checks without those that the type of the question says already."""
    return [check for check in checks if check not in known]


def _filtered(condition: XNode, choice: Choice, names: Names) -> str:
    """The condition under which a choice is shown: its own columns are put into that of the list."""

    def own(node: XNode) -> XNode | None:
        match node:
            case XColumn(name=name):
                return XText(choice.column(name))
            case XCompare(operator="=" | "!=" as operator):
                left, right = replaced(node.left, own), replaced(node.right, own)
                if isinstance(left, XText) and isinstance(right, XText):
                    return X_TRUE if (left == right) is (operator == "=") else X_FALSE
                return XCompare(operator, left, right)
            case _:
                return None

    found = replaced(condition, own)
    return "" if found == X_TRUE else show_if_of(found, names)
