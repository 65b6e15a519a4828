"""Reports of many enterprises for programs of admins who may import in batches. HTTP only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.api import ApiView, describes
from app.infra.api.operations import Described
from app.infra.api.shapes import Field, ListOf, Record, Text, Truth, read_body
from app.infra.i18n import say
from app.infra.imports.spec import find_import
from app.infra.pages import protected
from app.infra.transactions import unit_of_work
from app.kernel.errors import Problem, Words
from app.kernel.texts import Message
from app.reports import import_batch
from app.reports.api_shapes import FIGURES, ROWS
from app.reports.batch_filing import MOST_REPORTS, Chosen, Judged, Line, Sent, file_many, judge_many
from app.reports.filing_api import ARGUMENTS
from app.reports.form_loading import reported_month
from app.reports.import_columns import FILLER_LENGTH, USCC
from app.reports.import_writing import SUBMITTED, UNCHANGED

FILLER = Field("filler", Message("Who filled in the reports that name nobody"), Text(FILLER_LENGTH))
SUBMIT = Field(
    "submit",
    Message("Whether reports on which nothing is left to settle are submitted too"),
    Truth(),
    required=False,
    default=False,
)
ONE = Record(
    (
        Field("uscc", Message("Credit code of the enterprise"), Text(18)),
        Field(
            "figures",
            Message("Figures by indicator and cell, such as revenue.ytd; an empty one leaves what is stored"),
            FIGURES,
            required=False,
        ),
        Field(
            "rows",
            Message("Rows by section, such as products; they replace the stored ones"),
            ROWS,
            required=False,
        ),
        Field("filler", Message("Who filled in this one"), Text(FILLER_LENGTH), required=False, default=""),
    )
)
REPORTS = Field("reports", Message("A report for each enterprise"), ListOf(ONE, MOST_REPORTS))
BODY = Record((FILLER, SUBMIT, REPORTS))
TOLD = ListOf(
    Record(
        (
            Field("field", Message("Place in the request"), Text()),
            Field("message", Message("What it says"), Text()),
        )
    )
)
LINE = Record(
    (
        Field("uscc", Message("Credit code of the enterprise"), Text()),
        Field("enterprise", Message("Enterprise"), Text()),
        Field("outcome", Message("fits, refused, saved, submitted or unchanged"), Text()),
        Field("message", Message("The outcome in words"), Text()),
        Field("problems", Message("What keeps the report from being written"), TOLD),
        Field("remarks", Message("What the rules say of it"), TOLD),
    )
)
RESULT = Record(
    (
        Field("reports", Message("A line for each report, in the order of the request"), ListOf(LINE)),
        Field("notices", Message("What is told of all of them"), ListOf(Text())),
    )
)
ANSWER = Record((Field("result", Message("What became of the reports"), RESULT),))
FITS, REFUSED = Message("It can be written."), Message("It cannot be written.")
OUTCOMES: Mapping[Words, str] = {
    FITS: "fits",
    REFUSED: "refused",
    UNCHANGED: "unchanged",
    SUBMITTED: "submitted",
}
"""Whatever else a row was told came to a draft."""


class BatchFilingApi(ApiView):
    """Reports of the enterprises in the territory of an admin who may import in batches."""

    resource_name = "batch-filings"
    title = lazy_gettext("Reports of many enterprises (for programs)")
    arguments = ARGUMENTS

    @expose("/<form>/<month>", methods=["POST"])
    @protected("import")
    @describes(
        Message("File the reports of many enterprises for a month: all of them or none"),
        ANSWER,
        BODY,
        refusals=(422,),
    )
    def file(self, form: str, month: str) -> Response:
        """数据批量上报: saved as drafts, or submitted where nothing is left to settle."""
        find_import(import_batch.NAME, self.actor)
        chosen, sent = _read(form, month, read_body(BODY))
        with unit_of_work():
            filed = file_many(self.actor, chosen, sent, context.now())
        return _answer(filed)

    @expose("/<form>/<month>/check", methods=["POST"])
    @protected("import")
    @describes(
        Message("What would become of the reports of many enterprises; nothing is saved"),
        ANSWER,
        BODY,
        refusals=(422,),
    )
    def check(self, form: str, month: str) -> Response:
        """Ask windows and rules without saving."""
        find_import(import_batch.NAME, self.actor)
        chosen, sent = _read(form, month, read_body(BODY))
        return _answer(judge_many(self.actor, chosen, sent, context.now()), written=False)

    def operations(self) -> Iterator[Described]:
        """None for an admin who was not given the right."""
        return super().operations() if import_batch.may_import_reports(self.actor) else iter(())


def _read(form: str, month: str, body: Mapping[str, Any]) -> tuple[Chosen, list[Sent]]:
    chosen = Chosen(form, reported_month(form, month), body["filler"], body["submit"])
    sent = [
        Sent(one["uscc"], one["figures"] or {}, one["rows"] or {}, one["filler"]) for one in body["reports"]
    ]
    return chosen, sent


def _answer(judged: Judged, *, written: bool = True) -> Response:
    lines = [_line(line, written=written) for line in judged.lines]
    return jsonify(result={"reports": lines, "notices": [say(notice) for notice in judged.notices]})


def _line(line: Line, *, written: bool) -> dict[str, Any]:
    problems = _told(line.problems)
    expected = REFUSED if problems else FITS
    words = (line.row.note or UNCHANGED) if written else expected
    return {
        "uscc": str(line.row.raw[USCC]),
        "enterprise": line.row.name,
        "outcome": OUTCOMES.get(words, "saved"),
        "message": say(words),
        "problems": problems,
        "remarks": _told(line.remarks),
    }


def _told(found: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"field": one.field, "message": say(one.message)} for one in found]
