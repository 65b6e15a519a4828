"""What a report said when it was returned is kept exactly, and what changed afterwards is told and marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.infra import context, scope
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict
from app.kernel.texts import LocalText
from app.reports import filling, snapshots, steps
from app.reports.definitions import ColumnDefinition, SectionDefinition, VersionDefinition
from app.reports.form_loading import definition
from app.reports.models import Report
from app.reports.opening import open_report, ref_of
from app.reports.resubmission import changes_after_returns
from app.reports.review_models import ReportSnapshot
from tests.factories.reports import accepted, approved, holder_of, ref_for, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
PRODUCT = {"code": "A1", "product_name": "电钻", "unit": "台", "production": "10", "sales": "9.5",
           "closing_stock": "0"}  # fmt: skip

COLUMNS = tuple(
    ColumnDefinition(code, "products", LocalText(code), kind, 4, 100, required=False)
    for code, kind in (("name", "text"), ("sales", "number"))
)
VERSION = VersionDefinition(
    1, 1, "f", LocalText("f"), 1, "published", None, None, Decimal(1),
    (SectionDefinition("products", "rows", LocalText("p"), columns=COLUMNS),), (),
)  # fmt: skip

figures = st.decimals(-(10**12), 10**12, places=4)
codes = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
lines = st.fixed_dictionaries({"name": st.none() | st.text(max_size=5), "sales": st.none() | figures})


def returned(report: Report, now: dt.datetime, reason: str = "请核对营业收入") -> Report:
    """The report after its holder returned it."""
    reviewer = holder_of(report)
    with context.acting_as(reviewer), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.give_back(reviewer, found, found.version, reason, now)
    return report


def mended(owner: Actor, report: Report, cells: Mapping[str, str], now: dt.datetime) -> None:
    """Type cells into a report that is with its enterprise."""
    with context.acting_as(owner), unit_of_work():
        found = db.session.get_one(Report, report.id)
        filling.save_cells(owner, ref_of(found), cells, found.version, now)


def with_products(owner: Actor, report: Report, rows: list[dict[str, str]], now: dt.datetime) -> None:
    """Make the products of a report these."""
    with context.acting_as(owner), unit_of_work():
        found = db.session.get_one(Report, report.id)
        filling.save_rows(owner, ref_of(found), "products", rows, found.version, now)


def sent_again(owner: Actor, report: Report, now: dt.datetime) -> None:
    """Submit a report once more."""
    with context.acting_as(owner), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.submit(owner, ref_of(found), found.version, "填报员", now)


@given(st.dictionaries(st.tuples(codes, codes), figures), st.lists(lines, max_size=3))
def test_a_content_survives_its_text_exactly(
    cells: dict[tuple[str, str], Decimal], rows: list[dict[str, Decimal | str | None]]
) -> None:
    content = snapshots.Content(cells, {"products": rows})

    assert snapshots.parsed(snapshots.written(content), VERSION) == content


def test_equal_contents_have_one_text_however_their_figures_are_written() -> None:
    one = snapshots.Content({("a", "m"): Decimal("12.50"), ("b", "m"): Decimal(0)}, {})
    other = snapshots.Content({("b", "m"): Decimal("0.0000"), ("a", "m"): Decimal("12.5")}, {})

    assert snapshots.written(one) == snapshots.written(other)
    assert snapshots.written(one) == '{"cells":{"a.m":"12.5","b.m":"0"},"rows":{}}'


def test_a_return_keeps_every_figure_the_rows_and_the_enterprise(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    before = open_report(owner, ref_for(owner), now)

    returned(report, now)

    kept = db.session.scalars(select(ReportSnapshot)).one()
    content = snapshots.parsed(kept.content, definition(kept.form_version_id))
    assert (content.cells, content.rows) == (before.cells, before.rows)
    assert kept.enterprise_version_id == report.enterprise_version_id
    assert kept.step.verb == "return"


@pytest.mark.parametrize("reach", [submitted, approved])
def test_only_a_return_keeps_a_report(
    actor: ActorOf, now: dt.datetime, reach: Callable[[Actor, dt.datetime], Report]
) -> None:
    reach(actor("enterprise"), now)

    assert db.session.scalar(select(func.count()).select_from(ReportSnapshot)) == 0


def test_an_approved_report_that_is_reopened_is_kept_as_well(actor: ActorOf, now: dt.datetime) -> None:
    report = approved(actor("enterprise"), now)

    returned(report, now)

    assert db.session.scalars(select(ReportSnapshot)).one().step.verb == "reopen"


def test_a_return_that_fails_keeps_nothing(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    reviewer = holder_of(report)

    with pytest.raises(ZeroDivisionError), context.acting_as(reviewer), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.give_back(reviewer, found, found.version, "请核对", now)
        raise ZeroDivisionError

    assert db.session.scalar(select(func.count()).select_from(ReportSnapshot)) == 0


def test_the_slower_of_two_returns_keeps_nothing(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    reviewer, seen = holder_of(report), report.version
    returned(report, now)

    with pytest.raises(Conflict), context.acting_as(reviewer), unit_of_work():
        steps.give_back(reviewer, db.session.get_one(Report, report.id), seen, "再次退回", now)

    assert db.session.scalar(select(func.count()).select_from(ReportSnapshot)) == 1


def test_the_database_refuses_to_change_what_was_returned(actor: ActorOf, now: dt.datetime) -> None:
    returned(submitted(actor("enterprise"), now), now)

    with pytest.raises(DBAPIError, match="never changes"):
        db.session.execute(text("UPDATE report_snapshot SET content = '{}'"))
    db.session.rollback()


def test_what_changed_after_a_return_is_told_with_what_it_was(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, now), now)
    before = open_report(owner, ref_for(owner), now).cells["revenue", "ytd"]
    mended(owner, report, {"revenue.ytd": str(before + 1), "employees.ytd": "1"}, now)
    with_products(owner, report, [PRODUCT], now)

    change = changes_after_returns(open_report(owner, ref_for(owner), now))[-1]

    assert change.cells["revenue", "ytd"] == (before, before + 1)
    assert [(line.what, line.before) for line in change.lines if line.what.startswith("主要产品产销存")] == [
        ("主要产品产销存：A1 电钻", "—")
    ]
    assert len(change.lines) == len(change.cells) + 1


def test_each_return_tells_what_changed_until_the_next(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, now), now, "第一次")
    mended(owner, report, {"employees.ytd": "241"}, now)
    sent_again(owner, report, now)
    returned(report, now, "第二次")
    mended(owner, report, {"employees.ytd": "242"}, now)

    first, second = changes_after_returns(open_report(owner, ref_for(owner), now))

    assert (first.step.comment, second.step.comment) == ("第一次", "第二次")
    assert first.cells["employees", "ytd"][1] == 241
    assert second.cells == {("employees", "ytd"): (Decimal(241), Decimal(242))}


def test_a_figure_that_was_put_back_is_no_change(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, now), now)
    before = open_report(owner, ref_for(owner), now).cells["employees", "ytd"]
    mended(owner, report, {"employees.ytd": "999"}, now)
    mended(owner, report, {"employees.ytd": f"{before}.00"}, now)

    change = changes_after_returns(open_report(owner, ref_for(owner), now))[-1]

    assert change.lines == []


def test_desk_and_report_mark_what_changed(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, now), now)
    before = open_report(owner, ref_for(owner), now).cells["employees", "ytd"]
    mended(owner, report, {"employees.ytd": str(before + 7)}, now)
    sent_again(owner, report, now)

    desk = sign_in("county").get("/review/").get_data(as_text=True)
    page = sign_in("enterprise").get(f"/reports/{report.id}").get_data(as_text=True)

    for body in (desk, page):
        assert "退回后修改 1 处" in body
        assert f'<small class="rp-was">原 {before:,.0f}</small>' in body
        assert body.count("这次退回后修改 1 处") == 1


def test_a_report_that_came_back_unchanged_says_so(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, now), now)
    sent_again(owner, report, now)

    desk = sign_in("county").get("/review/").get_data(as_text=True)

    assert "退回后没有修改" in desk
    assert "data-changed" not in desk


def test_a_report_that_was_never_returned_shows_no_marks(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    submitted(actor("enterprise"), now)

    desk = sign_in("county").get("/review/").get_data(as_text=True)

    assert "rp-since" not in desk


def test_snapshots_are_seen_by_those_who_see_the_report(actor: ActorOf, now: dt.datetime) -> None:
    returned(submitted(actor("enterprise"), now), now)
    today = local_date(now)

    def seen(login: str) -> int:
        return len(db.session.scalars(scope.visible(ReportSnapshot, actor(login), today)).all())

    assert [seen(login) for login in ("enterprise", "county", "province")] == [1, 1, 1]
    assert [seen(login) for login in ("county2", "enterprise2", "admin")] == [0, 0, 0]


def test_who_accepted_is_told_who_can_return_and_by_which_phone(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = accepted(submitted(actor("enterprise"), now), now)
    holder = report.holder
    assert holder is not None
    holder.account.phone = "0500-12345678"
    db.session.commit()

    page = sign_in("county").get(f"/reports/{report.id}").get_data(as_text=True)
    own = sign_in("prefecture").get(f"/reports/{report.id}").get_data(as_text=True)

    assert f"现在只有 {holder.account.display_name}（{holder.bureau.name}，0500-12345678）可以退回。" in page
    assert "可以退回。" not in own
