"""How settings.py reads the environment."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ai_artist.configuration import SETTINGS

SETTINGS_FILE = Path(__file__).parents[2] / "ai_artist" / "settings.py"


@pytest.fixture
def read_settings(monkeypatch: pytest.MonkeyPatch):
    """Evaluate settings.py with exactly the given settings in the environment."""

    def read(**given: str) -> dict[str, Any]:
        for name in SETTINGS:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"SECRET_KEY": "x" * 60} | given).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS_FILE))

    return read


def test_production_needs_hosts(read_settings) -> None:
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
        read_settings(AI_ARTIST_ENV="production")


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("4", "4")])
def test_small_matrices_have_one_thread_unless_told_otherwise(
    read_settings, monkeypatch: pytest.MonkeyPatch, given: str | None, used: str
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)

    read_settings()

    assert os.environ["OPENBLAS_NUM_THREADS"] == used


def test_production_is_strict(read_settings) -> None:
    values = read_settings(AI_ARTIST_ENV="production", ALLOWED_HOSTS="panel.example.org")

    assert values["DEBUG"] is False
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, False),
        ({"AI_ARTIST_DEBUG": "true"}, True),
        ({"AI_ARTIST_DEBUG": "true", "AI_ARTIST_ENV": "production"}, False),
    ],
)
def test_debug_pages_are_shown_only_if_asked_for(
    read_settings, given: dict[str, str], shown: bool
) -> None:
    assert read_settings(ALLOWED_HOSTS="panel.example.org", **given)["DEBUG"] is shown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AI_ARTIST_WORKERS", "two", "AI_ARTIST_WORKERS='two' is not of type int"),
        ("AB_TESTING_ENABLED", "ture", "AB_TESTING_ENABLED='ture' is not of type bool"),
        ("AI_ARTIST_ENV", "prod", "use one of: development, production"),
        ("LOG_LEVEL", "LOUD", "use one of: DEBUG, INFO, WARNING, ERROR"),
        ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE='Mars/Olympus' is unknown"),
        ("DATABASE_URL", "my database", "DATABASE_URL cannot be used"),
        ("AI_ARTIST_FOOTAGE", "pexels,vimeo", "'vimeo' is unknown; use one of: pexels, pixabay"),
        ("AI_ARTIST_VOICE", "choir", "use one of: elevenlabs, speech, espeak"),
        ("AI_ARTIST_SITE_DIR", "site", "AI_ARTIST_SITE_DIR needs AI_ARTIST_SITE_URL"),
        ("AI_ARTIST_COVER", "300", "did you mean AI_ARTIST_COVER_PX"),
    ],
)
def test_bad_value_is_named_and_explained(read_settings, name: str, value: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        read_settings(**{name: value})


@pytest.mark.parametrize("url", ["postgress://panel:hunter2@db/panel", "panel:hunter2@db"])
def test_an_unusable_database_url_is_not_repeated(
    read_settings, url: str, recwarn: pytest.WarningsRecorder
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_settings(DATABASE_URL=url)

    assert "hunter2" not in str(refused.value)
    assert not recwarn.list


@pytest.mark.parametrize(("text", "value"), [("off", False), ("No", False), ("1", True)])
def test_booleans_in_usual_spellings(read_settings, text: str, value: bool) -> None:
    assert read_settings(AB_TESTING_ENABLED=text)["AB_TESTING_ENABLED"] is value


def test_without_redis_the_queue_lives_in_the_database(read_settings) -> None:
    values = read_settings()

    assert values["Q_CLUSTER"]["orm"] == "default"
    assert "redis" not in values["Q_CLUSTER"]


def test_redis_becomes_broker_and_cache(read_settings) -> None:
    values = read_settings(REDIS_URL="redis://cache.example.org:6379/0")

    assert values["Q_CLUSTER"]["redis"] == "redis://cache.example.org:6379/0"
    assert "orm" not in values["Q_CLUSTER"]
    assert values["CACHES"]["shared"]["LOCATION"] == "redis://cache.example.org:6379/0"
    assert values["CACHES"]["default"]["LOCATION"] == "django_cache"


def test_relative_paths_start_at_the_project(read_settings) -> None:
    values = read_settings(MEDIA_ROOT="elsewhere", AI_ARTIST_WORK_DIR="/var/tmp/work")

    assert values["MEDIA_ROOT"] == values["BASE_DIR"] / "elsewhere"
    assert str(values["WORK_DIR"]) == "/var/tmp/work"


def test_sqlite_takes_its_write_lock_at_the_start(read_settings) -> None:
    options = read_settings()["DATABASES"]["default"]["OPTIONS"]

    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_secrets_are_told_by_name_only(read_settings) -> None:
    values = read_settings(AI_ARTIST_METRICS_TOKEN="for-the-scraper")

    assert values["SECRETS_GIVEN"] == ("SECRET_KEY", "AI_ARTIST_METRICS_TOKEN")


def test_pictures_are_asked_for_where_the_key_belongs(read_settings) -> None:
    values = read_settings(OPENAI_BASE_URL="https://gateway.example.org/v1")

    assert values["OPENAI_IMAGES"]["base_url"] == "https://gateway.example.org/v1"


BUCKET = {"AI_ARTIST_S3_BUCKET": "songs", "AI_ARTIST_S3_ENDPOINT": "https://s3.example.org/"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AI_ARTIST_STORE": "s3"}, "AI_ARTIST_S3_BUCKET is empty"),
        ({"AI_ARTIST_S3_ENDPOINT": "https://s3.example.org"}, "AI_ARTIST_S3_BUCKET is empty"),
        (BUCKET | {"AI_ARTIST_S3_ACCESS_KEY": "k-e-y"}, "AI_ARTIST_S3_SECRET_KEY is missing"),
        (BUCKET | {"AI_ARTIST_S3_SECRET_KEY": "k-e-y"}, "AI_ARTIST_S3_ACCESS_KEY is missing"),
        (BUCKET | {"AI_ARTIST_S3_ENDPOINT": "s3.example.org"}, "no address"),
        (BUCKET | {"AI_ARTIST_S3_LINK_S": "700000"}, "604800"),
    ],
)
def test_an_incomplete_object_store_is_refused(
    read_settings, given: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said) as raised:
        read_settings(**given)

    assert "k-e-y" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "https://s3.example.org"),
        ({"AI_ARTIST_S3_ADDRESSING": "virtual"}, "https://songs.s3.example.org"),
        (
            {"AI_ARTIST_S3_ENDPOINT": "", "AI_ARTIST_S3_REGION": "eu-central-1"},
            "https://s3.eu-central-1.amazonaws.com",
        ),
    ],
)
def test_browsers_may_fetch_from_the_object_store(
    read_settings, given: dict[str, str], origin: str
) -> None:
    directives = read_settings(**BUCKET | given)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]

    for name in ("img-src", "media-src", "connect-src"):
        assert origin in directives[name]
    assert origin not in directives["script-src"]


def test_a_store_out_of_reach_is_not_allowed(read_settings) -> None:
    values = read_settings(**BUCKET, AI_ARTIST_S3_LINK_S="0")

    assert values["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"] == ["'self'"]


def test_without_a_bucket_nothing_else_is_allowed(read_settings) -> None:
    values = read_settings()

    assert values["S3"] is None
    assert values["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"] == ["'self'"]
