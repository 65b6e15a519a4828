"""What the builder's pages show: the frame of the six steps, the outline, the question in view."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.infra.display import in_words
from app.infra.i18n import say
from app.kernel.clock import SHANGHAI
from app.kernel.texts import Message
from app.questionnaires import drafts, edits
from app.questionnaires.definition import MATRICES, Definition, Match, Question, QuestionKind
from app.questionnaires.kind_words import CHECKS, CHECKS_OF_KIND, KIND_LOOKS, KINDS, MATCHES, PATTERNS
from app.questionnaires.lifecycle import FOREIGN
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from app.questionnaires.workflow import STATE_MARKS, STATES

THEME, ENABLE = "theme", "enable"
STEP_NAMES = {
    THEME: Message("Theme"),
    "questions": Message("Questions of the questionnaire"),
    "logic": Message("Branching logic"),
    "checks": Message("Data checks"),
    "layout": Message("Layout"),
    ENABLE: Message("Enabling"),
}
"""The six steps under their original names, 主题定义 to 问卷启用."""

LOCKED = Message("This questionnaire is enabled: it can be read, and never changed again.")


def frame(questionnaire: Questionnaire, step: str, *, can_change: bool) -> dict[str, Any]:
    """What ``questionnaires/builder.html`` needs: title, state, saved time, steps, undo and redo.

    :param step: one of ``STEP_NAMES``.
    :param can_change: whether whoever looks may change it while it is a draft.
    """
    before, after = drafts.beside(questionnaire) if questionnaire.is_draft else (None, None)
    saved = questionnaire.updated_at.astimezone(SHANGHAI)
    return {
        "questionnaire": questionnaire,
        "state": {"label": say(STATES[questionnaire.state]), "mark": STATE_MARKS[questionnaire.state]},
        "saved": {"time": f"{saved:%H:%M}", "full": in_words(questionnaire.updated_at)},
        "steps": [_step(questionnaire, code, step) for code in STEP_NAMES],
        "step": step,
        "undo": _edit_words(before),
        "redo": _edit_words(after),
        "locked": _locked(questionnaire, can_change=can_change),
        "links": {
            "preview": url_for("QuestionnaireBuilderView.preview", pk=questionnaire.id),
            "copy": url_for("QuestionnaireView.copy", pk=questionnaire.id),
            "enable": step_url(questionnaire, ENABLE) if questionnaire.is_draft and can_change else "",
        },
    }


def _locked(questionnaire: Questionnaire, *, can_change: bool) -> str:
    if not questionnaire.is_draft:
        return say(LOCKED)
    return "" if can_change else say(FOREIGN)


def step_url(questionnaire: Questionnaire, step: str) -> str:
    """Where a step of the builder is."""
    if step in {THEME, ENABLE}:
        return url_for(f"QuestionnaireView.{step}", pk=questionnaire.id)
    return url_for("QuestionnaireBuilderView.step", pk=questionnaire.id, step=step)


def outline(definition: Definition, at: str, language: str) -> list[dict[str, Any]]:
    """The questions as the outline lists them."""
    labels = definition.labels
    return [
        {
            "code": question.code,
            "label": labels.get(question.code, ""),
            "text": question.text.in_language(language),
            "note": kind_note(question),
            "required": question.required and question.is_answered,
            "on": question.code == at,
        }
        for question in definition
    ]


def kind_note(question: Question) -> str:
    """The kind of a question and whether it must be answered, such as 单选题，必答."""
    kind = say(KINDS[question.kind])
    if not question.is_answered:
        return kind
    return say(Message("{kind}, required", kind=kind) if question.required else kind)


def question_view(definition: Definition, question: Question | None, language: str) -> dict[str, Any]:
    """The question in view with the words of its kind; empty where there is none."""
    if question is None:
        return {}
    labels = definition.labels
    return {
        "question": question,
        "label": labels.get(question.code, question.code),
        "kind": say(KINDS[question.kind]),
        "note": kind_note(question),
        "referring": [labels.get(code, code) for code in edits.referring(definition, question.code)],
        "offered_checks": [(kind.value, say(CHECKS[kind])) for kind in CHECKS_OF_KIND[question.kind]],
        "check_words": {kind.value: say(words) for kind, words in CHECKS.items()},
        "patterns": [(pattern.value, say(words)) for pattern, words in PATTERNS.items()],
        "matches": [(match.value, say(words)) for match, words in MATCHES.items()],
        "targets": targets(definition, question, language),
        "by_option": edits.jumps_by_option(question),
        **_branches(question),
    }


def _branches(question: Question) -> dict[str, Any]:
    """Jumps one by one with an empty one behind them, and where all other answers go."""
    jumps = list(question.jumps)
    otherwise = "next"
    if jumps and jumps[-1].match is Match.NONE and not jumps[-1].options:
        otherwise = jumps.pop().target or "end"
    rows = [
        {"match": jump.match.value, "options": jump.options, "target": jump.target or "end", "new": False}
        for jump in jumps
    ]
    empty = {"match": Match.ANY.value, "options": (), "target": "next", "new": True}
    return {"jump_rows": [*rows, empty], "otherwise": otherwise}


def targets(definition: Definition, question: Question, language: str) -> list[tuple[str, str]]:
    """Where a jump after a question may go: the questions behind it, and the end."""
    labels = definition.labels
    codes = [one.code for one in definition]
    at = codes.index(question.code) if question.code in codes else len(codes)
    found = [
        (
            one.code,
            " ".join((labels.get(one.code, say(KINDS[one.kind])), one.text.in_language(language))),
        )
        for one in definition.questions[at + 1 :]
    ]
    known = {code for code, _words in found}
    gone = dict.fromkeys(jump.target for jump in question.jumps if jump.target and jump.target not in known)
    lost = [
        (code, say(Message("{code}, which cannot be gone to", code=labels.get(code, code)))) for code in gone
    ]
    return [*found, ("end", say(Message("End of the questionnaire"))), *lost]


def expression_names(
    definition: Definition, question: Question | None, language: str
) -> list[tuple[str, str, str]]:
    """The names that expressions at a question may use: (name, label, what it holds)."""
    if question is None or definition.find(question.code) is None:
        return []
    labels = definition.labels
    return [
        (name, labels[one.code], words)
        for one in definition.questions[: definition.place(question.code) + 1]
        if one.is_answered
        for name, words in _names_of(one, language)
    ]


def _names_of(question: Question, language: str) -> list[tuple[str, str]]:
    if question.kind in MATRICES:
        column = f".{question.columns[0].code}" if question.columns else ""
        filled = column if question.kind is QuestionKind.MATRIX_FILL else ""
        return [
            (f"{question.code}.{row.code}{filled}", row.text.in_language(language)) for row in question.rows
        ]
    options = (f'"{option.code}" {option.text.in_language(language)}' for option in question.options)
    return [(question.code, ", ".join(options) or question.text.in_language(language))]


def kinds() -> list[dict[str, str]]:
    """The kinds of questions that can be added."""
    return [
        {"code": kind.value, "label": say(look.words), "icon": look.icon} for kind, look in KIND_LOOKS.items()
    ]


def _step(questionnaire: Questionnaire, code: str, current: str) -> dict[str, Any]:
    codes = list(STEP_NAMES)
    state = "on" if code == current else "todo"
    if code != current and (codes.index(code) < codes.index(current) or not questionnaire.is_draft):
        state = "ok"
    return {
        "code": code,
        "label": say(STEP_NAMES[code]),
        "url": step_url(questionnaire, code),
        "state": state,
    }


def _edit_words(edit: QuestionnaireEdit | None) -> str:
    return "" if edit is None else say(drafts.label_of(edit))
