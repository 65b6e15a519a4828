"""What the form of a list sends to keep: the chosen columns, or its question as a view."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from app.infra.i18n import say
from app.infra.lists.asked import Args, address, ask
from app.infra.lists.kept import LONGEST_NAME, Keeper, ViewDraft, keeper, kept_for, question
from app.infra.lists.spec import ListSpec
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, NotFound
from app.kernel.texts import Message

OWN_FIELDS = frozenset({"csrf_token", "views", "name", "default", "shared"})


def keep_columns(spec: ListSpec, actor: Actor, form: Args, now: dt.datetime) -> Response:
    """Keep the ticked columns with the account, or go back to the usual ones, and show the list so."""
    wanted = set(form.getlist("cols"))
    shown = [column.key for column in spec.columns if column.always or column.key in wanted]
    where_kept = keeper()
    if where_kept is not None:
        with unit_of_work():
            where_kept.choose_columns(actor, spec.name, shown if form["choose"] == "shown" else ())
    asked = replace(ask(spec, form, actor, local_date(now)), columns_chosen=False)
    return redirect(request.path + address(spec, asked), 303)  # type: ignore[return-value]


def keep_view(spec: ListSpec, actor: Actor, form: Args, now: dt.datetime) -> Response:
    """Keep the question that the form carries, as a new view or in the place of the one that is open.

    :raises NotFound: the application keeps no views, or there is no such view to change.
    """
    where_kept = keeper()
    if where_kept is None or actor.account_id is None:
        raise NotFound
    asked_for = question(spec, _question_of(form), actor, local_date(now))
    if form["views"] == "change":
        return _change(where_kept, spec, actor, asked_for, now)
    draft = ViewDraft(
        spec.name,
        request.path,
        form.get("name", ""),
        asked_for,
        is_default=form.get("default") == "1",
        is_shared=form.get("shared") == "1",
    )
    try:
        with unit_of_work():
            number = where_kept.save(actor, draft, now)
    except Invalid as refusal:
        return _again(spec, actor, draft, refusal)
    return _opened(spec, actor, form, str(number), now)


def _change(where_kept: Keeper, spec: ListSpec, actor: Actor, asked_for: str, now: dt.datetime) -> Response:
    number = request.form.get("view", "")
    with unit_of_work():
        where_kept.replace(actor, number, asked_for, now)
    return _opened(spec, actor, request.form, number, now)


def _question_of(form: Args) -> Args:
    return MultiDict((name, value) for name, value in form.items(multi=True) if name not in OWN_FIELDS)


def _opened(spec: ListSpec, actor: Actor, form: Args, number: str, now: dt.datetime) -> Response:
    flash(say(Message("The view is kept.")), "success")
    asked = replace(ask(spec, _question_of(form), actor, local_date(now)), view=number)
    return redirect(request.path + address(spec, asked), 303)  # type: ignore[return-value]


def _again(spec: ListSpec, actor: Actor, draft: ViewDraft, refusal: Invalid) -> Response:
    """The same question once more, with what was typed and what is wrong with it."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    page = render_template(
        "lists/keep.html",
        spec=spec,
        draft=draft,
        problems=[say(problem.message) for problem in refusal.problems] or [say(refusal.message)],
        kept=kept,
        may_share=kept_for(actor, spec.name).may_share,
        longest=LONGEST_NAME,
        back=request.path + "?" + draft.query,
    )
    response = make_response(page)
    response.status_code = 422
    return response
