"""Runs the scenarios on both databases and prints what held."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tools.torture.acceptance import kill_acceptance
from tools.torture.exports import kill_exports
from tools.torture.files import attack_files
from tools.torture.fuzz import fuzz
from tools.torture.imports import kill_imports
from tools.torture.instance import Instance, temporary_instance
from tools.torture.lockout import lock_out
from tools.torture.mails import kill_senders
from tools.torture.mixed import mix
from tools.torture.races import race_reviewers
from tools.torture.routes import knock
from tools.torture.verdict import Verdict
from tools.torture.workbooks import attack_with_workbooks

Scenario = Callable[[Instance, float, random.Random], Sequence[Verdict]]

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
SCENARIOS: dict[str, Scenario] = {
    "routes": knock,
    "mails": kill_senders,
    "imports": kill_imports,
    "workbooks": attack_with_workbooks,
    "races": race_reviewers,
    "lockout": lock_out,
    "mixed": mix,
    "files": attack_files,
    "fuzz": fuzz,
    "acceptance": kill_acceptance,
    "exports": kill_exports,
}
"""In the order in which they run: the last ones move and add what the others count on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Torture; 0 when everything held."""
    options = _options(arguments)
    failed = 0
    for database in options.databases:
        print(f"\n{database}", flush=True)
        with temporary_instance(database, options.server) as instance:
            for verdict in run(instance, options.only, options.share, options.seed):
                print(verdict.line(), flush=True)
                for fault in verdict.faults[:10]:
                    print(f"         {fault}", flush=True)
                failed += not verdict.holds
    print(f"\n{failed} scenarios failed" if failed else "\neverything held")
    return 1 if failed else 0


def run(instance: Instance, names: Sequence[str], share: float, seed: int) -> Iterator[Verdict]:
    """The scenarios on one instance, one after the other; each is told when it is over."""
    for name in names:
        offset = instance.log.stat().st_size if instance.log.exists() else 0
        started = time.monotonic()
        found = list(SCENARIOS[name](instance, share, random.Random(seed)))
        for verdict in found:
            verdict.seconds = verdict.seconds or time.monotonic() - started
        for line in instance.complaints(offset)[:5]:
            found[-1].fault(f"log: {line}")
        yield from found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.torture", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="part of the full counts (default 1.0)")
    parser.add_argument(
        "--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"]
    )
    parser.add_argument("--only", nargs="+", choices=tuple(SCENARIOS), default=list(SCENARIOS))
    parser.add_argument(
        "--server", default=os.environ.get("TORTURE_SERVER", SERVER), help="a PostgreSQL server"
    )
    parser.add_argument("--seed", type=int, default=20_261_120)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
