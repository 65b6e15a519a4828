"""An import from its upload to its outcome: seen before it is written, written once, as a whole."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.enterprises import service as enterprise_service
from app.enterprises.models import Enterprise, EnterpriseVersion
from app.enterprises.sheets import ENTERPRISES
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.files import file_store
from app.infra.imports import service
from app.infra.imports.models import ImportBatch
from app.infra.imports.preview import problems_of
from app.infra.imports.rules import BatchState, Standing
from app.infra.jobs import Job, JobState, runner
from app.infra.jobs.queue import engine
from app.infra.outbox.models import OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.organisations.models import Account, Admin, Bureau
from app.organisations.sheets import ADMINS, BUREAUS
from tests.infra.killed import run_and_kill
from tools.import_rows import enterprise_row, enterprise_rows, workbook_of

ActorOf = Callable[[str], Actor]
Rows = Sequence[dict[str, Any]]


@pytest.fixture
def owner(actor: ActorOf) -> Actor:
    return actor("prefecture")


def upload(
    owner: Actor, content: bytes, now: dt.datetime, key: str = "first", spec: str = "enterprises"
) -> ImportBatch:
    with unit_of_work():
        return service.upload(owner, spec, content, "企业.xlsx", key, "zh", now)


def again(owner: Actor, batch: ImportBatch) -> ImportBatch:
    db.session.rollback()
    return service.find(owner, batch.public_id)


def checked(
    owner: Actor, rows: Rows, now: dt.datetime, key: str = "first", spec: Any = ENTERPRISES
) -> ImportBatch:
    batch = upload(owner, workbook_of(rows, spec), now, key, spec.name)
    runner.run(engine(), batch.check_job_id or 0)
    return again(owner, batch)


def confirmed(owner: Actor, batch: ImportBatch, mode: str, now: dt.datetime) -> ImportBatch:
    with unit_of_work():
        service.confirm(owner, batch.public_id, mode, now)
    runner.run(engine(), again(owner, batch).apply_job_id or 0)
    return again(owner, batch)


def found(batch: ImportBatch, spec: Any = ENTERPRISES) -> list[tuple[int, str, str]]:
    return [
        (one.row, one.column.msgid if one.column else "", str(one.words))
        for one in problems_of(spec, batch.preview)
    ]


def count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count(model.id)).where(*conditions)) or 0


def imported(number: int) -> Enterprise:
    name = enterprise_row(number)["name"]
    return db.session.scalars(select(Enterprise).where(Enterprise.name == name)).one()


def test_nothing_is_written_before_the_confirmation(owner: Actor, now: dt.datetime) -> None:
    before = count(Enterprise)

    batch = checked(owner, [*enterprise_rows(3)], now)

    assert (batch.state, batch.counted, batch.valid, batch.problem_count) == (BatchState.READY, 3, 3, 0)
    assert count(Enterprise) == before


def test_confirming_writes_what_adding_one_by_one_writes(owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [*enterprise_rows(2)], now)

    batch = confirmed(owner, batch, "all", now)

    made = imported(1)
    version = db.session.scalars(
        select(EnterpriseVersion).where(EnterpriseVersion.enterprise_id == made.id)
    ).one()
    line = select(AuditEntry).where(AuditEntry.entity == "enterprise", AuditEntry.entity_key == str(made.id))
    assert (batch.state, batch.written) == (BatchState.DONE, 2)
    assert made.current_version_id == version.id and version.name == made.name and version.size == made.size
    assert made.direct_reviewer is not None and made.direct_reviewer.level == "county"
    assert made.region.code == "330109" and made.county_id == made.region_id and made.prefecture is not None
    assert str(made.revenue) == "42601.55"
    assert [entry.action for entry in db.session.scalars(line)] == ["create"]
    assert count(AuditEntry, AuditEntry.action == "import", AuditEntry.entity_key == batch.public_id) == 1


def test_every_error_is_named_by_row_and_column(owner: Actor, now: dt.datetime, actor: ActorOf) -> None:
    existing = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    rows = [
        enterprise_row(0),
        enterprise_row(1, name="云泽导入 00000号有限公司"),
        enterprise_row(2, uscc=existing.uscc),
        enterprise_row(3, region="330212"),
        enterprise_row(4, industry="没有这个行业", revenue="一千", opened_on="昨天"),
        enterprise_row(5, phone="", contact_name=""),
        enterprise_row(6, uscc=9.133010900000000e17),
        enterprise_row(7, username="enterprise", email="a@b.example"),
        enterprise_row(8, registration_type="有限责任公司"),
    ]

    batch = checked(owner, rows, now)

    assert batch.valid == 1
    assert [(row, column) for row, column, _words in found(batch)] == [
        (3, "Enterprise name"),
        (4, "Credit code"),
        (5, "Located in"),
        (6, "Industry"),
        (6, "Revenue of that year (1,000 yuan)"),
        (6, "Opened on"),
        (7, "Contact"),
        (7, "Telephone"),
        (8, "Credit code"),
        (9, "User ID"),
        (10, "Registration type"),
    ]


def test_a_neighbour_learns_nothing_of_an_enterprise_elsewhere_but_that_it_is_registered(
    owner: Actor, now: dt.datetime, actor: ActorOf
) -> None:
    foreign = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)

    batch = checked(owner, [enterprise_row(1, name=foreign.name)], now)

    assert "already registered" in found(batch)[0][2] and foreign.uscc not in str(batch.preview)


def test_only_the_valid_rows_are_written_and_the_others_come_back(owner: Actor, now: dt.datetime) -> None:
    rows = [enterprise_row(0), enterprise_row(1, phone="12"), enterprise_row(2)]
    batch = checked(owner, rows, now)
    with pytest.raises(Invalid), unit_of_work():
        service.confirm(owner, batch.public_id, "all", now)

    batch = confirmed(owner, batch, "valid", now)

    assert (batch.state, batch.written, batch.failed) == (BatchState.DONE, 2, 1)
    job = batch.apply_job
    assert job is not None and job.result is not None and job.outcome is not None
    assert [line["done"] for line in job.outcome["lines"]] == [True, False, True]
    sheet = load_workbook(io.BytesIO(file_store().locate(job.result.path).read_bytes())).worksheets[0]
    head, failed = list(sheet.iter_rows(values_only=True))
    assert head[0] == "企业名称*" and head[-1] == "未通过原因"
    assert failed[0] == rows[1]["name"] and "电话" in str(failed[-1])


def test_failed_rows_can_be_corrected_and_uploaded_again(owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [enterprise_row(0), enterprise_row(1, phone="12")], now)
    job = batch.check_job
    assert job is not None and job.result is not None
    book = load_workbook(io.BytesIO(file_store().locate(job.result.path).read_bytes()))
    sheet = book.worksheets[0]
    place = next(cell.column for cell in sheet[1] if cell.value == "电话")
    sheet.cell(2, place).value = "0500-12345678"
    target = io.BytesIO()
    book.save(target)

    second = upload(owner, target.getvalue(), now, "second")
    runner.run(engine(), second.check_job_id or 0)
    second = again(owner, second)

    assert (second.counted, second.valid, second.preview["notices"]) == (1, 1, [])


def test_what_changed_since_the_preview_is_checked_again(
    owner: Actor, now: dt.datetime, actor: ActorOf
) -> None:
    first = checked(owner, [*enterprise_rows(2)], now)
    second = checked(owner, [*enterprise_rows(2)], now, "second")
    confirmed(owner, first, "all", now)
    before = count(Enterprise)

    second = confirmed(owner, second, "all", now)

    assert (second.state, second.mode, second.valid, second.written) == (BatchState.READY, "", 0, 0)
    assert count(Enterprise) == before
    assert "something changed" in second.preview["notices"][0]["msgid"]


def test_a_double_click_uploads_once_and_confirms_once(owner: Actor, now: dt.datetime) -> None:
    content = workbook_of([*enterprise_rows(1)])
    batch = upload(owner, content, now)
    same = upload(owner, content, now)
    runner.run(engine(), batch.check_job_id or 0)
    with unit_of_work():
        service.confirm(owner, batch.public_id, "all", now)
    with unit_of_work():
        service.confirm(owner, batch.public_id, "all", now)
    batch = again(owner, batch)
    for _worker in range(2):
        runner.run(engine(), batch.apply_job_id or 0)

    done = confirmed(owner, batch, "all", now)

    assert same.public_id == batch.public_id and done.confirmations == 1
    assert count(Enterprise, Enterprise.name == enterprise_row(0)["name"]) == 1


def test_a_preview_expires(owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [*enterprise_rows(1)], now)
    late = now + dt.timedelta(hours=24)

    assert service.standing_now(batch, late) is Standing.EXPIRED
    with pytest.raises(Conflict), unit_of_work():
        service.confirm(owner, batch.public_id, "all", late)


def test_a_fault_while_writing_leaves_nothing_and_can_be_confirmed_again(
    owner: Actor, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked(owner, [*enterprise_rows(2)], now)
    before = count(Enterprise)
    with monkeypatch.context() as patched:
        patched.setattr("app.enterprises.bulk.emit", lambda _event: 1 / 0)
        failed = confirmed(owner, batch, "all", now)
    assert service.standing_now(failed, now) is Standing.READY and count(Enterprise) == before

    done = confirmed(owner, failed, "all", now)

    assert (done.state, done.written, done.confirmations) == (BatchState.DONE, 2, 2)


@pytest.mark.parametrize("form", [{}, {"file": ""}, {"file": "a text"}], ids=str)
def test_without_a_file_its_field_says_so(app: Flask, sign_in: Any, form: dict[str, str]) -> None:
    answer = sign_in("province").post("/imports/new/enterprises", data=form)

    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert db.session.scalars(select(ImportBatch)).all() == []


def test_a_refused_file_says_why(owner: Actor, now: dt.datetime) -> None:
    batch = upload(owner, "姓名,年龄\n甲,1\n".encode(), now)
    runner.run(engine(), batch.check_job_id or 0)
    batch = again(owner, batch)

    assert batch.state == BatchState.REFUSED
    assert "headings of the template" in batch.preview["notices"][0]["msgid"]
    with pytest.raises(Invalid), unit_of_work():
        service.upload(
            owner, "enterprises", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "old", "zh", now
        )


@pytest.mark.parametrize(
    ("content", "standing", "kept"),
    [("rows", Standing.READY, True), ("姓名,年龄\n甲,1\n", Standing.REFUSED, False)],
)
def test_a_check_whose_worker_is_killed_at_its_end_is_done_again(
    owner: Actor,
    now: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    standing: Standing,
    kept: bool,
) -> None:
    rows = [enterprise_row(1), enterprise_row(2, name="")]
    batch = upload(owner, workbook_of(rows) if content == "rows" else content.encode(), now)

    run_and_kill(batch.check_job_id or 0, monkeypatch)
    left = service.standing_now(again(owner, batch), now)
    runner.run(engine(), batch.check_job_id or 0)
    shown = service.standing_now(again(owner, batch), now)
    job = db.session.get_one(Job, batch.check_job_id, populate_existing=True)

    assert (left, shown, job.state) == (Standing.CHECKING, standing, "done")
    assert (job.result_id is not None) is kept


def test_a_csv_in_gb18030_with_english_headings_is_read(owner: Actor, now: dt.datetime) -> None:
    heads = {column.key: column.label.msgid for column in ENTERPRISES.columns}
    row = enterprise_row(4)
    content = "\t".join(heads[key] for key in row) + "\n" + "\t".join(str(value) for value in row.values())
    batch = upload(owner, content.encode("gb18030"), now)
    runner.run(engine(), batch.check_job_id or 0)
    batch = again(owner, batch)

    assert (batch.encoding, batch.counted, found(batch)) == ("GB18030", 1, [])


def test_imports_are_their_owners_only(owner: Actor, now: dt.datetime, actor: ActorOf) -> None:
    batch = checked(owner, [*enterprise_rows(1)], now)

    for stranger in ("province", "prefecture2", "admin"):
        with pytest.raises(NotFound):
            service.find(actor(stranger), batch.public_id)
    with pytest.raises(Forbidden):
        upload(actor("county"), b"x", now)


def test_cancelling_before_the_confirmation_ends_it(owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [*enterprise_rows(1)], now)

    service.cancel(owner, batch.public_id, now)

    assert again(owner, batch).state == BatchState.CANCELLED
    with pytest.raises(Conflict):
        service.cancel(owner, batch.public_id, now)
    with pytest.raises(Conflict), unit_of_work():
        service.confirm(owner, batch.public_id, "all", now)


def test_cancelling_a_writing_that_waits_leaves_the_preview(owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [*enterprise_rows(1)], now)
    with unit_of_work():
        service.confirm(owner, batch.public_id, "all", now)

    service.cancel(owner, batch.public_id, now)

    batch = again(owner, batch)
    assert batch.apply_job is not None and batch.apply_job.state == JobState.CANCELLED
    assert service.standing_now(batch, now) is Standing.READY


def test_an_account_is_made_and_invited_where_a_user_id_is_given(owner: Actor, now: dt.datetime) -> None:
    rows = [
        enterprise_row(0, username="yunze0", email="yunze0@enterprise.example", mobile="10000000001"),
        enterprise_row(1),
    ]
    batch = checked(owner, rows, now)
    assert found(batch) == []

    confirmed(owner, batch, "all", now)

    account = imported(0).account
    assert account is not None and imported(1).account is None
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.account_id == account.id)).one()
    assert (account.username, sent.recipient, sent.purpose) == (
        "yunze0",
        "yunze0@enterprise.example",
        "activation",
    )
    assert account.user.password == "!"


def test_statements_do_not_grow_with_the_rows(app: Flask, owner: Actor, now: dt.datetime, count: Any) -> None:
    seen = []
    for number, rows in enumerate((5, 50)):
        batch = upload(owner, workbook_of([*enterprise_rows(rows, 100 * number)]), now, f"key{number}")
        with count() as statements:
            runner.run(engine(), batch.check_job_id or 0)
        assert again(owner, batch).valid == rows
        seen.append(len(statements))

    assert seen[0] == seen[1] < 40


def bureau_row(**changes: Any) -> dict[str, Any]:
    return {
        "name": "云泽开发区商务局",
        "level": "县级",
        "region": "330109",
        "superior": "杭州市商务主管部门",
    } | changes


def test_bureaus_are_imported_with_those_that_stand_above_them(owner: Actor, now: dt.datetime) -> None:
    rows = [
        bureau_row(leader_name="钱知言", leader_phone="0500-12345678"),
        bureau_row(name="云泽第二商务局", region="浙江省杭州市余杭区"),
        bureau_row(name="宁波商务局", region="330212"),
        bureau_row(name="云泽第三商务局", superior="没有的局"),
        bureau_row(name="杭州商务局", level="市级", region="330100"),
    ]
    before = count(Bureau)

    batch = checked(owner, rows, now, spec=BUREAUS)

    assert count(Bureau) == before
    assert [(row, column) for row, column, _words in found(batch, BUREAUS)] == [
        (4, "Region"),
        (5, "Superior bureau"),
        (6, ""),
    ]
    assert confirmed(owner, batch, "valid", now).written == 2
    assert count(Bureau) == before + 2


def test_admins_are_imported_top_down_and_invited(owner: Actor, now: dt.datetime) -> None:
    usual = {"display_name": "钱知言", "bureau": "杭州市商务主管部门", "regions": "330109；330110"}
    rows = [
        {
            **usual,
            "username": "yunze_a",
            "email": "a@bureau.example",
            "superior": "province",
            "bulk_accept": "是",
        },
        {**usual, "username": "yunze_b", "email": "b@bureau.example", "superior": "prefecture"},
    ]
    rows[1] |= {"bureau": "杭州市萧山区商务主管部门", "regions": "浙江省杭州市萧山区"}
    before = count(Admin)

    batch = checked(owner, rows, now, spec=ADMINS)

    assert [(row, column) for row, column, _words in found(batch, ADMINS)] == [(2, "Superior admin")]
    assert count(Admin) == before
    assert confirmed(owner, batch, "valid", now).written == 1
    user = db.session.scalars(select(User).where(User.username == "yunze_b")).one()
    account = db.session.scalars(select(Account).where(Account.user_id == user.id)).one()
    assert account.admin is not None and [region.code for region in account.admin.regions] == ["330109"]
    assert db.session.scalars(select(OutboxMessage).where(OutboxMessage.account_id == account.id)).one()


def test_import_and_form_refuse_alike(owner: Actor, now: dt.datetime, actor: ActorOf) -> None:
    """The same entries through the service of the form and through an import give the same words."""
    from app.enterprises.forms import draft_from  # noqa: PLC0415 - only this test compares the two

    rows = [
        enterprise_row(0, phone="12"),
        enterprise_row(1, uscc="91330109MA00000000"),
        enterprise_row(2, website="x"),
    ]
    batch = checked(owner, rows, now)
    words = [message for _row, _column, message in found(batch)]

    refused = []
    for row in rows:
        keys = {
            key: getattr(imported_keys(), key)
            for key in ("region", "industry", "registration_type", "control_type")
        }
        blank = {column.key: None for column in ENTERPRISES.columns}
        entered = {
            **blank,
            **row,
            **keys,
            "opened_on": dt.date(2012, 5, 8),
            "is_listed": False,
            "revenue": 1,
            "assets": 1,
        }
        with context.acting_as(owner), pytest.raises(Invalid) as refusal, unit_of_work():
            enterprise_service.create_enterprise(owner, draft_from(entered), now)
        refused += [str(problem.message) for problem in refusal.value.problems]

    assert words == refused


class Keys:
    def __init__(self, enterprise: Enterprise) -> None:
        self.region, self.industry = enterprise.region_id, enterprise.industry_id
        self.registration_type, self.control_type = (
            enterprise.registration_type_id,
            enterprise.control_type_id,
        )


def imported_keys() -> Keys:
    return Keys(db.session.scalars(select(Enterprise).order_by(Enterprise.id)).first())  # type: ignore[arg-type]


def test_the_clock_of_the_application_counts(clock: MovableClock, owner: Actor, now: dt.datetime) -> None:
    batch = checked(owner, [*enterprise_rows(1)], now)

    assert batch.checked_at == now
