"""The shipped form says what the specification says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from app.kernel.periods import Month
from app.reports.definitions import VersionDefinition
from app.reports.form_loading import version_for
from app.reports.seed import load_shipped_forms
from app.reports.shipped import shipped_version
from tests.reports.forms_app import NOW, forms_app


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VersionDefinition]:
    with forms_app(tmp_path_factory.mktemp("shipped")):
        with unit_of_work():
            load_shipped_forms(SYSTEM, NOW)
        yield version_for("sme_monthly", Month(2018, 7))


def test_thirteen_indicators_are_monthly_and_five_more_come_in_some_months(
    shipped: VersionDefinition,
) -> None:
    grid = shipped.section("main")

    counts = {month: len(grid.applicable(month, industrial=True)) for month in range(1, 13)}

    assert counts == {month: 18 if month in (2, 5, 8, 11, 12) else 13 for month in range(1, 13)}


def test_other_enterprises_do_not_see_the_five_industrial_indicators(shipped: VersionDefinition) -> None:
    grid = shipped.section("main")

    all_of_them = {found.name.zh for found in grid.applicable(7, industrial=True)}
    others = {found.name.zh for found in grid.applicable(7, industrial=False)}

    assert all_of_them - others == {"工业总产值", "出口交货值", "产成品", "用电量", "生产能力（设备）利用率"}


def test_stock_figures_stand_in_the_cumulative_cells_only(shipped: VersionDefinition) -> None:
    stocks = {found.cells for found in shipped.indicators if found.nature == "stock"}

    assert stocks == {("ytd", "ly_ytd")}


def test_everything_is_named_in_both_languages(shipped: VersionDefinition) -> None:
    texts = [shipped.form_name, *(section.name for section in shipped.sections)]
    texts += [text for found in shipped.indicators for text in (found.name, found.unit)]
    texts += [found.name for section in shipped.row_sections for found in section.columns]
    texts += [rule.message for rule in shipped.rules]

    assert all(text.is_translated for text in texts)


def test_the_published_version_is_the_one_that_rules_are_asked_of_without_a_database(
    shipped: VersionDefinition,
) -> None:
    assert replace(shipped, id=0, form_id=0) == shipped_version()


def test_loading_again_changes_nothing(shipped: VersionDefinition) -> None:
    with unit_of_work():
        created = load_shipped_forms(SYSTEM, NOW)

    assert created == []
    assert version_for("sme_monthly", Month(2018, 7)) == shipped
