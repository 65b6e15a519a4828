"""What stands between a draft and its enabling (问卷启用): its days, its audience, its questions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.infra.database import db
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.organisations.reviewers import managed_regions
from app.questionnaires import drafts
from app.questionnaires.audience import number_addressed
from app.questionnaires.checker import examine, has_errors
from app.questionnaires.counting import PathCounts, count_paths
from app.questionnaires.findings import Finding, Severity
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_periods import number_of_spans


@dataclass(frozen=True, slots=True)
class Summary:
    """What is confirmed with the enabling. ``paths`` are not counted where the logic has errors."""

    questions: int
    asked: int
    rounds: int
    paths: PathCounts | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """A draft judged: what is in its way, what the checker found, and what enabling would begin."""

    theme: tuple[Words, ...]
    findings: tuple[Finding, ...]
    summary: Summary

    @property
    def obstacles(self) -> tuple[Words, ...]:
        """Everything that blocks: what the theme lacks, and the errors among the findings."""
        errors = (one.message for one in self.findings if one.severity is Severity.ERROR)
        return (*self.theme, *errors)

    @property
    def is_ready(self) -> bool:
        """Whether it can be enabled."""
        return not self.obstacles


def readiness(questionnaire: Questionnaire, today: dt.date) -> Readiness:
    """Judge a questionnaire as it stands: its theme of today, and its definition by the checker."""
    definition = drafts.definition_of(questionnaire)
    asked = number_addressed(questionnaire, today)
    questions = sum(question.is_answered for question in definition)
    theme = [*_period_obstacles(questionnaire, today), *_place_obstacles(questionnaire, today)]
    if not asked:
        theme.append(Message("No enterprise lies in the audience today. Widen it in the theme."))
    findings = examine(definition)
    paths = None if has_errors(findings) else count_paths(definition)
    summary = Summary(questions, asked, number_of_spans(questionnaire), paths)
    return Readiness(tuple(theme), findings, summary)


def obstacles(questionnaire: Questionnaire, today: dt.date) -> tuple[Words, ...]:
    """What keeps a questionnaire from being enabled."""
    return readiness(questionnaire, today).obstacles


def _period_obstacles(questionnaire: Questionnaire, today: dt.date) -> list[Words]:
    if questionnaire.starts_on is None or questionnaire.ends_on is None:
        return [Message("The theme says not yet from when until when it is asked.")]
    if questionnaire.ends_on < today:
        return [Message("Its last day, {day}, has passed.", day=questionnaire.ends_on.isoformat())]
    return []


def _place_obstacles(questionnaire: Questionnaire, today: dt.date) -> list[Words]:
    """Its owner may manage other regions by now than when the theme was written."""
    within = set(db.session.scalars(managed_regions(questionnaire.admin_id, today)))
    lost = [region for region in questionnaire.regions if region.id not in within]
    return [
        Message("{region} is no longer among the regions of its owner.", region=region.full_name)
        for region in lost
    ]
