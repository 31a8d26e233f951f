"""Keys stay out of everything a failed run leaves: logs, database, panel, exceptions, doctor.

Every provider here refuses with the key in its words, or cannot be reached at an address that
holds the key.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai_artist.operations.provider_checks import examine_providers
from artists.models import Artist
from media_tools.errors import ProviderError
from media_tools.providers.breaker import CircuitBreaker
from media_tools.providers.http import RetryPolicy
from media_tools.stock.base import FootageRequest
from runs.models import ProviderCall, Run, Step
from runs.providers import engines, trend_calls
from runs.providers.ledger import Book
from runs.work import claims, pipeline
from tests.contract_servers import charts, elevenlabs, llm, openai_images, stock, suno, x
from tests.contract_servers.base import ContractServer
from tests.factories import CONCEPT, ArtistFactory, RunFactory

# Of no known shape, so that only knowing them can keep them out.
KEYS = {
    name: f"quiet-harbour-{name}-7731"
    for name in (
        *("openai", "suno", "elevenlabs", "pexels", "pixabay", "x", "lastfm", "youtube"),
        "chartmetric",
    )
}
KEY_OF = {"llm": "openai", "openai-images": "openai"}
PAGES_EACH = 10
OURS = ("ai_artist", "artists", "experiments", "media_tools", "runs", "trends")
SERVERS = (
    *(llm.LlmServer, suno.SunoServer, stock.PexelsServer, stock.PixabayServer),
    *(x.XServer, charts.LastfmServer, charts.YoutubeServer, charts.ChartmetricServer),
    *(elevenlabs.ElevenLabsServer, openai_images.OpenAiImagesServer),
)

pytestmark = pytest.mark.django_db(transaction=True)


def blurt(server: ContractServer, status: int) -> None:
    """Refuse everything from now on, in words that quote the key the server was sent."""
    words = f"Wrong key: {KEYS[KEY_OF.get(server.name, server.name)]}"
    body = {
        "error": {"message": words, "code": status},
        "detail": words,
        "message": words,
        "msg": words,
        "title": words,
        "code": 400,
        "errors": [{"message": words}],
    }
    server.clear()
    server.fault(status=status, body=body, times=200)


@pytest.fixture
def servers(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ContractServer]]:
    """All kinds of providers, set up with the keys above."""
    monkeypatch.setattr(engines, "breaker_for", CircuitBreaker)
    monkeypatch.setattr(RetryPolicy, "wait_s", lambda *_, **__: 0.0)
    with ExitStack() as stack:
        started = {made.name: stack.enter_context(made()) for made in SERVERS}
        url = {name: server.url for name, server in started.items()}
        settings.WRITER = "llm"
        settings.LLM_MODELS = ("openai:gpt-6-luna",)
        settings.LLM_ACCESS = {"openai": (KEYS["openai"], f"{url['llm']}/v1")}
        settings.MUSIC = "suno"
        settings.SUNO = {**settings.SUNO, "api_key": KEYS["suno"], "base_url": url["suno"]}
        settings.FOOTAGE = ["pexels", "pixabay"]
        settings.PEXELS = settings.PEXELS | {
            "api_key": KEYS["pexels"],
            "base_url": f"{url['pexels']}/v1/videos",
        }
        settings.PIXABAY = settings.PIXABAY | {
            "api_key": KEYS["pixabay"],
            "base_url": f"{url['pixabay']}/api",
        }
        settings.COVER_ART = "openai"
        settings.OPENAI_IMAGES = settings.OPENAI_IMAGES | {
            "api_key": KEYS["openai"],
            "base_url": f"{url['openai-images']}/v1",
        }
        settings.VOICE = "elevenlabs"
        settings.ELEVENLABS_VOICE = settings.ELEVENLABS_VOICE | {
            "api_key": KEYS["elevenlabs"],
            "base_url": url["elevenlabs"],
            "voice": "v1",
        }
        settings.TRENDS = settings.TRENDS | {
            "sources": ["x", "lastfm", "youtube", "chartmetric"],
            "x_bearer_token": KEYS["x"],
            "x_base_url": url["x"],
            "lastfm_api_key": KEYS["lastfm"],
            "lastfm_base_url": f"{url['lastfm']}/2.0/",
            "youtube_api_key": KEYS["youtube"],
            "youtube_base_url": f"{url['youtube']}/youtube/v3",
            "chartmetric_refresh_token": KEYS["chartmetric"],
            "chartmetric_base_url": url["chartmetric"],
        }
        yield started


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What LOG_LEVEL=DEBUG prints: ours in full, other packages' from WARNING on."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger().addHandler(handler)
    before = {name: logging.getLogger(name).level for name in OURS}
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield text
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def perform(run: Run) -> None:
    claim = claims.claim_run(run.pk, now=timezone.now())
    assert claim
    pipeline.perform_steps(claim, engines.configured())


def new_run(*, written: bool = False) -> Run:
    """A queued run; written: its concept and lyrics are there, so that the music is next."""
    run = RunFactory(artist=ArtistFactory(), concept=dict(CONCEPT) if written else None)
    pipeline.create_steps([run])
    if written:
        words = {"sections": [{"kind": "verse", "lines": ["One line"]}]}
        run.steps.filter(name__in=("concept", "lyrics")).update(
            status=Step.Status.DONE, finished_at=timezone.now()
        )
        run.steps.filter(name="lyrics").update(
            output={"lyrics": words | {"explicit": False, "language": "en"}}
        )
    return run


def leave_traces(tmp_path) -> str:
    """Let everything fail once; returns what an operator sees besides database and log."""
    perform(new_run())
    perform(new_run(written=True))
    book = Book(new_run(), "visuals", timezone.now)
    chain = engines.footage(book)
    assert chain
    request = FootageRequest(queries=("rain", "city"), duration_s=20.0, seed=1)
    seen = [repr(chain.find(request, tmp_path))]
    trend_calls.collect_trends(now=timezone.now())
    seen += [str(result) for result in examine_providers(now=timezone.now())]
    for ask in (engines.music_provider("suno").health, engines.voice, engines.cover_art):
        try:
            getattr(ask(), "health", lambda: None)()
        except ProviderError as error:
            seen.append("".join(traceback.format_exception(error)) + repr(error.__dict__))
    return "\n".join(seen)


def dump() -> str:
    """Every row of every table."""
    rows: list[Any] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return repr(rows)


def pages(boss: Client) -> str:
    """The panel: every list, and the pages of the first rows of each."""
    addresses = [reverse("admin:index")]
    for model, page in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{base}_changelist"))
        if model._meta.app_label in OURS and not page.__module__.startswith("simple_history"):
            keys = model._default_manager.values_list("pk", flat=True)[:PAGES_EACH]
            addresses += [reverse(f"{base}_change", args=[key]) for key in keys]
    return "\n".join(boss.get(address, follow=True).content.decode() for address in addresses)


def leaked(text: str) -> list[str]:
    return [name for name, key in KEYS.items() if key in text]


def test_refusals_that_quote_the_keys_leave_none_of_them(servers, log, boss, tmp_path) -> None:
    seen = ""
    for status in (200, 400, 401, 429, 500):
        for server in servers.values():
            blurt(server, status)
        seen += leave_traces(tmp_path)

    assert Run.objects.count() == 3 * 5 > PAGES_EACH
    assert leaked(seen) == []
    assert leaked(log.getvalue()) == []
    assert leaked(dump()) == []
    assert leaked(pages(boss)) == []


def test_an_address_that_cannot_be_reached_is_told_without_its_key(
    servers, log, boss, tmp_path
) -> None:
    for server in servers.values():
        server.stop()

    seen = leave_traces(tmp_path)

    assert leaked(seen + log.getvalue() + dump() + pages(boss)) == []


def test_the_traces_are_there_to_be_searched(servers, log, boss, tmp_path) -> None:
    for server in servers.values():
        blurt(server, 401)

    seen = leave_traces(tmp_path)

    failed = Run.objects.filter(status=Run.Status.FAILED)
    assert failed.count() == 2
    assert all("Wrong key" in run.error for run in failed)
    assert "Wrong key" in log.getvalue()
    assert ProviderCall.objects.filter(error__contains="Wrong key").exists()
    shown = pages(boss)
    assert "Wrong key" in shown and str(failed[0].pk) in shown
    assert seen.count("Wrong key") > 5


def test_every_kind_of_row_is_dumped(db: None) -> None:
    artist = ArtistFactory(name="Somebody Unmistakable")

    assert artist.name in dump()
    assert Artist._meta.db_table in {model._meta.db_table for model in apps.get_models()}
