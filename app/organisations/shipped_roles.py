"""The roles that ship with the platform: which pages each may open; scope says which rows."""

from __future__ import annotations

from collections.abc import Mapping

from app.infra.roles import Patterns

READ = "^can_(list|show|chart|choices)$"
WRITE = "^can_(list|show|add|edit|delete|chart|choices)$"
ANY = "^can_.*$"

OWN_PAGES = (ANY, "^(OwnAccountView|JobView)$")
"""What everybody who signs in may open: the own account, the own jobs."""

PROCESSES = ("^can_list$", "^WorkflowView$")
"""How the platform's processes run is for all who administer or audit them."""

DICTIONARY_VIEWS = "^(RegionView|IndustryView|ControlTypeView|RegistrationTypeView)$"

SHIPPED_ROLES: Mapping[str, Patterns] = {
    "PlatformAdmin": (
        OWN_PAGES,
        (WRITE, DICTIONARY_VIEWS),
        (ANY, "^(BureauView|AdminView|AccountView)$"),
        (READ, "^RoleView$"),
        PROCESSES,
    ),
    "SecurityAdmin": (
        OWN_PAGES,
        (ANY, "^RoleView$"),
        (READ, "^AccountView$"),
        ("^can_grant$", "^AccountView$"),
    ),
    "Auditor": (OWN_PAGES, (READ, "^AuditView$"), PROCESSES),
    "BureauAdmin": (
        OWN_PAGES,
        (READ, DICTIONARY_VIEWS),
        ("^can_(add|edit)$", "^RegionView$"),
        (ANY, "^(BureauView|AdminView|EnterpriseView|EnterpriseChartView)$"),
        (READ, "^EnterpriseVersionView$"),
        PROCESSES,
    ),
    "Enterprise": (OWN_PAGES, ("^can_(list|show)$", "^EnterpriseView$")),
    "Point": (OWN_PAGES,),
    "Centre": (OWN_PAGES,),
    "Provider": (OWN_PAGES,),
}
"""Role → pairs of patterns on (permission, view), each matched as a whole; ``init`` restores them."""
