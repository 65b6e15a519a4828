"""A rule is tried on reports that are there before it is published: counted, shown, nothing written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.periods import Month
from app.reports import filling, rule_trial
from app.reports.definitions import RuleDefinition
from app.reports.form_loading import load
from app.reports.form_models import FormVersion, ReportForm, ReportRule
from app.reports.form_parts import add_indicator
from app.reports.form_service import create_draft
from app.reports.rule_trial import Trial, try_rule
from tests.factories.reports import OCTOBER, accepted, filled, ref_for, submitted
from tests.reports.definitions_factory import rule
from tests.reports.test_form_pages import RULE, text
from tests.reports.test_forms_publish import WAGES

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
SEPTEMBER = Month(2026, 9)


@pytest.fixture
def draft(app: object, now: dt.datetime) -> FormVersion:
    """A draft of the shipped form."""
    with unit_of_work():
        form = db.session.scalars(select(ReportForm)).one()
        return create_draft(SYSTEM, form.id, now)


@pytest.fixture
def province(actor: ActorOf) -> Actor:
    """An editor of forms who sees every enterprise."""
    return actor("province")


@pytest.fixture
def reports(actor: ActorOf, now: dt.datetime) -> list[int]:
    """October's reports of two enterprises of different prefectures."""
    return [filled(actor(name), now).id for name in ("enterprise", "enterprise2")]


def ask(
    actor: Actor,
    draft: FormVersion,
    now: dt.datetime,
    asked: RuleDefinition,
    month: Month = OCTOBER,
    in_time: Callable[[], bool] = lambda: True,
) -> Trial:
    return try_rule(actor, load(draft.id), asked, month, now, in_time)


def test_reports_in_which_a_rule_would_be_found_are_counted_and_shown_with_their_values(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime
) -> None:
    never = rule("X1", "revenue.ytd < cost.ytd", indicators=("revenue",), cells=("ytd",))

    trial = ask(province, draft, now, never)

    assert (trial.checked, trial.found, trial.silent, trial.complete) == (2, 2, 0, True)
    assert {one.report_id for one in trial.examples} == set(reports)
    (first, _second) = trial.examples
    assert (first.indicator, first.cell, first.places) == ("revenue", "ytd", 1)
    assert [name for name, _value in first.values] == ["cost.ytd", "revenue.ytd"]
    assert all(value is not None for _name, value in first.values)


def test_a_rule_that_holds_finds_nothing_and_a_rule_that_lacks_a_figure_is_silent(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime
) -> None:
    holds = ask(province, draft, now, rule("X1", "revenue.ytd > cost.ytd", indicators=("revenue",)))
    lacks = ask(province, draft, now, rule("X1", "ytd > last.ytd", indicators=("revenue",)))

    assert (holds.checked, holds.found, holds.silent, holds.examples) == (2, 0, 0, [])
    assert (lacks.checked, lacks.found, lacks.silent) == (2, 0, 2)


def test_earlier_reports_are_compared_with_once_they_are_approved(
    province: Actor, actor: ActorOf, draft: FormVersion, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    september = submitted(owner, now, SEPTEMBER)
    filled(owner, now)
    falls = rule("X1", "ytd <= last.ytd", indicators=("revenue",))

    before = ask(province, draft, now, falls)
    accepted(september, now, times=3)
    after = ask(province, draft, now, falls)

    assert (before.found, before.silent) == (0, 1)
    assert (after.found, after.silent) == (1, 0)
    assert after.examples[0].values[0][0] == "last.ytd"


def test_only_reports_in_the_editors_scope_are_asked(
    actor: ActorOf, draft: FormVersion, reports: list[int], now: dt.datetime
) -> None:
    wrong = rule("X1", "ytd < 0", indicators=("revenue",))

    county = ask(actor("county"), draft, now, wrong)
    nobody = ask(actor("admin"), draft, now, wrong)

    assert [one.report_id for one in county.examples] == reports[:1]
    assert (county.checked, nobody.checked) == (1, 0)


def test_an_indicator_that_is_new_in_the_draft_is_missing_in_reports_that_are_there(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime
) -> None:
    with unit_of_work():
        add_indicator(SYSTEM, draft.id, WAGES, now)

    trial = ask(province, draft, now, rule("X1", "ytd > 0", indicators=("wages",)))

    assert (trial.checked, trial.found, trial.silent) == (2, 0, 2)


def test_rows_are_tried_too(province: Actor, actor: ActorOf, draft: FormVersion, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = filled(owner, now)
    row = {"product_name": "布", "unit": "米", "production": "5", "sales": "9", "closing_stock": "0"}
    with unit_of_work():
        filling.save_rows(owner, ref_for(owner), "products", [row, row], report.version, now)

    trial = ask(
        province,
        draft,
        now,
        rule("X1", "sales <= production", section="products", indicators=("sales",)),
    )

    (example,) = trial.examples
    assert (example.row_no, example.indicator, example.places) == (1, "sales", 2)


def test_a_month_in_which_the_rule_is_not_asked_has_nothing_to_show(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime
) -> None:
    assert ask(province, draft, now, rule("X1", "ytd < 0", months=(1,))).checked == 0
    assert ask(province, draft, now, rule("X1", "ytd < 0"), SEPTEMBER).checked == 0


def test_a_trial_stops_when_its_time_is_over(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rule_trial, "BATCH", 1)
    turns = iter([True, False])

    trial = ask(
        province,
        draft,
        now,
        rule("X1", "ytd < 0", indicators=("revenue",)),
        in_time=lambda: next(turns),
    )

    assert (trial.checked, trial.complete) == (1, False)


def test_the_examples_are_the_first_twenty(
    province: Actor, draft: FormVersion, reports: list[int], now: dt.datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rule_trial, "SHOWN", 1)

    trial = ask(province, draft, now, rule("X1", "ytd < 0", indicators=("revenue",)))

    assert (trial.found, len(trial.examples)) == (2, 1)
    assert rule_trial.SHOWN == 1


def test_the_database_refuses_to_write_during_a_trial_and_writes_again_afterwards(
    draft: FormVersion,
) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), rule_trial._reading_only():
        db.session.execute(ReportForm.__table__.update().values(make_up_months=3))

    with unit_of_work():
        db.session.execute(ReportForm.__table__.update().values(make_up_months=3))
    assert set(db.session.scalars(select(ReportForm.make_up_months))) == {3}


def test_postgresql_ends_a_statement_that_takes_too_long(
    province: Actor, draft: FormVersion, now: dt.datetime, monkeypatch: Any
) -> None:
    class Cancelled(Exception):
        sqlstate = rule_trial.TOOK_TOO_LONG

    def slow(*_given: object) -> None:
        raise rule_trial.OperationalError("SELECT", {}, Cancelled())

    monkeypatch.setattr(rule_trial, "_subjects", slow)

    trial = ask(province, draft, now, rule("X1", "ytd < 0"))

    assert (trial.checked, trial.complete) == (0, False)


# --- the page


def given(draft: FormVersion, **changes: Any) -> dict[str, Any]:
    return {"draft": draft.id, **RULE, "trial_month": "2026-10", **changes}


def test_the_page_tries_the_rule_as_it_is_typed_and_saves_nothing(
    sign_in: SignIn, draft: FormVersion, reports: list[int]
) -> None:
    panel = sign_in("province")
    count = select(func.count()).select_from(ReportRule)
    before, entries = db.session.scalar(count), db.session.scalar(select(func.count(AuditEntry.id)))

    answer = panel.post("/form-rules/trial", data=given(draft, expression="revenue.ytd < total_profit.ytd"))

    page = text(answer)
    assert answer.status_code == 200
    assert "2026-10 的 2 份报表中，2 份会被查出" in page
    assert f"/reports/{reports[0]}" in page
    assert "<code>total_profit.ytd</code>" in page
    assert 'value="利润总额不能大于营业收入"' in page
    assert db.session.scalar(count) == before
    assert db.session.scalar(select(func.count(AuditEntry.id))) == entries


def test_a_rule_of_a_draft_is_tried_on_its_own_page(
    sign_in: SignIn, draft: FormVersion, reports: list[int]
) -> None:
    own = next(found for found in draft.rules if found.code == "S05")
    wanted = {name: value for name, value in given(draft).items() if name not in {"draft", "code"}}

    answer = sign_in("province").post(f"/form-rules/trial/{own.id}", data={**wanted, "expression": "ytd < 1"})

    assert answer.status_code == 200
    assert "2 份会被查出" in text(answer)
    db.session.expire_all()
    assert db.session.get_one(ReportRule, own.id).expression == "ytd >= last.ytd"


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"trial_month": ""}, 'id="trial_month-error"'),
        ({"trial_month": "soon"}, 'value="soon"'),
        ({"expression": "revenue.ytd >= nothing"}, "<mark>nothing</mark>"),
        ({"expression": ""}, 'id="expression-error"'),
        ({"indicators": "nobody"}, 'id="indicators-error"'),
    ],
)
def test_a_trial_that_cannot_be_made_keeps_what_was_typed(
    sign_in: SignIn, draft: FormVersion, change: dict[str, str], shown: str
) -> None:
    answer = sign_in("province").post("/form-rules/trial", data=given(draft, **change))

    assert answer.status_code == 422
    assert shown in text(answer)
    assert 'value="Profit exceeds revenue"' in text(answer)
    assert 'id="trial-result"' not in text(answer)


def test_a_published_rule_is_not_tried_as_something_else(sign_in: SignIn, draft: FormVersion) -> None:
    published = next(version for version in draft.form.versions if version.state == "published")

    answer = sign_in("province").post(f"/form-rules/trial/{published.rules[0].id}", data=given(draft))

    assert answer.status_code == 409


def test_an_expression_is_read_as_one_types(sign_in: SignIn, draft: FormVersion) -> None:
    panel = sign_in("province")

    def read(**body: Any) -> Any:
        return panel.post("/form-rules/reading", json={"version": str(draft.id), **body})

    good = read(expression="revenue.ytd >= 0").get_json()
    wrong = read(expression="revenue.ytd >= nothing").get_json()

    assert good == {
        "words": "应满足：营业收入（本年1-本月）不小于0。",
        "wrong": False,
        "before": "",
        "marked": "▲",
        "after": "",
    }
    assert (wrong["wrong"], wrong["before"], wrong["marked"]) == (True, "revenue.ytd >= ", "nothing")
    assert read(expression={"a": 1}, section=["x"]).status_code == 200
    assert panel.post("/form-rules/reading", json=[]).status_code == 400
    assert panel.post("/form-rules/reading", json={"version": "99999"}).status_code == 404
