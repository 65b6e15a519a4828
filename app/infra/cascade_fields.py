"""A form field for one entry of a tree, chosen level by level: a province, its prefecture, its county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup
from wtforms import Field
from wtforms.widgets import html_params

from app.infra.i18n import say
from app.infra.widgets import described_by
from app.kernel.errors import Words


class Tree(Protocol):
    """Where the entries come from."""

    def children(self, parent: int | None) -> Mapping[int, Words | str]:
        """Key → name of the entries below one, in their order; of the first level for None."""

    def path(self, key: int) -> Sequence[int]:
        """The keys from the first level down to an entry, itself included; empty where there is none."""


class CascadeSelects:
    """A list for each level; choosing in one fills the next (``cascade.js``, or the next save without it)."""

    def __call__(self, field: CascadeField, **_kwargs: Any) -> Markup:
        """The lists as HTML."""
        selects = Markup("").join(self._select(field, *one) for one in enumerate(field.shown()))
        return Markup('<span class="qj-cascade" data-cascade="{}">{}</span>').format(field.url, selects)

    @staticmethod
    def _select(
        field: CascadeField, place: int, shown: tuple[Words, Mapping[int, Any], int | None]
    ) -> Markup:
        level, offered, chosen = shown
        given = {"class": "qj-select", "id": field.id if not place else f"{field.id}-{place}"}
        given |= {"name": field.part(place), "aria-label": f"{field.label.text} · {say(level)}"}
        attributes: dict[str, Any] = described_by(field, given) if not place else given
        attributes["disabled"] = not offered
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                key, Markup(" selected") if key == chosen else "", say(name)
            )
            for key, name in offered.items()
        )
        empty = Markup('<option value="">{}</option>').format(say(level))
        return Markup("<select {}>{}{}</select>").format(Markup(html_params(**attributes)), empty, options)


class CascadeField(Field):
    """One entry of a tree. Its data is the key of the deepest entry chosen, or None.

    An entry that does not lie below the one chosen above it counts as not chosen: its parent was
    changed after it.
    """

    widget = CascadeSelects()

    def __init__(self, label: Any, *, levels: Sequence[Words], tree: Tree, url: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.levels, self.tree, self.url = levels, tree, url

    def part(self, place: int) -> str:
        """The name of the list of a level."""
        return f"{self.name}-{place + 1}"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take what was chosen at each level, or the entry of the record."""
        super().process(formdata, data, extra_filters)
        if formdata is not None and self.part(0) in formdata:
            typed = [formdata.get(self.part(place), "") for place in range(len(self.levels))]
            self.data = self._deepest(typed)

    def _deepest(self, typed: Sequence[str]) -> int | None:
        found: int | None = None
        for text in typed:
            key = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
            if key is None or key not in self.tree.children(found):
                break
            found = key
        return found

    def shown(self) -> Iterator[tuple[Words, Mapping[int, Any], int | None]]:
        """For each level its name, what it offers and what is chosen."""
        path = list(self.tree.path(self.data)) if self.data else []
        for place, level in enumerate(self.levels):
            above = path[place - 1] if 0 < place <= len(path) else None
            offered = self.tree.children(above) if not place or above is not None else {}
            yield level, offered, path[place] if place < len(path) else None


def as_options(offered: Mapping[int, Any]) -> list[dict[str, str]]:
    """What a level offers, as ``cascade.js`` reads it."""
    return [{"value": str(key), "label": say(name)} for key, name in offered.items()]


__all__ = ["CascadeField", "Tree", "as_options"]
