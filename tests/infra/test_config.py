"""Settings: what an installation may not be started with, and what the environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from app import create_app

GOOD_SECRET = "a-secret-of-forty-characters-for-a-test!"
PRODUCTION = {"APP_ENV": "production", "SECRET_KEY": GOOD_SECRET, "DEMO": "off"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": config.DEFAULT_SECRET}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DEMO": "on"}, "DEMO"),
        ({"DEMO": "1"}, "DEMO"),
        ({"DEBUG": "true"}, "DEBUG"),
    ],
)
def test_production_refuses_to_start_unsafe_and_names_the_setting(
    changes: dict[str, str], named: str
) -> None:
    with pytest.raises(config.ConfigurationError, match=named):
        config.load(env={**PRODUCTION, **changes})


def test_production_tells_every_unsafe_setting_at_once() -> None:
    with pytest.raises(config.ConfigurationError) as refusal:
        config.load(env={"APP_ENV": "production", "DEMO": "on", "DEBUG": "on"})

    assert all(name in str(refusal.value) for name in ("SECRET_KEY", "DEMO", "DEBUG"))


@pytest.mark.parametrize(
    ("name", "value"), [("APP_ENV", "prod"), ("APP_ENV", "Production"), ("PROXY_HOPS", "one")]
)
def test_a_setting_that_cannot_be_read_is_named_and_never_taken_for_the_usual(name: str, value: str) -> None:
    with pytest.raises(config.ConfigurationError, match=name):
        config.load(env={name: value})


def test_an_empty_setting_is_the_usual_one() -> None:
    names = ("APP_ENV", "PROXY_HOPS", "SIGN_IN_LIMIT", "LOG_LEVEL", "DATABASE_URL", "DEMO")

    assert config.load(env=dict.fromkeys(names, "")) == config.load(env={})


def test_an_application_is_not_even_built_in_unsafe_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**PRODUCTION, "SECRET_KEY": "", "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(config.ConfigurationError):
        create_app()


def test_safe_production_has_no_demonstration_and_secure_cookies() -> None:
    settings = config.load(env={"APP_ENV": "production", "SECRET_KEY": GOOD_SECRET})

    assert settings["DEMO"] is False
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://db/platform", "postgresql+psycopg://db/platform"),
        ("postgresql://db/platform", "postgresql+psycopg://db/platform"),
        ("sqlite:////data/platform.sqlite3", "sqlite:////data/platform.sqlite3"),
    ],
)
def test_an_address_of_a_database_gets_the_driver_that_is_shipped(given: str, used: str) -> None:
    assert config.load(env={"DATABASE_URL": given})["SQLALCHEMY_DATABASE_URI"] == used


def test_without_settings_everything_lies_in_the_data_directory(tmp_path: Path) -> None:
    settings = config.load(env={"DATA_DIR": str(tmp_path)})

    assert settings["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'platform.sqlite3'}"
    assert settings["DEMO"] is True


def test_hosts_are_a_list_and_none_means_any() -> None:
    assert config.load(env={})["TRUSTED_HOSTS"] is None
    assert config.load(env={"TRUSTED_HOSTS": "a.example, b.example"})["TRUSTED_HOSTS"] == [
        "a.example",
        "b.example",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"FILES_URL": "ftp://host/files"}, "FILES_URL must be like s3://"),
        ({"FILES_URL": "s3://"}, "FILES_URL must be like s3://"),
        ({"FILES_URL": "s3://bucket/../other"}, "FILES_URL must be like s3://"),
        ({"FILES_URL": "s3://bucket/files", "FILES_S3_KEY": "key"}, "set together"),
    ],
)
def test_a_file_store_that_cannot_be_used_is_told_at_the_start(changes: dict[str, str], told: str) -> None:
    with pytest.raises(config.ConfigurationError, match=told):
        config.load(env=changes)


def test_a_bucket_without_its_library_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _name: None)

    with pytest.raises(config.ConfigurationError, match=r"pip install -r requirements-s3\.txt"):
        config.load(env={"FILES_URL": "s3://bucket/files"})


def test_a_bucket_may_have_a_prefix_and_no_account() -> None:
    assert (
        config.load(env={"FILES_URL": "s3://bucket/platform/files/"})["FILES_URL"]
        == "s3://bucket/platform/files"
    )
