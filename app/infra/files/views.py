"""Files of records: as a download, and images in place."""

from __future__ import annotations

from flask import Response
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context, files
from app.infra.content import INLINE
from app.infra.files.attachments import find_attachment
from app.infra.pages import PageView, protected
from app.kernel.errors import NotFound


class FileView(PageView):
    """One address for the files of every record; the scope of the record decides."""

    route_base = "/files"
    title = lazy_gettext("Files of records")

    @expose("/<pk>", methods=["GET"])
    @protected("read")
    def download(self, pk: str) -> Response:
        """A file of a record that the actor sees, as a download."""
        found = find_attachment(pk, self.actor, context.today())
        return files.download(found.file, context.now())

    @expose("/<pk>/preview", methods=["GET"])
    @protected("read")
    def preview(self, pk: str) -> Response:
        """An image in place; it was written anew when it came, so nothing else can be in it."""
        found = find_attachment(pk, self.actor, context.today())
        if found.file.media_type not in INLINE:
            raise NotFound
        return files.download(found.file, context.now(), inline=True)
