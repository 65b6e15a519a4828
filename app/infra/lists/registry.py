"""Lists by name, for jobs and for views that were kept."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app

from app.infra.lists.asked import Args
from app.infra.lists.spec import ListSpec
from app.kernel.actor import Actor

Factory = Callable[[Actor, Args], ListSpec]
"""Makes a list for an actor; the arguments are for lists whose columns depend on them (a form, a month)."""


def register_list(app: Flask, name: str, factory: Factory) -> None:
    """Make a list known to the jobs of an application under ``ListSpec.name``.

    :raises ValueError: the name is taken.
    """
    known: dict[str, Factory] = app.extensions.setdefault("lists", {})
    if name in known:
        raise ValueError(f"list {name} is registered already")
    known[name] = factory


def list_named(name: str, actor: Actor, args: Args) -> ListSpec | None:
    """The list of that name; None where this version of the program has none."""
    factory = current_app.extensions.get("lists", {}).get(name)
    return factory(actor, args) if factory else None
