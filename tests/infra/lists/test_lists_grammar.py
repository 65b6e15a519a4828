"""The grammar of conditions in groups: what is written is read again, and nothing else is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.lists.grammar import Condition, Conditions, Damaged, parsed, written

keys = st.text(string.ascii_letters + string.digits + "_.:-", min_size=1, max_size=80)
operators = st.text(string.ascii_lowercase, min_size=2, max_size=7)
values = st.one_of(st.text(min_size=1, max_size=20), st.text("',()\\ a云", min_size=1, max_size=6))
one = st.builds(Condition, keys, operators, st.lists(values, max_size=4).map(tuple))
some = st.builds(
    Conditions,
    st.sampled_from(["any", "all"]),
    st.lists(st.lists(one, min_size=1, max_size=4).map(tuple), min_size=1, max_size=4).map(tuple),
)


@given(some)
def test_what_is_written_is_read_as_it_was(conditions: Conditions) -> None:
    assert parsed(written(conditions)) == conditions


@given(st.one_of(st.text(), st.text("anyl(),.'x ", max_size=40)))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        conditions = parsed(text)
    except Damaged:
        return
    assert parsed(written(conditions)) == conditions


def test_conditions_read_like_a_sentence() -> None:
    conditions = Conditions(
        "any",
        (
            (Condition("staff", "ge", ("500",)), Condition("state", "in", ("pass", "wait"))),
            (Condition("name", "has", ("a, 'b'",)), Condition("opened", "none")),
        ),
    )

    assert written(conditions) == (
        "any(all(staff.ge(500),state.in(pass,wait)),all(name.has('a, ''b'''),opened.none()))"
    )


def test_no_conditions_are_no_text() -> None:
    assert written(Conditions("any", ((), ()))) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "any()",
        "any(all())",
        "any(any(a.is(1)))",
        "any(all(all(a.is(1))))",
        "all(a.is(1))",
        "any(all(a.is(1)",
        "any(all(a.is(1))) ",
        "any(all(a.is(1,)))",
        "any(all(a.is(,1)))",
        "any(all(a.is('')))",
        "any(all(a.is('1)))",
        "any(all(a.is(1 2)))",
        "any(all(a.IS(1)))",
        "any(all(a is(1)))",
        "any(all(a.is(1);drop table x))",
        "any(all(a.is(1))) or 1=1",
        "any(all(" + "a" * 81 + ".is(1)))",
        "any(all(a.is(" + "1" * 20_000 + ")))",
    ],
)
def test_what_is_only_nearly_right_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        parsed(text)
