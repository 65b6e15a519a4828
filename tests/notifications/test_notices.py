"""Notices: whom they reach, two tenants, editions, confirmation, files, and telling many at once."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.content import Accepted
from app.infra.database import db
from app.infra.files import Attachment, StoredFile
from app.infra.files.attachments import FileSet, find_attachment, keep_upload
from app.infra.jobs import Job, runner
from app.infra.jobs.models import JobState
from app.infra.jobs.queue import engine
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications import notices
from app.notifications.models import InboxMessage, Notice, NoticeReader
from app.notifications.reach import managed, readable
from app.organisations.models import Region
from tests.notifications.conftest import Write, unread_count
from tools.torture import crafted

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)
EVERYBODY = ["bureau", "centre", "enterprise", "point", "provider"]
NAMES = (
    *("province", "prefecture", "prefecture2", "county", "county2", "enterprise", "enterprise2"),
    *("point", "centre", "provider", "auditor", "admin"),
)


def region(code: str) -> int:
    return db.session.scalars(select(Region.id).where(Region.code == code)).one()


def readers(notice: Notice, actor: ActorOf) -> set[str]:
    """Which of the named accounts may read a notice."""
    return {
        name
        for name in NAMES
        if db.session.scalar(select(Notice.id).where(Notice.id == notice.id, readable(actor(name), TODAY)))
    }


def told(notice: Notice, actor: ActorOf) -> set[str]:
    """Which of the named accounts have it in their inbox."""
    query = select(InboxMessage.account_id).where(InboxMessage.key == notices.inbox_key(notice))
    accounts = set(db.session.scalars(query))
    return {name for name in NAMES if actor(name).account_id in accounts}


@pytest.mark.parametrize(
    ("author", "changes", "expected"),
    [
        ("prefecture", {"kinds": ["enterprise"]}, {"enterprise"}),
        ("prefecture", {"kinds": ["enterprise", "bureau"]}, {"enterprise", "county"}),
        ("county", {"kinds": EVERYBODY}, {"enterprise"}),
        ("prefecture2", {"kinds": ["enterprise", "bureau"]}, {"enterprise2", "county2"}),
        (
            "province",
            {"kinds": EVERYBODY},
            {"prefecture", "prefecture2", "county", "county2", "enterprise", "enterprise2"}
            | {"point", "centre", "provider"},
        ),
        ("province", {"kinds": ["provider"]}, {"provider"}),
        ("admin", {"kinds": ["enterprise"]}, {"enterprise", "enterprise2"}),
        ("admin", {"kinds": ["point", "provider"]}, {"point", "provider"}),
    ],
)
def test_a_notice_reaches_its_kinds_within_the_territory_of_its_author(
    write: Write, actor: ActorOf, author: str, changes: dict[str, Any], expected: set[str]
) -> None:
    notice = write(author, **changes)

    assert readers(notice, actor) == expected
    assert told(notice, actor) == expected


def test_chosen_regions_narrow_a_notice(write: Write, actor: ActorOf) -> None:
    notice = write("province", kinds=EVERYBODY, region_ids=[region("330200")])

    assert readers(notice, actor) == {"prefecture2", "county2", "enterprise2"} == told(notice, actor)


def test_nobody_addresses_regions_of_others(write: Write) -> None:
    with pytest.raises(Invalid) as refusal:
        write("prefecture", region_ids=[region("330200")])

    assert [problem.field for problem in refusal.value.problems] == ["regions"]


def test_a_notice_names_no_region_that_ended_unless_it_stood_there(
    write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    ended = region("330103")
    with pytest.raises(Invalid) as refusal:
        write("prefecture", region_ids=[ended])
    assert [problem.field for problem in refusal.value.problems] == ["regions"]
    assert refusal.value.problems[0].message.values["successors"] == "浙江省杭州市拱墅区"

    notice = write("prefecture", publish=False, region_ids=[region("330109")])
    with unit_of_work():
        notice.regions = [*notice.regions, db.session.get_one(Region, ended)]
    given = notices.NoticeInput("标题", "正文", ["bureau"], [one.id for one in notice.regions])
    with unit_of_work():
        notices.edit_notice(actor("prefecture"), notice.id, given, None, now)

    assert {one.code for one in notice.regions} == {"330109", "330103"}


def test_a_draft_reaches_nobody(write: Write, actor: ActorOf) -> None:
    notice = write("prefecture", publish=False)

    assert readers(notice, actor) == set() == told(notice, actor)


@pytest.mark.parametrize("name", ["enterprise", "point", "provider", "centre", "auditor"])
def test_only_bureaus_and_the_platform_write(write: Write, name: str) -> None:
    with pytest.raises(Forbidden):
        write(name)


def test_every_wrong_entry_is_told_at_once(write: Write) -> None:
    with pytest.raises(Invalid) as refusal:
        write("prefecture", title=" ", body="字" * 20_001, kinds=["auditor"])

    assert [problem.field for problem in refusal.value.problems] == ["title", "body", "kinds"]


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("county", {"province", "prefecture", "county"}),
        ("prefecture", {"province", "prefecture"}),
        ("county2", {"province", "prefecture2", "county2"}),
        ("admin", {"admin"}),
    ],
)
def test_a_bureau_administers_its_own_and_its_subordinates_notices(
    write: Write, actor: ActorOf, author: str, expected: set[str]
) -> None:
    notice = write(author)
    seen = {
        name
        for name in (*NAMES, "security")
        if db.session.scalar(select(Notice.id).where(Notice.id == notice.id, managed(actor(name), TODAY)))
    }

    assert seen == expected


def test_a_foreign_notice_is_absent_for_every_verb(write: Write, actor: ActorOf, now: dt.datetime) -> None:
    foreign = write("prefecture2", must_read=True)
    own, reader = actor("prefecture"), actor("enterprise")
    given = notices.NoticeInput("标题", "正文", ["enterprise"])

    for work in (
        lambda: notices.edit_notice(own, foreign.id, given, None, now),
        lambda: notices.delete_notice(own, foreign.id, now),
        lambda: notices.take_step(own, foreign.id, "withdraw", "原因", now),
        lambda: notices.find_readable(reader, foreign.id, now),
        lambda: notices.acknowledge(reader, foreign.id, 1, now),
    ):
        with pytest.raises(NotFound), unit_of_work():
            work()


def test_a_published_notice_stays_as_its_readers_see_it(
    write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    notice = write("prefecture")
    author = actor("prefecture")

    with pytest.raises(Conflict), unit_of_work():
        notices.edit_notice(author, notice.id, notices.NoticeInput("改", "改", ["bureau"]), None, now)
    with pytest.raises(Conflict), unit_of_work():
        notices.delete_notice(author, notice.id, now)


def test_withdrawing_takes_it_from_board_and_inbox_and_keeps_the_step(
    write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    notice = write("prefecture")
    author = actor("prefecture")

    with context.acting_as(author), unit_of_work():
        notices.take_step(author, notice.id, "withdraw", "时间有误", now)

    assert readers(notice, actor) == set() == told(notice, actor)
    steps = [
        (step.verb, step.comment, step.actor_name) for step in db.session.get_one(Notice, notice.id).steps
    ]
    assert steps == [("publish", "", author.name), ("withdraw", "时间有误", author.name)]


def test_a_new_edition_is_told_and_confirmed_anew(write: Write, actor: ActorOf, now: dt.datetime) -> None:
    notice = write("prefecture", must_read=True)
    author, reader = actor("prefecture"), actor("enterprise")
    with unit_of_work():
        notices.acknowledge(reader, notice.id, 1, now)
    with unit_of_work():
        notices.take_step(author, notice.id, "withdraw", "更正", now)
        changed = notices.NoticeInput("更正", "新的正文", ["enterprise"], must_read=True)
        notices.edit_notice(author, notice.id, changed, None, now)
        notices.take_step(author, notice.id, "publish", "", now)

    with pytest.raises(Conflict), unit_of_work():
        notices.acknowledge(reader, notice.id, 1, now)
    fresh = db.session.get_one(Notice, notice.id)
    reading = notices.reading_of(reader, fresh)
    assert fresh.edition == 2 and reading is not None and reading.acknowledged_at is None
    assert told(fresh, actor) == {"enterprise"}


def test_reading_confirms_nothing_and_confirming_is_audited_once(
    write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    notice = write("prefecture", must_read=True)
    reader = actor("enterprise")

    with unit_of_work():
        notices.note_reading(reader, notices.find_readable(reader, notice.id, now), now)
    reading = notices.reading_of(reader, notice)
    assert reading is not None and reading.read_at == now and reading.acknowledged_at is None
    assert unread_count(reader) == 0
    for _ in range(2):
        with unit_of_work():
            notices.acknowledge(reader, notice.id, notice.edition, now)

    lines = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "acknowledge")
    assert db.session.scalar(lines) == 1


def test_who_joins_the_audience_later_may_read_and_confirm(
    write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    notice = write("prefecture", must_read=True)
    reader = actor("enterprise")
    with unit_of_work():
        db.session.delete(notices.reading_of(reader, notice))

    with unit_of_work():
        notices.acknowledge(reader, notice.id, 1, now)

    reading = notices.reading_of(reader, notice)
    assert reading is not None and reading.acknowledged_at == now


def test_many_readers_are_told_by_a_job_and_once_only(
    app: Flask, write: Write, actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "AT_ONCE", 3)
    notice = write("province", kinds=EVERYBODY)
    assert told(notice, actor) == set()
    (job_id,) = db.session.scalars(select(Job.id).where(Job.kind == "notice.fan_out")).all()
    db.session.rollback()

    runner.run(engine(), job_id)

    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    assert job.state == JobState.DONE, job.error
    assert {"enterprise", "enterprise2", "county2", "point"} <= told(notice, actor)
    counted = select(func.count()).select_from(NoticeReader).where(NoticeReader.notice_id == notice.id)
    number = db.session.scalar(counted)
    with unit_of_work():
        assert notices.fan_out(db.session.get_one(Notice, notice.id), now) == 0
    assert db.session.scalar(counted) == number == notices.audience_size(notice, TODAY)


def test_a_job_for_an_edition_that_was_withdrawn_tells_nobody(
    app: Flask, write: Write, actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "AT_ONCE", 0)
    notice = write("prefecture")
    with unit_of_work():
        notices.take_step(actor("prefecture"), notice.id, "withdraw", "更正", now)
    (job_id,) = db.session.scalars(select(Job.id).where(Job.kind == "notice.fan_out")).all()
    db.session.rollback()

    runner.run(engine(), job_id)

    assert told(notice, actor) == set()


# Files


def with_files(draft: Notice, *kept: Attachment, added: Sequence[StoredFile] = ()) -> notices.NoticeInput:
    """A draft as it stands, with these files."""
    files = FileSet(tuple(one.id for one in kept), tuple(one.id for one in added))
    return notices.NoticeInput(draft.title, draft.body, draft.kinds, files=files)


@pytest.fixture
def upload(app: Flask, now: dt.datetime) -> Callable[..., StoredFile]:
    """``upload(actor)``: a file that an account has sent and that waits for its notice."""

    def sent(owner: Actor, name: str = "附件 一.pdf") -> StoredFile:
        return keep_upload(owner, Accepted(name, "application/pdf", crafted.pdf()), now)

    return sent


@pytest.fixture
def with_file(
    write: Write, actor: ActorOf, now: dt.datetime, upload: Callable[..., StoredFile]
) -> tuple[Notice, Attachment]:
    """A draft of a prefecture for its enterprises and bureaus, with a file."""
    author, draft = actor("prefecture"), write("prefecture", publish=False)
    sent = upload(author)
    with context.acting_as(author), unit_of_work():
        notices.edit_notice(author, draft.id, with_files(draft, added=[sent]), None, now)
    (attachment,) = draft.files
    return draft, attachment


def file_readers(attachment: Attachment, actor: ActorOf) -> set[str]:
    """Which of the named accounts may download a file."""
    found = set()
    for name in NAMES:
        with contextlib.suppress(NotFound):
            find_attachment(attachment.id, actor(name), TODAY)
            found.add(name)
    return found


def test_a_file_is_for_who_administers_its_notice_and_for_its_readers_while_it_is_published(
    with_file: tuple[Notice, Attachment], actor: ActorOf, now: dt.datetime
) -> None:
    notice, attachment = with_file
    author, editors = actor("prefecture"), {"province", "prefecture"}

    assert file_readers(attachment, actor) == editors
    with unit_of_work():
        notices.take_step(author, notice.id, "publish", "", now)
    assert file_readers(attachment, actor) == editors | {"county", "enterprise"}
    with unit_of_work():
        notices.take_step(author, notice.id, "withdraw", "更正", now)
    assert file_readers(attachment, actor) == editors


def test_the_files_of_a_notice_are_those_that_it_was_saved_with(
    with_file: tuple[Notice, Attachment], actor: ActorOf, now: dt.datetime, upload: Callable[..., StoredFile]
) -> None:
    notice, first = with_file
    author = actor("prefecture")
    second = upload(author, "附件 二.pdf")

    with unit_of_work():
        notices.edit_notice(author, notice.id, with_files(notice, first, added=[second]), None, now)
    assert [one.file.name for one in notice.files] == ["附件 一.pdf", "附件 二.pdf"]
    with unit_of_work():
        notices.edit_notice(author, notice.id, with_files(notice, notice.files[1]), None, now)
    assert [one.file.name for one in notice.files] == ["附件 二.pdf"]


def test_a_notice_has_ten_files_at_most(
    write: Write, actor: ActorOf, now: dt.datetime, upload: Callable[..., StoredFile]
) -> None:
    author, draft = actor("prefecture"), write("prefecture", publish=False)
    sent = [upload(author) for _ in range(notices.FILES.most + 1)]

    with pytest.raises(Invalid) as refusal, unit_of_work():
        notices.edit_notice(author, draft.id, with_files(draft, added=sent), None, now)

    assert [problem.field for problem in refusal.value.problems] == ["files"]
    assert draft.files == []


def test_a_foreign_upload_is_not_taken(
    write: Write, actor: ActorOf, now: dt.datetime, upload: Callable[..., StoredFile]
) -> None:
    draft, theirs = write("prefecture", publish=False), upload(actor("prefecture2"))

    with pytest.raises(Invalid), unit_of_work():
        notices.edit_notice(actor("prefecture"), draft.id, with_files(draft, added=[theirs]), None, now)


def test_files_go_with_a_deleted_draft(
    with_file: tuple[Notice, Attachment], actor: ActorOf, now: dt.datetime
) -> None:
    notice, attachment = with_file
    file_id = attachment.file_id

    with unit_of_work():
        notices.delete_notice(actor("prefecture"), notice.id, now)

    db.session.expire_all()
    assert db.session.scalars(select(Attachment)).all() == []
    assert db.session.get_one(StoredFile, file_id).expires_at is not None
