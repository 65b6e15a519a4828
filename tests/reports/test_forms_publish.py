"""Publishing a version: figures, checks and readers obey the form's data, and what is published stays."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from app.infra.database import db, is_postgresql
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports import figures, figures_tables
from app.reports.checking import Case, check
from app.reports.figures import Key
from app.reports.form_loading import table_for, version_for
from app.reports.form_models import FormVersion, Indicator, ReportForm, VersionIndicator
from app.reports.form_parts import add_indicator, add_rule, remove_indicator, remove_rule
from app.reports.form_publishing import problems_of, publish, widen
from app.reports.form_rules import IndicatorInput, RuleInput
from app.reports.form_service import create_draft, discard_draft
from tests.reports.forms_app import (
    EMPTY,
    NOW,
    THOUSAND_YUAN,
    dimensions,
    forms_app,
    publish_small_form,
)

WAGES = IndicatorInput(
    "main",
    "wages",
    LocalText("应付职工薪酬", "Wages payable"),
    THOUSAND_YUAN,
    "stock",
    scale=2,
    cells=("ytd",),
    required_cells=("ytd",),
)
WAGES_BELOW_REVENUE = RuleInput(
    "H09",
    "hard",
    "ytd <= revenue.ytd",
    LocalText("{name}大于营业收入", "{name} exceeds revenue"),
    indicators=("wages",),
)


AUGUST = Month(2018, 8)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with forms_app(tmp_path) as app:
        publish_small_form()
        yield app


def draft_with_wages() -> FormVersion:
    """A draft of the small form that asks for wages as well."""
    with unit_of_work():
        form = db.session.scalars(select(ReportForm)).one()
        draft = create_draft(SYSTEM, form.id, NOW)
        add_indicator(SYSTEM, draft.id, WAGES, NOW)
        add_rule(SYSTEM, draft.id, WAGES_BELOW_REVENUE, NOW)
    return draft


def publish_wages(first: Month = AUGUST, last: Month | None = None) -> int:
    draft = draft_with_wages()
    with unit_of_work():
        publish(SYSTEM, draft.id, first, last, draft.revision, NOW)
    return draft.id


def columns_of(table: str) -> set[str]:
    return {found["name"] for found in inspect(db.engine).get_columns(table)}


def test_an_indicator_and_a_rule_added_as_data_are_stored_and_checked_without_code() -> None:
    before = version_for("small", AUGUST)
    publish_wages()
    new = version_for("small", AUGUST)
    cells = {
        ("wages", "ytd"): Decimal("9.25"),
        ("revenue", "ytd"): Decimal(3),
        ("revenue", "ly_ytd"): Decimal(1),
    }

    with unit_of_work():
        figures.write(new, Key(201808, 1), dimensions(), cells)
    outcome = check(new, Case(AUGUST, industrial=False, cells=figures.read(new, Key(201808, 1))))

    assert (before.number, new.number) == (1, 2)
    assert figures.read(new, Key(201808, 1)) == cells
    assert [(found.rule, found.field) for found in outcome.hard] == [("H09", "wages.ytd")]
    assert str(outcome.hard[0].message) == "应付职工薪酬大于营业收入"


def test_a_required_cell_of_a_new_indicator_is_demanded_by_the_rule_that_was_there() -> None:
    publish_wages()
    new = version_for("small", AUGUST)

    outcome = check(new, Case(AUGUST, industrial=False, cells={}))

    assert "wages.ytd" in {found.field for found in outcome.hard if found.rule == "H01"}


def test_reports_of_an_older_month_keep_the_version_in_effect_then() -> None:
    publish_wages()

    numbers = [version_for("small", month).number for month in (Month(2018, 1), Month(2018, 7), AUGUST)]

    assert numbers == [1, 1, 2]
    with pytest.raises(NotFound):
        version_for("small", Month(2017, 12))


def test_a_version_with_an_end_gives_way_to_the_one_before_it() -> None:
    publish_wages(last=Month(2018, 9))

    numbers = [version_for("small", Month(2018, month)).number for month in (8, 9, 10)]

    assert numbers == [2, 2, 1]


def test_a_process_with_old_metadata_goes_on_and_sees_the_new_version(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "tests.reports.second_process", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def ask(what: str) -> str:
            print(what, file=other.stdin, flush=True)
            return other.stdout.readline().strip()  # type: ignore[union-attr]

        before = [ask("width"), ask("old")]
        publish_wages()
        after = [ask("width"), ask("old"), ask("new")]
        other.stdin.close()

    assert before[1] == "5"
    assert after == [str(int(before[0]) + 1), "5", "version 2 wages 7.5"]


def test_when_two_publish_at_once_one_succeeds_and_the_other_is_told(app: Flask) -> None:
    draft = draft_with_wages()
    version_id, revision = draft.id, draft.revision
    db.session.remove()
    gate, outcomes = threading.Barrier(2), []

    def attempt() -> None:
        with app.app_context():
            gate.wait()
            try:
                with unit_of_work():
                    publish(SYSTEM, version_id, AUGUST, None, revision, NOW)
                outcomes.append("published")
            except DomainError as error:
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["Conflict", "published"]
    assert "wages_ytd" in columns_of("figures_small_main")


def test_a_publication_that_fails_leaves_neither_column_nor_version() -> None:
    draft = draft_with_wages()

    with contextlib.suppress(RuntimeError), unit_of_work():
        publish(SYSTEM, draft.id, AUGUST, None, draft.revision, NOW)
        raise RuntimeError

    assert "wages_ytd" not in columns_of("figures_small_main")
    assert version_for("small", AUGUST).number == 1


def test_a_long_reader_never_makes_publishing_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures_tables, "LOCK_WAIT", "200ms")
    draft = draft_with_wages()
    outcome = "published"

    with db.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM figures_small_main"))
        try:
            with unit_of_work():
                publish(SYSTEM, draft.id, AUGUST, None, draft.revision, NOW)
        except Unavailable:
            outcome = "unavailable"

    # SQLite's readers hold nobody up; PostgreSQL's keep a table from being widened
    assert outcome == ("unavailable" if is_postgresql() else "published")


def test_removing_an_indicator_keeps_its_column_and_its_code() -> None:
    publish_wages()
    with unit_of_work():
        form = db.session.scalars(select(ReportForm)).one()
        draft = create_draft(SYSTEM, form.id, NOW)
        wages = (
            select(VersionIndicator)
            .join(Indicator)
            .where(VersionIndicator.version_id == draft.id, Indicator.code == "wages")
        )
        remove_rule(SYSTEM, next(rule.id for rule in draft.rules if rule.code == "H09"), NOW)
        remove_indicator(SYSTEM, db.session.scalars(wages).one().id, NOW)
        publish(SYSTEM, draft.id, Month(2018, 9), None, draft.revision, NOW)

    new = version_for("small", Month(2018, 9))

    assert "wages" not in {found.code for found in new.indicators}
    assert "wages_ytd" in table_for("small", "main").columns
    with unit_of_work():
        draft = create_draft(SYSTEM, form.id, NOW)
        changed = IndicatorInput(**{**_fields(WAGES), "scale": 4})
        with pytest.raises(Invalid) as refusal:
            add_indicator(SYSTEM, draft.id, changed, NOW)
    assert [problem.field for problem in refusal.value.problems] == ["scale"]


def _fields(given: IndicatorInput) -> dict[str, object]:
    return {name: getattr(given, name) for name in given.__dataclass_fields__}


def test_a_draft_whose_rule_names_what_was_removed_is_refused_with_every_reason() -> None:
    draft = draft_with_wages()
    revenue = next(part for part in draft.sections[0].indicators if part.indicator.code == "revenue")
    with unit_of_work():
        remove_indicator(SYSTEM, revenue.id, NOW)

    problems = problems_of(draft.id)

    assert [problem.field for problem in problems] == ["rule.H09"]
    with pytest.raises(Invalid), unit_of_work():
        publish(SYSTEM, draft.id, AUGUST, None, definition_revision(draft.id), NOW)


def definition_revision(version_id: int) -> int:
    revision = db.session.scalar(select(FormVersion.revision).where(FormVersion.id == version_id))
    assert revision is not None
    return revision


def test_a_draft_changed_since_it_was_seen_is_not_published() -> None:
    draft = draft_with_wages()
    seen = draft.revision
    with unit_of_work():
        add_rule(SYSTEM, draft.id, RuleInput("H10", "hard", "present(cell)", EMPTY), NOW)

    with pytest.raises(Conflict), unit_of_work():
        publish(SYSTEM, draft.id, AUGUST, None, seen, NOW)


def test_a_form_has_one_draft_at_a_time_and_a_discarded_one_frees_its_codes() -> None:
    draft = draft_with_wages()
    with unit_of_work(), pytest.raises(Conflict):
        create_draft(SYSTEM, draft.form_id, NOW)

    with unit_of_work():
        discard_draft(SYSTEM, draft.id, draft.revision, NOW)

    assert db.session.scalar(select(Indicator).where(Indicator.code == "wages")) is None
    with unit_of_work():
        assert create_draft(SYSTEM, draft.form_id, NOW).number == 2


def test_widening_again_adds_nothing_and_mends_what_is_missing() -> None:
    with unit_of_work():
        form = db.session.scalars(select(ReportForm)).one()
        assert widen(form) == []
        db.session.execute(text("ALTER TABLE figures_small_main DROP COLUMN is_listed"))

    with unit_of_work():
        added = widen(form)

    assert added == ["figures_small_main.is_listed"]


def test_a_process_that_widens_waits_for_the_one_that_began_and_finds_nothing_left(app: Flask) -> None:
    with unit_of_work():
        db.session.execute(text("ALTER TABLE figures_small_main DROP COLUMN is_listed"))
    begun, added = threading.Event(), {}

    def second() -> None:
        begun.wait()
        with app.app_context(), unit_of_work():
            added["second"] = widen(db.session.scalars(select(ReportForm)).one())

    thread = threading.Thread(target=second)
    thread.start()
    with unit_of_work():
        added["first"] = widen(db.session.scalars(select(ReportForm)).one())
        begun.set()
        thread.join(timeout=0.3)
    thread.join()

    assert added == {"first": ["figures_small_main.is_listed"], "second": []}
