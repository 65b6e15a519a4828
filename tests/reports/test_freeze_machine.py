"""Random edits, key-field changes, waits, submissions and reviews: what must hold of freezes always holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.enterprises import key_changes
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.key_change_models import KeyChange
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, DomainError
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import filling, steps
from app.reports.form_loading import table_for
from app.reports.models import Report
from app.reports.workflow import FILLABLE, FROZEN, IN_REVIEW, NOT_FILLED, WORKFLOW
from tests.conftest import NOON
from tests.database import Template
from tests.factories.freezes import enterprise_of, industry, report_of, saved
from tests.factories.reports import OCTOBER, filled, holder_of, ref_for

ActorOf = Callable[[str], Actor]
EDGES = {(source, edge.verb): edge.target for edge in WORKFLOW.transitions for source in edge.sources}
FREEZE = dt.timedelta(seconds=120)


class Freezes(RuleBasedStateMachine):
    """One enterprise, its October report and its reviewers."""

    app: Flask
    stored: Template
    actor: ActorOf

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        self.stored.restore()
        self.clock = MovableClock(NOON)
        self.app.extensions["clock"] = self.clock
        self.owner = self.actor("enterprise")
        self.taken = enterprise_of(self.actor("enterprise2")).name
        self.made = 0
        self.figures_when_frozen: Any = None
        filled(self.owner, NOON)

    # --- what happens

    @rule(figure=st.integers(1, 9))
    def type_a_figure(self, figure: int) -> None:
        report = self._report()
        lock, fillable = report.version, report.state in FILLABLE
        with context.acting_as(self.owner):
            done = self._tried(
                lambda: filling.save_cells(
                    self.owner, ref_for(self.owner), {"revenue.m": str(figure)}, lock, self.clock.now()
                )
            )
        assert done == fillable

    @rule(kind=st.sampled_from(["name", "taken", "industry", "both", "section"]))
    def change_a_key_field(self, kind: str) -> None:
        fillable = self._report().state in FILLABLE
        wanted = self._key_fields(kind)
        try:
            kept = saved(self.owner, self.clock.now(), **wanted)
        except Conflict:
            assert not fillable
        else:
            assert fillable and kept.frozen
            self.figures_when_frozen = self._figures()

    @rule(seconds=st.sampled_from([5, 60, 120, 4000]), settles=st.booleans())
    def wait(self, seconds: int, *, settles: bool) -> None:
        self.clock.advance(seconds=seconds)
        if settles:
            key_changes.settle_due(self.clock.now())
            assert not self._due()

    @rule()
    def submit(self) -> None:
        report = self._report()
        lock = report.version
        with context.acting_as(self.owner):
            self._tried(
                lambda: steps.submit(self.owner, ref_for(self.owner), lock, "填报员", self.clock.now())
            )

    @rule()
    def withdraw(self) -> None:
        with context.acting_as(self.owner):
            self._tried(self._withdraw)

    @rule(verb=st.sampled_from(["accept", "return"]))
    def review(self, verb: str) -> None:
        report = self._report()
        if report.holder_id is None:
            return
        holder = holder_of(report)
        with context.acting_as(holder), unit_of_work():
            found = db.session.get_one(Report, report.id)
            if verb == "accept" and found.state == IN_REVIEW:
                steps.accept(holder, found, found.version, "", self.clock.now())
            elif verb == "return":
                steps.give_back(holder, found, found.version, "请核实", self.clock.now())

    @rule(passes=st.booleans())
    def decide_a_manual_case(self, *, passes: bool) -> None:
        change = self._open_change()
        if change is None or change.reviewer_id is None:
            return
        account = db.session.get_one(Admin, change.reviewer_id).account_id
        reviewer = actor_of_account(account)
        assert reviewer is not None
        with context.acting_as(reviewer), unit_of_work():
            if passes:
                key_changes.approve(reviewer, change.id, None, self.clock.now())
            else:
                key_changes.give_back(reviewer, change.id, None, "请附证明", self.clock.now())

    # --- what always holds

    @invariant()
    def figures_stand_still_while_frozen(self) -> None:
        if self._report().state == FROZEN:
            assert self._figures() == self.figures_when_frozen

    @invariant()
    def no_report_is_frozen_and_in_review(self) -> None:
        report = self._report()
        assert (report.holder_id is None) == (report.state not in {IN_REVIEW, "approved"})

    @invariant()
    def every_freeze_ends_or_has_an_owner(self) -> None:
        change = self._open_change()
        assert (change is not None) == (self._report().state == FROZEN)
        if change is not None and change.route == "automatic":
            assert change.due_at == change.asked_at + FREEZE
        elif change is not None:
            assert db.session.get_one(Admin, change.reviewer_id).state == "active"

    @invariant()
    def history_explains_the_state(self) -> None:
        report = self._report()
        at = NOT_FILLED
        for step in report.steps:
            assert step.source == at
            at = EDGES[step.source, step.verb]
            assert step.target == at
        assert report.state == at

    @invariant()
    def the_enterprise_is_called_as_the_last_change_that_passed(self) -> None:
        passed = self._changes("approved")
        enterprise = enterprise_of(self.owner)
        names = [change.new_name for change in passed if change.new_name != change.old_name]
        if names:
            assert enterprise.name == names[-1]
        assert self._report().enterprise_version_id == enterprise.current_version_id

    # --- how it is seen

    def _key_fields(self, kind: str) -> dict[str, Any]:
        self.made += 1
        enterprise = enterprise_of(self.owner)
        trades = ("1711", "1712") if kind == "industry" else ("5132", "1711")
        trade = next(code for code in trades if code != enterprise.industry.code)
        name = {"name": f"改名第{self.made}有限公司"}
        code = {"uscc": complete_credit_code("91", "330109", f"MA{self.made:06d}")}
        kinds: dict[str, dict[str, Any]] = {
            "name": name,
            "taken": {"name": self.taken},
            "both": {**name, **code},
        }
        return kinds.get(kind, {"industry_id": industry(trade).id})

    def _tried(self, work: Callable[[], object]) -> bool:
        try:
            with unit_of_work():
                work()
        except DomainError:
            db.session.rollback()
            return False
        return True

    def _withdraw(self) -> None:
        report = db.session.get_one(Report, self._report_id())
        steps.withdraw(self.owner, report, report.version, self.clock.now())

    def _report(self) -> Report:
        found = report_of(self.owner)
        assert found is not None
        return found

    def _report_id(self) -> int:
        return db.session.scalars(
            select(Report.id).where(Report.enterprise_id == self.owner.enterprise_id)
        ).one()

    def _figures(self) -> Any:
        table = table_for("sme_monthly", "main")
        cells = [column for column in table.columns if column.name.endswith(("_m", "_ytd"))]
        here = (table.c.enterprise_id == self.owner.enterprise_id, table.c.period == OCTOBER.key)
        return tuple(db.session.execute(select(*cells).where(*here)).one())

    def _open_change(self) -> KeyChange | None:
        db.session.rollback()
        return key_changes.open_change(self.owner.enterprise_id or 0)

    def _changes(self, state: str) -> list[KeyChange]:
        query = select(KeyChange).where(KeyChange.state == state).order_by(KeyChange.decided_at, KeyChange.id)
        return list(db.session.scalars(query))

    def _due(self) -> bool:
        return any(
            change.route == "automatic" and change.due_at <= self.clock.now()
            for change in self._changes("pending")
        )


def test_freezes_keep_their_promises(app: Flask, stored: Template, actor: ActorOf) -> None:
    machine = type("BoundFreezes", (Freezes,), {"app": app, "stored": stored, "actor": staticmethod(actor)})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
