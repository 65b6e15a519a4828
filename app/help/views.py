"""Pages of the help centre 帮助中心."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.help.documents import WORD, word_document
from app.help.indicators import HEADINGS, explanations
from app.help.manuals import MANUALS, PUBLIC, Chapter, chapters, chapters_of, own_manual, readable
from app.help.rendering import render
from app.help.search import Index
from app.help.sections import sections
from app.infra import context
from app.infra.exports import XLSX, Field, write_xlsx
from app.infra.files import disposition
from app.infra.i18n import language, say
from app.infra.pages import PageView
from app.infra.security import current_principal
from app.infra.web import require_sign_in
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.periods import Month
from app.reports.definitions import VersionDefinition
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import version_for

GUIDE = "enterprise"
"""The manual that is the 报送指南."""


class HelpView(PageView):
    """Manuals by role. Without an account only what concerns registration and sign-in."""

    route_base = "/help"
    default_view = "list"
    title = lazy_gettext("Help centre")

    @expose("/", methods=["GET"])
    def list(self) -> str:
        """The manuals that this reader may open, with their chapters; or what a search found."""
        query = request.args.get("q", "").strip()
        open_to = readable(self.actor)
        hits = index(language()).find(query, open_to) if query else []
        shown = [(name, say(MANUALS[name]), chapters_of(name, language())) for name in open_to]
        return self.page(
            "help/list.html",
            query=query[:100],
            hits=hits,
            manuals=shown,
            downloads=self._downloads(),
            indicators_page=self.actor.is_signed_in and GUIDE in open_to,
            manual_names={name: say(title) for name, title in MANUALS.items()},
        )

    @expose("/<manual>/<name>", methods=["GET"])
    def chapter(self, manual: str, name: str) -> Any:
        """One chapter."""
        found = self._find(manual, name)
        if not isinstance(found, Chapter):
            return found
        around = chapters_of(manual, language())
        place = around.index(found)
        return self.page(
            "help/chapter.html",
            chapter=found,
            manual=say(MANUALS[manual]),
            body=render(found, language()),
            parts=[part for part in sections(found) if part.heading],
            chapters=around,
            before=around[place - 1] if place else None,
            after=around[place + 1] if place + 1 < len(around) else None,
        )

    @expose("/<manual>/print", methods=["GET"])
    def whole(self, manual: str) -> Any:
        """A whole manual on one page, for printing."""
        refusal = self._refused(manual)
        if refusal is not None:
            return refusal
        parts = [(one, render(one, language())) for one in chapters_of(manual, language())]
        return self.page("help/whole.html", manual=say(MANUALS[manual]), parts=parts)

    @expose("/<manual>/download", methods=["GET"])
    def download(self, manual: str) -> Any:
        """A whole manual as a Word document."""
        refusal = self._refused(manual)
        if refusal is not None:
            return refusal
        title = say(MANUALS[manual])
        body = word_document(title, chapters_of(manual, language()), language())
        return as_download(body, f"{title}.docx", WORD)

    @expose("/indicators", methods=["GET"])
    def indicators(self) -> Any:
        """指标解释, of the form that is in effect now."""
        if current_principal() is None:
            return require_sign_in()
        version = self._form_in_effect()
        return self.page(
            "help/indicators.html",
            version=version,
            headings=[say(words) for words in HEADINGS],
            groups=[*explanations(version)],
        )

    @expose("/indicators/download", methods=["GET"])
    def indicators_download(self) -> Any:
        """The same as a workbook."""
        if current_principal() is None:
            return require_sign_in()
        version = self._form_in_effect()
        rows = [(section, *one.row) for section, explained in explanations(version) for one in explained]
        fields = [Field(gettext("Form section")), *(Field(say(words)) for words in HEADINGS)]
        body = io.BytesIO()
        title = gettext("What the indicators mean")
        write_xlsx(body, fields, rows, title)
        return as_download(body.getvalue(), f"{title} {say(version.form_name)}.xlsx", XLSX.media_type)

    def _find(self, manual: str, name: str) -> Any:
        found = chapters(language()).get(f"{manual}/{name}")
        if found is None:
            abort(404)
        return self._refused(manual) or found

    def _refused(self, manual: str) -> Any:
        """What answers instead of a manual that this reader may not open; None where it may."""
        if manual in readable(self.actor):
            return None
        if manual not in MANUALS:
            abort(404)
        return require_sign_in() if current_principal() is None else abort(404)

    def _form_in_effect(self) -> VersionDefinition:
        if GUIDE not in readable(self.actor):
            raise NotFound
        return version_for(DEFAULT_FORM, _reported_month(context.now()))

    def _downloads(self) -> Sequence[tuple[str, str]]:
        """(words, address) of what this reader may take along."""
        open_to = readable(self.actor)
        if not self.actor.is_signed_in:
            return [(say(MANUALS[PUBLIC]), url_for("HelpView.download", manual=PUBLIC))]
        own = own_manual(self.actor)
        found = []
        if GUIDE in open_to:
            found.append((gettext("Reporting guide"), url_for("HelpView.download", manual=GUIDE)))
        if own != GUIDE:
            found.append((say(MANUALS[own]), url_for("HelpView.download", manual=own)))
        found.append((gettext("User manual"), url_for("HelpView.download", manual="common")))
        if GUIDE in open_to:
            found.append((gettext("What the indicators mean"), url_for("HelpView.indicators_download")))
        return found


def _reported_month(now: dt.datetime) -> Month:
    """The month that is reported now: the one before."""
    month = Month.containing(now)
    return Month(month.year - 1, 12) if month.month == 1 else Month(month.year, month.month - 1)


def as_download(body: bytes, name: str, media_type: str) -> Response:
    """A file of our own making, for keeping and never for showing in the site."""
    response = Response(body, content_type=media_type)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def index(spoken: str) -> Index:
    """The search index of a language, made by the first search of the process."""
    return Index.of(part for chapter in chapters(spoken).values() for part in sections(chapter))


@cache
def chapters_of_pages() -> Mapping[str, tuple[str, ...]]:
    """The chapters that explain the pages of a view, by the view's name."""
    found: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("pages.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["view"]] = (*found.get(row["view"], ()), row["chapter"])
    return found


def chapter_for(view: str, actor: Actor) -> str | None:
    """The chapter that explains the pages of a view to an actor: of the own manual if there is one."""
    open_to = readable(actor)
    fitting = [path for path in chapters_of_pages().get(view, ()) if path.split("/")[0] in open_to]
    return min(fitting, key=lambda path: open_to.index(path.split("/")[0]), default=None)


def help_for_page(endpoint: str, actor: Actor) -> str:
    """The address behind "help for this page"; the help centre itself where no chapter fits."""
    if "HelpView.list" not in current_app.view_functions:
        return ""
    path = chapter_for(endpoint.partition(".")[0], actor)
    if path is None:
        return url_for("HelpView.list")
    manual, name = path.split("/")
    return url_for("HelpView.chapter", manual=manual, name=name)
