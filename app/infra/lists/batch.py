"""Batches: an action on the ticked or on all filtered rows, with a line for each: done, or why not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from app.infra.i18n import say
from app.infra.jobs import Job, JobContext, Outcome, OutcomeLine, enqueue, job
from app.infra.lists import cells, query
from app.infra.lists.asked import Args, Asked, ask, sort_keys
from app.infra.lists.export import as_owner, job_params, owned_list, read_ticks
from app.infra.lists.spec import Action, Key, ListSpec, Words
from app.infra.transactions import independent_step, unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import DomainError, Invalid, NotFound, Problem
from app.kernel.errors import Words as Said
from app.kernel.texts import Message

AT_ONCE = 100
"""Rows that are done while the user waits; more become a job with a progress bar."""

MOST_ROWS = 20_000
LONGEST_COMMENT = 500
GONE = Message("This record does not exist, or you may not see it.")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be done: the action, the rows that the actor sees with their names, and the comment or
    what was chosen.

    ``missing`` are ticked rows that are not there for this actor.
    """

    action: Action
    rows: list[tuple[Key, str]]
    missing: list[Key]
    comment: str


def read_batch(spec: ListSpec, form: Args, actor: Actor, today: dt.date) -> Batch:
    """What a form asks to be done.

    :raises NotFound: the list has no such action for this actor.
    :raises Invalid: nothing ticked, a forged key, a condition that cannot be read, or too many rows.
    """
    action = _action(spec, form.get("action", ""), actor)
    asked = ask(spec, form, actor, today)
    problems = list(asked.problems)
    ticked = read_ticks(spec, form, problems)
    if ticked is None and form.get("all") != "1":
        problems.append(Problem(Message("Tick at least one row first.")))
    if problems:
        raise Invalid(problems)
    rows = named_rows(spec, asked, actor, today, ticked)
    if len(rows) > MOST_ROWS:
        raise Invalid(
            [Problem(Message("A batch takes {limit} rows at most. Narrow the conditions.", limit=MOST_ROWS))]
        )
    seen = {key for key, _name in rows}
    missing = [key for key in ticked or () if key not in seen]
    return Batch(action, rows, missing, form.get("comment", "").strip())


def named_rows(
    spec: ListSpec, asked: Asked, actor: Actor, today: dt.date, ticked: Sequence[Key] | None
) -> list[tuple[Key, str]]:
    """Keys and names (by the first column), in the list's order, of the rows meant that the actor sees."""
    rows = query.meant(spec, asked, actor, today, ticked)
    first = spec.columns[:1]
    statement, layout = query.statement(spec, first, rows, sort_keys(spec, asked.sort), limit=MOST_ROWS + 1)
    found = query.execute(statement)
    names = query.column_values(first, layout, found, actor)[0]
    word = cells.words_of(first[0])
    return [(layout.key(row), word(name)) for row, name in zip(found, names, strict=True)]


def offered(batch: Batch, actor: Actor, today: dt.date) -> Sequence[tuple[str, Words]]:
    """What can be chosen for the rows of a batch; nothing where its action asks for no choice."""
    choice = batch.action.choice
    return choice.options([key for key, _name in batch.rows], actor, today) if choice else ()


def comment_problem(
    action: Action, comment: str, choices: Sequence[tuple[str, Words]] = ()
) -> Message | None:
    """What is wrong with the comment of a batch, or with what was chosen, if anything."""
    if action.choice is not None:
        chosen = comment in {value for value, _words in choices}
        return None if chosen else Message("Choose one of the entries that the list offers.")
    if action.comment == "required" and not comment:
        return Message("Give a reason.")
    if len(comment) > LONGEST_COMMENT:
        return Message("Write at most {limit} characters here.", limit=LONGEST_COMMENT)
    if _CONTROL.search(comment):
        return Message("There are characters here that cannot be kept. Type the text again.")
    return None


def run_batch(batch: Batch, actor: Actor, now: dt.datetime, ctx: JobContext | None = None) -> Outcome:
    """Do every row by itself; a refusal becomes its line and hinders no other row."""
    lines = []
    for number, (key, name) in enumerate(batch.rows, 1):
        lines.append(_line(batch.action, actor, key, name, batch.comment, now))
        if ctx is not None:
            ctx.progress(number, len(batch.rows))
    lines.extend(OutcomeLine(cells.key_text(key), False, GONE, cells.key_text(key)) for key in batch.missing)
    done = sum(line.done for line in lines)
    return Outcome.of(Message("{done} done, {skipped} skipped.", done=done, skipped=len(lines) - done), lines)


def begin_batch(spec: ListSpec, batch: Batch, form: Args, actor: Actor, now: dt.datetime) -> Outcome | Job:
    """The outcome of a short batch; the job of a long one."""
    if len(batch.rows) <= AT_ONCE:
        return run_batch(batch, actor, now)
    with unit_of_work():
        return enqueue("batch", actor, {"list": spec.name, **job_params(form)}, form.get("once") or None)


@job("batch", title=Message("Batch action"))
def run_batch_job(ctx: JobContext) -> Outcome:
    """Do a long batch as its owner; it is one transaction, so a killed worker leaves nothing half done."""
    with as_owner(ctx) as (actor, form):
        spec = owned_list(ctx, actor, form)
        return run_batch(read_batch(spec, form, actor, local_date(ctx.now)), actor, ctx.now, ctx)


def _line(action: Action, actor: Actor, key: Key, name: str, comment: str, now: dt.datetime) -> OutcomeLine:
    if action.run is None:
        raise LookupError(f"action {action.name} is done by its page, never as a batch")
    try:
        with independent_step():
            action.run(actor, key, comment, now)
    except DomainError as refusal:
        mends = action.remedy is not None and isinstance(refusal, Invalid)
        url = cells.filled(action.remedy[1], key) if mends and action.remedy else ""
        return OutcomeLine(name, False, reasons(refusal), cells.key_text(key), url)
    return OutcomeLine(name, True, None, cells.key_text(key))


def reasons(refusal: DomainError) -> Said:
    """Every reason of a refusal in one sentence."""
    said = [problem.message for problem in refusal.problems] or [refusal.message]
    return reduce(lambda one, other: Message("{one}; {other}", one=one, other=other), said)


def _action(spec: ListSpec, name: str, actor: Actor) -> Action:
    try:
        action = spec.action(name)
    except KeyError:
        raise NotFound() from None
    if not action.allowed(actor):
        raise NotFound()
    return action


def question(batch: Batch) -> str:
    """What the confirmation page asks."""
    asked = batch.action.confirm or Message(
        "{action}: {count} rows", action=batch.action.label, count=len(batch.rows)
    )
    return say(asked)
