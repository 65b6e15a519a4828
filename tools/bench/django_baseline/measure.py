"""Measures the changelist: run as a process of its own, prints JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tools.bench.measuring import caller, measure, must_contain
from tools.bench.settings import LAST_MONTH

SUBMITTED_COLUMN = 8
"""Place of the sorted column, counted from 1 as Django's address does."""


def main() -> int:
    """Command line: ``python -m tools.bench.django_baseline.measure <database address> <prefecture id>``."""
    os.environ["BENCH_DATABASE"] = sys.argv[1]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tools.bench.django_baseline.settings"
    import django  # noqa: PLC0415 - needs its settings first
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    client = caller(get_wsgi_application())
    client.set_cookie("sessionid", _session())
    address = (
        f"/admin/reports/report/?period={LAST_MONTH.key}&enterprise__prefecture__id__exact={sys.argv[2]}"
    )
    address += f"&o=-{SUBMITTED_COLUMN}"
    must_contain(client.get(address), ("result_list", "填报人"))
    found = measure("Django list by submission", lambda _n: client.get(address), _counter())
    print(json.dumps(found.as_json()))
    return 0


def _session() -> str:
    """The key of a session of a superuser."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    user, _made = User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def _counter() -> Any:
    from django.db import connection  # noqa: PLC0415

    count = 0

    def add(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    connection.execute_wrappers.append(add)
    return lambda: count


if __name__ == "__main__":
    sys.exit(main())
