"""Whether the checks of a question can be met: bounds that cross, shapes that contradict, unfit kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.kernel.texts import Message
from app.questionnaires.checks import FITTING
from app.questionnaires.cleaning import LONGEST_LINE, LONGEST_TEXT
from app.questionnaires.definition import CheckKind, Definition, Pattern, Question, QuestionKind
from app.questionnaires.findings import Finding, error, label_of
from app.questionnaires.values import LARGEST

_BOUNDED = frozenset({CheckKind.RANGE, CheckKind.LENGTH, CheckKind.CHOICES})
_LENGTHS: Mapping[str, tuple[int, int]] = {
    Pattern.MOBILE: (11, 11),
    Pattern.CREDIT_CODE: (18, 18),
    Pattern.DATE: (10, 10),
    Pattern.EMAIL: (6, 120),
}
"""Characters of a text of each shape, as it is kept."""

CHECK_WORDS = {
    CheckKind.RANGE: Message("the range"),
    CheckKind.INTEGER: Message("whole numbers"),
    CheckKind.LENGTH: Message("the length"),
    CheckKind.PATTERN: Message("the pattern"),
    CheckKind.CHOICES: Message("the number of choices"),
    CheckKind.ROWS: Message("every row"),
    CheckKind.DISTINCT: Message("different columns"),
    CheckKind.EXPRESSION: Message("the expression"),
}
"""What readers call a check."""


def check_findings(definition: Definition, question: Question) -> Iterator[Finding]:
    """What keeps answers from ever meeting the checks of a question."""
    label = label_of(definition, question)
    for check in question.checks:
        if question.kind not in FITTING[check.kind]:
            yield error(
                question,
                Message(
                    "{question}: {check} cannot be checked in a question of this kind.",
                    question=label,
                    check=CHECK_WORDS[check.kind],
                ),
                Message("Delete the check."),
            )
        elif check.kind in _BOUNDED and check.least is None and check.most is None:
            yield error(
                question,
                Message("{question}: {check} has no limit.", question=label, check=CHECK_WORDS[check.kind]),
                Message("Enter a least or a most, or delete the check."),
            )
    for kind in sorted(_BOUNDED):
        if question.kind in FITTING[kind] and _has(question, kind):
            yield from _bound_findings(question, label, kind)
    yield from _pattern_findings(question, label)
    if (
        _has(question, CheckKind.DISTINCT)
        and _has(question, CheckKind.ROWS)
        and len(question.rows) > len(question.columns)
    ):
        yield error(
            question,
            Message(
                "{question}: there are more rows than columns, so not every row can have another one.",
                question=label,
            ),
            Message("Delete one of the two checks, or add columns."),
        )


def _has(question: Question, kind: CheckKind) -> bool:
    return any(check.kind is kind for check in question.checks)


def _bounds(question: Question, kind: CheckKind) -> tuple[Decimal | None, Decimal | None]:
    """What all checks of one kind allow together."""
    checks = [check for check in question.checks if check.kind is kind]
    least = max((check.least for check in checks if check.least is not None), default=None)
    most = min((check.most for check in checks if check.most is not None), default=None)
    return least, most


def _allowed(question: Question, kind: CheckKind) -> tuple[Decimal, Decimal]:
    """What the kind of the question allows by itself."""
    if kind is CheckKind.LENGTH:
        return Decimal(1), Decimal(LONGEST_TEXT if question.kind is QuestionKind.TEXT else LONGEST_LINE)
    if kind is CheckKind.CHOICES:
        is_matrix = question.kind is QuestionKind.MATRIX_MULTIPLE
        several = [option for option in question.options if not option.exclusive]
        return Decimal(1), Decimal(len(question.columns) if is_matrix else len(several))
    if question.kind is QuestionKind.RATING:
        return Decimal(1), Decimal(question.scale)
    return -LARGEST, LARGEST


def _bound_findings(question: Question, label: str, kind: CheckKind) -> Iterator[Finding]:
    least, most = _bounds(question, kind)
    lowest, highest = _allowed(question, kind)
    words = CHECK_WORDS[kind]
    if least is not None and most is not None and least > most:
        yield error(
            question,
            Message("{question}: {check} has a least above its most.", question=label, check=words),
            Message("Exchange or change the limits."),
        )
        return
    if (least is not None and least > highest) or (most is not None and most < lowest):
        yield error(
            question,
            Message(
                "{question}: {check} can never be met: only {lowest} to {highest} are possible.",
                question=label,
                check=words,
                lowest=lowest,
                highest=highest,
            ),
            Message("Change the limits."),
        )
        return
    whole = (
        kind is not CheckKind.RANGE
        or _has(question, CheckKind.INTEGER)
        or question.kind is QuestionKind.RATING
    )
    if whole and not _has_whole_number(least, most):
        yield error(
            question,
            Message("{question}: no whole number lies within {check}.", question=label, check=words),
            Message("Change the limits."),
        )


def _has_whole_number(least: Decimal | None, most: Decimal | None) -> bool:
    if least is None or most is None:
        return True
    return least.to_integral_value(ROUND_CEILING) <= most.to_integral_value(ROUND_FLOOR)


def _pattern_findings(question: Question, label: str) -> Iterator[Finding]:
    patterns = list(
        dict.fromkeys(check.pattern for check in question.checks if check.kind is CheckKind.PATTERN)
    )
    for pattern in patterns:
        if pattern not in list(Pattern):
            yield error(
                question,
                Message("{question}: no pattern is chosen.", question=label),
                Message("Choose mobile number, e-mail, credit code or date."),
            )
    if len(patterns) > 1:
        yield error(
            question,
            Message("{question}: no text has two patterns at once.", question=label),
            Message("Keep one pattern."),
        )
    least, most = _bounds(question, CheckKind.LENGTH)
    for pattern in patterns:
        fewest, longest = _LENGTHS.get(pattern, (0, LONGEST_LINE))
        if (least is not None and least > longest) or (most is not None and most < fewest):
            yield error(
                question,
                Message(
                    "{question}: no text of this pattern has the length that is asked for.", question=label
                ),
                Message("Delete the check of the length."),
            )
