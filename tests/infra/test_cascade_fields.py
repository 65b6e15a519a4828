"""A field chosen level by level: what it takes, what it shows, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.infra.cascade_fields import CascadeField, as_options
from app.infra.forms import PlatformForm
from app.kernel.texts import LocalText, Message
from tests.web.pages import Page

NAMES = {1: "东", 2: "西", 11: "东一", 12: "东二", 111: "东一甲", 21: "西一"}
ABOVE = {11: 1, 12: 1, 21: 2, 111: 11}


class Sample:
    """A small tree."""

    def children(self, parent: int | None) -> Mapping[int, str]:
        return {key: name for key, name in NAMES.items() if ABOVE.get(key) == parent}

    def path(self, key: int) -> Sequence[int]:
        if key not in NAMES:
            return []
        return [*(self.path(ABOVE[key]) if key in ABOVE else ()), key]


class Form(PlatformForm):
    place = CascadeField(
        "Place", levels=(Message("One"), Message("Two"), Message("Three")), tree=Sample(), url="/below"
    )


def chosen(app: Flask, **typed: str) -> int | None:
    with app.test_request_context():
        found: int | None = Form(
            MultiDict({f"place-{place[1:]}": text for place, text in typed.items()})
        ).place.data
        return found


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ({"_1": "1", "_2": "11", "_3": "111"}, 111),
        ({"_1": "1", "_2": "12", "_3": ""}, 12),
        ({"_1": "2"}, 2),
        ({"_1": "2", "_2": "11", "_3": "111"}, 2),  # the first was changed after the others
        ({"_1": "", "_2": "11"}, None),
        ({"_1": "99"}, None),
        ({"_1": "-1"}, None),
        ({"_1": "x"}, None),
        ({"_1": "9" * 40}, None),
        ({"_1": "１"}, None),
    ],
)
def test_the_deepest_entry_of_an_unbroken_path_is_taken(
    app: Flask, typed: dict[str, str], key: int | None
) -> None:
    assert chosen(app, **typed) == key


def test_each_level_is_a_list_and_one_without_entries_is_closed(app: Flask) -> None:
    with app.test_request_context():
        form = Form(MultiDict())
        form.place.data = 12
        page = str(form.place())

    assert Page(f"<html lang=en>{page}</html>").fields == {"place-1": "1", "place-2": "12", "place-3": ""}
    assert page.count("disabled") == 1 and 'data-cascade="/below"' in page
    assert "西一" not in page


def test_options_are_said_in_the_language_of_the_page(app: Flask) -> None:
    with app.test_request_context():
        assert as_options({1: "东", 2: LocalText("西", "West")}) == [
            {"value": "1", "label": "东"},
            {"value": "2", "label": "西"},
        ]
