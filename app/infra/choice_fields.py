"""Form fields for several choices of a short, fixed list, all in sight as tick boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext
from markupsafe import Markup
from wtforms import SelectMultipleField
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Optional, ValidationError

from app.infra.forms import REQUIRED
from app.infra.i18n import say

Offered = tuple[Any, Any]
Group = tuple[Any, Sequence[Offered]]
"""What a group is called, empty for a single one, and its (value, words)."""


class CheckList:
    """Draws the tick boxes, group by group; the field's own legend stands around them."""

    def __call__(self, field: CheckListField, **_kwargs: Any) -> Markup:
        """The boxes as HTML."""
        described = [f"{field.id}-help"] if field.description else []
        described += [f"{field.id}-error"] if field.errors else []
        attributes = Markup(' aria-describedby="{}"').format(" ".join(described)) if described else Markup("")
        groups = Markup("").join(self._group(field, words, choices) for words, choices in field.groups())
        return Markup('<div id="{}" class="qj-checklist" tabindex="-1"{}>{}</div>').format(
            field.id, attributes, groups
        )

    def _group(self, field: CheckListField, words: Any, choices: Sequence[Offered]) -> Markup:
        boxes = Markup("").join(self._box(field, value, label) for value, label in choices)
        if not words:
            return Markup('<div class="qj-choices">{}</div>').format(boxes)
        legend = Markup('<legend class="qj-label">{}</legend>').format(say(words))
        return Markup('<fieldset class="qj-group">{}<div class="qj-choices">{}</div></fieldset>').format(
            legend, boxes
        )

    @staticmethod
    def _box(field: CheckListField, value: Any, words: Any) -> Markup:
        checked = Markup(" checked") if value in (field.data or ()) else Markup("")
        box = Markup('<input class="qj-check" type="checkbox" name="{}" value="{}"{}>').format(
            field.name, value, checked
        )
        return Markup('<label class="qj-choice">{} {}</label>').format(box, say(words))


class CheckListField(SelectMultipleField):
    """Several of a fixed list. ``groups`` gives what is offered when the form is shown or checked."""

    widget = CheckList()

    def __init__(
        self,
        label: Any,
        *,
        groups: Callable[[], Sequence[Group]],
        coerce: Callable[[Any], Any] = str,
        must: bool = False,
        **kwargs: Any,
    ) -> None:
        validators = [InputRequired(REQUIRED)] if must else [Optional()]
        super().__init__(
            label, choices=[], coerce=coerce, validators=validators, validate_choice=False, **kwargs
        )
        self.groups = groups

    def process_data(self, value: Any) -> None:
        """Take values, or records by their key."""
        self.data = [self.coerce(getattr(item, "id", item)) for item in value or ()]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was ticked, in the order of the list."""
        sent = set(valuelist)
        self.data = [value for value in self._offered() if str(value) in sent]
        self.foreign = bool(sent - {str(value) for value in self._offered()})

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not offered."""
        if getattr(self, "foreign", False):
            raise ValidationError(lazy_gettext("Choose from the entries that the list offers."))

    def iter_choices(self) -> Iterator[Any]:
        """What is offered, for whoever draws it as a list."""
        for _words, choices in self.groups():
            for value, words in choices:
                yield Choice(value, say(words), value in (self.data or ()), {})

    def _offered(self) -> list[Any]:
        return [value for _words, choices in self.groups() for value, _label in choices]


def one_group(choices: Sequence[Offered]) -> Callable[[], Sequence[Group]]:
    """A single group without a name."""
    return lambda: [("", choices)]
