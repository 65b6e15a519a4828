"""站点地图: all pages that this account may open, as the menu groups them."""

from __future__ import annotations

from flask import url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.infra.pages import PageView
from app.infra.shell import common_links
from app.infra.shell import current_shell as shell_of_request


class SiteMapView(PageView):
    """Open to everybody; who has not signed in sees what needs no account."""

    route_base = "/site-map"
    default_view = "show"
    title = lazy_gettext("Site map")

    @expose("/", methods=["GET"])
    def show(self) -> str:
        """Links by areas of work, then those of every page."""
        shell = shell_of_request()
        common = [(link.label, link.url) for link in common_links()]
        if not shell.signed_in:
            common.insert(0, (gettext("Sign in"), url_for("SignInView.login")))
        return self.page("panel/site_map.html", areas=shell.areas, common=common)
