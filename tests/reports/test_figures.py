"""Figures: exact on both databases, written only where they changed, in tables that the form's data makes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import delete, event, func, inspect, select, text

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.errors import Invalid
from app.reports import figures
from app.reports.definitions import VersionDefinition
from app.reports.figures import Key
from app.reports.figures_layout import column, table_name
from app.reports.figures_tables import include_name
from app.reports.form_loading import definition
from tests.reports.forms_app import dimensions, forms_app, publish_small_form

LARGEST = Decimal("9999999999999.9999")
HERE = Key(201807, 1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VersionDefinition]:
    with forms_app(tmp_path_factory.mktemp("figures")):
        yield definition(publish_small_form())


@pytest.fixture
def version(published: VersionDefinition) -> Iterator[VersionDefinition]:
    yield published
    with unit_of_work():
        for section in published.sections:
            db.session.execute(delete(figures.section_table(published, section.code)))


def written_statements() -> list[str]:
    """Statements that write, from now on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split(None, 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    return seen


def test_the_largest_number_comes_back_exactly(version: VersionDefinition) -> None:
    with unit_of_work():
        figures.write(version, HERE, dimensions(), {("revenue", "ytd"): LARGEST, ("revenue", "m"): -LARGEST})

    stored = figures.read(version, HERE)

    assert stored == {("revenue", "ytd"): LARGEST, ("revenue", "m"): -LARGEST}


def test_saving_the_same_figures_again_writes_nothing(version: VersionDefinition) -> None:
    cells = {("revenue", "ytd"): Decimal("12.50"), ("power", "m"): None}
    with unit_of_work():
        figures.write(version, HERE, dimensions(), cells)
    seen = written_statements()

    with unit_of_work():
        changes = figures.write(version, HERE, dimensions(), cells)

    assert changes == {}
    assert seen == []


def test_only_changed_columns_are_written_and_told(version: VersionDefinition) -> None:
    with unit_of_work():
        figures.write(
            version, HERE, dimensions(), {("revenue", "ytd"): Decimal(1), ("revenue", "m"): Decimal(2)}
        )
    seen = written_statements()

    with unit_of_work():
        changes = figures.write(
            version, HERE, dimensions(), {("revenue", "ytd"): Decimal(1), ("revenue", "m"): None}
        )

    assert changes == {("revenue", "m"): (Decimal(2), None)}
    assert len(seen) == 1
    assert "revenue_m" in seen[0]
    assert "revenue_ytd" not in seen[0]
    assert figures.read(version, HERE) == {("revenue", "ytd"): Decimal(1)}


def test_several_months_are_read_with_one_statement_for_a_grid(version: VersionDefinition) -> None:
    with unit_of_work():
        for period, enterprise in ((201706, 1), (201806, 1), (201807, 1), (201807, 2)):
            cells = {("revenue", "ytd"): Decimal(period + enterprise)}
            figures.write(version, Key(period, enterprise), dimensions(period), cells)

    found = figures.read_many(version, [Key(201706, 1), Key(201807, 1), Key(201807, 9)])

    assert found == {
        Key(201706, 1): {("revenue", "ytd"): Decimal(201707)},
        Key(201807, 1): {("revenue", "ytd"): Decimal(201808)},
    }


@pytest.mark.parametrize("value", ["1.23456", "10000000000000", "NaN"])
def test_a_number_that_cannot_be_kept_exactly_is_refused_at_its_cell(
    version: VersionDefinition, value: str
) -> None:
    cells = {("revenue", "ytd"): Decimal(value), ("nothing", "m"): Decimal(1)}

    with unit_of_work(), pytest.raises(Invalid) as refusal:
        figures.write(version, HERE, dimensions(), cells)

    assert {problem.field for problem in refusal.value.problems} == {"revenue.ytd", "nothing.m"}
    assert figures.read(version, HERE) == {}


def test_rows_are_replaced_as_a_whole_and_only_when_they_differ(version: VersionDefinition) -> None:
    first = [{"product": "甲", "sales": Decimal("1.50")}, {"product": "乙", "sales": Decimal(2)}]
    with unit_of_work():
        assert figures.write_rows(version, "goods", HERE, dimensions(), first)
    with unit_of_work():
        assert not figures.write_rows(version, "goods", HERE, dimensions(), first)
    with unit_of_work():
        assert figures.write_rows(version, "goods", HERE, dimensions(), first[1:])

    rows = figures.read_rows(version, "goods", HERE)

    assert rows == [{"product": "乙", "sales": Decimal(2), "remark": None}]


def test_a_text_that_is_too_long_or_holds_nul_is_refused_at_its_row(version: VersionDefinition) -> None:
    rows = [{"product": "长" * 101, "sales": Decimal(1)}, {"product": "a\x00b", "sales": Decimal("0.001")}]

    with unit_of_work(), pytest.raises(Invalid) as refusal:
        figures.write_rows(version, "goods", HERE, dimensions(), rows)

    assert [problem.field for problem in refusal.value.problems] == [
        "goods.1.product",
        "goods.2.product",
        "goods.2.sales",
    ]


def test_the_state_is_set_in_every_table_of_the_form(version: VersionDefinition) -> None:
    with unit_of_work():
        for enterprise in (1, 2):
            key = Key(201807, enterprise)
            figures.write(version, key, dimensions(enterprise), {("revenue", "m"): Decimal(1)})
            figures.write_rows(version, "goods", key, dimensions(enterprise), [{"product": "甲"}])

    with unit_of_work():
        figures.sync(version, [HERE], state="approved")

    for section in ("main", "goods"):
        table = figures.section_table(version, section)
        states = db.session.execute(select(table.c.enterprise_id, table.c.state)).all()
        assert sorted(states) == [(1, "approved"), (2, "editing")]


def test_sums_are_exact(version: VersionDefinition) -> None:
    with unit_of_work():
        for enterprise in range(1, 11):
            cells = {("revenue", "ytd"): Decimal("0.1")}
            figures.write(version, Key(201807, enterprise), dimensions(enterprise), cells)
    table = figures.section_table(version, "main")

    total = db.session.scalar(select(func.sum(table.c[column("revenue", "ytd")])))

    assert total == Decimal(1)


def test_a_batch_is_inserted_whole(version: VersionDefinition) -> None:
    reports = [
        (Key(201807, number), dimensions(number), {("revenue", "ytd"): Decimal(number) / 4})
        for number in range(1, 1202)
    ]

    with unit_of_work():
        count = figures.write_batch(version, "main", reports)

    assert count == 1201
    assert figures.read(version, Key(201807, 1201)) == {("revenue", "ytd"): Decimal("300.25")}


def test_every_key_of_a_figures_table_begins_with_the_period(version: VersionDefinition) -> None:
    inspector = inspect(db.engine)

    for section in version.sections:
        name = table_name(version.form_code, section.code)
        keys = [inspector.get_pk_constraint(name)["constrained_columns"]]
        keys += [index["column_names"] for index in inspector.get_indexes(name)]
        assert len(keys) == 3
        assert {key[0] for key in keys} == {"period"}
        assert inspector.get_unique_constraints(name) == []


def test_figures_are_stored_as_scaled_integers(version: VersionDefinition) -> None:
    with unit_of_work():
        figures.write(
            version, HERE, dimensions(), {("revenue", "ytd"): Decimal("1.5"), ("power", "m"): Decimal(7)}
        )

    stored = db.session.execute(text("SELECT revenue_ytd, power_m FROM figures_small_main")).one()

    assert tuple(stored) == (15000, 7)


def test_removed_figures_are_gone_from_every_table(version: VersionDefinition) -> None:
    with unit_of_work():
        figures.write(version, HERE, dimensions(), {("revenue", "ytd"): Decimal(1)})
        figures.write_rows(version, "goods", HERE, dimensions(), [{"product": "甲"}])

    with unit_of_work():
        figures.remove(version, HERE)

    assert figures.read(version, HERE) == {}
    assert figures.read_rows(version, "goods", HERE) == []


@pytest.mark.parametrize("code", ["", "1a", "a-b", "a b", "A", "a;drop", "a" * 42, "a\n"])
def test_no_identifier_is_made_of_anything_but_a_code(code: str) -> None:
    with pytest.raises(ValueError, match="not a code"):
        column(code, "m")


def test_migrations_leave_figures_tables_alone() -> None:
    assert not include_name("figures_small_main", "table", {})
    assert include_name("report_form", "table", {})
    assert include_name("figures_of_speech", "column", {})
