"""What the form of a list sends: an export, or an action on rows."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from flask import Response, make_response, redirect, render_template, request, url_for

from app.infra.i18n import say
from app.infra.jobs import Job, Outcome
from app.infra.lists import batch as batches
from app.infra.lists.asked import Args, address, ask
from app.infra.lists.export import answer_export
from app.infra.lists.keeping import keep_columns, keep_view
from app.infra.lists.registry import list_named
from app.infra.lists.spec import ListSpec, Words
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message

NOT_ASKED_AGAIN = frozenset({"csrf_token", "comment", "confirmed", "once"})


def run_action(spec: ListSpec, actor: Actor, now: dt.datetime) -> Response:
    """Answer the POST of a list's page: the file, the outcome, a question before it, or the way to the job.

    :raises Invalid, NotFound: what cannot be done is refused as a whole, before anything is written.
    :raises LookupError: nobody registered the list; said at once, not only to the first long export.
    """
    form: Args = request.form
    if list_named(spec.name, actor, form) is None:
        raise LookupError(f"list {spec.name} is not registered")
    if "choose" in form:
        return keep_columns(spec, actor, form, now)
    if "views" in form:
        return keep_view(spec, actor, form, now)
    if "format" in form:
        answer = answer_export(spec, actor, form, now)
        return _to_job(answer) if isinstance(answer, Job) else answer
    batch = batches.read_batch(spec, form, actor, local_date(now))
    action = batch.action
    if action.page:
        return redirect(url_for(action.page), 307)  # type: ignore[return-value]  # the form goes along
    asks = bool(action.confirm) or action.comment != "none" or action.choice is not None
    choices = batches.offered(batch, actor, local_date(now))
    problem = batches.comment_problem(action, batch.comment, choices) if form.get("confirmed") else None
    if asks and (problem is not None or not form.get("confirmed")):
        suggested = action.suggestions(actor, now) if action.suggestions else ()
        return _question(spec, batch, form, problem, choices, suggested)
    outcome = batches.begin_batch(spec, batch, form, actor, now)
    return _to_job(outcome) if isinstance(outcome, Job) else _report(spec, batch, outcome, actor, now)


def _to_job(job: Job) -> Response:
    return redirect(url_for("JobView.show", public_id=job.public_id), 303)  # type: ignore[return-value]


def _question(
    spec: ListSpec,
    batch: batches.Batch,
    form: Args,
    problem: Message | None,
    choices: Sequence[tuple[str, Words]],
    suggested: Sequence[str],
) -> Response:
    kept = [(name, value) for name, value in form.items(multi=True) if name not in NOT_ASKED_AGAIN]
    page = render_template(
        "lists/confirm.html",
        spec=spec,
        batch=batch,
        question=batches.question(batch),
        choices=[(value, say(words)) for value, words in choices],
        suggested=suggested,
        kept=kept,
        once=secrets.token_hex(16),
        problem=say(problem) if problem else "",
        longest=batches.LONGEST_COMMENT,
        back=request.path,
    )
    response = make_response(page)
    response.status_code = 422 if problem else 200
    return response


def _report(
    spec: ListSpec, batch: batches.Batch, outcome: Outcome, actor: Actor, now: dt.datetime
) -> Response:
    asked = ask(spec, request.form, actor, local_date(now))
    back = request.path + address(spec, asked)
    done = batch.action.done or Message("Done")
    return make_response(
        render_template("lists/outcome.html", spec=spec, batch=batch, outcome=outcome, done=done, back=back)
    )
