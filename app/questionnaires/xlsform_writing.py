"""A questionnaire as an XLSForm: what other programs understand, and beside it what only this one does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.kernel.errors import Invalid
from app.questionnaires.definition import Definition, Question, Wording
from app.questionnaires.xlsform_blocks import Blocks
from app.questionnaires.xlsform_jumps import relevances
from app.questionnaires.xlsform_kept import kept_cells
from app.questionnaires.xlsform_languages import LANGUAGE_NAMES, LANGUAGES_SETTING, TRANSLATED
from app.questionnaires.xlsform_lists import rows_by_list
from app.questionnaires.xlsform_naming import Namer, form_names
from app.questionnaires.xlsform_reading import NUMBERED_SETTING, definition_from
from app.questionnaires.xlsform_rows import CHOICES, SETTINGS, SURVEY, Form, FormRow, Loss
from app.questionnaires.xlsform_survey import PAGE

LONGEST_CELL = 32_000
FIRST_ROW = 2
"""Headings stand in the first row."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class WrittenForm:
    """An exported form, and what other programs will not do as this one does."""

    form: Form
    notes: tuple[Loss, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """Rows as they are added; each row remembers which number it got."""

    name: str
    rows: list[FormRow] = field(default_factory=list)

    def add(self, values: Mapping[str, str]) -> FormRow:
        kept = {column: text for column, written in values.items() if (text := cell(written))}
        row = FormRow(self.name, len(self.rows) + FIRST_ROW, kept)
        self.rows.append(row)
        return row


def form_of(definition: Definition, settings: Mapping[str, str]) -> WrittenForm:
    """The form of a questionnaire; ``settings`` are its title and the like, by the names of XLSForm.

    Reading the form gives the same questionnaire: what would not come back stands beside its rows.
    """
    namer = Namer()
    named = [namer.names(question) for question in definition]
    names = form_names(definition, named)
    blocks = Blocks(names)
    survey, choices = _Sheet(SURVEY), _Sheet(CHOICES)
    placed: list[tuple[Question, int, int]] = []
    notes: list[Loss] = []
    has_pages = any(question.page_break for question in definition.questions[1:])
    texts = _Texts(definition)
    conditions = relevances(definition, named, names)
    for number, (question, own, condition) in enumerate(zip(definition, named, conditions, strict=True)):
        if has_pages and (number == 0 or question.page_break):
            _turn_page(survey, namer, first=number == 0)
        block = blocks.block(question, own, condition)
        first = len(survey.rows)
        for values in block.rows:
            survey.add(texts.spread(values))
        for values in block.choices:
            choices.add(texts.spread(values))
        placed.append((question, first, len(survey.rows)))
        row = survey.rows[first]
        notes += [row.lost(words, column) for column, words in block.notes]
    if has_pages:
        survey.add({"type": "end_group"})
    written = _settings(definition, settings, texts, has_pages=has_pages)
    form = Form(tuple(survey.rows), tuple(choices.rows), (_Sheet(SETTINGS).add(written),))
    return WrittenForm(_with_kept(form, placed, definition), tuple(notes))


def _turn_page(survey: _Sheet, namer: Namer, *, first: bool) -> None:
    if not first:
        survey.add({"type": "end_group"})
    survey.add({"type": "begin_group", "name": namer.name("page_1"), "appearance": PAGE})


def _settings(
    definition: Definition, settings: Mapping[str, str], texts: _Texts, *, has_pages: bool
) -> dict[str, str]:
    first = definition.languages[0] if definition.languages else "zh"
    return {
        **settings,
        "default_language": LANGUAGE_NAMES.get(first, first) if texts.are_several else "",
        "style": "pages" if has_pages else "",
        LANGUAGES_SETTING: ",".join(definition.languages),
        NUMBERED_SETTING: "" if definition.numbered else "no",
    }


class _Texts:
    """Spreads texts over the columns of their languages; with one language the plain columns do."""

    def __init__(self, definition: Definition) -> None:
        self.languages = [code for code in definition.languages if code in LANGUAGE_NAMES] or ["zh"]
        self.are_several = len(self.languages) > 1

    def spread(self, values: Mapping[str, str | Wording]) -> dict[str, str]:
        """A row with a column for each language."""
        return {column: text for name, value in values.items() for column, text in self._columns(name, value)}

    def _columns(self, name: str, value: str | Wording) -> Iterator[tuple[str, str]]:
        if isinstance(value, str):
            yield name, value
            return
        for code in self.languages:
            column = f"{name}::{LANGUAGE_NAMES[code]}" if self.are_several else name
            text = value.texts.get(code, "")
            if not text and name == "label":
                text = value.in_language(code) or "—"
            yield column, text


def _with_kept(form: Form, placed: Sequence[tuple[Question, int, int]], definition: Definition) -> Form:
    """The form with every question kept beside its rows that reading them would not give again."""
    read = _read_again(form)
    lacking = [one for one in placed if read.get(form.survey[one[1]].number) != one[0]]
    kept = _keep(form, lacking)
    if _definition(kept) == definition:
        return kept
    return _keep(form, placed)


def _keep(form: Form, placed: Sequence[tuple[Question, int, int]]) -> Form:
    rows = list(form.survey)
    lists = rows_by_list(form)
    for question, first, last in placed:
        cells = kept_cells(question, form.survey[first:last], lists)
        rows[first] = replace(rows[first], values={**rows[first].values, **cells})
    return Form(tuple(rows), form.choices, form.settings)


def _read_again(form: Form) -> dict[int, Question]:
    try:
        read = definition_from(replace(form, losses=[]))
    except Invalid:
        return {}
    return dict(zip(read.places, read.definition.questions, strict=True))


def _definition(form: Form) -> Definition | None:
    try:
        return definition_from(replace(form, losses=[])).definition
    except Invalid:
        return None


def cell(text: str) -> str:
    """A text as a cell gives it back: without blanks around it and characters that no workbook holds."""
    plain = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.strip()[:LONGEST_CELL].strip()


def columns_of(rows: Sequence[FormRow], first: Sequence[str]) -> list[str]:
    """The columns of a sheet in the order that people know them in."""
    found = dict.fromkeys(column for row in rows for column in row.values)
    order = {name: place for place, name in enumerate(first)}

    def place(column: str) -> tuple[int, str]:
        base = column.partition("::")[0]
        return order.get(base, len(order)), "" if base in TRANSLATED else column

    return sorted(dict.fromkeys((*first[:2], *found)), key=place)


SURVEY_COLUMNS = (
    *("type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message"),
    *("choice_filter", "appearance", "parameters"),
)
CHOICE_COLUMNS = ("list_name", "name", "label")
SETTING_COLUMNS = ("form_title", "form_id", "version", "default_language", "style")
