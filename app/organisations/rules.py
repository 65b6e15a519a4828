"""Who may stand above whom, who reviews a place, and which roles exclude each other: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.kernel.actor import Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.terms import LEVEL_NAMES, RANKS, REGION_LEVEL_OF

EXCLUSIVE_ROLES = ("PlatformAdmin", "SecurityAdmin", "Auditor")
"""No account holds two of these: who runs, who grants and who looks on are three persons."""

KIND_ROLES = {
    Kind.PLATFORM: frozenset({"PlatformAdmin", "SecurityAdmin"}),
    Kind.AUDITOR: frozenset({"Auditor"}),
    Kind.BUREAU: frozenset({"BureauAdmin"}),
    Kind.ENTERPRISE: frozenset({"Enterprise"}),
    Kind.POINT: frozenset({"Point"}),
    Kind.CENTRE: frozenset({"Centre"}),
    Kind.PROVIDER: frozenset({"Provider"}),
}
"""Shipped roles that an account of a kind may hold; roles made by an administrator fit any kind."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An active admin who covers a place, ``distance`` steps above it."""

    admin_id: int
    level: str
    distance: int


def lowest_reviewer(candidates: Iterable[Candidate]) -> Candidate | None:
    """The admin who reviews a place (spec 10): lowest level, then nearest region, then lowest id."""
    return min(candidates, key=_nearness, default=None)


def _nearness(candidate: Candidate) -> tuple[int, int, int]:
    return -RANKS[candidate.level], candidate.distance, candidate.admin_id


def superior_problem(level: str, superior_level: str | None, field: str = "superior") -> Problem | None:
    """A superior stands at a higher level; so nobody can come to stand below himself."""
    if superior_level is None or RANKS[superior_level] < RANKS[level]:
        return None
    return Problem(
        Message("The superior of the level {level} must be at a higher level.", level=LEVEL_NAMES[level]),
        field,
    )


def place_problem(level: str, region_level: str) -> Problem | None:
    """A bureau stands at a region of its own level."""
    if REGION_LEVEL_OF[level] == region_level:
        return None
    return Problem(
        Message("A bureau of the level {level} needs a region of that level.", level=LEVEL_NAMES[level]),
        "region",
    )


def rights_problem(level: str, rights: Collection[str]) -> Problem | None:
    """Leapfrog acceptance is only ever given to a province admin."""
    if level == "province" or "leapfrog_accept" not in rights:
        return None
    return Problem(
        Message("Only an admin of a province may be given leapfrog acceptance."), "leapfrog_accept"
    )


def role_problems(kind: Kind, roles: Collection[str]) -> list[Problem]:
    """Roles that exclude each other, and shipped roles that are meant for another kind of account."""
    problems = []
    exclusive = [role for role in EXCLUSIVE_ROLES if role in roles]
    if len(exclusive) > 1:
        words = Message(
            "{one} and {other} exclude each other: give them to two accounts.",
            one=exclusive[0],
            other=exclusive[1],
        )
        problems.append(Problem(words, "roles"))
    shipped = frozenset().union(*KIND_ROLES.values())
    for role in sorted((set(roles) & shipped) - KIND_ROLES.get(kind, frozenset())):
        words = Message("The role {role} does not fit this kind of account.", role=role)
        problems.append(Problem(words, "roles"))
    return problems
