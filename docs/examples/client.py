"""A client of the platform's interfaces in the standard library: read queries, file a month, review.

PLATFORM_TOKEN=tem_… python client.py https://platform.example reports month=2026-10
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TRIES = 3
SECONDS = 60


class Refused(Exception):
    """What the platform refused: ``status``, its ``message`` and each problem with its field."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        super().__init__(f"{status}: {answer['message']}")
        self.status = status
        self.problems = answer["problems"]
        self.current = answer.get("current")
        """The report as it is stored now, where somebody else saved it meanwhile (409)."""


class Platform:
    """The platform as the owner of a token sees it."""

    def __init__(self, address: str, token: str, language: str = "en") -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def ask(self, method: str, path: str, body: object = None, **parameters: Any) -> Any:
        """One request; waits where the platform asks to.

        :raises Refused: any refusal but "too many requests".
        """
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        data, headers = None, self._headers
        if body is not None:
            data, headers = json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}
        request = Request(f"{self._address}/api/v1/{path}{query}", data, headers, method=method)
        for left in reversed(range(TRIES)):
            try:
                with urlopen(request, timeout=SECONDS) as answer:
                    return json.load(answer)
            except HTTPError as error:
                if error.code != 429 or not left:
                    raise Refused(error.code, json.load(error)) from None
                time.sleep(float(error.headers.get("Retry-After", SECONDS)))
        raise AssertionError("the last try answers or raises")

    def records(self, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every record of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            page = self.ask("GET", path, **parameters, **after)
            yield from page["result"]
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    def draft(self, form: str, month: str) -> dict[str, Any]:
        """A month of the own enterprise, and what the form asks for."""
        found: dict[str, Any] = self.ask("GET", f"filings/{form}/{month}")["result"]
        return found

    def file(
        self, form: str, month: str, figures: dict[str, str], filler: str, explanations: dict[str, str]
    ) -> dict[str, Any]:
        """Fill in a month and submit it. Sent again after a lost answer it does nothing twice."""
        place = f"filings/{form}/{month}"
        body = {"version": self.draft(form, month)["version"], "figures": figures}
        kept = self.ask("PUT", place, body)["result"]
        sent = {"version": kept["version"], "filler": filler, "explanations": explanations}
        found: dict[str, Any] = self.ask("POST", f"{place}/submit", sent)["result"]
        return found


def main(arguments: list[str]) -> int:
    """Print the records of a list as lines of JSON."""
    address, path, *conditions = arguments
    platform = Platform(address, os.environ["PLATFORM_TOKEN"])
    try:
        for record in platform.records(f"{path}/", **dict(text.split("=", 1) for text in conditions)):
            print(json.dumps(record, ensure_ascii=False))
    except Refused as refusal:
        print(refusal, *refusal.problems, sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
