"""`doctor --providers` asks whom the settings name, says what is left there, and never hangs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command

from ai_artist.operations import provider_checks
from ai_artist.operations.doctor import Level, Result
from ai_artist.operations.provider_checks import examine_providers
from media_tools.providers.breaker import CircuitBreaker
from runs.providers import engines
from tests.contract_servers import llm, stock, suno, x
from tests.factories import NOON, ArtistFactory

# The providers are asked in threads, which see committed rows only.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def breakers_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite in memory, unlike a file, refuses a second writer instead of making it wait."""
    monkeypatch.setattr(engines, "breaker_for", CircuitBreaker)


@pytest.fixture
def gateway() -> Iterator[suno.SunoServer]:
    with suno.SunoServer() as server:
        yield server


@pytest.fixture
def music(gateway: suno.SunoServer, settings) -> suno.SunoServer:
    """Suno is the roster's music provider."""
    settings.MUSIC = "suno"
    settings.SUNO = {**settings.SUNO, "api_key": suno.KEY, "base_url": gateway.url}
    return gateway


def found() -> dict[str, Result]:
    return {result.check: result for result in examine_providers(now=NOON)}


def test_without_providers_there_is_nobody_to_ask() -> None:
    (result,) = examine_providers(now=NOON)

    assert (result.level, result.check) == (Level.OK, "providers")


def test_each_provider_of_the_settings_answers(music, settings) -> None:
    with llm.LlmServer() as texts, stock.PexelsServer() as pexels, x.XServer() as posts:
        settings.WRITER = "llm"
        settings.LLM_MODELS = ("openai:gpt-6-luna",)
        settings.LLM_ACCESS = {"openai": (llm.GOOD_KEY, texts.base_url)}
        settings.FOOTAGE = ["pexels"]
        settings.PEXELS = {
            **settings.PEXELS,
            "api_key": stock.PEXELS_KEY,
            "base_url": pexels.base_url,
        }
        settings.TRENDS = {
            **settings.TRENDS,
            "sources": ["local-calendar", "x"],
            "x_bearer_token": x.TOKEN,
            "x_base_url": posts.url,
        }
        results = found()
        billed = posts.billed_usd, music.paid

    assert list(results) == ["openai", "suno", "pexels", "x"]
    assert [result for result in results.values() if result.level is Level.PROBLEM] == []
    assert billed == (0, 0)


def test_credits_left_are_told(music) -> None:
    music.credits = 1188

    assert "1,188 credits left" in found()["suno"].found


def test_an_account_without_credits_is_a_problem(music) -> None:
    music.credits = 0

    assert found()["suno"].level is Level.PROBLEM


def test_a_wrong_key_is_a_problem_that_names_the_setting(music, settings) -> None:
    settings.SUNO = {**settings.SUNO, "api_key": "wrong-key-0123456789"}

    result = found()["suno"]

    assert result.level is Level.PROBLEM
    assert "SUNO_API_KEY" in result.advice
    assert "wrong-key-0123456789" not in str(result)


def test_a_missing_key_is_a_problem(settings) -> None:
    settings.MUSIC = "elevenlabs"

    assert "ELEVENLABS_API_KEY" in found()["elevenlabs"].advice


def test_a_provider_an_artist_prefers_is_asked_too(gateway, settings) -> None:
    settings.SUNO = {**settings.SUNO, "api_key": suno.KEY, "base_url": gateway.url}
    ArtistFactory(preferred_music="suno")

    assert found()["suno"].level is Level.OK


def test_a_provider_that_does_not_answer_is_not_waited_for(music) -> None:
    music.fault(delay_s=5.0)

    (result,) = examine_providers(now=NOON, longest_s=0.3)

    assert "no answer in 0 s" in result.found
    assert result.level is Level.PROBLEM


def test_the_command_fails_when_one_does(music, settings) -> None:
    settings.SUNO = {**settings.SUNO, "api_key": "wrong-key-0123456789"}
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--providers", "--json", stdout=out)

    assert ended.value.code == 1
    report = json.loads(out.getvalue())
    assert (report["ok"], report["results"][0]["check"]) == (False, "suno")


def test_the_command_prints_who_answers(music) -> None:
    out = StringIO()

    call_command("doctor", "--providers", stdout=out)

    assert "suno" in out.getvalue()
    assert "0 problems" in out.getvalue()


def test_the_longest_wait_is_short_enough_for_a_person() -> None:
    assert provider_checks.LONGEST_S <= 60
