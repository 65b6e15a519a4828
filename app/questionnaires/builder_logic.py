"""What the page of branches shows: the flow to draw, the path check, the trial."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.infra.i18n import say
from app.kernel.texts import Message
from app.questionnaires.builder_page import kind_note
from app.questionnaires.checker import examine
from app.questionnaires.counting import MOST_LISTED, PathCounts, count_paths, list_paths, minutes_of
from app.questionnaires.definition import Definition
from app.questionnaires.findings import Finding, Severity
from app.questionnaires.flow import FINISH, START, Edge, Node, flow_of, key_of
from app.questionnaires.models import Questionnaire
from app.questionnaires.trial import Trial, chosen_in, tried

BEGIN = Message("Start")
END_WORDS = Message("End of the questionnaire")


def logic_view(
    questionnaire: Questionnaire, definition: Definition, at: str, given: MultiDict[str, str], language: str
) -> dict[str, Any]:
    """Everything beside the question in view.

    :param given: fields of the address, of which those of the trial are taken.
    """
    findings = examine(definition)
    trial = tried(definition, chosen_in(definition, given))
    return {
        "flow": flow_view(questionnaire, definition, at, trial, findings, language),
        "findings": findings_in_order(findings, at),
        "check": path_check(definition, findings),
        "trial": trial_view(definition, trial, language),
        "paths_url": url_for("QuestionnaireBuilderView.paths", pk=questionnaire.id),
        "sheet_url": url_for("QuestionnaireBuilderView.logic_sheet", pk=questionnaire.id),
    }


def findings_in_order(findings: Sequence[Finding], at: str) -> list[Finding]:
    """Errors first, among them those of the question in view."""
    weights = list(Severity)
    return sorted(findings, key=lambda one: (weights.index(one.severity), one.question != at))


def findings_of(definition: Definition, at: str) -> list[Finding]:
    """What the checker says of the question in view, and of the questionnaire as a whole."""
    return [one for one in findings_in_order(examine(definition), at) if one.question in {at, ""}]


def flow_view(
    questionnaire: Questionnaire,
    definition: Definition,
    at: str,
    trial: Trial,
    findings: Sequence[Finding],
    language: str,
) -> dict[str, Any]:
    """The flow as ``questionnaire_flow.js`` draws it and as the table beneath says it."""
    flow = flow_of(definition, language)
    passed = (START, *(key_of(code) for code in trial.asked), FINISH) if trial.is_chosen else ()
    hops = set(pairwise(passed))
    severest: dict[str, str] = {}
    for finding in findings_in_order(findings, at):
        severest.setdefault(finding.question, finding.severity.value)
    address = url_for("QuestionnaireBuilderView.step", pk=questionnaire.id, step="logic")
    nodes = [
        {
            **_node(definition, node, address),
            "warn": severest.get(node.code, "") if node.code else "",
            "on": node.key == key_of(at),
            "passed": node.key in passed,
        }
        for node in flow.nodes
    ]
    return {"nodes": nodes, "edges": [_edge(edge, nodes, at, hops) for edge in flow.edges]}


def _node(definition: Definition, node: Node, address: str) -> dict[str, Any]:
    question = definition.find(node.code) if node.code else None
    if question is None:
        return {"id": node.key, "kind": node.key, "text": say(BEGIN if node.key == START else END_WORDS)}
    return {
        "id": node.key,
        "kind": "question",
        "label": node.label or "¶",
        "text": node.text or say(Message("No text yet")),
        "note": kind_note(question),
        "url": f"{address}?at={node.code}",
        "reached": node.reached,
    }


def _edge(
    edge: Edge, nodes: Sequence[Mapping[str, Any]], at: str, hops: Collection[tuple[str, str]]
) -> dict[str, Any]:
    words = {node["id"]: " ".join(filter(None, (node.get("label"), node["text"]))) for node in nodes}
    return {
        "from": edge.source,
        "to": edge.target,
        "kind": edge.kind.value,
        "label": say(edge.label),
        "on": edge.source == key_of(at),
        "passed": (edge.source, edge.target) in hops,
        "from_words": words[edge.source],
        "to_words": words[edge.target],
    }


def path_check(definition: Definition, findings: Sequence[Finding]) -> dict[str, Any]:
    """What is in order, how many paths there are and how long they are."""
    counts = count_paths(definition)
    if any(one.severity is not Severity.WARNING for one in findings) or not definition.questions:
        return {"fine": [], "paths": "", "lengths": ""}
    fine = [
        say(
            Message("All {count} questions can be reached, and every path ends", count=len(definition.labels))
        ),
        say(Message("No path goes round or back")),
    ]
    lengths = Message(
        "{shortest} to {longest} questions long", shortest=counts.shortest, longest=counts.longest
    )
    return {"fine": fine, "paths": _paths_words(counts), "lengths": say(lengths)}


def paths_view(definition: Definition) -> dict[str, Any]:
    """Every path as labels with its length and minutes, where there are few enough to be listed."""
    labels = definition.labels
    listed = list_paths(definition) or ()
    return {
        "paths": [
            {
                "labels": [labels[code] for code in path.asked if code in labels],
                "length": path.length,
                "minutes": path.minutes,
            }
            for path in listed
        ],
        "count": count_paths(definition).count,
        "most": MOST_LISTED,
    }


def _paths_words(counts: PathCounts) -> str:
    if counts.count is None:
        return ""
    if counts.count > MOST_LISTED:
        return say(Message("{count} paths, too many to be listed", count=f"{counts.count:,}"))
    return say(Message("All {count} paths", count=counts.count))


def trial_view(definition: Definition, trial: Trial, language: str) -> dict[str, Any]:
    """The path that was tried, and where something can be chosen on it."""
    labels = definition.labels
    return {
        "path": [labels[code] for code in trial.asked if code in labels],
        "time": say(Message("About {minutes} minutes", minutes=minutes_of(definition, trial.asked))),
        "reset": trial.is_chosen,
        "choices": [
            {
                "code": choice.question.code,
                "label": labels[choice.question.code],
                "several": choice.several,
                "options": [
                    {
                        "code": option.code,
                        "text": option.text.in_language(language) or option.code,
                        "chosen": option.code in choice.chosen,
                    }
                    for option in choice.question.options
                    if option.code in choice.offered
                ],
            }
            for choice in trial.choices
        ],
    }
