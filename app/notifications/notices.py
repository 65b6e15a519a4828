"""What bureaus and the platform administrator do with notices, and what readers do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import func

from app.infra import audit, crud, scope
from app.infra.content import DOCUMENTS, IMAGES, FileRule
from app.infra.database import db, is_postgresql
from app.infra.files.attachments import FileSet, also_read, keep_files
from app.infra.jobs import JobContext, Outcome, enqueue, job
from app.infra.registries import table
from app.infra.words import words_to_json
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken, Problem
from app.kernel.texts import LocalText, Message
from app.notifications import service
from app.notifications.models import (
    PUBLISHER_LENGTH,
    TITLE_LENGTH,
    InboxMessage,
    Notice,
    NoticeAudience,
    NoticeKind,
    NoticeReader,
    NoticeStep,
)
from app.notifications.reach import AUDIENCE, accounts, addressed, managed, reach, readable, regions
from app.notifications.workflow import PUBLISHED, WORKFLOW

AT_ONCE = 500
"""Readers who are told within the publication; more are told by a job."""

LONGEST_BODY = 20_000
FILES = FileRule((*DOCUMENTS, *IMAGES, "zip", "csv", "txt"), most=10)

scope.register(Notice, managed)
also_read(Notice, readable)


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """What an author writes. No regions: everything that the author looks after.

    ``files`` are all that the notice has afterwards.
    """

    title: str
    body: str
    kinds: Sequence[str]
    region_ids: Sequence[int] = ()
    on_top: bool = False
    must_read: bool = False
    files: FileSet = field(default_factory=FileSet)


def create_notice(actor: Actor, given: NoticeInput, now: dt.datetime) -> Notice:
    """A draft in the name of the actor's bureau, or of the platform.

    :raises Forbidden: neither a bureau nor the platform administrator.
    :raises Invalid: an entry is wrong.
    """
    kind = _kind_of(actor)
    _check(actor, None, given, local_date(now))
    notice = Notice(kind=kind, author_id=actor.account_id, created_at=now, title=given.title, body=given.body)
    db.session.add(notice)
    _fill(actor, notice, given, now)
    return notice


def edit_notice(
    actor: Actor, notice_id: object, given: NoticeInput, version: int | None, now: dt.datetime
) -> Notice:
    """Change a notice that its readers do not see now.

    :raises Conflict: it is published, or somebody else changed it since ``version``.
    """
    notice = find_notice(actor, notice_id, now, lock=True)
    reason = closed_because(notice)
    if reason is not None:
        raise Conflict(reason)
    crud.claim_version(notice, version)
    _check(actor, notice, given, local_date(now))
    _fill(actor, notice, given, now)
    return notice


def closed_because(notice: Notice) -> Message | None:
    """Why a notice cannot be changed; None where it can."""
    if notice.state == PUBLISHED:
        return Message("Readers see this notice as it is. Withdraw it before you change it.")
    return None


def delete_notice(actor: Actor, notice_id: object, now: dt.datetime) -> None:
    """Delete a draft; a notice that somebody may have read stays, withdrawn.

    :raises Conflict: it was published once.
    """
    notice = find_notice(actor, notice_id, now, lock=True)
    if notice.edition:
        raise Conflict(Message("This notice was published once and is kept. Withdraw it instead."))
    db.session.delete(notice)
    db.session.flush()


def take_step(actor: Actor, notice_id: object, verb: str, comment: str, now: dt.datetime) -> Notice:
    """Publish or withdraw, as the workflow allows; the step is kept, and readers are told or untold.

    :raises Conflict, Forbidden, Invalid: as ``Workflow.decide``.
    """
    notice = find_notice(actor, notice_id, now, lock=True)
    step = WORKFLOW.decide(notice, notice.state, verb, actor, comment)
    notice.state = step.target
    if step.target == PUBLISHED:
        notice.edition += 1
        notice.published_at = now
        notice.publisher = str(publisher_of(notice, actor.bureau_name))[:PUBLISHER_LENGTH]
    db.session.add(
        NoticeStep(
            notice_id=notice.id,
            verb=step.verb,
            source=step.source,
            target=step.target,
            comment=step.comment[:500],
            at=now,
            account_id=actor.account_id,
            actor_name=actor.name[:PUBLISHER_LENGTH],
        )
    )
    db.session.flush()
    if step.target == PUBLISHED:
        _tell(actor, notice, now)
    else:
        service.take_back(inbox_key(notice))
    return notice


def publisher_of(notice: Notice, bureau: str) -> LocalText:
    """What readers see as the author: the bureau, or the platform by its name."""
    platform: LocalText = table("PLATFORM_NAME")
    return platform if notice.kind == NoticeKind.PLATFORM else LocalText(bureau)


def find_notice(actor: Actor, notice_id: object, now: dt.datetime, *, lock: bool = False) -> Notice:
    """A notice that the actor administers.

    :raises NotFound: there is none.
    """
    found: Notice = scope.find(Notice, notice_id, actor, local_date(now), lock=lock)
    return found


def _kind_of(actor: Actor) -> str:
    if actor.kind is Kind.PLATFORM:
        return NoticeKind.PLATFORM
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return NoticeKind.BUREAU
    raise Forbidden(Message("Notices are written by bureaus and by the platform administrator."))


def _check(actor: Actor, notice: Notice | None, given: NoticeInput, today: dt.date) -> None:
    problems = notice_problems(actor, notice, given, today)
    if problems:
        raise Invalid(problems)


def notice_problems(actor: Actor, notice: Notice | None, given: NoticeInput, today: dt.date) -> list[Problem]:
    """Everything wrong with a notice as entered; ``notice`` is None for a new one."""
    problems = []
    if not given.title.strip() or len(given.title) > TITLE_LENGTH:
        problems.append(Problem(Message("A title has 1 to {most} characters.", most=TITLE_LENGTH), "title"))
    if not given.body.strip() or len(given.body) > LONGEST_BODY:
        problems.append(
            Problem(Message("The text has 1 to {most} characters.", most=f"{LONGEST_BODY:,}"), "body")
        )
    if not given.kinds or set(given.kinds) - set(AUDIENCE):
        problems.append(Problem(Message("Choose at least one kind of readers."), "kinds"))
    model = regions()
    seen = scope.visible(model, actor, today).with_only_columns(model.id)
    wanted = set(given.region_ids)
    if wanted - set(db.session.scalars(seen.where(model.id.in_(wanted)))):
        problems.append(Problem(Message("Choose regions that you look after."), "regions"))
    else:
        problems += _ended(wanted - {one.id for one in notice.regions} if notice else wanted, today)
    return problems


def _ended(region_ids: Collection[int], today: dt.date) -> list[Problem]:
    """Regions that do not exist today, newly chosen: those that stand in a notice may stay."""
    model = regions()
    chosen = db.session.scalars(select(model).where(model.id.in_(region_ids)).order_by(model.code))
    refusals = [region.refusal_on(today) for region in chosen]
    return [Problem(refusal, "regions") for refusal in refusals if refusal is not None]


def _fill(actor: Actor, notice: Notice, given: NoticeInput, now: dt.datetime) -> None:
    notice.title, notice.body = given.title.strip(), given.body.strip()
    notice.on_top, notice.must_read = given.on_top, given.must_read
    kept = {part.kind: part for part in notice.audience}
    notice.audience = [kept.get(kind) or NoticeAudience(kind=kind) for kind in sorted(set(given.kinds))]
    model = regions()
    whole = not given.region_ids
    wanted = actor.region_ids if whole else given.region_ids
    notice.regions = list(db.session.scalars(select(model).where(model.id.in_(wanted)).order_by(model.code)))
    notice.everywhere = whole and notice.kind == NoticeKind.PLATFORM
    notice.unplaced = whole and notice.kind == NoticeKind.BUREAU and reach().is_top(actor)
    db.session.flush()
    keep_files(actor, notice, "files", given.files, now, FILES.most)


# Telling readers


def inbox_key(notice: Notice) -> str:
    """What makes the message about an edition unique in an inbox."""
    return f"notice.{notice.id}.{notice.edition}"


def audience_size(notice: Notice, today: dt.date) -> int:
    """How many accounts a notice is for."""
    account = accounts()
    query = select(func.count()).select_from(account).where(addressed(notice, today))
    return db.session.scalar(query) or 0


def _tell(actor: Actor, notice: Notice, now: dt.datetime) -> None:
    if audience_size(notice, local_date(now)) <= AT_ONCE:
        fan_out(notice, now)
    else:
        enqueue("notice.fan_out", actor, {"notice": notice.id, "edition": notice.edition}, inbox_key(notice))


@job("notice.fan_out", title=Message("Telling the readers of a notice"))
def fan_out_job(ctx: JobContext) -> Outcome:
    """Tell the readers of an edition, unless it was withdrawn or replaced meanwhile."""
    # Locked, so that a withdrawal waits and then takes back what is told here.
    notice = db.session.get(Notice, ctx.params["notice"], with_for_update=True)
    told = 0
    if notice is not None and notice.state == PUBLISHED and notice.edition == ctx.params["edition"]:
        told = fan_out(notice, ctx.now)
    return Outcome(Message("{count} readers were told.", count=told))


def fan_out(notice: Notice, now: dt.datetime) -> int:
    """Give an edition to every account that it is for, by two statements however many; gives the number.

    Safe to repeat: who has it already gets no second one.
    """
    account = accounts()
    given = select(NoticeReader.account_id).where(
        NoticeReader.notice_id == notice.id, NoticeReader.edition == notice.edition
    )
    new = (
        select(literal(notice.id), literal(notice.edition), account.id)
        .where(addressed(notice, local_date(now)), account.id.not_in(given))
        .order_by(account.id)
    )
    names = ["notice_id", "edition", "account_id"]
    before = _number_of_readers(notice)
    db.session.execute(_adding(NoticeReader).from_select(names, new).on_conflict_do_nothing())
    _into_inboxes(notice, now)
    return _number_of_readers(notice) - before


def _number_of_readers(notice: Notice) -> int:
    """How many were given the present edition; PostgreSQL's driver does not count what an INSERT selects."""
    query = select(func.count()).select_from(NoticeReader)
    mine = query.where(NoticeReader.notice_id == notice.id, NoticeReader.edition == notice.edition)
    return db.session.scalar(mine) or 0


def _into_inboxes(notice: Notice, now: dt.datetime) -> None:
    key = inbox_key(notice)
    title = words_to_json(LocalText(notice.title))
    publisher = publisher_of(notice, notice.publisher)
    body = words_to_json(Message("{publisher} published a notice.", publisher=publisher))
    values = {
        "kind": literal("notice"),
        "title": literal(title, InboxMessage.title.type),
        "body": literal(body, InboxMessage.body.type),
        "url": literal(f"/board/{notice.id}"),
        "key": literal(key),
        "created_at": literal(now, InboxMessage.created_at.type),
    }
    told = select(InboxMessage.account_id).where(InboxMessage.key == key)
    reader = NoticeReader
    new = select(reader.account_id, *values.values()).where(
        reader.notice_id == notice.id, reader.edition == notice.edition, reader.account_id.not_in(told)
    )
    db.session.execute(
        _adding(InboxMessage).from_select(["account_id", *values], new).on_conflict_do_nothing()
    )


def _adding(model: Any) -> Any:
    """An INSERT that passes over rows that somebody else added in the same moment, such as a reader."""
    return (postgresql if is_postgresql() else sqlite).insert(model)


# Readers


def find_readable(actor: Actor, notice_id: object, now: dt.datetime) -> Notice:
    """A published notice that is for the actor.

    :raises NotFound: there is none, or not for this account; the two look the same.
    """
    key = scope.parse_key(notice_id, int)
    query = select(Notice).where(Notice.id == key, readable(actor, local_date(now)))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def note_reading(actor: Actor, notice: Notice, now: dt.datetime) -> NoticeReader:
    """Note that the actor has opened the notice, and that its message is read."""
    mine = _readers_row(actor, notice)
    if mine.read_at is None:
        mine.read_at = now
    db.session.execute(
        update(InboxMessage)
        .where(
            InboxMessage.key == inbox_key(notice),
            InboxMessage.account_id == actor.account_id,
            InboxMessage.read_at.is_(None),
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()
    return mine


def acknowledge(actor: Actor, notice_id: object, edition: int | None, now: dt.datetime) -> None:
    """The reader's word that the notice was read.

    :param edition: the edition that the reader saw.
    :raises Overtaken: the notice was changed and published again meanwhile.
    """
    notice = find_readable(actor, notice_id, now)
    if edition is not None and edition != notice.edition:
        raise Overtaken(Message("The notice was published anew. Read it again before you confirm it."))
    mine = note_reading(actor, notice, now)
    if mine.acknowledged_at is None:
        mine.acknowledged_at = now
        audit.record(actor, "acknowledge", "notice", notice.id, after={"edition": notice.edition})
    db.session.flush()


def reading_of(actor: Actor, notice: Notice) -> NoticeReader | None:
    """What is known of the actor's reading of this edition."""
    return db.session.scalars(
        select(NoticeReader).where(
            NoticeReader.notice_id == notice.id,
            NoticeReader.edition == notice.edition,
            NoticeReader.account_id == actor.account_id,
        )
    ).one_or_none()


def _readers_row(actor: Actor, notice: Notice) -> NoticeReader:
    """The actor's row; made here for who came into the audience after the publication."""
    found = reading_of(actor, notice)
    if found is None:
        row = {"notice_id": notice.id, "edition": notice.edition, "account_id": actor.account_id}
        db.session.execute(_adding(NoticeReader).values(**row).on_conflict_do_nothing())
        found = reading_of(actor, notice)
    if found is None:
        raise NotFound
    return found
