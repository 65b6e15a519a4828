"""Lists made from a model by names: kinds, relations, scope, and a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, true

from app.infra import scope
from app.infra.database import db
from app.infra.lists import ListSpec, choices, list_page, spec_for_model
from app.infra.lists.remote import records
from tests.infra.lists.lists_app import ACTOR, STRANGER, TODAY, Firm, Place

COLUMNS = ["name", "place", "place.name", "month", "revenue", "opened", "sent_at", "note", "name_key"]


@pytest.fixture(autouse=True)
def scopes() -> Iterator[None]:
    scope.register(Firm, lambda actor, today: Firm.place_id.in_(actor.region_ids) | Firm.place_id.is_(None))
    scope.register(Place, lambda actor, today: Place.id.in_(actor.region_ids))
    yield
    for model in (Firm, Place):
        scope._scopes.pop(model, None)


def firms(**changes: Any) -> ListSpec:
    settings: dict[str, Any] = {
        "name": "Firms",
        "title": "Firms",
        "columns": COLUMNS,
        "search": ["name", "place", "revenue", "opened", "state"],
        "order": ("month", "desc"),
        "labels": {"name": "Name", "place": "Place"},
        "choices": {"state": [("wait", "Waiting"), ("pass", "Passed")]},
        "row_link": "/firm/show/{}",
    }
    return spec_for_model(Firm, **{**settings, **changes})


def kinds(spec: ListSpec) -> dict[str, str]:
    return {column.key: column.kind for column in spec.columns}


def test_kinds_follow_the_types_of_the_columns(app: Flask) -> None:
    assert kinds(firms()) == {
        "name": "text",
        "place": "text",
        "place__name": "text",
        "month": "number",
        "revenue": "number",
        "opened": "date",
        "sent_at": "instant",
        "note": "local",
        "name_key": "text",
    }
    assert firms().column("revenue").decimals == 2
    assert [condition.kind for condition in firms().filters] == [
        "text", "remote", "number_range", "date_range", "choice"
    ]  # fmt: skip


def test_related_records_are_named_and_sorted_lists_keep_their_order(app: Flask) -> None:
    spec = firms()
    page = list_page(spec, ACTOR, {"psize": "15"}, TODAY)

    assert spec.default_sort == "-month"
    first = [str(cell) for _opening, cell in page.rows[0].cells]
    assert first[1] == first[2] == "石渡区"
    assert page.rows[0].key == "59"


def test_an_order_by_a_column_that_is_not_shown_is_kept(app: Flask) -> None:
    spec = firms(columns=["name"], order=("opened", "desc"))
    page = list_page(spec, ACTOR, {}, TODAY)

    assert len(page.headings) == 1
    assert int(page.rows[0].key) % 5 == 4


def test_statements_are_constant_in_rows(app: Flask) -> None:
    counted: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        counted.append(text) if text.startswith("SELECT") else None

    event.listen(db.engine, "before_cursor_execute", note)
    list_page(firms(), ACTOR, {"psize": "15"}, TODAY)
    few = len(counted)
    list_page(firms(), ACTOR, {"psize": "100"}, TODAY)
    event.remove(db.engine, "before_cursor_execute", note)

    assert few == 5  # rows, count, the places, and for place.name the firms and their places
    assert len(counted) <= 2 * few


def test_only_rows_in_scope_are_listed_and_offered(app: Flask) -> None:
    assert len(list_page(firms(), STRANGER, {"psize": "100"}, TODAY).rows) == 7
    assert choices(firms(), "place", "", STRANGER, TODAY) == [(9, "外地")]
    assert {name for _key, name in records(Place, "区", ACTOR, TODAY)} == {"望潮区", "石渡区"}
    assert records(Place, "望", STRANGER, TODAY) == []


def test_a_model_without_a_scope_has_no_list(app: Flask) -> None:
    scope._scopes.pop(Firm)

    with pytest.raises(LookupError):
        firms()


def test_a_relation_without_a_scope_is_not_offered(app: Flask) -> None:
    scope._scopes.pop(Place)

    assert "place" not in {condition.key for condition in firms().filters}


def test_a_name_that_the_model_does_not_have_is_refused(app: Flask) -> None:
    with pytest.raises(AttributeError):
        firms(columns=["name", "salary"])


def test_a_text_in_two_languages_is_found_by_either(app: Flask) -> None:
    spec = firms(search=["note"])

    assert [row.key for row in list_page(spec, ACTOR, {"note": "备注7"}, TODAY).rows] == ["7"]
    assert [row.key for row in list_page(spec, ACTOR, {"note": "note 7"}, TODAY).rows] == ["7"]


def test_choices_of_a_form_are_records_in_scope(app: Flask) -> None:
    scope.register(Place, lambda actor, today: true())

    assert {name for _key, name in records(Place, "", ACTOR, TODAY)} == {"望潮区", "石渡区", "外地"}
    assert records(Place, "外", ACTOR, TODAY) == [(9, "外地")]
