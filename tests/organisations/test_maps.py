"""Maps from the upload to the chart: who imports, who draws, what each sees of them, what is kept of them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.files import StoredFile, file_store
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.map_models import RegionMap
from app.organisations.maps import map_for
from tests.factories.reports import approved
from tests.organisations.test_geojson import SQUARE, feature, file

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
HANGZHOU, NINGBO = "330100", "330200"
TWO = file(
    feature({"name": "杭州市"}), feature({"adcode": NINGBO, "name": "宁波市"}), feature({"name": "Atlantis"})
)


def upload(client: FlaskClient, content: bytes = TWO, name: str = "map.geojson", **more: Any) -> Any:
    values = {"title": "浙江省地图", "approval_number": "浙S(2026)1号", "valid_from": "2026-11-01", **more}
    return client.post("/region-maps/add", data={**values, "shapes": (io.BytesIO(content), name)})


def the_map() -> RegionMap:
    return db.session.scalars(select(RegionMap)).one()


def use(client: FlaskClient, **changes: Any) -> Any:
    row = the_map()
    values = {
        "title": row.title, "approval_number": row.approval_number, "valid_from": row.valid_from.isoformat(),
        "in_use": "y", "version": str(row.version),
    }  # fmt: skip
    return client.post(f"/region-maps/edit/{row.id}", data={**values, **changes})


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    return sign_in("admin")


def test_an_import_names_what_it_recognised_and_draws_nothing_yet(
    app: Flask, admin: FlaskClient, actor: ActorOf
) -> None:
    answer = upload(admin)

    row = the_map()
    assert answer.status_code == 302
    page = BeautifulSoup(admin.get(f"/region-maps/show/{row.id}").text, "html.parser").get_text(" ")
    assert "杭州市、宁波市" in page
    assert "Atlantis" in page
    with app.test_request_context():
        assert map_for([HANGZHOU], actor("province"), context.today()) is None


@pytest.mark.parametrize("in_use", [False, True])
def test_a_map_is_seen_drawn_before_it_is_put_into_use(admin: FlaskClient, *, in_use: bool) -> None:
    upload(admin)
    if in_use:
        use(admin)

    row = the_map()
    page = BeautifulSoup(admin.get(f"/region-maps/show/{row.id}").text, "html.parser")

    block = json.loads(page.select_one("#ql-chart-block").string or "")
    assert (block["kind"], block["codes"], block["labels"]) == (
        "map",
        [HANGZHOU, NINGBO],
        ["杭州市", "宁波市"],
    )
    drawn = admin.get(block["map"]).get_json()
    assert [found["properties"]["code"] for found in drawn["features"]] == block["codes"]
    assert ("not draw" in page.text or "尚未" in page.text) != in_use


def test_a_map_in_use_is_drawn_on_within_the_own_territory(
    app: Flask, admin: FlaskClient, sign_in: SignIn, actor: ActorOf
) -> None:
    upload(admin)
    use(admin)

    with app.test_request_context():
        shown = map_for([HANGZHOU, "330300"], actor("province"), context.today())

    assert shown is not None
    assert shown.words.values["missing"] == 1
    seen = {}
    for name in ("province", "prefecture", "prefecture2", "admin"):
        answer = sign_in(name).get(shown.url)
        assert answer.mimetype == "application/geo+json"
        seen[name] = {found["properties"]["code"] for found in json.loads(answer.data)["features"]}
    assert seen["province"] == seen["admin"] == {HANGZHOU, NINGBO}
    assert seen["prefecture"] | seen["prefecture2"] <= {HANGZHOU, NINGBO}
    assert seen["prefecture"] != seen["prefecture2"]


def test_the_summary_draws_on_the_map(
    app: Flask, admin: FlaskClient, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    upload(admin)
    use(admin)
    approved(actor("enterprise"), now)

    page = BeautifulSoup(sign_in("province").get("/summaries/?asked=1&show=chart:map").text, "html.parser")

    block = json.loads(page.select_one("#ql-chart-block").string)  # type: ignore[union-attr, arg-type]
    assert (block["kind"], block["map"].partition("?")[0]) == ("map", f"/region-maps/shapes/{the_map().id}")
    assert "浙S(2026)1号" in page.select_one("figcaption").text  # type: ignore[union-attr]


def test_a_map_comes_once_and_is_asked_for_again_by_its_tag(admin: FlaskClient, app: Flask) -> None:
    upload(admin)
    first = admin.get(f"/region-maps/shapes/{the_map().id}")

    again = admin.get(f"/region-maps/shapes/{the_map().id}", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("name", ["province", "prefecture"])
def test_a_map_that_is_not_in_use_is_not_there_for_bureaus(
    app: Flask, admin: FlaskClient, sign_in: SignIn, name: str, clock: MovableClock
) -> None:
    upload(admin, valid_from="2027-01-01")
    assert sign_in(name).get(f"/region-maps/shapes/{the_map().id}").status_code == 404

    use(admin)

    assert sign_in(name).get(f"/region-maps/shapes/{the_map().id}").status_code == 404
    assert sign_in(name).get(f"/region-maps/show/{the_map().id}").status_code == 403


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "map.geojson", "png"),
        (b"code,name\n1,2\n", "map.csv", "geojson"),
        (TWO, "map.html", "geojson"),
        (b'{"type":"FeatureCollection","features":[]}', "map.json", "1000"),
        (b'{"a": "<script>alert(1)</script>"}', "map.json", "map.json"),
        (file(feature({"name": "杭州市"}, [120, 30], "Point")), "map.json", "MultiPolygon"),
    ],
)
def test_a_file_that_is_no_map_is_refused_and_leaves_nothing(
    app: Flask, admin: FlaskClient, content: bytes, name: str, words: str
) -> None:
    answer = upload(admin, content, name)

    assert answer.status_code == 422
    assert words in answer.text
    assert "浙江省地图" in answer.text
    assert db.session.scalars(select(RegionMap)).all() == []


def test_without_a_file_there_is_no_map(app: Flask, admin: FlaskClient) -> None:
    answer = admin.post(
        "/region-maps/add", data={"title": "a", "approval_number": "b", "valid_from": "2026-11-01"}
    )

    assert answer.status_code == 422
    assert "GeoJSON" in answer.text


def test_a_replaced_map_and_a_deleted_one_leave_their_files_to_the_sweep(
    app: Flask, admin: FlaskClient
) -> None:
    upload(admin)
    first = the_map().shapes_id

    use(admin, shapes=(io.BytesIO(file(feature({"name": "宁波市"}, SQUARE))), "new.geojson"))

    row = the_map()
    assert row.codes == NINGBO
    assert row.shapes_id != first
    assert db.session.get_one(StoredFile, first).expires_at is not None
    second = row.shapes_file
    assert second.expires_at is None
    with file_store().open(second.path) as handle:
        assert b"330200" in handle.read()
    assert admin.post(f"/region-maps/delete/{row.id}").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(StoredFile, second.id).expires_at is not None


def test_two_who_change_a_map_are_told_of_each_other(app: Flask, admin: FlaskClient) -> None:
    upload(admin)
    version = the_map().version
    use(admin)

    answer = use(admin, version=str(version))

    assert answer.status_code in {409, 422}
    assert the_map().in_use


def test_what_becomes_of_a_map_stands_in_the_trail(app: Flask, admin: FlaskClient) -> None:
    upload(admin)
    use(admin)

    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "region_map").order_by(AuditEntry.id)
    ).all()

    assert [(entry.after or {}).get("in_use") for entry in entries] == [False, True]
