"""Walking a list: the keys of its rows one after the other, as the address orders and narrows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.infra.lists import query
from app.infra.lists.asked import Args, ask, sort_keys
from app.infra.lists.spec import Key, ListSpec
from app.kernel.actor import Actor


def keys_in_order(
    spec: ListSpec, actor: Actor, args: Args | Mapping[str, Any], today: dt.date, most: int
) -> list[Key]:
    """The keys of the rows that an address means, of all pages, at most so many; none where it is faulty."""
    asked = ask(spec, args, actor, today)
    if asked.problems:
        return []
    rows = query.scoped(spec, asked, actor, today)
    statement, layout = query.statement(spec, (), rows, sort_keys(spec, asked.sort), limit=most)
    return [layout.key(row) for row in query.execute(statement)]
