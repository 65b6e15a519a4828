"""What the shipped roles may do with questionnaires: permission patterns on this domain's views."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

ADMIN_VIEWS = (
    "^(QuestionnaireBuilderView|QuestionnaireExchangeView|QuestionnaireView|QuestionnaireChartView"
    "|RespondentView)$"
)

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "BureauAdmin": (
        ("^can_.*$", ADMIN_VIEWS),
        ("^can_(show|reopen)$", "^AnswerView$"),
        ("^can_(list|show)$", "^(ResultView|ResponseView)$"),
        ("^can_chart$", "^ResponseChartView$"),
    ),
    "Enterprise": (("^can_(list|answer|show)$", "^AnswerView$"),),
}
