"""The definition of a draft as it is edited: every change kept as an edit, to go back to and forth.

The questionnaire points to the edit that holds. Undoing moves the pointer; a change after that cuts off
what was undone. Numbers of edits are never given twice, so that whoever says which edit a page showed
has said what it showed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import delete, func, select

from app.infra import audit, scope
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.transactions import CHANGED_MEANWHILE
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Conflict, Invalid, NotFound, Overtaken, Problem
from app.kernel.texts import LANGUAGES, LocalText, Message
from app.questionnaires import frozen
from app.questionnaires.definition import Definition
from app.questionnaires.documents import text_of
from app.questionnaires.edits import MOST_QUESTIONS, highest_code
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from app.questionnaires.scope import managed_questionnaires

KEPT_EDITS = 200
"""Edits of a draft that can be gone back to."""
LONGEST_DEFINITION = 1_000_000
"""Characters of a definition; what is longer would make every page of it slow."""

NEVER_CHANGES = Message("An enabled questionnaire never changes. Revise it, or copy it to a new one.")
STARTED = Message("Questionnaire begun")

Change = Callable[[Definition, str], Definition]
"""A definition and a code that no question of it ever had → the definition changed."""
Part = Callable[[Definition], object]


class EditConflict(Overtaken):
    """Somebody else changed the same part of a draft since the page showed it; nothing was kept.

    ``edit`` is the number of the edit that holds now: who saves again on top of it has seen this.
    """

    def __init__(self, message: Message, edit: int) -> None:
        super().__init__(message)
        self.edit = edit
        self.details = {"edit": edit}


def definition_of(questionnaire: Questionnaire) -> Definition:
    """What a questionnaire asks now."""
    return frozen.definition(questionnaire)


def start(questionnaire: Questionnaire, definition: Definition, actor: Actor, now: dt.datetime) -> None:
    """Give a new questionnaire its first edit."""
    questionnaire.edit_number = 1
    questionnaire.last_code = highest_code(definition)
    db.session.flush()
    _add(questionnaire, 1, definition, STARTED, actor, now)


def save(
    actor: Actor, key: object, version: int, definition: Definition, label: Message, now: dt.datetime
) -> Questionnaire:
    """Put another definition in the place of a draft's, as an import does.

    :raises NotFound: the questionnaire is not the actor's to change.
    :raises Conflict: it is enabled.
    :raises Overtaken: it was changed since ``version``.
    """
    questionnaire = draft_for_change(actor, key, now)
    if questionnaire.version != version:
        raise Overtaken(CHANGED_MEANWHILE)
    _keep(questionnaire, definition, label, actor, now)
    return questionnaire


def change(
    actor: Actor, key: object, seen: int, make: Change, part: Part, label: Message, now: dt.datetime
) -> Questionnaire:
    """Change a part of a draft; what others changed elsewhere meanwhile stays.

    :param seen: number of the edit that the page showed.
    :param make: gives the changed definition.
    :param part: what of a definition is changed: equal in the edit seen and the one that holds, or refused.
    :raises EditConflict: somebody else changed that part since.
    :raises NotFound: there is no such part, and was none in the edit seen.
    """
    questionnaire = draft_for_change(actor, key, now)
    current = definition_of(questionnaire)
    if seen != questionnaire.edit_number:
        before = _definition_at(questionnaire, seen)
        if before is None or part(before) != part(current):
            raise conflict_of(questionnaire)
    try:
        changed = make(current, next_code(questionnaire, current))
    except KeyError:
        raise NotFound from None
    if changed != current:
        _keep(questionnaire, changed, label, actor, now)
    return questionnaire


def next_code(questionnaire: Questionnaire, definition: Definition) -> str:
    """A code for a new question that no question of this questionnaire ever had."""
    return f"q{max(questionnaire.last_code, highest_code(definition)) + 1}"


def undo(actor: Actor, key: object, seen: int, now: dt.datetime) -> Questionnaire:
    """Go back to the edit before, on whichever device it was made.

    :raises EditConflict: another edit holds than the page showed.
    :raises Conflict: there is none before.
    """
    return _go(actor, key, seen, now, back=True)


def redo(actor: Actor, key: object, seen: int, now: dt.datetime) -> Questionnaire:
    """Take the edit again that was undone last.

    :raises EditConflict: another edit holds than the page showed.
    :raises Conflict: nothing was undone.
    """
    return _go(actor, key, seen, now, back=False)


def beside(questionnaire: Questionnaire) -> tuple[QuestionnaireEdit | None, QuestionnaireEdit | None]:
    """The edit that undoing takes back, and the one that redoing takes again; None where there is none."""
    before, after = _neighbour(questionnaire, back=True), _neighbour(questionnaire, back=False)
    return (questionnaire.edit if before is not None else None), after


def label_of(edit: QuestionnaireEdit) -> LocalText:
    """What an edit changed, in words."""
    return LocalText(edit.label["zh"], edit.label["en"])


def draft_for_change(actor: Actor, key: object, now: dt.datetime) -> Questionnaire:
    """The draft, locked.

    :raises NotFound: there is none, or it is not the actor's to change.
    :raises Conflict: it is enabled.
    """
    today = now.astimezone(SHANGHAI).date()
    questionnaire: Questionnaire = scope.find(Questionnaire, key, actor, today, lock=True)
    managed = select(Questionnaire.id).where(
        Questionnaire.id == questionnaire.id, managed_questionnaires(actor, today)
    )
    if db.session.scalar(managed) is None:
        raise NotFound
    if not questionnaire.is_draft:
        raise Conflict(NEVER_CHANGES)
    return questionnaire


def conflict_of(questionnaire: Questionnaire) -> EditConflict:
    """The refusal that tells who changed a draft last, and when."""
    last = audit.last_change(questionnaire)
    name, at = last if last is not None else ("", questionnaire.updated_at)
    when = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    words = Message(
        "{name} changed this at {when}. Nothing of yours is lost: it stands on this page. "
        "Save it again to put it in the place of theirs, or reload the page to take theirs.",
        name=name,
        when=when,
    )
    return EditConflict(words, questionnaire.edit_number)


def _go(actor: Actor, key: object, seen: int, now: dt.datetime, *, back: bool) -> Questionnaire:
    questionnaire = draft_for_change(actor, key, now)
    if seen != questionnaire.edit_number:
        raise conflict_of(questionnaire)
    found = _neighbour(questionnaire, back=back)
    if found is None:
        raise Conflict(Message("There is nothing to undo.") if back else Message("There is nothing to redo."))
    _point(questionnaire, found.number, now)
    return questionnaire


def _neighbour(questionnaire: Questionnaire, *, back: bool) -> QuestionnaireEdit | None:
    number = QuestionnaireEdit.number
    query = select(QuestionnaireEdit).where(QuestionnaireEdit.questionnaire_id == questionnaire.id)
    if back:
        query = query.where(number < questionnaire.edit_number).order_by(number.desc())
    else:
        query = query.where(number > questionnaire.edit_number).order_by(number)
    return db.session.scalars(query.limit(1)).one_or_none()


def _definition_at(questionnaire: Questionnaire, number: int) -> Definition | None:
    text = db.session.scalar(
        select(QuestionnaireEdit.definition).where(
            QuestionnaireEdit.questionnaire_id == questionnaire.id, QuestionnaireEdit.number == number
        )
    )
    return None if text is None else frozen.parsed(text)


def _keep(
    questionnaire: Questionnaire, definition: Definition, label: Message, actor: Actor, now: dt.datetime
) -> None:
    """A new edit that holds; what was undone before it is gone, and so are those of long ago."""
    _refuse_too_much(definition)
    of_it = QuestionnaireEdit.questionnaire_id == questionnaire.id
    number = int(db.session.scalar(select(func.max(QuestionnaireEdit.number)).where(of_it)) or 0) + 1
    undone = delete(QuestionnaireEdit).where(of_it, QuestionnaireEdit.number > questionnaire.edit_number)
    db.session.execute(undone.execution_options(synchronize_session=False))
    _add(questionnaire, number, definition, label, actor, now)
    questionnaire.last_code = max(questionnaire.last_code, highest_code(definition))
    _point(questionnaire, number, now)
    kept = (
        select(QuestionnaireEdit.number)
        .where(of_it)
        .order_by(QuestionnaireEdit.number.desc())
        .offset(KEPT_EDITS - 1)
        .limit(1)
    )
    oldest = db.session.scalar(kept)
    if oldest is not None:
        old = delete(QuestionnaireEdit).where(of_it, QuestionnaireEdit.number < oldest)
        db.session.execute(old.execution_options(synchronize_session=False))


def _add(
    questionnaire: Questionnaire,
    number: int,
    definition: Definition,
    label: Message,
    actor: Actor,
    now: dt.datetime,
) -> None:
    edit = QuestionnaireEdit(
        questionnaire_id=questionnaire.id,
        number=number,
        label={language: say_in(label, language) for language in LANGUAGES},
        definition=text_of(definition),
        at=now,
        account_id=actor.account_id,
    )
    db.session.add(edit)
    db.session.flush()


def _point(questionnaire: Questionnaire, number: int, now: dt.datetime) -> None:
    questionnaire.edit_number = number
    questionnaire.updated_at = now
    db.session.flush()
    db.session.expire(questionnaire, ["edit", "edits"])


def _refuse_too_much(definition: Definition) -> None:
    if len(definition.questions) > MOST_QUESTIONS:
        most = Message("A questionnaire has at most {most} questions.", most=MOST_QUESTIONS)
        raise Invalid([Problem(most)])
    if len(text_of(definition)) > LONGEST_DEFINITION:
        raise Invalid([Problem(Message("This questionnaire is too long to be kept: shorten its texts."))])
