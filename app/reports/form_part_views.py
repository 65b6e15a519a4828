"""Pages of the parts of a form's version: sections, indicators, columns of repeating rows, rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_babel import lazy_gettext
from wtforms import IntegerField
from wtforms.validators import NumberRange

from app.infra import context, scope
from app.infra.display import display
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import LocalText, Message
from app.reports import form_parts
from app.reports.definitions import CELL_KINDS, EVERY_MONTH
from app.reports.form_fields import (
    cells_field,
    code_field,
    draft_field,
    draft_sections,
    drafts,
    months_field,
    scale_field,
    section_field,
)
from app.reports.form_lists import COLUMNS, INDICATORS, SECTIONS, PartList, part_list
from app.reports.form_models import (
    GRID,
    PUBLISHED,
    ROWS,
    FormSection,
    FormVersion,
    SectionColumn,
    VersionIndicator,
)
from app.reports.form_rules import (
    COLUMN_KINDS,
    GROWTH_KINDS,
    NATURES,
    SECTION_KINDS,
    ColumnInput,
    IndicatorInput,
    SectionInput,
    column_problems,
    indicator_problems,
    section_problems,
)
from app.reports.form_views import NEVER_CHANGES, FormEditingView, seen, version_named

ORDER_HINT = lazy_gettext("Place among its siblings; 0 puts a new one last.")
LABELS = {
    "draft": lazy_gettext("Draft version"),
    "section": lazy_gettext("Form section"),
    "code": lazy_gettext("Code"),
    "name": lazy_gettext("Name"),
    "kind": lazy_gettext("Kind"),
    "unit": lazy_gettext("Unit"),
    "nature": lazy_gettext("Nature"),
    "scale": lazy_gettext("Decimals"),
    "months": lazy_gettext("Months"),
    "cells": lazy_gettext("Cells"),
    "required_cells": lazy_gettext("Required cells"),
    "growth_kind": lazy_gettext("Growth"),
    "industrial_only": lazy_gettext("Industrial enterprises only"),
    "max_length": lazy_gettext("Longest text"),
    "required": lazy_gettext("Required"),
    "severity": lazy_gettext("Severity"),
    "applies_to": lazy_gettext("Applies to"),
    "indicators": lazy_gettext("Indicators"),
    "expression": lazy_gettext("Expression"),
    "message": lazy_gettext("Message"),
    "version": lazy_gettext("Version"),
    "ord": lazy_gettext("Order"),
}


def order_field() -> IntegerField:
    """The place of a part among its siblings."""
    return IntegerField(
        lazy_gettext("Order"),
        validators=[NumberRange(0, 9_999, lazy_gettext("Enter a number from 0 to 9999."))],
        default=0,
        description=ORDER_HINT,
    )


def words_among(names: Mapping[str, Any]) -> Callable[[Any], str]:
    """A formatter of a list of codes."""

    def shown(values: Any) -> str:
        return display([names.get(value, value) for value in values or ()])

    return shown


def months_words(values: Any) -> str:
    """Months of the year in words."""
    every = list(values or ()) == list(EVERY_MONTH)
    return say(Message("Every month")) if every else display([str(month) for month in values or ()])


CELL_WORDS = words_among({kind.code: kind.name for kind in CELL_KINDS.values()})


class FormPartView(FormEditingView):
    """A part of a version: editable while the version is a draft."""

    parts: ClassVar[PartList]
    label_columns = LABELS
    formatters_columns = {
        "months": months_words,
        "cells": CELL_WORDS,
        "required_cells": CELL_WORDS,
    }

    def listing(self) -> ListSpec:
        """The parts of the versions in scope."""
        return part_list(self.parts, self.listing_name, self._row_link())

    def closed_because(self, row: Any) -> Message | None:
        """Parts of a published version stay as they are."""
        return NEVER_CHANGES if row.version.state == PUBLISHED else None

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The version that it belongs to."""
        return [(say(row.version.label), url_for("FormVersionView.show", pk=row.version_id))]

    def initial(self) -> dict[str, Any]:
        """The draft that the address names, if the actor may change it; else the only one."""
        offered = [key for key, _words in drafts()]
        wanted = request.args.get("version", "")
        return {"draft": wanted if wanted in offered else (offered[0] if len(offered) == 1 else None)}

    def chosen_draft(self, values: dict[str, Any]) -> FormVersion | None:
        """The draft of a new part, taken out of the values; None where none was chosen yet."""
        key = values.pop("draft")
        return None if key is None else version_named(key)

    @staticmethod
    def draft_of(values: dict[str, Any]) -> int:
        """The draft that was chosen, taken out of the values."""
        return int(values.pop("draft"))


class _OfSectionView(FormPartView):
    """A part that belongs to a section."""

    section_kind: ClassVar[str]

    def initial(self) -> dict[str, Any]:
        """The section of a draft that the address names, if the actor may change it."""
        version, code = request.args.get("version", ""), request.args.get("section", "")
        offered = draft_sections(self.section_kind)
        named = [found for found in offered if str(found.version_id) == version and found.code == code]
        found = named or (offered if len(offered) == 1 else [])
        return {"section": str(found[0].id) if found else None}

    def section_of(self, values: dict[str, Any]) -> FormSection:
        """The section that was chosen, taken out of the values.

        :raises NotFound: it is not there for this actor.
        """
        found: FormSection = scope.find(FormSection, values.pop("section"), self.actor, context.today())
        return found

    def chosen_section(self, row: Any, values: dict[str, Any]) -> FormSection | None:
        """The section of a part, taken out of the values where it is new; None where none was chosen yet."""
        if row is not None:
            section: FormSection = row.section
            return section
        if values["section"] is not None:
            return self.section_of(values)
        values.pop("section")
        return None


class FormSectionView(FormPartView):
    """Sections 表 of a version: grids of indicators, and repeating rows."""

    model = FormSection
    parts = SECTIONS
    route_base = "/form-sections"
    list_title = lazy_gettext("Sections")
    show_title = lazy_gettext("Form section")
    add_title = lazy_gettext("New section")
    edit_title = lazy_gettext("Change section")
    list_columns = ["name", "code", "kind"]
    search_columns = ["kind"]
    base_order = ("ord", "asc")
    edit_columns = ["name", "ord"]
    add_columns = ["draft", "code", "kind", *edit_columns]
    show_columns = ["version", "code", "kind", *edit_columns]
    choices_columns = {"kind": list(SECTION_KINDS.items())}
    hints = {"ord": ORDER_HINT}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "draft": draft_field(),
        "code": code_field(20),
        "ord": order_field(),
    }

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        if row is not None:
            return section_problems(SectionInput(code=row.code, kind=row.kind, **filled(values)))
        draft = self.chosen_draft(values)
        given = SectionInput(**filled(values))
        return form_parts.new_section_problems(draft, given) if draft else section_problems(given)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a section to a draft."""
        draft = self.draft_of(values)
        return form_parts.add_section(actor, draft, SectionInput(**filled(values)), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Rename or move a section."""
        given = SectionInput(code=row.code, kind=row.kind, **filled(values))
        return form_parts.edit_section(actor, row.id, given, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Take a section out of a draft."""
        form_parts.remove_section(actor, row.id, context.now())


class VersionIndicatorView(_OfSectionView):
    """Indicators 指标 as a version asks for them."""

    model = VersionIndicator
    parts = INDICATORS
    section_kind = GRID
    route_base = "/form-indicators"
    list_title = lazy_gettext("Indicators")
    show_title = lazy_gettext("Form indicator")
    add_title = lazy_gettext("New indicator")
    edit_title = lazy_gettext("Change indicator")
    list_columns = ["name", "unit", "nature", "industrial_only"]
    search_columns = ["nature"]
    base_order = ("ord", "asc")
    edit_columns = [
        *("name", "unit", "nature", "scale", "growth_kind", "industrial_only"),
        *("months", "cells", "required_cells", "ord"),
    ]
    add_columns = ["section", "code", *edit_columns]
    show_columns = ["version", *add_columns]
    choices_columns = {"nature": list(NATURES.items()), "growth_kind": list(GROWTH_KINDS.items())}
    hints = {"ord": ORDER_HINT}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "section": section_field(GRID),
        "code": code_field(41),
        "scale": scale_field(),
        "months": months_field(),
        "cells": cells_field(lazy_gettext("Cells"), tuple(CELL_KINDS)),
        "required_cells": cells_field(lazy_gettext("Required cells"), ()),
        "ord": order_field(),
    }

    def initial(self) -> dict[str, Any]:
        """Growth in per cent, as most indicators have it."""
        return {**super().initial(), "growth_kind": "pct"}

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        section = self.chosen_section(row, values)
        code = {} if row is None else {"code": row.code}
        given = IndicatorInput(section=section.code if section else "", **code, **filled(values))
        if row is not None or section is None:
            return certain(indicator_problems(given), values, {"required_cells": ("cells",)})
        found = form_parts.new_indicator_problems(section.version, given)
        return certain(found, values, {"required_cells": ("cells",)})

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Ask for an indicator in a draft."""
        section = self.section_of(values)
        given = IndicatorInput(section=section.code, **filled(values))
        return form_parts.add_indicator(actor, section.version_id, given, context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change how a draft asks for an indicator."""
        given = IndicatorInput(section=row.section.code, code=row.code, **filled(values))
        return form_parts.edit_indicator(actor, row.id, given, seen(version), context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Ask for it no longer."""
        form_parts.remove_indicator(actor, row.id, context.now())


class SectionColumnView(_OfSectionView):
    """Columns of sections of repeating rows."""

    model = SectionColumn
    parts = COLUMNS
    section_kind = ROWS
    route_base = "/form-columns"
    list_title = lazy_gettext("Columns of repeating rows")
    show_title = lazy_gettext("Column")
    add_title = lazy_gettext("New column")
    edit_title = lazy_gettext("Change column")
    list_columns = ["name", "code", "kind", "required"]
    search_columns = ["kind"]
    base_order = ("ord", "asc")
    edit_columns = ["name", "kind", "scale", "max_length", "required", "ord"]
    add_columns = ["section", "code", *edit_columns]
    show_columns = ["version", *add_columns]
    choices_columns = {"kind": list(COLUMN_KINDS.items())}
    hints = {"ord": ORDER_HINT, "max_length": lazy_gettext("Of a text, in characters.")}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "section": section_field(ROWS),
        "code": code_field(41),
        "scale": scale_field(),
        "ord": order_field(),
    }

    def initial(self) -> dict[str, Any]:
        """A text of ordinary length."""
        return {**super().initial(), "scale": 0, "max_length": 100}

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        section = self.chosen_section(row, values)
        code = {} if row is None else {"code": row.code}
        given = ColumnInput(section=section.code if section else "", **code, **filled(values))
        if row is not None or section is None:
            return column_problems(given)
        return form_parts.new_column_problems(section, given)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a column to repeating rows of a draft."""
        section = self.section_of(values)
        given = ColumnInput(section=section.code, **filled(values))
        return form_parts.add_column(actor, section.version_id, given, context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a column of a draft."""
        given = ColumnInput(section=row.section.code, code=row.code, **filled(values))
        return form_parts.edit_column(actor, row.id, given, seen(version), context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Take a column out of a draft."""
        form_parts.remove_column(actor, row.id, context.now())


def certain(
    problems: Iterable[Problem], values: Mapping[str, Any], depends: Mapping[str, Sequence[str]]
) -> list[Problem]:
    """The problems that stand whatever is mended elsewhere: none that is judged by a field wrong itself.

    :param depends: by field the others that it is judged by; a wrong one's value is None.
    """
    return [
        problem
        for problem in problems
        if all(values.get(name) is not None for name in depends.get(problem.field, ()))
    ]


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the services take them: lists as tuples, what was left open as its least value."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in {"name", "unit", "message"}:
            found[name] = value or LocalText("", "")
        elif name in {"ord", "scale", "max_length"}:
            found[name] = value or 0
        elif isinstance(value, list):
            found[name] = tuple(value)
        else:
            found[name] = "" if value is None else value
    return found
