"""A small application with Flask-AppBuilder's stock pages in our look: no table or page of the product."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from flask import Flask, abort, flash, redirect, render_template, request, session
from flask_appbuilder import AppBuilder
from flask_appbuilder.charts.views import GroupByChartView
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.models.group import aggregate_count
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.views import SimpleFormView
from flask_login import current_user
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    MonthField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.infra.database import db
from app.infra.i18n import init_i18n
from app.infra.look import init_look
from app.infra.panels import Panel
from app.infra.web import POLICY

PACKAGE = Path(__file__).resolve().parents[2] / "app"
PASSWORD = "Look-Only-2468"
TRADES = [SelectChoice(str(number), f"行业{number}") for number in range(40)]


class EveryField(DynamicForm):
    """One field of each kind."""

    name = StringField(
        "企业名称",
        validators=[InputRequired("请填写企业名称。"), Length(max=40)],
        description="与营业执照一致",
    )
    staff = IntegerField("从业人数")
    revenue = DecimalField("营业收入")
    opened = DateField("开业时间")
    month = MonthField("报表月份")
    listed = BooleanField("是否上市")
    size = RadioField("企业规模", choices=[SelectChoice("l", "大型"), SelectChoice("s", "小型")])
    control_type = SelectField("控股情况", choices=[SelectChoice("", ""), SelectChoice("1", "私人控股")])
    trade = SelectField("所属行业", choices=TRADES)
    marks = SelectMultipleField("标签", choices=TRADES)
    secret = PasswordField("密保答案")
    note = TextAreaField("主营业务")


class FieldsView(SimpleFormView):
    """A page with every kind of field."""

    route_base = "/fields"
    form = EveryField
    form_title = "企业信息"

    def form_post(self, form: Any) -> None:
        flash("已保存", "success")


class UserChart(GroupByChartView):
    """A chart of the stock kind."""

    route_base = "/userchart"
    datamodel = SQLAInterface(User)
    chart_title = "账号"
    definitions = [{"label": "按用户名", "group": "username", "series": [(aggregate_count, "id")]}]


class Frame:
    """What the product's shell gives to the frame."""

    platform_name = "外贸企业运行监测与服务平台"
    home_url = todo_url = "/home"
    logout_url = "/logout/"
    account_url = "/users/userinfo/"
    text_size_url = "/text-size"
    hotline, service_hours = "0500-0000 1234", "工作日 8:30—17:30"
    user_name, role_label, unit, todo_count = "甲", "市级管理员", "云泽市商务局", 26
    demo, demo_password = True, PASSWORD
    demo_accounts = (("province", "省级管理员"),)
    language = "zh"
    languages = (("zh", "中文", "/language/zh"), ("en", "English", "/language/en"))
    crumbs = (("系统管理", None), ("账号", "/users/list/"))

    @property
    def signed_in(self) -> bool:
        return bool(current_user.is_authenticated)

    @property
    def text_size(self) -> str:
        return str(session.get("size", "normal"))

    @property
    def areas(self) -> list[dict[str, Any]]:
        work = {"label": "工作台", "icon": "layout-dashboard", "url": "/home", "open": False, "single": True}
        items = [
            {"label": "账号", "url": "/users/list/", "active": True},
            {"label": "角色", "url": "/roles/list/"},
        ]
        panel = {
            "label": "系统管理",
            "icon": "settings",
            "url": "/users/list/",
            "open": True,
            "single": False,
        }
        return [{**work, "items": [{}]}, {**panel, "items": items, "badge": 3, "hot": True}]


def build(folder: Path) -> Flask:
    """The application, with a database in ``folder``."""
    app = Flask("app", root_path=str(PACKAGE))
    app.config.update(
        SECRET_KEY="only for the pages of these tests",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'look.db'}",
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1000",
        BABEL_DEFAULT_LOCALE="zh",
        LANGUAGES={"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
    )
    db.init_app(app)
    CSRFProtect(app)
    Talisman(app, force_https=False, content_security_policy=POLICY, session_cookie_secure=False)
    init_look(app)
    app.jinja_env.globals["shell"] = Frame()
    _add_pages(app)
    with app.app_context():
        _add_stock(app)
    return app


def _add_stock(app: Flask) -> None:
    stock = AppBuilder(app, db.session)
    init_i18n(app)
    stock.add_view_no_menu(FieldsView)
    stock.add_view_no_menu(UserChart)
    for number in range(30):
        stock.sm.add_user(
            f"user{number}", "甲", "乙", f"u{number}@example.org", stock.sm.find_role("Admin"), PASSWORD
        )


def _add_pages(app: Flask) -> None:
    @app.get("/home")
    def home() -> str:
        return render_template("home/index.html", **_home())

    @app.post("/text-size")
    def text_size() -> Any:
        session["size"] = request.form["size"]
        return redirect(request.form["next"])

    @app.get("/refused/<int:status>")
    def refused(status: int) -> Any:
        problems = [SimpleNamespace(message="下级仍有未办事项。")]
        return render_template(
            "errors/error.html", status=status, text="无权查看。", problems=problems, incident="A1B2C3"
        )

    @app.get("/broken/<name>")
    def broken(name: str) -> Any:
        return (
            render_template(f"errors/{name}.html", incident="A1B2C3")
            if name in ("500", "503", "browser")
            else abort(404)
        )

    @app.get("/resend")
    def resend() -> Any:
        return render_template(
            "errors/resend.html", fields=[("name", "<甲>")], signed_in=current_user.is_authenticated
        )

    app.jinja_env.globals.setdefault("say", str)


def _home() -> dict[str, Any]:
    todo = SimpleNamespace(
        label="企业上报数据待审核", note="18 户通过系统筛查", count=23, url="/x", action="去审核", hot=True
    )
    parts = [("审核通过", 236, "pass"), ("退回", 9, "back"), ("未填报", 0, "none")]
    chart = {"cols": [{"label": "月份"}, {"label": "户数"}], "rows": [{"c": [{"v": "1 月"}, {"v": 3}]}]}
    return {
        "todos": [todo],
        "today": SimpleNamespace(isoformat=lambda: "2026-11-20"),
        "panels": [
            Panel(
                "progress",
                "报送进度",
                "home/figure.html",
                {"figure": "72.8", "unit": "%", "parts": parts},
                aside=True,
            ),
            Panel(
                "places",
                "各地报送情况",
                "home/table.html",
                {"headings": [("地区", False), ("应报", True)], "rows": [("望潮区", 96)]},
            ),
            Panel("trend", "趋势", "home/chart.html", {"kind": "LineChart", "table": chart}),
            Panel(
                "links",
                "常用",
                "home/links.html",
                {"items": [("报送指南", "/x", "")]},
                (("更多", "/x"),),
                aside=True,
            ),
        ],
    }


class LookServer:
    """The application on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = make_server("127.0.0.1", 0, build(folder), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
