"""Exports of lists: the rows and columns asked for, in the list's order, audited, and as a job when long."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.infra import exports
from app.infra.audit import AuditEntry
from app.infra.context import acting_as
from app.infra.database import db, is_postgresql, reading_much
from app.infra.files import StoredFile, file_store
from app.infra.jobs import Job, runner
from app.infra.jobs.queue import engine
from app.infra.lists import Column, bulk, export, query
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.texts import LocalText
from tests.infra.killed import run_and_kill
from tests.infra.lists.lists_app import ACTOR, TODAY, Firm, firm_list


def send(app: Flask, **form: Any) -> Any:
    return app.test_client().post("/firms/", data={"format": "csv", **form})


def table(answer: Any, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode(encoding))))


def last_line() -> AuditEntry:
    db.session.rollback()
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


def test_all_filtered_rows_are_exported_in_the_order_of_the_list(app: Flask) -> None:
    rows = table(send(app, state="pass", sort="-month"))

    assert len(rows) == 21
    months = [row[2] for row in rows[1:]]
    assert months == sorted(months, reverse=True)
    assert months[0] == "2026-12"


def test_only_ticked_rows_are_exported_and_only_those_in_scope(app: Flask) -> None:
    rows = table(send(app, key=["3", "1", "99"]))

    assert [row[0] for row in rows[1:]] == ["云泽第0001厂", "云泽第0003厂"]


def test_columns_are_those_shown_or_all(app: Flask) -> None:
    shown = table(send(app, cols="name,revenue"))
    everything = table(send(app, cols="name,revenue", columns="all", key="7"))

    assert shown[0] == ["Name", "Revenue"]
    assert len(everything[0]) == 10
    assert everything[1][:6] == ["云泽第0007厂", "石渡区", "2026-08", "-300.00", "750", "In review"]
    assert everything[1][6:] == ["2002-01-01", "2026-11-20 05:00", "备注7", "#750"]


def test_words_follow_the_language_of_the_user(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["language"] = "en"
    answer = client.post("/firms/", data={"format": "csv", "cols": "name,note", "key": ["7", "8"]})

    assert [row[1] for row in table(answer)[1:]] == ["Note 7", "备注8"]


def test_the_file_has_a_chinese_name_and_is_a_download(app: Flask) -> None:
    answer = send(app)

    assert "filename*=UTF-8''Firms%202026-11-20.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_gb18030_is_written_on_request(app: Flask) -> None:
    answer = send(app, format="csv-gb18030", key="1")

    assert table(answer, "gb18030")[1][0] == "云泽第0001厂"


def test_a_workbook_holds_numbers_as_numbers(app: Flask) -> None:
    answer = send(app, format="xlsx", key="7")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active

    assert sheet["D2"].value == -300
    assert sheet["A2"].value == "云泽第0007厂"


def test_an_export_leaves_a_line_in_the_audit_trail(app: Flask) -> None:
    send(app, state="pass")
    line = last_line()

    assert (line.action, line.entity, line.account_id) == ("export", "firms", 1)
    assert line.after["rows"] == 20
    assert line.after["conditions"] == {"state": ["pass"]}


def test_what_is_neutralised_reaches_the_file(app: Flask) -> None:
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(name="=HYPERLINK(1)"))
    rows = table(send(app, key="5"))
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(name="云泽第0005厂"))

    assert rows[1][0] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "form",
    [
        {"format": "pdf"},
        {"key": "1.2"},
        {"key": "x"},
        {"key": "9" * 30},
        {"month": "x"},
        {"key": ["1"] * 1001},
    ],
)
def test_a_forged_request_is_refused_and_nothing_is_written(app: Flask, form: Any) -> None:
    before = last_line()

    assert send(app, **form).status_code == 422
    assert last_line() == before


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_database_and_the_program_word_every_value_alike(
    app: Flask, language: str, encoding: str
) -> None:
    odd = {
        "name": '=1+1,"x"\n%%y',
        "revenue": Decimal("-0.05"),
        "note": LocalText("-甲", "@b"),
        "state": "+odd",
    }
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(**odd))
    try:
        actor = replace(ACTOR, language=language)
        with acting_as(actor):
            quick, slow = both_ways(actor, encoding)
    finally:
        with unit_of_work():
            usual = {
                "name": "云泽第0005厂",
                "revenue": Decimal(200),
                "note": LocalText("备注5", "Note 5"),
                "state": "pass",
            }
            db.session.execute(update(Firm).where(Firm.id == 5).values(**usual))

    assert len(quick) == 61
    assert quick == slow
    assert any(row[0].startswith("'=1+1") for row in quick)


@pytest.mark.parametrize("decimals", range(5))
def test_numbers_have_the_decimals_of_the_page_whoever_words_them(app: Flask, decimals: int) -> None:
    shown = (
        Column("name", "Name", Firm.name, sortable=True, always=True),
        Column("revenue", "Revenue", Firm.revenue, "number", sortable=True, decimals=decimals),
        Column("staff", "Staff", Firm.staff, "number", decimals=decimals),
    )
    values = (Decimal("-0.05"), Decimal("1234.50"), Decimal("-90071992547409931.05"), Decimal(0))
    with unit_of_work():
        for key, value in enumerate(values, start=1):
            db.session.execute(update(Firm).where(Firm.id == key).values(revenue=value))
    try:
        with acting_as(ACTOR):
            quick, slow = both_ways(ACTOR, "utf-8-sig", shown)
    finally:
        with unit_of_work():
            for key in range(1, 5):
                usual = None if key % 3 == 0 else Decimal(key % 7) * 100 - 300
                db.session.execute(update(Firm).where(Firm.id == key).values(revenue=usual))

    assert quick == slow
    assert {"-0.05", "1234.50", "-90071992547409931.05"} <= {row[1] for row in quick} or decimals != 2


def test_no_value_of_a_long_file_is_worded_by_calling_back_into_python(app: Flask) -> None:
    spec = firm_list(columns=firm_list().columns[:-1])
    asked = export.ask(spec, {}, ACTOR, TODAY)
    statement = bulk.text_statement(spec, asked, spec.columns, query.meant(spec, asked, ACTOR, TODAY, None))

    assert "floor" not in str(statement.compile(db.engine)).lower()


def test_a_long_file_is_sorted_on_disk_and_a_page_in_memory(app: Flask) -> None:
    def settings(connection: Any) -> list[str]:
        names = ("work_mem",) if is_postgresql() else ("temp_store", "cache_size")
        ask = "SHOW {}" if is_postgresql() else "PRAGMA {}"
        return [str(connection.scalar(text(ask.format(name)))) for name in names]

    pages = settings(db.session)
    with reading_much() as connection:
        files = settings(connection)

    assert files == (pages if is_postgresql() else ["1", "-8192"])
    assert settings(db.session) == pages
    assert is_postgresql() or pages == ["2", "-32768"]


def test_a_long_file_can_be_read_while_the_session_writes(app: Flask) -> None:
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(name="云泽第0005厂"))
        with reading_much() as connection:
            found = connection.scalar(select(Firm.name).where(Firm.id == 5))

    assert found == "云泽第0005厂"


def both_ways(
    actor: Actor, encoding: str, columns: tuple[Column, ...] = ()
) -> tuple[list[list[str]], list[list[str]]]:
    """The lines that the database writes, and those that the program writes."""
    big = Column("big", "Big", Firm.staff > 500, "bool")
    spec = firm_list(columns=columns or (*firm_list().columns[:-1], big))
    asked = export.ask(spec, {"sort": "-revenue"}, actor, TODAY)
    rows = query.meant(spec, asked, actor, TODAY, None)
    statement = bulk.text_statement(spec, asked, spec.columns, rows)
    fields = export.fields_of(spec.columns)
    by_database, by_program = io.BytesIO(), io.BytesIO()
    bulk.write(by_database, fields, statement, encoding, lambda _rows: None)
    values = export.rows_of(spec, actor, TODAY, asked, spec.columns, None)
    exports.write_csv(by_program, fields, values, encoding)
    texts = (body.getvalue().decode(encoding) for body in (by_database, by_program))
    first, second = (list(csv.reader(io.StringIO(text, newline=""))) for text in texts)
    return first, second


def test_a_worksheet_is_the_same_whoever_words_it(app: Flask) -> None:
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(revenue=Decimal("-90071992547409931.05")))
    spec = firm_list(columns=firm_list().columns[:-1])
    asked = export.ask(spec, {"sort": "-revenue"}, ACTOR, TODAY)
    meant = query.meant(spec, asked, ACTOR, TODAY, None)
    fields, quick, slow = export.fields_of(spec.columns), io.BytesIO(), io.BytesIO()

    statement = bulk.sheet_statement(spec, asked, spec.columns, meant)
    exports.write_stored(quick, fields, bulk.scales(spec.columns), bulk.sheet_rows(statement))
    exports.write_xlsx(slow, fields, export.rows_of(spec, ACTOR, TODAY, asked, spec.columns, None))
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 5).values(revenue=Decimal(200)))

    first, second = (list(openpyxl.load_workbook(body).active.values) for body in (quick, slow))
    assert first == second
    assert "-90071992547409931.05" in {row[3] for row in first}


def test_what_sql_cannot_word_goes_the_other_way(app: Flask) -> None:
    spec = firm_list()
    asked = export.ask(spec, {}, ACTOR, TODAY)
    rows = query.meant(spec, asked, ACTOR, TODAY, None)

    assert bulk.text_statement(spec, asked, spec.columns, rows) is None


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_export_is_a_job_of_its_own(app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 10)

    answer = send(app, format=kind, state="pass", cols="name,state")
    job, name, body = finished()

    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.public_id}")
    assert len(_names(body, kind)) == 20
    assert name == f"Firms 2026-11-20.{kind}"
    assert last_line().after["rows"] == 20


def test_an_export_whose_worker_is_killed_at_its_end_leaves_one_line_of_audit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 10)
    before = count_lines()
    send(app, state="pass")
    db.session.rollback()

    run_and_kill(db.session.scalars(select(func.max(Job.id))).one(), monkeypatch)
    between = count_lines()
    finished()

    assert (between - before, count_lines() - before) == (0, 1)


def count_lines() -> int:
    """How many lines the audit trail has."""
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(AuditEntry)).one()


def finished() -> tuple[Job, str, bytes]:
    """The newest job, done, with the name and the content of its file."""
    db.session.rollback()
    job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
    runner.run(engine(), job.id)
    db.session.rollback()
    db.session.refresh(job)
    assert job.state == "done", job.error
    stored = db.session.get(StoredFile, job.result_id)
    return job, stored.name, file_store().locate(stored.path).read_bytes()


def _names(body: bytes, kind: str) -> list[str]:
    if kind == "csv":
        return [row[0] for row in csv.reader(io.StringIO(body.decode("utf-8-sig")))][1:]
    return [row[0].value for row in openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(min_row=2)]


def test_a_job_writes_what_its_owner_sees_when_it_runs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 10)
    send(app, cols="name")
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 60).values(place_id=9))

    _job, _name, body = finished()
    with unit_of_work():
        db.session.execute(update(Firm).where(Firm.id == 60).values(place_id=None))

    assert "云泽第0060厂" not in _names(body, "csv")
    assert len(_names(body, "csv")) == 59


def test_an_export_streams_in_constant_statements(app: Flask) -> None:
    with acting_as(ACTOR):
        spec = app.extensions["spec"]
        asked = export.ask(spec, {}, ACTOR, None)
        rows = list(export.rows_of(spec, ACTOR, None, asked, spec.columns[:2], None))

    assert len(rows) == 60
    assert all(isinstance(row, tuple) for row in rows)
