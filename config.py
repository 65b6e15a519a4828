"""Configuration from the environment and ``.env``; the table of settings stands in README.md."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "production")
DEFAULT_SECRET = "only-for-trying-out-never-in-production"  # noqa: S105 - refused in production


class ConfigurationError(RuntimeError):
    """The settings would make an installation unsafe or unusable; says which and what to set."""


def environment() -> dict[str, str]:
    """The settings of ``.env``, overridden by those of the process."""
    from_file = {key: value for key, value in dotenv_values(ROOT / ".env").items() if value is not None}
    return {**from_file, **os.environ}


def load(overrides: dict[str, Any] | None = None, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything Flask needs, checked.

    :param overrides: Flask keys that win over the environment (tests).
    :param env: the environment to read instead of the process's.
    :raises ConfigurationError: production with an unsafe setting, or a setting that cannot be read.
    """
    env = environment() if env is None else env
    app_env = env.get("APP_ENV") or "development"
    if app_env not in ENVIRONMENTS:
        raise ConfigurationError(f"APP_ENV must be one of {', '.join(ENVIRONMENTS)}, not {app_env!r}.")
    data_dir = Path(env.get("DATA_DIR") or ROOT / "var")
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'platform.sqlite3'}"
    settings: dict[str, Any] = {
        "APP_ENV": app_env,
        "APP_NAME": "外贸企业运行监测与服务平台",
        "DATA_DIR": data_dir,
        "SECRET_KEY": env.get("SECRET_KEY") or DEFAULT_SECRET,
        "SQLALCHEMY_DATABASE_URI": database_url(url),
        "QUEUE_URL": env.get("QUEUE_URL", ""),
        "DEMO": _truth(env.get("DEMO"), default=app_env != "production"),
        "DEMO_PASSWORD": env.get("DEMO_PASSWORD") or "Demo-2026-Trade",
        "DEBUG": _truth(env.get("DEBUG"), default=False),
        "HOTLINE": env.get("HOTLINE", "400-000-0000"),
        "SERVICE_HOURS": env.get("SERVICE_HOURS", "8:30–17:30"),
        "SIGN_IN_LIMIT": env.get("SIGN_IN_LIMIT") or "300 per 15 minutes",
        "LOG_LEVEL": env.get("LOG_LEVEL") or "INFO",
        "TRUSTED_HOSTS": [host.strip() for host in env.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
        or None,
        "PROXY_HOPS": _number(env, "PROXY_HOPS"),
        **_flask_settings(secure=_truth(env.get("COOKIE_SECURE"), default=app_env == "production")),
    }
    settings.update(overrides or {})
    _refuse_unsafe(settings)
    return settings


def database_url(url: str) -> str:
    """The address with the driver that the platform ships for it."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _flask_settings(*, secure: bool) -> dict[str, Any]:
    return {
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as the session; a form open all day stays good
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 20_000,
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_API_SWAGGER_UI": False,
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_ADD_SECURITY_API": False,
        "FAB_SAFE_REDIRECT_HOSTS": [],
        "AUTH_ROLE_ADMIN": "PlatformAdmin",
        "AUTH_ROLE_PUBLIC": "Public",
        "AUTH_RATE_LIMITED": False,
        "RATELIMIT_ENABLED": False,
        "JSON_AS_ASCII": False,
    }


def _truth(text: str | None, *, default: bool) -> bool:
    return default if text is None or text == "" else text.strip().lower() in {"1", "true", "yes", "on"}


def _number(env: dict[str, str], name: str) -> int:
    text = env.get(name) or "0"
    if not (text.isascii() and text.isdigit()):
        raise ConfigurationError(f"{name} must be a number, not {text!r}.")
    return int(text)


def _refuse_unsafe(settings: dict[str, Any]) -> None:
    if settings["APP_ENV"] != "production":
        return
    wrong = []
    if settings["SECRET_KEY"] == DEFAULT_SECRET or len(settings["SECRET_KEY"]) < 32:
        wrong.append("SECRET_KEY must be set to a secret of at least 32 characters")
    if settings["DEMO"]:
        wrong.append("DEMO must be off: demonstration accounts have a published password")
    if settings["DEBUG"]:
        wrong.append("DEBUG must be off")
    if wrong:
        raise ConfigurationError("APP_ENV=production: " + "; ".join(wrong) + ".")
