"""The state of the installation, the address for monitors, the audit pages, and the site map."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.enterprises.models import ControlType
from app.infra import system_state
from app.infra.audit import UNAUDITED_TABLES, AuditEntry, record_refusal
from app.infra.audit_views import changes, kinds_of_action, kinds_of_record, pages_of_records
from app.infra.audit_words import ACTIONS, UNUSED_TABLES, field_words
from app.infra.database import db
from app.infra.i18n import say
from app.infra.jobs.progress import SqliteProgress, WorkerSeen
from app.infra.jobs.queue import engine
from app.infra.outbox import Channel, post
from app.infra.outbox.models import Delivery
from app.infra.system_views import in_bytes
from app.infra.transactions import unit_of_work
from app.infra.web import refusal_response
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Overtaken
from app.kernel.texts import LocalText, Message

SELECTED = {"login_name", "admin_name"}
"""Mapped, and yet no tables: names that lists look up."""

APP = Path(__file__).resolve().parents[2] / "app"
SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]


def test_a_monitor_is_answered_without_an_account_and_told_nothing_more(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_monitor_hears_that_the_database_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> str:
        raise OperationalError("SELECT", {}, Exception("secret address"))

    monkeypatch.setattr(system_state, "revision", away)
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    assert "secret" not in answer.text


def test_the_state_counts_jobs_workers_and_messages(app: Flask) -> None:
    now = dt.datetime.now(dt.UTC)
    engine().progress.beat("machine:1", 2)
    with unit_of_work():
        letter = post(Channel.EMAIL, "a@enterprise.example", "text", purpose="test", now=now)
    with unit_of_work():  # the built-in adapter has kept it by now; a gateway would be slower
        db.session.refresh(letter)
        letter.state = Delivery.WAITING

    state = system_state.system_state(now)

    assert state.workers_alive == 1
    assert state.outbox[Delivery.WAITING] == 1 and state.oldest_unsent == now
    assert state.database_bytes > 0 and state.disk_total > state.disk_free > 0
    assert state.revision and state.backup_at is None


def test_a_worker_that_fell_silent_counts_as_gone(app: Flask) -> None:
    engine().progress.beat("machine:1", 2)

    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)

    assert system_state.system_state(later).workers_alive == 0


def test_a_worker_is_named_by_its_last_sign_of_life(tmp_path: Path) -> None:
    store = SqliteProgress(tmp_path / "progress.sqlite3")
    store.beat("machine:2", 2)
    store.beat("machine:1", 2)
    store.beat("machine:1", 4)

    found = store.workers()

    assert [(worker.name, worker.threads) for worker in found] == [("machine:1", 4), ("machine:2", 2)]
    assert all(isinstance(worker, WorkerSeen) for worker in found)


def test_the_page_names_what_needs_attention_and_no_secret(app: Flask, sign_in: SignIn) -> None:
    page = sign_in("admin").get("/system/").text

    assert "尚未做过备份" in page
    for secret in (app.config["SECRET_KEY"], str(app.config["DATA_DIR"]), "postgres@"):
        assert secret not in page


def test_a_backup_leaves_its_time(app: Flask, tmp_path: Path) -> None:
    answer = app.test_cli_runner().invoke(args=["platform", "backup", str(tmp_path)])
    assert answer.exit_code == 0, answer.output

    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "backup")).one()
    assert line.after is not None and line.after["file"].startswith("platform-")
    assert system_state.system_state(dt.datetime.now(dt.UTC)).backup_at == line.at


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KB"), (3 * 2**40, "3.0 TB")]
)
def test_a_size_is_said_in_its_unit(size: int, words: str) -> None:
    assert in_bytes(size) == words


def audited_tables() -> dict[str, list[str]]:
    """Columns and links that lines of the trail may tell of, by table."""
    found: dict[str, list[str]] = {}
    for mapper in db.Model.registry.mappers:
        table = str(mapper.local_table.name)  # type: ignore[attr-defined]
        if table in UNAUDITED_TABLES | UNUSED_TABLES or getattr(mapper.class_, "__unaudited__", False):
            continue
        links = [relation.key for relation in mapper.relationships if relation.secondary is not None]
        found[table] = [*(column.key for column in mapper.column_attrs), *links]
    return found


def test_every_kind_of_record_and_every_action_of_the_trail_has_words(app: Flask) -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in APP.rglob("*.py"))
    actions = set(re.findall(r'audit\.record\(\s*[^,]+,\s*"(\w+)"', sources))

    assert [name for name, title in kinds_of_record() if str(title) == name] == []
    assert len(actions) > 15 and actions - set(ACTIONS) == set()


def test_every_request_that_can_be_refused_has_words_and_no_name_of_the_program(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("zh"):
        told = {name: say(words) for name, words in kinds_of_action() if "." in name}

    assert told["BureauView.delete"] == "主管部门：删除"
    assert told["ReviewView.accept"] == "企业上报审核：接收"
    assert {name: words for name, words in told.items() if not re.fullmatch(r"[^A-Za-z_]+", words)} == {}


def test_a_refused_request_is_told_in_words(actor: ActorOf, sign_in: SignIn) -> None:
    record_refusal(actor("county"), "BureauView.delete")
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "BureauView.delete")).one()

    auditor = sign_in("auditor")
    for path in ("/audit/list/", f"/audit/show/{line.id}"):
        page = auditor.get(path).text
        assert "主管部门：删除" in page and "BureauView.delete" not in page


def test_every_field_that_the_trail_may_tell_of_has_words(app: Flask) -> None:
    pages = pages_of_records()
    raw = [
        f"{table}.{name}"
        for table, names in audited_tables().items()
        for name in names
        if field_words(name, (type(pages[table]).label_columns or {}) if table in pages else {}) == name
    ]

    assert raw == []


def test_whatever_a_line_can_be_about_has_words_of_its_own(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("zh"):
        kinds = {name: say(words) for name, words in kinds_of_record()}
    imports = [spec.name for spec in app.extensions["wiring"]["IMPORTS"]]
    unnamed = {*audited_tables(), *app.extensions["lists"], *imports, "job"} - set(kinds) - SELECTED
    raw = [name for name, words in kinds.items() if not re.search("[\u4e00-\u9fff]", words)]

    assert (unnamed, raw, kinds.keys() & UNUSED_TABLES) == (set(), [], set())
    assert len(set(kinds.values())) == len(kinds)


def test_states_of_the_trail_read_as_their_pages_say_them(app: Flask) -> None:
    lines = [
        ("notice", {"state": "published"}, {"state": "withdrawn"}),
        ("report", {"state": "in_review", "late": False}, {"state": "approved", "late": True}),
        ("enterprise", {"size": "micro"}, {"size": "unheard of"}),
    ]
    with app.test_request_context("/"), force_locale("zh"):
        told = [
            [
                (before, after)
                for _name, before, after in changes(AuditEntry(entity=entity, before=was, after=now))
            ]
            for entity, was, now in lines
        ]

    assert told == [
        [("已发布", "已撤回")],
        [("审核中", "审核通过"), ("否", "是")],
        [("微型", "unheard of")],
    ]


def test_lines_tell_the_login_name_and_are_found_by_it(sign_in: SignIn, count: Any) -> None:
    sign_in("county")
    auditor = sign_in("auditor")
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in")).first()
    assert line is not None and "county" not in line.actor_name
    link = f"/audit/show/{line.id}"

    with count() as statements:
        by_login = auditor.get("/audit/list/?account=COUNT").text
    by_name = auditor.get("/audit/list/", query_string={"account": line.actor_name}).text
    by_none = auditor.get("/audit/list/?account=prefect").text
    detail = BeautifulSoup(auditor.get(link).data, "html.parser").text
    sheet = auditor.post("/audit/list/", data={"format": "csv", "all": "1"}).data.decode("utf-8-sig")

    assert link in by_login and ">county<" in by_login and link in by_name and link not in by_none
    assert len(statements) <= 8
    assert f"{line.actor_name} · county" in detail and "登录账号" in detail
    assert "登录账号" in sheet.splitlines()[0] and ",county," in sheet


def test_a_field_without_words_is_shown_by_its_name() -> None:
    assert field_words("unheard_of", {}) == "unheard_of"
    assert field_words("unheard_of_id", {"unheard_of": "Known"}) == "Known"


def test_a_line_reads_in_words_side_by_side(app: Flask, acting: Any, sign_in: SignIn) -> None:
    with acting("admin"), unit_of_work():
        row = ControlType(code="x1", name=LocalText("某", "Some"))
        db.session.add(row)
    with acting("admin"), unit_of_work():
        row.name = LocalText("改", "Changed")
    line = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "control_type", AuditEntry.action == "change")
    ).one()

    page = BeautifulSoup(sign_in("auditor").get(f"/audit/show/{line.id}").data, "html.parser")

    cells = [[cell.text for cell in row.select("td")] for row in page.select("section table tbody tr")]
    assert ["名称", "某", "改"] in cells
    assert not any("_" in name for name, _before, _after in changes(line))


def test_the_trail_is_found_by_network_address_request_and_source(sign_in: SignIn) -> None:
    sign_in("county")
    auditor = sign_in("auditor")
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in")).first()
    assert line is not None

    for asked, found in (
        (f"address={line.address}", True),
        ("address=10.9.9", False),
        (f"request={line.request_id}", True),
        ("request=none", False),
        ("source=page&verb=sign_in", True),
        ("source=api&verb=sign_in", False),
        ("code=sign_", True),
    ):
        page = auditor.get(f"/audit/list/?{asked}")
        assert page.status_code == 200
        assert (f"/audit/show/{line.id}" in page.text) == found, asked


def test_an_export_of_the_trail_is_a_line_of_it(sign_in: SignIn) -> None:
    auditor = sign_in("auditor")

    answer = auditor.post("/audit/list/", data={"format": "csv", "columns": "all", "all": "1"})

    assert answer.status_code == 200 and "变更前后" in answer.data.decode("utf-8-sig")
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert line.entity == "AuditView" and line.actor_kind == "auditor"


@pytest.mark.parametrize(
    ("refusal", "heading", "other"),
    [
        (Conflict, "现在不能这样做", "已有人先行处理"),
        (Overtaken, "已有人先行处理", "现在不能这样做"),
    ],
)
def test_only_who_was_overtaken_is_told_that_somebody_was_first(
    app: Flask, refusal: type[Conflict], heading: str, other: str
) -> None:
    with app.test_request_context("/"), force_locale("zh"):
        app.preprocess_request()
        page, status = refusal_response(refusal(Message("Saved.")))

    assert status == 409 and f"<h1>{heading}</h1>" in page and other not in page


def test_the_own_record_is_refused_without_blaming_anybody(sign_in: SignIn, actor: ActorOf) -> None:
    page = sign_in("county").get(f"/admins/edit/{actor('county').admin_id}")

    assert page.status_code == 409
    assert "现在不能这样做" in page.text and "已有人先行处理" not in page.text


def test_a_request_that_is_too_large_is_told_the_limit(sign_in: SignIn) -> None:
    browser = sign_in("county")

    def answer(accept: str) -> Any:
        large = {"file": (io.BytesIO(b"x" * (13 * 2**20)), "large.xlsx")}
        return browser.post("/enterprises/add", data=large, headers={"Accept": accept})

    page, script = answer("text/html"), answer("application/json")

    assert (page.status_code, script.status_code) == (413, 413)
    assert "一次提交最多 12 MB" in page.text and "已填内容仍在" in page.text
    assert "12 MB" in script.get_json()["message"]


def test_the_site_map_has_what_the_menu_has_and_the_common_links(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("county").get("/site-map/").data, "html.parser")

    menu = {link["href"] for link in page.select("#qj-side a[href]")}
    mapped = {link["href"] for link in page.select(".site-map a[href]")}
    assert menu and menu <= mapped
    assert {"/", "/account/", "/help/", "/site-map/"} <= mapped


def test_without_an_account_the_site_map_has_only_what_needs_none(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/site-map/").data, "html.parser")

    assert {link["href"] for link in page.select(".site-map a[href]")} == {"/login/", "/help/", "/site-map/"}


@pytest.mark.parametrize("path", ["/", "/reports/", "/account/", "/help/", "/jobs/"])
def test_every_page_has_the_common_links_and_the_hotline(sign_in: SignIn, path: str) -> None:
    page = BeautifulSoup(sign_in("county").get(path).data, "html.parser")

    foot = page.select_one("footer.qj-bottom")
    assert foot is not None
    assert [link["href"] for link in foot.select("a")] == [
        "/",
        "/account/",
        "/inbox/",
        "/help/",
        "/site-map/",
    ]
    assert "400-000-0000" in foot.text and "8:30–17:30" in foot.text
    assert page.select_one(".qj-helplink")["href"].startswith("/help/")  # type: ignore[index, union-attr]


def test_dictionaries_are_listed_with_their_entries(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("admin").get("/dictionaries/").data, "html.parser")

    links = [link["href"] for link in page.select("main tbody a")]
    assert links == [
        "/regions/list/",
        "/industries/list/",
        "/registration-types/list/",
        "/control-types/list/",
        "/trade-sectors/list/",
        "/warning-categories/list/",
        "/countries/list/",
        "/hs-chapters/list/",
    ]
    assert [cell.text for cell in page.select("main tbody td.num")][1:] == [
        "1,971",
        "60",
        "6",
        "13",
        "20",
        "260",
        "96",
    ]
