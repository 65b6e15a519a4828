"""Files of outlines: areas on the earth alone, matched with regions by code or name, the rest named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.organisations.geojson import MOST_POINTS, Place, cut_outlines, read_outlines

PLACES = (
    Place("330000", "浙江省", "浙江省"),
    Place("330100", "杭州市", "浙江省杭州市"),
    Place("330200", "宁波市", "浙江省宁波市"),
    Place("320106", "鼓楼区", "江苏省南京市鼓楼区"),
    Place("350102", "鼓楼区", "福建省福州市鼓楼区"),
)
SQUARE = [[[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]]


def feature(properties: Any, coordinates: Any = SQUARE, kind: str = "Polygon", **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
        **more,
    }


def file(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


@pytest.mark.parametrize(
    "properties",
    [
        {"adcode": 330100, "name": "Hangzhou"},
        {"id": 7, "name": "杭州市"},
        {"full": "浙江省杭州市", "nothing": None},
        {"CODE": " 330100 ", "list": [1]},
    ],
)
def test_a_shape_is_matched_by_any_property_that_holds_code_or_name(properties: dict[str, Any]) -> None:
    found = read_outlines(file(feature(properties)), PLACES)

    assert (found.codes, found.unmatched) == (("330100",), ())


def test_what_is_kept_is_the_code_and_the_outline_alone() -> None:
    noted = feature(
        {"name": "杭州市", "note": "<script>"}, [[[120.123456, 30, 9], *SQUARE[0][1:4], [120.123456, 30]]]
    )

    kept = json.loads(read_outlines(file(noted, crs={"name": "x"}), PLACES).content)

    assert kept["features"][0]["properties"] == {"code": "330100"}
    assert kept["features"][0]["geometry"]["coordinates"][0][0] == [120.1235, 30.0]
    assert set(kept) == {"type", "features"}


def test_shapes_that_are_no_region_are_named_and_left_out() -> None:
    found = read_outlines(file(feature({"name": "宁波市"}), feature({"name": "Atlantis"})), PLACES)

    assert (found.codes, found.unmatched) == (("330200",), ("Atlantis",))
    assert len(json.loads(found.content)["features"]) == 1


def test_a_name_of_several_regions_matches_none_of_them() -> None:
    found = read_outlines(file(feature({"name": "鼓楼区"}), feature({"name": "宁波市"})), PLACES)

    assert found.codes == ("330200",)


def test_several_parts_of_a_region_stay_together() -> None:
    parts = feature({"name": "宁波市"}, [SQUARE, SQUARE], "MultiPolygon")

    assert read_outlines(file(parts, parts), PLACES).codes == ("330200",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no GeoJSON"),
        (b"{", "no GeoJSON"),
        (b"\xff\xfe{}", "no GeoJSON"),
        (b"[]", "no GeoJSON"),
        (b'{"type":"FeatureCollection","features":{}}', "no GeoJSON"),
        (b'{"type":"FeatureCollection","features":[1]}', "no GeoJSON"),
        (b'{"type":"FeatureCollection","features":[NaN]}', "no GeoJSON"),
        (b"[" * 100_000, "too deep"),
        (b'{"a":' * 100_000, "too deep"),
        (file(), "1 to 1000"),
        (file(*[feature({"name": "宁波市"})] * 1_001), "1 to 1000"),
        (file(feature({"name": "宁波市"}, [120, 30], "Point")), "no area"),
        (file({"type": "Feature", "properties": {}, "geometry": None}), "no area"),
        (file(feature({"name": "宁波市"}, [], "Polygon")), "no outline"),
        (file(feature({"name": "宁波市"}, {"a": 1})), "no outline"),
        (file(feature({"name": "宁波市"}, [SQUARE[0][:3]])), "not closed"),
        (file(feature({"name": "宁波市"}, [SQUARE[0][:4]])), "not closed"),
        (file(feature({"name": "宁波市"}, SQUARE, "MultiPolygon")), "longitude and a latitude"),
        (file(feature({"name": "宁波市"}, [[[181, 30]] * 4])), "off the earth"),
        (file(feature({"name": "宁波市"}, [[[10**400, 30]] * 4])), "off the earth"),
        (file(feature({"name": "宁波市"}, [[["1", 30]] * 4])), "off the earth"),
        (file(feature({"name": "宁波市"}, [[[True, 30]] * 4])), "off the earth"),
        (file(feature({"name": "宁波市"}, [[[1, 2, 3, 4]] * 4])), "longitude and a latitude"),
        (file(feature({"name": "宁波市"}, [[[1, 2]] * (MOST_POINTS + 1)])), "points"),
        (b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
         b'{"type":"Polygon","coordinates":[[[1e999,1],[1,1],[1,1],[1e999,1]]]}}]}', "off the earth"),
        (file(feature({"name": "Atlantis"})), "No shape"),
        (file(feature(None)), "No shape"),
        (file(feature({"name": 1.5, "x" * 9: ["宁波市"]})), "No shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_its_reason(content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_outlines(content, PLACES)

    (problem,) = refused.value.problems
    told = str(problem.message.msgid).format(**problem.message.values)
    reason = problem.message.values.get("reason")
    assert words in told or (reason is not None and words in reason.msgid)
    assert problem.field == "shapes"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_nonsense_is_refused_and_never_breaks_anything(
    properties: Any, coordinates: Any, geometry: Any
) -> None:
    for nonsense in (
        file(feature(properties, coordinates, "MultiPolygon")),
        file({"type": "Feature", "properties": properties, "geometry": geometry}),
        json.dumps(geometry).encode(),
    ):
        with pytest.raises(Invalid):
            read_outlines(nonsense, PLACES)


def test_a_territory_is_cut_out_of_a_map() -> None:
    whole = read_outlines(file(feature({"name": "宁波市"}), feature({"name": "杭州市"})), PLACES).content

    assert [
        found["properties"]["code"] for found in json.loads(cut_outlines(whole, {"330100"}))["features"]
    ] == ["330100"]
