"""A server for browser tests: renders report pages from samples and answers saves as it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.infra.shell import Shell, Todo
from tests.web.grid_harness import desk, samples

APP = Path(__file__).resolve().parents[3] / "app"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
PAGES: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "/enterprise": ("reports/enterprise_step.html", samples.enterprise),
    "/indicators": ("reports/grid.html", samples.grid),
    "/products": ("reports/products.html", samples.rows),
    "/confirm": ("reports/confirm.html", samples.confirm),
    "/report": ("reports/report.html", desk.report_page),
    "/review": ("reports/review_queue.html", desk.review),
}
Answer = tuple[int, dict[str, Any] | str]


def environment(words: Mapping[str, str]) -> Environment:
    """Jinja as the application sets it up, with the globals of the look."""
    jinja = Environment(
        loader=FileSystemLoader(APP / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
    )
    jinja.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: words.get(text, text),
        lambda one, many, n: words.get(one, one if n == 1 else many),
        newstyle=True,
    )
    jinja.globals.update(
        icon=_icon,
        asset=lambda path: f"/static/{path}",
        get_flashed_messages=lambda **_: [],
        page_language=lambda: "zh-CN",
        say=str,
        shell=_shell(),
    )
    jinja.globals.update(language=lambda: "zh", language_mark=lambda _words: "")
    jinja.filters.update(say=str, marked=_words_of_the_page)
    return jinja


def _words_of_the_page(words: Any) -> str:
    """On a Chinese page nothing is marked as Chinese."""
    return words if isinstance(words, str) else str(words)


def _icon(name: str, extra: str = "") -> Markup:
    drawing = '<svg class="qj-i {}" aria-hidden="true"><use href="/static/dist/icons.svg#{}"></use></svg>'
    return Markup(drawing).format(extra, name)


def _shell() -> Shell:
    area = {
        "label": "数据报送",
        "icon": "pencil",
        "url": "/",
        "open": True,
        "badge": 0,
        "hot": False,
        "single": False,
        "items": [{"label": "当期报送", "url": "/indicators", "active": True, "badge": 1, "hot": False}],
    }
    return Shell(
        signed_in=True,
        text_size="normal",
        platform_name="外贸企业运行监测与服务平台",
        languages=[("zh", "中文", "/zh")],
        language="zh",
        unit="云泽晨帆精密机械有限公司",
        user_name="李会计",
        role_label="企业",
        areas=[area],
        todo_url="/todo",
        todos=[Todo("reports.fill", "2026-10 月报", 3, "/todo", "填报")],
        hotline="0500-0000 1234",
        service_hours="工作日 8:30—17:30",
        home_url="/",
        account_url="/account",
        logout_url="/logout/",
        text_size_url="/size",
        demo=False,
    )


class ReportServer:
    """Serves the pages on a free port; tests set ``pages``, ``answers`` and read ``saves``, ``posts``."""

    def __init__(self, words: Mapping[str, str] | None = None) -> None:
        self.jinja = environment(words or {})
        self.pages: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = dict(PAGES)
        self.answers: deque[Answer] = deque()
        self.saves: list[dict[str, Any]] = []
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        self.tokens: list[str] = []
        self.token = "token-1"
        self.signed_in = True
        self.version = 7
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The address without a final slash."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str, query: dict[str, str]) -> str | None:
        """The page of a path, or None; the desk opens the report that the query names."""
        if path not in self.pages:
            return None
        template, context = self.pages[path]
        given = context(int(query["report"])) if "report" in query else context()
        request = SimpleNamespace(method="GET", full_path=path, args=query)
        return self.jinja.get_template(template).render(
            csrf_token=lambda: self.token, request=request, **given
        )

    def save(self, body: dict[str, Any], token: str) -> Answer:
        """Answer a save: what the test has queued, else 401 when signed out, else 200."""
        self.saves.append(body)
        self.tokens.append(token)
        if self.answers:
            return self.answers.popleft()
        if not self.signed_in:
            return 401, {"message": "Please sign in."}
        if token != self.token:
            return 400, "<h1>Bad Request</h1><p>The CSRF token is missing.</p>"
        self.version += 1
        return 200, {"version": self.version, "saved_at": "10:43"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                file = APP / path.lstrip("/")
                if path.startswith("/static/") and file.is_file():
                    self._send(200, file.read_bytes(), TYPES.get(file.suffix, "text/plain"))
                elif path == "/login/":
                    self._send(200, b"<h1>Sign in</h1>", "text/html")
                elif not world.signed_in:
                    self.send_response(302)
                    self.send_header("Location", "/login/")
                    self.end_headers()
                else:
                    html = world.page(path, dict(parse_qsl(urlsplit(self.path).query)))
                    text = (
                        html if html is not None else f"<!doctype html><title>{path}</title><h1>{path}</h1>"
                    )
                    self._send(200, text.encode(), "text/html")

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if "json" not in self.headers.get("Content-Type", ""):
                    world.posts.append((self.path, parse_qs(raw, keep_blank_values=True)))
                    self._send(200, b"<h1>Posted</h1>", "text/html")
                    return
                status, answer = world.save(json.loads(raw), self.headers.get("X-CSRFToken", ""))
                if isinstance(answer, str):
                    self._send(status, answer.encode(), "text/html")
                else:
                    self._send(status, json.dumps(answer).encode(), "application/json")

            def _send(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_told: Any) -> None:
                """Keep the test output clean."""

        return Handler
