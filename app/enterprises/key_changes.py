"""Changes of key fields: asked for by an enterprise, decided by the program or by an administrator."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.enterprises import service
from app.enterprises.checks import choice_problems, registered_already, waiting_already
from app.enterprises.drafts import EnterpriseDraft, draft_problems
from app.enterprises.events import KeyChangeStepped, KeyFieldsEdited
from app.enterprises.key_change_models import KeyChange, KeyChangeStep
from app.enterprises.key_change_rules import Decision, KeyFacts, Verdict, changed_fields, decide
from app.enterprises.key_change_settings import frozen_until
from app.enterprises.key_change_workflow import (
    APPROVED,
    AUTOMATIC,
    DIRECT,
    LONGEST_REASON,
    MANUAL,
    PENDING,
    RETURNED,
    ROUTE_LABELS,
    STATE_LABELS,
    WORKFLOW,
    KeyChangeFacts,
)
from app.enterprises.models import Enterprise, Industry
from app.enterprises.registrations import NOBODY_REVIEWS
from app.infra import context, scope
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.transactions import emit, unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Invalid, Problem, Words
from app.kernel.names import name_key
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.kernel.workflow import Step
from app.organisations.models import Admin
from app.organisations.reviewers import chain_above, reviewer_for

log = logging.getLogger(__name__)

TRIES = 2
"""Of a settlement: two enterprises that ask for one name at once meet at the database's constraint, and
the second try finds the name taken."""


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A key field that differs: what it is called, what stood there and what shall."""

    field: str
    label: Message
    old: str | LocalText
    new: str | LocalText


WAITING_ALREADY = Message("A change of name, credit code or industry is under way; wait for its outcome.")


def key_facts(enterprise: Enterprise) -> KeyFacts:
    """Who an enterprise is today."""
    return KeyFacts(enterprise.name, enterprise.uscc, enterprise.industry_id, enterprise.industry.section)


def entered_facts(draft: EnterpriseDraft) -> KeyFacts:
    """Who a normalised draft says that an enterprise is; an industry that is not there has no section."""
    industry = db.session.get(Industry, draft.industry_id)
    return KeyFacts(draft.name, draft.uscc, draft.industry_id, industry.section if industry else "")


def open_change(enterprise_id: int) -> KeyChange | None:
    """The change that is under way; None where there is none."""
    query = select(KeyChange).where(KeyChange.enterprise_id == enterprise_id, KeyChange.state == PENDING)
    return db.session.scalars(query).one_or_none()


def ask(actor: Actor, enterprise: Enterprise, new: KeyFacts, period: int, now: dt.datetime) -> KeyChange:
    """Record that an enterprise asks to be called otherwise; the automatic review is due after the delay.

    :param enterprise: the locked row; nothing of it changes before the change passes.
    :param new: as entered and normalised; what is wrong with the entry itself was refused before.
    :raises Conflict: another change is under way.
    """
    if open_change(enterprise.id) is not None:
        raise Conflict(WAITING_ALREADY)
    change = _row(actor, enterprise.id, key_facts(enterprise), new, now)
    change.period, change.route, change.due_at = period, AUTOMATIC, frozen_until(now)
    db.session.add(change)
    db.session.flush()
    return change


def _row(actor: Actor, enterprise_id: int, old: KeyFacts, new: KeyFacts, now: dt.datetime) -> KeyChange:
    return KeyChange(
        enterprise_id=enterprise_id,
        old_name=old.name,
        old_uscc=old.uscc,
        old_industry_id=old.industry_id,
        new_name=new.name,
        new_name_key=name_key(new.name),
        new_uscc=new.uscc,
        new_industry_id=new.industry_id,
        state=PENDING,
        asked_at=now,
        asked_by_id=actor.account_id,
    )


def note_edit(event: KeyFieldsEdited) -> None:
    """Keep what an administrator entered among the changes, of the month that is being reported then."""
    enterprise = db.session.get_one(Enterprise, event.enterprise_id)
    change = _row(event.actor, enterprise.id, event.old, key_facts(enterprise), event.at)
    change.period = Month.containing(event.at).previous().key
    change.state, change.route, change.due_at = APPROVED, DIRECT, event.at
    change.decided_at, change.decided_by_id = event.at, event.actor.account_id
    db.session.add(change)
    add_step(event.actor, change, "edit", PENDING, None, event.at)


def settle_due(now: dt.datetime) -> int:
    """Let the automatic review decide about every change that is due; how many it decided about.

    Cheap where nothing is due: one statement on an index that holds open changes only. However many
    processes settle at once, the lock on the enterprise lets exactly one decide about each change.
    """
    due = select(KeyChange.id).where(
        KeyChange.state == PENDING, KeyChange.route == AUTOMATIC, KeyChange.due_at <= now
    )
    changes = db.session.scalars(due.order_by(KeyChange.due_at, KeyChange.id)).all()
    return sum(_settle(change_id, now) for change_id in changes)


def _settle(change_id: int, now: dt.datetime) -> bool:
    for _try in range(TRIES):
        try:
            with context.acting_as(SYSTEM), unit_of_work():
                return _review(change_id, now)
        except Conflict as refusal:
            log.info("change %d of key fields was not settled: %s", change_id, refusal)
    return False


def _review(change_id: int, now: dt.datetime) -> bool:
    change = _locked(change_id)
    if change.state != PENDING or change.route != AUTOMATIC or change.due_at > now:
        return False  # somebody else was faster
    today = local_date(now)
    verdict = decide(change.old, change.new, violations(change, today))
    reviewer = _reviewer_of(change.enterprise, today) if verdict.decision is Decision.REFER else None
    if verdict.decision is Decision.REFER and reviewer is None:
        verdict = Verdict(Decision.RETURN, (NOBODY_REVIEWS,))  # a freeze must end or have an owner
    _carry_out(change, verdict, reviewer, now)
    return True


def _carry_out(change: KeyChange, verdict: Verdict, reviewer: Admin | None, now: dt.datetime) -> None:
    if verdict.decision is Decision.ACCEPT:
        _pass(SYSTEM, change, WORKFLOW.decide(facts_of(change), change.state, "pass", SYSTEM), now)
        return
    reason = both_languages(verdict.reasons)
    if verdict.decision is Decision.RETURN:
        decided = WORKFLOW.decide(facts_of(change), change.state, "refuse", SYSTEM, reason.zh)
        _step(SYSTEM, change, decided, reason, now)
        return
    decided = WORKFLOW.decide(facts_of(change), change.state, "refer", SYSTEM, reason.zh)
    change.route, change.reviewer_id = MANUAL, reviewer.id if reviewer else None
    _step(SYSTEM, change, decided, reason, now)


def approve(actor: Actor, change_id: object, version: int | None, now: dt.datetime) -> KeyChange:
    """Let a manual case pass: the enterprise takes the new values, its report can be filled again.

    :raises Invalid: what was possible when it was asked for no longer is, such as a name taken meanwhile.
    :raises Conflict: somebody was faster; says who did what.
    """
    change = _find(actor, change_id, now)
    decided = _decided(actor, change, "approve", "", version)
    problems = violations(change, local_date(now))
    if problems:
        raise Invalid([Problem(problem.message) for problem in problems])
    _pass(actor, change, decided, now)
    return change


def give_back(
    actor: Actor, change_id: object, version: int | None, reason: str, now: dt.datetime
) -> KeyChange:
    """Return a manual case: the old values stand, the report can be edited again.

    :raises Invalid: no reason, or a longer one than can be kept.
    :raises Conflict: somebody was faster; says who did what.
    """
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid([Problem(Message("At most {count} characters.", count=LONGEST_REASON), "comment")])
    change = _find(actor, change_id, now)
    decided = _decided(actor, change, "return", reason, version)
    _step(actor, change, decided, LocalText(decided.comment), now)
    return change


def violations(change: KeyChange, today: dt.date) -> list[Problem]:
    """What is definitely wrong with the fields that change: the checks of a registration, asked today."""
    enterprise = change.enterprise
    entered = replace(
        draft_of(enterprise), name=change.new_name, uscc=change.new_uscc, industry_id=change.new_industry_id
    )
    keeps_code = change.new_uscc == change.old_uscc
    problems = [
        *draft_problems(entered, today, may_except=keeps_code),
        *choice_problems(entered),
        *_ended(change.new_industry, today),
        *registered_already(entered, today, but=enterprise.id),
        *waiting_already(entered, but=enterprise.account_id or 0),
    ]
    changed = changed_fields(change.old, change.new)
    return [problem for problem in problems if problem.field in changed]


def _ended(industry: Industry, today: dt.date) -> list[Problem]:
    if industry.is_valid_on(today):
        return []
    return [Problem(Message("This industry can no longer be chosen."), "industry")]


def draft_of(enterprise: Enterprise) -> EnterpriseDraft:
    """What is known of an enterprise, as if it had been entered."""
    return EnterpriseDraft(**{field: getattr(enterprise, field) for field in EnterpriseDraft.__slots__})


def facts_of(change: KeyChange) -> KeyChangeFacts:
    """What the workflow's table needs to know."""
    return KeyChangeFacts(reviewers_of(change), change.route == MANUAL)


def reviewers_of(change: KeyChange | None) -> frozenset[int]:
    """The admins who may decide about a change: the one at whom it waits and all above."""
    reviewer = change.reviewer if change else None
    return frozenset(admin.id for admin in (reviewer, *chain_above(reviewer))) if reviewer else frozenset()


def both_languages(reasons: Iterable[Words]) -> LocalText:
    """Reasons as one text of the data, since they are kept and read later by others."""
    sentences = list(reasons)
    return LocalText(*(" ".join(say_in(one, language) for one in sentences) for language in ("zh", "en")))


def told_changes(old: KeyFacts, new: KeyFacts) -> Sequence[ToldChange]:
    """What differs between two states of the key fields, in words."""
    changed = changed_fields(old, new)
    lines = (
        ToldChange("name", Message("Enterprise name"), old.name, new.name),
        ToldChange("uscc", Message("Unified social credit code"), old.uscc, new.uscc),
        ToldChange("industry", Message("Industry"), _trade(old.industry_id), _trade(new.industry_id)),
    )
    return [line for line in lines if line.field in changed]


def _trade(industry_id: int) -> LocalText:
    return db.session.get_one(Industry, industry_id).label


def _reviewer_of(enterprise: Enterprise, today: dt.date) -> Admin | None:
    """The direct reviewer; where there is none at work, the lowest admin who covers the place."""
    direct = enterprise.direct_reviewer
    return direct if direct and direct.state == "active" else reviewer_for(enterprise.region_id, today)


def _find(actor: Actor, change_id: object, now: dt.datetime) -> KeyChange:
    found: KeyChange = scope.find(KeyChange, change_id, actor, local_date(now))
    return _locked(found.id)


def _locked(change_id: int) -> KeyChange:
    """A change with its enterprise, locked in the order that everybody keeps: the enterprise first."""
    newest = {"populate_existing": True}
    owner = select(KeyChange.enterprise_id).where(KeyChange.id == change_id).scalar_subquery()
    db.session.scalars(
        select(Enterprise)
        .where(Enterprise.id == owner)
        .with_for_update(of=Enterprise)
        .execution_options(**newest)
    ).one()
    query = select(KeyChange).where(KeyChange.id == change_id).with_for_update(of=KeyChange)
    return db.session.scalars(query.execution_options(**newest)).one()


def _decided(actor: Actor, change: KeyChange, verb: str, comment: str, version: int | None) -> Step:
    """The step of the table, for who looks at the newest version; else who was faster with what."""
    try:
        decided = WORKFLOW.decide(facts_of(change), change.state, verb, actor, comment)
    except Conflict as refusal:
        raise _told(change) from refusal
    if version is not None and change.version != version:
        raise _told(change)
    return decided


def _told(change: KeyChange) -> Conflict:
    last = change.steps[-1] if change.steps else None
    if last is None:
        return Conflict(Message("This change was changed meanwhile. Reload to go on."))
    return Conflict(
        Message(
            "The change is now “{state}”: {name} did “{step}” at {when}. "
            "Nothing of yours was changed; reload to go on.",
            state=STATE_LABELS[change.state],
            name=actor_words(last.actor_name, last.account_id),
            step=verb_label(last.verb),
            when=last.at,
        )
    )


def actor_words(name: str, account_id: int | None) -> Message | str:
    """Who took a step: a person by name, the program as the platform."""
    return Message("The platform") if account_id is None and name == SYSTEM.name else name


def verb_label(verb: str) -> Message:
    """What a step is called."""
    labels = {edge.verb: edge.label for edge in WORKFLOW.transitions}
    labels["edit"] = ROUTE_LABELS[DIRECT]
    return labels.get(verb, Message("Handed to another reviewer"))


def _pass(actor: Actor, change: KeyChange, decided: Step, now: dt.datetime) -> None:
    service.take_key_facts(actor, change.enterprise, change.new, changed_fields(change.old, change.new), now)
    _step(actor, change, decided, None, now)


def _step(actor: Actor, change: KeyChange, decided: Step, reason: LocalText | None, now: dt.datetime) -> None:
    """Write the state and the line of history, and tell whoever listens."""
    deciders = reviewers_of(change)
    change.state = decided.target
    if decided.target != PENDING:
        change.reviewer_id, change.decided_at, change.decided_by_id = None, now, actor.account_id
    change.reason = reason if decided.target == RETURNED else None
    add_step(actor, change, decided.verb, decided.source, reason, now)
    place = (change.id, change.enterprise_id)
    emit(KeyChangeStepped(actor, decided.emits, *place, now, reason, deciders))


def add_step(
    actor: Actor, change: KeyChange, verb: str, source: str, comment: LocalText | None, now: dt.datetime
) -> None:
    """A line of the history, after the state was written."""
    db.session.flush()
    db.session.add(
        KeyChangeStep(
            change_id=change.id,
            at=now,
            account_id=actor.account_id,
            actor_name=actor.name[:100],
            bureau_name=actor.bureau_name[:80],
            verb=verb,
            source=source,
            target=change.state,
            comment=comment,
        )
    )
    db.session.flush()
    db.session.expire(change, ["steps", "reviewer", "decided_by"])
