"""Pages for those who write notices: list, form, publication, readers, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.infra import context
from app.infra.charts import DomainChartView, Grouping
from app.infra.choice_fields import CheckListField, one_group
from app.infra.files.field import FileField
from app.infra.forms import REQUIRED, PlatformForm, refuse_control_characters
from app.infra.i18n import listed, say
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.page_fields import RemoteMultipleField, submitted, text_field
from app.infra.transactions import unit_of_work
from app.infra.views import DomainView, PageView, protected
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.notifications import notices
from app.notifications.lists import KIND_NAMES, counts_of, notice_list, readers_list, readers_url
from app.notifications.models import TITLE_LENGTH, Notice
from app.notifications.reach import AUDIENCE, regions
from app.notifications.workflow import PUBLISHED, STATE_LABELS, WORKFLOW


class WithdrawForm(PlatformForm):
    """Why a notice is taken back."""

    comment = TextAreaField(
        lazy_gettext("Reason"),
        validators=[InputRequired(REQUIRED), Length(max=500), refuse_control_characters],
        description=lazy_gettext("Kept in the history of the notice; readers no longer see it."),
    )


class NoticeView(DomainView):
    """Notices of a bureau and its subordinates, or of the platform."""

    model = Notice
    route_base = "/notices"
    batch_permission = "step"
    show_template = "notifications/notice.html"
    list_title = lazy_gettext("Publish notices")
    show_title = lazy_gettext("Notice")
    add_title = lazy_gettext("New notice")
    edit_title = lazy_gettext("Change notice")
    label_columns = {
        "title": lazy_gettext("Title of the notice"),
        "body": lazy_gettext("Text of the notice"),
        "kind": lazy_gettext("Kind"),
        "kinds": lazy_gettext("Readers"),
        "regions": lazy_gettext("Regions"),
        "on_top": lazy_gettext("On top"),
        "must_read": lazy_gettext("Must be confirmed"),
        "files": lazy_gettext("Attachments"),
        "state": lazy_gettext("State"),
        "author": lazy_gettext("Author"),
        "publisher": lazy_gettext("Published by"),
        "published_at": lazy_gettext("Published at"),
        "created_at": lazy_gettext("Written"),
    }
    list_columns = ["title", "state", "published_at", "created_at"]
    search_columns = ["title", "state"]
    base_order = ("created_at", "desc")
    add_columns = ["title", "body", "kinds", "regions", "on_top", "must_read", "files"]
    show_columns = [
        *("state", "kind", "kinds", "regions", "on_top", "must_read"),
        *("author", "published_at", "created_at"),
    ]
    choices_columns = {"kind": list(KIND_NAMES.items()), "state": list(STATE_LABELS.items())}
    formatters_columns = {
        "kinds": lambda kinds: listed(say(AUDIENCE[kind]) for kind in kinds),
        "regions": lambda found: listed(str(region) for region in found) or gettext("Everywhere"),
        "files": lambda found: listed(str(one) for one in found),
    }

    def _init_forms(self) -> None:
        """The regions are another domain's: their model is known once all are loaded."""
        type(self).extra_fields = {
            "title": text_field(lazy_gettext("Title of the notice"), TITLE_LENGTH, required=True),
            "body": TextAreaField(
                lazy_gettext("Text of the notice"),
                validators=[
                    InputRequired(REQUIRED),
                    Length(max=notices.LONGEST_BODY),
                    refuse_control_characters,
                ],
                render_kw={"rows": 14},
                description=lazy_gettext("An empty line begins a new paragraph."),
            ),
            "files": FileField(lazy_gettext("Attachments"), rule=notices.FILES),
            "kinds": CheckListField(
                lazy_gettext("Readers"), groups=one_group(list(AUDIENCE.items())), must=True
            ),
            "regions": RemoteMultipleField(
                lazy_gettext("Regions"),
                model=regions(),
                url="/notices/choices/regions",
                description=lazy_gettext("With all below them. Empty: everywhere you look after."),
            ),
            "on_top": BooleanField(lazy_gettext("Keep on top of the board")),
            "must_read": BooleanField(lazy_gettext("Readers must confirm that they read it")),
        }
        super()._init_forms()

    def listing(self) -> ListSpec:
        """Notices by state, title, readers and day."""
        return notice_list(self.listing_name, self._row_link())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return notices.notice_problems(actor, row, _input(values), context.today())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Write a draft."""
        return notices.create_notice(actor, _input(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a notice that readers do not see."""
        return notices.edit_notice(actor, row.id, _input(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a draft."""
        notices.delete_notice(actor, row.id, context.now())

    def closed_because(self, row: Any) -> Message | None:
        """A published notice stays as its readers see it."""
        return notices.closed_because(row)

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        told, opened, confirmed = counts_of(row)
        steps = [
            {
                "when": say(step.at),
                "who": step.actor_name,
                "words": say(WORKFLOW.states[step.target]),
                "comment": step.comment,
            }
            for step in row.steps
        ]
        return super()._show_page(
            pk,
            row,
            steps=steps,
            told=told,
            opened=opened,
            confirmed=confirmed,
            expected=None if row.state == PUBLISHED else notices.audience_size(row, context.today()),
            offered=[edge.verb for edge in WORKFLOW.offered(row, row.state, self.actor)]
            if self.can("step")
            else [],
            readers_url=readers_url(row),
            missing_url=readers_url(row, **({"acknowledged": "0"} if row.must_read else {"opened": "0"})),
            files=row.files,
            **values,
        )

    @expose("/publish/<pk>", methods=["POST"])
    @protected("step")
    def publish(self, pk: str) -> Any:
        """Publish; who it is for is told in the inbox."""
        with unit_of_work():
            notices.take_step(self.actor, pk, "publish", "", context.now())
        flash(gettext("Published."), "success")
        return redirect(self._url("show", pk=pk))

    @expose("/withdraw/<pk>", methods=["GET", "POST"])
    @protected("step")
    def withdraw(self, pk: str) -> Any:
        """Take a notice back, with a reason."""
        form = WithdrawForm()
        notice = self._find(pk)

        def work() -> None:
            notices.take_step(self.actor, pk, "withdraw", form.comment.data or "", context.now())

        if submitted(form, work):
            flash(gettext("Saved."), "success")
            return redirect(self._url("show", pk=pk))
        page = self.render_template(
            "notifications/form.html",
            title=gettext("Withdraw the notice"),
            sub=notice.title,
            form=form,
            back_url=self._url("show", pk=pk),
        )
        return page, 422 if form.errors or form.form_errors else 200


def _input(values: Mapping[str, Any]) -> notices.NoticeInput:
    return notices.NoticeInput(
        title=values["title"] or "",
        body=(values["body"] or "").replace("\r\n", "\n"),
        kinds=values["kinds"] or (),
        region_ids=values["regions"] or (),
        on_top=bool(values["on_top"]),
        must_read=bool(values["must_read"]),
        files=values["files"],
    )


class NoticeReaderView(PageView):
    """Who was given a notice, who read it, and who has still to confirm it."""

    route_base = "/notice-readers"
    default_view = "list"

    @expose("/list/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list with its exports."""
        spec = readers_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())


class NoticeChartView(DomainChartView):
    """How many notices there are, by who wrote them and how far they are."""

    model = Notice
    route_base = "/notice-charts"
    chart_title = lazy_gettext("Charts of notices")
    unit: ClassVar[Message] = Message("Notices")
    groupings = (
        Grouping(
            Message("By publisher"), Notice.publisher, lambda _values: {"": Message("Not published yet")}
        ),
        Grouping(Message("By state"), Notice.state, lambda _values: STATE_LABELS),
    )
