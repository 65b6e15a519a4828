"""Pages of settings: all of them by groups, the history of one, its changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.infra import context
from app.infra.account_names import names_of
from app.infra.i18n import say
from app.infra.page_fields import submitted
from app.infra.pages import PageView, protected
from app.infra.settings import service
from app.infra.settings.forms import ReasonForm, entered, form_for_setting, shown
from app.infra.settings.models import SettingChange
from app.infra.settings.registry import Setting, SettingGroup, all_settings
from app.infra.settings.rules import may_change
from app.infra.settings.values import default_of, value
from app.kernel.texts import Message

GROUPS = {
    SettingGroup.ACCOUNTS: Message("Accounts and sign-in"),
    SettingGroup.MESSAGES: Message("Messages"),
    SettingGroup.FILES: Message("Files"),
    SettingGroup.ENTERPRISES: Message("Enterprises"),
    SettingGroup.REPORTS: Message("Reports"),
    SettingGroup.SERVICE: Message("Service"),
}
COMING, IN_FORCE, OVER, WITHDRAWN = (
    ("wait", Message("Not yet in force")),
    ("pass", Message("In force")),
    ("none", Message("Replaced")),
    ("none", Message("Withdrawn")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a setting as its history shows it."""

    id: int
    state: tuple[str, Message]
    before: str
    after: str
    valid_from: dt.datetime
    entered_at: dt.datetime
    entered_by: str
    reason: str
    withdrawal: str = ""


class SettingView(PageView):
    """设置: what administrators decide without a programmer, dated and with a reason."""

    route_base = "/settings"
    default_view = "list"
    title = lazy_gettext("Settings")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """All settings by groups."""
        now = context.now()
        ahead = service.coming(now)
        groups = [
            (say(title), rows)
            for group, title in GROUPS.items()
            if (rows := [self._line(one, now, ahead) for one in all_settings() if one.group is group])
        ]
        return self.page("settings/list.html", groups=groups)

    def _line(
        self, declared: Setting, now: dt.datetime, ahead: Mapping[str, SettingChange]
    ) -> Mapping[str, Any]:
        change = ahead.get(declared.key)
        return {
            "setting": declared,
            "value": shown(declared, value(declared.key, now)),
            "default": shown(declared, default_of(declared)),
            "next": None if change is None else (change.valid_from, shown(declared, change.value)),
        }

    @expose("/<key>", methods=["GET"])
    @protected("list")
    def show(self, key: str) -> str:
        """One setting: what it says, since when, and every change."""
        declared, now = service.find(key), context.now()
        return self.page(
            "settings/show.html",
            setting=declared,
            group=GROUPS[declared.group],
            value=shown(declared, value(key, now)),
            default=shown(declared, default_of(declared)),
            steps=history_of(declared, now),
            changeable=self.can("change") and may_change(self.actor, declared),
        )

    @expose("/<key>/change", methods=["GET", "POST"])
    @protected("change")
    def change(self, key: str) -> Any:
        """Let a setting say something else."""
        declared, now = self._changeable(key), context.now()
        form = form_for_setting(declared)(data={"value": value(key, now)})

        def work() -> object:
            reason, begins = form.reason.data or "", form.begins.data
            return service.change(self.actor, key, entered(declared, form), begins, reason, context.now())

        if submitted(form, work):
            flash(gettext("The change was entered."), "success")
            return redirect(url_for("SettingView.show", key=key))
        return self._form(declared, say(declared.title), form, say(declared.help))

    @expose("/<key>/withdraw/<int:change_id>", methods=["GET", "POST"])
    @protected("change")
    def withdraw(self, key: str, change_id: int) -> Any:
        """Take back a change that is not yet in force."""
        declared = self._changeable(key)
        found = service.find_withdrawable(key, change_id, context.now())
        form = ReasonForm()

        def work() -> None:
            service.withdraw(self.actor, key, change_id, form.reason.data or "", context.now())

        if submitted(form, work):
            flash(gettext("The change was withdrawn."), "success")
            return redirect(url_for("SettingView.show", key=key))
        note = gettext(
            "%(setting)s: %(value)s, from %(begins)s",
            setting=say(declared.title),
            value=shown(declared, found.value),
            begins=say(found.valid_from),
        )
        return self._form(declared, gettext("Withdraw a change"), form, note)

    def _changeable(self, key: str) -> Setting:
        declared = service.find(key)
        if not may_change(self.actor, declared):
            abort(403)
        return declared

    def _form(self, declared: Setting, title: str, form: ReasonForm, note: str) -> Any:
        back = url_for("SettingView.show", key=declared.key)
        names = [name for name in ("value", "begins", "reason") if name in form]
        page = self.page("panel/form.html", title=title, sub=note, form=form, names=names, back_url=back)
        return page, 422 if form.errors or form.form_errors else 200


def history_of(declared: Setting, now: dt.datetime) -> Sequence[Step]:
    """The changes of a setting, the one that begins last first."""
    changes = service.history(declared.key)
    names = names_of([number for row in changes for number in (row.created_by_id, row.withdrawn_by_id)])
    system = gettext("The system")
    current = next((row.id for row in changes if row.withdrawn_at is None and row.valid_from <= now), None)
    return [
        Step(
            id=row.id,
            state=_state(row, now, current),
            before=shown(declared, service.replaced_value(changes, row)),
            after=shown(declared, row.value),
            valid_from=row.valid_from,
            entered_at=row.created_at,
            entered_by=names.get(row.created_by_id, system),
            reason=row.reason,
            withdrawal=_withdrawal(row, names.get(row.withdrawn_by_id, system)),
        )
        for row in changes
    ]


def _state(row: SettingChange, now: dt.datetime, current: int | None) -> tuple[str, Message]:
    if row.withdrawn_at is not None:
        return WITHDRAWN
    if row.valid_from > now:
        return COMING
    return IN_FORCE if row.id == current else OVER


def _withdrawal(row: SettingChange, name: str) -> str:
    if row.withdrawn_at is None:
        return ""
    return gettext(
        "Withdrawn %(at)s by %(name)s: %(reason)s",
        at=say(row.withdrawn_at),
        name=name,
        reason=row.withdrawal_reason,
    )
