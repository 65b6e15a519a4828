"""Registrations of enterprises: begun, saved, submitted, withdrawn, let in and returned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, or_, select

from app.enterprises import service
from app.enterprises.checks import choice_problems, region_problems, registered_already, waiting_already
from app.enterprises.credit_codes import normalise_credit_code
from app.enterprises.drafts import EnterpriseDraft, draft_problems, format_problems
from app.enterprises.events import RegistrationStepped
from app.enterprises.registration_models import EnterpriseRegistration, RegistrationStep
from app.enterprises.registration_settings import DRAFT_DAYS
from app.enterprises.registration_workflow import (
    LONGEST_REASON,
    RETURNED,
    STATE_LABELS,
    WORKFLOW,
    RegistrationFacts,
)
from app.infra import scope
from app.infra.database import db
from app.infra.settings import value
from app.infra.transactions import emit
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Invalid, NotFound, Problem
from app.kernel.names import name_key, normalise_name
from app.kernel.texts import Message
from app.kernel.workflow import Step
from app.organisations.account_service import AccountDraft, create_account, release_account
from app.organisations.login_names import login_key
from app.organisations.models import Account, Admin
from app.organisations.reviewers import chain_above, reviewer_for

FIELDS = tuple(name for name in EnterpriseDraft.__slots__ if name != "uscc_exception")
"""Facts that an applicant enters; only an admin lets in a code that is not valid."""
REFERENCES = frozenset({"region_id", "industry_id", "registration_type_id", "control_type_id"})
FIGURES = ("revenue", "employees", "assets")

KNOWN_FIELDS = {
    "name": "name",
    "uscc": "uscc",
    "legal_person": "legal_representative",
    "contact": "contact_name",
}
"""Fields of an identity provider → facts; its mobile and mail are those of the account."""
RELEASED = "released"
"""What an account is called whose owner gave the registration up."""
MOST_RELEASED = 200

NOBODY_REVIEWS = Message("No administrator is responsible for this region yet. Ask the hotline.")


def begin(
    account: AccountDraft,
    agreed_at: dt.datetime,
    now: dt.datetime,
    known: Mapping[str, str] = MappingProxyType({}),
) -> Account:
    """Make the account of an enterprise that registers, with a draft to be filled in.

    :param known: what an identity provider knows (``app.infra.oidc.FIELDS``); the draft begins with it.
    :raises Invalid: naming every entry of the account that cannot be taken.
    """
    made = create_account(SYSTEM, replace(account, kind=Kind.ENTERPRISE), now)
    registration = EnterpriseRegistration(
        account_id=made.id,
        mobile=made.phone,
        email=made.email,
        agreed_at=agreed_at,
        created_at=now,
        updated_at=now,
        **_known_facts(known),
    )
    registration.name_key = name_key(registration.name or "")
    db.session.add(registration)
    db.session.flush()
    return made


def _known_facts(known: Mapping[str, str]) -> dict[str, str]:
    """What fits of the known fields, as it is kept; the applicant sees and may change all of it."""
    found = {field: normalise_name(known.get(source, "")) for source, field in KNOWN_FIELDS.items()}
    found["uscc"] = normalise_credit_code(found["uscc"])
    columns = EnterpriseRegistration.__table__.columns
    return {field: text for field, text in found.items() if len(text) <= columns[field].type.length}


def release_abandoned(now: dt.datetime, username: str = "", email: str = "") -> int:
    """Free the names and addresses of accounts that never submitted anything; how many.

    A registration that was never submitted counts as given up some days after its owner last saved or
    signed in (setting ``registration.draft_days``). What was entered goes; the account stays as an empty
    shell that nobody can enter, since the audit trail speaks of it.

    :param username: with ``email``: only the account that stands in the way of somebody who registers.
    """
    before = now - dt.timedelta(days=value(DRAFT_DAYS, now))
    query = (
        select(EnterpriseRegistration)
        .join(Account, Account.id == EnterpriseRegistration.account_id)
        .join(User, User.id == Account.user_id)
        .where(EnterpriseRegistration.submitted_at.is_(None), EnterpriseRegistration.updated_at < before)
        .where(or_(Account.last_sign_in_at.is_(None), Account.last_sign_in_at < before))
        .order_by(EnterpriseRegistration.id)
        .limit(MOST_RELEASED)
    )
    if username or email:
        same = (func.lower(User.username) == login_key(username), func.lower(User.email) == email.lower())
        query = query.where(or_(*same))
    given_up = db.session.scalars(query).all()
    for registration in given_up:
        release_account(registration.account)
        db.session.delete(registration)
    db.session.flush()
    return len(given_up)


def own_registration(actor: Actor, now: dt.datetime, *, lock: bool = False) -> EnterpriseRegistration:
    """The registration of the acting account.

    :raises NotFound: it has none.
    """
    query = scope.visible(EnterpriseRegistration, actor, local_date(now))
    query = query.where(EnterpriseRegistration.account_id == (actor.account_id or 0))
    found: EnterpriseRegistration | None = db.session.scalars(
        query.with_for_update(of=EnterpriseRegistration) if lock else query
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def find(
    actor: Actor, registration_id: object, now: dt.datetime, *, lock: bool = False
) -> EnterpriseRegistration:
    """A registration in the actor's scope.

    :raises NotFound: there is none, or not for this actor.
    """
    found: EnterpriseRegistration = scope.find(
        EnterpriseRegistration, registration_id, actor, local_date(now), lock=lock
    )
    return found


def save(
    actor: Actor, draft: EnterpriseDraft, version: int | None, now: dt.datetime
) -> EnterpriseRegistration:
    """Keep what was entered so far, complete or not; only what is there must be well formed.

    :raises Invalid: naming every entry that cannot be kept.
    :raises Conflict: it waits for review, or was changed in another window since ``version``.
    """
    registration = own_registration(actor, now, lock=True)
    WORKFLOW.decide(facts_of(registration), registration.state, "save", actor)
    _claim(registration, version)
    entered = _entered(draft, now)
    problems = format_problems(entered, local_date(now), may_except=False)
    if problems:
        raise Invalid(problems)
    _keep(registration, entered, now)
    return registration


def submit(
    actor: Actor, draft: EnterpriseDraft, version: int | None, now: dt.datetime
) -> EnterpriseRegistration:
    """Send the registration to the lowest admin who covers the place.

    :raises Invalid: naming everything that stands against it, all at once.
    :raises Conflict: it was sent or changed meanwhile.
    """
    registration = own_registration(actor, now, lock=True)
    decided = WORKFLOW.decide(facts_of(registration), registration.state, "submit", actor)
    _claim(registration, version)
    entered = _entered(draft, now)
    reviewer = reviewer_for(entered.region_id, local_date(now)) if entered.region_id else None
    with db.session.no_autoflush:
        problems = submission_problems(actor, entered, reviewer, now)
    if problems:
        raise Invalid(problems)
    _keep(registration, entered, now)
    assert reviewer is not None  # noqa: S101 - its absence is one of the problems
    registration.submitted_at = now
    _step(actor, registration, decided, now, reviewer=reviewer)
    return registration


def submission_problems(
    actor: Actor, entered: EnterpriseDraft, reviewer: Admin | None, now: dt.datetime
) -> list[Problem]:
    """Everything that stands against submitting normalised entries."""
    today = local_date(now)
    problems = draft_problems(entered, today, may_except=False)
    problems += [
        Problem(Message("This entry is required."), field)
        for field in FIGURES
        if getattr(entered, field) is None
    ]
    places = region_problems(entered.region_id, actor, today)
    problems += places + choice_problems(entered)
    if not places and reviewer is None:
        problems.append(Problem(NOBODY_REVIEWS, "region"))
    problems += registered_already(entered, today)
    return problems or waiting_already(entered, but=actor.account_id or 0)


def withdraw(actor: Actor, version: int | None, now: dt.datetime) -> EnterpriseRegistration:
    """Take a registration back that nobody has decided on yet, to change it.

    :raises Conflict: it does not wait any more.
    """
    registration = own_registration(actor, now, lock=True)
    decided = _decide(actor, registration, "withdraw", "", version)
    _step(actor, registration, decided, now)
    return registration


def approve(
    actor: Actor, registration_id: object, version: int | None, now: dt.datetime
) -> EnterpriseRegistration:
    """Let an enterprise in: it is made with its first version, and told by SMS.

    :raises Invalid: something has changed since it was submitted, such as a duplicate.
    :raises Conflict: somebody was faster; says who did what.
    """
    registration = find(actor, registration_id, now, lock=True)
    decided = _decide(actor, registration, "approve", "", version)
    account = registration.account
    enterprise = service.create_enterprise(actor, draft_of(registration), now, account_id=account.id)
    account.display_name = enterprise.name[:100]
    account.user.first_name = account.display_name[:64]
    registration.enterprise_id = enterprise.id
    _step(actor, registration, decided, now)
    return registration


def give_back(
    actor: Actor, registration_id: object, version: int | None, reason: str, now: dt.datetime
) -> EnterpriseRegistration:
    """Return a registration with a reason; the enterprise mends it and submits again.

    :raises Invalid: no reason, or a longer one than 150 characters.
    :raises Conflict: somebody was faster; says who did what.
    """
    registration = find(actor, registration_id, now, lock=True)
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid([Problem(Message("At most {count} characters.", count=LONGEST_REASON), "comment")])
    decided = _decide(actor, registration, "return", reason, version)
    registration.return_reason = decided.comment
    _step(actor, registration, decided, now)
    return registration


def facts_of(registration: EnterpriseRegistration) -> RegistrationFacts:
    """What the workflow's table needs to know."""
    reviewer = registration.reviewer
    reviewers = (reviewer, *chain_above(reviewer)) if reviewer else ()
    return RegistrationFacts(registration.account_id, frozenset(admin.id for admin in reviewers))


def draft_of(registration: EnterpriseRegistration) -> EnterpriseDraft:
    """What was entered; a choice that was not made is 0."""
    entered: dict[str, Any] = {
        field: (getattr(registration, field) or 0) if field in REFERENCES else getattr(registration, field)
        for field in FIELDS
    }
    return EnterpriseDraft(**entered)


def kept_facts(registration: EnterpriseRegistration) -> dict[str, Any]:
    """What was entered, as JSON can keep it."""
    return {field: _plain(getattr(registration, field)) for field in FIELDS}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _entered(draft: EnterpriseDraft, now: dt.datetime) -> EnterpriseDraft:
    """The figures are always those of the end of last year, whenever they are entered (spec 10)."""
    return replace(draft, figures_year=local_date(now).year - 1, uscc_exception="").normalised()


def _keep(registration: EnterpriseRegistration, entered: EnterpriseDraft, now: dt.datetime) -> None:
    for field in FIELDS:
        value = getattr(entered, field)
        setattr(registration, field, (value or None) if field in REFERENCES else value)
    registration.name_key = name_key(entered.name)
    registration.updated_at = now
    db.session.flush()


def _decide(
    actor: Actor, registration: EnterpriseRegistration, verb: str, comment: str, version: int | None
) -> Step:
    """The step of the table, for who looks at the newest version; else who was faster with what."""
    try:
        decided = WORKFLOW.decide(facts_of(registration), registration.state, verb, actor, comment)
    except Conflict as refusal:
        raise _told(registration) from refusal
    _claim(registration, version)
    return decided


def _claim(registration: EnterpriseRegistration, version: int | None) -> None:
    if version is not None and registration.version != version:
        raise _told(registration)


def _told(registration: EnterpriseRegistration) -> Conflict:
    """Why a window is out of date: the last step, or what its owner saved in another window since then."""
    last = registration.steps[-1] if registration.steps else None
    if last is None or last.target != registration.state or registration.updated_at > last.at:
        return Conflict(
            Message(
                "The information was saved in another window at {when}. Nothing is lost: that is kept, and "
                "what you entered stands here, not yet saved. Save or submit again to keep yours instead, "
                "or reload to see the other.",
                when=registration.updated_at,
            )
        )
    return Conflict(
        Message(
            "The registration is now “{state}”: {name} did “{step}” at {when}. "
            "Nothing of yours was changed; reload to go on.",
            state=STATE_LABELS[registration.state],
            name=last.actor_name,
            step=verb_label(last.verb),
            when=last.at,
        )
    )


def verb_label(verb: str) -> Message:
    """What a step is called."""
    labels = {edge.verb: edge.label for edge in WORKFLOW.transitions}
    return labels.get(verb, Message("Handed to another reviewer"))


def _step(
    actor: Actor,
    registration: EnterpriseRegistration,
    decided: Step,
    now: dt.datetime,
    *,
    reviewer: Admin | None = None,
) -> None:
    """Write the state and the line of history; ``reviewer`` is at whom it waits from now on."""
    registration.state, registration.updated_at = decided.target, now
    registration.reviewer_id = reviewer.id if reviewer else None
    if decided.target != RETURNED:
        registration.return_reason = ""
    add_step(actor, registration, decided.verb, decided.source, decided.comment, now)
    if decided.emits:
        emit(RegistrationStepped(actor, decided.emits, registration.id, now))


def add_step(
    actor: Actor, registration: EnterpriseRegistration, verb: str, source: str, comment: str, now: dt.datetime
) -> None:
    """A line of the history, after the state was written."""
    db.session.flush()
    db.session.add(
        RegistrationStep(
            registration_id=registration.id,
            at=now,
            account_id=actor.account_id,
            actor_name=actor.name[:100],
            bureau_name=actor.bureau_name[:80],
            verb=verb,
            source=source,
            target=registration.state,
            comment=comment,
            facts=kept_facts(registration) if verb == "submit" else None,
        )
    )
    db.session.flush()
    db.session.expire(registration, ["steps", "reviewer"])
