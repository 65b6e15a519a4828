"""历史报送: every month of an enterprise with what can be done, and an enterprise's reports for a bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports import steps
from app.reports.history import offered_steps
from app.reports.windows import Calendar
from tests.conftest import NOON
from tests.factories.reports import OCTOBER, accepted, approved, filled, holder_of, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
CALENDAR = Calendar()


@pytest.mark.parametrize(
    ("months_back", "state", "accepted_levels", "expected"),
    [
        (0, "not_filled", 0, ["fill"]),
        (0, "editing", 0, ["edit", "view"]),
        (0, "returned", 0, ["edit", "view"]),
        (12, "not_filled", 0, ["make_up"]),
        (13, "not_filled", 0, []),
        (13, "editing", 0, ["view"]),
        (-1, "not_filled", 0, []),
        (1, "returned", 0, ["make_up", "view"]),
        (0, "in_review", 0, ["withdraw", "view"]),
        (0, "in_review", 1, ["view"]),
        (3, "approved", 3, ["view"]),
    ],
)
def test_what_can_be_done_with_a_month(
    months_back: int, state: str, accepted_levels: int, expected: list[str]
) -> None:
    month = OCTOBER.plus(-months_back)

    is_open = CALENDAR.closed(month, NOON) is None
    found = offered_steps(CALENDAR, month, state, accepted_levels, NOON, is_open=is_open)

    assert found == expected


def rows(client: FlaskClient, query: str = "") -> dict[str, list[str]]:
    """Month → its cells as they are read."""
    page = BeautifulSoup(client.get(f"/reports/{query}").data, "html.parser")
    found = {}
    for row in page.select("tbody tr"):
        cells = [" ".join(cell.get_text(" ").split()) for cell in row.select("td:not(.tick)")]
        found[cells[0]] = cells[1:]
    return found


def test_months_without_a_report_are_shown_and_can_be_made_up(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    filled(actor("enterprise"), now)

    found = rows(sign_in("enterprise"))

    assert next(iter(found)) == "2026-10"
    assert list(found)[-1] == "2023-12"
    assert len(found) == 35
    assert found["2026-10"][1] == "编辑"
    assert found["2026-10"][-1] == "编辑 查看"
    assert found["2026-09"][1] == "未填报"
    assert ("否" in found["2026-10"], "是" in found["2026-09"]) == (True, True)  # late: due, over
    assert found["2026-09"][-1] == "补报"
    assert found["2025-09"][-1] == ""


def test_history_is_read_by_year_and_by_state(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)
    client = sign_in("enterprise")

    assert len(rows(client, "?year=2025")) == 12
    assert list(rows(client, "?state=in_review")) == ["2026-10"]
    assert "2026-10" not in rows(client, "?year=2026&state=not_filled")
    assert len(rows(client, "?period_from=2026-01&period_to=2026-03")) == 3


def test_a_returned_report_says_why_in_its_row(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    holder = holder_of(report)
    with context.acting_as(holder), unit_of_work():
        steps.give_back(holder, report, report.version, "用电量请核对", now)

    found = rows(sign_in("enterprise"))["2026-10"]

    assert found[1] == "退回"
    assert "用电量请核对" in found
    assert "在线填报" in found


def test_a_ticked_report_is_withdrawn_while_nobody_has_reviewed_it(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    submitted(owner, now)
    client = sign_in("enterprise")
    form = {"action": "withdraw", "key": "202610", "confirmed": "1", "asked": "1"}

    done = client.post("/reports/", data=form)
    again = client.post("/reports/", data=form)
    nothing = client.post("/reports/", data={**form, "key": "202609"})

    assert done.status_code == 200
    assert rows(client)["2026-10"][1] == "编辑"
    assert "已处理 1 条" in done.text
    assert "已处理 0 条" in again.text
    assert "已处理 0 条" in nothing.text


def test_a_reviewed_report_is_not_withdrawn(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    accepted(submitted(actor("enterprise"), now), now)
    client = sign_in("enterprise")

    client.post("/reports/", data={"action": "withdraw", "key": "202610", "confirmed": "1", "asked": "1"})

    assert rows(client)["2026-10"][1] == "审核中"


def test_an_enterprise_sees_its_own_months_only(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise2"), now)

    assert rows(sign_in("enterprise"))["2026-10"][1] == "未填报"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_history_is_exported(sign_in: SignIn, actor: ActorOf, now: dt.datetime, kind: str) -> None:
    filled(actor("enterprise"), now)

    answer = sign_in("enterprise").post("/reports/", data={"format": kind, "columns": "all", "asked": "1"})

    assert answer.status_code == 200
    if kind == "csv":
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert len(lines) == 36
        assert lines[1].startswith("2026-10,")


def test_a_bureau_comes_from_the_record_of_an_enterprise_to_all_its_reports(
    sign_in: SignIn, actor: ActorOf, clock: MovableClock
) -> None:
    owner = actor("enterprise")
    submitted(owner, clock.now(), Month(2026, 9))
    approved(owner, clock.now())
    submitted(actor("enterprise2"), clock.now())
    client = sign_in("county")

    record = BeautifulSoup(client.get(f"/enterprises/show/{owner.enterprise_id}").data, "html.parser")
    link = record.find("a", string="历次报表")
    assert link is not None
    page = BeautifulSoup(client.get(str(link["href"])).data, "html.parser")

    assert [row.select("td:not(.tick)")[0].get_text() for row in page.select("tbody tr")] == [
        "2026-10", "2026-09",
    ]  # fmt: skip
