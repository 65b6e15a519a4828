"""Form fields and the sending of forms that pages of several domains share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from werkzeug.datastructures import FileStorage
from wtforms import FileField, StringField
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.infra import context, scope
from app.infra.database import db
from app.infra.forms import REQUIRED, PlatformForm, RelatedMultipleField, refuse_control_characters
from app.infra.i18n import say
from app.infra.transactions import unit_of_work
from app.kernel.errors import DomainError


class Starred:
    """A validator that asks for nothing: its label shows the star, a rule of the whole form asks for it."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, _form: Any, _field: Any) -> None:
        """Every entry is taken."""


def text_field(
    label: Any, longest: int, *, required: bool = False, starred: bool = False, description: Any = ""
) -> StringField:
    """A line of text that is no column of the model itself.

    :param starred: marked as required where another entry of the form may stand for it, so that the
        browser must not insist.
    """
    first = InputRequired(REQUIRED) if required else Optional()
    return StringField(
        label,
        validators=[first, Length(max=longest), refuse_control_characters, *([Starred()] if starred else ())],
        description=description,
        render_kw={"required": False} if starred else None,
    )


class UploadField(FileField):
    """One file that the page reads at once; ``files.field.FileField`` is for those that a record keeps."""

    sends_files = True

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file; a form that was sent in another way has a text in its place."""
        sent = [one for one in valuelist if one]
        files = [one for one in sent if isinstance(one, FileStorage)]
        self.data: Any = files[0] if files else None
        if sent and not files:
            raise ValueError(
                str(lazy_gettext("A text came in the place of the file. Choose the file again."))
            )


class RemoteMultipleField(RelatedMultipleField):
    """Several records of a model too large to list; only those that the actor sees can be chosen."""

    def __init__(self, *args: Any, model: type, url: str, **kwargs: Any) -> None:
        super().__init__(*args, model=model, validate_choice=False, **kwargs)
        self.remote_url = url

    def iter_choices(self) -> Any:
        """The chosen records; the rest comes by typing."""
        for row in self._chosen():
            yield Choice(str(row.id), say(getattr(row, "label", None) or row), True, {})

    def pre_validate(self, form: Any) -> None:
        """Refuse what the actor does not see."""
        if len(self._chosen()) != len(set(self.data or ())):
            raise ValidationError(lazy_gettext("Choose from the entries that the list offers."))

    def _chosen(self) -> list[Any]:
        keys = {int(key) for key in self.data or () if key.isascii() and key.isdigit() and len(key) < 19}
        if not keys:
            return []
        query = scope.visible(self.model, context.current_actor(), context.today())
        return list(db.session.scalars(query.where(self.model.id.in_(keys))))  # type: ignore[attr-defined]

    @property
    def keys(self) -> list[int]:
        """The chosen keys as numbers."""
        return [row.id for row in self._chosen()]


def submitted(form: PlatformForm, work: Callable[[], object]) -> bool:
    """Whether a form was sent and the work behind it was done, in one unit of work.

    What the service refused stands at its field, or at the head of the form.
    """
    if not form.validate_on_submit():
        return False
    try:
        with unit_of_work():
            work()
    except DomainError as refusal:
        db.session.rollback()
        form.form_errors = [*form.form_errors, *form.take(refusal)]
        return False
    return True
