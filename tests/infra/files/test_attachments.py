"""Files of records: kept while a form is mended, worth nothing to others, served by scope, gone with it."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.enterprises.models import ControlType, Enterprise
from app.infra import files
from app.infra.audit import AuditEntry
from app.infra.content import Accepted
from app.infra.database import db
from app.infra.files import Attachment, StoredFile
from app.infra.files.attachments import (
    MOST_WAITING,
    FileSet,
    entity_of,
    files_of,
    find_attachment,
    follow_deletions,
    keep_files,
    keep_upload,
    waiting_uploads,
)
from app.infra.transactions import unit_of_work
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.texts import LocalText
from tests.conftest import NOON, PASSWORD
from tests.infra.files.pages import files_app, page_app
from tools.ports import free_port
from tools.torture import crafted
from tools.torture.files_page import ADDRESS

__all__ = ["files_app", "page_app"]

TOKEN = re.compile(r'name="files-kept" value="([^"]+)"')
PDF = crafted.pdf()


def signed_in(app: Flask, username: str = "enterprise") -> FlaskClient:
    visitor = app.test_client()
    answer = visitor.post("/login/", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    return visitor


def send(visitor: FlaskClient, *sent: tuple[str, bytes], name: str = "云泽", **more: Any) -> Any:
    parts = [(io.BytesIO(content), file_name) for file_name, content in sent]
    return visitor.post(
        ADDRESS, data={"name": name, "files": parts, **more}, content_type="multipart/form-data"
    )


def tokens(answer: Any) -> list[str]:
    return TOKEN.findall(answer.get_data(as_text=True))


def the_attachment() -> Attachment:
    db.session.rollback()
    return db.session.scalars(select(Attachment)).one()


def everything_waiting() -> list[StoredFile]:
    db.session.rollback()
    return list(db.session.scalars(select(StoredFile).where(StoredFile.expires_at.is_not(None))))


def test_an_upload_outlives_the_errors_of_its_form(page_app: Flask) -> None:
    visitor = signed_in(page_app)

    refused = send(visitor, ("营业执照.pdf", PDF), name="")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "营业执照.pdf" in page and len(tokens(refused)) == 1
    taken = send(visitor, **{"files-kept": tokens(refused)})

    assert taken.status_code == 302
    assert the_attachment().file.name == "营业执照.pdf"
    assert the_attachment().file.expires_at is None


def test_a_refused_file_is_told_at_its_field_and_the_others_stay(page_app: Flask) -> None:
    answer = send(signed_in(page_app), ("坏.pdf", crafted.HTML), ("好.pdf", PDF))
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert 'id="files-error"' in page and "坏.pdf" in page
    assert len(tokens(answer)) == 1
    assert 'value="云泽"' in page


@pytest.mark.parametrize("forged", ["", "nonsense", "WzEsInVwbG9hZCIsMV0.AAAA"])
def test_a_forged_token_gives_nothing(page_app: Flask, forged: str) -> None:
    answer = send(signed_in(page_app), **{"files-kept": [forged]})

    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_a_token_of_another_account_gives_nothing(page_app: Flask) -> None:
    theirs = tokens(send(signed_in(page_app, "enterprise2"), ("a.pdf", PDF), name=""))

    answer = send(signed_in(page_app), **{"files-kept": theirs})

    assert answer.status_code == 422
    assert tokens(answer) == []


def test_an_upload_waits_for_a_day(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    kept = tokens(send(visitor, ("a.pdf", PDF), name=""))
    page_app.extensions["clock"] = MovableClock(NOON + dt.timedelta(hours=25))

    answer = send(signed_in(page_app), **{"files-kept": kept})

    assert answer.status_code == 422
    with unit_of_work():
        assert files.remove_expired(NOON + dt.timedelta(hours=25)) == 1


def test_an_upload_belongs_to_one_record_once(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    kept = tokens(send(visitor, ("a.pdf", PDF), name=""))
    assert send(visitor, **{"files-kept": kept}).status_code == 302

    again = send(visitor, **{"files-kept": kept})

    assert again.status_code == 422
    assert the_attachment().file.name == "a.pdf"


def test_a_ticked_file_goes_and_the_others_keep_their_order(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    send(visitor, *((f"{letter}.pdf", PDF) for letter in "abc"))
    shown = tokens(visitor.get(ADDRESS))
    assert len(shown) == 3

    send(visitor, ("d.pdf", PDF), **{"files-kept": shown, "files-remove": shown[1]})

    db.session.rollback()
    owner = db.session.get_one(Enterprise, db.session.scalars(select(Attachment.owner_id)).first())
    assert [found.file.name for found in files_of(owner, "files")] == ["a.pdf", "c.pdf", "d.pdf"]
    assert [stored.name for stored in everything_waiting()] == ["b.pdf"]


def test_more_files_than_the_field_takes_are_refused(page_app: Flask) -> None:
    answer = send(signed_in(page_app), *((f"{number}.pdf", PDF) for number in range(21)))

    assert answer.status_code == 422
    assert len(tokens(answer)) == 20


def test_a_full_disk_gives_the_form_back(page_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    visitor = signed_in(page_app)
    monkeypatch.setattr(os, "fsync", full)
    answer = send(visitor, ("a.pdf", PDF))

    assert answer.status_code == 422
    assert 'value="云泽"' in answer.get_data(as_text=True)
    assert everything_waiting() == []


def test_a_store_that_is_away_loses_nothing_that_was_typed(
    page_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = signed_in(page_app)
    send(visitor, ("a.pdf", PDF))
    key = the_attachment().id
    away = {"FILES_URL": "s3://bucket/files", "FILES_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    for name, value in {**away, "FILES_S3_KEY": "key", "FILES_S3_SECRET": "secret"}.items():
        monkeypatch.setitem(page_app.config, name, value)

    sent = send(visitor, ("b.pdf", PDF))
    asked = visitor.get(f"/files/{key}")

    assert sent.status_code == 422
    assert "文件存储服务暂时无法访问" in sent.get_data(as_text=True)
    assert 'value="云泽"' in sent.get_data(as_text=True)
    assert asked.status_code == 503
    assert "文件存储服务暂时无法访问" in asked.get_data(as_text=True)


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("enterprise", 200),
        ("province", 200),
        ("county", 200),
        ("enterprise2", 404),
        ("county2", 404),
        ("point", 404),
    ],
)
def test_a_file_is_served_to_who_sees_its_record(page_app: Flask, username: str, status: int) -> None:
    send(signed_in(page_app), ("标志.png", crafted.picture("PNG")))
    key = the_attachment().id
    visitor = signed_in(page_app, username)

    assert visitor.get(f"/files/{key}").status_code == status
    assert visitor.get(f"/files/{key}/preview").status_code == status
    assert page_app.test_client().get(f"/files/{key}").status_code == 302


def test_a_file_is_a_download_in_a_sandbox_and_an_image_may_be_seen(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    send(visitor, ("标志.png", crafted.picture("PNG")))
    key = the_attachment().id

    sent, seen = visitor.get(f"/files/{key}"), visitor.get(f"/files/{key}/preview")

    assert sent.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E6%A0%87%E5%BF%97.png" in sent.headers["Content-Disposition"]
    assert seen.headers["Content-Disposition"].startswith("inline; ")
    for answer in (sent, seen):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.mimetype == "image/png"
    again = visitor.get(f"/files/{key}", headers={"If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert visitor.get(f"/files/{key}", headers={"Range": "bytes=0-3"}).data == b"\x89PNG"


@pytest.mark.parametrize("key", ["0", "999999", "x", "-1", "9" * 30, "1%00"])
def test_a_key_of_no_file_is_not_found(page_app: Flask, key: str) -> None:
    assert signed_in(page_app).get(f"/files/{key}").status_code in {400, 404}


def test_what_is_no_image_is_not_shown_in_place(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    send(visitor, ("a.pdf", PDF))

    assert visitor.get(f"/files/{the_attachment().id}/preview").status_code == 404


def test_who_attached_and_who_removed_is_in_the_trail(page_app: Flask) -> None:
    visitor = signed_in(page_app)
    send(visitor, ("a.pdf", PDF))
    shown = tokens(visitor.get(ADDRESS))
    send(visitor, **{"files-kept": shown, "files-remove": shown})

    lines = db.session.execute(
        select(AuditEntry.action, AuditEntry.actor_kind).where(AuditEntry.entity == "attachment")
    ).all()
    assert [tuple(line) for line in lines] == [("create", "enterprise"), ("delete", "enterprise")]


# Without HTTP


@pytest.fixture
def enterprise(page_app: Flask, actor: Any) -> tuple[Actor, Enterprise]:
    found = actor("enterprise")
    return found, db.session.get_one(Enterprise, found.enterprise_id)


def upload(actor: Actor, name: str = "a.pdf") -> StoredFile:
    return keep_upload(actor, Accepted(name, "application/pdf", PDF), NOON)


def test_nobody_sends_files_without_an_account(page_app: Flask) -> None:
    with pytest.raises(Forbidden):
        upload(ANONYMOUS)


def test_an_account_cannot_fill_the_disk_with_uploads(enterprise: tuple[Actor, Enterprise]) -> None:
    owner, _row = enterprise
    for _ in range(MOST_WAITING):
        upload(owner)

    with pytest.raises(Invalid, match="correction"):
        upload(owner)


def test_an_attachment_of_another_record_cannot_be_kept(
    enterprise: tuple[Actor, Enterprise], actor: Any
) -> None:
    owner, row = enterprise
    other = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    with unit_of_work():
        (theirs,) = keep_files(
            actor("enterprise2"), other, "files", FileSet(added=(upload(actor("enterprise2")).id,)), NOON, 5
        )

    with pytest.raises(Conflict), unit_of_work():
        keep_files(owner, row, "files", FileSet(kept=(theirs.id,)), NOON, 5)


def test_a_foreign_upload_cannot_be_taken(enterprise: tuple[Actor, Enterprise], actor: Any) -> None:
    owner, row = enterprise
    theirs = upload(actor("enterprise2"))

    with pytest.raises(Invalid), unit_of_work():
        keep_files(owner, row, "files", FileSet(added=(theirs.id,)), NOON, 5)
    assert waiting_uploads(owner, [theirs.id], NOON) == []


def test_files_go_with_their_record(
    enterprise: tuple[Actor, Enterprise], page_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, _row = enterprise
    monkeypatch.setitem(page_app.extensions["wiring"], "FILE_OWNERS", {"control_type": ControlType})
    follow_deletions("control_type", ControlType)
    with unit_of_work():
        record = ControlType(code="99", name=LocalText("试验", "Trial"))
        db.session.add(record)
        db.session.flush()
        (kept,) = keep_files(owner, record, "files", FileSet(added=(upload(owner).id,)), NOON, 5)
        file_id = kept.file_id

    with unit_of_work():
        db.session.delete(record)

    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0
    db.session.expire_all()
    assert db.session.get_one(StoredFile, file_id).expires_at == NOON


def test_a_file_whose_kind_of_record_is_gone_from_the_program_is_not_found(
    enterprise: tuple[Actor, Enterprise], page_app: Flask
) -> None:
    owner, row = enterprise
    with unit_of_work():
        (kept,) = keep_files(owner, row, "files", FileSet(added=(upload(owner).id,)), NOON, 5)
        kept.entity = "withdrawn"

    with pytest.raises(NotFound):
        find_attachment(kept.id, owner, NOON.date())


def test_records_that_have_no_files_are_refused(page_app: Flask) -> None:
    with pytest.raises(LookupError, match="FILE_OWNERS"):
        entity_of(StoredFile)
