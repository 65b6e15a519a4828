"""Every address by every role, with records of the sibling prefecture: each answer is written down by hand.

``routes.csv`` has a line for each rule and method, and a column for each role. ``target`` says what stands in
the place of the rule's arguments: ``{report}`` is a record of the other tenant (see ``foreign_records``).
A cell is the status of the answer; ``login`` is the way to the sign-in page.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import delete, func, select

from app.enterprises import key_changes
from app.enterprises.models import Enterprise, Industry
from app.enterprises.size_models import SizeStandard
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.content import Accepted
from app.infra.database import db
from app.infra.files.attachments import FileSet, keep_upload
from app.infra.imports import service as imports
from app.infra.jobs import enqueue, runner
from app.infra.jobs.models import JobState
from app.infra.jobs.queue import engine
from app.infra.lists.kept import ViewDraft
from app.infra.outbox import Channel, post
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.notifications import notices
from app.notifications.models import InboxMessage, NoticeReader
from app.organisations import maps, role_service
from app.organisations.accounts import actor_for
from app.organisations.models import Account, Admin, Bureau, Region
from app.organisations.saved_views import save_view
from app.queries.industry_groups import add_group
from app.reports import form_service, unfreezing, window_dates
from app.reports.form_models import FormSection, FormVersion, ReportRule, SectionColumn, VersionIndicator
from app.reports.return_reasons import add_reason
from tests.conftest import NOON, PASSWORD
from tests.database import Template
from tests.factories import freezes, registrations
from tests.factories.reports import OCTOBER, submitted
from tests.questionnaires.asked import ONE_QUESTION
from tests.questionnaires.asked import asked as asked_enterprises
from tests.questionnaires.lives import drawn_up

TABLE = Path(__file__).with_name("routes.csv")
SIGNED_IN = (
    *("province", "prefecture", "county", "enterprise", "provider", "point"),
    *("auditor", "admin", "security"),
)
ROLES = ("public", *SIGNED_IN)
STRANGERS = ("prefecture", "county", "enterprise", "provider", "point")
"""Whom the sibling prefecture does not concern: its names must not stand on any of their pages."""

REFUSALS = frozenset({"login", "400", "401", "403", "404", "409", "422"})
ARGUMENT = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    rule: str
    method: str
    target: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def read_table() -> list[Line]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Line(row["rule"], row["method"], row["target"], {role: row[role] for role in ROLES})
            for row in csv.DictReader(file)
        ]


LINES = read_table()


@dataclass
class World:
    """The application with two tenants, a session for each role, and the other tenant's records."""

    app: Flask
    stored: Template
    visitor: FlaskClient
    sessions: dict[str, str]
    records: dict[str, Any]
    foreign_words: tuple[str, ...]

    def ask(self, role: str, method: str, path: str, **values: Any) -> Any:
        """A request in the session of a role, whatever became of that session before."""
        self.visitor.delete_cookie("session")
        if role != "public":
            self.visitor.set_cookie("session", self.sessions[role])
        return self.visitor.open(path, method=method, **values)

    def path(self, line: Line) -> str:
        """The address of a line with its target in the place of the arguments."""
        target = line.target.format(**self.records)
        several = len(ARGUMENT.findall(line.rule)) > 1
        parts = iter(target.split("/") if several else [target])
        return ARGUMENT.sub(lambda _found: next(parts), line.rule)


def actor_named(username: str) -> Actor:
    found = actor_for(db.session.scalars(select(User.id).where(User.username == username)).one())
    assert found is not None
    return found


def finished_export(owner: Actor) -> str:
    """The public name of a job of ``owner`` that left a file."""
    with unit_of_work():
        job = enqueue("export", owner, {"list": "reports", "form": [("format", "csv")], "language": "zh"})
    job_id, public_id = job.id, job.public_id
    db.session.remove()
    runner.run(engine(), job_id)
    job = db.session.get_one(type(job), job_id)
    assert job.state == JobState.DONE and job.result_id is not None, job.error
    return public_id


NOTICE = "鄞州湾公告：请核对名录"
QUESTIONNAIRE = "鄞州湾问卷"


def foreign_notice() -> dict[str, Any]:
    """A published notice of the sibling prefecture with a file, its reader, its message, and mail of it."""
    author, reader = actor_named("prefecture2"), actor_named("enterprise2")
    with unit_of_work():
        upload = keep_upload(author, Accepted("a.pdf", "application/pdf", b"%PDF-1.7"), NOON)
        files = FileSet(added=(upload.id,))
        given = notices.NoticeInput(NOTICE, "正文", ["enterprise"], must_read=True, files=files)
        notice = notices.create_notice(author, given, NOON)
        notices.take_step(author, notice.id, "publish", "", NOON)
        letter = post(Channel.SMS, "00000000000", "123456", purpose="test", now=NOON, secret=True)

    def key_of(model: Any) -> int:
        return int(db.session.scalars(select(model.id).where(model.account_id == reader.account_id)).one())

    found = {"notice": notice.id, "attachment": notice.files[0].id, "outbox": letter.id}
    return {**found, "inbox": key_of(InboxMessage), "notice_reader": key_of(NoticeReader)}


def waiting_import(owner: Actor) -> str:
    """The public name of an import of ``owner`` that waits to be checked."""
    with unit_of_work():
        content = "企业名称,统一社会信用代码\n".encode()
        return imports.upload(owner, "enterprises", content, "企业.csv", "once", "zh", NOON).public_id


def industry_group() -> int:
    """A group of industries, which belongs to the platform."""
    trade = db.session.scalars(select(Industry.id).where(Industry.code == "17")).one()
    with unit_of_work():
        return add_group({"name": LocalText("纺织"), "industries": [trade]}).id


def foreign_reason(admin: Actor) -> int:
    """A usual reason of the sibling's bureau."""
    with context.acting_as(admin), unit_of_work():
        return add_reason(admin, "鄞州湾常用意见", None, NOON).id


def foreign_view(admin: Actor) -> int:
    """A view that an admin of the sibling shares."""
    draft = ViewDraft("enterprise_query", "/enterprise-query/", "鄞州湾视图", "state=active", is_shared=True)
    with context.acting_as(admin), unit_of_work():
        return save_view(admin, draft, NOON)


def records_of_windows(form_id: int, enterprise: Actor) -> dict[str, int]:
    """Dates of a month, and an unfreeze for an enterprise of the sibling prefecture."""
    province = actor_named("province")
    month, first, last = Month(2026, 12), dt.date(2027, 1, 1), dt.date(2027, 1, 20)
    dates = window_dates.PeriodInput(form_id, month, first, last, None, "元旦顺延")
    draft = unfreezing.UnfreezeDraft(
        form_id, Month(2026, 9), enterprise.enterprise_id, None, dt.date(2026, 11, 20), "系统故障"
    )
    with context.acting_as(province), unit_of_work():
        period = window_dates.add_period(province, dates, NOON)
        unfreeze = unfreezing.grant(province, draft, NOON)
        inbox = delete(InboxMessage).where(InboxMessage.account_id == enterprise.account_id)
        db.session.execute(inbox)  # of its messages the table means that of the notice
    return {"report_period": period.id, "unfreeze": unfreeze.id}


def foreign_records() -> dict[str, Any]:
    """A record for each kind of address: of the sibling prefecture, or in a draft that only the top sees."""
    enterprise, county, admin = (actor_named(name) for name in ("enterprise2", "county2", "admin"))
    report = submitted(enterprise, NOON)
    form_id = report.form_id
    windows = records_of_windows(form_id, enterprise)
    with context.acting_as(admin), unit_of_work():
        form_service.create_draft(admin, form_id, NOON)
    with context.acting_as(actor_named("security")), unit_of_work():
        role_service.create_role(actor_named("security"), "观察员", [])
    registration = registrations.submitted(
        registrations.applicant(NOON), NOON, registrations.entries("330212", name="宁波示范待审有限公司")
    )
    found = db.session.get_one(Enterprise, enterprise.enterprise_id)
    draft = select(FormVersion.id).where(FormVersion.state == "draft").scalar_subquery()

    def part(model: Any) -> int:
        return int(db.session.scalars(select(func.min(model.id)).where(model.version_id == draft)).one())

    return {
        **foreign_notice(),
        **windows,
        "account": county.account_id,
        "admin": county.admin_id,
        "bureau": county.bureau_id,
        "region": db.session.scalars(select(Region.id).where(Region.code == "330212")).one(),
        "map": map_that_waits(admin),
        "enterprise": found.id,
        "enterprise_version": report.enterprise_version_id,
        "size_standard": db.session.scalars(select(func.min(SizeStandard.id))).one(),
        "control_type": found.control_type_id,
        "registration_type": found.registration_type_id,
        "industry": found.industry_id,
        "registration": registration.id,
        "key_change": referred_change(enterprise),
        "respondent": asked_enterprises(county, ONE_QUESTION, enterprise.enterprise_id, placement="apart")[
            0
        ].id,
        "report": report.id,
        "report_form": form_id,
        "industry_group": industry_group(),
        "saved_view": foreign_view(actor_named("county2")),
        "questionnaire": drawn_up(actor_named("prefecture2"), NOON, title=QUESTIONNAIRE).id,
        "return_reason": foreign_reason(actor_named("county2")),
        "form_draft": db.session.scalar(select(draft)),
        "form_section": part(FormSection),
        "form_indicator": part(VersionIndicator),
        "form_column": part(SectionColumn),
        "form_rule": part(ReportRule),
        "role": db.session.scalars(select(Role.id).where(Role.name == "观察员")).one(),
        "line": db.session.scalars(select(func.min(AuditEntry.id))).one(),
        "job": finished_export(enterprise),
        "import": waiting_import(actor_named("prefecture2")),
    }


def map_that_waits(admin: Actor) -> int:
    """A map of the territory that charts do not use yet."""
    ring = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.8]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "330212"}, "geometry": shape}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    with context.acting_as(admin), unit_of_work():
        upload = keep_upload(admin, Accepted("a.geojson", maps.KEPT_AS, content), NOON)
        draft = maps.MapDraft("地图", "浙S(2026)1号", NOON.date(), FileSet(added=(upload.id,)))
        return maps.import_map(admin, draft, NOON).id


def referred_change(owner: Actor) -> int:
    """A change of key fields that waits for an admin; it froze the month before the report of ``report``."""
    freezes.saved(owner, NOON, OCTOBER.previous(), name="宁波示范改名有限公司", uscc=freezes.OTHER_CODE)
    key_changes.settle_due(NOON + dt.timedelta(hours=1))
    return freezes.change_of(owner).id


def session_of(app: Flask, username: str) -> str:
    visitor = app.test_client()
    answer = visitor.post("/login/", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    return cookie.value


def names_of_the_sibling() -> tuple[str, ...]:
    """What tells the other tenant's records apart on a page."""
    enterprise = db.session.get_one(Enterprise, actor_named("enterprise2").enterprise_id)
    account = db.session.scalars(
        select(Account).join(Admin).where(Admin.id == actor_named("county2").admin_id)
    ).one()
    bureau = db.session.get_one(Bureau, actor_named("county2").bureau_id)
    own = (enterprise.name, enterprise.uscc, bureau.name, f"{account.display_name}</")
    return *own, NOTICE, "宁波示范待审有限公司", "鄞州湾常用意见", "鄞州湾视图", QUESTIONNAIRE


@pytest.fixture(scope="module")
def world(base_app: Flask, stored: Template) -> Iterator[World]:
    base_app.extensions["clock"] = MovableClock(NOON)
    base_app.config["WTF_CSRF_ENABLED"] = False
    with base_app.app_context():
        sessions = {role: session_of(base_app, role) for role in SIGNED_IN}
        records, words = foreign_records(), names_of_the_sibling()
        with stored.stage():
            yield World(base_app, stored, base_app.test_client(), sessions, records, words)
        stored.dirty = True
        stored.restore()


def digest() -> str:
    """A digest of every table, without the lines that tell of refusals."""
    found = hashlib.sha256()
    db.session.rollback()
    for table in db.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key)
        if table.name == AuditEntry.__tablename__:
            query = query.where(table.c.outcome != "refused")
        found.update(repr([tuple(row) for row in db.session.execute(query)]).encode())
    db.session.rollback()
    return found.hexdigest()


def status_of(answer: Any) -> str:
    """The status as the table writes it."""
    if answer.status_code == 302 and urlsplit(answer.headers["Location"]).path == "/login/":
        return "login"
    return str(answer.status_code)


def test_every_rule_and_method_has_its_line(base_app: Flask) -> None:
    served = {
        (rule.rule, method)
        for rule in base_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    written = [(line.rule, line.method) for line in LINES]

    assert sorted(served - set(written)) == []
    assert sorted(set(written) - served) == []
    assert len(written) == len(set(written))


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_role_gets_what_the_table_says(world: World, line: Line) -> None:
    path, answers = world.path(line), {}
    writes = line.method != "GET"
    before = digest() if writes else ""
    for role in ROLES:
        world.stored.dirty = False
        answer = world.ask(role, line.method, path)
        answers[role] = status_of(answer)
        refused = answers[role] in REFUSALS and line.rule != "/logout/"
        if world.stored.dirty and refused and writes:
            assert digest() == before, f"{role} was refused, and yet something changed"
        elif world.stored.dirty and not refused:
            world.stored.restore()
        if role in STRANGERS and answer.mimetype in {"text/html", "application/json"}:
            body = answer.get_data(as_text=True)
            assert [word for word in world.foreign_words if word in body] == [], role

    assert answers == line.cells


ACTIONS = (
    ("/review/", "accept", "report"),
    ("/review/", "return", "report"),
    ("/registrations/", "approve", "registration"),
    ("/registrations/", "return", "registration"),
    ("/key-changes/", "approve", "key_change"),
    ("/key-changes/", "return", "key_change"),
    ("/enterprises/list/", "enable", "enterprise"),
    ("/enterprises/list/", "disable", "enterprise"),
    ("/enterprises/list/", "delete", "enterprise"),
    ("/enterprises/list/", "reviewer", "enterprise"),
    ("/bureaus/list/", "disable", "bureau"),
    ("/unfreezes/list/", "end", "unfreeze"),
    ("/admins/list/", "disable", "admin"),
    ("/notices/list/", "withdraw", "notice"),
    ("/questionnaires/list/", "delete", "questionnaire"),
    ("/inbox/", "read", "inbox"),
    ("/inbox/", "remove", "inbox"),
)


@pytest.mark.parametrize(("path", "action", "record"), ACTIONS)
@pytest.mark.parametrize("role", ["prefecture", "county"])
def test_an_action_on_a_ticked_foreign_row_changes_nothing(
    world: World, role: str, path: str, action: str, record: str
) -> None:
    before = digest()
    form = {"action": action, "key": str(world.records[record]), "comment": "原因", "confirmed": "1"}

    answer = world.ask(role, "POST", path, data={**form, "once": "a-key-of-this-request"})

    assert answer.status_code in {200, 303, 404, 422}
    assert digest() == before
    assert [word for word in world.foreign_words if word in answer.get_data(as_text=True)] == []


EXPORTS = {
    "/reports/": "report",
    "/review/": "report",
    "/registrations/": "registration",
    "/key-changes/": "key_change",
    "/key-change-query/": "key_change",
    "/enterprises/list/": "enterprise",
    "/enterprise-query/": "enterprise",
    "/unfreezes/list/": "unfreeze",
    "/enterprise-versions/list/": "enterprise_version",
    "/bureaus/list/": "bureau",
    "/admins/list/": "admin",
    "/regions/list/": "region",
    "/notices/list/": "notice",
    "/questionnaires/list/": "questionnaire",
    "/notice-readers/list/": "notice_reader",
    "/board/": "notice",
    "/inbox/": "inbox",
}


@pytest.mark.parametrize("path", EXPORTS)
@pytest.mark.parametrize("ticked", [True, False], ids=["ticked", "all"])
def test_an_export_holds_no_foreign_row(world: World, path: str, *, ticked: bool) -> None:
    rows = {"key": str(world.records[EXPORTS[path]])} if ticked else {"all": "1"}

    answer = world.ask("prefecture", "POST", path, data={"format": "csv", "columns": "all", **rows})

    text = answer.get_data().decode("utf-8-sig")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert [word for word in (*world.foreign_words, "宁波") if word in text] == []


SUGGESTIONS = (
    "/admins/choices/superior?q=",
    "/admins/choices/bureau?q=",
    "/admins/choices/account?q=",
    "/admins/choices/regions?q=",
    "/bureaus/choices/region?q=",
    "/bureaus/choices/superior?q=",
    "/regions/choices/parent?q=",
    "/enterprises/choices/region?q=",
    "/enterprises/list/?choices=region&q=",
    "/enterprises/list/?choices=reviewer&q=",
    "/enterprise-query/?choices=admin&q=",
    "/enterprise-query/?choices=region&q=",
    "/reports/?choices=region&q=",
    "/review/?choices=region&q=",
    "/registrations/?choices=region&q=",
    "/key-changes/?choices=region&q=",
    "/key-change-query/?choices=region&q=",
    "/bureaus/list/?choices=region&q=",
    "/notices/choices/regions?q=",
    "/unfreezes/choices/enterprise?q=",
    "/unfreezes/choices/region?q=",
    "/unfreezes/list/?choices=region&q=",
    "/notice-readers/list/?choices=notice&q=",
)


@pytest.mark.parametrize("address", SUGGESTIONS)
@pytest.mark.parametrize("role", ["prefecture", "county"])
def test_no_suggestion_names_a_foreign_row(world: World, role: str, address: str) -> None:
    for asked in ("", "宁波", "鄞州", "330212", "b33"):
        answer = world.ask(role, "GET", address + asked, headers={"Accept": "application/json"})

        text = answer.get_data(as_text=True).encode().decode("unicode_escape", errors="ignore")
        assert answer.status_code in {200, 404}
        assert answer.is_json, address
        assert not [word for word in ("宁波", "鄞州") if word in f"{text}{answer.json}"], address


def test_a_form_takes_no_foreign_record(world: World) -> None:
    """Keys of the other tenant in the fields of forms for one's own records."""
    before = digest()
    own = actor_named("prefecture")
    county = actor_named("county")
    own_enterprise = actor_named("enterprise").enterprise_id
    bureau = {"name": "试验局", "level": "county", "superior": own.bureau_id}
    admin = {"username": "trial", "display_name": "试验员", "email": "trial@bureau.example"}
    foreign = world.records
    unfreeze = {
        "form": foreign["report_form"],
        "month": "2026-09",
        "expires_on": "2026-11-20",
        "reason": "试",
    }
    forms: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/bureaus/add", {**bureau, "region": foreign["region"]}),
        (
            "/admins/add",
            {**admin, "bureau": foreign["bureau"], "superior": own.admin_id, "regions": foreign["region"]},
        ),
        ("/admins/add", {"account_name": "county2", "bureau": own.bureau_id, "superior": own.admin_id}),
        (f"/admins/edit/{county.admin_id}", {"bureau": county.bureau_id, "superior": foreign["admin"]}),
        (
            f"/admins/edit/{county.admin_id}",
            {"bureau": bureau["superior"], "regions": [" ", foreign["region"]]},
        ),
        (f"/admins/transfer/{county.admin_id}", {"to_admin": foreign["admin"]}),
        ("/notices/add", {"title": "试", "body": "试", "kinds": "bureau", "regions": foreign["region"]}),
        (
            "/enterprises/list/",
            {"action": "reviewer", "key": own_enterprise, "comment": foreign["admin"], "confirmed": "1"},
        ),
        ("/unfreezes/add", {**unfreeze, "enterprise": foreign["enterprise"]}),
        ("/unfreezes/add", {**unfreeze, "region": foreign["region"]}),
        (
            "/regions/add",
            {"code": "330299", "name": "试验区", "level": "county", "parent": foreign["region"]},
        ),
    )

    for path, data in forms:
        assert world.ask("prefecture", "POST", path, data=data).status_code in {404, 422}, path
    assert digest() == before


def test_an_admin_is_found_by_name_and_by_bureau(world: World) -> None:
    person = actor_named("county")

    for asked in (person.name, "萧山"):
        answer = world.ask("province", "GET", f"/admins/choices/superior?q={asked}")
        assert str(person.admin_id) in [found["value"] for found in answer.json["results"]]
