"""The panel's pages of report forms: drafts, indicators, rules and publishing, without code."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.infra.database import db
from app.kernel.clock import MovableClock
from app.reports.form_models import (
    DRAFT,
    PUBLISHED,
    FormSection,
    FormVersion,
    Indicator,
    ReportForm,
    ReportRule,
    VersionIndicator,
)
from app.reports.models import Report

SignIn = Callable[[str], FlaskClient]
DECEMBER = dt.datetime(2026, 12, 7, 4, 0, tzinfo=dt.UTC)
EVERY_MONTH = [str(month) for month in range(1, 13)]
RULE = {
    "code": "H20",
    "severity": "hard",
    "expression": "revenue.ytd >= total_profit.ytd",
    "message": "利润总额不能大于营业收入",
    "message-en": "Profit exceeds revenue",
    "indicators": "revenue",
    "cells": ["ytd"],
    "section": "",
    "applies_to": "visible",
    "months": EVERY_MONTH,
    "ord": "0",
}
INDICATOR = {
    "code": "cloud_spend",
    "name": "云服务支出",
    "name-en": "Cloud spending",
    "unit": "千元",
    "unit-en": "1,000 yuan",
    "nature": "flow_ytd",
    "scale": "2",
    "growth_kind": "pct",
    "months": EVERY_MONTH,
    "cells": ["m", "ytd"],
    "required_cells": ["ytd"],
    "ord": "0",
}


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def form(app: Flask) -> ReportForm:
    """The shipped form."""
    return db.session.scalars(select(ReportForm).where(ReportForm.code == "sme_monthly")).one()


@pytest.fixture
def panel(sign_in: SignIn) -> FlaskClient:
    """The platform admin's browser."""
    return sign_in("admin")


@pytest.fixture
def draft(panel: FlaskClient, form: ReportForm) -> FormVersion:
    """A draft made from the published version."""
    answer = panel.post(f"/report-forms/draft/{form.id}")
    assert answer.status_code == 302, text(answer)
    return db.session.scalars(select(FormVersion).where(FormVersion.state == DRAFT)).one()


def section_of(draft: FormVersion, code: str = "main") -> FormSection:
    return next(section for section in draft.sections if section.code == code)


def add_indicator(panel: FlaskClient, draft: FormVersion, **changes: Any) -> Any:
    return panel.post("/form-indicators/add", data={"section": section_of(draft).id, **INDICATOR, **changes})


def add_rule(panel: FlaskClient, draft: FormVersion, **changes: Any) -> Any:
    return panel.post("/form-rules/add", data={"draft": draft.id, **RULE, **changes})


def publish(panel: FlaskClient, draft: FormVersion, **changes: Any) -> Any:
    db.session.expire_all()
    given = {"effective_from": "2026-11", "effective_to": "", "revision": draft.revision, **changes}
    return panel.post(f"/form-versions/publish/{draft.id}", data=given)


@pytest.fixture
def published(panel: FlaskClient, draft: FormVersion) -> FormVersion:
    """A second version with one more indicator and one more hard rule, in effect from November."""
    for answer in (add_indicator(panel, draft), add_rule(panel, draft), publish(panel, draft)):
        assert answer.status_code == 302, text(answer)
    db.session.expire_all()
    return draft


@pytest.mark.parametrize(
    "path",
    [
        "/report-forms/list/",
        "/report-forms/add",
        "/form-versions/list/",
        "/form-sections/list/",
        "/form-sections/add",
        "/form-indicators/list/?keyword=revenue",
        "/form-indicators/add",
        "/form-columns/list/",
        "/form-columns/add",
        "/form-rules/list/?severity=hard",
        "/form-rules/add",
    ],
)
def test_every_page_of_forms_opens_for_the_platform_admin(
    panel: FlaskClient, draft: FormVersion, path: str
) -> None:
    answer = panel.get(path)

    assert answer.status_code == 200
    assert "<h1>" in text(answer)


def test_parts_of_a_version_are_listed_by_version(panel: FlaskClient, draft: FormVersion) -> None:
    other = draft.form.versions[0]
    add_indicator(panel, draft)

    assert "云服务支出" in text(panel.get(f"/form-indicators/list/?version={draft.id}&sort=-ord"))
    assert "云服务支出" not in text(panel.get(f"/form-indicators/list/?version={other.id}&sort=-ord"))


def test_clearing_the_conditions_keeps_the_version_that_the_list_is_about(
    panel: FlaskClient, draft: FormVersion
) -> None:
    page = text(panel.get(f"/form-indicators/list/?version={draft.id}&keyword=revenue"))

    assert f'href="/form-indicators/list/?version={draft.id}"' in page


def test_a_rule_is_checked_when_it_is_saved_and_the_page_says_where_it_is_wrong(
    panel: FlaskClient, draft: FormVersion
) -> None:
    answer = add_rule(panel, draft, expression="revenue.ytd >= total_profits.ytd")

    assert answer.status_code == 422
    assert "16" in text(answer)  # the column at which the unknown name stands
    assert "\nrevenue.ytd &gt;= total_profits.ytd</textarea>" in text(answer)
    assert "revenue.ytd &gt;= <mark>total_profits.ytd</mark>" in text(answer)
    assert db.session.scalars(select(ReportRule).where(ReportRule.code == "H20")).first() is None


def test_the_page_of_a_rule_shows_the_names_that_it_may_use(panel: FlaskClient, draft: FormVersion) -> None:
    add_indicator(panel, draft)

    page = text(panel.get(f"/form-rules/add?version={draft.id}"))

    assert "<code>cloud_spend.ytd</code>" in page
    assert "<code>coalesce()</code>" in page


def test_all_problems_of_an_indicator_are_told_together_and_what_was_typed_stays(
    panel: FlaskClient, draft: FormVersion
) -> None:
    answer = add_indicator(panel, draft, code="Umsatz!", scale="9", cells=[], required_cells=["ytd"])

    page = text(answer)
    assert answer.status_code == 422
    assert 'value="Umsatz!"' in page and 'value="9"' in page and "云服务支出" in page
    assert 'href="#code"' not in page or 'href="#scale"' in page


def test_a_name_with_signs_of_html_is_shown_as_it_was_typed(panel: FlaskClient, draft: FormVersion) -> None:
    answer = add_indicator(panel, draft, code="Wrong!", name='研发 & <"试验">')

    assert 'value="研发 &amp; &lt;&#34;试验&#34;&gt;"' in text(answer)


def test_an_indicator_cannot_be_put_into_a_section_that_is_published(
    panel: FlaskClient, published: FormVersion
) -> None:
    answer = add_indicator(panel, published, code="late_comer")

    assert answer.status_code == 422
    assert db.session.scalars(select(Indicator).where(Indicator.code == "late_comer")).first() is None


def test_publishing_without_a_month_is_refused_on_the_page(panel: FlaskClient, draft: FormVersion) -> None:
    answer = publish(panel, draft, effective_from="next spring")

    assert answer.status_code == 422
    assert 'value="next spring"' in text(answer)
    assert db.session.get(FormVersion, draft.id).state == DRAFT


def test_publishing_what_somebody_else_changed_meanwhile_is_a_conflict_and_keeps_what_was_typed(
    panel: FlaskClient, draft: FormVersion
) -> None:
    before = draft.revision
    add_indicator(panel, draft)

    answer = publish(panel, draft, revision=before, effective_to="2030-12")

    assert answer.status_code == 409
    assert 'value="2030-12"' in text(answer)
    db.session.expire_all()
    assert db.session.get(FormVersion, draft.id).state == DRAFT


@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_a_published_version_and_its_parts_are_read_only(
    panel: FlaskClient, published: FormVersion, verb: str
) -> None:
    part = section_of(published).indicators[0]
    rule = published.rules[0]
    paths = (
        f"form-versions/{{}}/{published.id}",
        f"form-indicators/{{}}/{part.id}",
        f"form-rules/{{}}/{rule.id}",
    )

    for path in paths:
        shown = text(panel.get("/" + path.format("show")))
        refused = panel.post("/" + path.format(verb))
        assert refused.status_code == 409, path
        assert path.format("edit") not in shown and path.format("delete") not in shown
    assert db.session.get(FormVersion, published.id).state == PUBLISHED
    assert db.session.get(VersionIndicator, part.id) is not None


def test_a_form_has_one_draft_at_a_time(panel: FlaskClient, form: ReportForm, draft: FormVersion) -> None:
    answer = panel.post(f"/report-forms/draft/{form.id}")

    assert answer.status_code == 409
    assert db.session.scalars(select(FormVersion).where(FormVersion.state == DRAFT)).one().id == draft.id


def test_a_draft_can_be_discarded(panel: FlaskClient, draft: FormVersion) -> None:
    answer = panel.post(f"/form-versions/delete/{draft.id}")

    db.session.expire_all()
    assert answer.status_code == 302
    assert db.session.scalars(select(FormVersion).where(FormVersion.state == DRAFT)).first() is None


def test_a_county_reads_published_forms_and_edits_none(
    sign_in: SignIn, panel: FlaskClient, form: ReportForm, draft: FormVersion
) -> None:
    county = sign_in("county")

    assert county.get(f"/form-versions/show/{form.versions[0].id}").status_code == 200
    assert county.get(f"/form-versions/show/{draft.id}").status_code == 404
    assert county.get("/form-rules/add").status_code == 403
    assert county.post(f"/report-forms/draft/{form.id}").status_code == 403
    assert "/report-forms/add" not in text(county.get("/report-forms/list/"))


def test_grid_check_and_export_obey_an_indicator_and_a_rule_that_were_added_in_the_panel(
    sign_in: SignIn, published: FormVersion, clock: MovableClock
) -> None:
    clock.set(DECEMBER)
    enterprise = sign_in("enterprise")
    address = "/filing/sme_monthly/2026-11/main"

    assert "云服务支出" in text(enterprise.get(address))
    cells = {"revenue.ytd": "100", "total_profit.ytd": "200", "cloud_spend.ytd": "12.34"}
    saved = enterprise.post(f"{address}/save", json={"cells": cells, "version": 0}).get_json()

    told = {(finding["code"], finding["severity"]) for finding in saved["findings"]}
    assert ("H20", "hard") in told
    report = db.session.scalars(select(Report).where(Report.form_version_id == published.id)).one()
    book = load_workbook(io.BytesIO(enterprise.get(f"/reports/{report.id}/workbook").get_data()))
    values = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any("云服务支出" in str(value) for value in values)
    assert 12.34 in values


def test_one_more_indicator_and_soft_rule_hold_from_next_month_on_and_older_months_keep_theirs(
    sign_in: SignIn, panel: FlaskClient, draft: FormVersion, clock: MovableClock
) -> None:
    enterprise, october = sign_in("enterprise"), "/filing/sme_monthly/2026-10/main"
    typed = {"revenue.ytd": "100", "cost.ytd": "70", "total_profit.ytd": "30"}
    begun = enterprise.post(f"{october}/save", json={"cells": typed, "version": 0}).get_json()
    soft = {"code": "S20", "severity": "soft", "expression": "cloud_spend.ytd <= revenue.ytd * 0.1"}
    for answer in (
        add_indicator(panel, draft),
        add_rule(panel, draft, **soft, indicators="cloud_spend", message="云服务支出占比偏高"),
        publish(panel, draft, effective_from="2026-11"),
    ):
        assert answer.status_code == 302, text(answer)

    # October stays as it was, whether it was begun before or is begun now
    assert "云服务支出" not in text(enterprise.get(october))
    more = {"cells": {"cost.ytd": "80"}, "version": begun["version"]}
    changed = enterprise.post(f"{october}/save", json=more)
    assert "S20" not in codes_of(changed)
    more = {"cells": {"cloud_spend.ytd": "50"}, "version": changed.get_json()["version"]}
    assert enterprise.post(f"{october}/save", json=more).status_code == 422
    assert "云服务支出" not in text(sign_in("enterprise2").get(october))

    # both in November
    clock.set(DECEMBER)
    november = october.replace("2026-10", "2026-11")
    typed |= {"cloud_spend.ytd": "10"}
    assert "云服务支出" in text(enterprise.get(november))
    saved = enterprise.post(f"{november}/save", json={"cells": typed, "version": 0})
    assert "S20" not in codes_of(saved)
    more = {"cells": {"cloud_spend.ytd": "10.01"}, "version": saved.get_json()["version"]}
    saved = enterprise.post(f"{november}/save", json=more)
    assert "S20" in codes_of(saved)
    told = {found["code"]: found for found in saved.get_json()["findings"]}["S20"]
    assert (told["severity"], told["field"], told["message"]) == (
        "soft",
        "cloud_spend.ytd",
        "云服务支出占比偏高",
    )
    versions = {
        report.period: report.form_version.number
        for report in db.session.scalars(select(Report).where(Report.form_version_id.is_not(None)))
    }
    assert versions == {202610: 1, 202611: 2}


def codes_of(answer: Any) -> set[str]:
    assert answer.status_code == 200, text(answer)
    return {found["code"] for found in answer.get_json()["findings"]}


def test_the_page_of_a_rule_says_it_in_words_in_either_language(sign_in: SignIn) -> None:
    rule = db.session.scalars(select(ReportRule).where(ReportRule.code == "H12")).first()
    assert rule is not None and rule.section_code == "products"
    province = sign_in("province")

    page = BeautifulSoup(province.get(f"/form-rules/show/{rule.id}").data, "html.parser")
    province.get("/preferences/language/en")
    english = BeautifulSoup(province.get(f"/form-rules/show/{rule.id}").data, "html.parser")

    assert page.select_one(".rl-words").text == "应满足：该数据不小于0。"
    assert "It must hold that" in english.select_one(".rl-words").text


def test_clearing_the_conditions_of_a_list_of_parts_stays_at_its_version(sign_in: SignIn) -> None:
    version = db.session.scalars(select(FormVersion.id)).first()
    for path in ("form-sections", "form-indicators", "form-columns", "form-rules"):
        answer = sign_in("province").get(f"/{path}/list/?version={version}&keyword=a&kind=grid")
        clear = BeautifulSoup(answer.data, "html.parser").select_one(".ql-go a.qj-btn")
        assert clear["href"].endswith(f"/{path}/list/?version={version}"), path
