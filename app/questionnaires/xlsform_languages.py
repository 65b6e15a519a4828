"""The languages of an XLSForm, which are called by name there: ``label::English (en)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.texts import LANGUAGES, Message
from app.questionnaires.cleaning import clean_text
from app.questionnaires.definition import Wording
from app.questionnaires.xlsform_rows import SURVEY, Form, FormRow, Loss

LANGUAGE_NAMES: Mapping[str, str] = {"zh": "中文 (zh)", "en": "English (en)"}
"""How an exported form calls the languages of the platform."""
TRANSLATED = ("label", "hint", "constraint_message")
"""The columns of texts that are carried over."""
LANGUAGES_SETTING = "platform_languages"

_CODE = re.compile(r"\(([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\)\s*$")
_NAMES = {
    **dict.fromkeys(
        ("zh", "zh-cn", "zh-hans", "cn", "chinese", "mandarin", "中文", "汉语", "简体中文"), "zh"
    ),
    **dict.fromkeys(("en", "en-us", "en-gb", "english", "英文", "英语"), "en"),
}


def language_code(name: str) -> str:
    """The code of a language from what a form calls it; empty where that is not known."""
    found = _CODE.search(name)
    if found is not None:
        return found[1].lower()
    return _NAMES.get(name.strip().lower(), "")


@dataclass(frozen=True, slots=True)
class Languages:
    """Which language each column is in: ``codes`` by what the form calls it, plain columns by ""."""

    codes: Mapping[str, str]
    order: tuple[str, ...]
    first: str

    def wording(self, row: FormRow, base: str) -> Wording:
        """The texts of a row in a translated column, such as ``label``."""
        texts: dict[str, str] = {}
        for called, code in self.codes.items():
            text = clean_text(row.text(f"{base}::{called}" if called else base))
            if text:
                texts[code] = text
        return Wording({code: texts[code] for code in (*self.order, *texts) if code in texts})


def languages_of(form: Form) -> Languages:
    """The languages of a form; what is in another one than the platform's is told among its losses."""
    called = list(dict.fromkeys(_language(column) for column in form.columns if _is_text(column)))
    default = language_code(form.setting("default_language"))
    first = default if default in LANGUAGES else LANGUAGES[0]
    codes: dict[str, str] = {}
    for name in called:
        code = language_code(name) if name else first
        if code in LANGUAGES:
            codes[name] = code
    others = [name for name in called if name not in codes]
    if not codes and others:
        codes[others[0]] = first
        words = Message("The texts in “{language}” are taken as Chinese: choose no other language for them.")
        form.losses.append(
            Loss(Message(words.msgid, language=others[0]), SURVEY, 1, f"label::{others.pop(0)}")
        )
    for name in others:
        words = Message("Texts in “{language}” are not carried over; the platform has Chinese and English.")
        form.losses.append(Loss(Message(words.msgid, language=name), SURVEY, 1, f"label::{name}"))
    return Languages(codes, _order(form, codes, default), first)


def _order(form: Form, codes: Mapping[str, str], default: str) -> tuple[str, ...]:
    declared = [code.strip() for code in form.setting(LANGUAGES_SETTING).split(",") if code.strip()]
    found = list(dict.fromkeys(codes.values()))
    if declared and set(found) <= set(declared) <= set(LANGUAGES):
        return tuple(dict.fromkeys(declared))
    if default in found:
        found = [default, *(code for code in found if code != default)]
    return tuple(found) or (LANGUAGES[0],)


def _is_text(column: str) -> bool:
    return column.partition("::")[0] in TRANSLATED


def _language(column: str) -> str:
    return column.partition("::")[2]
