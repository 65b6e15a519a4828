"""Every address without a session: the sign-in page or a refusal, but for the few that are public."""

from __future__ import annotations

import random
import time

import httpx
from werkzeug.routing import Rule

from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.verdict import Verdict

PUBLIC = frozenset(
    {
        "ActivationView.choose",
        "CaptchaView.new",
        "HealthView.healthz",
        "HelpView.download",
        "HelpView.list",
        "LocalOutboxView.local",
        "PreferencesView.language",
        "PreferencesView.text_size",
        "QuestionnaireExchangeView.schema",
        "RecoveryView.code",
        "RecoveryView.name",
        "RecoveryView.password",
        "RegistrationEntryView.account",
        "RegistrationEntryView.agreement",
        "SignInView.login",
        "SignInView.logout",
        "SiteMapView.show",
        "static",
    }
)
"""By hand, never from the code that it checks: what a visitor without an account may ask for."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def knock(instance: Instance, _share: float, _chance: random.Random) -> list[Verdict]:
    """Ask for every rule by every method that it takes; all of them at any share."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    asked = [
        (rule, method)
        for rule in sorted(app.url_map.iter_rules(), key=str)
        for method in METHODS
        if method in (rule.methods or set()) and rule.endpoint not in PUBLIC
    ]
    verdict = Verdict("addresses without a session", len(asked))
    started = time.monotonic()
    with httpx.Client(base_url=instance.base, timeout=60) as client:
        for rule, method in asked:
            answer = client.request(method, _address(rule), headers={"Accept": "text/html"})
            if not _is_refusal(answer):
                verdict.fault(f"{answer.status_code} for {method} {rule}")
            verdict.counted += 1
    verdict.seconds = time.monotonic() - started
    return [verdict]


def _address(rule: Rule) -> str:
    """The rule with 1 in the place of each argument."""
    return "/".join("1" if part.startswith("<") else part for part in str(rule).split("/"))


def _is_refusal(answer: httpx.Response) -> bool:
    if answer.status_code == 302:
        return answer.headers.get("Location", "").split("?")[0].endswith("/login/")
    return answer.status_code in {400, 401, 403, 404, 405}
