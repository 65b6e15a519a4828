"""Settings: typed, dated, with reasons; who may change which; every one is read, named and in order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import settings
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.settings import Setting, SettingGroup, service
from app.infra.settings.models import SettingChange
from app.infra.settings.registry import all_settings
from app.infra.settings.rules import may_change, value_problem
from app.infra.settings.shipped import HOTLINE, RESULT_DAYS
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.texts import Message

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "app" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
WORDS = {"a": Message("Yes"), "b": Message("No")}


def declared(kind: str, **values: Any) -> Setting:
    return Setting("test.one", SettingGroup.FILES, Message("Yes"), Message("No"), kind, None, **values)


@pytest.mark.parametrize(
    ("one", "value", "fits"),
    [
        (declared("number", minimum=1, maximum=9), 1, True),
        (declared("number", minimum=1, maximum=9), 9, True),
        (declared("number", minimum=1, maximum=9), 0, False),
        (declared("number", minimum=1, maximum=9), 10, False),
        (declared("number"), True, False),
        (declared("number"), "5", False),
        (declared("number"), None, False),
        (declared("flag"), False, True),
        (declared("flag"), 0, False),
        (declared("choice", choices=WORDS), "a", True),
        (declared("choice", choices=WORDS), "c", False),
        (declared("choices", choices=WORDS), ["a", "b"], True),
        (declared("choices", choices=WORDS), [], True),
        (declared("choices", choices=WORDS), ["b", "a"], False),
        (declared("choices", choices=WORDS), ["a", "a"], False),
        (declared("choices", choices=WORDS), "ab", False),
        (declared("text", maximum=5), "八个字", True),
        (declared("text", maximum=2), "八个字", False),
        (declared("text", minimum=1), "", False),
        (declared("text"), "one\ntwo", False),
    ],
)
def test_a_value_fits_its_kind_or_is_refused(one: Setting, value: Any, *, fits: bool) -> None:
    assert (value_problem(one, value) is None) == fits


@pytest.mark.parametrize("group", SettingGroup)
def test_accounts_belong_to_the_security_administrator_and_all_else_to_the_platform_one(
    group: SettingGroup,
) -> None:
    one = Setting("test.two", group, Message("Yes"), Message("No"), "flag", default=False)
    platform = Actor(Kind.PLATFORM, "a", roles=frozenset({"PlatformAdmin"}))
    security = Actor(Kind.PLATFORM, "b", roles=frozenset({"SecurityAdmin"}))

    assert may_change(security, one) == (group is SettingGroup.ACCOUNTS)
    assert may_change(platform, one) == (group is not SettingGroup.ACCOUNTS)
    assert not any(may_change(Actor(kind, "c"), one) for kind in (Kind.BUREAU, Kind.AUDITOR, Kind.ENTERPRISE))


def change(actor: Actor, value: Any, now: dt.datetime, begins: dt.date | None = None) -> int:
    with unit_of_work():
        return service.change(actor, RESULT_DAYS, value, begins, "按通知调整", now).id


def test_a_change_holds_from_its_day_on_and_not_before(actor: ActorOf, clock: MovableClock) -> None:
    admin, now = actor("admin"), clock.now()
    assert settings.value(RESULT_DAYS, now) == 7

    change(admin, 10, now)
    change(admin, 20, now, dt.date(2026, 12, 1))

    midnight = dt.datetime(2026, 11, 30, 16, tzinfo=dt.UTC)
    assert settings.value(RESULT_DAYS, now - dt.timedelta(seconds=1)) == 7
    assert settings.value(RESULT_DAYS, now) == 10
    assert settings.value(RESULT_DAYS, midnight - dt.timedelta(seconds=1)) == 10
    assert settings.value(RESULT_DAYS, midnight) == 20


def test_of_two_changes_of_one_instant_the_later_entered_holds(actor: ActorOf, now: dt.datetime) -> None:
    change(actor("admin"), 10, now)
    change(actor("admin"), 12, now)

    assert settings.value(RESULT_DAYS, now) == 12


def test_a_change_that_is_not_in_force_is_withdrawn_with_a_reason(actor: ActorOf, now: dt.datetime) -> None:
    admin, later = actor("admin"), now + dt.timedelta(days=40)
    number = change(admin, 20, now, dt.date(2026, 12, 1))

    with pytest.raises(Invalid), unit_of_work():
        service.withdraw(admin, RESULT_DAYS, number, "  ", now)
    with unit_of_work():
        service.withdraw(admin, RESULT_DAYS, number, "暂缓", now)

    assert settings.value(RESULT_DAYS, later) == 7
    assert [row.withdrawal_reason for row in service.history(RESULT_DAYS)] == ["暂缓"]
    with pytest.raises(Conflict), unit_of_work():
        service.withdraw(admin, RESULT_DAYS, number, "再次", now)


def test_a_change_in_force_is_not_withdrawn(actor: ActorOf, now: dt.datetime) -> None:
    number = change(actor("admin"), 20, now)

    with pytest.raises(Conflict), unit_of_work():
        service.withdraw(actor("admin"), RESULT_DAYS, number, "反悔", now)


def test_a_change_of_another_setting_is_not_found(actor: ActorOf, now: dt.datetime) -> None:
    number = change(actor("admin"), 20, now, dt.date(2026, 12, 1))

    with pytest.raises(NotFound), unit_of_work():
        service.withdraw(actor("admin"), HOTLINE, number, "反悔", now)


@pytest.mark.parametrize(
    ("value", "begins", "reason", "fields"),
    [
        (0, None, "r", {"value"}),
        (7, None, "r", {"value"}),
        (8, dt.date(2026, 11, 6), "r", {"begins"}),
        (8, dt.date(2099, 1, 1), "r", {"begins"}),
        (8, None, " ", {"reason"}),
        (8, None, "长" * 201, {"reason"}),
        (1000, dt.date(2020, 1, 1), "", {"value", "begins", "reason"}),
    ],
)
def test_every_wrong_entry_is_named_at_once(
    actor: ActorOf, now: dt.datetime, value: int, begins: dt.date | None, reason: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.change(actor("admin"), RESULT_DAYS, value, begins, reason, now)

    assert {problem.field for problem in refusal.value.problems} == fields
    assert db.session.scalars(select(SettingChange)).all() == []


@pytest.mark.parametrize("who", ["security", "province", "auditor", "enterprise"])
def test_only_its_administrator_changes_a_setting(actor: ActorOf, now: dt.datetime, who: str) -> None:
    with pytest.raises(Forbidden), unit_of_work():
        service.change(actor(who), RESULT_DAYS, 9, None, "r", now)


def test_a_change_is_audited_with_its_reason(actor: ActorOf, acting: Any, now: dt.datetime) -> None:
    with acting("admin"):
        change(actor("admin"), 9, now)

    line = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "setting_change")).one()
    assert line.after is not None
    assert (line.after["value"], line.after["reason"]) == (9, "按通知调整")
    assert line.account_id == actor("admin").account_id


def test_the_page_takes_a_change_and_shows_its_history(sign_in: SignIn) -> None:
    client = sign_in("admin")
    typed = {"value": "４００-111-2222", "begins": "2026-12-01", "reason": "更换热线"}

    answer = client.post(f"/settings/{HOTLINE}/change", data=typed, follow_redirects=True)

    assert answer.status_code == 200
    assert "待生效" in answer.text and "更换热线" in answer.text and "2026-12-01 00:00" in answer.text
    assert "2026-12-01" in client.get("/settings/").text


def test_a_refused_change_comes_back_as_typed(sign_in: SignIn) -> None:
    answer = sign_in("admin").post(
        f"/settings/{RESULT_DAYS}/change", data={"value": "999", "begins": "", "reason": "多留几天"}
    )

    assert answer.status_code == 422
    assert 'value="999"' in answer.text and "多留几天" in answer.text and "90" in answer.text
    assert 'href="#value"' in answer.text


def test_a_change_holds_on_the_next_page_of_any_session(sign_in: SignIn) -> None:
    other = sign_in("county")
    assert "400-000-0000" in other.get("/").text

    sign_in("admin").post(f"/settings/{HOTLINE}/change", data={"value": "0571-1", "reason": "更换"})

    assert "0571-1" in other.get("/").text


def test_pages_read_settings_once_until_one_changes(sign_in: SignIn, count: Any) -> None:
    client = sign_in("enterprise")
    client.get("/")
    with count() as statements:
        client.get("/")
        client.get("/")
    sign_in("admin").post(f"/settings/{HOTLINE}/change", data={"value": "0571-1", "reason": "更换"})
    with count() as afterwards:
        assert "0571-1" in client.get("/").text

    assert not any("setting_change" in statement for statement in statements)
    assert sum("setting_change" in statement for statement in afterwards) == 1


def test_the_form_to_withdraw_is_not_shown_twice(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    number = change(actor("admin"), 20, now, dt.date(2026, 12, 1))
    address = f"/settings/{RESULT_DAYS}/withdraw/{number}"
    browser = sign_in("admin")

    first = browser.get(address)
    browser.post(address, data={"reason": "暂缓"})
    again = browser.get(address)

    assert first.status_code == 200 and 'name="reason"' in first.text
    assert again.status_code == 409 and 'name="reason"' not in again.text
    assert "现在不能这样做" in again.text and "已有人先行处理" not in again.text


@pytest.mark.parametrize("path", ["nothing", "nothing/change", "nothing/withdraw/1"])
def test_an_unknown_setting_is_not_found(sign_in: SignIn, path: str) -> None:
    assert sign_in("admin").get(f"/settings/{path}").status_code == 404


def test_every_setting_is_in_order(app: Flask) -> None:
    """Its default fits it, it has Chinese words, and somebody besides its declaration reads it."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")]
    with CATALOGUE.open("rb") as handle:
        chinese = {str(message.id): message.string for message in read_po(handle)}

    for one in all_settings():
        if one.key.startswith("test."):
            continue
        assert value_problem(one, one.default) is None, one.key
        assert one.demo_default is None or value_problem(one, one.demo_default) is None, one.key
        for words in (one.title, one.help, *one.choices.values(), *([one.unit] if one.unit else [])):
            assert chinese.get(words.msgid), f"{one.key}: {words.msgid}"
        assert reads(one.key, sources), f"{one.key} is read by nobody"


def reads(key: str, sources: list[str]) -> bool:
    """Whether a source asks for the value of a key: by its text, or by the constant that holds it."""
    holds = re.compile(rf'^(\w+) = "{re.escape(key)}"', re.MULTILINE)
    names = {found for source in sources for found in holds.findall(source)}
    asked = re.compile(
        "|".join([rf'value\(\s*"{re.escape(key)}"', *(rf"value\(\s*{name}\b" for name in names)])
    )
    return any(asked.search(source) for source in sources)


def test_the_check_finds_a_setting_that_nobody_reads() -> None:
    assert not reads("test.unread", ['UNREAD = "test.unread"\n'])
    assert reads("test.read", ['READ = "test.read"\n', "settings.value(READ, now)"])


def test_the_program_itself_may_change_any(app: Flask, now: dt.datetime) -> None:
    change(SYSTEM, 30, now)

    assert settings.value(RESULT_DAYS, now) == 30
