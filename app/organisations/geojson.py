"""Outlines of regions in GeoJSON: what a file may hold, and which of its shapes are regions of ours. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import Message

FIELD = "shapes"
"""The field of the form that its problems belong to."""
MOST_SHAPES = 1_000
MOST_POINTS = 200_000
MOST_PROPERTIES = 40
LONGEST_NAME = 60
DECIMALS = 4
"""Of degrees: some ten metres, finer than a screen shows a territory."""
FARTHEST = (180, 90)
CLOSED = 4
"""Points of the smallest ring: a triangle whose last point is its first."""
DEPTH = {"Polygon": 1, "MultiPolygon": 2}
"""Kinds of shapes, and how deep their rings lie."""

NOT_GEOJSON = Message("This is no GeoJSON: a collection of features is needed. Export the outlines again.")
TOO_DEEP = Message("The entries of this file lie too deep in each other for outlines.")


@dataclass(frozen=True, slots=True)
class Place:
    """A region that a shape may be: its code, its name, and its name with those above it."""

    code: str
    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Outlines:
    """What a file gives: the codes that it has shapes of, the names that match no region, and the shapes
    as they are kept, each with its code alone."""

    codes: tuple[str, ...]
    unmatched: tuple[str, ...]
    content: bytes


def read_outlines(content: bytes, places: Sequence[Place]) -> Outlines:
    """Judge a file and match its shapes with regions, by code or by name.

    :raises Invalid: it is not GeoJSON, holds other things than areas, is too large, lies off the earth, or
        none of its shapes is a region.
    """
    features = _features(_parsed(content))
    rings = [_geometry(feature, number) for number, feature in enumerate(features, 1)]
    if sum(map(_points, rings)) > MOST_POINTS:
        raise _refused(Message("More than {most} points. Simplify the outlines.", most=MOST_POINTS))
    codes = _matched(features, places)
    if not any(codes):
        raise _refused(
            Message(
                "No shape of this file is a region: none of its properties holds a region's code or name."
            )
        )
    unmatched = [_name(feature) for feature, code in zip(features, codes, strict=True) if not code]
    kept = [
        {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
        for geometry, code in zip(rings, codes, strict=True)
        if code
    ]
    return Outlines(tuple(sorted({code for code in codes if code})), tuple(unmatched), collection(kept))


def cut_outlines(content: bytes, codes: Collection[str]) -> bytes:
    """Of kept shapes those of these regions."""
    features = json.loads(content)["features"]
    return collection([feature for feature in features if feature["properties"]["code"] in codes])


def collection(features: Sequence[Mapping[str, Any]]) -> bytes:
    """Shapes as they travel."""
    return json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise _refused(TOO_DEEP) from error
    except ValueError as error:
        raise _refused(NOT_GEOJSON) from error


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _features(found: Any) -> list[Mapping[str, Any]]:
    features = found.get("features") if isinstance(found, dict) else None
    collected = isinstance(features, list) and found.get("type") == "FeatureCollection"
    if not collected or not all(isinstance(feature, dict) for feature in features or ()):
        raise _refused(NOT_GEOJSON)
    if not features or len(features) > MOST_SHAPES:
        raise _refused(Message("A map has 1 to {most} shapes.", most=MOST_SHAPES))
    return [*features]


def _geometry(feature: Mapping[str, Any], number: int) -> dict[str, Any]:
    found = feature.get("geometry")
    geometry = found if isinstance(found, dict) else {}
    kind = geometry.get("type")
    if feature.get("type") != "Feature" or not isinstance(kind, str) or kind not in DEPTH:
        raise _wrong(number, Message("it is no area. Only Polygon and MultiPolygon can be drawn."))
    return {"type": kind, "coordinates": _areas(geometry.get("coordinates"), DEPTH[kind], number)}


def _areas(found: Any, depth: int, number: int) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise _wrong(number, Message("it has no outline."))
    if depth:
        return [_areas(part, depth - 1, number) for part in found]
    ring = [_point(point, number) for point in found]
    if len(ring) < CLOSED or ring[0] != ring[-1]:
        raise _wrong(number, Message("an outline is not closed."))
    return ring


def _point(found: Any, number: int) -> list[float]:
    if not isinstance(found, list) or not len(FARTHEST) <= len(found) <= len(FARTHEST) + 1:
        raise _wrong(number, Message("a point is not a longitude and a latitude."))
    for value, farthest in zip(found, FARTHEST, strict=False):
        # a number of JSON may have any length; comparing needs no conversion
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not -farthest <= value <= farthest
        ):
            raise _wrong(number, Message("a point lies off the earth. Longitudes and latitudes are needed."))
    return [round(float(value), DECIMALS) for value in found[: len(FARTHEST)]]


def _points(geometry: Mapping[str, Any]) -> int:
    areas = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return sum(len(ring) for area in areas for ring in area)


def _matched(features: Sequence[Mapping[str, Any]], places: Sequence[Place]) -> list[str]:
    """The code of each shape, empty where it is no region: by the property that matches most of them."""
    known = _known(places)
    texts = [_properties(feature) for feature in features]
    names = dict.fromkeys(name for found in texts for name in found)
    attempts = [[known.get(name_key(found.get(name, "")), "") for found in texts] for name in names]
    return max(attempts, key=lambda codes: sum(map(bool, codes)), default=[""] * len(features))


def _known(places: Sequence[Place]) -> dict[str, str]:
    """Code, full name and name of a region lead to its code; a name of several regions to none."""
    by_name: dict[str, str | None] = {}
    for place in places:
        key = name_key(place.name)
        by_name[key] = None if key in by_name else place.code
    exact = {name_key(key): place.code for place in places for key in (place.full_name, place.code)}
    return {key: code for key, code in by_name.items() if code} | exact


def _properties(feature: Mapping[str, Any]) -> dict[str, str]:
    return dict(_texts(feature.get("properties")))


def _texts(properties: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(properties, dict):
        return
    for name, value in [*properties.items()][:MOST_PROPERTIES]:
        if isinstance(value, str | int) and not isinstance(value, bool) and _length(value) <= LONGEST_NAME:
            yield name, str(value)


def _length(value: str | int) -> int:
    return len(value) if isinstance(value, str) else value.bit_length()


def _name(feature: Mapping[str, Any]) -> str:
    """What a shape calls itself, for who has to find out why it matches nothing."""
    texts = _properties(feature)
    return next((texts[key] for key in ("name", "NAME", "fullname") if key in texts), "") or next(
        iter(texts.values()), "—"
    )


def _wrong(number: int, reason: Message) -> Invalid:
    return _refused(Message("Shape {number}: {reason}", number=number, reason=reason))


def _refused(message: Message) -> Invalid:
    return Invalid([Problem(message, FIELD)])
