"""Configuration from the environment and ``.env``; the table of settings stands in README.md."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "production")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
MAIL_PORTS = {"starttls": 587, "ssl": 465, "none": 25}
DEFAULT_SECRET = "only-for-trying-out-never-in-production"  # noqa: S105 - refused in production
OIDC_CLAIMS = (
    "name=enterprise_name uscc=uscc legal_person=legal_person contact=name mobile=phone_number email=email"
)
"""Which claims of an identity provider fill which fields of a registration."""


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
        "FILES_URL": env.get("FILES_URL", "").rstrip("/"),
        "FILES_S3_ENDPOINT": env.get("FILES_S3_ENDPOINT", ""),
        "FILES_S3_REGION": env.get("FILES_S3_REGION", ""),
        "FILES_S3_KEY": env.get("FILES_S3_KEY", ""),
        "FILES_S3_SECRET": env.get("FILES_S3_SECRET", ""),
        "DEMO": _truth(env.get("DEMO"), default=app_env != "production"),
        "DEMO_PASSWORD": env.get("DEMO_PASSWORD") or "Demo-2026-Trade",
        "DEBUG": _truth(env.get("DEBUG"), default=False),
        "HOTLINE": env.get("HOTLINE", "400-000-0000"),
        "SERVICE_HOURS": env.get("SERVICE_HOURS", "8:30–17:30"),
        "SIGN_IN_LIMIT": env.get("SIGN_IN_LIMIT") or "300 per 15 minutes",
        "CODE_LIMIT_PHONE": env.get("CODE_LIMIT_PHONE") or "10 per day",
        "CODE_LIMIT_ACCOUNT": env.get("CODE_LIMIT_ACCOUNT") or "20 per day",
        "CODE_LIMIT_ADDRESS": env.get("CODE_LIMIT_ADDRESS") or "60 per hour",
        "API_LIMIT": env.get("API_LIMIT") or "600 per minute",
        "PUBLIC_URL": (env.get("PUBLIC_URL") or "").rstrip("/"),
        "REGISTRATION_LIMIT": env.get("REGISTRATION_LIMIT") or "60 per hour",
        "OIDC_ISSUER": env.get("OIDC_ISSUER", ""),
        "OIDC_CLIENT_ID": env.get("OIDC_CLIENT_ID", ""),
        "OIDC_CLIENT_SECRET": env.get("OIDC_CLIENT_SECRET", ""),
        "OIDC_LABEL": env.get("OIDC_LABEL") or "OpenID Connect",
        "OIDC_SCOPE": env.get("OIDC_SCOPE") or "openid profile email phone",
        "OIDC_CLAIMS": env.get("OIDC_CLAIMS") or OIDC_CLAIMS,
        "LOG_LEVEL": env.get("LOG_LEVEL") or "INFO",
        "TRUSTED_HOSTS": [host.strip() for host in env.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
        or None,
        "PROXY_HOPS": _number(env, "PROXY_HOPS"),
        **_message_settings(env),
        **_flask_settings(secure=_truth(env.get("COOKIE_SECURE"), default=app_env == "production")),
    }
    settings.update(overrides or {})
    _refuse_half_a_provider(settings)
    _refuse_unusable(settings)
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


def _message_settings(env: dict[str, str]) -> dict[str, Any]:
    """Where e-mail, SMS and the chat robot go; None keeps a channel in the local outbox."""
    return {
        "MAIL": _mail(env) if env.get("MAIL_HOST") else None,
        "SMS": _gateway(env, "SMS", {"phone": "{recipient}", "content": "{body}", "id": "{id}"}),
        "ROBOT": _gateway(env, "ROBOT", {"msgtype": "text", "text": {"content": "{body}"}}),
    }


def _mail(env: dict[str, str]) -> dict[str, Any]:
    security = env.get("MAIL_SECURITY") or "starttls"
    if security not in MAIL_PORTS:
        raise ConfigurationError(f"MAIL_SECURITY must be one of {', '.join(MAIL_PORTS)}, not {security!r}.")
    sender = env.get("MAIL_FROM", "")
    if not sender.isascii() or sender.count("@") != 1 or any(sign.isspace() for sign in sender):
        raise ConfigurationError("MAIL_FROM must be the mail address that messages come from.")
    if bool(env.get("MAIL_USER")) != bool(env.get("MAIL_PASSWORD")):
        raise ConfigurationError("MAIL_USER and MAIL_PASSWORD go together: set both or neither.")
    if env.get("MAIL_USER") and security == "none":
        raise ConfigurationError("MAIL_SECURITY=none would send MAIL_PASSWORD in clear: use starttls or ssl.")
    return {
        "host": env["MAIL_HOST"],
        "port": _number(env, "MAIL_PORT") or MAIL_PORTS[security],
        "security": security,
        "user": env.get("MAIL_USER", ""),
        "password": env.get("MAIL_PASSWORD", ""),
        "sender": sender,
        "timeout": float(_number(env, "MAIL_TIMEOUT") or 10),
    }


def _gateway(env: dict[str, str], name: str, usual: dict[str, Any]) -> dict[str, Any] | None:
    url = env.get(f"{name}_URL", "")
    if not url:
        return None
    address = urlsplit(url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ConfigurationError(f"{name}_URL must begin with http:// or https:// and name a host.")
    try:
        template = json.loads(env.get(f"{name}_TEMPLATE") or json.dumps(usual))
    except ValueError as error:
        raise ConfigurationError(f"{name}_TEMPLATE must be JSON: {error}.") from error
    if "{body}" not in json.dumps(template):
        raise ConfigurationError(f"{name}_TEMPLATE must name {{body}}, or the message is lost.")
    member, sign, value = env.get(f"{name}_SUCCESS", "").partition("=")
    if bool(member) != bool(sign):
        raise ConfigurationError(f"{name}_SUCCESS must be written as name=value, such as errcode=0.")
    return {
        "url": url,
        "template": template,
        "token": env.get(f"{name}_TOKEN", ""),
        "success": (member, value) if member else None,
        "timeout": float(_number(env, f"{name}_TIMEOUT") or 10),
    }


def _truth(text: str | None, *, default: bool) -> bool:
    return default if text is None or text == "" else text.strip().lower() in {"1", "true", "yes", "on"}


def _number(env: dict[str, str], name: str) -> int:
    text = env.get(name) or "0"
    if not (text.isascii() and text.isdigit()):
        raise ConfigurationError(f"{name} must be a number, not {text!r}.")
    return int(text)


def _refuse_half_a_provider(settings: dict[str, Any]) -> None:
    if not settings["OIDC_ISSUER"]:
        return
    missing = [name for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET") if not settings[name]]
    if missing:
        raise ConfigurationError(f"OIDC_ISSUER is set, so {' and '.join(missing)} must be set too.")


def _refuse_unusable(settings: dict[str, Any]) -> None:
    url = settings["FILES_URL"]
    if not url:
        return
    if not BUCKET.fullmatch(url):
        raise ConfigurationError(f"FILES_URL must be like s3://bucket/prefix, or empty, not {url!r}.")
    if bool(settings["FILES_S3_KEY"]) != bool(settings["FILES_S3_SECRET"]):
        raise ConfigurationError("FILES_S3_KEY and FILES_S3_SECRET must be set together, or neither of them.")
    if find_spec("s3fs") is None:
        raise ConfigurationError("FILES_URL needs another package: pip install -r requirements-s3.txt.")


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
    if settings["OIDC_ISSUER"] and not settings["OIDC_ISSUER"].startswith("https://"):
        wrong.append("OIDC_ISSUER must begin with https://")
    if wrong:
        raise ConfigurationError("APP_ENV=production: " + "; ".join(wrong) + ".")
