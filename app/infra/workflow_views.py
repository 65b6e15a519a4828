"""The page that draws every process of the product from the table that runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra.i18n import say
from app.infra.registries import table
from app.infra.views import PageView, protected
from app.kernel.texts import Message
from app.kernel.workflow import Workflow

NAMES = {
    "notice": Message("Notice"),
    "questionnaire": Message("Life of a questionnaire"),
    "registration": Message("Enterprise registration"),
    "report": Message("Monthly report"),
    "respondent": Message("Answering of a questionnaire"),
}
"""What the processes are called; one that is not here is shown by its own name."""

BOX_WIDTH, BOX_HEIGHT = 130, 56
STEP = 104
"""Distance between two states, one below the other."""
LANE = 74
"""Distance between two lanes of arrows beside the states."""
CHARACTER = 13


@dataclass(frozen=True, slots=True)
class Box:
    """A state as drawn."""

    label: str
    x: int
    y: int
    first: bool
    final: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """The steps from one state to another, drawn as one arrow with their words."""

    path: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process as an SVG of ``width`` by ``height``: states in a column, arrows in lanes beside it."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw(workflow: Workflow[Any]) -> Drawing:
    """Lay a process out: onward arrows run on the right, those that lead back on the left."""
    order = {state: place for place, state in enumerate(workflow.states)}
    words: dict[tuple[int, int], list[str]] = {}
    for row in workflow.diagram():
        labels = words.setdefault((order[row["source"]], order[row["target"]]), [])
        if say(row["label"]) not in labels:
            labels.append(say(row["label"]))
    back = _lanes(pair for pair in words if pair[0] > pair[1])
    onward = _lanes(pair for pair in words if pair[0] <= pair[1])
    left = 12 + LANE * (max(back.values(), default=-1) + 1)
    boxes = [
        Box(say(label), left, 10 + STEP * order[state], state == workflow.initial, state in workflow.final)
        for state, label in workflow.states.items()
    ]
    arrows = [
        _arrow(pair, " / ".join(found), left, onward=pair in onward, lane={**back, **onward}[pair])
        for pair, found in words.items()
    ]
    width = left + BOX_WIDTH + 12 + LANE * (max(onward.values(), default=-1) + 1)
    return Drawing(width, 20 + STEP * (len(order) - 1) + BOX_HEIGHT, boxes, arrows)


def _lanes(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """A lane for each arrow, the shortest nearest, so that no two lie on each other."""
    lanes: dict[tuple[int, int], int] = {}
    for pair in sorted(pairs, key=lambda pair: (abs(pair[1] - pair[0]), pair)):
        low, high = sorted(pair)
        taken = {lane for other, lane in lanes.items() if min(other) <= high and low <= max(other)}
        lanes[pair] = next(lane for lane in range(len(lanes) + 1) if lane not in taken)
    return lanes


def _arrow(pair: tuple[int, int], label: str, left: int, *, onward: bool, lane: int) -> Arrow:
    start, end = (10 + STEP * place for place in pair)
    edge = left + BOX_WIDTH if onward else left
    reach = (24 + LANE * lane) * (1 if onward else -1)
    leaves, arrives = (start + 44, end + 32) if pair[0] != pair[1] else (start + 6, end + 18)
    path = f"M{edge} {leaves} h{reach} V{arrives} H{edge + (2 if onward else -2)}"
    across = edge + reach + (6 if onward else -6 - CHARACTER * len(label) // 2)
    return Arrow(path, label, max(across, 2), (leaves + arrives) // 2 + 4)


class WorkflowView(PageView):
    """Processes: their states, and who takes which step from where to where."""

    route_base = "/workflows"
    default_view = "list"
    title = lazy_gettext("Processes")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """All processes by name."""
        known = [(name, self._name(name), workflow) for name, workflow in table("WORKFLOWS").items()]
        return self.page("workflows/list.html", workflows=known)

    @expose("/<name>", methods=["GET"])
    @protected("list")
    def show(self, name: str) -> str:
        """One process, drawn and as a table of its steps."""
        workflow = table("WORKFLOWS").get(name)
        if workflow is None:
            abort(404)
        return self.page(
            "workflows/show.html",
            name=self._name(name),
            workflow=workflow,
            drawing=draw(workflow),
            steps=workflow.diagram(),
        )

    @staticmethod
    def _name(name: str) -> str:
        return say(NAMES.get(name, name))
