"""Panels of the home page: what a domain shows there beside the to-dos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.infra.shell import Todo


@dataclass(frozen=True, slots=True)
class Panel:
    """A card of the home page.

    ``template`` draws the inside with ``panel.values``; ``home/figure.html``, ``home/table.html``,
    ``home/chart.html`` and ``home/links.html`` serve most needs. ``links`` are (words, address) at
    the head of the card. A panel with ``aside`` stands in the narrow column. ``todos`` stand among those of
    the page where what waits is counted for the panel anyway, and no other page is to count it.
    """

    name: str
    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[tuple[str, str]] = ()
    aside: bool = False
    todos: Sequence[Todo] = ()
