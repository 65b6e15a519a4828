"""Questionnaires as files: out of this installation and into it, as JSON or XLSForm.

An export holds what is asked and how it is introduced. Whom it is for and when it is asked belong to one
installation and one time: they are chosen anew where it is imported.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.infra import scope
from app.infra.content import decoded
from app.infra.files import file_store
from app.infra.files.attachments import FileSet, upload_gone, waiting_uploads
from app.infra.sheets.archive import ZIP
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires import drafts
from app.questionnaires.cleaning import clean_line, clean_text
from app.questionnaires.definition import Definition, Question
from app.questionnaires.documents import DocumentError, Part, definition_of, document_of
from app.questionnaires.exchange_rules import problems_of
from app.questionnaires.lifecycle import create_questionnaire
from app.questionnaires.models import FREQUENCIES, LONGEST_TEXT, PLACEMENTS, TITLE_LENGTH, Questionnaire
from app.questionnaires.themes import Theme
from app.questionnaires.xlsform_rows import FIELD, SETTINGS, Form, Loss
from app.questionnaires.xlsform_workbook import read_workbook, workbook_of
from app.questionnaires.xlsform_writing import form_of

KIND = "questionnaire"
FORMAT = 1
LONGEST_JSON = 4 * 1024**2
IMPORTED = Message("Imported from a file")


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A questionnaire out of a file, and what of the file it does not have."""

    theme: Theme
    definition: Definition
    losses: tuple[Loss, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Those that take an answer."""
        return tuple(question for question in self.definition if question.is_answered)


def read_file(content: bytes, name: str) -> Exchanged:
    """The questionnaire in a file; what kind of file it is is judged by its content.

    :param name: what the file is called: the title where the file has none.
    :raises Invalid: it cannot be read, or holds no questionnaire.
    """
    stem = clean_line(name.rpartition(".")[0] or name)
    found = _from_workbook(content, stem) if content.startswith(ZIP) else _from_json(content, stem)
    problems = [Problem(words, FIELD) for words in problems_of(found.definition)]
    if problems:
        raise Invalid(problems)
    return found


def uploaded(actor: Actor, files: FileSet, now: dt.datetime) -> tuple[bytes, str]:
    """The content and the name of the file that the actor sent with a form.

    :raises Invalid: it has waited too long.
    """
    found = waiting_uploads(actor, files.added, now)
    if not found:
        raise _refused(upload_gone())
    with file_store().open(found[0].path) as handle:
        return handle.read(), found[0].name


def create_draft(actor: Actor, exchanged: Exchanged, now: dt.datetime) -> Questionnaire:
    """A new draft of the actor's own, as the file has it.

    :raises Forbidden: not a bureau admin. :raises Invalid: its theme is wrong, or it is too large.
    """
    questionnaire = create_questionnaire(actor, exchanged.theme, now)
    version = questionnaire.version
    return drafts.save(actor, questionnaire.id, version, exchanged.definition, IMPORTED, now)


def find_visible(actor: Actor, key: object, now: dt.datetime) -> Questionnaire:
    """A questionnaire to export: any in sight.

    :raises NotFound: there is none.
    """
    found: Questionnaire = scope.find(Questionnaire, key, actor, local_date(now))
    return found


def json_of(questionnaire: Questionnaire) -> bytes:
    """A questionnaire as the document that ``data/questionnaire.schema.json`` describes."""
    text = json.dumps(envelope_of(questionnaire), ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace") + b"\n"


def envelope_of(questionnaire: Questionnaire) -> dict[str, Any]:
    """Title, introduction and the like, with the definition among them."""
    written = {
        "kind": KIND,
        "format": FORMAT,
        "title": questionnaire.title,
        "introduction": questionnaire.introduction,
        "thanks": questionnaire.thanks,
        "frequency": questionnaire.frequency,
        "placement": questionnaire.placement,
        "anonymous": questionnaire.anonymous,
        "definition": document_of(drafts.definition_of(questionnaire)),
    }
    return {name: value for name, value in written.items() if value != ""}


def xlsform_of(questionnaire: Questionnaire) -> tuple[bytes, tuple[Loss, ...]]:
    """A questionnaire as a workbook, and what other programs will not do as this one does."""
    content, written = workbook_of(drafts.definition_of(questionnaire), _settings_of(questionnaire))
    return content, written.notes


def notes_on(questionnaire: Questionnaire) -> tuple[Loss, ...]:
    """What other programs will not do as this one does with the XLSForm of a questionnaire."""
    return form_of(drafts.definition_of(questionnaire), _settings_of(questionnaire)).notes


def _settings_of(questionnaire: Questionnaire) -> dict[str, str]:
    return {
        "form_title": questionnaire.title,
        "form_id": f"questionnaire_{questionnaire.series_id or questionnaire.id}",
        "version": str(questionnaire.revision),
        **{f"{_OWN}{name}": getattr(questionnaire, name) for name in _THEME_TEXTS},
        f"{_OWN}anonymous": "yes" if questionnaire.anonymous else "",
    }


_OWN = "platform_"
_THEME_TEXTS = ("introduction", "thanks", "frequency", "placement")
_SETTINGS = frozenset(
    {
        *("form_title", "form_id", "version", "default_language", "style"),
        *(f"{_OWN}{name}" for name in (*_THEME_TEXTS, "anonymous", "languages", "numbered")),
    }
)


def _from_workbook(content: bytes, stem: str) -> Exchanged:
    form, read = read_workbook(content)
    losses = list(read.losses)
    theme = Theme(
        title=_title(form.setting("form_title") or stem, losses),
        introduction=_long(form.setting(f"{_OWN}introduction")),
        thanks=_long(form.setting(f"{_OWN}thanks")),
        frequency=_known(form.setting(f"{_OWN}frequency"), FREQUENCIES, "once"),
        placement=_known(form.setting(f"{_OWN}placement"), PLACEMENTS, "required"),
        anonymous=form.setting(f"{_OWN}anonymous") == "yes",
    )
    return Exchanged(theme, read.definition, (*losses, *_unread_settings(form)))


def _unread_settings(form: Form) -> list[Loss]:
    words = Message("This setting is not carried over.")
    return [
        row.lost(words, column)
        for row in form.settings[:1]
        for column in row.values
        if column not in _SETTINGS
    ]


def _title(text: str, losses: list[Loss]) -> str:
    line = clean_line(text)
    if len(line) <= TITLE_LENGTH:
        return line or "—"
    words = Message("The title was longer than {most} characters and was cut.", most=TITLE_LENGTH)
    losses.append(Loss(words, SETTINGS, 2, "form_title", line[:200]))
    return line[: TITLE_LENGTH - 1] + "…"


def _long(text: str) -> str:
    return clean_text(text)[:LONGEST_TEXT]


def _known(text: str, known: Mapping[str, object], usual: str) -> str:
    return text if text in known else usual


def _from_json(content: bytes, stem: str) -> Exchanged:
    if len(content) > LONGEST_JSON:
        raise _refused(Message("The file is larger than {limit}.", limit="4 MB"))
    text = decoded(content)
    if text is None or not text.lstrip().startswith("{"):
        raise _refused(Message("This is neither an XLSForm workbook (.xlsx) nor a questionnaire in JSON."))
    try:
        return _from_document(json.loads(text), stem)
    except json.JSONDecodeError as fault:
        words = Message(
            "This is no JSON: look at line {line}, column {column}.", line=fault.lineno, column=fault.colno
        )
        raise _refused(words) from None
    except (RecursionError, ValueError) as fault:
        if isinstance(fault, DocumentError):
            words = Message("{place}: {fault}", place=fault.place or "/", fault=fault.fault)
            raise _refused(words) from None
        raise _refused(Message("This JSON holds numbers or levels that no questionnaire has.")) from None


def _from_document(document: object, stem: str) -> Exchanged:
    part = Part(document, "")
    if part.take("kind", str) != KIND:
        raise DocumentError("kind", Message("must be {value}", value=KIND))
    if part.take("format", int) != FORMAT:
        raise DocumentError("format", Message("must be {value}", value=FORMAT))
    theme = Theme(
        title=clean_line(part.take("title", str)) or stem,
        introduction=clean_text(part.take("introduction", str, default="")),
        thanks=clean_text(part.take("thanks", str, default="")),
        frequency=_choice(part, "frequency", FREQUENCIES, "once"),
        placement=_choice(part, "placement", PLACEMENTS, "required"),
        anonymous=part.take("anonymous", bool, default=False),
    )
    try:
        definition = definition_of(part.take("definition", dict))
    except DocumentError as fault:
        raise DocumentError(f"definition.{fault.place}".rstrip("."), fault.fault) from None
    part.end()
    return Exchanged(theme, definition)


def _choice(part: Part, name: str, known: Mapping[str, object], usual: str) -> str:
    value = part.take(name, str, default=usual)
    if value not in known:
        raise DocumentError(part.at(name), Message("must be one of {values}", values=", ".join(known)))
    return value


def _refused(message: Message) -> Invalid:
    return Invalid([Problem(message, FIELD)], message)
