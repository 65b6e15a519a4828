"""Several hands on one report at once: one of them moves it, the others are told who did what."""

from __future__ import annotations

import html
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.i18n import say_in
from app.kernel.actor import Actor
from app.reports.models import Report, ReportStep
from app.reports.workflow import STATE_LABELS
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.rounds import actor_named
from tools.torture.traces import Trace, put_on_desk, traces_of, whole_step
from tools.torture.verdict import Verdict
from tools.torture.visitor import Visitor

RACES = 1000
TIME_LIMIT = 1200.0
COMMENT = "数据与上月相差较大，请核对"
STEPS = {
    "accept": {"accept", "approve"},
    "leapfrog": {"leapfrog", "leapfrog_approve"},
    "return": {"return"},
    "withdraw": {"withdraw"},
}
"""What a verb of a page is called in the history."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does what; the same hand twice is the same account in two browsers."""

    account: str
    verb: str

    def address(self, report_id: int) -> str:
        """Where the button of the page sends to."""
        return f"/{'reports' if self.verb == 'withdraw' else 'review'}/{report_id}/{self.verb}"


@dataclass(frozen=True, slots=True)
class Contest:
    """At whose desk the report waits, and the hands that reach for it at the same moment."""

    desk: str
    hands: tuple[Hand, ...]

    def __str__(self) -> str:
        return " against ".join(f"{hand.verb} by {hand.account}" for hand in self.hands)


CONTESTS = (
    Contest("county", (Hand("county", "accept"), Hand("county", "return"))),
    Contest("county", (Hand("county", "accept"), Hand("enterprise", "withdraw"))),
    Contest("county", (Hand("county", "accept"), Hand("province", "leapfrog"))),
    Contest("county", (Hand("county", "accept"),) * 3),
    Contest("county", (Hand("county", "return"), *(Hand("enterprise", "withdraw"),) * 2)),
    Contest("county", (Hand("enterprise", "withdraw"), Hand("province", "leapfrog"))),
    Contest("prefecture", (Hand("prefecture", "accept"), Hand("prefecture", "return"))),
    Contest("prefecture", (*(Hand("prefecture", "accept"),) * 2, Hand("province", "leapfrog"))),
    Contest("province", (Hand("province", "accept"), Hand("province", "return"))),
    Contest("province", (Hand("province", "return"),) * 2),
)


@dataclass
class Doors:
    """Sessions of the hands, opened when first needed: one account may have several."""

    instance: Instance
    password: str
    sessions: dict[tuple[str, int], Visitor] = field(default_factory=dict)

    def of(self, contest: Contest) -> list[Visitor]:
        """A session for each hand, none for two."""
        found: list[Visitor] = []
        for place, hand in enumerate(contest.hands):
            number = sum(earlier.account == hand.account for earlier in contest.hands[:place])
            key = (hand.account, number)
            if key not in self.sessions:
                self.sessions[key] = Visitor(self.instance, hand.account).sign_in(self.password)
            found.append(self.sessions[key])
        return found

    def close(self) -> None:
        """Close them all."""
        for session in self.sessions.values():
            session.close()


@contextmanager
def opened(instance: Instance, password: str) -> Iterator[Doors]:
    """Sessions that are closed at the end, whatever happens."""
    doors = Doors(instance, password)
    try:
        yield doors
    finally:
        doors.close()


def race_reviewers(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Each contest in turn, every time over another report of one enterprise."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    verdict = Verdict("reviewer races", max(1, round(RACES * share)))
    started = time.monotonic()
    with app.app_context(), opened(instance, str(app.config["DEMO_PASSWORD"])) as doors:
        actors = {name: actor_named(name) for contest in CONTESTS for name in _names(contest)}
        reports = _reports(actors["enterprise"])
        while verdict.counted < verdict.wished and time.monotonic() - started < TIME_LIMIT:
            contest = CONTESTS[verdict.counted % len(CONTESTS)]
            _race(verdict, contest, doors, chance.choice(reports), actors)
            verdict.counted += 1
        db.session.remove()
        db.engine.dispose()
    verdict.seconds = time.monotonic() - started
    return [verdict]


def _names(contest: Contest) -> set[str]:
    return {contest.desk, *(hand.account for hand in contest.hands)}


def _reports(enterprise: Actor) -> Sequence[int]:
    query = select(Report.id).join(Enterprise, Enterprise.id == Report.enterprise_id)
    found = db.session.scalars(query.where(Enterprise.account_id == enterprise.account_id)).all()
    if not found:
        raise RuntimeError("the demonstration data has no report to race for")
    return found


def _race(verdict: Verdict, contest: Contest, doors: Doors, report_id: int, actors: dict[str, Actor]) -> None:
    put_on_desk([report_id], actors[contest.desk].admin_id or 0)
    before = traces_of([report_id])[report_id]
    barrier = threading.Barrier(len(contest.hands))
    answers: dict[int, httpx.Response] = {}

    def reach(place: int, session: Visitor) -> None:
        form = {"version": str(before.version), "comment": COMMENT}
        barrier.wait()
        answers[place] = session.post(contest.hands[place].address(report_id), form)

    threads = [
        threading.Thread(target=reach, args=(place, session))
        for place, session in enumerate(doors.of(contest))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in _problems(contest, answers, report_id, before):
        verdict.fault(f"{contest}, report {report_id}: {problem}")


def _problems(
    contest: Contest, answers: dict[int, httpx.Response], report_id: int, before: Trace
) -> Iterator[str]:
    """What is wrong with the end of a race: who won, what the others read, what was written."""
    after = traces_of([report_id])[report_id]
    if wrong := whole_step(before, after):
        yield wrong
    statuses = [
        answers[place].status_code if place in answers else 599 for place in range(len(contest.hands))
    ]
    if sorted(statuses) != [302] + [409] * (len(statuses) - 1):
        yield f"answers {statuses}"
        return
    line = _last_step(report_id)
    winner = contest.hands[statuses.index(302)]
    if line.verb not in STEPS[winner.verb] or line.target != after.state:
        yield f"{winner.verb} won, the history says {line.verb}, the report is {after.state}"
    told = f"“{say_in(STATE_LABELS[after.state], 'zh')}”：{line.actor_name}"
    for place, status in enumerate(statuses):
        if status == 409 and told not in html.unescape(answers[place].text):
            yield f"{contest.hands[place].verb} is not told {told}"


def _last_step(report_id: int) -> ReportStep:
    db.session.rollback()
    query = select(ReportStep).where(ReportStep.report_id == report_id).order_by(ReportStep.id.desc())
    found = db.session.scalars(query.limit(1)).one()
    db.session.rollback()
    return found
