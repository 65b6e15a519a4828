"""Pages of jobs: the list of one's own, one job with its progress, its result."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, jsonify, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from app.infra import context, files
from app.infra.account_names import names_of, numbers_called
from app.infra.database import db
from app.infra.i18n import say
from app.infra.jobs import registry, runner, service, sweeper
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.outcome import Outcome, OutcomeLine
from app.infra.jobs.progress import Progress
from app.infra.jobs.queue import engine
from app.infra.lists import Column, Filter, ListSpec, Lookup, render_list
from app.infra.lists.spec import Key
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.kernel.errors import NotFound, Words
from app.kernel.texts import Message

log = logging.getLogger(__name__)

MAX_LINES = 500
"""Lines of an outcome that its page shows, the skipped ones first."""

STATES = {
    JobState.QUEUED: Message("Waiting"),
    JobState.RUNNING: Message("Running"),
    JobState.DONE: Message("Finished"),
    JobState.FAILED: Message("Failed"),
    JobState.CANCELLED: Message("Cancelled"),
}
MARKS = {
    JobState.QUEUED: "edit",
    JobState.RUNNING: "wait",
    JobState.DONE: "pass",
    JobState.FAILED: "late",
    JobState.CANCELLED: "none",
}


FAULTS = frozenset(words.msgid for words in (runner.UNKNOWN_KIND, runner.fault(""), sweeper.given_up(0)))
"""Reasons that tell of the program and of nothing else."""


class JobView(PageView):
    """A user's jobs; the platform admin sees every row, without what it brought."""

    route_base = "/jobs"
    default_view = "list"

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> Response:
        """The jobs that the user sees, newest first."""
        return render_list(job_list(self.actor), self.actor, context.today())

    @expose("/<public_id>", methods=["GET"])
    @protected("list")
    def show(self, public_id: str) -> str:
        """One job: how far it is, or what became of it."""
        job = service.find(self.actor, public_id)
        own = service.may_see_outcome(self.actor, job)
        outcome = Outcome.from_json(job.outcome) if own else Outcome()
        return self.page(
            "jobs/show.html",
            job=job,
            own=own,
            status=status_of(job, engine().progress.read(job.public_id)),
            kind=registry.title_of(job.kind),
            mark=MARKS[JobState(job.state)],
            error=why_failed(job, own=own),
            repeatable=service.repeatable(job),
            outcome=outcome,
            lines=lines_to_show(outcome),
            result_kept=result_is_kept(job, service.machine_now()),
        )

    @expose("/<public_id>/progress", methods=["GET"])
    @protected("list")
    def progress(self, public_id: str) -> Response:
        """How far a job is, for the script of its page."""
        job = service.find(self.actor, public_id)
        return jsonify(status_of(job, engine().progress.read(job.public_id)))

    @expose("/<public_id>/cancel", methods=["POST"])
    @protected("cancel")
    def cancel(self, public_id: str) -> Any:
        """Cancel at once what waits; ask the worker to stop what runs."""
        job = service.find(self.actor, public_id)
        if not job.is_open:
            raise service.over()
        # First beside the database: the job itself, or another, may hold the only write lock.
        engine().progress.ask_cancel(public_id)
        if job.state == JobState.QUEUED and self._cancel_queued(public_id):
            flash(gettext("The job is cancelled."), "success")
        else:
            flash(gettext("The job will stop in a moment; what it has written so far is undone."), "info")
        return redirect(url_for("JobView.show", public_id=public_id))

    @expose("/<public_id>/again", methods=["POST"])
    @protected("again")
    def again(self, public_id: str) -> Any:
        """Run a job again that came to nothing."""
        with unit_of_work():
            job = service.run_again(self.actor, public_id)
        flash(gettext("The job was asked for again."), "success")
        return redirect(url_for("JobView.show", public_id=job.public_id))

    def _cancel_queued(self, public_id: str) -> bool:
        try:
            with unit_of_work():
                return service.cancel_queued(self.actor, public_id)
        except OperationalError as error:
            log.info("job %s is cancelled by its flag: %s", public_id, error.orig)
            return False

    @expose("/<public_id>/result", methods=["GET"])
    @protected("list")
    def result(self, public_id: str) -> Response:
        """The file that a job made; its owner's only."""
        job = service.find(self.actor, public_id)
        if job.result is None or not service.may_see_outcome(self.actor, job):
            raise NotFound(Message("This job has no file for you."))
        return files.download(job.result, service.machine_now())


def job_list(actor: Actor) -> ListSpec:
    """The declared list of jobs; results are a column of the owner's list only."""
    kinds = {name: kind.title for name, kind in registry.all_kinds().items()}
    everybody = service.oversees_jobs(actor)
    result = Column(
        "result", Message("Result"), lookup=Lookup(Job.result_id, files.StoredFile), link="/jobs/{}/result"
    )
    account = Column("account", Message("Account"), each=_owners, default=True)
    return ListSpec(
        name="jobs",
        title=Message("All jobs") if everybody else Message("My jobs"),
        base=_visible,
        key=(Job.public_id,),
        columns=(
            Column("kind", Message("Job"), Job.kind, "choice", words=kinds, always=True),
            Column("state", Message("State"), Job.state, "state", words=STATES, marks=MARKS),
            Column("created_at", Message("Asked for at"), Job.created_at, "instant", sortable=True),
            Column("started_at", Message("Begun at"), Job.started_at, "instant", default=False),
            Column("finished_at", Message("Finished at"), Job.finished_at, "instant"),
            Column("attempts", Message("Attempts"), Job.attempts, "number", default=False),
            *(
                (account, Column("reason", Message("Reason of the failure"), each=_reasons))
                if everybody
                else (result,)
            ),
        ),
        filters=(
            Filter("kind", Message("Job"), "choice", Job.kind, words=kinds),
            Filter("state", Message("State"), "multi", Job.state, words=STATES),
            Filter("created", Message("Asked for at"), "date_range", Job.created_at),
            *((_owner_filter(),) if everybody else ()),
        ),
        default_sort="-created_at",
        row_link="/jobs/{}",
        exportable=False,
        unit=Message("{count} jobs"),
        empty=Message("You have started no jobs yet. Exports and other long work appear here."),
    )


def _owner_filter() -> Filter:
    return Filter(
        "account",
        Message("Account"),
        expression=Job.owner_id,
        clause=lambda typed, _actor, _today: Job.owner_id.in_(numbers_called(typed)),
    )


def _owners(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    wanted = Job.public_id.in_([key[0] for key in keys])
    rows = db.session.execute(select(Job.public_id, Job.owner_id).where(wanted)).all()
    names = names_of([row.owner_id for row in rows])
    return {(row.public_id,): names.get(row.owner_id, say(Message("The system"))) for row in rows}


def _reasons(keys: Sequence[Key], actor: Actor) -> Mapping[Key, str]:
    wanted = Job.public_id.in_([key[0] for key in keys]), Job.state == JobState.FAILED
    rows = db.session.scalars(select(Job).where(*wanted))
    return {
        (row.public_id,): say(why_failed(row, own=service.may_see_outcome(actor, row)) or "") for row in rows
    }


def why_failed(job: Job, *, own: bool) -> Words | None:
    """Why a job failed: to its owner in full, to who runs the platform only where the program is to blame.

    What a rule refused may tell of records that the platform administrator does not see.
    """
    words = words_from_json(job.error)
    if words is None or own:
        return words
    if isinstance(words, Message) and words.msgid in FAULTS:
        return words
    return Message("What was asked for was refused; the account that asked for it sees why.")


def _visible(actor: Actor, _today: dt.date) -> Select[Any]:
    return select(Job).where(service.visible_jobs(actor))


def status_of(job: Job, progress: Progress) -> dict[str, Any]:
    """What the page shows of a job's progress, in the user's language."""
    state = JobState(job.state)
    running = state is JobState.RUNNING
    return {
        "state": state.value,
        "label": say(STATES[state]),
        "final": state.is_final,
        "cancelling": not state.is_final and progress.cancel,
        "done": progress.done if running else 0,
        "total": progress.total if running else 0,
        "note": say(words_from_json(progress.note)) if running and progress.note else "",
    }


def lines_to_show(outcome: Outcome) -> list[OutcomeLine]:
    """The lines of an outcome, skipped ones first, as many as a page bears."""
    return sorted(outcome.lines, key=lambda line: line.done)[:MAX_LINES]


def result_is_kept(job: Job, now: dt.datetime) -> bool:
    """Whether the file of a job can still be downloaded."""
    stored = job.result
    if stored is None or stored.removed_at is not None:
        return False
    return stored.expires_at is None or now < stored.expires_at
