"""The life of a questionnaire: drawn up, copied, revised, enabled for good, stopped, deleted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import crud, scope
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date, start_of_day
from app.kernel.errors import Conflict, Forbidden
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires import drafts
from app.questionnaires.audience import regions_of_owner
from app.questionnaires.definition import Definition
from app.questionnaires.models import TITLE_LENGTH, Questionnaire
from app.questionnaires.readiness import obstacles
from app.questionnaires.round_periods import span_after
from app.questionnaires.rounds import open_due, spans_to_come
from app.questionnaires.scope import managed_questionnaires
from app.questionnaires.stops import Facts, end_early, note_step
from app.questionnaires.themes import Theme, check_theme, fill_theme, theme_of
from app.questionnaires.workflow import ENABLED, WORKFLOW

FOREIGN = Message("This questionnaire was handed out to you: copy it to make one of your own.")


def find_managed(actor: Actor, key: object, now: dt.datetime, *, lock: bool = False) -> Questionnaire:
    """A questionnaire that the actor may change, enable and stop: its own or a subordinate's.

    :raises NotFound: there is none in sight. :raises Forbidden: it was only handed out.
    """
    found: Questionnaire = scope.find(Questionnaire, key, actor, local_date(now), lock=lock)
    if not manages(actor, found, local_date(now)):
        raise Forbidden(FOREIGN)
    return found


def manages(actor: Actor, questionnaire: Questionnaire, today: dt.date) -> bool:
    """Whether a questionnaire in sight is the actor's own or a subordinate's."""
    query = select(Questionnaire.id).where(Questionnaire.id == questionnaire.id)
    return db.session.scalar(query.where(managed_questionnaires(actor, today))) is not None


def closed_because(questionnaire: Questionnaire) -> Message | None:
    """Why a questionnaire cannot be changed; None where it can."""
    if questionnaire.is_draft:
        return None
    return Message("An enabled questionnaire never changes. Revise it: the revision continues the series.")


def create_questionnaire(actor: Actor, theme: Theme, now: dt.datetime) -> Questionnaire:
    """A draft without questions, owned by the acting admin.

    :raises Forbidden: not a bureau admin. :raises Invalid: the theme is wrong.
    """
    _only_bureaus(actor)
    check_theme(actor, None, theme, now)
    return _draft(actor, theme, Definition(), now)


def edit_theme(
    actor: Actor, key: object, theme: Theme, version: int | None, now: dt.datetime
) -> Questionnaire:
    """Change the theme of a draft that was opened at ``version``.

    :raises Conflict: it is enabled, or somebody else changed it meanwhile. :raises Invalid: it is wrong.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    _refuse_closed(questionnaire)
    crud.claim_version(questionnaire, version)
    check_theme(actor, questionnaire, theme, now)
    fill_theme(questionnaire, theme, now)
    return questionnaire


def copy_questionnaire(actor: Actor, key: object, title: str, now: dt.datetime) -> Questionnaire:
    """A draft of the actor's own with the same questions, from any questionnaire in sight.

    Regions and enterprises out of the actor's sight are left behind, and so are the days.
    """
    _only_bureaus(actor)
    source: Questionnaire = scope.find(Questionnaire, key, actor, local_date(now))
    theme = replace(_within_sight(actor, theme_of(source), now), title=title, starts_on=None, ends_on=None)
    check_theme(actor, source, theme, now)
    return _draft(actor, theme, drafts.definition_of(source), now)


def revise_questionnaire(actor: Actor, key: object, now: dt.datetime) -> Questionnaire:
    """A draft that continues the series; it is asked from the next round on, unless its days are changed.

    :raises Conflict: it is a draft itself, a later revision exists, or one is being drawn up already.
    """
    source = find_managed(actor, key, now, lock=True)
    if source.is_draft:
        raise Conflict(Message("A draft needs no revision: it can still be changed."))
    latest = _latest_of(source)
    if latest.id != source.id:
        words = Message("Revision {number} continues this series already.", number=latest.revision)
        raise Conflict(words)
    following = span_after(source, local_date(now)) if source.state == ENABLED else None
    starts_on = following.begins_on if following else None
    theme = replace(theme_of(source), starts_on=starts_on, ends_on=source.ends_on if starts_on else None)
    return _draft(actor, theme, drafts.definition_of(source), now, revises=source)


def enable_questionnaire(actor: Actor, key: object, version: int | None, now: dt.datetime) -> Questionnaire:
    """Freeze a draft and ask it from its first day on; a round that is due opens at once.

    An audience without regions becomes that of the owner's regions today, so that it cannot move later.

    :raises Invalid: what ``readiness.obstacles`` tells. :raises Conflict: changed since ``version``.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    crud.claim_version(questionnaire, version)
    today = local_date(now)
    facts = Facts(questionnaire.admin_id, obstacles(questionnaire, today))
    step = WORKFLOW.decide(facts, questionnaire.state, "enable", actor)
    if not questionnaire.regions:
        roots = Region.id.in_(regions_of_owner(questionnaire.admin_id))
        questionnaire.regions = list(db.session.scalars(select(Region).where(roots).order_by(Region.code)))
        db.session.flush()  # the guards of the database refuse it once the state has changed
    questionnaire.enabled_at = now
    note_step(actor, questionnaire, step, now)
    first = spans_to_come(questionnaire, today)
    questionnaire.next_round_at = start_of_day(first.begins_on) if first else None
    db.session.flush()
    if first is not None and first.begins_on <= today:
        open_due(questionnaire, now)
        db.session.flush()
    return questionnaire


def stop_questionnaire(actor: Actor, key: object, reason: str, now: dt.datetime) -> Questionnaire:
    """End a questionnaire early, for a reason; its open round closes.

    :raises Invalid: no reason. :raises Overtaken: it is not enabled.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    end_early(actor, questionnaire, reason, now)
    return questionnaire


def delete_questionnaire(actor: Actor, key: object, now: dt.datetime) -> None:
    """Delete a draft.

    :raises Conflict: it is enabled; such a one stays, with what was answered.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    _refuse_closed(questionnaire)
    crud.remove(questionnaire)


def series_of(questionnaire: Questionnaire) -> int:
    """The key of the series: the number of its first questionnaire."""
    return questionnaire.series_id or questionnaire.id


def _draft(
    actor: Actor,
    theme: Theme,
    definition: Definition,
    now: dt.datetime,
    *,
    revises: Questionnaire | None = None,
) -> Questionnaire:
    questionnaire = Questionnaire(
        admin_id=revises.admin_id if revises else actor.admin_id,
        series_id=series_of(revises) if revises else None,
        revision=revises.revision + 1 if revises else 1,
        title=theme.title.strip()[:TITLE_LENGTH],
        created_at=now,
        updated_at=now,
    )
    db.session.add(questionnaire)
    fill_theme(questionnaire, theme, now)
    drafts.start(questionnaire, definition, actor, now)
    return questionnaire


def _latest_of(questionnaire: Questionnaire) -> Questionnaire:
    root = series_of(questionnaire)
    series = select(Questionnaire).where((Questionnaire.id == root) | (Questionnaire.series_id == root))
    return db.session.scalars(series.order_by(Questionnaire.revision.desc()).limit(1)).one()


def _within_sight(actor: Actor, theme: Theme, now: dt.datetime) -> Theme:
    """The theme without the places and enterprises that the actor does not see."""
    today = local_date(now)
    regions = scope.visible(Region, actor, today).with_only_columns(Region.id)
    enterprises = scope.visible(Enterprise, actor, today).with_only_columns(Enterprise.id)
    return replace(
        theme,
        region_ids=db.session.scalars(regions.where(Region.id.in_(theme.region_ids))).all(),
        enterprise_ids=db.session.scalars(enterprises.where(Enterprise.id.in_(theme.enterprise_ids))).all(),
    )


def _only_bureaus(actor: Actor) -> None:
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        raise Forbidden(Message("Questionnaires are drawn up by bureaus."))


def _refuse_closed(questionnaire: Questionnaire) -> None:
    reason = closed_because(questionnaire)
    if reason is not None:
        raise Conflict(reason)
