"""Rows of an XLSForm that become one question each, by their type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.kernel.texts import Message
from app.questionnaires.builder_forms import LEAST_SCALE, MOST_SCALE
from app.questionnaires.definition import Check, CheckKind, Option, QuestionKind, Wording
from app.questionnaires.edits import MOST_PARTS
from app.questionnaires.xlsform_lists import Choice, Choices
from app.questionnaires.xlsform_rows import FormRow, Loss

OTHER_CODE = "other"
OTHER_WORDS: Mapping[str, str] = {"zh": "其他", "en": "Other"}
SELECT = re.compile(
    r"(select_one|select one|select1|select_multiple|select multiple|rank)(?: from)? +(\S+)"
    r"( +or_other| +or specify other)?",
    re.IGNORECASE,
)
_SELECT_KINDS = {
    "select_multiple": QuestionKind.MULTIPLE,
    "select multiple": QuestionKind.MULTIPLE,
    "rank": QuestionKind.RANKING,
}


@dataclass(frozen=True, slots=True)
class Plain:
    """What a type says: kind, checks of its own, options with their choices, steps of a rating."""

    kind: QuestionKind
    checks: tuple[Check, ...] = ()
    choices: Sequence[Choice] = ()
    options: tuple[Option, ...] = ()
    scale: int = 5
    whole: bool = False


INTEGER = Check(CheckKind.INTEGER)

_SIMPLE: Mapping[str, Plain] = {
    **dict.fromkeys(("text", "string"), Plain(QuestionKind.LINE)),
    **dict.fromkeys(("integer", "int"), Plain(QuestionKind.NUMBER, (INTEGER,), whole=True)),
    "decimal": Plain(QuestionKind.NUMBER),
    "date": Plain(QuestionKind.DATE),
    "note": Plain(QuestionKind.SECTION),
}
_AS_LINE = frozenset({"time", "datetime", "barcode", "email", "phonenumber"})
_FILLED = frozenset(
    {
        *("calculate", "hidden", "start", "end", "today", "deviceid", "username", "audit", "simserial"),
        *("subscriberid", "start-geopoint", "background-audio", "background-geopoint", "csv-external"),
        *("xml-external", "phone number", "imei"),
    }
)
AS_LINE = Message("Answers of this type are asked as a line of text.")
FILLED = Message("What a device fills in or calculates is not asked; it is left out.")
UNKNOWN = Message("Questions of this type cannot be asked here; it is left out.")
NO_LIST = Message("The list “{name}” does not stand on the sheet “choices”; the question has no options yet.")


def plain_of(row: FormRow, choices: Choices, losses: list[Loss], *, is_long: bool) -> Plain | None:
    """What a row's type says; None where it cannot be asked, which is told among the losses."""
    written = " ".join(row.text("type").split())
    selected = SELECT.fullmatch(written)
    if selected is not None:
        return _select(row, selected, choices, losses)
    name = written.lower()
    if name == "range":
        return _range(row, losses)
    if name in _SIMPLE:
        if is_long and _SIMPLE[name].kind is QuestionKind.LINE:
            return Plain(QuestionKind.TEXT)
        return _SIMPLE[name]
    if name in _AS_LINE:
        losses.append(row.lost(AS_LINE, "type"))
        return Plain(QuestionKind.LINE)
    losses.append(row.lost(FILLED if name in _FILLED else UNKNOWN, "type"))
    return None


def _select(row: FormRow, selected: re.Match[str], choices: Choices, losses: list[Loss]) -> Plain:
    kind = _SELECT_KINDS.get(selected[1].lower(), QuestionKind.SINGLE)
    found = choices.get(selected[2], ())
    if not found:
        losses.append(row.lost(Message(NO_LIST.msgid, name=selected[2]), "type"))
    if len(found) > MOST_PARTS:
        words = Message("Only the first {count} of its options are carried over.", count=MOST_PARTS)
        losses.append(row.lost(words, "type"))
        found = found[:MOST_PARTS]
    options = tuple(Option(choice.code, choice.text) for choice in found)
    if selected[3] and all(option.code != OTHER_CODE for option in options):
        options = (*options, Option(OTHER_CODE, Wording(OTHER_WORDS), other=True))
    return Plain(kind, choices=found, options=options)


def _range(row: FormRow, losses: list[Loss]) -> Plain:
    values = dict(re.findall(r"(\w+)\s*=\s*([^\s;,]+)", row.text("parameters")))
    start, end, step = (
        _number(values.get(name, usual)) for name, usual in (("start", "1"), ("end", "10"), ("step", "1"))
    )
    if start is None or end is None or step is None or start >= end:
        losses.append(
            row.lost(Message("The ends of this range are not understood; any number is taken."), "parameters")
        )
        return Plain(QuestionKind.NUMBER)
    is_whole = all(value == value.to_integral_value() for value in (start, step, end))
    if is_whole and start == step == 1 and LEAST_SCALE <= end <= MOST_SCALE:
        return Plain(QuestionKind.RATING, scale=int(end))
    if step != 1 or not is_whole:
        losses.append(
            row.lost(Message("The steps of this range are not carried over, its ends are."), "parameters")
        )
    bounds = Check(CheckKind.RANGE, start, end)
    return Plain(QuestionKind.NUMBER, (INTEGER, bounds) if is_whole else (bounds,))


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**12 else None


Reader = Callable[[FormRow], Plain | None]
