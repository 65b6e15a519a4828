"""A process that read the form before another one published: told what to do line by line on its input."""

from __future__ import annotations

import sys
from decimal import Decimal

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.periods import Month
from app.reports import figures
from app.reports.definitions import plain_number
from app.reports.figures import Key
from app.reports.form_loading import table_for, version_for
from tests.reports.forms_app import dimensions, make_app


def main(url: str) -> None:
    """Answer ``width``, ``old`` and ``new`` with one line each."""
    app = make_app(url)
    with app.app_context():
        old = version_for("small", Month(2018, 7))
        for line in sys.stdin:
            match line.strip():
                case "width":
                    answer = str(len(table_for("small", "main").columns))
                case "old":
                    with unit_of_work():
                        figures.write(old, Key(201807, 1), dimensions(), {("revenue", "ytd"): Decimal(5)})
                    answer = plain_number(figures.read(old, Key(201807, 1))[("revenue", "ytd")])
                case _:
                    new = version_for("small", Month(2018, 8))
                    with unit_of_work():
                        figures.write(new, Key(201808, 1), dimensions(2), {("wages", "ytd"): Decimal("7.5")})
                    wages = plain_number(figures.read(new, Key(201808, 1))[("wages", "ytd")])
                    answer = f"version {new.number} wages {wages}"
            db.session.remove()  # as at the end of a request
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
