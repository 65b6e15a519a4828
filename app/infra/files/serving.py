"""Files on their way to a browser: streamed, as a download, never as a page of this site."""

from __future__ import annotations

import datetime as dt

from flask import Response, g, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from app.infra.files.models import StoredFile
from app.infra.files.names import disposition
from app.infra.files.places import file_store
from app.kernel.errors import DomainError
from app.kernel.texts import Message

BLOCK = 1 << 16
SANDBOX = "default-src 'none'; sandbox"
"""The content policy of a file: even if a browser should show it, nothing in it runs or loads."""


class Gone(DomainError):
    """The file existed and was removed when its time ran out."""

    status = 410


def download(stored: StoredFile, now: dt.datetime, *, inline: bool = False) -> Response:
    """A file as a download, never shown in the origin of the site. Scope is checked by the caller.

    :param inline: let the browser show it; for images that the platform has written anew, nothing else.
    :raises Gone: its time ran out, or the store has lost it.
    :raises Unavailable: the store cannot be reached.
    """
    if stored.removed_at is not None or (stored.expires_at is not None and stored.expires_at <= now):
        raise Gone(Message("This file was kept for a limited time and has been removed. Run the job again."))
    try:
        handle = file_store().open(stored.path)
    except FileNotFoundError as error:
        raise Gone(
            Message("This file is no longer in the store. Tell the platform administrator.")
        ) from error
    response = Response(FileWrapper(handle, BLOCK), mimetype=stored.media_type, direct_passthrough=True)
    response.call_on_close(handle.close)
    response.content_length = stored.size
    response.last_modified = stored.created_at
    response.set_etag(stored.digest)
    _set_headers(response, stored, inline=inline)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=stored.size)
    except RequestedRangeNotSatisfiable:
        handle.close()
        raise
    return response


def _set_headers(response: Response, stored: StoredFile, *, inline: bool) -> None:
    response.headers["Content-Disposition"] = disposition(stored.name, inline=inline)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = g.own_policy = SANDBOX
