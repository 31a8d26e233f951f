"""Settings that contradict each other are refused at start-up."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks

from ai_artist import checks
from media_tools.errors import ToolMissing


def ids(messages: list[CheckMessage]) -> set[str]:
    return {str(message.id) for message in messages}


def own_checks() -> list[CheckMessage]:
    return [
        *checks.check_queue(None),
        *checks.check_production(None),
        *checks.check_places(None),
        *checks.check_proxy(None),
    ]


def test_the_defaults_are_clean() -> None:
    assert own_checks() == []


def test_the_checks_run_at_start_up(settings) -> None:
    settings.LEASE_S = 1

    assert "ai_artist.E004" in ids(run_checks())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LEASE_S", 5, "ai_artist.E004"),
        ("LEASE_S", 1800, "ai_artist.E003"),
        ("STEP_ATTEMPTS", 0, "ai_artist.E005"),
        ("TRACK_LENGTH_S", (100, 60), "ai_artist.E010"),
        ("TRACK_LENGTH_S", (2, 60), "ai_artist.E010"),
        ("COVER_PX", 100, "ai_artist.E015"),
        ("TREND_PROBABILITY", 1.5, "ai_artist.E020"),
        ("ROSTER_CAP", 0, "ai_artist.E022"),
        ("BATCH_CRON", "every morning", "ai_artist.E023"),
        ("BATCH_CRON", "0 6 31 2 *", "ai_artist.E023"),
        ("X_ACCEL_PREFIX", "protected", "ai_artist.E031"),
    ],
)
def test_an_impossible_value_is_refused(settings, name: str, value: Any, expected: str) -> None:
    setattr(settings, name, value)

    assert ids(own_checks()) == {expected}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"workers": 0}, "ai_artist.E001"),
        ({"retry": 1800}, "ai_artist.E002"),
    ],
)
def test_an_impossible_queue_is_refused(settings, change: dict[str, int], expected: str) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}

    assert ids(own_checks()) == {expected}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"side": 1079}, "ai_artist.E011"),
        ({"fps": 0}, "ai_artist.E012"),
        ({"crf": 60}, "ai_artist.E013"),
        ({"preset": "instant"}, "ai_artist.E014"),
    ],
)
def test_an_impossible_video_is_refused(settings, change: dict[str, Any], expected: str) -> None:
    settings.VIDEO = {**settings.VIDEO, **change}

    assert ids(own_checks()) == {expected}


def test_a_video_without_a_shape_is_refused(settings) -> None:
    settings.VIDEO_SHAPES = []

    assert ids(own_checks()) == {"ai_artist.E016"}


def test_thresholds_in_the_wrong_order_are_refused(settings) -> None:
    settings.POLICY_DEFAULTS = {**settings.POLICY_DEFAULTS, "pause_below_rate": 0.6}

    assert ids(own_checks()) == {"ai_artist.E021"}


@pytest.mark.parametrize("place", ["MEDIA_ROOT", "CACHE_DIR"])
def test_media_among_the_static_files_are_refused(settings, place: str) -> None:
    setattr(settings, place, settings.STATICFILES_DIRS[0] / "media")

    assert ids(own_checks()) == {"ai_artist.E030"}


def test_a_store_that_browsers_refuse_is_warned_of(settings) -> None:
    settings.PRODUCTION = True
    settings.FILE_ORIGINS = ["http://s3.example.org"]

    assert "ai_artist.W004" in ids(own_checks())


def test_signing_keys_among_the_media_are_refused(settings) -> None:
    settings.SIGNING_DIR = settings.MEDIA_ROOT / "signing"

    assert ids(own_checks()) == {"ai_artist.E034"}


def test_a_certificate_without_its_key_is_refused(settings, tmp_path) -> None:
    settings.SIGNING_CERT = tmp_path / "own.pem"

    assert ids(own_checks()) == {"ai_artist.E033"}


def test_a_missing_ffmpeg_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise ToolMissing("ffmpeg was not found.")

    monkeypatch.setattr(checks, "ffmpeg_exe", missing)

    assert ids(own_checks()) == {"ai_artist.W001"}


def test_a_missing_soundfont_is_a_warning(settings, tmp_path) -> None:
    settings.SOUNDFONT = tmp_path / "none.sf3"

    assert ids(own_checks()) == {"ai_artist.W002"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"X_ACCEL_PREFIX": "/protected-media/"}, {"ai_artist.W003"}),
        ({"CSRF_TRUSTED_ORIGINS": ["https://panel.example.org"]}, {"ai_artist.W003"}),
        ({"X_ACCEL_PREFIX": "/m/", "TRUST_PROXY": True, "PROXIES": 1}, set()),
        ({"TRUST_PROXY": True, "PROXIES": 0}, {"ai_artist.E032"}),
        ({}, set()),
    ],
)
def test_a_proxy_in_front_has_to_be_named(
    settings, changes: dict[str, Any], expected: set[str]
) -> None:
    settings.PRODUCTION = True
    for name, value in changes.items():
        setattr(settings, name, value)

    assert ids(own_checks()) == expected


def test_a_file_of_names_that_cannot_be_read_is_refused(settings, tmp_path) -> None:
    settings.NAMES_FILE = tmp_path / "names.txt"
    assert ids(own_checks()) == {"ai_artist.E035"}

    settings.NAMES_FILE.write_text("The Paper Moons\n", encoding="utf-8")

    assert own_checks() == []
