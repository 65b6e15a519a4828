"""Routes that compile late write the addresses that any route writes."""

from __future__ import annotations

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Map, Rule

from app.infra.urls import LateRule

PATTERNS = ("/", "/a/<b>", "/a/<int:b>/<rule>/", "/a/<path:b>", "/a/<any(x, y):b>", "/a/<values>-<self>")
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
VALUES = st.dictionaries(
    st.sampled_from(("b", "rule", "values", "self", "more")),
    TEXT | st.integers(0, 99) | st.sampled_from("xy"),
)


def built(kind: type[Rule], pattern: str, values: dict[str, object]) -> list[str]:
    """What a route of that kind writes; twice, since the first time is the one that compiles."""
    rules = Map([kind(pattern, endpoint="here", defaults={"b": "y"} if pattern == "/" else None)])
    adapter = rules.bind("trade.example")
    found = []
    for _time in range(2):
        for unknown in (True, False):
            try:
                found.append(adapter.build("here", values, append_unknown=unknown))
            except Exception as refusal:  # noqa: BLE001 - whatever one refuses, the other must
                found.append(type(refusal).__name__)
    return found


@given(pattern=st.sampled_from(PATTERNS), values=VALUES)
def test_an_address_is_the_same_whenever_its_route_is_compiled(
    pattern: str, values: dict[str, object]
) -> None:
    assert built(LateRule, pattern, values) == built(Rule, pattern, values)


def test_a_start_compiles_no_address_that_nobody_asks_for(base_app: Flask) -> None:
    rules = [rule for rule in base_app.url_map.iter_rules() if rule.endpoint != "static"]

    assert rules
    assert {type(rule) for rule in rules} == {LateRule}
