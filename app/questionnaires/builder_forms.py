"""What is typed into the builder's forms, as parts of a question: pure, and never refusing half.

A form always gives a question: what cannot be taken stands in the problems, and the question keeps what
it had there. Fields that a form does not have, such as those of another language, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from app.kernel.errors import Problem
from app.kernel.numbers import NumberFormatError, parse_number
from app.kernel.texts import Message
from app.questionnaires.cleaning import clean_text
from app.questionnaires.definition import (
    CHOICES,
    Check,
    CheckKind,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Pattern,
    Question,
    Wording,
)
from app.questionnaires.edits import MOST_PARTS, option_jumps, pasted, with_lines, with_options

LONGEST_WORDING = 4000
"""Characters of the text of a question, its hint, an option or a message."""
LONGEST_EXPRESSION = 2000
LEAST_SCALE, MOST_SCALE = 2, 10
"""Steps of a rating."""
MOST_PER_ROW = 6
"""Options beside each other."""

LINE_PREFIXES = {"rows": "r", "columns": "c"}


Form = MultiDict[str, str]
"""Fields of a request by name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as a form has it, and what of the form cannot be taken."""

    question: Question
    problems: tuple[Problem, ...] = ()


def read_question(definition: Definition, question: Question, form: Form) -> Reading:
    """Step 问题定义: texts, whether it is required, options, rows, columns, scale and unit."""
    problems: list[Problem] = []
    first = definition.languages[0]
    options = tuple(_option(option, form, problems) for option in _ordered(question.options, form, "options"))
    changed = replace(question, options=options)
    added = _added(form, "new_options", len(options), problems)
    for name, prefix in LINE_PREFIXES.items():
        lines = tuple(
            _line(line, form, name, problems) for line in _ordered(getattr(question, name), form, name)
        )
        texts = _added(form, f"new_{name}", len(lines), problems)
        changed = replace(changed, **{name: with_lines(lines, prefix, texts, first)})  # type: ignore[arg-type]
    changed = replace(
        changed,
        text=_wording(question.text, form, "text", problems),
        hint=_wording(question.hint, form, "hint", problems),
        unit=_wording(question.unit, form, "unit", problems),
        required=_flag(form, "required", default=question.required),
        scale=_whole(form, "scale", question.scale, LEAST_SCALE, MOST_SCALE, problems),
        options=with_options(definition, changed, added, first),
    )
    return Reading(changed, tuple(problems))


def read_logic(definition: Definition, question: Question, form: Form) -> Reading:
    """Step 逻辑分支定义: jumps and the conditions under which a question or an option is shown.

    A form either has a target for each option (fields ``target.<option>``), or jumps one by one; a jump
    whose target is still open goes on to the next question.
    """
    problems: list[Problem] = []
    options = tuple(
        replace(option, show_if=_expression(form, f"option.{option.code}.show_if", option.show_if, problems))
        for option in question.options
    )
    changed = replace(
        question,
        options=options,
        show_if=_expression(form, "show_if", question.show_if, problems),
        jumps=_jumps(definition, question, form),
    )
    return Reading(changed, tuple(problems))


def read_checks(question: Question, form: Form) -> Reading:
    """Step 数据校验定义: the checks of a question, one after the other."""
    problems: list[Problem] = []
    checks = tuple(
        _check(form, f"check.{number}", check, problems) for number, check in enumerate(question.checks, 1)
    )
    return Reading(replace(question, checks=checks), tuple(problems))


def read_layout(definition: Definition, form: Form) -> tuple[Definition, tuple[Problem, ...]]:
    """Step 布局定义: options beside each other, page breaks, numbering, and the languages."""
    problems: list[Problem] = []
    questions = tuple(
        replace(
            question,
            per_row=_whole(form, f"per_row.{question.code}", question.per_row, 1, MOST_PER_ROW, problems),
            page_break=_flag(form, f"page_break.{question.code}", default=question.page_break),
        )
        for question in definition
    )
    languages = definition.languages
    if "has.english" in form:
        others = tuple(language for language in languages if language != "en")
        languages = (*others, "en") if form.get("english") or not others else others
    numbered = _flag(form, "numbered", default=definition.numbered)
    return Definition(questions, languages, numbered), tuple(problems)


def _ordered(parts: Sequence[Any], form: Form, name: str) -> list[Any]:
    """The parts that a form still has, in its order; all of them where the form does not list them."""
    if f"has.{name}" not in form:
        return list(parts)
    by_code = {part.code: part for part in parts}
    return [by_code[code] for code in dict.fromkeys(form.getlist(name)) if code in by_code]


def _option(option: Option, form: Form, problems: list[Problem]) -> Option:
    name = f"option.{option.code}"
    return replace(
        option,
        text=_wording(option.text, form, f"{name}.text", problems),
        other=_flag(form, f"{name}.other", default=option.other),
        exclusive=_flag(form, f"{name}.exclusive", default=option.exclusive),
    )


def _line(line: Line, form: Form, name: str, problems: list[Problem]) -> Line:
    field = f"{name}.{line.code}"
    text = _wording(line.text, form, f"{field}.text", problems)
    return replace(line, text=text, numeric=_flag(form, f"{field}.numeric", default=line.numeric))


def _added(form: Form, name: str, already: int, problems: list[Problem]) -> tuple[str, ...]:
    texts = pasted(form.get(name, ""))
    if len(texts) + already > MOST_PARTS:
        problems.append(Problem(Message("At most {most} are possible here.", most=MOST_PARTS), name))
        return ()
    if any(len(text) > LONGEST_WORDING for text in texts):
        problems.append(Problem(_too_long(LONGEST_WORDING), name))
        return ()
    return texts


def _wording(wording: Wording, form: Form, name: str, problems: list[Problem]) -> Wording:
    texts = dict(wording.texts)
    for field in _fields(form, f"{name}."):
        text = clean_text(form.get(f"{name}.{field}", ""))
        if len(text) > LONGEST_WORDING:
            problems.append(Problem(_too_long(LONGEST_WORDING), f"{name}.{field}"))
            continue
        texts[field] = text
    return Wording(texts)


def _fields(form: Form, prefix: str) -> list[str]:
    """The languages in which a form has a text."""
    return [language for language in form.getlist("languages") if f"{prefix}{language}" in form]


def _flag(form: Form, name: str, *, default: bool) -> bool:
    """A tick box: ``has.<name>`` says that the form has it, as an empty box is not sent."""
    return name in form if f"has.{name}" in form else default


def _whole(form: Form, name: str, default: int, least: int, most: int, problems: list[Problem]) -> int:
    if name not in form:
        return default
    text = form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text[:6]) <= most:
        words = Message("Enter a whole number from {least} to {most}.", least=least, most=most)
        problems.append(Problem(words, name))
        return default
    return int(text)


def _expression(form: Form, name: str, default: str, problems: list[Problem]) -> str:
    if name not in form:
        return default
    text: str = form.get(name, "").strip()
    if len(text) > LONGEST_EXPRESSION:
        problems.append(Problem(_too_long(LONGEST_EXPRESSION), name))
        return default
    return text


def _jumps(definition: Definition, question: Question, form: Form) -> tuple[Jump, ...]:
    """Unknown options are left out; targets are kept as they come, for the checker to judge."""
    if question.kind not in CHOICES or "has.jumps" not in form:
        return _always(form) if "has.jumps" in form else question.jumps
    codes = [option.code for option in question.options]
    if form.get("has.jumps") == "options":
        targets = {code: form.get(f"target.{code}", "next") for code in codes}
        return option_jumps(_taken({**targets, "": form.get("target", "next")}))
    jumps = []
    for number in form.getlist("jump"):
        name = f"jump.{number}"
        target = form.get(f"{name}.target", "next")
        chosen = tuple(code for code in form.getlist(f"{name}.options") if code in codes)
        match = form.get(f"{name}.match", "")
        if match in set(Match) and (target != "next" or chosen):
            jumps.append(Jump(Match(match), chosen, _target(definition, question, target)))
    return (*jumps, *_always(form))


def _target(definition: Definition, question: Question, target: str) -> str:
    if target != "next":
        return "" if target == "end" else target
    following = definition.questions[definition.place(question.code) + 1 :]
    return following[0].code if following else ""


def _always(form: Form) -> tuple[Jump, ...]:
    return option_jumps(_taken({"": form.get("target", "next")}))


def _taken(targets: Mapping[str, str]) -> dict[str, str]:
    """Targets without those that are simply the next question; ``end`` is the end."""
    return {
        option: "" if target == "end" else target for option, target in targets.items() if target != "next"
    }


def _check(form: Form, name: str, check: Check, problems: list[Problem]) -> Check:
    if f"has.{name}" not in form:
        return check
    pattern = form.get(f"{name}.pattern", check.pattern)
    return Check(
        check.kind,
        _number(form, f"{name}.least", check, check.least, problems),
        _number(form, f"{name}.most", check, check.most, problems),
        pattern if pattern in set(Pattern) or not pattern else check.pattern,
        _expression(form, f"{name}.expression", check.expression, problems),
        _wording(check.message, form, f"{name}.message", problems),
    )


def _number(
    form: Form, name: str, check: Check, default: Decimal | None, problems: list[Problem]
) -> Decimal | None:
    if name not in form:
        return default
    try:
        number = parse_number(form.get(name, ""))
    except NumberFormatError as fault:
        problems.append(Problem(fault.message, name))
        return default
    counts = check.kind in {CheckKind.LENGTH, CheckKind.CHOICES}
    if number is not None and counts and (number < 0 or number != number.to_integral_value()):
        problems.append(Problem(Message("Enter a whole number of at least 0."), name))
        return default
    return number


def _too_long(most: int) -> Message:
    return Message("Enter at most {count} characters.", count=most)
