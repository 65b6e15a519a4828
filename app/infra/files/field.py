"""The form field for files: judged as they come, kept while the form is mended, removed by a tick.

A page takes files so::

    SCANS = FileRule(("jpg", "png", "pdf"), max_bytes=4 * MEGABYTE, most=3)

    class NoticeForm(PlatformForm):
        files = FileField(lazy_gettext("Attachments"), rule=SCANS)

    form = NoticeForm(files=files_of(notice, "files")) if request.method == "GET" else NoticeForm()
    if form.validate_on_submit():
        with unit_of_work():
            service.change(actor, notice, …)
            keep_files(actor, notice, "files", form.files.data, now, SCANS.most)

and shows them by ``ui/files.html``. The model stands in ``FILE_OWNERS`` of the wiring, and a page of its own
has ``<form method="post" enctype="{{ form.enctype }}">``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import current_app, url_for
from flask_babel import gettext
from flask_babel.speaklater import LazyString
from itsdangerous import BadData, URLSafeSerializer
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.utils import unset_value
from wtforms.widgets import html_params

from app.infra import context
from app.infra.content import FileRule, receive
from app.infra.database import db
from app.infra.files.attachments import FileSet, keep_upload, upload_gone, waiting_uploads
from app.infra.files.models import Attachment
from app.infra.files.store import readable_size
from app.infra.forms import REQUIRED
from app.infra.i18n import say
from app.infra.widgets import described_by
from app.kernel.errors import DomainError
from app.kernel.texts import Message

MOST_AT_ONCE = 11 * 1024**2
"""Bytes that one request can carry beside its texts; see ``MAX_CONTENT_LENGTH``."""

MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that the form has already: how it is called, and the token that stands for it."""

    token: str
    name: str
    size: int
    url: str = ""


class FileControl:
    """The files that are there, each with a box to remove it, and the input for more."""

    def __call__(self, field: FileField, **kwargs: Any) -> Markup:
        """The control as HTML."""
        attributes = described_by(field, {**kwargs, "class": "qj-file"})
        attributes |= {
            "type": "file",
            "id": field.id,
            "name": field.name,
            "accept": field.rule.accept,
            "multiple": field.rule.most > 1,
            "data-max-bytes": str(field.rule.max_bytes),
            "data-max-together": str(MOST_AT_ONCE),
            "data-too-large": gettext(
                "Too large: one file or all together. Choose smaller ones, or save in steps."
            ),
        }
        rows = Markup("").join(self._row(field, number, shown) for number, shown in enumerate(field.shown))
        listed = Markup('<ul class="qj-files">{}</ul>').format(rows) if rows else Markup("")
        return Markup("{}<input {}>").format(listed, Markup(html_params(**attributes)))

    @staticmethod
    def _row(field: FileField, number: int, shown: Shown) -> Markup:
        name = Markup('<a href="{}">{}</a>').format(shown.url, shown.name) if shown.url else shown.name
        return Markup(
            '<li><input type="hidden" name="{field}-kept" value="{token}"><span class="nm">{name}</span> '
            '<span class="mt">{size}</span> <label class="qj-choice" for="{id}">'
            '<input class="qj-check" type="checkbox" id="{id}" name="{field}-remove" value="{token}" '
            'aria-label="{spoken}"> {remove}</label></li>'
        ).format(
            field=field.name,
            id=f"{field.id}-remove-{number}",
            token=shown.token,
            name=name,
            size=readable_size(shown.size),
            spoken=gettext("Remove %(name)s", name=shown.name),
            remove=gettext("Remove"),
        )


class FileField(Field):
    """Files of a record; ``data`` is the ``FileSet`` to give to ``keep_files``.

    What is sent is judged by ``rule`` and stored at once, for the account that sent it; the page carries a
    signed token for each, which is worth nothing to anybody else.
    """

    widget = FileControl()
    is_wide = True
    sends_files = True

    def __init__(self, label: Any = None, *, rule: FileRule, must: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("description", LazyString(lambda: say(rule.told)))
        super().__init__(label, **kwargs)
        self.rule = rule
        self.must = must
        self.flags.required = must
        self.shown: list[Shown] = []
        self.sent: list[FileStorage] = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the attachments of a record, or the tokens and uploads of a form."""
        self.process_errors: list[Any] = []
        self.shown, self.sent = [], []
        self.object_data = data = self.default if data is unset_value else data
        if formdata is None or not formdata:
            self._take_attachments(data or ())
            return
        self.sent = [
            sent for sent in formdata.getlist(self.name) if isinstance(sent, FileStorage) and sent.filename
        ]
        removed = set(formdata.getlist(f"{self.name}-remove"))
        tokens = [token for token in formdata.getlist(f"{self.name}-kept") if token not in removed]
        self._take_tokens(list(dict.fromkeys(tokens))[:MOST_TOKENS])

    def pre_validate(self, form: Any) -> None:
        """Judge and store what was sent; what is refused is told, and the others stay."""
        actor, now = context.current_actor(), context.now()
        for sent in self.sent:
            if len(self.shown) >= self.rule.most:
                self.errors.append(say(Message("At most {most} files.", most=self.rule.most)))
                break
            try:
                accepted = receive(cast(BinaryIO, sent.stream), sent.filename or "", self.rule)
                stored = keep_upload(actor, accepted, now)
            except DomainError as refusal:
                db.session.rollback()
                self.errors += [say(problem.message) for problem in refusal.problems] or [
                    say(refusal.message)
                ]
            else:
                self.shown.append(Shown(_sealed("upload", stored.id), stored.name, stored.size))
        self.sent = []
        if self.must and not self.shown and not self.errors:
            self.errors.append(str(REQUIRED))
        self._settle()

    def _take_attachments(self, attachments: Iterable[Attachment]) -> None:
        for found in attachments:
            token = _sealed("attachment", found.id, found.file.name, found.file.size)
            self.shown.append(Shown(token, found.file.name, found.file.size, _address(found.id)))
        self._settle()

    def _take_tokens(self, tokens: Sequence[str]) -> None:
        opened = {token: _opened(token) for token in tokens}
        uploads = [found[1] for found in opened.values() if found and found[0] == "upload"]
        waiting = {
            stored.id: stored for stored in waiting_uploads(context.current_actor(), uploads, context.now())
        }
        for token, found in opened.items():
            if found and found[0] == "attachment":
                self.shown.append(Shown(token, found[2], found[3], _address(found[1])))
            elif found and found[1] in waiting:
                self.shown.append(Shown(token, waiting[found[1]].name, waiting[found[1]].size))
            else:
                self.process_errors.append(say(upload_gone()))
        self._settle()

    def _settle(self) -> None:
        found = [_opened(shown.token) for shown in self.shown]
        self.data = FileSet(
            tuple(one[1] for one in found if one and one[0] == "attachment"),
            tuple(one[1] for one in found if one and one[0] == "upload"),
        )


def _address(key: int) -> str:
    return url_for("FileView.download", pk=key)


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="files of a form")


def _sealed(kind: str, *facts: Any) -> str:
    """A token that only the account that it is made for can use."""
    return str(_seal().dumps([context.current_actor().account_id, kind, *facts]))


def _opened(token: str) -> Sequence[Any] | None:
    """The kind and the facts in a token; None for a forged one, or another account's."""
    try:
        account_id, *found = _seal().loads(token)
    except BadData:
        return None
    return found if account_id is not None and account_id == context.current_actor().account_id else None
