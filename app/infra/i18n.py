"""Words in the user's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import force_locale, gettext, ngettext
from markupsafe import Markup, escape

from app.infra.context import current_actor
from app.infra.security import bears_token
from app.kernel.clock import SHANGHAI
from app.kernel.texts import LANGUAGES, LocalText, Message

_HAN, _SIGNS = r"\u3400-\u9fff", r"\u3000-\u303f\uff00-\uffef"
_CHINESE = re.compile(f"[{_HAN}](?:[ ·{_HAN}{_SIGNS}]*[{_HAN}{_SIGNS}])?")
"""A run of Chinese, from its first character to its last, with signs and spaces within it."""


def select_language() -> str:
    """The language of this request: the session's choice, the program's, the account's, else Chinese.

    Browsers tell of their own accord what they are set to; a program that names a language means it.
    """
    if has_request_context():
        chosen = session.get("language")
        if chosen in LANGUAGES:
            return str(chosen)
        if bears_token() and (asked := request.accept_languages.best_match(LANGUAGES)):
            return str(asked)
    language = current_actor().language
    return language if language in LANGUAGES else "zh"


def language() -> str:
    """The language of this request, settled once."""
    if not has_request_context():
        return select_language()
    found: str | None = g.get("language")
    if found is None:
        found = g.language = select_language()
    return found


def translated(msgid: str) -> str:
    """A msgid of the catalogue in the language of this request, looked up once for each language.

    A page asks for some five hundred; Babel resolves its context anew for each of them.
    """
    known = _known_words()
    found = known.get(msgid)
    if found is None:
        found = known[msgid] = str(gettext(msgid))
    return found


def _known_words() -> dict[str, str]:
    """What was translated into the language of this request, found once for the request."""
    spoken = language()
    found: tuple[str, dict[str, str]] | None = g.get("words") if has_request_context() else None
    if found is None or found[0] != spoken:
        memory: dict[str, dict[str, str]] = current_app.extensions["translated"]
        found = spoken, memory.setdefault(spoken, {})
        if has_request_context():
            g.words = found
    return found[1]


def say(words: Message | LocalText | str | object) -> str:
    """A message or a text of the data, as the user reads it."""
    if isinstance(words, Message):
        pattern = translated(words.msgid)
        return pattern.format(**{key: say(value) for key, value in words.values.items()})
    if isinstance(words, LocalText):
        return words.in_language(language())
    if isinstance(words, dt.datetime):
        return words.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return str(words)


def listed(words: Iterable[str]) -> str:
    """Words one after the other, as the language of this request separates them."""
    return ("、" if language() == "zh" else ", ").join(words)


def say_in(words: Message | LocalText | str | object, language: str) -> str:
    """A message or a text of the data in the language of its receiver, who need not be who asks."""
    if isinstance(words, Message):
        with force_locale(language):
            pattern = str(gettext(words.msgid))
        return pattern.format(**{key: say_in(value, language) for key, value in words.values.items()})
    if isinstance(words, LocalText):
        return words.in_language(language)
    return say(words)


def marked(words: Any) -> str:
    """Words for the text of a page: what is Chinese in them is marked as such on an English page.

    Markup with elements in it is left alone; whoever wrote it has marked it.
    """
    if language() != "en" or (isinstance(words, Markup) and "<" in words):
        return words if isinstance(words, str) else str(words)
    return Markup(_CHINESE.sub(r'<span lang="zh">\g<0></span>', str(escape(words))))


def language_mark(words: Any) -> str:
    """``zh`` for a Chinese text shown on an English page, so that it can be marked; else empty."""
    shown_untranslated = isinstance(words, LocalText) and language() == "en" and not words.is_translated
    return "zh" if shown_untranslated else ""


def init_i18n(app: Flask) -> None:
    """Make ``say`` known to templates, and let their ``_`` remember; Babel must be there already."""
    app.extensions["translated"] = {}
    app.jinja_env.globals.update(say=say, language=language, language_mark=language_mark)
    app.jinja_env.filters.update(say=say, listed=listed, marked=marked)
    app.jinja_env.install_gettext_callables(translated, ngettext, newstyle=True)  # type: ignore[attr-defined]
