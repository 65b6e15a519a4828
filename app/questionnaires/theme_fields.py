"""The form of 主题定义: its fields, and the theme that is read from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length, Optional

from app.enterprises.models import SIZES, ControlType, Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.choice_fields import CheckListField, Group, one_group
from app.infra.database import db
from app.infra.forms import ChoiceField, refuse_control_characters
from app.infra.i18n import say
from app.infra.page_fields import RemoteMultipleField, text_field
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.organisations.models import Region
from app.questionnaires.models import FREQUENCIES, LONGEST_TEXT, PLACEMENTS, SECTORS, TITLE_LENGTH
from app.questionnaires.themes import Theme, named_in, unknown_problem

LONGEST_LIST = 200_000
"""Characters of a pasted list: 5,000 names of 40."""

LABELS: Mapping[str, Any] = {
    "title": lazy_gettext("Title of the questionnaire"),
    "introduction": lazy_gettext("Introduction"),
    "thanks": lazy_gettext("Words of thanks"),
    "frequency": lazy_gettext("Frequency of the questionnaire"),
    "starts_on": lazy_gettext("First day"),
    "ends_on": lazy_gettext("Last day"),
    "placement": lazy_gettext("Where it is answered"),
    "anonymous": lazy_gettext("Anonymous"),
    "regions": lazy_gettext("Regions"),
    "industries": lazy_gettext("Industries"),
    "sector": lazy_gettext("Manufacturing or not"),
    "sizes": lazy_gettext("Sizes"),
    "control_types": lazy_gettext("Control types"),
    "named": lazy_gettext("Named enterprises"),
    "chosen": lazy_gettext("Add enterprises by name"),
}
WHAT = ("title", "introduction", "thanks")
WHEN = ("frequency", "placement", "starts_on", "ends_on", "anonymous")
WHOM = ("regions", "industries", "sector", "sizes", "control_types", "named", "chosen")
COLUMNS = (*WHAT, *WHEN, *WHOM)


def fieldsets() -> list[tuple[Any, dict[str, Any]]]:
    """The fields in three groups: what, when, of whom."""
    return [
        (lazy_gettext("Theme of the questionnaire"), {"fields": [*WHAT]}),
        (lazy_gettext("Frequency and period"), {"fields": [*WHEN]}),
        (lazy_gettext("Audience"), {"fields": [*WHOM]}),
    ]


def theme_fields(choices_url: str) -> dict[str, Any]:
    """A field for each entry.

    :param choices_url: where choices are looked up while typing, before the name of the field.
    """
    return {**_what(), **_when(), **_whom(choices_url)}


def theme_from(values: Mapping[str, Any], actor: Actor, today: dt.date) -> tuple[Theme, list[Problem]]:
    """The theme that a form holds, and what its list of enterprises names in vain.

    What is wrong in a field is None there, and told at that field already.
    """
    named, unknown = named_in(values["named"] or "", actor, today)
    theme = Theme(
        title=values["title"] or "",
        introduction=_unix(values["introduction"]),
        thanks=_unix(values["thanks"]),
        frequency=values["frequency"] or "once",
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        placement=values["placement"] or "required",
        anonymous=bool(values["anonymous"]),
        region_ids=values["regions"] or (),
        industry_ids=values["industries"] or (),
        sector=values["sector"] or "",
        sizes=values["sizes"] or (),
        control_types=values["control_types"] or (),
        enterprise_ids=list(dict.fromkeys([*named, *(values["chosen"] or ())])),
    )
    return theme, [unknown_problem(unknown)] if unknown else []


def _unix(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


def _what() -> dict[str, Any]:
    return {
        "title": text_field(LABELS["title"], TITLE_LENGTH, required=True),
        "introduction": _area("introduction", 4, lazy_gettext("Stands before the first question.")),
        "thanks": _area("thanks", 2, lazy_gettext("Shown once it is submitted.")),
    }


def _when() -> dict[str, Any]:
    return {
        "frequency": _select(
            "frequency",
            FREQUENCIES,
            lazy_gettext("A monthly one is answered anew in each calendar month, and so on."),
        ),
        "placement": _select("placement", PLACEMENTS, ""),
        "anonymous": BooleanField(
            lazy_gettext("Answered anonymously"),
            description=lazy_gettext(
                "Who answered is kept apart from what was answered. Answers cannot be reopened, nor be told "
                "apart by region."
            ),
        ),
    }


def _whom(url: str) -> dict[str, Any]:
    return {
        "regions": _remote(
            "regions", Region, url, lazy_gettext("With all below them. Empty: everywhere you look after.")
        ),
        "industries": _remote("industries", Industry, url, lazy_gettext("With all below them. Empty: all.")),
        "sector": ChoiceField(
            LABELS["sector"],
            choices=[*SECTORS.items()],
            must=False,
            description=lazy_gettext("Empty: both."),
        ),
        "sizes": CheckListField(
            LABELS["sizes"],
            groups=one_group([(code, SIZE_NAMES[code]) for code in SIZES]),
            description=lazy_gettext("None ticked: all."),
        ),
        "control_types": CheckListField(
            LABELS["control_types"], groups=_control_types, description=lazy_gettext("None ticked: all.")
        ),
        "named": TextAreaField(
            LABELS["named"],
            validators=[Optional(), Length(max=LONGEST_LIST), refuse_control_characters],
            render_kw={"rows": 5},
            description=lazy_gettext(
                "Credit codes or names, one a line; paste a column from a workbook. Where there are any, "
                "these alone are asked."
            ),
        ),
        "chosen": _remote("chosen", Enterprise, url, ""),
    }


def _area(name: str, rows: int, hint: Any) -> TextAreaField:
    return TextAreaField(
        LABELS[name],
        validators=[Optional(), Length(max=LONGEST_TEXT), refuse_control_characters],
        render_kw={"rows": rows},
        description=hint,
    )


def _select(name: str, words: Mapping[str, Any], hint: Any) -> ChoiceField:
    return ChoiceField(LABELS[name], choices=[*words.items()], must=True, description=hint)


def _remote(name: str, model: type, url: str, hint: Any) -> RemoteMultipleField:
    return RemoteMultipleField(LABELS[name], model=model, url=f"{url}/{name}", description=hint)


def _control_types() -> Sequence[Group]:
    found = db.session.execute(
        select(ControlType.code, ControlType.name).order_by(ControlType.position, ControlType.code)
    )
    return [("", [(code, say(name)) for code, name in found])]
