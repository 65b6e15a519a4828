"""The queue of the review desk: tabs, conditions, what comes next, batches with a line for each report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.organisations.accounts import actor_of_account
from app.reports.models import Report
from app.reports.review_list import queue_of
from tests.factories.reports import OCTOBER, accepted, approved, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
LAST = OCTOBER.previous()


def neighbours(owner: Actor, count: int) -> list[Actor]:
    """Other enterprises with the same direct reviewer."""
    own = db.session.get_one(Enterprise, owner.enterprise_id)
    query = select(Enterprise.account_id).where(
        Enterprise.direct_reviewer_id == own.direct_reviewer_id, Enterprise.id != own.id
    )
    found = [
        actor_of_account(account)
        for account in db.session.scalars(query.order_by(Enterprise.id).limit(count))
    ]
    return [actor for actor in found if actor is not None]


def reports_on(page: str) -> list[int]:
    """The reports of the rows of a queue."""
    return [int(key) for key in re.findall(r'name="key" value="(\d+)"', page)]


def test_the_desk_opens_with_what_waits_for_the_admin(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    waiting = submitted(actor("enterprise"), now)
    accepted(submitted(actor("enterprise"), now, LAST), now)

    body = sign_in("county").get("/review/").get_data(as_text=True)

    assert reports_on(body) == [waiting.id]


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("mine", {"waiting"}),
        ("elsewhere", {"climbed"}),
        ("approved", {"approved"}),
        ("", {"waiting", "climbed", "approved"}),
    ],
)
def test_each_tab_shows_the_reports_of_its_desk(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, tab: str, shown: set[str]
) -> None:
    owner = actor("enterprise")
    found = {
        "waiting": submitted(owner, now).id,
        "climbed": accepted(submitted(owner, now, LAST), now).id,
        "approved": approved(owner, now, LAST.previous()).id,
    }

    body = sign_in("county").get(f"/review/?state={tab}&period=&asked=1").get_data(as_text=True)

    assert set(reports_on(body)) == {found[name] for name in shown}


@pytest.mark.parametrize("tab", ["state=approved&asked=1", "asked=1"])
def test_another_tab_opened_afresh_shows_this_month_and_opens_no_report(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, tab: str
) -> None:
    submitted(actor("enterprise"), now)
    visitor = sign_in("county")

    answer = visitor.get(f"/review/?{tab}")
    body = visitor.get(answer.headers["Location"]).get_data(as_text=True)

    assert answer.status_code == 302
    assert "period=2026-10" in answer.headers["Location"]
    assert 'id="rv-detail"' not in body


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"period": "2026-10"}, True),
        ({"period": "2026-09"}, False),
        ({"size": "{size}"}, True),
        ({"size": "micro"}, False),
        ({"industry": "{section}"}, True),
        ({"industry": "A"}, False),
        ({"screening": "passed"}, True),
        ({"screening": "failed"}, False),
        ({"reviewer": "{holder}"}, True),
        ({"region": "{region}"}, True),
        ({"keyword": "{name}"}, True),
        ({"keyword": "没有这样的企业"}, False),
    ],
    ids=str,
)
def test_the_queue_is_narrowed_by_each_condition(
    actor: ActorOf, now: dt.datetime, conditions: Mapping[str, str], *, found: bool
) -> None:
    report = submitted(actor("enterprise"), now)
    version = report.enterprise_version
    words = {
        "size": version.size,
        "section": report.enterprise.industry.section,
        "holder": report.holder_id,
        "region": report.region_id,
        "name": version.name[:4],
    }
    asked = {name: text.format(**words) for name, text in conditions.items()}

    queue = queue_of(actor("county"), asked, local_date(now))

    assert queue == ([report.id] if found else [])


def test_what_comes_next_keeps_to_the_conditions_and_the_order(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    old = submitted(owner, now, LAST)
    first, second = (
        submitted(one, now + dt.timedelta(minutes=at)) for at, one in enumerate(neighbours(owner, 2))
    )
    visitor = sign_in("county")

    desk = visitor.get("/review/?state=mine&period=2026-10&asked=1").get_data(as_text=True)
    action = re.search(r'id="rv-accept" method="post" action="([^"]+)"', desk)
    assert action is not None
    answer = visitor.post(action[1].replace("&amp;", "&"), data={"version": first.version})

    assert reports_on(desk) == [first.id, second.id]
    assert "1 / 2" in desk
    assert answer.headers["Location"].endswith(
        f"/review/?state=mine&period=2026-10&asked=1&report={second.id}"
    )
    assert old.state == "in_review"


def test_a_mixed_batch_tells_each_line(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    mine = submitted(owner, now)
    climbed = accepted(submitted(owner, now, LAST), now)
    foreign = submitted(actor("enterprise2"), now)
    keys = [str(report.id) for report in (mine, climbed, foreign)]

    answer = sign_in("county").post(
        "/review/", data={"action": "return", "key": keys, "state": "", "asked": "1", "confirmed": "1",
                          "comment": "请核对"}
    )  # fmt: skip

    db.session.expire_all()
    states = [db.session.get_one(Report, report.id).state for report in (mine, climbed, foreign)]
    assert states == ["returned", "in_review", "in_review"]
    assert "已处理 1 条，跳过 2 条。" in answer.text


def test_columns_of_the_queue_can_be_chosen(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)
    visitor = sign_in("county")
    usual = visitor.get("/review/").get_data(as_text=True)

    visitor.post("/review/", data={"choose": "shown", "cols": ["reviewer", "state", "industry"]})
    chosen = visitor.get("/review/").get_data(as_text=True)

    def has(page: str, column: str) -> bool:
        return f'data-label="{column}"' in page

    assert [has(usual, column) for column in ("当前审核人", "状态", "系统筛查")] == [False, False, True]
    assert [has(chosen, column) for column in ("当前审核人", "状态", "系统筛查")] == [True, True, False]
