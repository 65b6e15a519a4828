"""Hypothesis strategies: trees of expressions that the checker accepts, and values for their names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary

NAMES = ("cell", "revenue.ytd", "last.revenue.ytd", "order_in", "q5")
DAYS = st.dates().map(str) | st.sampled_from(["2026-02-29", "2024-02-29", "0000-01-01", "2026-1-1"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=4) | DAYS

decimals = st.decimals(0, 10**6, places=2) | st.decimals(0, 10, places=4)
names: st.SearchStrategy[Node] = st.builds(Name, st.sampled_from(NAMES))
numbers: st.SearchStrategy[Node] = st.deferred(
    lambda: (
        st.builds(Number, decimals)
        | names
        | st.builds(Unary, st.just("-"), numbers)
        | st.builds(Binary, st.sampled_from("+-*/"), numbers, numbers)
        | st.builds(Call, st.sampled_from(["abs", "round"]), st.tuples(numbers))
        | st.builds(
            Call, st.sampled_from(["min", "max", "sum"]), st.lists(numbers | lists, min_size=1).map(tuple)
        )
        | st.builds(Call, st.just("coalesce"), st.lists(numbers, min_size=1, max_size=3).map(tuple))
        | st.builds(Call, st.sampled_from(["day", "length"]), st.tuples(texts))
        | st.builds(Call, st.just("count"), st.tuples(lists | names))
    )
)
texts: st.SearchStrategy[Node] = st.builds(Text, TEXTS) | names
lists: st.SearchStrategy[Node] = st.builds(Items, st.lists(numbers | texts, max_size=3).map(tuple))
links = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers)
truths: st.SearchStrategy[Node] = st.deferred(
    lambda: (
        st.builds(Truth, st.booleans())
        | names
        | st.builds(Unary, st.just("not"), truths)
        | st.builds(Binary, st.sampled_from(["and", "or"]), truths, truths)
        | st.builds(Compare, numbers, st.lists(links, min_size=1, max_size=2).map(tuple))
        | st.builds(Compare, texts, st.tuples(st.tuples(st.sampled_from(["==", "!="]), texts)))
        | st.builds(Binary, st.just("in"), numbers | texts | truths, lists | names)
        | st.builds(Call, st.sampled_from(["present", "blank"]), st.tuples(numbers | truths | lists))
        | st.builds(Call, st.just("near"), st.tuples(numbers, numbers, numbers))
    )
)
trees = numbers | truths | texts

single_values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.decimals(-1000, 1000, places=2).map(Decimal) | TEXTS
)
values = single_values | st.lists(single_values, max_size=3)
given_names = st.dictionaries(st.sampled_from(NAMES), values)
