"""Maps of the territory: imported by an administrator, looked at, put into use, drawn on by charts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import ColumnElement, false, select, true

from app.infra.content import MEGABYTE, Accepted, FileRule
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.files import StoredFile, file_store
from app.infra.files.attachments import FileSet, store_upload, upload_gone, waiting_uploads
from app.infra.lists.charting import MapShown
from app.infra.scope import register, scope_of, visible
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.geojson import FIELD, Outlines, Place, cut_outlines, read_outlines
from app.organisations.map_models import RegionMap
from app.organisations.models import Region
from app.organisations.scope import UNRESTRICTED

SHAPES = FileRule(("geojson",), max_bytes=8 * MEGABYTE)
KEPT_AS = "application/geo+json"


@dataclass(frozen=True, slots=True)
class MapDraft:
    """A map as it is entered; without an upload a map keeps the shapes that it has."""

    title: str
    approval_number: str
    valid_from: dt.date
    shapes: FileSet
    in_use: bool = False


def visible_maps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """All for who runs the installation; those in use for bureaus."""
    if actor.kind in UNRESTRICTED:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return RegionMap.in_use & (RegionMap.valid_from <= today)
    return false()


register(RegionMap, visible_maps)


def import_map(actor: Actor, draft: MapDraft, now: dt.datetime) -> RegionMap:
    """Keep a map; charts do not use it yet, so that what matched no region can be looked at first.

    :raises Invalid: there is no file, or it cannot be used.
    """
    if not draft.shapes.added:
        raise Invalid([Problem(Message("Choose a GeoJSON file."), FIELD)])
    row = RegionMap(
        title=draft.title,
        approval_number=draft.approval_number,
        valid_from=draft.valid_from,
        in_use=False,
        created_at=now,
    )
    _take_shapes(actor, row, draft.shapes, now)
    db.session.add(row)
    db.session.flush()
    return row


def change_map(
    actor: Actor, row: RegionMap, draft: MapDraft, version: int | None, now: dt.datetime
) -> RegionMap:
    """Put a map into use or out of it, mend its words, replace its shapes.

    :raises Overtaken: somebody changed it since ``version``. :raises Invalid: the file cannot be used.
    """
    claim_version(row, version)
    row.title, row.approval_number = draft.title, draft.approval_number
    row.valid_from, row.in_use = draft.valid_from, draft.in_use
    if draft.shapes.added:
        row.shapes_file.expires_at = now
        _take_shapes(actor, row, draft.shapes, now)
    db.session.flush()
    return row


def delete_map(row: RegionMap, now: dt.datetime) -> None:
    """Remove a map with its shapes."""
    row.shapes_file.expires_at = now
    db.session.delete(row)
    db.session.flush()


def _take_shapes(actor: Actor, row: RegionMap, files: FileSet, now: dt.datetime) -> None:
    uploads = waiting_uploads(actor, files.added, now)
    if not uploads:
        raise Invalid([Problem(upload_gone(), FIELD)])
    found = read_outlines(_content(uploads[0]), _places())
    accepted = Accepted(uploads[0].name, KEPT_AS, found.content)
    row.shapes_file = store_upload(actor, accepted, now)
    row.codes, row.unmatched = ",".join(found.codes), _listed(found)


def _listed(found: Outlines) -> str:
    return "、".join(found.unmatched)


def _content(stored: StoredFile) -> bytes:
    with file_store().open(stored.path) as handle:
        return handle.read()


def _places() -> list[Place]:
    query = select(Region.code, Region.name, Region.full_name).where(Region.level != "country")
    return [Place(*row) for row in db.session.execute(query)]


def map_for(codes: Collection[str], actor: Actor, today: dt.date) -> MapShown | None:
    """The map in use that shows most of these regions, of several the latest; None where none shows any."""
    rows = db.session.scalars(
        visible(RegionMap, actor, today)
        .where(RegionMap.in_use, RegionMap.valid_from <= today)
        .order_by(RegionMap.valid_from.desc(), RegionMap.id.desc())
    )
    best = max(rows, key=lambda row: len(row.region_codes & {*codes}), default=None)
    if best is None or not best.region_codes & {*codes}:
        return None
    url = url_for("RegionMapView.shapes", pk=best.id, v=best.shapes_id)
    return MapShown(url, _told(best, len({*codes} - best.region_codes)))


def _told(row: RegionMap, missing: int) -> Message:
    facts = {"title": row.title, "number": row.approval_number, "day": row.valid_from.isoformat()}
    if not missing:
        return Message("Map: {title}, approval number {number}, of {day}.", **facts)
    return Message(
        "Map: {title}, approval number {number}, of {day}; groups that are not on it: {missing}.",
        **facts,
        missing=missing,
    )


@dataclass(frozen=True, slots=True)
class ShapesShown:
    """The shapes of a map that an actor may see: what tells whether they changed, and how to get them."""

    row: RegionMap
    codes: frozenset[str]

    @property
    def etag(self) -> str:
        """Another one for other shapes and for another territory."""
        told = json.dumps([self.row.shapes_id, sorted(self.codes)])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def content(self) -> bytes:
        """The shapes as GeoJSON."""
        return cut_outlines(_content(self.row.shapes_file), self.codes)


def shapes_for(row: RegionMap, actor: Actor, today: dt.date) -> ShapesShown:
    """The shapes of a map that lie in the actor's territory."""
    seen = select(Region.code).where(Region.code.in_(row.region_codes), scope_of(Region)(actor, today))
    return ShapesShown(row, frozenset(db.session.scalars(seen)))
